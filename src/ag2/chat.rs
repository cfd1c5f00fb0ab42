//! The rules of one conversation: which message belongs to which span, and when a span ends.
//!
//! Everything a rule needs is kept per chat, never per process, so concurrent chats cannot mix
//! (Python's mlflow/ag2/ag2_logger.py keeps one state for all and mixes them).

use super::effect::{Finished, Hearing, Remains};
use super::opening::exception;
use super::received::Received;
use super::replies::{Progress, Replies};
use super::{Failure, Note};
use crate::error::FactError;
use crate::trace::span::set_attribute;
use crate::trace::{
    AttributeKey, Event, EventKind, Exposure, MonotonicNanos, Part, Route, Span, SpanKey, SpanKind,
    Status, Trace, UnixNanos, Value,
};

/// One open trace with what is known about its chats and replies.
pub struct Conversation {
    trace: Trace,
    chats: Vec<Chat>,
    replies: Replies,
    /// Since when settled spans wait to be exported early.
    settled_since: Option<MonotonicNanos>,
    started: MonotonicNanos,
    /// How far the wall clock was ahead of the monotonic one when the trace began. All timestamps of the
    /// trace are made with it, so a wall clock that is set meanwhile changes no duration and no nesting.
    unix_offset: i64,
}

/// A chat's newest message: the input of the next reply.
struct Chat {
    key: SpanKey,
    last: Option<Message>,
}

#[derive(Clone)]
struct Message {
    received: Received,
    time: UnixNanos,
}

impl Conversation {
    /// A conversation of one span so far.
    #[must_use]
    pub fn new(trace: Trace, started: MonotonicNanos, unix_offset: i64) -> Self {
        let mut conversation = Self {
            trace,
            started,
            unix_offset,
            chats: Vec::new(),
            replies: Replies::default(),
            settled_since: None,
        };
        let root = conversation.trace.root();
        let (key, kind) = (root.key, root.kind);
        conversation.note(key, kind, None);
        conversation
    }

    /// The spans so far.
    #[must_use]
    pub const fn trace(&self) -> &Trace {
        &self.trace
    }

    /// The timestamp of this moment in this trace.
    #[must_use]
    pub const fn unix(&self, now: MonotonicNanos) -> UnixNanos {
        now.to_unix(self.unix_offset)
    }

    /// When it began.
    #[must_use]
    pub const fn started(&self) -> MonotonicNanos {
        self.started
    }

    /// The finished trace. What still runs ends now; how it went is not known.
    #[must_use]
    pub fn close(mut self, now: MonotonicNanos) -> Finished {
        let now = self.unix(now);
        let mut left = Vec::new();
        for span in self.trace.spans() {
            if span.end.is_none() {
                left.push((span.key, span.id));
            }
        }
        self.trace.close_open_spans(now);
        let trace = self.trace;
        Finished { trace, left }
    }

    /// Since when spans wait to be exported early; `None` if none do.
    #[must_use]
    pub const fn settled_since(&self) -> Option<MonotonicNanos> {
        self.settled_since
    }

    /// A span, to be changed; `None` if it is on its way already.
    pub fn span_mut(&mut self, key: SpanKey) -> Option<&mut Span> {
        self.trace.span_mut(key)
    }

    /// Takes what may be exported early.
    pub fn take_settled(&mut self, exposure: Exposure, route: &Route) -> Option<Part> {
        let since = self.settled_since.take()?;
        let part = self.trace.take_settled(exposure, route);
        if self.trace.settled().next().is_some() {
            self.settled_since = Some(since);
        }
        part
    }

    /// Writes down that nobody ended it.
    pub fn time_out(&mut self) {
        let root = self.trace.root().key;
        if let Some(root) = self.trace.span_mut(root) {
            root.set(AttributeKey::TimedOut, Value::Bool(true));
        }
    }

    /// Nothing will change this span any more.
    fn settled(&mut self, key: SpanKey, now: MonotonicNanos) {
        if key != self.trace.root().key {
            self.trace.settle(key);
            self.settled_since.get_or_insert(now);
        }
    }

    /// Adds a span that has begun. A reply takes the newest message of its chat as its input.
    pub fn begin(&mut self, mut span: Span) {
        let mut asked = None;
        if span.kind == SpanKind::Agent
            && let Some(last) = span.parent.and_then(|parent| self.last_message(parent))
        {
            span.inputs = Value::Json(last.received.event.clone());
            asked = Some(last.received.clone());
        }
        self.note(span.key, span.kind, asked);
        self.trace.push(span);
    }

    /// Adds the span of a message that no reply made.
    pub fn add_message_span(
        &mut self,
        span: Span,
        scope: SpanKey,
        received: &Received,
        now: MonotonicNanos,
    ) {
        self.hear(scope, received, self.unix(now));
        let key = span.key;
        self.trace.push(span);
        self.settled(key, now);
    }

    fn note(&mut self, key: SpanKey, kind: SpanKind, asked: Option<Received>) {
        match kind {
            SpanKind::Chain => self.chats.push(Chat { key, last: None }),
            SpanKind::Agent => self.replies.begin(key, asked),
            _ => {}
        }
    }

    /// The chat that a span is or is part of.
    fn chat_of(&mut self, key: SpanKey) -> Option<&mut Chat> {
        let chat = self
            .trace
            .ancestry(key)
            .find(|span| span.kind == SpanKind::Chain)?
            .key;
        let index = self
            .chats
            .binary_search_by_key(&chat, |candidate| candidate.key)
            .ok()?;
        self.chats.get_mut(index)
    }

