//! Spans that are not in progress here but may have parts that are: those of other programs, and our
//! own that still ran when their trace ended.

use crate::trace::{SpanId, SpanKey, TraceId};

/// Such spans that are remembered at most: a server that continues its callers' traces
/// learns of one with every request and never of its end.
pub const REMOTE_PARENTS: usize = 1_000;

/// The newest spans that are not in progress here.
#[derive(Default)]
pub struct Remotes {
    /// In ascending order of keys.
    known: Vec<(SpanKey, TraceId, SpanId)>,
}

impl Remotes {
    /// Remembers one.
    pub fn insert(&mut self, key: SpanKey, trace: TraceId, span: SpanId) {
        if self.known.len() == REMOTE_PARENTS {
            self.known.remove(0);
        }
        let place = self.known.partition_point(|(known, _, _)| *known < key);
        self.known.insert(place, (key, trace, span));
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
