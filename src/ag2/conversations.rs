//! The conversations in progress: each event is applied to the one that its span is part of, new ones begin
//! with spans that have no recorded parent, and finished ones are handed out.

use super::conversation::Conversation;
use super::effect::{Effect, FinishedTrace, MessageOutcome, ReplyEnd};
use super::event::Failure;
use super::message::ReceivedMessage;
use super::open_traces::{Due, OpenTraces, Timing};
use super::parent_cache::ParentCache;
use super::span_builder::{SpanBuilder, message_span, new_span};
use super::{AgentEvent, SpanUpdate};
use crate::error::EventError;
use crate::trace::{
    Host, IdSource, MonotonicNanos, Route, SpanId, SpanKey, SpanKind, Trace, TraceChunk, TraceId, UnixNanos, Value,
};

/// The conversations in progress, and the keys of all spans.
#[derive(Debug, Default)]
pub struct Conversations {
    open: OpenTraces,
    remote_parents: ParentCache,
    /// Spans that were still running when their trace ended.
    unfinished: ParentCache,
    last_key: u32,
    /// The nanoseconds by which the wall clock is ahead of the monotonic one now.
    unix_offset: i64,
}

impl Conversations {
    /// The number of spans of conversations in progress that were not exported early.
    #[must_use]
    pub const fn open_spans(&self) -> usize {
        self.open.span_count() - self.open.exported_count()
    }

    /// The traces in progress with this id. There can be several if its root is in another program.
    pub fn traces(&self, id: TraceId) -> impl Iterator<Item = &Trace> {
        self.open.traces().filter(move |trace| trace.id() == id)
    }

    /// The ids of a span in progress, of one that was still running when its trace ended, or of a remote
    /// parent.
    #[must_use]
    pub fn context(&self, key: SpanKey) -> Option<(TraceId, SpanId)> {
        let slot = self.open.slot_of(key);
        let Some(conversation) = slot.and_then(|slot| self.open.get(slot)) else {
            return self.cached_parent(key);
        };
        let trace = conversation.trace();
        Some((trace.id(), trace.span(key)?.id))
    }

    fn cached_parent(&self, key: SpanKey) -> Option<(TraceId, SpanId)> {
        let remote = self.remote_parents.get(key);
        remote.or_else(|| self.unfinished.get(key))
    }

    /// Registers a span of another program as a parent and returns its key.
    ///
    /// # Errors
    /// If no keys are left.
    pub fn remote_parent(&mut self, trace: TraceId, span: SpanId) -> Result<SpanKey, EventError> {
        let key = self.next_key()?;
        self.remote_parents.insert(key, trace, span);
        Ok(key)
    }

    /// The traces in progress.
    pub const fn open(&self) -> &OpenTraces {
        &self.open
    }

    /// The traces in progress, mutable.
    pub const fn open_mut(&mut self) -> &mut OpenTraces {
        &mut self.open
    }

    /// Sets the delays of early export and of the timeout of traces.
    pub fn set_timing(&mut self, timing: Timing) {
        self.open.set_timing(timing);
    }

    /// Sets the nanoseconds by which the wall clock is ahead of the monotonic one. Traces that have begun keep
    /// the offset of their beginning.
    pub const fn set_unix_offset(&mut self, nanos: i64) {
        self.unix_offset = nanos;
    }

    /// The time of the wall clock at this moment.
    #[must_use]
    pub const fn to_unix(&self, time: MonotonicNanos) -> UnixNanos {
        time.to_unix(self.unix_offset)
    }

    /// The earliest time at which [`Self::collect`] can find something; `None` if nothing waits.
    #[must_use]
    pub const fn next_deadline(&self) -> Option<MonotonicNanos> {
        self.open.next_deadline()
    }

    /// Takes all spans that may be exported early, whether or not their delay is over. A trace of which no
    /// span was exported before belongs to `route` from now on.
    pub fn take_exportable(&mut self, route: &Route) -> Vec<TraceChunk> {
        self.open.take_exportable(route)
    }

    /// Applies one event. An event about a span that was ended together with its trace comes too late and
    /// changes nothing.
    ///
    /// # Errors
    /// If the event is about a span that is not open, or about one of another kind; nothing is changed then.
    pub fn apply<H: Host>(
        &mut self,
        event: AgentEvent,
        now: MonotonicNanos,
        ids: &mut IdSource<H>,
    ) -> Result<Effect, EventError> {
        let bytes = event.added_bytes();
        let applied = match self.try_apply(event, now, ids) {
            Err(EventError::SpanEnded(key)) if self.unfinished.get(key).is_some() => Ok(Effect::default()),
            applied => applied,
        };
        self.open.add_bytes(bytes);
        applied
    }

