//! All conversations in progress: finds the one a fact belongs to, opens new ones, hands out those
//! that are done.

use super::chat::Conversation;
use super::effect::{Effect, Finished, Hearing, Remains};
use super::open::{Due, Open, Timing};
use super::opening::{Opening, blank_span, message_span, text};
use super::received::Received;
use super::remotes::Remotes;
use super::{Fact, UsageCounts};
use crate::error::FactError;
use crate::trace::{
    AttributeKey, Host, IdSource, MonotonicNanos, Part, Route, SpanId, SpanKey, SpanKind, Trace,
    TraceId, Value,
};

/// The conversations in progress.
#[derive(Default)]
pub struct Conversations {
    open: Open,
    remotes: Remotes,
    /// Spans that still ran when their trace ended.
    left: Remotes,
    last_key: u32,
    /// How far the wall clock is ahead of the monotonic one now, in nanoseconds.
    unix_offset: i64,
}

impl Conversations {
    /// How many spans the conversations in progress have that were not exported early.
    #[must_use]
    pub const fn open_spans(&self) -> usize {
        self.open.span_count() - self.open.sent_count()
    }

    /// The traces in progress with this id: more than one where they are parts of one that began elsewhere.
    pub fn traces(&self, id: TraceId) -> impl Iterator<Item = &Trace> {
        self.open.traces().filter(move |trace| trace.id() == id)
    }

    /// The ids of a span in progress, of one that still ran when its trace ended, or of another
    /// program's that was named as a parent.
    #[must_use]
    pub fn context(&self, key: SpanKey) -> Option<(TraceId, SpanId)> {
        let home = self.open.place_of(key);
        let Some(home) = home.and_then(|place| self.open.at(place)) else {
            return self.elsewhere(key);
        };
        let trace = home.trace();
        Some((trace.id(), trace.span(key)?.id))
    }

    fn elsewhere(&self, key: SpanKey) -> Option<(TraceId, SpanId)> {
        self.remotes.get(key).or_else(|| self.left.get(key))
    }

    /// Makes a span of another program known as a parent.
    ///
    /// # Errors
    /// If no keys are left.
    pub fn remote_parent(&mut self, trace: TraceId, span: SpanId) -> Result<SpanKey, FactError> {
        let key = self.next_key()?;
        self.remotes.insert(key, trace, span);
        Ok(key)
    }

    /// The traces of the conversations in progress.
    pub const fn open(&self) -> &Open {
        &self.open
    }

    /// The traces of the conversations in progress, to be changed.
    pub const fn open_mut(&mut self) -> &mut Open {
        &mut self.open
    }

    /// Changes how long things wait.
    pub fn set_timing(&mut self, timing: Timing) {
        self.open.set_timing(timing);
    }

    /// Notes how far the wall clock is ahead of the monotonic one, in nanoseconds. Traces that have
    /// begun keep the offset of their beginning.
    pub const fn set_unix_offset(&mut self, nanos: i64) {
        self.unix_offset = nanos;
    }

    /// Before this time [`Self::collect`] finds nothing; at this time it may.
    #[must_use]
    pub const fn wake(&self) -> Option<MonotonicNanos> {
        self.open.wake()
    }

    /// Takes all spans that may be exported early, however long they have waited. A trace of
    /// which none were before belongs to `route` from now on.
    pub fn take_settled(&mut self, route: &Route) -> Vec<Part> {
        self.open.take_settled(route)
    }

    /// Applies one fact. What is said of a span that was ended with its trace comes too late and
    /// changes nothing.
    ///
    /// # Errors
    /// If the fact speaks of a span that is not open, or of another kind; nothing is changed then.
    pub fn apply<H: Host>(
        &mut self,
        fact: Fact,
        now: MonotonicNanos,
        ids: &mut IdSource<H>,
    ) -> Result<Effect, FactError> {
        match self.try_apply(fact, now, ids) {
            Err(FactError::SpanEnded(key)) if self.left.get(key).is_some() => Ok(Effect::default()),
            applied => applied,
        }
    }

