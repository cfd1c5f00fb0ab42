//! The conversations in progress: where each is, how many spans they have, and when the next one needs
//! something done that no fact asks for.

use super::chat::Conversation;
use super::effect::Finished;
use crate::trace::{Exposure, MonotonicNanos, Part, Route, Span, SpanKey, Trace};

/// Spans of unfinished traces that are kept at most. A chat that never ends (its page was
/// suspended, its promise dropped) must not hold memory for ever; 50 000 spans are some 2 000
/// calculator chats at once.
pub const OPEN_SPANS: usize = 50_000;

/// The conversations in progress.
#[derive(Default)]
pub struct Open {
    /// Each stays in its place until it is done.
    places: Vec<Option<Conversation>>,
    free: Vec<usize>,
    /// Each span with the place of the conversation that it is part of, in ascending order of keys. A list,
    /// because spans join at its end and leave a whole trace at once; a hash table takes 1 kB more.
    span_places: Vec<(SpanKey, usize)>,
    sent_count: usize,
    timing: Timing,
    exposure: Exposure,
    /// Nothing is to be done before this time.
    wake: Option<MonotonicNanos>,
}

/// How long things wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timing {
    /// How long a finished span waits before it is exported early, in milliseconds; `None`
    /// if that is not done.
    pub live_delay_ms: Option<u64>,
    /// After how long a trace that nobody ends is ended, in milliseconds; `None`: never.
    pub timeout_ms: Option<u64>,
}

/// What time brought about.
#[derive(Default)]
pub struct Due {
    /// Spans to be exported early.
    pub parts: Vec<Part>,
    /// Traces that were not ended in time.
    pub timed_out: Vec<Finished>,
}

impl Open {
    /// How many spans there are.
    #[must_use]
    pub const fn span_count(&self) -> usize {
        self.span_places.len()
    }

    /// How many of them were exported early.
    #[must_use]
    pub const fn sent_count(&self) -> usize {
        self.sent_count
    }

    /// The traces in progress.
    pub fn traces(&self) -> impl Iterator<Item = &Trace> {
        self.places.iter().flatten().map(Conversation::trace)
    }

    /// Where the conversation is that a span is part of.
    #[must_use]
    pub fn place_of(&self, key: SpanKey) -> Option<usize> {
        let index = self.index_of(key)?;
        self.span_places.get(index).map(|(_, place)| *place)
    }

    fn index_of(&self, key: SpanKey) -> Option<usize> {
        let search = self.span_places.binary_search_by_key(&key, |(key, _)| *key);
        search.ok()
    }

    /// The conversation at a place.
    #[must_use]
    pub fn at(&self, place: usize) -> Option<&Conversation> {
        self.places.get(place)?.as_ref()
    }

    /// The conversation at a place, to be changed.
    pub fn at_mut(&mut self, place: usize) -> Option<&mut Conversation> {
        self.places.get_mut(place)?.as_mut()
    }

    /// Adds a conversation of one span so far and gives its place.
    pub fn add(&mut self, trace: Trace, started: MonotonicNanos, unix_offset: i64) -> usize {
        let root = trace.root().key;
        if let Some(timeout_ms) = self.timing.timeout_ms {
            self.wake_by(started.plus_millis(timeout_ms));
        }
        let conversation = Some(Conversation::new(trace, started, unix_offset));
        let place = match self.free.pop() {
            Some(place) => {
                self.places[place] = conversation;
                place
            }
            None => {
                self.places.push(conversation);
                self.places.len() - 1
            }
        };
        self.joined(root, place);
        place
    }

    /// Notes that a span is part of the conversation at this place. Its key must be greater than those before.
    pub fn joined(&mut self, key: SpanKey, place: usize) {
        self.span_places.push((key, place));
    }

    /// Notes that a span came to nothing.
    pub fn left(&mut self, key: SpanKey) {
        if let Some(index) = self.index_of(key) {
            self.span_places.remove(index);
        }
    }

    /// Takes a conversation out.
    pub fn take(&mut self, place: usize) -> Option<Conversation> {
        let conversation = self.places.get_mut(place)?.take()?;
        self.free.push(place);
        self.sent_count -= conversation.trace().sent_count();
        self.span_places.retain(|(_, its)| *its != place);
        if self.span_places.is_empty() {
            self.wake = None;
        }
        Some(conversation)
    }

    /// Ends all of them as they are.
    pub fn close_all(&mut self, now: MonotonicNanos) -> Vec<Finished> {
        let mut finished = Vec::new();
        for place in 0..self.places.len() {
            if let Some(open) = self.take(place) {
                finished.push(open.close(now));
            }
        }
        finished
    }

