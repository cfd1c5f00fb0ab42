//! The rules of one conversation: which message belongs to which span, and when a span ends.
//!
//! All state belongs to one chat, never to the process, so concurrent chats cannot mix (Python's
//! mlflow/ag2/ag2_logger.py has one state for all chats and mixes them).

use super::effect::{FinishedTrace, MessageOutcome, ReplyEnd};
use super::message::ReceivedMessage;
use super::replies::{Progress, Replies};
use super::span_builder::exception;
use super::{Failure, SpanUpdate, UsageCounts};
use crate::error::EventError;
use crate::trace::span::set_attribute;
use crate::trace::{
    AttributeKey, CapturePolicy, Event, EventKind, MonotonicNanos, Route, Span, SpanKey, SpanKind, Status, Trace,
    TraceChunk, UnixNanos, Value,
};

/// One trace in progress with the state of its chats and replies.
#[derive(Debug)]
pub struct Conversation {
    trace: Trace,
    chats: Vec<Chat>,
    replies: Replies,
    /// The time since which final spans wait for early export.
    exportable_since: Option<MonotonicNanos>,
    started: MonotonicNanos,
    /// The nanoseconds by which the wall clock was ahead of the monotonic one when the trace began. All
    /// timestamps of the trace are made with it, so setting the wall clock changes no duration and no nesting.
    unix_offset: i64,
    /// The time of the end that follows, if the program has given it.
    end_time: Option<UnixNanos>,
}

/// A chat and its newest message, which is the input of the next reply.
#[derive(Debug)]
struct Chat {
    key: SpanKey,
    last: Option<LastMessage>,
}

#[derive(Debug, Clone)]
struct LastMessage {
    message: ReceivedMessage,
    time: UnixNanos,
}

impl Conversation {
    /// A conversation whose trace has one span so far.
    #[must_use]
    pub fn new(trace: Trace, started: MonotonicNanos, unix_offset: i64) -> Self {
        let mut conversation = Self {
            trace,
            started,
            unix_offset,
            chats: Vec::new(),
            replies: Replies::default(),
            exportable_since: None,
            end_time: None,
        };
        let root = conversation.trace.root();
        let (key, kind) = (root.key, root.kind);
        conversation.track(key, kind, None);
        conversation
    }

    /// The trace with the spans so far.
    #[must_use]
    pub const fn trace(&self) -> &Trace {
        &self.trace
    }

    /// The timestamp of a monotonic time in this trace.
    #[must_use]
    pub const fn unix(&self, now: MonotonicNanos) -> UnixNanos {
        now.to_unix(self.unix_offset)
    }

    /// The time of an end: the one that the program has given for it, or now.
    fn take_end_time(&mut self, now: MonotonicNanos) -> UnixNanos {
        self.end_time.take().unwrap_or_else(|| self.unix(now))
    }

    /// The time at which it began.
    #[must_use]
    pub const fn started(&self) -> MonotonicNanos {
        self.started
    }

    /// Cuts the long values of a span, exported or not; returns the bytes that this frees, and the number of values.
    pub fn cut_values(&mut self, key: SpanKey) -> (usize, usize) {
        self.trace.cut_values(key)
    }

    /// The finished trace. Spans that are still running end now, with the status that they have; `is_abandoned` marks
    /// them.
    #[must_use]
    pub fn close(mut self, now: MonotonicNanos, is_abandoned: bool) -> FinishedTrace {
        let now = self.unix(now);
        let unfinished = self.trace.end_open_spans(now, is_abandoned);
        let trace = self.trace;
        FinishedTrace { trace, unfinished }
    }

    /// The time since which spans wait for early export; `None` if none do.
    #[must_use]
    pub const fn exportable_since(&self) -> Option<MonotonicNanos> {
        self.exportable_since
    }

    /// Drops a span, which is never exported or shown. Returns whether it was there.
    pub fn drop_span(&mut self, key: SpanKey) -> bool {
        self.trace.drop_span(key)
    }

    /// The span with this key, mutable; `None` if it was exported already.
    pub fn span_mut(&mut self, key: SpanKey) -> Option<&mut Span> {
        self.trace.span_mut(key)
    }

    /// Takes the spans that may be exported early.
    pub fn take_exportable(&mut self, capture_policy: CapturePolicy, route: &Route) -> Option<TraceChunk> {
        let since = self.exportable_since.take()?;
        let chunk = self.trace.take_exportable(capture_policy, route);
        if self.trace.exportable().next().is_some() {
            self.exportable_since = Some(since);
        }
        chunk
    }

    /// Marks the trace as ended by the timeout.
    pub fn time_out(&mut self) {
        let root = self.trace.root().key;
        if let Some(root) = self.trace.span_mut(root) {
            root.set(AttributeKey::TimedOut, Value::Bool(true));
        }
    }

    /// Marks a span as final: no event will change it any more.
    fn mark_final(&mut self, key: SpanKey, now: MonotonicNanos) {
        self.replies.forget_message(key);
        if key != self.trace.root().key {
            self.trace.mark_final(key);
            self.exportable_since.get_or_insert(now);
        }
    }

