//! The newest finished traces, to be read back.

use std::collections::VecDeque;
use std::rc::Rc;

use crate::trace::Trace;

/// Traces that can be read back at most.
pub const RECENT_TRACES: usize = 100;
/// Bytes (as on the wire) of traces that can be read back at most; the newest one always can.
pub const RECENT_BYTES: usize = 16 << 20;

/// They.
#[derive(Default)]
pub struct Recent {
    traces: VecDeque<(Rc<Trace>, usize)>,
    bytes: usize,
}

impl Recent {
    /// Keeps a finished trace, as long as there is room.
    pub fn remember(&mut self, trace: &Rc<Trace>) {
        let bytes = trace.approximate_bytes();
        self.traces.push_back((trace.clone(), bytes));
        self.bytes += bytes;
        while self.traces.len() > 1
            && (self.traces.len() > RECENT_TRACES || self.bytes > RECENT_BYTES)
        {
            if let Some((_, bytes)) = self.traces.pop_front() {
                self.bytes -= bytes;
            }
        }
    }

    /// All of them, oldest first.
    pub fn traces(&self) -> impl Iterator<Item = &Rc<Trace>> {
        self.traces.iter().map(|(trace, _)| trace)
    }
}
