//! The events that agents report: plain data, each with the key of the span it belongs to, so that nothing depends
//! on ambient context (a browser has none).

use std::rc::Rc;

use super::UsageCounts;
pub use crate::trace::SpanKey;
use crate::trace::{AttributeKey, EventKind, SpanKind, Status, TraceUpdate, UnixNanos, Value};

/// An event of an agent. The `…Started` events start a span and give its key; the others name a span by that
/// key. A span whose parent is not (or no longer) recorded begins a trace of its own.
#[derive(Clone, Debug)]
pub enum AgentEvent {
    /// `initiate_chat` was called (autogen/agentchat/conversable_agent.py).
    ChatStarted {
        /// The reply or tool call in which the chat was started; `None` for a chat that is a trace of its own.
        parent: Option<SpanKey>,
        /// The arguments of `initiate_chat`.
        inputs: Value,
    },
    /// An agent received a message: AG2's `received_message` event.
    MessageReceived {
        /// The reply that made the message, or else the chat that it opens; `None` outside any chat.
        scope: Option<SpanKey>,
        /// The name of the agent that sent it.
        sender: Rc<str>,
        /// The text, or the JSON of a message object.
        message: Value,
        /// Whether it was a valid chat message.
        valid: bool,
    },
    /// `initiate_chat` returned.
    ChatEnded {
        /// The span of the chat.
        chat: SpanKey,
        /// The `ChatResult` as JSON.
        outputs: Value,
    },
    /// An agent began to make a reply.
    ReplyStarted {
        /// The chat, or the reply of a group chat's manager; `None` for `generate_reply` outside a chat.
        parent: Option<SpanKey>,
        /// The name of the agent.
        agent: Rc<str>,
    },
    /// A reply was made; the message that carries it may still arrive.
    ReplyEnded {
        /// The span of the reply.
        reply: SpanKey,
        /// The content of the reply; `None` if the agent chose not to reply, or if its message has arrived already.
        outputs: Option<Value>,
    },
    /// A model was called.
    ModelCallStarted {
        /// The reply that needs it, if any.
        parent: Option<SpanKey>,
        /// The name of the agent on whose behalf it is called.
        source: Option<Rc<str>>,
        /// The name of the requested model.
        model: Option<Rc<str>>,
        /// The JSON array of the offered tools.
        tools: Option<Value>,
        /// The request.
        inputs: Value,
    },
    /// A model answered.
    ModelCallEnded {
        /// The span of the call.
        call: SpanKey,
        /// The answer.
        outputs: Value,
        /// The token counts of the answer.
        usage: Option<UsageCounts>,
        /// The cost in US dollars, where known.
        cost_usd: Option<f64>,
        /// Whether the answer came out of AG2's cache.
        cached: bool,
    },
    /// A tool was called.
    ToolCallStarted {
        /// The reply that called it, if any.
        parent: Option<SpanKey>,
        /// The tool's name.
        name: Rc<str>,
        /// The id the model gave the call.
        call_id: Option<Rc<str>>,
        /// The tool's description.
        description: Option<Rc<str>>,
        /// The arguments.
        inputs: Value,
    },
    /// A tool returned.
    ToolCallEnded {
        /// The span of the call.
        call: SpanKey,
        /// The returned value.
        outputs: Value,
    },
    /// Another operation began: one of the known kinds, or one that the program defines.
    SpanStarted {
        /// The operation it is part of, if any.
        parent: Option<SpanKey>,
        /// The name of the operation.
        name: Rc<str>,
        /// Its kind. A chat or a reply that begins with this event follows the same rules as one with its own event.
        kind: SpanKind,
        /// The type of a [`SpanKind::Custom`].
        type_name: Option<Rc<str>>,
        /// The inputs.
        inputs: Value,
    },
    /// An operation that is no reply ended. It succeeded, unless [`SpanUpdate::Status`] has set another status.
    SpanEnded {
        /// The span of the operation.
        span: SpanKey,
        /// The outputs; `None` leaves those that [`SpanUpdate::Outputs`] has set.
        outputs: Option<Value>,
    },
    /// A running operation changed.
    SpanUpdated {
        /// The span of the operation.
        span: SpanKey,
        /// The change.
        update: SpanUpdate,
    },
    /// An operation of any kind failed.
    SpanFailed {
        /// The span of the operation.
        span: SpanKey,
        /// The reason.
        error: Failure,
    },
}

/// A change to a running operation.
#[derive(Clone, Debug, PartialEq)]
pub enum SpanUpdate {
    /// The inputs, which replace those before.
    Inputs(Value),
    /// The token counts, which replace those before.
    Usage(UsageCounts),
    /// The outputs, which replace those before.
    Outputs(Value),
    /// An attribute, which replaces one with the same key.
    Attribute(AttributeKey, Value),
    /// The status, which the end of the operation does not change.
    Status(Status),
    /// The start, as the program measured it.
    StartTime(UnixNanos),
    /// The time of the end that follows, as the program measured it.
    EndTime(UnixNanos),
    /// An event that happens now.
    Event(EventKind),
    /// The time of the newest event, as the program measured it.
    EventTime(UnixNanos),
    /// An attribute of the newest event.
    EventAttribute(AttributeKey, Value),
    /// An exception event; the operation goes on.
    Exception(Failure),
    /// A change to the whole trace that the operation is part of.
    Trace(TraceUpdate),
}

/// The reason for which an operation failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The name of the error's class.
    pub kind: Rc<str>,
    /// The message of the error.
    pub message: Rc<str>,
    /// The stack trace, where the host has one.
    pub stack: Option<Rc<str>>,
}
