//! What waits for delivery to one destination, in the order in which it is sent.

use std::mem::take;

use super::Limits;
use super::chunk::QueuedChunk;
use crate::trace::{MonotonicNanos, Route, TraceId};

/// Tells whether chunks of a route can be sent: whether their experiment is known.
pub(super) type IsReady<'a> = &'a dyn Fn(&Route) -> bool;

/// The chunks that wait.
#[derive(Debug, Default)]
pub(super) struct Queue {
    waiting: Vec<QueuedChunk>,
    spans: usize,
    /// On the wire.
    bytes: usize,
    memory_bytes: usize,
    /// What the server has shown to be too much for one request, and until when that is believed.
    observed_max_bytes: Option<(usize, MonotonicNanos)>,
    /// Whether the last batch was isolated.
    was_isolated: bool,
    /// Before this time no isolated chunk is sent.
    aside_until: MonotonicNanos,
}

impl Queue {
    /// Adds a chunk behind all others.
    pub(super) fn push(&mut self, chunk: QueuedChunk) {
        self.count(&chunk);
        self.waiting.push(chunk);
    }

    /// Puts what was not delivered back to the front.
    pub(super) fn requeue(&mut self, mut chunks: Vec<QueuedChunk>) {
        for chunk in &chunks {
            self.count(chunk);
        }
        chunks.append(&mut self.waiting);
        self.waiting = chunks;
    }

    fn count(&mut self, chunk: &QueuedChunk) {
        self.spans += chunk.span_count();
        self.bytes += chunk.bytes();
        self.memory_bytes += chunk.memory_bytes();
    }

    fn count_off(&mut self, chunk: &QueuedChunk) {
        self.spans -= chunk.span_count();
        self.bytes -= chunk.bytes();
        self.memory_bytes -= chunk.memory_bytes();
    }

    /// Takes out the chunks for which `is_taken` holds.
    fn take_where(&mut self, is_taken: &mut dyn FnMut(usize, &QueuedChunk) -> bool) -> Vec<QueuedChunk> {
        let (mut taken, mut rest) = (Vec::new(), Vec::new());
        for (index, chunk) in take(&mut self.waiting).into_iter().enumerate() {
            if is_taken(index, &chunk) {
                self.count_off(&chunk);
                taken.push(chunk);
            } else {
                rest.push(chunk);
            }
        }
        self.waiting = rest;
        taken
    }

    /// Whether a whole trace can be evicted.
    #[must_use]
    pub(super) fn has_finished_trace(&self) -> bool {
        self.waiting.iter().any(QueuedChunk::has_root)
    }

    /// Takes out all that waits of the oldest finished trace: half a trace explains nothing. Where none is
    /// finished, the oldest chunk.
    #[must_use = "what is dropped is to be counted"]
    pub(super) fn evict_oldest(&mut self) -> Vec<QueuedChunk> {
        // What stands before it is of traces in progress: few chunks.
        let finished = self.waiting.iter().position(QueuedChunk::has_root);
        let Some(oldest) = self.waiting.get(finished.unwrap_or(0)) else {
            return Vec::new();
        };
        let (id, has_root) = (oldest.trace_id(), oldest.has_root());
        if !has_root || oldest.is_complete_trace() {
            let oldest = self.waiting.remove(finished.unwrap_or(0));
            self.count_off(&oldest);
            return vec![oldest];
        }
        self.take_trace(id)
    }

    fn take_trace(&mut self, id: TraceId) -> Vec<QueuedChunk> {
        self.take_where(&mut |_, chunk| chunk.trace_id() == id)
    }

    /// When the next batch is due; `None` if nothing can be sent.
    #[must_use]
    pub(super) fn due(&self, limits: &Limits, is_ready: IsReady<'_>) -> Option<MonotonicNanos> {
        let is_full = self.spans >= limits.batch_spans || self.bytes >= self.batch_bytes(limits);
        let mut due = None;
        for chunk in &self.waiting {
            if !is_ready(&chunk.route) {
                continue;
            }
            if chunk.isolation.is_none() {
                let first = if is_full { MonotonicNanos::default() } else { chunk.due() };
                // Those behind it were added later.
                return MonotonicNanos::first(&[due, Some(first)]);
            }
            due = MonotonicNanos::first(&[due, Some(chunk.due().max(self.aside_until))]);
        }
        due
    }

