//! The attributes of a span in MLflow's spelling, for the wire and for reading back alike.

use super::names;
use crate::trace::{Json, JsonWriter, Span, TokenUsage, Value};

/// All attributes of a span; none of them is [`Value::Null`].
#[must_use]
pub fn attributes(span: &Span) -> Vec<(&'static str, Value)> {
    let mut attributes = vec![
        (names::SPAN_TYPE, names::span_type(span.kind).into()),
        (names::SPAN_INPUTS, span.inputs.clone()),
        (names::SPAN_OUTPUTS, span.outputs.clone()),
        (names::SPAN_LOG_LEVEL, Value::Int(names::log_level(span))),
        (names::MESSAGE_FORMAT, names::MESSAGE_FORMAT_AG2.into()),
    ];
    if let Some(usage) = &span.usage {
        attributes.push((names::TOKEN_USAGE, Value::Json(usage_json(usage))));
    }
    for attribute in &span.attributes {
        attributes.push((names::attribute_key(attribute.key), attribute.value.clone()));
    }
    attributes.retain(|(_, value)| *value != Value::Null);
    attributes
}

/// Token counts as MLflow spells them (mlflow/tracing/constant.py, `TokenUsageKey`). All of the
/// first three must be there, or the server takes the total for 0.
#[must_use]
pub fn usage_json(usage: &TokenUsage) -> Json {
    let mut json = JsonWriter::new();
    let mut count = |key: &'static str, count: u64| {
        json.literal(key)
            .int(i64::try_from(count).unwrap_or(i64::MAX));
    };
    count("{\"input_tokens\":", usage.input_tokens);
    count(",\"output_tokens\":", usage.output_tokens);
    count(",\"total_tokens\":", usage.total_tokens);
    if let Some(tokens) = usage.cache_read_input_tokens {
        count(",\"cache_read_input_tokens\":", tokens);
    }
    if let Some(tokens) = usage.cache_creation_input_tokens {
        count(",\"cache_creation_input_tokens\":", tokens);
    }
    json.literal("}").finish()
}
