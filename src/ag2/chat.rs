//! The rules of one conversation: which message belongs to which span, and when a span ends.
//!
//! Everything a rule needs is kept per chat, never per process, so concurrent chats cannot mix
//! (Python's mlflow/ag2/ag2_logger.py keeps one state for all and mixes them).

use std::rc::Rc;

use super::Failure;
use crate::error::FactError;
use crate::trace::{
    Event, Json, JsonWriter, Span, SpanKey, SpanKind, Status, Trace, TraceId, UnixNanos, Value,
};

/// One open trace with what is known about its chats and replies.
pub struct Conversation {
    trace: Trace,
    chats: Vec<Chat>,
    replies: Vec<Reply>,
}

/// A chat's newest message: the input of the next reply.
struct Chat {
    key: SpanKey,
    last: Option<Message>,
}

#[derive(Clone)]
struct Message {
    event: Json,
    time: UnixNanos,
}

struct Reply {
    key: SpanKey,
    progress: Progress,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Progress {
    /// The agent is still at it.
    Running,
    /// Its message has arrived, its end has not been reported yet.
    Delivered,
    /// Its end has been reported, its message has yet to arrive.
    Awaited,
    /// Nothing more is expected of it.
    Done,
}

/// A message event as AG2 reports it.
pub struct Received {
    /// Name of the agent that sent it.
    pub sender: Rc<str>,
    /// `{"message", "sender", "valid"}`: the inputs and outputs of AGENT spans in Python's
    /// mlflow/ag2/ag2_logger.py.
    pub event: Json,
}

impl Received {
    /// The event of this message.
    #[must_use]
    pub fn new(sender: Rc<str>, message: &Value, valid: bool) -> Self {
        let event = JsonWriter::new()
            .literal("{\"message\":")
            .value(message)
            .literal(",\"sender\":")
            .string(&sender)
            .literal(if valid {
                ",\"valid\":true}"
            } else {
                ",\"valid\":false}"
            })
            .finish();
        Self { sender, event }
    }
}

/// What a message asks of the conversation.
pub enum Hearing {
    /// It was taken in.
    Taken,
    /// It needs a span of its own.
    OwnSpan {
        /// The message before it.
        inputs: Value,
        /// When that message came.
        start: UnixNanos,
    },
}

/// What is left of a reply once it has ended.
#[derive(PartialEq, Eq)]
pub enum Remains {
    /// A span.
    Span,
    /// Nothing: no reply was made and nothing happened on the way.
    Nothing,
    /// Nothing, and the reply was the root.
    NoTrace,
}

impl Conversation {
    /// A conversation whose root is `root`.
    #[must_use]
    pub fn new(id: TraceId, root: Span) -> Self {
        let mut conversation = Self {
            trace: Trace::new(id, root),
            chats: Vec::new(),
            replies: Vec::new(),
        };
        let root = conversation.trace.root();
        let (key, kind) = (root.key, root.kind);
        conversation.note(key, kind);
        conversation
    }

    /// The spans so far.
    #[must_use]
    pub const fn trace(&self) -> &Trace {
        &self.trace
    }

    /// The finished trace. What still runs ends now; how it went is not known.
    #[must_use]
    pub fn close(mut self, now: UnixNanos) -> Trace {
        self.trace.close_open_spans(now);
        self.trace
    }

    /// Adds a span that has begun. A reply takes the newest message of its chat as its input.
    pub fn begin(&mut self, mut span: Span) {
        if span.kind == SpanKind::Agent
            && let Some(last) = span.parent.and_then(|parent| self.last_message(parent))
        {
            span.inputs = Value::Json(last.event.clone());
        }
        self.note(span.key, span.kind);
        self.trace.push(span);
    }

    /// Adds the span of a message that no reply made.
    pub fn add_message_span(
        &mut self,
        span: Span,
        scope: SpanKey,
        received: &Received,
        now: UnixNanos,
    ) {
        self.hear(scope, &received.event, now);
        self.trace.push(span);
    }

    fn note(&mut self, key: SpanKey, kind: SpanKind) {
        match kind {
            SpanKind::Chain => self.chats.push(Chat { key, last: None }),
            SpanKind::Agent => self.replies.push(Reply {
                key,
                progress: Progress::Running,
            }),
            SpanKind::Model | SpanKind::Tool => {}
        }
    }

    /// The chat that a span is or is part of.
    fn chat_of(&mut self, key: SpanKey) -> Option<&mut Chat> {
        let chat = self
            .trace
            .ancestry(key)
            .find(|span| span.kind == SpanKind::Chain)?
            .key;
        self.chats
            .iter_mut()
            .find(|candidate| candidate.key == chat)
    }

    fn last_message(&mut self, key: SpanKey) -> Option<&Message> {
        self.chat_of(key)?.last.as_ref()
    }

    fn hear(&mut self, key: SpanKey, event: &Json, time: UnixNanos) {
        if let Some(chat) = self.chat_of(key) {
            chat.last = Some(Message {
                event: event.clone(),
                time,
            });
        }
    }

