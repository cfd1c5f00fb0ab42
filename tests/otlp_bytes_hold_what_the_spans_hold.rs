//! The hand-written protobuf, read back with the official OpenTelemetry definitions.

mod common;

use std::collections::HashMap;

use common::*;
use mlflow_ag2::ag2::{AgentEvent, SpanUpdate};
use mlflow_ag2::export::Limits;
use mlflow_ag2::mlflow::otlp::protobuf::{Content, all_fields, fields};
use mlflow_ag2::trace::id::parse_context;
use mlflow_ag2::trace::{AttributeKey, EventKind, JsonWriter, Value};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Wire;
use opentelemetry_proto::tonic::common::v1::{InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use proptest::prelude::*;
use prost::Message;

fn sent(tracer: &mut TestTracer) -> (InstrumentationScope, Vec<Span>) {
    tracer.set_limits(Limits { batch_bytes: usize::MAX, ..Limits::default() });
    tracer.flush_now();
    let request = next(tracer, 10_000);
    let body = ExportTraceServiceRequest::decode(request.body.as_slice()).expect("OTLP");
    // Nothing was skipped as unknown, and everything is spelled the shortest way.
    assert_eq!(body.encode_to_vec(), request.body);
    let [resource] = body.resource_spans.as_slice() else { panic!("one resource") };
    let [scope] = resource.scope_spans.as_slice() else { panic!("one scope") };
    (scope.scope.clone().expect("a scope"), scope.spans.clone())
}

fn attributes(pairs: &[KeyValue]) -> HashMap<&str, Wire> {
    let value = |pair: &KeyValue| pair.value.clone().and_then(|any| any.value).expect("a value");
    pairs.iter().map(|pair| (pair.key.as_str(), value(pair))).collect()
}

fn words(text: &str) -> Wire {
    Wire::StringValue(text.to_owned())
}

/// What a tool's output looks like on the wire.
fn on_the_wire(outputs: Value) -> Option<Wire> {
    let mut tracer = with_server();
    let call = start(&mut tracer, tool_call(None, "tool"), 0);
    emit(&mut tracer, AgentEvent::ToolCallEnded { call, outputs }, 1);
    let (_, spans) = sent(&mut tracer);
    attributes(&spans[0].attributes).get("mlflow.spanOutputs").cloned()
}

#[test]
fn ids_times_names_and_parents_arrive() {
    let mut tracer = with_server();
    let root = start(&mut tracer, chat(None), 0);
    whole_reply(&mut tracer, root, "Ägent 🤖", "hi", 1);
    emit(&mut tracer, chat_end(root), 20);
    let view = last(&tracer);
    let (trace_id, ids): (_, Vec<_>) = (view.id(), view.spans().map(|span| span.id).collect());
    let (scope, spans) = sent(&mut tracer);
    assert_eq!((scope.name.as_str(), scope.version.as_str()), ("mlflow-ag2", env!("CARGO_PKG_VERSION")));
    assert_eq!(spans.len(), 3);
    for (span, id) in spans.iter().zip(&ids) {
        assert_eq!(span.trace_id, trace_id.as_bytes());
        assert_eq!(span.span_id, id.as_bytes());
        assert_eq!(span.kind, 1, "internal");
    }
    assert_eq!(spans[0].parent_span_id, Vec::<u8>::new());
    assert_eq!(spans[1].parent_span_id, ids[0].as_bytes());
    assert_eq!(spans[2].parent_span_id, ids[1].as_bytes());
    assert_eq!(spans[1].name, "Ägent 🤖");
    assert_eq!((spans[1].start_time_unix_nano, spans[1].end_time_unix_nano), (unix_at(1).0, unix_at(11).0));
}

#[test]
fn the_root_names_the_trace_and_types_are_plain_text() {
    let mut tracer = with_server();
    let root = start(&mut tracer, chat(None), 0);
    whole_reply(&mut tracer, root, "helper", "hi", 1);
    emit(&mut tracer, chat_end(root), 20);
    let (_, spans) = sent(&mut tracer);
    let [top, agent, model] = [0, 1, 2].map(|index| attributes(&spans[index].attributes));
    assert_eq!(top["mlflow.traceTag.mlflow.traceName"], words("initiate_chat"));
    assert!(!agent.contains_key("mlflow.traceTag.mlflow.traceName"));
    let types = [&top, &agent, &model].map(|span| span["mlflow.spanType"].clone());
    assert_eq!(types, [words("CHAIN"), words("AGENT"), words("LLM")]);
    assert_eq!(top["mlflow.spanInputs"], words(r#"{"message":"hello"}"#));
    assert_eq!(model["mlflow.spanLogLevel"], Wire::IntValue(20));
    assert_eq!(model["cost"], Wire::DoubleValue(0.000_053_1));
    assert_eq!(model["is_cached"], Wire::IntValue(0));
    assert_eq!(model["mlflow.chat.tokenUsage"], words(r#"{"input_tokens":10,"output_tokens":5,"total_tokens":15}"#));
    assert_eq!(spans[0].status.as_ref().map(|status| status.code()), Some(StatusCode::Ok));
}

#[test]
fn a_trace_name_that_the_server_would_refuse_is_cut_with_a_mark() {
    let mut tracer = with_server();
    let name = "ß".repeat(5000);
    let call = start(&mut tracer, tool_call(None, &name), 0);
    emit(&mut tracer, tool_call_end(call, "x"), 1);
    let (_, spans) = sent(&mut tracer);
    let Wire::StringValue(cut) = attributes(&spans[0].attributes)["mlflow.traceTag.mlflow.traceName"].clone() else {
        panic!("text")
    };
    assert_eq!(cut.chars().count(), 4096);
    assert!(cut.ends_with("ß…"));
    assert_eq!(spans[0].name, name, "the span's own name has no limit");
}

#[test]
fn null_that_the_program_gave_is_a_value_without_content_as_in_python() {
    let mut tracer = with_server();
    let call = start(&mut tracer, tool_call(None, "tool"), 0);
    emit(&mut tracer, AgentEvent::ToolCallEnded { call, outputs: json("null") }, 1);
    let (_, spans) = sent(&mut tracer);
    let outputs = spans[0].attributes.iter().find(|attribute| attribute.key == "mlflow.spanOutputs");
    let value = outputs.expect("the attribute is there").value.clone();
    assert_eq!(value.and_then(|value| value.value), None);
}

#[test]
fn scalars_arrive_as_they_are() {
    assert_eq!(on_the_wire(Value::Null), None);
    assert_eq!(on_the_wire(Value::Bool(false)), Some(Wire::BoolValue(false)));
    for number in [0, -1, i64::MIN, i64::MAX, 9_007_199_254_740_993] {
        assert_eq!(on_the_wire(Value::Int(number)), Some(Wire::IntValue(number)));
    }
    for number in [0.0, -0.0, 0.1, -1e300, 5e-324] {
        assert_eq!(on_the_wire(Value::Double(number)), Some(Wire::DoubleValue(number)));
    }
}

#[test]
fn text_arrives_as_text_even_if_it_looks_like_json() {
    for plain in ["", "plain", "42", "true", "null", "héllo\u{0}\n\u{2028}😀", " x{"] {
        assert_eq!(on_the_wire(plain.into()), Some(words(plain)));
    }
    for odd in [r#"{"x":1}"#, "[1]", r#""quoted""#, " \n\t{no json", "[\u{1}\u{1f}\"\\😀"] {
        let Some(Wire::StringValue(wire)) = on_the_wire(odd.into()) else { panic!("text") };
        assert_eq!(serde_json::from_str::<String>(&wire).expect("a JSON string"), odd);
    }
}

#[test]
fn objects_arrive_as_their_json_text() {
    let nested = r#"{"a":[1,{"b":"ü"}],"c":{}}"#;
    assert_eq!(on_the_wire(json(nested)), Some(words(nested)));
    assert_eq!(on_the_wire(json("[]")), Some(words("[]")));
    let large = format!(r#"{{"text":"{}"}}"#, "x".repeat(3_000_000));
    assert_eq!(on_the_wire(json(&large)), Some(words(&large)));
}

#[test]
fn a_rope_arrives_as_one_text() {
    let part = JsonWriter::new().literal("{\"n\":").int(i64::MIN).literal("}").finish();
    let rope = JsonWriter::new()
        .literal("[")
        .json(&part)
        .literal(",")
        .value(&Value::Double(2.0))
        .literal(",")
        .value(&Value::Bool(true))
        .literal(",")
        .value(&Value::Null)
        .literal(",")
        .string("\"\\\u{8}\u{1b}é")
        .literal("]")
        .finish();
    assert_eq!(rope.len_bytes(), rope.to_string().len());
    let expected = "[{\"n\":-9223372036854775808},2,true,null,\"\\\"\\\\\\b\\u001bé\"]";
    assert_eq!(on_the_wire(Value::Json(rope)), Some(words(expected)));
}

#[test]
fn a_link_is_a_link_with_attributes_and_no_event() {
    let mut tracer = with_server();
    let call = start(&mut tracer, tool_call(None, "tool"), 0);
    let (trace, span) = parse_context("0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331").expect("ids");
    for update in [
        SpanUpdate::Event(EventKind::Named("asked".into())),
        SpanUpdate::Event(EventKind::Link(trace, span)),
        SpanUpdate::EventAttribute(AttributeKey::Named("kind".into()), "follows".into()),
    ] {
        emit(&mut tracer, AgentEvent::SpanUpdated { span: call, update }, 1);
    }
    emit(&mut tracer, AgentEvent::ToolCallEnded { call, outputs: Value::Null }, 2);
    let (_, spans) = sent(&mut tracer);
    let [link] = spans[0].links.as_slice() else { panic!("one link") };
    assert_eq!((&link.trace_id[..], &link.span_id[..]), (&trace.as_bytes()[..], &span.as_bytes()[..]));
    assert_eq!(attributes(&link.attributes)["kind"], words("follows"));
    let [event] = spans[0].events.as_slice() else { panic!("one event") };
    assert_eq!((event.name.as_str(), event.attributes.len()), ("asked", 0));
}

#[test]
fn a_failure_is_a_status_and_an_exception_event() {
    let mut tracer = with_server();
    let call = start(&mut tracer, tool_call(None, "tool"), 0);
    emit(&mut tracer, failure(call, "TypeError", "{\"not\": \"text\"}"), 7);
    let (_, spans) = sent(&mut tracer);
    let status = spans[0].status.clone().expect("a status");
    assert_eq!((status.code(), status.message.as_str()), (StatusCode::Error, "{\"not\": \"text\"}"));
    let [event] = spans[0].events.as_slice() else { panic!("one event") };
    assert_eq!((event.name.as_str(), event.time_unix_nano), ("exception", unix_at(7).0));
    let found = attributes(&event.attributes);
    assert_eq!(found["exception.type"], words("TypeError"));
    assert_eq!(found["exception.message"], words("{\"not\": \"text\"}"), "events are kept as they come");
    assert_eq!(found["exception.stacktrace"], words("at line 1"));
    assert_eq!(attributes(&spans[0].attributes)["mlflow.spanLogLevel"], Wire::IntValue(40));
}

proptest! {
    #[test]
    fn any_text_comes_back(plain in any::<String>()) {
        let Some(Wire::StringValue(wire)) = on_the_wire(plain.as_str().into()) else { panic!("text") };
        // What the server does: one layer is taken off what parses as a string, an object or an array.
        let read = match serde_json::from_str(&wire) {
            Ok(serde_json::Value::String(inner)) => inner,
            Ok(serde_json::Value::Object(_) | serde_json::Value::Array(_)) => panic!("taken for JSON"),
            _ => wire,
        };
        prop_assert_eq!(read, plain);
    }

    #[test]
    fn any_text_is_a_json_string(plain in any::<String>()) {
        let written = JsonWriter::new().string(&plain).finish().to_string();
        prop_assert_eq!(serde_json::from_str::<String>(&written).expect("JSON"), plain);
    }
}

#[test]
fn fields_of_every_wire_type_are_read_and_what_is_none_ends_the_walk() {
    let varint: &[u8] = &[0x08, 0xac, 0x02];
    let fixed_64: &[u8] = &[0x11, 1, 2, 0, 0, 0, 0, 0, 3];
    let text: &[u8] = &[0x1a, 2, b'h', b'i'];
    let fixed_32: &[u8] = &[0x25, 1, 2, 0, 3];
    let body = [varint, fixed_64, text, fixed_32].concat();
    let expected = [
        (1, Content::Number(300)),
        (2, Content::Number(0x0300_0000_0000_0201)),
        (3, Content::Bytes(b"hi")),
        (4, Content::Number(0x0300_0201)),
    ];
    assert_eq!(all_fields(&body).as_deref(), Some(&expected[..]));
    assert_eq!(fields(&body).collect::<Vec<_>>(), expected);
    // A group, which OTLP has none of, and a length beyond the end.
    for end in [&[0x2b][..], &[0x1a, 9, b'h']] {
        let body = [&body, end].concat();
        assert_eq!(all_fields(&body), None);
        assert_eq!(fields(&body).collect::<Vec<_>>(), expected);
    }
}
