//! All conversations in progress: finds the one a fact belongs to, opens new ones, hands out those
//! that are done.

use super::chat::{Conversation, Hearing, Remains};
use super::homes::Homes;
use super::opening::{Opening, blank_span, message_span, operation_name, text};
use super::received::Received;
use super::remotes::Remotes;
use super::{Fact, UsageCounts};
use crate::error::FactError;
use crate::trace::{
    AttributeKey, Entropy, IdSource, SpanId, SpanKey, SpanKind, Trace, TraceId, UnixNanos, Value,
};

/// Spans of unfinished traces that are kept at most. A chat that never ends (its page was
/// suspended, its promise dropped) must not hold memory for ever; 50 000 spans are some 2 000
/// calculator chats at once.
pub const OPEN_SPANS: usize = 50_000;

/// The conversations in progress.
#[derive(Default)]
pub struct Conversations {
    /// Each stays in its place until it is done.
    open: Vec<Option<Conversation>>,
    free: Vec<usize>,
    homes: Homes,
    remotes: Remotes,
    open_spans: usize,
    last_key: u32,
}

/// What a fact brought about.
#[derive(Default)]
pub struct Effect {
    /// The key of the span that began.
    pub key: Option<SpanKey>,
    /// Spans made.
    pub started: usize,
    /// Spans taken back.
    pub discarded: usize,
    /// Spans given up because too many were open.
    pub overflowed: usize,
    /// Whether the parent was not recorded any more, so that the span began a trace of its own.
    pub orphaned: bool,
    /// The trace whose root ended.
    pub finished: Option<Trace>,
}

impl Conversations {
    /// How many spans the conversations in progress have.
    #[must_use]
    pub const fn open_spans(&self) -> usize {
        self.open_spans
    }

    /// The traces in progress with this id: more than one where they are parts of one that began elsewhere.
    pub fn traces(&self, id: TraceId) -> impl Iterator<Item = &Trace> {
        let open = self.open.iter().flatten();
        open.map(Conversation::trace)
            .filter(move |trace| trace.id() == id)
    }