    fn try_apply<H: Host>(
        &mut self,
        fact: Fact,
        now: MonotonicNanos,
        ids: &mut IdSource<H>,
    ) -> Result<Effect, FactError> {
        let mut remains = Remains::Span;
        let changed = match fact {
            Fact::ChatStarted { parent, inputs } => {
                let opening = Opening::operation(SpanKind::Chain, inputs);
                return self.start(parent, opening, now, ids);
            }
            Fact::ReplyStarted { parent, agent } => {
                let opening = Opening::new(agent, SpanKind::Agent, Value::Null);
                return self.start(parent, opening, now, ids);
            }
            Fact::ModelCallStarted {
                parent,
                source,
                model,
                tools,
                inputs,
            } => {
                let mut opening = Opening::operation(SpanKind::Model, inputs);
                opening.attributes = [
                    (AttributeKey::Model, text(model)),
                    (AttributeKey::Source, text(source)),
                    (AttributeKey::ChatTools, tools.unwrap_or(Value::Null)),
                ];
                return self.start(parent, opening, now, ids);
            }
            Fact::ToolCallStarted {
                parent,
                name,
                call_id,
                description,
                inputs,
            } => {
                let mut opening = Opening::new(name, SpanKind::Tool, inputs);
                opening.attributes[0] = (AttributeKey::ToolCallId, text(call_id));
                opening.attributes[1] = (AttributeKey::ToolDescription, text(description));
                return self.start(parent, opening, now, ids);
            }
            Fact::SpanStarted {
                parent,
                name,
                kind,
                type_name,
                inputs,
            } => {
                let mut opening = Opening::new(name, kind, inputs);
                opening.type_name = type_name;
                return self.start(parent, opening, now, ids);
            }
            Fact::MessageReceived {
                scope,
                sender,
                message,
                valid,
            } => {
                let received = Received::new(sender, message, valid);
                return self.receive(scope, &received, now, ids);
            }
            Fact::ChatEnded { chat, outputs } => {
                let open = self.of(chat)?;
                open.end(chat, Some(SpanKind::Chain), Some(outputs), now)?;
                chat
            }
            Fact::ReplyEnded { reply, outputs } => {
                remains = self.of(reply)?.end_reply(reply, outputs, now)?;
                reply
            }
            Fact::ModelCallEnded {
                call,
                outputs,
                usage,
                cost_usd,
                cached,
            } => {
                let open = self.of(call)?;
                let span = open.end(call, Some(SpanKind::Model), Some(outputs), now)?;
                let usage = usage.and_then(UsageCounts::known);
                let cost = cost_usd.map_or(Value::Null, Value::Double);
                span.set(AttributeKey::IsCached, Value::Int(i64::from(cached)));
                // Nothing was used and nothing paid: counted again, an answer out of the cache would
                // spoil every sum.
                if cached {
                    span.set(AttributeKey::SavedCostUsd, cost);
                    span.saved_usage = usage;
                } else {
                    span.set(AttributeKey::CostUsd, cost);
                    span.usage = usage;
                }
                call
            }
            Fact::ToolCallEnded { call, outputs } => {
                let open = self.of(call)?;
                open.end(call, Some(SpanKind::Tool), Some(outputs), now)?;
                call
            }
            Fact::SpanEnded { span, outputs } => {
                self.of(span)?.end(span, None, outputs, now)?;
                span
            }
            Fact::Noted { span, note } => {
                self.of(span)?.note_down(span, note, now)?;
                return Ok(Effect::default());
            }
            Fact::Failed { span, error } => {
                self.of(span)?.fail(span, error, now)?;
                span
            }
        };
        Ok(self.tidy_up(changed, &remains, now))
    }

    /// Ends all conversations in progress as they are.
    pub fn close_all(&mut self, now: MonotonicNanos) -> Vec<Finished> {
        let finished = self.open.close_all(now);
        for done in &finished {
            self.leave_behind(done);
        }
        finished
    }

    /// Takes what has waited long enough: spans to be exported early, traces that nobody ends. `route` as for
    /// [`Self::take_settled`].
    pub fn collect(&mut self, now: MonotonicNanos, route: &Route) -> Due {
        let due = self.open.collect(now, route);
        for done in &due.timed_out {
            self.leave_behind(done);
        }
        due
    }

    /// What still ran when its trace ended may get parts of its own yet. They belong to that trace.
    fn leave_behind(&mut self, finished: &Finished) {
        for (key, span) in &finished.left {
            self.left.insert(*key, finished.trace.id(), *span);
        }
    }

    /// The conversation that a span is part of.
    fn of(&mut self, key: SpanKey) -> Result<&mut Conversation, FactError> {
        let error = if key.number() <= self.last_key {
            FactError::SpanEnded(key)
        } else {
            FactError::UnknownSpan(key)
        };
        let place = self.open.place_of(key);
        place.and_then(|place| self.open.at_mut(place)).ok_or(error)
    }

