//! Whether the trace that is about to begin is recorded.

use super::Recorder;
use crate::trace::sampling::is_sampled;
use crate::trace::{Entropy, SpanId, TraceId};

impl<E: Entropy> Recorder<E> {
    /// Whether the trace that begins next is recorded, if this part of all traces (0 to 1) is. To be
    /// asked before the fact that begins it; of a trace that is not, nothing is to be told.
    pub fn admits_trace(&mut self, ratio: f64) -> bool {
        // The id that decides is the one that the trace will have.
        let id = self.ids.trace_id();
        let is_sampled = is_sampled(&id, ratio);
        if is_sampled {
            self.ids.keep_trace_id(id);
        }
        is_sampled
    }

    /// Ids for a trace that is not recorded, for programs that have to be told that it is not.
    pub fn unrecorded_context(&mut self) -> (TraceId, SpanId) {
        (self.ids.trace_id(), self.ids.span_id())
    }
}
