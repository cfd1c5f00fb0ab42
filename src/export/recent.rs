//! The newest finished traces, to be read back.

use std::rc::Rc;

use crate::trace::{Route, Trace, TraceId};

/// Traces that can be read back at most.
pub const RECENT_TRACES: usize = 100;
/// Bytes of memory of traces that can be read back at most; the newest one always can.
pub const RECENT_BYTES: usize = 16 << 20;

/// The newest finished traces.
#[derive(Debug, Default)]
pub(super) struct RecentTraces {
    /// Each with its bytes, and the number of the route by which it went.
    traces: Vec<(Rc<Trace>, usize, u32)>,
    bytes: usize,
}

impl RecentTraces {
    /// Keeps a finished trace, as long as there is room.
    pub(super) fn remember(&mut self, trace: &Rc<Trace>, route: &Route) {
        let bytes = trace.memory_bytes();
        self.traces.push((trace.clone(), bytes, trace.route().unwrap_or(route).number()));
        self.bytes += bytes;
        while self.traces.len() > 1 && (self.traces.len() > RECENT_TRACES || self.bytes > RECENT_BYTES) {
            // There are few, so moving them up is nothing.
            let (_, bytes, _) = self.traces.remove(0);
            self.bytes -= bytes;
        }
    }

    /// The ids of the traces, the newest first; of a trace in parts, once for each.
    pub(super) fn newest_first(&self) -> impl Iterator<Item = TraceId> {
        self.traces.iter().rev().map(|(trace, ..)| trace.id())
    }

    /// The traces, oldest first.
    pub(super) fn traces(&self) -> impl Iterator<Item = &Rc<Trace>> {
        self.traces.iter().map(|(trace, ..)| trace)
    }

    /// The trace with this id, with the number of its route.
    #[must_use]
    pub(super) fn find(&self, id: TraceId) -> Option<(Rc<Trace>, u32)> {
        let found = self.traces.iter().find(|(trace, ..)| trace.id() == id)?;
        Some((found.0.clone(), found.2))
    }
}
