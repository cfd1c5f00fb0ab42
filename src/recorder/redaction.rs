//! Spans that somebody has to see before they may leave: held back until then, whatever happens.

use super::Recorder;
use crate::ag2::Finished;
use crate::trace::{Entropy, Exposure, Extras, Span, SpanKey, Trace, UnixNanos};

/// What may leave, and the finished traces that may not yet.
#[derive(Default)]
pub struct Redaction {
    pub exposure: Exposure,
    held: Vec<Finished>,
}

impl Redaction {
    /// Keeps a finished trace back if it has to be; else gives it.
    pub fn pass(&mut self, mut finished: Finished) -> Option<Finished> {
        finished.trace.leave_out(self.exposure);
        if self.is_clear(&finished) {
            return Some(finished);
        }
        self.held.push(finished);
        None
    }

    fn is_clear(&self, finished: &Finished) -> bool {
        let mut spans = finished.trace.spans();
        spans.all(|span| self.exposure.admits(span))
    }

    /// Spans held back that were not sent ahead.
    pub fn held_spans(&self) -> u64 {
        let held = self.held.iter();
        held.map(|held| (held.trace.span_count() - held.trace.sent_count()) as u64)
            .sum()
    }
}

impl<E: Entropy> Recorder<E> {
    /// Changes what of spans may leave from now on: be sent, kept elsewhere, or shown. What has left
    /// stays where it is.
    pub fn set_exposure(&mut self, exposure: Exposure, now: UnixNanos) {
        self.redaction.exposure = exposure;
        self.conversations.open_mut().set_exposure(exposure);
        self.release(now);
    }

    /// The spans that are done and wait for a redaction.
    #[must_use]
    pub fn unredacted(&self) -> Vec<SpanKey> {
        if !self.redaction.exposure.only_redacted {
            return Vec::new();
        }
        let mut keys = Vec::new();
        let mut look_at = |span: &Span| {
            if !span.is_redacted {
                keys.push(span.key);
            }
        };
        for held in &self.redaction.held {
            for span in held.trace.spans() {
                look_at(span);
            }
        }
        for trace in self.conversations.open().traces() {
            for span in trace.settled() {
                look_at(span);
            }
        }
        keys
    }

    /// One of those, with its trace.
    #[must_use]
    pub fn to_be_redacted(&self, key: SpanKey) -> Option<(&Trace, &Span)> {
        let held = self.redaction.held.iter().map(|held| &held.trace);
        let mut traces = held.chain(self.conversations.open().trace_of(key));
        traces.find_map(|trace| Some((trace, trace.span(key)?)))
    }

    /// One of those, to be changed. Whoever has done so says so by its `is_redacted`.
    pub fn redact(&mut self, key: SpanKey) -> Option<&mut Span> {
        let held = self.redaction.held.iter_mut();
        let mut held = held.map(|held| &mut held.trace);
        if let Some(trace) = held.find(|trace| trace.span(key).is_some()) {
            return trace.span_mut(key);
        }
        self.conversations.open_mut().span_mut(key)
    }

    /// What was said about the trace whose root one of those is, to be changed.
    pub fn redact_extras(&mut self, root: SpanKey) -> Option<&mut Extras> {
        let held = self.redaction.held.iter_mut();
        let mut held = held.map(|held| &mut held.trace);
        let trace = held.find(|trace| trace.root().key == root)?;
        Some(&mut trace.extras)
    }

    /// Passes on the traces all of whose spans may leave by now.
    pub fn release(&mut self, now: UnixNanos) {
        for finished in std::mem::take(&mut self.redaction.held) {
            self.finish(finished, now);
        }
    }
}