    /// Adds a span that has begun. The newest message of its chat becomes the inputs of a reply.
    pub fn begin(&mut self, mut span: Span) {
        let mut in_reply_to = None;
        if span.kind == SpanKind::Agent
            && let Some(last) = span.parent.and_then(|parent| self.last_message(parent))
        {
            span.inputs = Value::Json(last.message.event.clone());
            in_reply_to = Some(last.message.clone());
        }
        self.track(span.key, span.kind, in_reply_to);
        self.trace.push(span);
    }

    /// Adds the span of a message that was not made by a reply.
    pub fn add_message_span(&mut self, span: Span, scope: SpanKey, message: &ReceivedMessage, now: MonotonicNanos) {
        self.set_last_message(scope, message, self.unix(now));
        let key = span.key;
        self.trace.push(span);
        self.mark_final(key, now);
    }

    /// Adds the state of a chat or a reply; other spans have none.
    fn track(&mut self, key: SpanKey, kind: SpanKind, in_reply_to: Option<ReceivedMessage>) {
        match kind {
            SpanKind::Chain => self.chats.push(Chat { key, last: None }),
            SpanKind::Agent => self.replies.begin(key, in_reply_to),
            _ => {}
        }
    }

    /// The chat that a span is part of, or the span itself if it is a chat.
    fn chat_of(&mut self, key: SpanKey) -> Option<&mut Chat> {
        let chat = self.trace.ancestry(key).find(|span| span.kind == SpanKind::Chain)?.key;
        let index = self.chats.binary_search_by_key(&chat, |candidate| candidate.key).ok()?;
        self.chats.get_mut(index)
    }

    fn last_message(&mut self, key: SpanKey) -> Option<&LastMessage> {
        self.chat_of(key)?.last.as_ref()
    }

    fn set_last_message(&mut self, key: SpanKey, message: &ReceivedMessage, time: UnixNanos) {
        if let Some(chat) = self.chat_of(key) {
            chat.last = Some(LastMessage { message: message.clone(), time });
        }
    }

    /// The span with this key, mutable.
    ///
    /// # Errors
    /// If it has ended or is not of this kind.
    fn running(&mut self, key: SpanKey, kind: Option<SpanKind>) -> Result<&mut Span, EventError> {
        let span = self.trace.span_mut(key).ok_or(EventError::UnknownSpan(key))?;
        if kind.is_some_and(|kind| kind != span.kind) {
            return Err(EventError::WrongKind(key));
        }
        if span.end.is_some() {
            return Err(EventError::SpanEnded(key));
        }
        Ok(span)
    }

    /// Ends a span. `kind` is the kind that it must have, if only one is allowed.
    ///
    /// # Errors
    /// If the span has ended already or is of another kind, or if it is a reply, which has its own end.
    pub fn end(
        &mut self,
        key: SpanKey,
        kind: Option<SpanKind>,
        outputs: Option<Value>,
        now: MonotonicNanos,
    ) -> Result<(), EventError> {
        let end = self.take_end_time(now);
        let span = self.running(key, kind)?;
        if span.kind == SpanKind::Agent {
            return Err(EventError::WrongKind(key));
        }
        if let Some(outputs) = outputs {
            span.outputs = outputs;
        }
        span.end_ok(end);
        self.mark_final(key, now);
        Ok(())
    }

    /// Records the tokens and the cost of a model call that is about to end. An answer out of the cache used no tokens
    /// and cost nothing: added to the sums, its counts would falsify them.
    ///
    /// # Errors
    /// If the span has ended already or is no model call.
    pub fn set_model_usage(
        &mut self,
        call: SpanKey,
        usage: Option<UsageCounts>,
        cost_usd: Option<f64>,
        cached: bool,
    ) -> Result<(), EventError> {
        let span = self.running(call, None)?;
        if !matches!(span.kind, SpanKind::Model | SpanKind::Embedding) {
            return Err(EventError::WrongKind(call));
        }
        let usage = usage.and_then(UsageCounts::known);
        let cost = cost_usd.map_or(Value::Null, Value::Double);
        span.set(AttributeKey::IsCached, Value::Int(i64::from(cached)));
        if cached {
            span.set(AttributeKey::SavedCostUsd, cost);
            span.saved_usage = usage;
        } else {
            span.set(AttributeKey::CostUsd, cost);
            span.usage = usage;
        }
        Ok(())
    }

