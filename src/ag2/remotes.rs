//! Spans of other programs, as parents of ours.

use std::collections::VecDeque;

use crate::trace::{SpanId, SpanKey, TraceId};

/// Spans of other programs that are remembered at most: a server that continues its callers' traces
/// learns of one with every request and never of its end.
pub const REMOTE_PARENTS: usize = 1_000;

/// The newest spans of other programs that somebody named as a parent.
#[derive(Default)]
pub struct Remotes {
    /// In ascending order of keys.
    known: VecDeque<(SpanKey, TraceId, SpanId)>,
}

impl Remotes {
    /// Remembers one.
    pub fn insert(&mut self, key: SpanKey, trace: TraceId, span: SpanId) {
        if self.known.len() == REMOTE_PARENTS {
            self.known.pop_front();
        }
        self.known.push_back((key, trace, span));
    }

    /// The ids behind a key.
    #[must_use]
    pub fn get(&self, key: SpanKey) -> Option<(TraceId, SpanId)> {
        let index = self
            .known
            .binary_search_by_key(&key, |(known, _, _)| *known)
            .ok()?;
        let (_, trace, span) = self.known[index];
        Some((trace, span))
    }
}
