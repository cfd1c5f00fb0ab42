//! The storage of the conversations in progress: their slots, the number of their spans, and the deadlines of
//! early export and of timeouts.

use super::conversation::Conversation;
use super::effect::FinishedTrace;
use super::open_bytes::OpenBytes;
use crate::trace::{CapturePolicy, MonotonicNanos, Route, Span, SpanKey, Trace, TraceChunk, TraceId};

/// The maximum number of spans of unfinished traces. A chat that never ends (its page was suspended, its promise
/// dropped) must not hold memory for ever; 50 000 spans are some 2 000 calculator chats at once.
pub const OPEN_SPANS: usize = 50_000;

/// The conversations in progress, each in a slot of its own.
#[derive(Debug, Default)]
pub struct OpenTraces {
    /// The conversations; each stays in its slot until it is finished.
    slots: Vec<Option<Conversation>>,
    /// Empty slots.
    free: Vec<usize>,
    /// The slot of each span, in ascending order of keys. A sorted list, because spans are added at its end and
    /// removed a trace at a time; a hash table costs the module 1 kB more.
    pub(super) span_slots: Vec<(SpanKey, usize)>,
    /// Their bytes in memory.
    pub(super) bytes: OpenBytes,
    exported_count: usize,
    timing: Timing,
    capture_policy: CapturePolicy,
    /// The earliest deadline of all conversations.
    next_deadline: Option<MonotonicNanos>,
}

/// The delays of early export and of the timeout.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timing {
    /// The milliseconds after which a final span is exported early; `None` switches early export off.
    pub live_delay_ms: Option<u64>,
    /// The milliseconds after which a trace that has not ended is ended; `None` switches the timeout off.
    pub timeout_ms: Option<u64>,
}

/// The spans and traces whose deadline has passed.
#[derive(Debug, Default)]
pub struct Due {
    /// The spans to be exported early.
    pub partial: Vec<TraceChunk>,
    /// The traces that have timed out.
    pub timed_out: Vec<FinishedTrace>,
}

impl OpenTraces {
    /// The number of spans.
    #[must_use]
    pub const fn span_count(&self) -> usize {
        self.span_slots.len()
    }

    /// The number of spans that were exported early or dropped.
    #[must_use]
    pub const fn exported_count(&self) -> usize {
        self.exported_count
    }

    /// The traces in progress.
    pub fn traces(&self) -> impl Iterator<Item = &Trace> {
        self.slots.iter().flatten().map(Conversation::trace)
    }

    /// The slot of the conversation that a span is part of.
    #[must_use]
    pub fn slot_of(&self, key: SpanKey) -> Option<usize> {
        let index = self.index_of(key)?;
        self.span_slots.get(index).map(|(_, slot)| *slot)
    }

    fn index_of(&self, key: SpanKey) -> Option<usize> {
        // Where no trace has ended since the oldest began, keys have no gaps.
        let distance = key.number().wrapping_sub(self.span_slots.first()?.0.number()) as usize;
        if self.span_slots.get(distance).is_some_and(|(known, _)| *known == key) {
            return Some(distance);
        }
        self.span_slots.binary_search_by_key(&key, |(key, _)| *key).ok()
    }

    /// The conversation in a slot.
    #[must_use]
    pub fn get(&self, slot: usize) -> Option<&Conversation> {
        self.slots.get(slot)?.as_ref()
    }

    /// The conversation in a slot, mutable.
    pub fn get_mut(&mut self, slot: usize) -> Option<&mut Conversation> {
        self.slots.get_mut(slot)?.as_mut()
    }

    /// Adds a conversation whose trace has one span so far, and returns its slot.
    pub fn add(&mut self, trace: Trace, started: MonotonicNanos, unix_offset: i64) -> usize {
        let root = trace.root().key;
        if let Some(timeout_ms) = self.timing.timeout_ms {
            self.schedule(started.plus_millis(timeout_ms));
        }
        let conversation = Some(Conversation::new(trace, started, unix_offset));
        let slot = match self.free.pop() {
            Some(slot) => {
                self.slots[slot] = conversation;
                slot
            }
            None => {
                self.slots.push(conversation);
                self.slots.len() - 1
            }
        };
        self.add_span(root, slot);
        slot
    }

    /// Adds a span to the conversation in this slot. Its key must be greater than those before.
    pub fn add_span(&mut self, key: SpanKey, slot: usize) {
        self.span_slots.push((key, slot));
    }

    /// Removes a discarded span.
    pub fn remove_span(&mut self, key: SpanKey) {
        if let Some(index) = self.index_of(key) {
            self.span_slots.remove(index);
        }
    }

    /// Takes a conversation out of its slot.
    pub fn take(&mut self, slot: usize) -> Option<Conversation> {
        let conversation = self.slots.get_mut(slot)?.take()?;
        self.free.push(slot);
        self.exported_count -= conversation.trace().exported_count();
        self.span_slots.retain(|(_, its)| *its != slot);
        if self.span_slots.is_empty() {
            self.next_deadline = None;
        }
        Some(conversation)
    }

    /// Ends all traces now; if only those with an id, their running spans are marked as abandoned.
    pub fn close(&mut self, only: Option<TraceId>, now: MonotonicNanos) -> Vec<FinishedTrace> {
        let mut finished = Vec::new();
        for slot in 0..self.slots.len() {
            let is_other = only.is_some_and(|id| self.get(slot).is_none_or(|open| open.trace().id() != id));
            if !is_other && let Some(open) = self.take(slot) {
                finished.push(open.close(now, only.is_some()));
            }
        }
        finished
    }

