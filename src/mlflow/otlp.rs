//! Finished traces as the body of an OTLP request, in protobuf.
//!
//! Written by hand, straight from spans into one buffer: the messages are few, and a derived
//! encoder would want a second copy of every span. Field numbers are those of
//! opentelemetry/proto/trace/v1/trace.proto and common/v1/common.proto.

use super::attributes::{attributes, trace_attributes};
use super::names;
use crate::trace::value::write_json_string;
use crate::trace::{Event, Span, Status, Trace, Value};

/// The span kind INTERNAL.
const SPAN_KIND_INTERNAL: u64 = 1;
const STATUS_OK: u64 = 1;
const STATUS_ERROR: u64 = 2;

/// An `ExportTraceServiceRequest` with all spans of these traces. Spans that never ended must not
/// be sent (the server gives them a negative duration), so the traces must be finished.
#[must_use]
pub fn encode<'a>(traces: impl Iterator<Item = &'a Trace>) -> Vec<u8> {
    let mut writer = Writer(Vec::new());
    writer.message(1, |resource_spans| {
        resource_spans.message(2, |scope_spans| {
            scope_spans.message(1, |scope| {
                scope.text(1, names::SCOPE_NAME);
                scope.text(2, names::SCOPE_VERSION);
            });
            for trace in traces {
                for span in trace.spans() {
                    scope_spans.message(2, |writer| write_span(writer, trace, span));
                }
            }
        });
    });
    writer.0
}

fn write_span(writer: &mut Writer, trace: &Trace, span: &Span) {
    writer.bytes(1, trace.id().as_bytes());
    writer.bytes(2, span.id.as_bytes());
    if let Some(parent) = trace.parent_id(span) {
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
        for (key, value) in trace_attributes(trace) {
            write_attribute(writer, 9, &key, &value);
        }
    }
    for event in &span.events {
        writer.message(11, |writer| write_event(writer, event));
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

fn write_event(writer: &mut Writer, event: &Event) {
    writer.fixed64(1, event.time.0);
    writer.text(2, names::event_name(&event.kind));
    for attribute in &event.attributes {
        let key = names::attribute_key(&attribute.key);
        // Unlike a span's attributes, an event's are kept as they come, so text is never quoted.
        match &attribute.value {
            Value::Text(text) => writer.message(3, |pair| {
                pair.text(1, key);
                pair.message(2, |value| value.text(1, text));
            }),
            value => write_attribute(writer, 3, key, value),
        }
    }
}

fn write_attribute(writer: &mut Writer, field: u64, key: &str, value: &Value) {
    writer.message(field, |pair| {
        pair.text(1, key);
        pair.message(2, |any| write_any_value(any, value));
    });
}

/// Scalars go as they are, objects and arrays as their JSON text. The server takes text that itself
/// parses as a JSON string, object or array for that (mlflow/tracing/otel/translation,
/// `sanitize_attributes`), so such text is wrapped in quotes once more to arrive as text.
fn write_any_value(writer: &mut Writer, value: &Value) {
    match value {
        Value::Null => {}
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
            writer.tag(1, LENGTH_DELIMITED);
            writer.varint(json.len_bytes() as u64);
            json.write_to(&mut writer.0);
        }
    }
}

fn looks_like_json(text: &str) -> bool {
    // The four characters JSON calls whitespace.
    text.trim_start_matches([' ', '\t', '\n', '\r'])
        .starts_with(['{', '[', '"'])
}

const VARINT: u64 = 0;
const FIXED_64: u64 = 1;
const LENGTH_DELIMITED: u64 = 2;

/// Writes protobuf fields one after the other. Zero and empty values are written too: inside a
/// `oneof` they are not the same as nothing.
struct Writer(Vec<u8>);

impl Writer {
    fn varint(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    fn tag(&mut self, field: u64, wire_type: u64) {
        self.varint(field << 3 | wire_type);
    }

    fn number(&mut self, field: u64, number: u64) {
        self.tag(field, VARINT);
        self.varint(number);
    }

    fn fixed64(&mut self, field: u64, number: u64) {
        self.tag(field, FIXED_64);
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    fn double(&mut self, field: u64, number: f64) {
        self.fixed64(field, number.to_bits());
    }

    fn bytes(&mut self, field: u64, bytes: &[u8]) {
        self.tag(field, LENGTH_DELIMITED);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    fn text(&mut self, field: u64, text: &str) {
        self.bytes(field, text.as_bytes());
    }

    /// A message within the message. Its length is known only afterwards and stands before it: one
    /// byte is kept free, and what was written moves up if the length needs more.
    fn message(&mut self, field: u64, write: impl FnOnce(&mut Self)) {
        self.tag(field, LENGTH_DELIMITED);
        self.0.push(0);
        let start = self.0.len();
        write(self);
        let mut rest = self.0.len() - start;
        let mut length = Vec::with_capacity(5);
        while rest >= 0x80 {
            length.push(rest as u8 | 0x80);
            rest >>= 7;
        }
        length.push(rest as u8);
        self.0.splice(start - 1..start, length);
    }
}
