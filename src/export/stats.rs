//! What the tracer tells about itself.

use crate::error::EventError;
use crate::trace::MonotonicNanos;

/// Something a person should know: once per code until the configuration changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// A stable name for programs.
    pub code: &'static str,
    /// What is wrong and what to do about it.
    pub message: String,
}

/// The newest failure of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastError {
    /// What went wrong and what to do about it.
    pub notice: Notice,
    /// When.
    pub at: MonotonicNanos,
    /// When the first one happened since all went well there.
    pub since: MonotonicNanos,
    /// Whether what had failed has gone well since.
    pub is_over: bool,
}

/// Counts since the tracer was made. They count spans unless stated otherwise, and always
/// `started = delivered + in_memory + buffered + open + dropped.total()`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Made, or taken over. Replies that came to nothing are not counted.
    pub started: u64,
    /// Stored by the server, as its response says.
    pub delivered: u64,
    /// Finished with `memory:`, so that they go to no server; also if memory forgets them later.
    pub in_memory: u64,
    /// Finished, and waiting or in flight.
    pub buffered: u64,
    /// Of traces in progress; those that have ended themselves and were exported early are not among them.
    pub open: u64,
    /// Lost, by reason.
    pub dropped: Dropped,
    /// Derived infos of traces that did not reach the server, by reason; the spans of these traces did.
    pub dropped_infos: DroppedInfos,
    /// Traces whose root has ended.
    pub traces: u64,
    /// Traces that were ended by the timeout.
    pub timed_out: u64,
    /// Taken over from a previous session of the program; they count as started too.
    pub restored: u64,
    /// Requests handed out, of all kinds but reading back.
    pub requests: u64,
    /// Responses after which the same was to be sent again.
    pub retries: u64,
    /// Spans whose parent was not recorded any more, so that they began a trace of their own.
    pub orphans: u64,
    /// Values of traces in progress that were cut for lack of memory.
    pub truncated: u64,
    /// Events that did not fit; written as their sum.
    pub event_errors: EventErrors,
    /// The newest failure of a request.
    pub last_error: Option<LastError>,
}

/// Lost spans, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dropped {
    /// Too much waited for delivery.
    pub buffer_full: u64,
    /// Too much was in progress.
    pub open_full: u64,
    /// The server will never take them.
    pub refused: u64,
    /// The server takes nothing as large.
    pub too_large: u64,
    /// The server failed at them too often, and accepted others.
    pub retries_exhausted: u64,
    /// Their record in persistent storage cannot be read.
    pub unreadable: u64,
    /// The program's redaction dropped them.
    pub redacted: u64,
    /// They had not arrived when the program shut the tracer down.
    pub shutdown: u64,
}

/// Infos that hold nothing that the program gave and were not stored, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DroppedInfos {
    /// Too many waited.
    pub buffer_full: u64,
    /// The server takes no infos, or not this one.
    pub refused: u64,
    /// The server failed at them too often.
    pub retries_exhausted: u64,
}

impl Dropped {
    /// The sum over all reasons.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.buffer_full
            + self.open_full
            + self.refused
            + self.too_large
            + self.retries_exhausted
            + self.unreadable
            + self.redacted
            + self.shutdown
    }
}

/// Events that did not fit, by [`EventError::code`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EventErrors {
    /// About a key that was never handed out.
    pub unknown_span: u64,
    /// About a span that had ended.
    pub span_ended: u64,
    /// About a span of another kind.
    pub wrong_kind: u64,
    /// For want of keys.
    pub keys_exhausted: u64,
}

impl EventErrors {
    /// The sum of the counts.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.unknown_span + self.span_ended + self.wrong_kind + self.keys_exhausted
    }

    /// Counts one more.
    pub const fn count(&mut self, error: EventError) {
        let counter = match error {
            EventError::UnknownSpan(_) => &mut self.unknown_span,
            EventError::SpanEnded(_) => &mut self.span_ended,
            EventError::WrongKind(_) => &mut self.wrong_kind,
            EventError::KeysExhausted => &mut self.keys_exhausted,
        };
        *counter += 1;
    }
}
