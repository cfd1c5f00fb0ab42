//! The spans of a trace as the file that servers keep which have no OTLP endpoint: `traces.json`.
//!
//! The shape is that of mlflow/entities/span.py, `Span.to_dict`, as MLflow 3.0 and later read it: ids
//! in base64, whole nanoseconds, and every attribute as its JSON text.

use crate::mlflow::json::{Json, Object, to_json};
use crate::mlflow::names;
use crate::mlflow::otlp::decode::{Any, DecodedEvent, DecodedSpan, each_span};
use crate::mlflow::otlp::encode::looks_like_json;
use crate::trace::value::{write_int, write_json_string};
use crate::trace::{FormatF64, TraceId};

/// The file for the spans in these OTLP bodies, all of one trace. Of a span that is there twice, the
/// first counts.
#[must_use]
pub fn encode(trace: &TraceId, bodies: &[&[u8]], format_f64: FormatF64) -> Vec<u8> {
    let mut spans = Vec::new();
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
    let mut file = Object::default();
    file.set("spans", Json::List(spans));
    to_json(&file.done(), format_f64)
}

fn span_json(span: &DecodedSpan<'_>, request_id: &str, format_f64: FormatF64) -> Json {
    let mut attributes = Object::default();
    attributes.text(names::TRACE_REQUEST_ID, request_id);
    for (key, value) in span.attributes() {
        // The attributes of the root that describe the whole trace stand in the trace's info here.
        if key.starts_with(names::TRACE_TAG_PREFIX) {
            continue;
        }
        attributes.text(key, &json_text(value, format_f64));
    }
    let mut events = Vec::new();
    for event in span.events() {
        events.push(event_json(&event));
    }
    let mut status = Object::default();
    let code = match span.status {
        1 => "STATUS_CODE_OK",
        2 => "STATUS_CODE_ERROR",
        _ => "STATUS_CODE_UNSET",
    };
    status.text("code", code);
    status.text("message", span.status_message);

    let mut object = Object::default();
    object.text("trace_id", &base64(span.trace_id));
    object.text("span_id", &base64(span.id));
    if span.parent.is_empty() {
        object.set("parent_span_id", Json::Null);
    } else {
        object.text("parent_span_id", &base64(span.parent));
    }
    object.text("name", span.name);
    object.set("start_time_unix_nano", Json::Count(span.start_ns));
    object.set("end_time_unix_nano", Json::Count(span.end_ns));
    object.set("status", status.done());
    object.set("attributes", attributes.done());
    object.set("events", Json::List(events));
    object.done()
}

/// An event, whose attributes are stored as they come.
fn event_json(event: &DecodedEvent<'_>) -> Json {
    let mut attributes = Object::default();
    for (key, value) in event.attributes() {
        let value = match value {
            Any::Nothing => Json::Null,
            Any::Text(text) => Json::Text(text.into()),
            Any::Bool(truth) => Json::Bool(truth),
            Any::Int(number) => Json::Int(number),
            Any::Double(number) => Json::Double(number),
        };
        attributes.set(key, value);
    }
    let mut object = Object::default();
    object.text("name", event.name);
    object.set("time_unix_nano", Json::Count(event.time_ns));
    object.set("attributes", attributes.done());
    object.done()
}

/// The JSON text of a span's attribute.
fn json_text(value: Any<'_>, format_f64: FormatF64) -> String {
    let mut text = String::new();
    match value {
        Any::Text(value) if looks_like_json(value) => text.push_str(value),
        Any::Text(value) => write_json_string(value, &mut text),
        Any::Bool(true) => text.push_str("true"),
        Any::Bool(false) => text.push_str("false"),
        Any::Int(number) => write_int(number, &mut text),
        Any::Double(number) if number.is_finite() => text = format_f64(number),
        // The value `null`, or a number that JSON does not have.
        Any::Nothing | Any::Double(_) => text.push_str("null"),
    }
    text
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
