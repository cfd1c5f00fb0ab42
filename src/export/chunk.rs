//! What waits, travels and comes back as one: finished spans of one trace.

use super::persistence::PersistId;
use crate::mlflow::api::trace_info::TraceInfo;
use crate::mlflow::retry::{Attempts, Backoff};
use crate::trace::{MonotonicNanos, Route, TraceChunk, TraceId};

/// Finished spans of one trace that wait for delivery or are in flight.
#[derive(Debug)]
pub(super) struct QueuedChunk {
    /// The spans.
    pub payload: Payload,
    /// The server and experiment that they belong to.
    pub route: Route,
    /// Attempts that the server failed at.
    pub attempts: Attempts,
    /// How many requests the server had accepted when it failed at this chunk for the first time.
    pub accepted_before: Option<u32>,
    /// How long it waits by itself since it was isolated.
    pub wait: Backoff,
    /// The number of its isolation: it travels with no chunks but those of the same number, because a
    /// batch that it was in was refused or failed.
    pub isolation: Option<u32>,
    /// Whether it has been sent on to the experiment that has its trace: that happens once.
    pub is_relocated: bool,
    /// The number of its record in persistent storage.
    pub persist_id: Option<PersistId>,
    /// When it may be sent.
    due: MonotonicNanos,
    bytes: usize,
    memory_bytes: usize,
}

/// The spans of a chunk.
#[derive(Debug)]
pub(super) enum Payload {
    /// As recorded.
    Spans(TraceChunk),
    /// As bytes, from a previous session.
    Encoded(Box<EncodedSpans>),
}

/// Spans as a previous session has encoded them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct EncodedSpans {
    /// The id of the trace.
    pub trace_id: TraceId,
    /// How many spans.
    pub span_count: usize,
    /// Whether the root is among them.
    pub has_root: bool,
    /// Whether any of them failed.
    pub has_error: bool,
    /// An OTLP `ExportTraceServiceRequest`; empty if the spans have been delivered and only `info` has not.
    pub body: Vec<u8>,
    /// What is to be sent behind the spans.
    pub info: Option<TraceInfo>,
}

impl QueuedChunk {
    /// A chunk that may be sent from `due` on.
    #[must_use]
    pub(super) fn new(payload: Payload, route: Route, due: MonotonicNanos) -> Self {
        let (bytes, memory_bytes) = sizes(&payload);
        Self {
            payload,
            route,
            attempts: Attempts::default(),
            accepted_before: None,
            wait: Backoff::default(),
            isolation: None,
            is_relocated: false,
            persist_id: None,
            due,
            bytes,
            memory_bytes,
        }
    }

    /// The id of its trace.
    #[must_use]
    pub(super) const fn trace_id(&self) -> TraceId {
        match &self.payload {
            Payload::Spans(chunk) => chunk.trace_id(),
            Payload::Encoded(encoded) => encoded.trace_id,
        }
    }

    /// How many spans it has.
    #[must_use]
    pub(super) fn span_count(&self) -> usize {
        match &self.payload {
            Payload::Spans(chunk) => chunk.span_count(),
            Payload::Encoded(encoded) => encoded.span_count,
        }
    }

    /// About how many bytes it needs on the wire.
    #[must_use]
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// An estimate of its bytes in memory.
    #[must_use]
    pub(super) const fn memory_bytes(&self) -> usize {
        self.memory_bytes
    }

    /// Whether the first span of the trace is among its spans: with it a trace is done.
    #[must_use]
    pub(super) const fn has_root(&self) -> bool {
        match &self.payload {
            Payload::Spans(chunk) => chunk.finished_trace().is_some(),
            Payload::Encoded(encoded) => encoded.has_root,
        }
    }

    /// Whether any of its spans failed.
    #[must_use]
    pub(super) fn has_error(&self) -> bool {
        match &self.payload {
            Payload::Spans(chunk) => chunk.has_error(),
            Payload::Encoded(encoded) => encoded.has_error,
        }
    }

    /// The spans as recorded; `None` if they are bytes.
    #[must_use]
    pub(super) const fn recorded(&self) -> Option<&TraceChunk> {
        match &self.payload {
            Payload::Spans(chunk) => Some(chunk),
            Payload::Encoded(_) => None,
        }
    }

    /// The OTLP body of spans that are bytes; empty if they are as recorded.
    #[must_use]
    pub(super) fn encoded_body(&self) -> &[u8] {
        match &self.payload {
            Payload::Spans(_) => &[],
            Payload::Encoded(encoded) => &encoded.body,
        }
    }

    /// Clones the delivery state onto another payload.
    #[must_use]
    pub(super) fn with_payload(&self, payload: Payload) -> Self {
        Self {
            attempts: self.attempts,
            accepted_before: self.accepted_before,
            wait: self.wait,
            isolation: self.isolation,
            is_relocated: self.is_relocated,
            persist_id: self.persist_id.clone(),
            ..Self::new(payload, self.route.clone(), self.due)
        }
    }

    /// When it may be sent by itself: if it is isolated, once its own wait is over; else at once if it was sent before.
    #[must_use]
    pub(super) fn due(&self) -> MonotonicNanos {
        match self.isolation {
            Some(_) => self.wait.until(),
            None if self.attempts.failures() > 0 => MonotonicNanos::default(),
            None => self.due,
        }
    }

    /// Makes it due at once.
    pub(super) fn flush(&mut self) {
        self.due = MonotonicNanos::default();
        self.attempts.hurry();
        self.wait.reset();
    }

    /// Whether all spans of its trace are among its spans.
    #[must_use]
    pub(super) fn is_complete_trace(&self) -> bool {
        let finished_trace = self.recorded().and_then(TraceChunk::finished_trace);
        finished_trace.is_some_and(|trace| trace.spans().count() == self.span_count())
    }

    /// Two chunks of one: with the spans that `takes` names, by their order, to be `taken`, and with the `rest`.
    /// Both take over its delivery state. Bytes cannot be split and count as not named.
    pub(super) fn split(mut self, takes: &[bool], taken: &mut Vec<Self>, rest: &mut Vec<Self>) {
        let Payload::Spans(chunk) = &mut self.payload else {
            return rest.push(self);
        };
        if !takes.contains(&true) {
            return rest.push(self);
        }
        if takes.contains(&false) {
            let other = chunk.split(takes);
            (self.bytes, self.memory_bytes) = (chunk.approximate_bytes(), chunk.memory_bytes());
            taken.push(self.with_payload(Payload::Spans(other)));
            rest.push(self);
        } else {
            taken.push(self);
        }
    }
}

/// How many spans some chunks have.
pub(super) fn span_count(chunks: &[QueuedChunk]) -> u64 {
    let chunks = chunks.iter();
    chunks.map(|chunk| chunk.span_count() as u64).sum()
}

/// Estimates of the bytes of a payload on the wire and in memory.
fn sizes(payload: &Payload) -> (usize, usize) {
    match payload {
        Payload::Spans(chunk) => (chunk.approximate_bytes(), chunk.memory_bytes()),
        Payload::Encoded(encoded) => (encoded.body.len(), encoded.body.len()),
    }
}