    /// The span with this key, if it runs and is of this kind.
    fn running(&mut self, key: SpanKey, kind: SpanKind) -> Result<&mut Span, FactError> {
        let span = self
            .trace
            .span_mut(key)
            .ok_or(FactError::UnknownSpan(key))?;
        if span.kind != kind {
            return Err(FactError::WrongKind(key));
        }
        if span.end.is_some() {
            return Err(FactError::SpanEnded(key));
        }
        Ok(span)
    }

    /// Ends a span well and hands it back for whatever else is to be written down.
    ///
    /// # Errors
    /// If the span has ended already or is of another kind.
    pub fn end(
        &mut self,
        key: SpanKey,
        kind: SpanKind,
        outputs: Value,
        now: UnixNanos,
    ) -> Result<&mut Span, FactError> {
        let span = self.running(key, kind)?;
        span.outputs = outputs;
        span.close(now, Status::Ok);
        Ok(span)
    }

    /// Ends a reply. Its message event is its outputs, whether it has arrived or is still to come;
    /// until then they are what is given here. A reply that came to nothing leaves no span.
    ///
    /// # Errors
    /// If it has ended already or is no reply.
    pub fn end_reply(
        &mut self,
        key: SpanKey,
        outputs: Option<Value>,
        now: UnixNanos,
    ) -> Result<Remains, FactError> {
        let span = self.running(key, SpanKind::Agent)?;
        span.close(now, Status::Ok);
        let delivered = self.advance(key, Progress::Done) == Some(Progress::Delivered);
        match outputs {
            _ if delivered => Ok(Remains::Span),
            Some(outputs) => {
                self.advance(key, Progress::Awaited);
                if let Some(span) = self.trace.span_mut(key) {
                    span.outputs = outputs;
                }
                Ok(Remains::Span)
            }
            None if self.trace.has_children(key) => Ok(Remains::Span),
            None if self.trace.root().key == key => Ok(Remains::NoTrace),
            None => {
                self.replies.retain(|reply| reply.key != key);
                self.trace.remove(key);
                Ok(Remains::Nothing)
            }
        }
    }

    /// Moves a reply on; returns where it was. `None` for a span that is no reply.
    fn advance(&mut self, key: SpanKey, next: Progress) -> Option<Progress> {
        let reply = self.replies.iter_mut().find(|reply| reply.key == key)?;
        Some(std::mem::replace(&mut reply.progress, next))
    }

    /// Ends a span of any kind as failed (the shape of OpenTelemetry's exception event).
    ///
    /// # Errors
    /// If the span has ended already.
    pub fn fail(&mut self, key: SpanKey, error: Failure, now: UnixNanos) -> Result<(), FactError> {
        let kind = self
            .trace
            .span(key)
            .ok_or(FactError::UnknownSpan(key))?
            .kind;
        let span = self.running(key, kind)?;
        span.close(now, Status::Error(error.message.clone()));
        span.events.push(Event {
            time: now,
            kind: error.kind,
            message: error.message,
            stack: error.stack,
        });
        self.advance(key, Progress::Done);
        Ok(())
    }

    /// Takes in a message.
    ///
    /// # Errors
    /// If `scope` is a chat that has ended.
    pub fn receive(
        &mut self,
        scope: SpanKey,
        received: &Received,
        now: UnixNanos,
    ) -> Result<Hearing, FactError> {
        let reply = self.replies.iter().find(|reply| reply.key == scope);
        if let Some(progress) = reply.map(|reply| reply.progress) {
            self.receive_from_reply(scope, progress, received, now);
            return Ok(Hearing::Taken);
        }
        let span = self
            .trace
            .span(scope)
            .ok_or(FactError::UnknownSpan(scope))?;
        if span.kind == SpanKind::Chain && span.end.is_some() {
            return Err(FactError::SpanEnded(scope));
        }
        let (scope_is_chat, scope_start) = (span.kind == SpanKind::Chain, span.start);
        match self.last_message(scope).cloned() {
            Some(last) => Ok(Hearing::OwnSpan {
                inputs: Value::Json(last.event),
                start: last.time.max(scope_start),
            }),
            None if scope_is_chat => {
                // The first message of a chat is an input of the chat and makes no span.
                self.hear(scope, &received.event, now);
                Ok(Hearing::Taken)
            }
            None => Ok(Hearing::OwnSpan {
                inputs: Value::Null,
                start: now,
            }),
        }
    }

    fn receive_from_reply(
        &mut self,
        key: SpanKey,
        progress: Progress,
        received: &Received,
        now: UnixNanos,
    ) {
        let next = match progress {
            Progress::Running | Progress::Delivered => Progress::Delivered,
            Progress::Awaited => Progress::Done,
            // The reply has failed, or another message was its own.
            Progress::Done => return,
        };
        self.advance(key, next);
        if let Some(span) = self.trace.span_mut(key) {
            span.outputs = Value::Json(received.event.clone());
            if next == Progress::Done {
                span.close(now, Status::Ok);
            }
        }
        self.hear(key, &received.event, now);
    }
}
