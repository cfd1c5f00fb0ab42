//! The ids of spans that can still become parents although they are not in progress here: spans of other
//! programs, and spans of this one that were still running when their trace ended.

use crate::trace::{SpanId, SpanKey, TraceId};

/// The maximum number of spans in a [`ParentCache`]. A server that continues its callers' traces learns of a
/// new span with every request and never of its end.
pub(super) const REMOTE_PARENTS: usize = 1_000;

/// A cache of the newest such spans.
#[derive(Debug, Default)]
pub(super) struct ParentCache {
    /// Entries in ascending order of keys.
    known: Vec<(SpanKey, TraceId, SpanId)>,
}

impl ParentCache {
    /// Adds a span. The entry with the smallest key makes room if the cache is full.
    pub(super) fn insert(&mut self, key: SpanKey, trace: TraceId, span: SpanId) {
        if self.known.len() == REMOTE_PARENTS {
            self.known.remove(0);
        }
        let index = self.known.partition_point(|(known, _, _)| *known < key);
        self.known.insert(index, (key, trace, span));
    }

    /// The ids of the span with this key.
    #[must_use]
    pub(super) fn get(&self, key: SpanKey) -> Option<(TraceId, SpanId)> {
        let index = self.known.binary_search_by_key(&key, |(known, _, _)| *known).ok()?;
        let (_, trace, span) = self.known[index];
        Some((trace, span))
    }
}