    /// Ends a reply. Its outputs are its message event, which may already have arrived; until it arrives they are
    /// the given ones. The span of a reply without outputs, message and children is dropped.
    ///
    /// # Errors
    /// If the span has ended already or is no reply.
    pub fn end_reply(
        &mut self,
        key: SpanKey,
        outputs: Option<Value>,
        now: MonotonicNanos,
    ) -> Result<ReplyEnd, EventError> {
        let end = self.take_end_time(now);
        self.running(key, Some(SpanKind::Agent))?.end_ok(end);
        let has_message = self.replies.advance(key, Progress::Done) == Some(Progress::MessageArrived);
        if has_message || (outputs.is_none() && self.trace.has_children(key)) {
            self.mark_final(key, now);
            return Ok(ReplyEnd::Keep);
        }
        if let Some(outputs) = outputs {
            self.replies.advance(key, Progress::AwaitingMessage);
            if let Some(span) = self.trace.span_mut(key) {
                span.outputs = outputs;
            }
            return Ok(ReplyEnd::Keep);
        }
        if self.trace.root().key == key {
            return Ok(ReplyEnd::DropTrace);
        }
        self.replies.remove(key);
        self.trace.remove(key);
        Ok(ReplyEnd::DropSpan)
    }

    /// Ends a span of any kind as failed.
    ///
    /// # Errors
    /// If the span has ended already.
    pub fn fail(&mut self, key: SpanKey, error: Failure, now: MonotonicNanos) -> Result<(), EventError> {
        let end = self.take_end_time(now);
        let span = self.running(key, None)?;
        span.end_with_status(end, Status::Error(error.message.clone()));
        span.events.push(exception(error, end));
        self.replies.advance(key, Progress::Done);
        self.mark_final(key, now);
        Ok(())
    }

    /// Applies an update to a running span.
    ///
    /// # Errors
    /// If the span has ended.
    pub fn update(&mut self, key: SpanKey, update: SpanUpdate, now: MonotonicNanos) -> Result<(), EventError> {
        let now = self.unix(now);
        let span = self.running(key, None)?;
        match update {
            SpanUpdate::Inputs(inputs) => span.inputs = inputs,
            SpanUpdate::Outputs(outputs) => span.outputs = outputs,
            SpanUpdate::Attribute(key, value) => set_attribute(&mut span.attributes, key, value),
            SpanUpdate::Status(status) => span.status = status,
            SpanUpdate::Usage(usage) => span.usage = usage.known(),
            SpanUpdate::StartTime(time) => span.start = time,
            SpanUpdate::EndTime(time) => self.end_time = Some(time),
            SpanUpdate::EventTime(time) => {
                if let Some(event) = span.events.last_mut() {
                    event.time = time;
                }
            }
            SpanUpdate::Event(kind) => {
                if kind == EventKind::FirstToken {
                    let seconds = now.nanos_since(span.start) as f64 / 1e9;
                    span.set(AttributeKey::FirstTokenSeconds, Value::Double(seconds));
                }
                span.events.push(Event { time: now, kind, attributes: Vec::new() });
            }
            SpanUpdate::EventAttribute(key, value) => {
                if let Some(event) = span.events.last_mut() {
                    set_attribute(&mut event.attributes, key, value);
                }
            }
            SpanUpdate::Exception(error) => span.events.push(exception(error, now)),
            SpanUpdate::Trace(update) => self.trace.properties.set(update),
        }
        Ok(())
    }

    /// Records a message, or says that it needs a span of its own.
    ///
    /// # Errors
    /// If `scope` is a chat that has ended.
    pub fn receive(
        &mut self,
        scope: SpanKey,
        message: &ReceivedMessage,
        now: MonotonicNanos,
    ) -> Result<MessageOutcome, EventError> {
        let time = self.unix(now);
        if let Some(progress) = self.replies.progress(scope) {
            self.receive_from_reply(scope, progress, message, now);
            return Ok(MessageOutcome::Absorbed);
        }
        let span = self.trace.span(scope).ok_or(EventError::UnknownSpan(scope))?;
        if span.kind == SpanKind::Chain && span.end.is_some() {
            return Err(EventError::SpanEnded(scope));
        }
        let (scope_is_chat, scope_start) = (span.kind == SpanKind::Chain, span.start);
        match self.last_message(scope).cloned() {
            Some(last) => {
                Ok(MessageOutcome::NeedsSpan { in_reply_to: Some(last.message), start: last.time.max(scope_start) })
            }
            None if scope_is_chat => {
                // The first message of a chat is an input of the chat and makes no span.
                self.set_last_message(scope, message, time);
                Ok(MessageOutcome::Absorbed)
            }
            None => Ok(MessageOutcome::NeedsSpan { in_reply_to: None, start: time }),
        }
    }

    fn receive_from_reply(&mut self, key: SpanKey, progress: Progress, message: &ReceivedMessage, now: MonotonicNanos) {
        let time = self.unix(now);
        let next = match progress {
            Progress::Running | Progress::MessageArrived => Progress::MessageArrived,
            Progress::AwaitingMessage => Progress::Done,
            // The reply has failed, or another message was the reply.
            Progress::Done => return,
        };
        self.replies.advance(key, next);
        let in_reply_to = self.replies.in_reply_to(key);
        if let Some(span) = self.trace.span_mut(key) {
            span.outputs = Value::Json(message.event.clone());
            span.set(AttributeKey::ChatMessages, message.chat(in_reply_to));
            if next == Progress::Done {
                span.end_ok(time);
                self.mark_final(key, now);
            }
        }
        self.set_last_message(key, message, time);
    }
}