    /// The ids of a span in progress, or of another program's that was named as a parent.
    #[must_use]
    pub fn context(&self, key: SpanKey) -> Option<(TraceId, SpanId)> {
        let home = self.homes.get(key).and_then(|place| self.open.get(place));
        let Some(Some(home)) = home else {
            return self.remotes.get(key);
        };
        let trace = home.trace();
        Some((trace.id(), trace.span(key)?.id))
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

    /// Applies one fact.
    ///
    /// # Errors
    /// If the fact speaks of a span that is not open, or of another kind; nothing is changed then.
    pub fn apply<E: Entropy>(
        &mut self,
        fact: Fact,
        now: UnixNanos,
        ids: &mut IdSource<E>,
    ) -> Result<Effect, FactError> {
        let mut remains = Remains::Span;
        let changed = match fact {
            Fact::ChatStarted { parent, inputs } => {
                let opening = Opening::new(
                    operation_name(SpanKind::Chain).into(),
                    SpanKind::Chain,
                    inputs,
                );
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
                let mut opening = Opening::new(
                    operation_name(SpanKind::Model).into(),
                    SpanKind::Model,
                    inputs,
                );
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
    pub fn close_all(&mut self, now: UnixNanos) -> Vec<Trace> {
        self.open_spans = 0;
        self.free.clear();
        self.homes = Homes::default();
        let open = self.open.drain(..).flatten();
        open.map(|open| open.close(now)).collect()
    }

    /// The conversation that a span is part of.
    fn of(&mut self, key: SpanKey) -> Result<&mut Conversation, FactError> {
        let error = if key.number() <= self.last_key {
            FactError::SpanEnded(key)
        } else {
            FactError::UnknownSpan(key)
        };
        self.homes
            .get(key)
            .and_then(|place| self.open.get_mut(place))
            .and_then(Option::as_mut)
            .ok_or(error)
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

    fn start<E: Entropy>(
        &mut self,
        parent: Option<SpanKey>,
        opening: Opening,
        now: UnixNanos,
        ids: &mut IdSource<E>,
    ) -> Result<Effect, FactError> {
        let home = parent.and_then(|parent| self.homes.get(parent));
        let remote = parent.and_then(|parent| self.remotes.get(parent));
        let key = self.next_key()?;
        let mut span = blank_span(key, ids, opening.name, opening.kind, now);
        span.type_name = opening.type_name;
        span.inputs = opening.inputs;
        for (attribute, value) in opening.attributes {
            span.set(attribute, value);
        }
        let mut effect = Effect {
            key: Some(key),
            started: 1,
            ..Effect::default()
        };
        let place = match (home, remote) {
            (Some(home), _) => {
                span.parent = parent;
                if let Some(Some(open)) = self.open.get_mut(home) {
                    open.begin(span);
                }
                home
            }
            (None, Some((trace, above))) => self.open_up(Trace::below_remote(trace, above, span)),
            (None, None) => {
                effect.orphaned = parent.is_some();
                self.open_up(Trace::new(ids.trace_id(), span))
            }
        };
        self.homes.insert(key, place);
        self.open_spans += 1;
        effect.overflowed = self.shed();
        Ok(effect)
    }

    /// Finds a place for a new conversation.
    fn open_up(&mut self, trace: Trace) -> usize {
        let conversation = Some(Conversation::new(trace));
        match self.free.pop() {
            Some(place) => {
                self.open[place] = conversation;
                place
            }
            None => {
                self.open.push(conversation);
                self.open.len() - 1
            }
        }
    }

    /// Takes a conversation out.
    fn take(&mut self, place: usize) -> Option<Conversation> {
        let conversation = self.open.get_mut(place)?.take()?;
        self.free.push(place);
        for span in conversation.trace().spans() {
            self.homes.remove(span.key);
            self.open_spans -= 1;
        }
        Some(conversation)
    }

    /// Gives up the oldest traces in progress while there are too many spans.
    fn shed(&mut self) -> usize {
        let before = self.open_spans;
        while self.open_spans > OPEN_SPANS {
            let age = |place: &usize| {
                let open = self.open[*place].as_ref();
                open.map_or(u32::MAX, |open| open.trace().root().key.number())
            };
            let Some(oldest) = (0..self.open.len()).min_by_key(age) else {
                break;
            };
            self.take(oldest);
        }
        before - self.open_spans
    }

    fn receive<E: Entropy>(
        &mut self,
        scope: Option<SpanKey>,
        received: &Received,
        now: UnixNanos,
        ids: &mut IdSource<E>,
    ) -> Result<Effect, FactError> {
        let Some(scope) = scope else {
            // Sent outside any chat: nothing is known of what came before, so it is a moment.
            let key = self.next_key()?;
            let sender = received.sender.clone();
            let span = blank_span(key, ids, sender, SpanKind::Agent, now);
            let span = message_span(span, None, received, now);
            return Ok(Effect {
                started: 1,
                finished: Some(Trace::new(ids.trace_id(), span)),
                ..Effect::default()
            });
        };
        let home = match self.of(scope) {
            Ok(home) => home,
            // A reply outside any chat was a whole trace, and has its output already.
            Err(FactError::SpanEnded(_)) => return Ok(Effect::default()),
            Err(error) => return Err(error),
        };
        let Hearing::OwnSpan { asked, start } = home.receive(scope, received, now)? else {
            return Ok(Effect::default());
        };
        let key = self.next_key()?;
        let sender = received.sender.clone();
        let mut span = blank_span(key, ids, sender, SpanKind::Agent, start);
        span.parent = Some(scope);
        if let Some(asked) = &asked {
            span.inputs = Value::Json(asked.event.clone());
        }
        let span = message_span(span, asked.as_ref(), received, now);
        self.of(scope)?.add_message_span(span, scope, received, now);
        if let Some(place) = self.homes.get(scope) {
            self.homes.insert(key, place);
        }
        self.open_spans += 1;
        Ok(Effect {
            started: 1,
            overflowed: self.shed(),
            ..Effect::default()
        })
    }

    /// Forgets a span that came to nothing, and hands out the conversation if its root has ended.
    fn tidy_up(&mut self, changed: SpanKey, remains: &Remains, now: UnixNanos) -> Effect {
        let mut effect = Effect::default();
        let Some(place) = self.homes.get(changed) else {
            return effect;
        };
        if *remains == Remains::Nothing {
            self.homes.remove(changed);
            self.open_spans -= 1;
        }
        let open = self.open.get(place).and_then(Option::as_ref);
        if open.is_some_and(|open| open.trace().root().end.is_some()) {
            let done = self.take(place);
            if *remains != Remains::NoTrace {
                effect.finished = done.map(|done| done.close(now));
            }
        }
        effect.discarded = usize::from(*remains != Remains::Span);
        effect
    }
}
