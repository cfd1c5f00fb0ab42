//! The spans of a trace as the file that servers keep which have no OTLP endpoint: `traces.json`.
//!
//! The shape is that of mlflow/entities/span.py, `Span.to_dict`, as MLflow 3.0 and later read it: ids
//! in base64, whole nanoseconds, and every attribute as its JSON text.

use super::names;
use super::otlp::looks_like_json;
use super::wire::{Any, WireSpan, each_span};
use crate::trace::value::{write_int, write_json_string};
use crate::trace::{Decimals, TraceId};

/// The file for the spans in these OTLP bodies, all of one trace. Of a span that is there twice, the
/// first counts.
#[must_use]
pub fn encode(trace: &TraceId, bodies: &[&[u8]], decimals: Decimals) -> Vec<u8> {
    let mut json = String::from("{\"spans\":[");
    let mut known: Vec<&[u8]> = Vec::new();
    let request_id = quoted(&trace.text());
    for body in bodies {
        each_span(body, &mut |encoded| {
            let span = WireSpan::read(encoded);
            // Within one body no span comes twice.
            if bodies.len() > 1 && known.contains(&span.id) {
                return;
            }
            if !known.is_empty() {
                json.push(',');
            }
            known.push(span.id);
            write_span(&span, &request_id, decimals, &mut json);
        });
    }
    json.push_str("]}");
    json.into_bytes()
}

fn write_span(span: &WireSpan<'_>, request_id: &str, decimals: Decimals, json: &mut String) {
    json.push_str("{\"trace_id\":");
    write_base64(span.trace_id, json);
    json.push_str(",\"span_id\":");
    write_base64(span.id, json);
    json.push_str(",\"parent_span_id\":");
    if span.parent.is_empty() {
        json.push_str("null");
    } else {
        write_base64(span.parent, json);
    }
    json.push_str(",\"name\":");
    write_json_string(span.name, json);
    json.push_str(",\"start_time_unix_nano\":");
    write_number(span.start_ns, json);
    json.push_str(",\"end_time_unix_nano\":");
    write_number(span.end_ns, json);
    json.push_str(",\"status\":{\"code\":");
    json.push_str(match span.status {
        1 => "\"STATUS_CODE_OK\"",
        2 => "\"STATUS_CODE_ERROR\"",
        _ => "\"STATUS_CODE_UNSET\"",
    });
    json.push_str(",\"message\":");
    write_json_string(span.status_message, json);
    json.push_str("},\"attributes\":{");
    write_member(names::TRACE_REQUEST_ID, json);
    write_json_string(request_id, json);
    for (key, value) in span.attributes() {
        // What the root says about the trace as a whole is said of the trace here.
        if key.starts_with(names::TRACE_TAG_PREFIX) {
            continue;
        }
        let text = match value {
            Any::Nothing => continue,
            Any::Text(text) if looks_like_json(text) => text.to_owned(),
            Any::Text(text) => quoted(text),
            value => scalar(value, decimals),
        };
        json.push(',');
        write_member(key, json);
        write_json_string(&text, json);
    }
    json.push_str("},\"events\":[");
    let mut comma = "";
    for event in span.events() {
        json.push_str(comma);
        comma = ",";
        json.push_str("{\"name\":");
        write_json_string(event.name, json);
        json.push_str(",\"time_unix_nano\":");
        write_number(event.time_ns, json);
        json.push_str(",\"attributes\":{");
        let mut comma = "";
        for (key, value) in event.attributes() {
            json.push_str(comma);
            comma = ",";
            write_member(key, json);
            // An event's attributes are kept as they come.
            json.push_str(&match value {
                Any::Text(text) => quoted(text),
                value => scalar(value, decimals),
            });
        }
        json.push_str("}}");
    }
    json.push_str("]}");
}

fn write_member(key: &str, json: &mut String) {
    write_json_string(key, json);
    json.push(':');
}

fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    write_json_string(text, &mut quoted);
    quoted
}

fn scalar(value: Any<'_>, decimals: Decimals) -> String {
    let mut text = String::new();
    match value {
        Any::Bool(true) => text.push_str("true"),
        Any::Bool(false) => text.push_str("false"),
        Any::Int(number) => write_int(number, &mut text),
        Any::Double(number) if number.is_finite() => return decimals(number),
        _ => text.push_str("null"),
    }
    text
}

fn write_number(number: u64, json: &mut String) {
    write_int(i64::try_from(number).unwrap_or(i64::MAX), json);
}

/// In base64 with padding, as a JSON string.
fn write_base64(bytes: &[u8], json: &mut String) {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    json.push('"');
    for chunk in bytes.chunks(3) {
        let mut group = [0; 3];
        group[..chunk.len()].copy_from_slice(chunk);
        let bits = u32::from_be_bytes([0, group[0], group[1], group[2]]);
        for place in 0..4 {
            if place <= chunk.len() {
                let digit = bits >> (18 - 6 * place) & 63;
                json.push(char::from(DIGITS[digit as usize]));
            } else {
                json.push('=');
            }
        }
    }
    json.push('"');
}
