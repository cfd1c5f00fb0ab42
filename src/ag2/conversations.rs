//! All conversations in progress: finds the one a fact belongs to, opens new ones, hands out those
//! that are done.

use std::rc::Rc;

use super::chat::{Conversation, Hearing, Received, Remains};
use super::{Fact, Failure};
use crate::error::FactError;
use crate::trace::{
    AttributeKey, Entropy, IdSource, Span, SpanKey, SpanKind, Status, Trace, TraceId, UnixNanos,
    Value,
};

/// Spans of unfinished traces that are kept at most. A chat that never ends (its page was
/// suspended, its promise dropped) must not hold memory for ever; 50 000 spans are some 2 000
/// calculator chats at once.
pub const OPEN_SPANS: usize = 50_000;

/// Name of a chat's span: AG2's method, as in Python's traces.
const CHAT_NAME: &str = "initiate_chat";
/// Name of a model call's span, as in Python's traces.
const MODEL_CALL_NAME: &str = "chat_completion";

/// The conversations in progress, oldest first.
#[derive(Default)]
pub struct Conversations {
    open: Vec<Conversation>,
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

/// A span about to begin.
struct Opening {
    name: Rc<str>,
    kind: SpanKind,
    inputs: Value,
    attributes: [(AttributeKey, Value); 3],
}

impl Opening {
    fn new(name: Rc<str>, kind: SpanKind, inputs: Value) -> Self {
        let none = || (AttributeKey::Source, Value::Null);
        Self {
            name,
            kind,
            inputs,
            attributes: [none(), none(), none()],
        }
    }
}

fn text(value: Option<Rc<str>>) -> Value {
    value.map_or(Value::Null, Value::Text)
}

impl Conversations {
    /// How many spans the conversations in progress have.
    #[must_use]
    pub const fn open_spans(&self) -> usize {
        self.open_spans
    }

    /// The trace in progress with this id.
    #[must_use]
    pub fn trace(&self, id: &TraceId) -> Option<&Trace> {
        self.open
            .iter()
            .map(Conversation::trace)
            .find(|trace| trace.id() == *id)
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
        match fact {
            Fact::ChatStarted { parent, inputs } => self.start(
                parent,
                Opening::new(CHAT_NAME.into(), SpanKind::Chain, inputs),
                now,
                ids,
            ),
            Fact::ReplyStarted { parent, agent } => self.start(
                parent,
                Opening::new(agent, SpanKind::Agent, Value::Null),
                now,
                ids,
            ),
            Fact::ModelCallStarted {
                parent,
                source,
                model,
                tools,
                inputs,
            } => {
                let mut opening = Opening::new(MODEL_CALL_NAME.into(), SpanKind::Model, inputs);
                opening.attributes = [
                    (AttributeKey::Model, text(model)),
                    (AttributeKey::Source, text(source)),
                    (AttributeKey::ChatTools, tools.unwrap_or(Value::Null)),
                ];
                self.start(parent, opening, now, ids)
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
                self.start(parent, opening, now, ids)
            }
            Fact::MessageReceived {
                scope,
                sender,
                message,
                valid,
            } => self.receive(scope, &Received::new(sender, &message, valid), now, ids),
            Fact::ChatEnded { chat, outputs } => self.change(chat, now, |open| {
                open.end(chat, SpanKind::Chain, outputs, now)
                    .map(|_| Remains::Span)
            }),
            Fact::ReplyEnded { reply, outputs } => {
                self.change(reply, now, |open| open.end_reply(reply, outputs, now))
            }
            Fact::ModelCallEnded {
                call,
                outputs,
                usage,
                cost_usd,
                cached,
            } => self.change(call, now, |open| {
                let span = open.end(call, SpanKind::Model, outputs, now)?;
                span.usage = usage.and_then(super::UsageCounts::known);
                span.set(
                    AttributeKey::CostUsd,
                    cost_usd.map_or(Value::Null, Value::Double),
                );
                span.set(AttributeKey::IsCached, Value::Int(i64::from(cached)));
                Ok(Remains::Span)
            }),
            Fact::ToolCallEnded { call, outputs } => self.change(call, now, |open| {
                open.end(call, SpanKind::Tool, outputs, now)
                    .map(|_| Remains::Span)
            }),
            Fact::Failed { span, error } => self.fail(span, error, now),
        }
    }

    /// Ends all conversations in progress as they are.
    pub fn close_all(&mut self, now: UnixNanos) -> Vec<Trace> {
        self.open_spans = 0;
        self.open.drain(..).map(|open| open.close(now)).collect()
    }

