//! Finished spans as the body of an OTLP request, in protobuf.
//!
//! Written by hand, straight from spans into one buffer: the messages are few, and a derived
//! encoder would want a second copy of every span. Field numbers are those of
//! opentelemetry/proto/trace/v1/trace.proto and common/v1/common.proto.

use super::protobuf::Writer;
use crate::mlflow::attributes::{attributes, trace_attributes};
use crate::mlflow::names;
use crate::trace::value::write_json_string;
use crate::trace::{Event, EventKind, Span, SpanId, Status, TraceChunk, Value};

/// The span kind INTERNAL.
const SPAN_KIND_INTERNAL: u64 = 1;
const STATUS_OK: u64 = 1;
const STATUS_ERROR: u64 = 2;

/// Bytes of a request at most that are not those of its spans: the scope, and the lengths of what is around it.
pub const ENVELOPE_BYTES: usize = 64;
/// The expected size of a request, for whose length field bytes are reserved.
const EXPECTED_BYTES: usize = 100_000;

/// An `ExportTraceServiceRequest` with the spans of these parts. Such bodies, one behind the other, are
/// one again: protobuf merges what is repeated.
#[must_use]
pub fn encode<'a>(mut chunks: impl Iterator<Item = &'a TraceChunk>) -> Vec<u8> {
    encode_all(&mut chunks)
}

/// One for all kinds of iterators.
fn encode_all(chunks: &mut dyn Iterator<Item = &TraceChunk>) -> Vec<u8> {
    request(&mut |scope_spans| {
        for chunk in &mut *chunks {
            for index in 0..chunk.span_count() {
                write_span(scope_spans, chunk, index);
            }
        }
    })
}

fn request(write_spans: &mut dyn FnMut(&mut Writer)) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.message_with_capacity(1, EXPECTED_BYTES, |resource_spans| {
        resource_spans.message_with_capacity(2, EXPECTED_BYTES, |scope_spans| {
            scope_spans.message(1, |scope| {
                scope.text(1, names::SCOPE_NAME);
                scope.text(2, names::SCOPE_VERSION);
            });
            write_spans(scope_spans);
        });
    });
    writer.finish()
}

/// An `ExportTraceServiceRequest` with these spans, which are encoded already.
#[must_use]
pub fn encode_spans(spans: &[&[u8]]) -> Vec<u8> {
    request(&mut |scope_spans| {
        for span in spans {
            scope_spans.bytes(2, span);
        }
    })
}

/// How many bytes the span with this number takes in a request.
#[must_use]
pub fn span_bytes(chunk: &TraceChunk, index: usize) -> usize {
    let mut writer = Writer::default();
    write_span(&mut writer, chunk, index);
    writer.finish().len()
}

fn write_span(writer: &mut Writer, chunk: &TraceChunk, index: usize) {
    if let Some((span, parent)) = chunk.span(index) {
        let bytes = span.approximate_bytes();
        writer.message_with_capacity(2, bytes, |writer| {
            write_fields(writer, chunk, index, span, parent);
        });
    }
}

fn write_fields(writer: &mut Writer, chunk: &TraceChunk, index: usize, span: &Span, parent: Option<SpanId>) {
    writer.bytes(1, chunk.trace_id().as_bytes());
    writer.bytes(2, span.id.as_bytes());
    if let Some(parent) = parent {
        writer.bytes(4, parent.as_bytes());
    }
    writer.text(5, &span.name);
    writer.number(6, SPAN_KIND_INTERNAL);
    writer.fixed64(7, span.start.0);
    writer.fixed64(8, span.end.unwrap_or(span.start).0);
    for (key, value) in attributes(span) {
        write_attribute(writer, 9, key, &value);
    }
    if span.parent.is_none() {
        let trace_attributes = chunk.finished_trace().map(|trace| trace_attributes(trace));
        for (key, value) in trace_attributes.unwrap_or_default() {
            write_attribute(writer, 9, &key, &value);
        }
    }
    // The server keeps the first session that any span names, and the root is not the first here.
    if index == 0
        && let Some(session) = chunk.session()
    {
        let session = Value::Text(session.clone());
        write_attribute(writer, 9, names::SESSION_ID, &session);
    }
    for event in &span.events {
        let field = if matches!(event.kind, EventKind::Link(..)) { 13 } else { 11 };
        writer.message(field, |writer| write_event(writer, event));
    }
    writer.message(15, |status| match &span.status {
        Status::Unset => {}
        Status::Ok => status.number(3, STATUS_OK),
        Status::Error(message) => {
            status.text(2, message);
            status.number(3, STATUS_ERROR);
        }
    });
}

/// An event, or a link.
fn write_event(writer: &mut Writer, event: &Event) {
    let mut attributes = 3;
    if let EventKind::Link(trace, span) = &event.kind {
        attributes = 4;
        writer.bytes(1, trace.as_bytes());
        writer.bytes(2, span.as_bytes());
    } else {
        writer.fixed64(1, event.time.0);
        writer.text(2, names::event_name(&event.kind));
    }
    for attribute in &event.attributes {
        let key = names::attribute_key(&attribute.key);
        // Unlike a span's attributes, an event's are stored as they come, so text is never quoted.
        match &attribute.value {
            Value::Text(text) => writer.message(attributes, |pair| {
                pair.text(1, key);
                pair.message(2, |value| value.text(1, text));
            }),
            value => write_attribute(writer, attributes, key, value),
        }
    }
}

fn write_attribute(writer: &mut Writer, field: u64, key: &str, value: &Value) {
    let bytes = value.len_bytes();
    writer.message_with_capacity(field, bytes + key.len(), |pair| {
        pair.text(1, key);
        pair.message_with_capacity(2, bytes, |any| write_any_value(any, value));
    });
}

/// Scalars go as they are, objects and arrays as their JSON text. The server takes text that itself
/// parses as a JSON string, object or array for that (mlflow/tracing/otel/translation,
/// `sanitize_attributes`), so such text is wrapped in quotes once more to arrive as text.
fn write_any_value(writer: &mut Writer, value: &Value) {
    match value {
        Value::Null => {}
        // As Python sends it: the text "null" would be stored as a text.
        Value::Json(json) if json.is_null() => {}
        Value::Text(text) if looks_like_json(text) => {
            let mut quoted = String::with_capacity(text.len() + 16);
            write_json_string(text, &mut quoted);
            writer.text(1, &quoted);
        }
        Value::Text(text) => writer.text(1, text),
        Value::Bool(truth) => writer.number(2, u64::from(*truth)),
        // Protobuf's int64: two's complement in a varint of ten bytes if negative.
        Value::Int(number) => writer.number(3, *number as u64),
        Value::Double(number) => writer.double(4, *number),
        Value::Json(json) => {
            writer.json(1, json);
        }
    }
}

/// Whether the server would take this text for JSON.
#[must_use]
pub fn looks_like_json(text: &str) -> bool {
    // The four characters JSON calls whitespace.
    let first = text.bytes().find(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
    matches!(first, Some(b'{' | b'[' | b'"'))
}