    fn last_message(&mut self, key: SpanKey) -> Option<&Message> {
        self.chat_of(key)?.last.as_ref()
    }

    fn hear(&mut self, key: SpanKey, received: &Received, time: UnixNanos) {
        if let Some(chat) = self.chat_of(key) {
            chat.last = Some(Message {
                received: received.clone(),
                time,
            });
        }
    }

    /// The span with this key, if it runs and is of this kind.
    fn running(&mut self, key: SpanKey, kind: Option<SpanKind>) -> Result<&mut Span, FactError> {
        let span = self
            .trace
            .span_mut(key)
            .ok_or(FactError::UnknownSpan(key))?;
        if kind.is_some_and(|kind| kind != span.kind) {
            return Err(FactError::WrongKind(key));
        }
        if span.end.is_some() {
            return Err(FactError::SpanEnded(key));
        }
        Ok(span)
    }

    /// Ends a span and hands it back for whatever else is to be written down. `kind` is what it must
    /// be, if that matters.
    ///
    /// # Errors
    /// If the span has ended already or is of another kind, or if it is a reply, which has its own end.
    pub fn end(
        &mut self,
        key: SpanKey,
        kind: Option<SpanKind>,
        outputs: Option<Value>,
        now: MonotonicNanos,
    ) -> Result<&mut Span, FactError> {
        if self.running(key, kind)?.kind == SpanKind::Agent {
            return Err(FactError::WrongKind(key));
        }
        self.settled(key, now);
        let end = self.unix(now);
        let span = self.running(key, kind)?;
        if let Some(outputs) = outputs {
            span.outputs = outputs;
        }
        span.end_well(end);
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
        now: MonotonicNanos,
    ) -> Result<Remains, FactError> {
        let end = self.unix(now);
        self.running(key, Some(SpanKind::Agent))?.end_well(end);
        let delivered = self.replies.advance(key, Progress::Done) == Some(Progress::Delivered);
        match outputs {
            _ if delivered => {
                self.settled(key, now);
                Ok(Remains::Span)
            }
            Some(outputs) => {
                self.replies.advance(key, Progress::Awaited);
                if let Some(span) = self.trace.span_mut(key) {
                    span.outputs = outputs;
                }
                Ok(Remains::Span)
            }
            None if self.trace.has_children(key) => {
                self.settled(key, now);
                Ok(Remains::Span)
            }
            None if self.trace.root().key == key => Ok(Remains::NoTrace),
            None => {
                self.replies.forget(key);
                self.trace.remove(key);
                Ok(Remains::Nothing)
            }
        }
    }

    /// Ends a span of any kind as failed.
    ///
    /// # Errors
    /// If the span has ended already.
    pub fn fail(
        &mut self,
        key: SpanKey,
        error: Failure,
        now: MonotonicNanos,
    ) -> Result<(), FactError> {
        let end = self.unix(now);
        let span = self.running(key, None)?;
        span.close(end, Status::Error(error.message.clone()));
        span.events.push(exception(error, end));
        self.replies.advance(key, Progress::Done);
        self.settled(key, now);
        Ok(())
    }

    /// Writes something down about a span that runs.
    ///
    /// # Errors
    /// If the span has ended.
    pub fn note_down(
        &mut self,
        key: SpanKey,
        note: Note,
        now: MonotonicNanos,
    ) -> Result<(), FactError> {
        let now = self.unix(now);
        let span = self.running(key, None)?;
        match note {
            Note::Inputs(inputs) => span.inputs = inputs,
            Note::Outputs(outputs) => span.outputs = outputs,
            Note::Attribute(key, value) => set_attribute(&mut span.attributes, key, value),
            Note::Status(status) => span.status = status,
            Note::Event(kind) => {
                if kind == EventKind::FirstToken {
                    let seconds = now.nanos_since(span.start) as f64 / 1e9;
                    span.set(AttributeKey::FirstTokenSeconds, Value::Double(seconds));
                }
                span.events.push(Event {
                    time: now,
                    kind,
                    attributes: Vec::new(),
                });
            }
            Note::EventAttribute(key, value) => {
                if let Some(event) = span.events.last_mut() {
                    set_attribute(&mut event.attributes, key, value);
                }
            }
            Note::Exception(error) => span.events.push(exception(error, now)),
            Note::Trace(extra) => self.trace.extras.set(extra),
        }
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
        now: MonotonicNanos,
    ) -> Result<Hearing, FactError> {
        let time = self.unix(now);
        if let Some(progress) = self.replies.progress(scope) {
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
                asked: Some(last.received),
                start: last.time.max(scope_start),
            }),
            None if scope_is_chat => {
                // The first message of a chat is an input of the chat and makes no span.
                self.hear(scope, received, time);
                Ok(Hearing::Taken)
            }
            None => Ok(Hearing::OwnSpan {
                asked: None,
                start: time,
            }),
        }
    }

    fn receive_from_reply(
        &mut self,
        key: SpanKey,
        progress: Progress,
        received: &Received,
        now: MonotonicNanos,
    ) {
        let time = self.unix(now);
        let next = match progress {
            Progress::Running | Progress::Delivered => Progress::Delivered,
            Progress::Awaited => Progress::Done,
            // The reply has failed, or another message was its own.
            Progress::Done => return,
        };
        self.replies.advance(key, next);
        let asked = self.replies.asked(key);
        if let Some(span) = self.trace.span_mut(key) {
            span.outputs = Value::Json(received.event.clone());
            span.set(AttributeKey::ChatMessages, received.chat(asked));
            if next == Progress::Done {
                span.end_well(time);
                self.settled(key, now);
            }
        }
        self.hear(key, received, time);
    }
}
