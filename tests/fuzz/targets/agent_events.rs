//! Events of every kind out of arbitrary bytes, with values of every kind.

use std::rc::Rc;

use arbitrary::{Result, Unstructured};
use mlflow_ag2::ag2::{AgentEvent, Failure, SpanUpdate, UsageCounts};
use mlflow_ag2::trace::id::parse_context;
use mlflow_ag2::trace::{AttributeKey, EventKind, Json, SpanKey, SpanKind, Status, TraceUpdate, Value};

const KINDS: [SpanKind; 9] = [
    SpanKind::Chain,
    SpanKind::Agent,
    SpanKind::Model,
    SpanKind::Tool,
    SpanKind::Chats,
    SpanKind::SpeakerSelection,
    SpanKind::HumanInput,
    SpanKind::CodeExecution,
    SpanKind::Custom,
];

/// Any event about spans among `keys`, or about one that never was.
pub fn event(input: &mut Unstructured, keys: &[SpanKey]) -> Result<AgentEvent> {
    let key = key(input, keys)?;
    let parent = (!input.ratio(1, 4)?).then_some(key);
    Ok(match input.int_in_range(0..=12)? {
        0 => AgentEvent::ChatStarted { parent, inputs: value(input)? },
        1 => AgentEvent::MessageReceived {
            scope: parent,
            sender: text(input)?,
            message: value(input)?,
            valid: input.arbitrary()?,
        },
        2 => AgentEvent::ChatEnded { chat: key, outputs: value(input)? },
        3 => AgentEvent::ReplyStarted { parent, agent: text(input)? },
        4 => AgentEvent::ReplyEnded { reply: key, outputs: some(input, value)? },
        5 => AgentEvent::ModelCallStarted {
            parent,
            source: some(input, text)?,
            model: some(input, text)?,
            tools: some(input, value)?,
            inputs: value(input)?,
        },
        6 => AgentEvent::ModelCallEnded {
            call: key,
            outputs: value(input)?,
            usage: some(input, usage)?,
            cost_usd: input.arbitrary()?,
            cached: input.arbitrary()?,
        },
        7 => AgentEvent::ToolCallStarted {
            parent,
            name: text(input)?,
            call_id: some(input, text)?,
            description: some(input, text)?,
            inputs: value(input)?,
        },
        8 => AgentEvent::ToolCallEnded { call: key, outputs: value(input)? },
        9 => AgentEvent::SpanStarted {
            parent,
            name: text(input)?,
            kind: *input.choose(&KINDS)?,
            type_name: some(input, text)?,
            inputs: value(input)?,
        },
        10 => AgentEvent::SpanEnded { span: key, outputs: some(input, value)? },
        11 => AgentEvent::SpanUpdated { span: key, update: update(input)? },
        _ => AgentEvent::SpanFailed { span: key, error: failure(input)? },
    })
}

fn key(input: &mut Unstructured, keys: &[SpanKey]) -> Result<SpanKey> {
    let unknown = SpanKey::new(u32::MAX).expect("not 0");
    // The newest are the likeliest to be open.
    let back = usize::from(input.arbitrary::<u8>()?);
    Ok(match keys.len().checked_sub(1 + back % 16) {
        Some(index) => keys[index],
        None => unknown,
    })
}

fn update(input: &mut Unstructured) -> Result<SpanUpdate> {
    Ok(match input.int_in_range(0..=7)? {
        0 => SpanUpdate::Inputs(value(input)?),
        1 => SpanUpdate::Outputs(value(input)?),
        2 => SpanUpdate::Attribute(attribute_key(input)?, value(input)?),
        3 => SpanUpdate::Status(match input.int_in_range(0..=2)? {
            0 => Status::Unset,
            1 => Status::Ok,
            _ => Status::Error(text(input)?),
        }),
        4 => SpanUpdate::Event(match input.int_in_range(0..=3)? {
            0 => EventKind::Exception,
            1 => EventKind::FirstToken,
            2 => parse_context("0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331")
                .map_or(EventKind::Exception, |(trace, span)| EventKind::Link(trace, span)),
            _ => EventKind::Named(text(input)?),
        }),
        5 => SpanUpdate::EventAttribute(attribute_key(input)?, value(input)?),
        6 => SpanUpdate::Exception(failure(input)?),
        _ => SpanUpdate::Trace(match input.int_in_range(0..=6)? {
            0 => TraceUpdate::Tag { key: text(input)?, value: text(input)? },
            1 => TraceUpdate::Metadata { key: text(input)?, value: text(input)? },
            2 => TraceUpdate::ClientRequestId(text(input)?),
            3 => TraceUpdate::RequestPreview(text(input)?),
            4 => TraceUpdate::ResponsePreview(text(input)?),
            5 => TraceUpdate::SessionId(text(input)?),
            _ => TraceUpdate::UserId(text(input)?),
        }),
    })
}

fn attribute_key(input: &mut Unstructured) -> Result<AttributeKey> {
    Ok(match input.int_in_range(0..=7)? {
        0 => AttributeKey::Model,
        1 => AttributeKey::Provider,
        2 => AttributeKey::CostUsd,
        3 => AttributeKey::ConversationId,
        4 => AttributeKey::ChatTools,
        5 => AttributeKey::ExceptionType,
        6 => AttributeKey::FinishReasons,
        _ => AttributeKey::Named(text(input)?),
    })
}

fn failure(input: &mut Unstructured) -> Result<Failure> {
    Ok(Failure { kind: text(input)?, message: text(input)?, stack: some(input, text)? })
}

fn usage(input: &mut Unstructured) -> Result<UsageCounts> {
    Ok(UsageCounts {
        input_tokens: input.arbitrary()?,
        output_tokens: input.arbitrary()?,
        total_tokens: input.arbitrary()?,
        cache_read_input_tokens: input.arbitrary()?,
        cache_creation_input_tokens_above_1h: None,
        cache_creation_input_tokens: input.arbitrary()?,
    })
}

/// Any value that the bindings may pass; its JSON is valid, as theirs is.
pub fn value(input: &mut Unstructured) -> Result<Value> {
    Ok(match input.int_in_range(0..=5)? {
        0 => Value::Null,
        1 => Value::Bool(input.arbitrary()?),
        2 => Value::Int(input.arbitrary()?),
        // What is no number reaches the core as text.
        3 => Value::Double(input.arbitrary::<i32>()?.into()),
        4 => Value::Text(text(input)?),
        _ => {
            let content = serde_json::to_string(input.arbitrary::<&str>()?).expect("text");
            let json = if input.arbitrary()? {
                format!("[{content},1e300,{{}}]")
            } else {
                format!("{{{content}:[null,-0.5]}}")
            };
            Value::Json(Json::from_text(json.into()))
        }
    })
}

fn text(input: &mut Unstructured) -> Result<Rc<str>> {
    let text: &str = input.arbitrary()?;
    Ok(text.into())
}

fn some<T>(input: &mut Unstructured, make: fn(&mut Unstructured) -> Result<T>) -> Result<Option<T>> {
    input.arbitrary::<bool>()?.then(|| make(input)).transpose()
}
