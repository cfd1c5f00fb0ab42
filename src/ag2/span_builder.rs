//! Builders of spans for the operations of agents.

use std::rc::Rc;

use super::Failure;
use super::message::ReceivedMessage;
use crate::trace::{
    Attribute, AttributeKey, Event, EventKind, Host, IdSource, Span, SpanKey, SpanKind, Status, UnixNanos, Value,
};

/// The name of a chat's span: AG2's method, as in Python's traces.
const CHAT_NAME: &str = "initiate_chat";
/// The name of a model call's span, as in Python's traces.
const MODEL_CALL_NAME: &str = "chat_completion";

/// The name of the span of an operation that has no name of its own: AG2's method where there is one.
#[must_use]
pub const fn operation_name(kind: SpanKind) -> &'static str {
    match kind {
        SpanKind::Chain => CHAT_NAME,
        SpanKind::Model => MODEL_CALL_NAME,
        SpanKind::Embedding => "embeddings",
        SpanKind::Chats => "initiate_chats",
        SpanKind::SpeakerSelection => "select_speaker",
        SpanKind::HumanInput => "human_input",
        SpanKind::CodeExecution => "execute_code",
        SpanKind::Agent | SpanKind::Tool | SpanKind::Custom => "",
    }
}

/// The fields of a span that is about to begin.
#[derive(Debug)]
pub(super) struct SpanBuilder {
    name: Rc<str>,
    kind: SpanKind,
    type_name: Option<Rc<str>>,
    inputs: Value,
    /// Attributes; one with the value [`Value::Null`] is left out.
    attributes: [(AttributeKey, Value); 3],
}

impl SpanBuilder {
    /// A builder of the span of an operation that is named after AG2's method.
    pub(super) fn operation(kind: SpanKind, inputs: Value) -> Self {
        Self::new(operation_name(kind).into(), kind, inputs)
    }

    /// A builder of a span without attributes.
    pub(super) fn new(name: Rc<str>, kind: SpanKind, inputs: Value) -> Self {
        let none = || (AttributeKey::Source, Value::Null);
        Self { name, kind, type_name: None, inputs, attributes: [none(), none(), none()] }
    }

    /// A builder of the span of a model call.
    pub(super) fn model_call(
        source: Option<Rc<str>>,
        model: Option<Rc<str>>,
        tools: Option<Value>,
        inputs: Value,
    ) -> Self {
        let mut builder = Self::operation(SpanKind::Model, inputs);
        builder.attributes = [
            (AttributeKey::Model, optional_text(model)),
            (AttributeKey::Source, optional_text(source)),
            (AttributeKey::ChatTools, tools.unwrap_or(Value::Null)),
        ];
        builder
    }

    /// A builder of the span of a tool call.
    pub(super) fn tool_call(
        name: Rc<str>,
        call_id: Option<Rc<str>>,
        description: Option<Rc<str>>,
        inputs: Value,
    ) -> Self {
        let mut builder = Self::new(name, SpanKind::Tool, inputs);
        builder.attributes[0] = (AttributeKey::ToolCallId, optional_text(call_id));
        builder.attributes[1] = (AttributeKey::ToolDescription, optional_text(description));
        builder
    }

    /// Sets the type of a [`SpanKind::Custom`] span.
    pub(super) fn with_type(mut self, type_name: Option<Rc<str>>) -> Self {
        self.type_name = type_name;
        self
    }

    /// The span, which begins at `start`.
    pub(super) fn into_span<H: Host>(self, key: SpanKey, ids: &mut IdSource<H>, start: UnixNanos) -> Span {
        let mut span = new_span(key, ids, self.name, self.kind, start);
        span.type_name = self.type_name;
        span.inputs = self.inputs;
        for (attribute, value) in self.attributes {
            span.set(attribute, value);
        }
        span
    }
}

fn optional_text(value: Option<Rc<str>>) -> Value {
    value.map_or(Value::Null, Value::Text)
}

/// A span of which only the beginning is known.
pub(super) fn new_span<H: Host>(
    key: SpanKey,
    ids: &mut IdSource<H>,
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
        type_name: None,
        start,
        end: None,
        status: Status::Unset,
        inputs: Value::Null,
        outputs: Value::Null,
        usage: None,
        saved_usage: None,
        attributes: Vec::new(),
        events: Vec::new(),
        is_redacted: false,
    }
}

/// Completes the span of a message that was not made by a reply.
pub(super) fn message_span(
    mut span: Span,
    in_reply_to: Option<&ReceivedMessage>,
    message: &ReceivedMessage,
    now: UnixNanos,
) -> Span {
    span.outputs = Value::Json(message.event.clone());
    span.set(AttributeKey::ChatMessages, message.chat(in_reply_to));
    span.end_with_status(now, Status::Ok);
    span
}

/// The exception event of a failure, as OpenTelemetry defines it.
pub(super) fn exception(error: Failure, now: UnixNanos) -> Event {
    let attribute = |key, text| Attribute { key, value: Value::Text(text) };
    let mut attributes = vec![
        attribute(AttributeKey::ExceptionType, error.kind),
        attribute(AttributeKey::ExceptionMessage, error.message),
    ];
    if let Some(stack) = error.stack {
        attributes.push(attribute(AttributeKey::ExceptionStack, stack));
    }
    Event { time: now, kind: EventKind::Exception, attributes }
}
