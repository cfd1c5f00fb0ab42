//! The spans of a trace as the file that servers keep which have no OTLP endpoint: `traces.json`.
//!
//! The shape is that of mlflow/entities/span.py, `Span.to_dict`, as MLflow 3.0 and later read it: ids
//! in base64, whole nanoseconds, and every attribute as its JSON text.

use serde::Serialize;
use serde::ser::Serializer;

use crate::mlflow::json::{pairs, to_json};
use crate::mlflow::names;
use crate::mlflow::otlp::decode::{Any, DecodedEvent, DecodedSpan, each_span};
use crate::mlflow::otlp::encode::looks_like_json;
use crate::trace::value::{write_int, write_json_string};
use crate::trace::{FormatF64, TraceId};

/// The file for the spans in these OTLP bodies, all of one trace. Of a span that is there twice, the
/// first counts.
#[must_use]
pub fn encode(trace: &TraceId, bodies: &[&[u8]], format_f64: FormatF64) -> Vec<u8> {
    let mut spans: Vec<SpanJson<'_>> = Vec::new();
    let mut known: Vec<&[u8]> = Vec::new();
    let request_id = quoted(&trace.text());
    for body in bodies {
        each_span(body, &mut |encoded| {
            let span = DecodedSpan::read(encoded);
            // Within one body no span comes twice.
            if bodies.len() > 1 && known.contains(&span.id) {
                return;
            }
            known.push(span.id);
            spans.push(span_json(&span, &request_id, format_f64));
        });
    }
    to_json(&TracesJson { spans }, format_f64)
}

#[derive(Serialize)]
struct TracesJson<'a> {
    spans: Vec<SpanJson<'a>>,
}

#[derive(Serialize)]
struct SpanJson<'a> {
    trace_id: String,
    span_id: String,
    parent_span_id: Option<String>,
    name: &'a str,
    start_time_unix_nano: u64,
    end_time_unix_nano: u64,
    status: StatusJson<'a>,
    #[serde(serialize_with = "vec_as_object")]
    attributes: Vec<(&'a str, String)>,
    events: Vec<EventJson<'a>>,
}

#[derive(Serialize)]
struct StatusJson<'a> {
    code: &'static str,
    message: &'a str,
}

#[derive(Serialize)]
struct EventJson<'a> {
    name: &'a str,
    time_unix_nano: u64,
    #[serde(serialize_with = "vec_as_object")]
    attributes: Vec<(&'a str, EventValue<'a>)>,
}

/// A value of an event's attribute: kept as it comes.
#[derive(Serialize)]
#[serde(untagged)]
enum EventValue<'a> {
    Nothing,
    Text(&'a str),
    Bool(bool),
    Int(i64),
    Double(f64),
}

fn vec_as_object<V: Serialize, S: Serializer>(
    attributes: &Vec<(&str, V)>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    pairs(attributes, serializer)
}

fn span_json<'a>(span: &DecodedSpan<'a>, request_id: &str, format_f64: FormatF64) -> SpanJson<'a> {
    let mut attributes = vec![(names::TRACE_REQUEST_ID, request_id.to_owned())];
    for (key, value) in span.attributes() {
        // What the root says about the trace as a whole is said of the trace here.
        if key.starts_with(names::TRACE_TAG_PREFIX) {
            continue;
        }
        attributes.extend(json_text(value, format_f64).map(|text| (key, text)));
    }
    SpanJson {
        trace_id: base64(span.trace_id),
        span_id: base64(span.id),
        parent_span_id: (!span.parent.is_empty()).then(|| base64(span.parent)),
        name: span.name,
        start_time_unix_nano: span.start_ns,
        end_time_unix_nano: span.end_ns,
        status: StatusJson {
            code: match span.status {
                1 => "STATUS_CODE_OK",
                2 => "STATUS_CODE_ERROR",
                _ => "STATUS_CODE_UNSET",
            },
            message: span.status_message,
        },
        attributes,
        events: span.events().map(|event| event_json(&event)).collect(),
    }
}

fn event_json<'a>(event: &DecodedEvent<'a>) -> EventJson<'a> {
    let attributes = event.attributes().map(|(key, value)| {
        let value = match value {
            Any::Nothing => EventValue::Nothing,
            Any::Text(text) => EventValue::Text(text),
            Any::Bool(truth) => EventValue::Bool(truth),
            Any::Int(number) => EventValue::Int(number),
            Any::Double(number) => EventValue::Double(number),
        };
        (key, value)
    });
    EventJson {
        name: event.name,
        time_unix_nano: event.time_ns,
        attributes: attributes.collect(),
    }
}

/// The JSON text of a span's attribute; `None` if it says nothing.
fn json_text(value: Any<'_>, format_f64: FormatF64) -> Option<String> {
    let mut text = String::new();
    match value {
        Any::Nothing => return None,
        Any::Text(said) if looks_like_json(said) => text.push_str(said),
        Any::Text(said) => write_json_string(said, &mut text),
        Any::Bool(true) => text.push_str("true"),
        Any::Bool(false) => text.push_str("false"),
        Any::Int(number) => write_int(number, &mut text),
        Any::Double(number) if number.is_finite() => text = format_f64(number),
        Any::Double(_) => text.push_str("null"),
    }
    Some(text)
}

fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    write_json_string(text, &mut quoted);
    quoted
}

/// Base64 with padding (RFC 4648, section 4). Own code: 20 lines, and ids are all that is written so.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let mut group = [0; 3];
        group[..chunk.len()].copy_from_slice(chunk);
        let bits = u32::from_be_bytes([0, group[0], group[1], group[2]]);
        for place in 0..4 {
            if place <= chunk.len() {
                let digit = bits >> (18 - 6 * place) & 63;
                text.push(char::from(DIGITS[digit as usize]));
            } else {
                text.push('=');
            }
        }
    }
    text
}
