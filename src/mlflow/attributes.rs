//! The attributes of a span in MLflow's spelling, for the wire and for reading back alike.

use std::borrow::Cow;
use std::rc::Rc;

use super::names;
use crate::trace::limits;
use crate::trace::{AttributeKey, Json, JsonWriter, Span, SpanKind, Status, TokenUsage, Trace, Value};

/// All attributes of a span; none of them is [`Value::Null`]. Where a key comes twice, the later value counts.
///
/// What AG2's own instrumentation puts into `gen_ai.input.messages`, `gen_ai.tool.call.arguments` and
/// the like is not repeated: the inputs and outputs hold it, where MLflow looks for it.
#[must_use]
pub fn attributes(span: &Span) -> Vec<(&str, Value)> {
    let mut attributes = Vec::new();
    push(&mut attributes, names::SPAN_TYPE, names::span_type(span).into());
    push(&mut attributes, names::SPAN_INPUTS, span.inputs.clone());
    push(&mut attributes, names::SPAN_OUTPUTS, span.outputs.clone());
    let level = Value::Int(names::log_level(span));
    push(&mut attributes, names::SPAN_LOG_LEVEL, level);
    if let Some((operation, ag2_type)) = names::operation(span.kind) {
        let has_format = span.attributes.iter().any(|attribute| attribute.key == AttributeKey::MessageFormat);
        if !has_format && span.kind != SpanKind::Embedding {
            push(&mut attributes, names::MESSAGE_FORMAT, names::MESSAGE_FORMAT_AG2.into());
        }
        push(&mut attributes, names::OPERATION_NAME, operation.into());
        push(&mut attributes, names::AG2_SPAN_TYPE, ag2_type.into());
    }
    let name = Value::Text(span.name.clone());
    match span.kind {
        SpanKind::Agent => push(&mut attributes, names::AGENT_NAME, name),
        SpanKind::Tool => {
            push(&mut attributes, names::TOOL_NAME, name);
            push(&mut attributes, names::TOOL_TYPE, names::TOOL_TYPE_FUNCTION.into());
        }
        _ => {}
    }
    if let Some(usage) = &span.usage {
        push(&mut attributes, names::TOKEN_USAGE, Value::Json(usage_json(usage)));
        for (key, tokens) in [
            (names::USAGE_INPUT, Some(usage.input_tokens)),
            (names::USAGE_OUTPUT, Some(usage.output_tokens)),
            (names::USAGE_CACHE_READ, usage.cache_read_input_tokens),
        ] {
            push(&mut attributes, key, tokens.map_or(Value::Null, count));
        }
    }
    if let Some(usage) = &span.saved_usage {
        push(&mut attributes, names::SAVED_USAGE, Value::Json(usage_json(usage)));
    }
    for attribute in &span.attributes {
        let value = &attribute.value;
        let key = names::attribute_key(&attribute.key);
        push(&mut attributes, key, value.clone());
        let (key, again) = match &attribute.key {
            AttributeKey::Model => (names::REQUEST_MODEL, value.clone()),
            AttributeKey::Source => (names::AGENT_NAME, value.clone()),
            AttributeKey::CostUsd => (names::USAGE_COST, value.clone()),
            AttributeKey::Provider => (names::PROVIDER_NAME, gen_ai_provider(value)),
            _ => continue,
        };
        push(&mut attributes, key, again);
    }
    if matches!(span.status, Status::Error(_)) {
        push(&mut attributes, names::ERROR_TYPE, error_type(span));
    }
    attributes
}

// Not inlined, because there are so many attributes.
#[inline(never)]
fn push<'s>(attributes: &mut Vec<(&'s str, Value)>, key: &'s str, value: Value) {
    if value != Value::Null {
        attributes.push((key, value));
    }
}

fn count(tokens: u64) -> Value {
    Value::Int(i64::try_from(tokens).unwrap_or(i64::MAX))
}

fn gen_ai_provider(value: &Value) -> Value {
    match value {
        Value::Text(name) => names::gen_ai_provider(name).map_or_else(|| value.clone(), Value::from),
        _ => Value::Null,
    }
}

/// The class of the newest error; where only a status was given, AG2's word for code that failed or
/// OpenTelemetry's for an unknown error.
fn error_type(span: &Span) -> Value {
    let unknown = match span.kind {
        SpanKind::CodeExecution => "CodeExecutionError",
        _ => "_OTHER",
    };
    let attributes = span.events.iter().rev().flat_map(|event| &event.attributes);
    attributes
        .into_iter()
        .find(|attribute| names::attribute_key(&attribute.key) == names::attribute_key(&AttributeKey::ExceptionType))
        .map_or_else(|| unknown.into(), |attribute| attribute.value.clone())
}

