//! The fields of the file that servers without OTLP get, and the info that is read out of restored spans.

mod common;

use common::*;
use mlflow_ag2::ag2::{AgentEvent, SpanUpdate};
use mlflow_ag2::export::PersistRecord;
use mlflow_ag2::trace::{AttributeKey, EventKind, SpanKey, TraceUpdate, Value};
use serde_json::Value as Json;

/// The bytes of a base64 text with padding (RFC 4648, section 4).
fn base64(text: &str) -> Vec<u8> {
    const DIGITS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    assert_eq!(text.len() % 4, 0, "{text}");
    let digits = text.trim_end_matches('=');
    let bits: String = digits.chars().map(|c| format!("{:06b}", DIGITS.find(c).expect("a digit"))).collect();
    let whole = bits.len() / 8 * 8;
    assert!(bits[whole..].chars().all(|bit| bit == '0') && text.len() - digits.len() < 3, "{text}");
    (0..whole).step_by(8).map(|at| u8::from_str_radix(&bits[at..at + 8], 2).expect("bits")).collect()
}

/// The info and the spans that a server without OTLP gets.
fn sent(tracer: &mut TestTracer) -> (Json, Json) {
    let (_, info) = play(tracer, &[server_info("FileStore"), located(ARTIFACT_LOCATION)]);
    let (_, file) = play(tracer, &[status(200)]);
    let body = |bytes: &[u8]| serde_json::from_slice::<Json>(bytes).expect("JSON");
    (body(&info.body)["trace"]["trace_info"].clone(), body(&file.body)["spans"].clone())
}

fn update(tracer: &mut TestTracer, span: SpanKey, update: SpanUpdate) {
    emit(tracer, AgentEvent::SpanUpdated { span, update }, 1);
}

/// What a later session sends of these records.
fn restored(records: &[PersistRecord]) -> (Json, Json) {
    let mut tracer = with_server();
    for record in records {
        assert!(tracer.restore(&record.bytes).is_some());
    }
    sent(&mut tracer)
}

#[test]
fn ids_times_and_messages_are_in_the_file_as_they_were() {
    let mut tracer = with_server();
    let root = start(&mut tracer, chat(None), 0);
    for name in ["one", "two", "three"] {
        let tool = start(&mut tracer, tool_call(Some(root), name), 12);
        emit(&mut tracer, failure(tool, "TypeError", "no"), 13);
    }
    emit(&mut tracer, chat_end(root), 20);
    let id = tracer.last_trace_id().expect("a trace");
    let ids: Vec<_> = tracer.trace(&id).expect("it").spans().map(|span| span.id.as_bytes().to_vec()).collect();
    let (_, spans) = sent(&mut tracer);
    for (index, span_id) in ids.iter().enumerate() {
        let text = |key: &str| spans[index][key].as_str().expect("base64");
        assert_eq!(base64(text("trace_id")), id.as_bytes());
        assert_eq!(base64(text("span_id")), *span_id);
        if index > 0 {
            assert_eq!(base64(text("parent_span_id")), ids[0]);
            assert_eq!(spans[index]["status"]["message"], "no");
            assert_eq!(spans[index]["events"][0]["time_unix_nano"], unix_at(13).0);
        }
    }
    assert_eq!(spans.as_array().map(Vec::len), Some(4));
}

#[test]
fn numbers_are_written_in_full_and_those_that_json_lacks_as_null() {
    let mut tracer = with_server();
    let call = start(&mut tracer, tool_call(None, "tool"), 0);
    for (key, number) in [("nan", f64::NAN), ("infinite", f64::INFINITY), ("half", 0.5)] {
        update(&mut tracer, call, SpanUpdate::Attribute(AttributeKey::Named(key.into()), Value::Double(number)));
    }
    update(&mut tracer, call, SpanUpdate::Event(EventKind::Named("event".into())));
    update(&mut tracer, call, SpanUpdate::EventAttribute(AttributeKey::Named("half".into()), Value::Double(0.5)));
    emit(&mut tracer, tool_call_end(call, "x"), 1);
    let (_, spans) = sent(&mut tracer);
    let attribute = |key: &str| spans[0]["attributes"][key].as_str().expect("JSON text").to_owned();
    assert_eq!(
        (attribute("nan"), attribute("infinite"), attribute("half")),
        ("null".into(), "null".into(), "0.5".into())
    );
    assert_eq!(spans[0]["events"][0]["attributes"]["half"], 0.5);
}