    fn next_key(&mut self) -> Result<SpanKey, FactError> {
        let next = self
            .last_key
            .checked_add(1)
            .and_then(SpanKey::new)
            .ok_or(FactError::KeysExhausted)?;
        self.last_key = next.number();
        Ok(next)
    }

    fn start<H: Host>(
        &mut self,
        parent: Option<SpanKey>,
        opening: Opening,
        now: MonotonicNanos,
        ids: &mut IdSource<H>,
    ) -> Result<Effect, FactError> {
        let home = parent.and_then(|parent| self.open.place_of(parent));
        let elsewhere = parent.and_then(|parent| self.elsewhere(parent));
        let key = self.next_key()?;
        let in_trace = home.and_then(|home| self.open.at(home));
        let start = in_trace.map_or(now.to_unix(self.unix_offset), |open| open.unix(now));
        let mut span = opening.into_span(key, ids, start);
        let mut effect = Effect {
            key: Some(key),
            started: 1,
            ..Effect::default()
        };
        match (home, elsewhere) {
            (Some(home), _) => {
                span.parent = parent;
                if let Some(open) = self.open.at_mut(home) {
                    open.begin(span);
                }
                self.open.joined(key, home);
            }
            (None, Some((trace, above))) => {
                let part = Trace::below_remote(trace, above, span);
                self.open.add(part, now, self.unix_offset);
            }
            (None, None) => {
                effect.orphaned = parent.is_some();
                let trace = Trace::new(ids.trace_id(), span);
                self.open.add(trace, now, self.unix_offset);
            }
        }
        effect.overflowed = self.open.shed();
        Ok(effect)
    }

    fn receive<H: Host>(
        &mut self,
        scope: Option<SpanKey>,
        received: &Received,
        now: MonotonicNanos,
        ids: &mut IdSource<H>,
    ) -> Result<Effect, FactError> {
        let Some(scope) = scope else {
            // Sent outside any chat: nothing is known of what came before, so it is a moment.
            let key = self.next_key()?;
            let sender = received.sender.clone();
            let moment = now.to_unix(self.unix_offset);
            let span = blank_span(key, ids, sender, SpanKind::Agent, moment);
            let span = message_span(span, None, received, moment);
            let trace = Trace::new(ids.trace_id(), span);
            let left = Vec::new();
            return Ok(Effect {
                started: 1,
                finished: Some(Finished { trace, left }),
                ..Effect::default()
            });
        };
        let home = match self.of(scope) {
            Ok(home) => home,
            // A reply outside any chat was a whole trace, and has its output already.
            Err(FactError::SpanEnded(_)) => return Ok(Effect::default()),
            Err(error) => return Err(error),
        };
        let end = home.unix(now);
        let Hearing::OwnSpan { asked, start } = home.receive(scope, received, now)? else {
            if let Some(place) = self.open.place_of(scope) {
                self.open.settled_at(place);
            }
            return Ok(Effect::default());
        };
        let key = self.next_key()?;
        let sender = received.sender.clone();
        let mut span = blank_span(key, ids, sender, SpanKind::Agent, start);
        span.parent = Some(scope);
        if let Some(asked) = &asked {
            span.inputs = Value::Json(asked.event.clone());
        }
        let span = message_span(span, asked.as_ref(), received, end);
        self.of(scope)?.add_message_span(span, scope, received, now);
        if let Some(place) = self.open.place_of(scope) {
            self.open.joined(key, place);
            self.open.settled_at(place);
        }
        Ok(Effect {
            started: 1,
            overflowed: self.open.shed(),
            ..Effect::default()
        })
    }

    /// Forgets a span that came to nothing, and hands out the conversation if its root has ended.
    fn tidy_up(&mut self, changed: SpanKey, remains: &Remains, now: MonotonicNanos) -> Effect {
        let mut effect = Effect::default();
        let Some(place) = self.open.place_of(changed) else {
            return effect;
        };
        if *remains == Remains::Nothing {
            self.open.left(changed);
        }
        let open = self.open.at(place);
        if open.is_some_and(|open| open.trace().root().end.is_some()) {
            let done = self.open.take(place);
            if *remains != Remains::NoTrace {
                let finished = done.map(|done| done.close(now));
                if let Some(finished) = &finished {
                    self.leave_behind(finished);
                }
                effect.finished = finished;
            }
        } else {
            self.open.settled_at(place);
        }
        effect.discarded = usize::from(*remains != Remains::Span);
        effect
    }
}
