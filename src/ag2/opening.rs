//! Spans as they begin.

use std::rc::Rc;

use super::Failure;
use super::received::Received;
use crate::trace::{
    Attribute, AttributeKey, Event, EventKind, Host, IdSource, Span, SpanKey, SpanKind, Status,
    UnixNanos, Value,
};

/// Name of a chat's span: AG2's method, as in Python's traces.
const CHAT_NAME: &str = "initiate_chat";
/// Name of a model call's span, as in Python's traces.
const MODEL_CALL_NAME: &str = "chat_completion";

/// Name of the span of an operation that has no name of its own: AG2's method where there is one.
#[must_use]
pub const fn operation_name(kind: SpanKind) -> &'static str {
    match kind {
        SpanKind::Chain => CHAT_NAME,
        SpanKind::Model => MODEL_CALL_NAME,
        SpanKind::Chats => "initiate_chats",
        SpanKind::SpeakerSelection => "select_speaker",
        SpanKind::HumanInput => "human_input",
        SpanKind::CodeExecution => "execute_code",
        SpanKind::Agent | SpanKind::Tool | SpanKind::Custom => "",
    }
}

/// A span about to begin.
pub struct Opening {
    pub name: Rc<str>,
    pub kind: SpanKind,
    pub type_name: Option<Rc<str>>,
    pub inputs: Value,
    pub attributes: [(AttributeKey, Value); 3],
}

impl Opening {
    /// The span of an operation that is named after AG2's method.
    pub fn operation(kind: SpanKind, inputs: Value) -> Self {
        Self::new(operation_name(kind).into(), kind, inputs)
    }

    pub fn new(name: Rc<str>, kind: SpanKind, inputs: Value) -> Self {
        let none = || (AttributeKey::Source, Value::Null);
        Self {
            name,
            kind,
            type_name: None,
            inputs,
            attributes: [none(), none(), none()],
        }
    }

    /// The span, which begins now.
    pub fn into_span<H: Host>(self, key: SpanKey, ids: &mut IdSource<H>, start: UnixNanos) -> Span {
        let mut span = blank_span(key, ids, self.name, self.kind, start);
        span.type_name = self.type_name;
        span.inputs = self.inputs;
        for (attribute, value) in self.attributes {
            span.set(attribute, value);
        }
        span
    }
}

pub fn text(value: Option<Rc<str>>) -> Value {
    value.map_or(Value::Null, Value::Text)
}

pub fn blank_span<H: Host>(
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

/// The span of a message that no reply made.
pub fn message_span(
    mut span: Span,
    asked: Option<&Received>,
    received: &Received,
    now: UnixNanos,
) -> Span {
    span.outputs = Value::Json(received.event.clone());
    span.set(AttributeKey::ChatMessages, received.chat(asked));
    span.close(now, Status::Ok);
    span
}

/// The event of a failure, in OpenTelemetry's shape.
pub fn exception(error: Failure, now: UnixNanos) -> Event {
    let attribute = |key, text| Attribute {
        key,
        value: Value::Text(text),
    };
    let mut attributes = vec![
        attribute(AttributeKey::ExceptionType, error.kind),
        attribute(AttributeKey::ExceptionMessage, error.message),
    ];
    if let Some(stack) = error.stack {
        attributes.push(attribute(AttributeKey::ExceptionStack, stack));
    }
    Event {
        time: now,
        kind: EventKind::Exception,
        attributes,
    }
}
