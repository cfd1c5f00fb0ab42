//! Traces that are ended before the program ends them.

use crate::Tracer;
use crate::trace::{Host, MonotonicNanos, SpanKey, TraceId};

impl<H: Host> Tracer<H> {
    /// Ends every trace in progress as it is, because its end will not be reported any more. Spans that are still
    /// running end now, with the status that they have.
    pub fn close_open(&mut self, now: MonotonicNanos) {
        self.close(None, now);
    }

    /// As [`Self::close_open`]. `only` ends the traces with this id, and marks the spans that were still running as
    /// abandoned. Gives the keys of those spans.
    pub fn close(&mut self, only: Option<TraceId>, now: MonotonicNanos) -> Vec<SpanKey> {
        let mut running = Vec::new();
        for trace in self.conversations.close(only, now) {
            running.extend(trace.unfinished.iter().map(|(key, _)| *key));
            self.finish(trace, now);
        }
        running
    }
}