#[test]
fn a_span_that_two_records_have_is_in_the_file_once() {
    let mut before = with_server();
    trace_of(&mut before, 3, 0);
    let records = before.take_unpersisted();
    let twice = [records.clone(), records].concat();
    assert_eq!(restored(&twice).1.as_array().map(Vec::len), Some(3));
}

#[test]
fn the_info_of_a_restored_trace_is_read_out_of_its_spans() {
    let usage = |input: u32| {
        let text = format!(r#"{{"input_tokens":{input},"output_tokens":1,"total_tokens":{}}}"#, input + 1);
        SpanUpdate::Attribute(AttributeKey::Named("mlflow.chat.tokenUsage".into()), json(&text))
    };
    let mut before = with_server();
    let root = start(&mut before, chat(None), 0);
    update(&mut before, root, SpanUpdate::Trace(TraceUpdate::UserId("ada".into())));
    update(&mut before, root, SpanUpdate::Trace(TraceUpdate::SessionId("s-1".into())));
    for (outer, inner) in [(10, 10), (5, 3)] {
        let parent = start(&mut before, tool_call(Some(root), "outer"), 1);
        let child = start(&mut before, tool_call(Some(parent), "inner"), 1);
        update(&mut before, parent, usage(outer));
        update(&mut before, child, usage(inner));
        emit(&mut before, tool_call_end(child, "x"), 2);
        emit(&mut before, tool_call_end(parent, "x"), 3);
    }
    emit(&mut before, failure(root, "Error", "no"), 1_500);
    let (info, _) = restored(&before.take_unpersisted());
    assert_eq!((&info["state"], &info["execution_duration"]), (&"ERROR".into(), &"1.500s".into()));
    let metadata = &info["trace_metadata"];
    assert_eq!(metadata["mlflow.trace.user"], "ada");
    assert_eq!(metadata["mlflow.trace.session"], "s-1");
    // The tokens of the inner calls are among those of the outer ones.
    assert_eq!(metadata["mlflow.trace.tokenUsage"], r#"{"input_tokens":15,"output_tokens":2,"total_tokens":17}"#);
}

#[test]
fn the_info_of_a_part_without_its_root_begins_with_its_first_span() {
    let mut before = with_server();
    let root = start(&mut before, chat(None), 0);
    let call = start(&mut before, tool_call(Some(root), "early"), 250);
    emit(&mut before, tool_call_end(call, "x"), 300);
    before.flush_now();
    let (info, spans) = restored(&before.take_unpersisted());
    assert_eq!((&info["state"], &info["request_time"]), (&"IN_PROGRESS".into(), &"2023-11-14T22:13:20.250Z".into()));
    assert_eq!(spans.as_array().map(Vec::len), Some(1));
}

#[test]
fn the_conversation_of_a_message_is_the_session_of_a_restored_trace() {
    let mut before = with_server();
    let root = start(&mut before, chat(None), 0);
    for id in ["first", "second"] {
        let call = start(&mut before, tool_call(Some(root), "call"), 1);
        let key = AttributeKey::Named("gen_ai.conversation.id".into());
        update(&mut before, call, SpanUpdate::Attribute(key, Value::Text(id.into())));
        emit(&mut before, tool_call_end(call, "x"), 2);
    }
    emit(&mut before, chat_end(root), 3);
    let (info, _) = restored(&before.take_unpersisted());
    assert_eq!(info["trace_metadata"]["mlflow.trace.session"], "first");
}

#[test]
fn durations_have_seconds_and_milliseconds() {
    for (millis, text) in [(0, "0.000s"), (7, "0.007s"), (1_520, "1.520s"), (61_034, "61.034s"), (600_000, "600.000s")]
    {
        let mut tracer = with_server();
        let call = start(&mut tracer, tool_call(None, "tool"), 0);
        emit(&mut tracer, tool_call_end(call, "x"), millis);
        tracer.flush_now();
        assert_eq!(sent(&mut tracer).0["execution_duration"], text);
    }
}