    /// The next chunks to be sent together, oldest first; empty if none can be sent. Of what is too large
    /// for one request a part, and the rest goes on waiting. Isolated chunks hold up nothing: those that still wait
    /// are passed over, and of the others one batch goes between two of the rest, the one that failed least first.
    pub(super) fn take_batch(
        &mut self,
        limits: &Limits,
        is_ready: IsReady<'_>,
        now: MonotonicNanos,
    ) -> Vec<QueuedChunk> {
        if self.observed_max_bytes.is_some_and(|(_, until)| until <= now) {
            self.observed_max_bytes = None;
        }
        let is_due = |chunk: &QueuedChunk| chunk.isolation.is_none() || chunk.due().max(self.aside_until) <= now;
        let is_next = |chunk: &QueuedChunk| is_ready(&chunk.route) && is_due(chunk);
        let waiting = self.waiting.iter().enumerate().filter(|(_, chunk)| is_next(chunk));
        let first = waiting.min_by_key(|(_, chunk)| {
            let is_isolated = chunk.isolation.is_some();
            let is_other_kinds_turn = is_isolated == self.was_isolated;
            (is_other_kinds_turn, if is_isolated { chunk.attempts.failures() } else { 0 })
        });
        let Some((first, _)) = first else {
            return Vec::new();
        };
        let most_bytes = self.batch_bytes(limits);
        self.split_oversized(first, most_bytes);
        let Some(chunk) = self.waiting.get(first) else {
            return Vec::new();
        };
        let (route, isolation) = (chunk.route.clone(), chunk.isolation);
        self.was_isolated = isolation.is_some();
        let (mut spans, mut bytes, mut is_full) = (0, 0, false);
        self.take_where(&mut |index, chunk| {
            if is_full || index < first || chunk.route != route || chunk.isolation != isolation {
                return false;
            }
            spans += chunk.span_count();
            bytes += chunk.bytes();
            is_full = index > first && (spans > limits.batch_spans || bytes > most_bytes);
            !is_full
        })
    }

    /// Splits the chunk at `index` in two if it needs more bytes.
    fn split_oversized(&mut self, index: usize, most_bytes: usize) {
        let chunk = self.waiting.get(index);
        let large = chunk.filter(|chunk| chunk.bytes() > most_bytes);
        let takes = large.and_then(|chunk| Some(chunk.recorded()?.first_bytes(most_bytes)));
        let Some(takes) = takes else {
            return;
        };
        let chunk = self.waiting.remove(index);
        self.count_off(&chunk);
        let (mut halves, mut rest) = (Vec::new(), Vec::new());
        chunk.split(&takes, &mut halves, &mut rest);
        halves.append(&mut rest);
        while let Some(half) = halves.pop() {
            self.count(&half);
            self.waiting.insert(index, half);
        }
    }

    /// The chunk at `index`, to be marked as persisted. One that is not yet and needs more bytes is split
    /// before: the rest is the next one.
    pub(super) fn chunk_mut(&mut self, index: usize, most_bytes: usize) -> Option<&mut QueuedChunk> {
        if self.waiting.get(index)?.persist_id.is_none() {
            self.split_oversized(index, most_bytes);
        }
        self.waiting.get_mut(index)
    }

    fn batch_bytes(&self, limits: &Limits) -> usize {
        let observed = self.observed_max_bytes.map_or(usize::MAX, |(bytes, _)| bytes / 2);
        limits.batch_bytes.min(observed)
    }

    /// Remembers until a time how many bytes were too many for one request; `None` forgets it.
    pub(super) const fn set_observed_max_bytes(&mut self, too_many: Option<(usize, MonotonicNanos)>) {
        self.observed_max_bytes = too_many;
    }

    /// The chunks whose traces get no more spans: with the root, or from a previous session.
    fn complete_traces(&self, is_ready: IsReady<'_>) -> impl Iterator<Item = &QueuedChunk> {
        let chunks = self.waiting.iter();
        chunks.filter(move |chunk| is_ready(&chunk.route) && (chunk.has_root() || chunk.recorded().is_none()))
    }

    /// When the next trace as a whole is due, with all that waits of it; `None` if none is complete.
    #[must_use]
    pub(super) fn complete_trace_due(&self, is_ready: IsReady<'_>) -> Option<MonotonicNanos> {
        self.complete_traces(is_ready).map(QueuedChunk::due).min()
    }

    /// All that waits of the oldest complete trace that is due; empty if none is.
    pub(super) fn take_complete_trace(&mut self, is_ready: IsReady<'_>, now: MonotonicNanos) -> Vec<QueuedChunk> {
        let due = self.complete_traces(is_ready).find(|chunk| chunk.due() <= now);
        let id = due.map(QueuedChunk::trace_id);
        id.map(|id| self.take_trace(id)).unwrap_or_default()
    }

    /// Lets all isolated chunks wait until a time.
    pub(super) const fn set_aside_until(&mut self, until: MonotonicNanos) {
        self.aside_until = until;
    }

    /// Makes everything that waits due at once.
    pub(super) fn flush(&mut self) {
        self.aside_until = MonotonicNanos::default();
        for chunk in &mut self.waiting {
            chunk.flush();
        }
    }

    /// Sends the chunks of one route to another.
    pub(super) fn reroute(&mut self, from: &Route, to: &Route) {
        for chunk in &mut self.waiting {
            if chunk.route == *from {
                chunk.route = to.clone();
            }
        }
    }

    /// Takes out everything that waits.
    pub(super) fn take_all(&mut self) -> Vec<QueuedChunk> {
        self.take_where(&mut |_, _| true)
    }

    /// How many spans wait, and how many bytes of memory they keep.
    #[must_use]
    pub(super) const fn size(&self) -> (usize, usize) {
        (self.spans, self.memory_bytes)
    }

    /// The chunks that wait.
    #[must_use]
    pub(super) fn chunks(&self) -> &[QueuedChunk] {
        &self.waiting
    }
}