    /// Gives up the oldest traces while there are too many spans. Gives how many spans were lost.
    pub fn shed(&mut self) -> usize {
        let mut lost = 0;
        while self.span_count() > OPEN_SPANS {
            let age = |place: &usize| {
                let open = self.at(*place);
                open.map_or(u32::MAX, |open| open.trace().root().key.number())
            };
            let oldest = (0..self.places.len()).min_by_key(age);
            let Some(gone) = oldest.and_then(|oldest| self.take(oldest)) else {
                break;
            };
            lost += gone.trace().span_count() - gone.trace().sent_count();
        }
        lost
    }

    /// Changes how long things wait.
    pub fn set_timing(&mut self, timing: Timing) {
        if self.timing != timing {
            self.timing = timing;
            self.wake_again();
        }
    }

    /// Changes what may be exported early.
    pub const fn set_exposure(&mut self, exposure: Exposure) {
        self.exposure = exposure;
    }

    /// The trace that a span is part of.
    #[must_use]
    pub fn trace_of(&self, key: SpanKey) -> Option<&Trace> {
        let place = self.place_of(key)?;
        self.at(place).map(Conversation::trace)
    }

    /// A span, to be changed; `None` if it is on its way already.
    pub fn span_mut(&mut self, key: SpanKey) -> Option<&mut Span> {
        let place = self.place_of(key)?;
        self.at_mut(place)?.span_mut(key)
    }

    /// A span of the conversation at this place has settled.
    pub fn settled_at(&mut self, place: usize) {
        let since = self.at(place).and_then(|open| open.settled_since());
        if let (Some(since), Some(delay_ms)) = (since, self.timing.live_delay_ms) {
            self.wake_by(since.plus_millis(delay_ms));
        }
    }

    fn wake_by(&mut self, time: MonotonicNanos) {
        self.wake = Some(self.wake.map_or(time, |wake| wake.min(time)));
    }

    /// Before this time [`Self::collect`] finds nothing; at this time it may.
    #[must_use]
    pub const fn wake(&self) -> Option<MonotonicNanos> {
        self.wake
    }

    /// Takes what has waited long enough; `route` as for [`Self::take_settled`].
    pub fn collect(&mut self, now: MonotonicNanos, route: &Route) -> Due {
        let mut due = Due::default();
        if self.wake.is_none_or(|wake| wake > now) {
            return due;
        }
        for place in 0..self.places.len() {
            let Some(open) = self.at(place) else {
                continue;
            };
            let (early, end) = self.dues_of(open);
            if end.is_some_and(|end| end <= now) {
                if let Some(mut open) = self.take(place) {
                    open.time_out();
                    due.timed_out.push(open.close(now));
                }
                continue;
            }
            if early.is_some_and(|early| early <= now) {
                self.take_settled_at(place, route, &mut due.parts);
            }
        }
        self.wake_again();
        due
    }

    /// When spans of a conversation may be exported early, and when it is to be ended.
    fn dues_of(&self, open: &Conversation) -> (Option<MonotonicNanos>, Option<MonotonicNanos>) {
        let after = |since: MonotonicNanos, ms: Option<u64>| Some(since.plus_millis(ms?));
        let since = open.settled_since();
        (
            since.and_then(|since| after(since, self.timing.live_delay_ms)),
            after(open.started(), self.timing.timeout_ms),
        )
    }

    fn wake_again(&mut self) {
        self.wake = None;
        for place in 0..self.places.len() {
            if let Some(open) = self.at(place) {
                let (early, end) = self.dues_of(open);
                self.wake = MonotonicNanos::first(&[self.wake, early, end]);
            }
        }
    }

    /// Takes all spans that may be exported early, however long they have waited. A trace of which none were
    /// before belongs to `route` from now on.
    pub fn take_settled(&mut self, route: &Route) -> Vec<Part> {
        let mut parts = Vec::new();
        for place in 0..self.places.len() {
            self.take_settled_at(place, route, &mut parts);
        }
        self.wake_again();
        parts
    }

    fn take_settled_at(&mut self, place: usize, route: &Route, parts: &mut Vec<Part>) {
        let exposure = self.exposure;
        let part = self
            .at_mut(place)
            .and_then(|open| open.take_settled(exposure, route));
        if let Some(part) = part {
            self.sent_count += part.span_count();
            parts.push(part);
        }
    }
}
