//! The memory of traces in progress. Counting it exactly takes a walk over all spans, so it is estimated from the
//! events, and counted only when the estimate reaches the limit; then the values of the oldest spans are cut.

use super::event::{AgentEvent, Failure, SpanUpdate};
use super::open_traces::OpenTraces;
use crate::trace::{Trace, Value};

/// A message becomes the output of its span, a part of a chat there, and the input of the next span.
const COPIES_OF_MESSAGE: usize = 4;

/// The estimate, and what was done about it.
#[derive(Debug, Default)]
pub(super) struct OpenBytes {
    /// The most bytes; the tracer sets it before the first event.
    pub most: usize,
    /// The bytes when they were counted last, and those of the events since.
    estimate: usize,
    /// How many values were cut.
    pub cut_values: u64,
}

impl OpenTraces {
    /// Adds the bytes of an event to the estimate; at the limit, counts, and cuts the values of the oldest spans until
    /// a quarter of the limit is free. What is left afterwards can grow by an eighth before the next count.
    pub(super) fn add_bytes(&mut self, bytes: usize) {
        self.bytes.estimate += bytes;
        let most = self.bytes.most;
        if self.bytes.estimate <= most {
            return;
        }
        let mut total = self.traces().map(Trace::memory_bytes).sum();
        if total > most / 8 * 7 {
            for index in 0..self.span_slots.len() {
                if total <= most / 4 * 3 {
                    break;
                }
                let (key, slot) = self.span_slots[index];
                if let Some(open) = self.get_mut(slot) {
                    let (bytes, values) = open.cut_values(key);
                    total -= bytes.min(total);
                    self.bytes.cut_values += values as u64;
                }
            }
        }
        self.bytes.estimate = total;
    }
}

impl AgentEvent {
    /// An estimate of the bytes by which the spans grow.
    pub(super) fn added_bytes(&self) -> usize {
        /// Of a span, or of an attribute, beyond its values.
        const OVERHEAD_BYTES: usize = 512;
        let of = |value: &Option<Value>| value.as_ref().map_or(0, Value::memory_bytes);
        let values = match self {
            Self::ChatStarted { inputs: value, .. }
            | Self::ModelCallStarted { inputs: value, .. }
            | Self::ToolCallStarted { inputs: value, .. }
            | Self::SpanStarted { inputs: value, .. }
            | Self::ChatEnded { outputs: value, .. }
            | Self::ModelCallEnded { outputs: value, .. }
            | Self::ToolCallEnded { outputs: value, .. } => value.memory_bytes(),
            Self::ReplyEnded { outputs, .. } | Self::SpanEnded { outputs, .. } => of(outputs),
            Self::MessageReceived { message, .. } => COPIES_OF_MESSAGE * (message.memory_bytes() + OVERHEAD_BYTES),
            Self::SpanUpdated { update, .. } => match update {
                SpanUpdate::Inputs(value)
                | SpanUpdate::Outputs(value)
                | SpanUpdate::Attribute(_, value)
                | SpanUpdate::EventAttribute(_, value) => value.memory_bytes(),
                SpanUpdate::Exception(error) => bytes_of(error),
                _ => 0,
            },
            Self::SpanFailed { error, .. } => bytes_of(error),
            Self::ReplyStarted { .. } => 0,
        };
        values + OVERHEAD_BYTES
    }
}

/// The message of an error is the description of the status, and an attribute of the event.
fn bytes_of(error: &Failure) -> usize {
    2 * error.message.len() + error.stack.as_ref().map_or(0, |stack| stack.len())
}