    /// Applies one event, as one step of the conversation that it belongs to.
    fn try_apply<H: Host>(
        &mut self,
        event: AgentEvent,
        now: MonotonicNanos,
        ids: &mut IdSource<H>,
    ) -> Result<Effect, EventError> {
        use AgentEvent as Event;
        match event {
            Event::ChatStarted { parent, inputs } => {
                self.start(parent, SpanBuilder::operation(SpanKind::Chain, inputs), now, ids)
            }
            Event::ReplyStarted { parent, agent } => {
                self.start(parent, SpanBuilder::new(agent, SpanKind::Agent, Value::Null), now, ids)
            }
            Event::ModelCallStarted { parent, source, model, tools, inputs } => {
                self.start(parent, SpanBuilder::model_call(source, model, tools, inputs), now, ids)
            }
            Event::ToolCallStarted { parent, name, call_id, description, inputs } => {
                self.start(parent, SpanBuilder::tool_call(name, call_id, description, inputs), now, ids)
            }
            Event::SpanStarted { parent, name, kind, type_name, inputs } => {
                self.start(parent, SpanBuilder::new(name, kind, inputs).with_type(type_name), now, ids)
            }
            Event::MessageReceived { scope, sender, message, valid } => {
                self.receive(scope, &ReceivedMessage::new(sender, message, valid), now, ids)
            }
            Event::SpanUpdated { span, update } => self.update(span, update, now),
            Event::SpanFailed { span, error } => self.fail(span, error, now),
            Event::ReplyEnded { reply, outputs } => self.end_reply(reply, outputs, now),
            Event::ChatEnded { chat, outputs } => self.end(chat, Some(SpanKind::Chain), Some(outputs), now),
            Event::ToolCallEnded { call, outputs } => self.end(call, Some(SpanKind::Tool), Some(outputs), now),
            Event::SpanEnded { span, outputs } => self.end(span, None, outputs, now),
            Event::ModelCallEnded { call, outputs, usage, cost_usd, cached } => {
                self.conversation_mut(call)?.set_model_usage(call, usage, cost_usd, cached)?;
                self.end(call, None, Some(outputs), now)
            }
        }
    }

    fn update(&mut self, span: SpanKey, update: SpanUpdate, now: MonotonicNanos) -> Result<Effect, EventError> {
        self.conversation_mut(span)?.update(span, update, now)?;
        Ok(Effect::default())
    }

    /// Ends a span that is no reply. `kind` is the kind that it must have, if only one is allowed.
    fn end(
        &mut self,
        key: SpanKey,
        kind: Option<SpanKind>,
        outputs: Option<Value>,
        now: MonotonicNanos,
    ) -> Result<Effect, EventError> {
        self.conversation_mut(key)?.end(key, kind, outputs, now)?;
        Ok(self.finish_if_root_ended(key, ReplyEnd::Keep, now))
    }

    fn end_reply(&mut self, key: SpanKey, outputs: Option<Value>, now: MonotonicNanos) -> Result<Effect, EventError> {
        let reply_end = self.conversation_mut(key)?.end_reply(key, outputs, now)?;
        Ok(self.finish_if_root_ended(key, reply_end, now))
    }

    fn fail(&mut self, key: SpanKey, error: Failure, now: MonotonicNanos) -> Result<Effect, EventError> {
        self.conversation_mut(key)?.fail(key, error, now)?;
        Ok(self.finish_if_root_ended(key, ReplyEnd::Keep, now))
    }

    /// Ends all conversations in progress now; if only those with an id, their running spans are marked as abandoned.
    pub fn close(&mut self, only: Option<TraceId>, now: MonotonicNanos) -> Vec<FinishedTrace> {
        let finished = self.open.close(only, now);
        for trace in &finished {
            self.remember_unfinished(trace);
        }
        finished
    }

    /// Takes the spans whose delay of early export is over and the traces that have timed out. `route` is used
    /// as by [`Self::take_exportable`].
    pub fn collect(&mut self, now: MonotonicNanos, route: &Route) -> Due {
        let due = self.open.collect(now, route);
        for trace in &due.timed_out {
            self.remember_unfinished(trace);
        }
        due
    }

    /// Keeps the ids of the spans that were still running when their trace ended: spans that begin below them
    /// later belong to that trace.
    fn remember_unfinished(&mut self, finished: &FinishedTrace) {
        for (key, span) in &finished.unfinished {
            self.unfinished.insert(*key, finished.trace.id(), *span);
        }
    }

    /// The conversation that a span is part of.
    fn conversation_mut(&mut self, key: SpanKey) -> Result<&mut Conversation, EventError> {
        let error =
            if key.number() <= self.last_key { EventError::SpanEnded(key) } else { EventError::UnknownSpan(key) };
        let slot = self.open.slot_of(key);
        slot.and_then(|slot| self.open.get_mut(slot)).ok_or(error)
    }

    /// Gives the next span this key, or a later one if it has been given.
    pub fn reserve_key(&mut self, key: SpanKey) {
        self.last_key = self.last_key.max(key.number() - 1);
    }

    fn next_key(&mut self) -> Result<SpanKey, EventError> {
        let next = self.last_key.checked_add(1).and_then(SpanKey::new).ok_or(EventError::KeysExhausted)?;
        self.last_key = next.number();
        Ok(next)
    }

