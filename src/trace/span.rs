//! One operation of a trace, as plain data.

use std::rc::Rc;

use super::{SpanId, SpanKey, TokenUsage, UnixNanos, Value};

/// What kind of work a span stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpanKind {
    /// A whole conversation.
    Chain,
    /// One turn of an agent.
    Agent,
    /// One call of a language model.
    Model,
    /// One call of a tool.
    Tool,
}

/// How an operation went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Status {
    /// Not known: still running, or abandoned when its trace ended.
    #[default]
    Unset,
    /// It ended well.
    Ok,
    /// It failed; the text says why.
    Error(Rc<str>),
}

/// What an attribute of a span means. How it is spelled is the business of whoever writes it down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttributeKey {
    /// Name of the language model.
    Model,
    /// The agent on whose behalf a model was called.
    Source,
    /// The tools that were offered to the model.
    ChatTools,
    /// What the call cost, in US dollars.
    CostUsd,
    /// Whether the answer came out of AG2's cache: 1 or 0.
    IsCached,
    /// The id that the model gave a tool call.
    ToolCallId,
    /// What the tool says about itself.
    ToolDescription,
}

/// A fact about a span beyond its inputs and outputs.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    /// What it means.
    pub key: AttributeKey,
    /// What it says.
    pub value: Value,
}

/// Something that happened during a span. So far only exceptions do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When it happened.
    pub time: UnixNanos,
    /// Type of the exception: the name of the error's class.
    pub kind: Rc<str>,
    /// Its message.
    pub message: Rc<str>,
    /// Its stack trace, where the host has one.
    pub stack: Option<Rc<str>>,
}

/// One operation of a trace.
#[derive(Clone, Debug)]
pub struct Span {
    /// The handle by which the shell knows it; ascending in order of creation.
    pub key: SpanKey,
    /// Its id on the wire.
    pub id: SpanId,
    /// The span it is part of; `None` for the root.
    pub parent: Option<SpanKey>,
    /// Its name.
    pub name: Rc<str>,
    /// What kind of work it stands for.
    pub kind: SpanKind,
    /// When it began.
    pub start: UnixNanos,
    /// When it ended; `None` while it runs. Never before `start`.
    pub end: Option<UnixNanos>,
    /// How it went.
    pub status: Status,
    /// What went in.
    pub inputs: Value,
    /// What came out.
    pub outputs: Value,
    /// Tokens used, for a model call that tells.
    pub usage: Option<TokenUsage>,
    /// Further facts.
    pub attributes: Vec<Attribute>,
    /// What happened meanwhile.
    pub events: Vec<Event>,
}

impl Span {
    /// Adds a fact if there is something to say.
    pub fn set(&mut self, key: AttributeKey, value: Value) {
        if value != Value::Null {
            self.attributes.push(Attribute { key, value });
        }
    }

    /// Ends the span. A clock that was set back does not make it end before it began.
    pub fn close(&mut self, now: UnixNanos, status: Status) {
        self.end = Some(now.max(self.start));
        self.status = status;
    }
}
