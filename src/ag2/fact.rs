//! What agents report: plain data, each fact with the span it belongs to, so that nothing depends
//! on ambient context (a browser has none).

use std::rc::Rc;

use super::UsageCounts;
pub use crate::trace::SpanKey;
use crate::trace::{AttributeKey, EventKind, Extra, SpanKind, Status, Value};

/// One thing that happened. The `…Started` facts make a span and give its key; the others speak of
/// a span by that key. A start whose parent is not (or no longer) recorded begins a trace of its own.
#[derive(Clone, Debug)]
pub enum Fact {
    /// `initiate_chat` was called (autogen/agentchat/conversable_agent.py).
    ChatStarted {
        /// Where the chat was started: a reply or a tool call of another chat; `None` for a chat of its own.
        parent: Option<SpanKey>,
        /// The arguments of `initiate_chat`.
        inputs: Value,
    },
    /// An agent received a message: AG2's `received_message` event.
    MessageReceived {
        /// The reply that made the message, else the chat it opens; `None` outside any chat.
        scope: Option<SpanKey>,
        /// Name of the agent that sent it.
        sender: Rc<str>,
        /// Text, or the JSON of a message object.
        message: Value,
        /// Whether it was a valid chat message.
        valid: bool,
    },
    /// `initiate_chat` returned.
    ChatEnded {
        /// The chat.
        chat: SpanKey,
        /// The `ChatResult`.
        outputs: Value,
    },
    /// An agent began to make a reply.
    ReplyStarted {
        /// The chat, or the reply of a group chat's manager; `None` for `generate_reply` outside a chat.
        parent: Option<SpanKey>,
        /// Name of the agent.
        agent: Rc<str>,
    },
    /// A reply was made; the message that carries it may still arrive.
    ReplyEnded {
        /// The reply.
        reply: SpanKey,
        /// The reply; `None` if the agent chose not to reply, or if its message has arrived already.
        outputs: Option<Value>,
    },
    /// A model was called.
    ModelCallStarted {
        /// The reply that needs it, if any.
        parent: Option<SpanKey>,
        /// Name of the agent on whose behalf it is called.
        source: Option<Rc<str>>,
        /// Name of the model that was asked for.
        model: Option<Rc<str>>,
        /// JSON array of the tools offered.
        tools: Option<Value>,
        /// The request.
        inputs: Value,
    },
    /// A model answered.
    ModelCallEnded {
        /// The call.
        call: SpanKey,
        /// The answer.
        outputs: Value,
        /// The token counts it told.
        usage: Option<UsageCounts>,
        /// What it cost in US dollars, where known.
        cost_usd: Option<f64>,
        /// Whether it came out of AG2's cache.
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
        /// What the tool says about itself.
        description: Option<Rc<str>>,
        /// The arguments.
        inputs: Value,
    },
    /// A tool returned.
    ToolCallEnded {
        /// The call.
        call: SpanKey,
        /// What it returned.
        outputs: Value,
    },
    /// Any other operation began, with a kind of its own or the program's.
    SpanStarted {
        /// The operation it is part of, if any.
        parent: Option<SpanKey>,
        /// Its name.
        name: Rc<str>,
        /// Its kind; a chat and a reply begun this way have no rules of their own beyond those of their fact.
        kind: SpanKind,
        /// The type of a [`SpanKind::Custom`].
        type_name: Option<Rc<str>>,
        /// What went in.
        inputs: Value,
    },
    /// An operation ended; well, unless [`Note::Status`] said otherwise. Not for replies.
    SpanEnded {
        /// The operation.
        span: SpanKey,
        /// What came out; `None`: what [`Note::Outputs`] said, if anything.
        outputs: Option<Value>,
    },
    /// Something to write down about an operation that runs.
    Noted {
        /// The operation.
        span: SpanKey,
        /// What to write down.
        note: Note,
    },
    /// An operation of any kind failed.
    Failed {
        /// The operation.
        span: SpanKey,
        /// Why.
        error: Failure,
    },
}

/// Something to write down about an operation that runs.
#[derive(Clone, Debug, PartialEq)]
pub enum Note {
    /// What went in, in place of what was said before.
    Inputs(Value),
    /// What came out, in place of what was said before.
    Outputs(Value),
    /// An attribute; the later word counts.
    Attribute(AttributeKey, Value),
    /// How it goes; its end does not change that.
    Status(Status),
    /// Something happened just now.
    Event(EventKind),
    /// An attribute of the newest event.
    EventAttribute(AttributeKey, Value),
    /// An error was met, which need not be the end.
    Exception(Failure),
    /// Something about the whole trace that the operation is part of.
    Trace(Extra),
}

/// Why an operation failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The name of the error's class.
    pub kind: Rc<str>,
    /// Its message.
    pub message: Rc<str>,
    /// Its stack trace, where the host has one.
    pub stack: Option<Rc<str>>,
}