    /// Drops the oldest traces while there are too many spans, and returns the number of spans that were lost.
    pub fn evict_oldest(&mut self) -> usize {
        let mut lost = 0;
        while self.span_count() > OPEN_SPANS {
            let age = |slot: &usize| {
                let open = self.get(*slot);
                open.map_or(u32::MAX, |open| open.trace().root().key.number())
            };
            let oldest = (0..self.slots.len()).min_by_key(age);
            let Some(evicted) = oldest.and_then(|oldest| self.take(oldest)) else {
                break;
            };
            lost += evicted.trace().span_count() - evicted.trace().exported_count();
        }
        lost
    }

    /// Sets the most bytes of memory. Values are cut when the next event comes.
    pub const fn set_most_bytes(&mut self, most: usize) {
        self.bytes.most = most;
    }

    /// The number of values that were cut for lack of memory.
    #[must_use]
    pub const fn cut_values(&self) -> u64 {
        self.bytes.cut_values
    }

    /// Sets the delays of early export and of the timeout.
    pub fn set_timing(&mut self, timing: Timing) {
        if self.timing != timing {
            self.timing = timing;
            self.recompute_deadline();
        }
    }

    /// Sets the policy that early export follows.
    pub const fn set_capture_policy(&mut self, capture_policy: CapturePolicy) {
        self.capture_policy = capture_policy;
    }

    /// The trace that a span is part of.
    #[must_use]
    pub fn trace_of(&self, key: SpanKey) -> Option<&Trace> {
        let slot = self.slot_of(key)?;
        self.get(slot).map(Conversation::trace)
    }

    /// The span with this key, mutable; `None` if it was exported already.
    pub fn span_mut(&mut self, key: SpanKey) -> Option<&mut Span> {
        let slot = self.slot_of(key)?;
        self.get_mut(slot)?.span_mut(key)
    }

    /// Drops a span of a trace in progress, which is never exported or shown. Returns whether it was there.
    pub fn drop_span(&mut self, key: SpanKey) -> bool {
        let slot = self.slot_of(key);
        let is_dropped = slot.and_then(|slot| self.get_mut(slot)).is_some_and(|open| open.drop_span(key));
        self.exported_count += usize::from(is_dropped);
        is_dropped
    }

    /// Schedules the early export of the final spans of the conversation in this slot.
    pub fn schedule_export(&mut self, slot: usize) {
        let since = self.get(slot).and_then(|open| open.exportable_since());
        if let (Some(since), Some(delay_ms)) = (since, self.timing.live_delay_ms) {
            self.schedule(since.plus_millis(delay_ms));
        }
    }

    fn schedule(&mut self, time: MonotonicNanos) {
        self.next_deadline = Some(self.next_deadline.map_or(time, |next_deadline| next_deadline.min(time)));
    }

    /// The earliest time at which [`Self::collect`] can find something; `None` if nothing waits.
    #[must_use]
    pub const fn next_deadline(&self) -> Option<MonotonicNanos> {
        self.next_deadline
    }

    /// Takes the spans whose delay of early export is over and the traces that have timed out. `route` is used as by
    /// [`Self::take_exportable`].
    pub fn collect(&mut self, now: MonotonicNanos, route: &Route) -> Due {
        let mut due = Due::default();
        if self.next_deadline.is_none_or(|next_deadline| next_deadline > now) {
            return due;
        }
        for slot in 0..self.slots.len() {
            let Some(open) = self.get(slot) else {
                continue;
            };
            let (export, timeout) = self.deadlines(open);
            if timeout.is_some_and(|timeout| timeout <= now) {
                if let Some(mut open) = self.take(slot) {
                    open.time_out();
                    due.timed_out.push(open.close(now, false));
                }
                continue;
            }
            if export.is_some_and(|export| export <= now) {
                self.take_exportable_at(slot, route, &mut due.partial);
            }
        }
        self.recompute_deadline();
        due
    }

    /// The deadlines of a conversation: of its early export and of its timeout.
    fn deadlines(&self, open: &Conversation) -> (Option<MonotonicNanos>, Option<MonotonicNanos>) {
        let after = |since: MonotonicNanos, ms: Option<u64>| Some(since.plus_millis(ms?));
        let since = open.exportable_since();
        (since.and_then(|since| after(since, self.timing.live_delay_ms)), after(open.started(), self.timing.timeout_ms))
    }

    fn recompute_deadline(&mut self) {
        self.next_deadline = None;
        for slot in 0..self.slots.len() {
            if let Some(open) = self.get(slot) {
                let (export, timeout) = self.deadlines(open);
                self.next_deadline = MonotonicNanos::first(&[self.next_deadline, export, timeout]);
            }
        }
    }

    /// Takes all spans that may be exported early, whether or not their delay is over. A trace of which no span was
    /// exported before belongs to `route` from now on.
    pub fn take_exportable(&mut self, route: &Route) -> Vec<TraceChunk> {
        let mut partial = Vec::new();
        for slot in 0..self.slots.len() {
            self.take_exportable_at(slot, route, &mut partial);
        }
        self.recompute_deadline();
        partial
    }

    fn take_exportable_at(&mut self, slot: usize, route: &Route, partial: &mut Vec<TraceChunk>) {
        let capture_policy = self.capture_policy;
        let chunk = self.get_mut(slot).and_then(|open| open.take_exportable(capture_policy, route));
        if let Some(chunk) = chunk {
            self.exported_count += chunk.span_count();
            partial.push(chunk);
        }
    }
}