    /// Starts a span: in the conversation of its parent, in the trace of a cached parent, or in a trace of its
    /// own.
    fn start<H: Host>(
        &mut self,
        parent: Option<SpanKey>,
        builder: SpanBuilder,
        now: MonotonicNanos,
        ids: &mut IdSource<H>,
    ) -> Result<Effect, EventError> {
        let slot = parent.and_then(|parent| self.open.slot_of(parent));
        let cached_parent = parent.and_then(|parent| self.cached_parent(parent));
        let key = self.next_key()?;
        let conversation = slot.and_then(|slot| self.open.get(slot));
        let start = conversation.map_or(now.to_unix(self.unix_offset), |conversation| conversation.unix(now));
        let mut span = builder.into_span(key, ids, start);
        let mut effect = Effect { key: Some(key), started: 1, ..Effect::default() };
        match (slot, cached_parent) {
            (Some(slot), _) => {
                span.parent = parent;
                if let Some(conversation) = self.open.get_mut(slot) {
                    conversation.begin(span);
                }
                self.open.add_span(key, slot);
            }
            (None, Some((trace, parent))) => {
                let trace = Trace::below_remote(trace, parent, span);
                self.open.add(trace, now, self.unix_offset);
            }
            (None, None) => {
                effect.orphaned = parent.is_some();
                let trace = Trace::new(ids.trace_id(), span);
                self.open.add(trace, now, self.unix_offset);
            }
        }
        effect.overflowed = self.open.evict_oldest();
        Ok(effect)
    }

    fn receive<H: Host>(
        &mut self,
        scope: Option<SpanKey>,
        message: &ReceivedMessage,
        now: MonotonicNanos,
        ids: &mut IdSource<H>,
    ) -> Result<Effect, EventError> {
        let Some(scope) = scope else {
            return self.receive_outside_chats(message, now, ids);
        };
        let conversation = match self.conversation_mut(scope) {
            Ok(conversation) => conversation,
            // A reply outside any chat was a whole trace, and has its outputs already.
            Err(EventError::SpanEnded(_)) => return Ok(Effect::default()),
            Err(error) => return Err(error),
        };
        let end = conversation.unix(now);
        let MessageOutcome::NeedsSpan { in_reply_to, start } = conversation.receive(scope, message, now)? else {
            if let Some(slot) = self.open.slot_of(scope) {
                self.open.schedule_export(slot);
            }
            return Ok(Effect::default());
        };
        let key = self.next_key()?;
        let mut span = new_span(key, ids, message.sender.clone(), SpanKind::Agent, start);
        span.parent = Some(scope);
        if let Some(in_reply_to) = &in_reply_to {
            span.inputs = Value::Json(in_reply_to.event.clone());
        }
        let span = message_span(span, in_reply_to.as_ref(), message, end);
        self.conversation_mut(scope)?.add_message_span(span, scope, message, now);
        if let Some(slot) = self.open.slot_of(scope) {
            self.open.add_span(key, slot);
            self.open.schedule_export(slot);
        }
        Ok(Effect { started: 1, overflowed: self.open.evict_oldest(), ..Effect::default() })
    }

    /// Records a message outside any chat as a trace of one span without duration, since the message before it
    /// is not known.
    fn receive_outside_chats<H: Host>(
        &mut self,
        message: &ReceivedMessage,
        now: MonotonicNanos,
        ids: &mut IdSource<H>,
    ) -> Result<Effect, EventError> {
        let key = self.next_key()?;
        let time = now.to_unix(self.unix_offset);
        let span = new_span(key, ids, message.sender.clone(), SpanKind::Agent, time);
        let span = message_span(span, None, message, time);
        let trace = Trace::new(ids.trace_id(), span);
        let unfinished = Vec::new();
        Ok(Effect { started: 1, finished: Some(Box::new(FinishedTrace { trace, unfinished })), ..Effect::default() })
    }

    /// Removes the ended span `key` if it is to be dropped, and takes its conversation out if the root has
    /// ended.
    fn finish_if_root_ended(&mut self, key: SpanKey, reply_end: ReplyEnd, now: MonotonicNanos) -> Effect {
        let mut effect = Effect::default();
        let Some(slot) = self.open.slot_of(key) else {
            return effect;
        };
        if reply_end == ReplyEnd::DropSpan {
            self.open.remove_span(key);
        }
        let conversation = self.open.get(slot);
        if conversation.is_some_and(|conversation| conversation.trace().root().end.is_some()) {
            let conversation = self.open.take(slot);
            if reply_end != ReplyEnd::DropTrace {
                let finished = conversation.map(|conversation| conversation.close(now, false));
                if let Some(finished) = &finished {
                    self.remember_unfinished(finished);
                }
                effect.finished = finished.map(Box::new);
            }
        } else {
            self.open.schedule_export(slot);
        }
        effect.discarded = usize::from(reply_end != ReplyEnd::Keep);
        effect
    }
}