    fn find(&self, key: SpanKey) -> Option<usize> {
        self.open
            .iter()
            .position(|open| open.trace().span(key).is_some())
    }

    fn find_or_error(&self, key: SpanKey) -> Result<usize, FactError> {
        self.find(key).ok_or(if key.number() <= self.last_key {
            FactError::SpanEnded(key)
        } else {
            FactError::UnknownSpan(key)
        })
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
        let home = parent.and_then(|parent| self.find(parent));
        let key = self.next_key()?;
        let mut span = blank_span(key, ids, opening.name, opening.kind, now);
        span.inputs = opening.inputs;
        for (attribute, value) in opening.attributes {
            span.set(attribute, value);
        }
        match home {
            Some(home) => {
                span.parent = parent;
                self.open[home].begin(span);
            }
            None => self.open.push(Conversation::new(ids.trace_id(), span)),
        }
        self.open_spans += 1;
        let orphaned = parent.is_some() && home.is_none();
        Ok(Effect {
            key: Some(key),
            started: 1,
            orphaned,
            overflowed: self.shed(),
            ..Effect::default()
        })
    }

    /// Gives up the oldest traces in progress while there are too many spans.
    fn shed(&mut self) -> usize {
        let mut shed = 0;
        while self.open_spans > OPEN_SPANS && !self.open.is_empty() {
            let spans = self.open.remove(0).trace().span_count();
            self.open_spans -= spans;
            shed += spans;
        }
        shed
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
            let span = message_span(
                blank_span(key, ids, received.sender.clone(), SpanKind::Agent, now),
                received,
                now,
            );
            let finished = Some(Trace::new(ids.trace_id(), span));
            return Ok(Effect {
                started: 1,
                finished,
                ..Effect::default()
            });
        };
        let home = match self.find_or_error(scope) {
            Ok(home) => home,
            // A reply outside any chat was a whole trace, and has its output already.
            Err(FactError::SpanEnded(_)) => return Ok(Effect::default()),
            Err(error) => return Err(error),
        };
        match self.open[home].receive(scope, received, now)? {
            Hearing::Taken => Ok(Effect::default()),
            Hearing::OwnSpan { inputs, start } => {
                let key = self.next_key()?;
                let mut span =
                    blank_span(key, ids, received.sender.clone(), SpanKind::Agent, start);
                span.parent = Some(scope);
                span.inputs = inputs;
                self.open[home].add_message_span(
                    message_span(span, received, now),
                    scope,
                    received,
                    now,
                );
                self.open_spans += 1;
                Ok(Effect {
                    started: 1,
                    overflowed: self.shed(),
                    ..Effect::default()
                })
            }
        }
    }

    fn fail(&mut self, key: SpanKey, error: Failure, now: UnixNanos) -> Result<Effect, FactError> {
        self.change(key, now, |open| {
            open.fail(key, error, now).map(|()| Remains::Span)
        })
    }

    /// Changes the conversation of a span, and hands it out if its root has ended by that.
    fn change(
        &mut self,
        key: SpanKey,
        now: UnixNanos,
        change: impl FnOnce(&mut Conversation) -> Result<Remains, FactError>,
    ) -> Result<Effect, FactError> {
        let home = self.find_or_error(key)?;
        let remains = change(&mut self.open[home])?;
        let mut effect = Effect {
            discarded: usize::from(remains != Remains::Span),
            ..Effect::default()
        };
        self.open_spans -= effect.discarded;
        if remains == Remains::NoTrace {
            self.open.remove(home);
        } else if self.open[home].trace().root().end.is_some() {
            let trace = self.open.remove(home).close(now);
            self.open_spans -= trace.span_count();
            effect.finished = Some(trace);
        }
        Ok(effect)
    }
}

fn blank_span<E: Entropy>(
    key: SpanKey,
    ids: &mut IdSource<E>,
    name: Rc<str>,
    kind: SpanKind,
    start: UnixNanos,
) -> Span {
    Span {
        key,
        id: ids.span_id(),
        parent: None,
        name,
        kind,
        start,
        end: None,
        status: Status::Unset,
        inputs: Value::Null,
        outputs: Value::Null,
        usage: None,
        attributes: Vec::new(),
        events: Vec::new(),
    }
}

fn message_span(mut span: Span, received: &Received, now: UnixNanos) -> Span {
    span.outputs = Value::Json(received.event.clone());
    span.close(now, Status::Ok);
    span
}