/// The attributes of the first span of a trace that describe the whole of it. Tags are left out if the root is
/// remote: the server takes them from the true root only.
#[must_use]
pub fn trace_attributes(trace: &Trace) -> Vec<(Cow<'static, str>, Value)> {
    let mut attributes: Vec<(Cow<'static, str>, Value)> = Vec::new();
    let mut push = |key: Cow<'static, str>, text: &Option<Rc<str>>| {
        if let Some(text) = text {
            attributes.push((key, Value::Text(text.clone())));
        }
    };
    let properties = &trace.properties;
    push(names::SESSION_ID.into(), &properties.session_id);
    push(names::USER_ID.into(), &properties.user_id);
    if !trace.has_remote_root() {
        let name = limits::clamp(&trace.root().name, limits::TAG_CHARACTERS);
        let mut tag = |key: &str, text: &Rc<str>| {
            let key = [names::TRACE_TAG_PREFIX, key].concat();
            attributes.push((key.into(), Value::Text(text.clone())));
        };
        tag(names::TRACE_NAME, &name);
        for (key, value) in &properties.tags {
            tag(key, value);
        }
    }
    attributes
}

/// The metadata of a trace in MLflow: the entries that the program set, and those that the server derives from spans.
#[must_use]
pub fn trace_metadata(trace: &Trace) -> Vec<(Rc<str>, Rc<str>)> {
    let properties = &trace.properties;
    let mut metadata = properties.metadata.clone();
    let mut push = |key: &str, text: Option<Rc<str>>| {
        metadata.extend(text.map(|text| (key.into(), text)));
    };
    push(names::TRACE_SESSION, trace.session());
    push(names::TRACE_USER, properties.user_id.clone());
    let usage = trace.usage().map(|usage| usage_json(&usage));
    push(names::TRACE_TOKEN_USAGE, usage.map(|json| json.text().into()));
    add_source(trace, &mut metadata);
    metadata
}

/// Adds where a trace comes from to its metadata, as Python does (mlflow/tracing/utils/environment.py), unless the
/// program says it otherwise. Nothing is known before its end.
pub fn add_source(trace: &Trace, metadata: &mut Vec<(Rc<str>, Rc<str>)>) {
    let Some(source) = &trace.properties.source else { return };
    let end = source.bytes().position(|byte| byte == b'\n').unwrap_or(source.len());
    let mut add = |key: &str, text: &str| {
        if !text.is_empty() && !metadata.iter().any(|(known, _)| &**known == key) {
            metadata.push((key.into(), limits::clamp(&text.into(), limits::METADATA_CHARACTERS)));
        }
    };
    add(names::SOURCE_HOST, source.get(..end).unwrap_or_default());
    add(names::SOURCE_NAME, source.get(end + 1..).unwrap_or_default());
    add(names::SOURCE_TYPE, names::SOURCE_LOCAL);
    add(names::SOURCE_USER, trace.properties.user_id.as_deref().unwrap_or_default());
    add(names::SOURCE_VERSION, env!("CARGO_PKG_VERSION"));
    add(names::TRACE_SCHEMA, "3");
}

/// Token counts as MLflow spells them (mlflow/tracing/constant.py, `TokenUsageKey`). All of the
/// first three must be there, or the server takes the total for 0.
#[must_use]
pub fn usage_json(usage: &TokenUsage) -> Json {
    let mut json = JsonWriter::new();
    let mut count = |key: &'static str, count: u64| {
        json.literal(key).int(i64::try_from(count).unwrap_or(i64::MAX));
    };
    count("{\"input_tokens\":", usage.input_tokens);
    count(",\"output_tokens\":", usage.output_tokens);
    count(",\"total_tokens\":", usage.total_tokens);
    for (key, tokens) in [
        (",\"cache_read_input_tokens\":", usage.cache_read_input_tokens),
        (",\"cache_creation_input_tokens\":", usage.cache_creation_input_tokens),
        (",\"cache_creation_input_tokens_above_1hr\":", usage.cache_creation_input_tokens_above_1h),
    ] {
        if let Some(tokens) = tokens {
            count(key, tokens);
        }
    }
    json.literal("}").finish()
}
