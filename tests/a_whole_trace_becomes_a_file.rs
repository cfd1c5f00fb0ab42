//! What servers without an OTLP endpoint get: the info of a whole trace, then its spans as a file.

mod common;

use common::*;
use mlflow_ag2::ag2::{AgentEvent, SpanUpdate};
use mlflow_ag2::mlflow::{Request, RequestKind};
use mlflow_ag2::trace::{SpanId, TraceId, TraceUpdate, Value};
use serde_json::Value as Json;

fn body(request: &Request) -> Json {
    serde_json::from_slice(&request.body).expect("JSON")
}

#[test]
fn the_file_is_what_mlflow_writes_itself() {
    let mut tracer = with_server();
    let root = start(&mut tracer, chat(None), 0);
    whole_reply(&mut tracer, root, "Ägent \"🤖\"", "42", 1);
    let tool = start(&mut tracer, tool_call(Some(root), "tool"), 12);
    emit(&mut tracer, failure(tool, "TypeError", "no"), 13);
    emit(&mut tracer, chat_end(root), 1_520);
    let trace_id = tracer.last_trace_id().expect("a trace").to_string();
    let answers = [server_info("FileStore"), located(ARTIFACT_LOCATION)];
    let (_, info) = play(&mut tracer, &answers);
    let trace_info = body(&info)["trace"]["trace_info"].clone();
    assert_eq!(trace_info["trace_id"], trace_id.as_str());
    assert_eq!(trace_info["request_time"], "2023-11-14T22:13:20.000Z");
    assert_eq!(trace_info["execution_duration"], "1.520s");
    assert_eq!(trace_info["state"], "OK");
    assert_eq!(trace_info["request_preview"], r#"{"message":"hello"}"#);
    assert_eq!(trace_info["response_preview"], r#"{"summary":"done"}"#);
    assert_eq!(trace_info["tags"]["mlflow.traceName"], "initiate_chat");
    assert_eq!(
        trace_info["trace_metadata"]["mlflow.trace.tokenUsage"],
        r#"{"input_tokens":10,"output_tokens":5,"total_tokens":15}"#
    );
    let (_, file) = play(&mut tracer, &[status(200)]);
    assert_eq!((file.method, file.kind), ("PUT", RequestKind::Artifact));
    let spans = body(&file)["spans"].clone();
    let [root, agent, model, tool] = [0, 1, 2, 3].map(|index| spans[index].clone());
    assert_eq!(root["parent_span_id"], Json::Null);
    assert_eq!(agent["parent_span_id"], root["span_id"]);
    assert_eq!(root["trace_id"].as_str().map(str::len), Some(24), "16 bytes in base64");
    assert_eq!(agent["name"], "Ägent \"🤖\"");
    assert_eq!(root["start_time_unix_nano"], unix_at(0).0);
    assert_eq!(root["status"]["code"], "STATUS_CODE_OK");
    let attribute = |span: &Json, key: &str| {
        let text = span["attributes"][key].as_str().expect("JSON text").to_owned();
        serde_json::from_str::<Json>(&text).expect("JSON")
    };
    assert_eq!(attribute(&root, "mlflow.traceRequestId"), trace_id.as_str());
    assert_eq!(attribute(&root, "mlflow.spanType"), "CHAIN");
    assert_eq!(attribute(&root, "mlflow.spanInputs")["message"], "hello");
    assert_eq!(attribute(&agent, "mlflow.spanOutputs")["message"], "42");
    assert_eq!(attribute(&model, "cost"), 0.000_053_1);
    assert_eq!(attribute(&model, "is_cached"), 0);
    assert_eq!(root["attributes"].get("mlflow.traceTag.mlflow.traceName"), None);
    assert_eq!(tool["status"]["code"], "STATUS_CODE_ERROR");
    assert_eq!(tool["events"][0]["name"], "exception");
    assert_eq!(tool["events"][0]["attributes"]["exception.message"], "no");
}

#[test]
fn null_that_the_program_gave_is_null_in_the_file() {
    let mut tracer = with_server();
    let call = start(&mut tracer, tool_call(None, "tool"), 0);
    emit(&mut tracer, AgentEvent::ToolCallEnded { call, outputs: json("null") }, 1);
    play(&mut tracer, &[server_info("FileStore"), located(ARTIFACT_LOCATION)]);
    let (_, file) = play(&mut tracer, &[status(200)]);
    assert_eq!(body(&file)["spans"][0]["attributes"]["mlflow.spanOutputs"], "null");
}

#[test]
fn what_the_program_set_on_a_trace_goes_along() {
    let mut tracer = with_server();
    let root = start(&mut tracer, chat(None), 0);
    for update in [
        TraceUpdate::Metadata { key: "why \"}}}}".into(), value: "because }}}}".into() },
        TraceUpdate::RequestPreview("asked".into()),
        TraceUpdate::ClientRequestId("mine".into()),
        TraceUpdate::SessionId("session".into()),
        TraceUpdate::Tag { key: "stage".into(), value: "test".into() },
    ] {
        let update = SpanUpdate::Trace(update);
        emit(&mut tracer, AgentEvent::SpanUpdated { span: root, update }, 1);
    }
    emit(&mut tracer, chat_end(root), 2);
    let answers = [server_info("FileStore"), located(ARTIFACT_LOCATION)];
    let (_, info) = play(&mut tracer, &answers);
    let trace_info = body(&info)["trace"]["trace_info"].clone();
    assert_eq!(trace_info["trace_metadata"]["why \"}}}}"], "because }}}}");
    assert_eq!(trace_info["trace_metadata"]["mlflow.trace.session"], "session");
    assert_eq!(trace_info["request_preview"], "asked");
    assert_eq!(trace_info["response_preview"], "done");
    assert_eq!(trace_info["client_request_id"], "mine");
    assert_eq!(trace_info["tags"]["stage"], "test");
    play(&mut tracer, &[status(200)]);
    assert_eq!((tracer.stats().delivered, tracer.next_due()), (1, None));
}

#[test]
fn files_are_put_where_the_server_says_or_nowhere() {
    let under = "/api/2.0/mlflow-artifacts/artifacts/";
    for (location, path) in [
        ("mlflow-artifacts:/1/traces/a/artifacts", Some("1/traces/a/artifacts")),
        ("mlflow-artifacts://host:5000/1/a%b c/", Some("1/a%25b%20c")),
        ("s3://bucket/1/traces", None),
        ("file:///mlruns/0", None),
        ("mlflow-artifacts://", None),
        ("", None),
    ] {
        let mut tracer = with_server();
        trace_of(&mut tracer, 2, 0);
        play(&mut tracer, &[server_info("FileStore"), located(location)]);
        let Some(path) = path else {
            let codes: Vec<_> = tracer.take_notices().iter().map(|notice| notice.code).collect();
            assert_eq!(codes, ["artifacts_not_served"], "{location}");
            assert_eq!(tracer.stats().dropped.refused, 2);
            continue;
        };
        let (seen, _) = play(&mut tracer, &[status(200)]);
        assert_eq!(seen, [format!("PUT {under}{path}/traces.json")]);
    }
}

#[test]
fn a_trace_goes_as_a_whole_even_if_parts_of_it_were_flushed() {
    let mut tracer = with_server();
    let root = start(&mut tracer, chat(None), 0);
    let call = start(&mut tracer, tool_call(Some(root), "early"), 0);
    emit(&mut tracer, tool_call_end(call, "x"), 1);
    tracer.flush_now();
    play(&mut tracer, &[server_info("FileStore")]);
    tracer.flush_now();
    assert!(due_request(&mut tracer, 1_000_000).is_none(), "its root still runs");
    emit(&mut tracer, chat_end(root), 1_000_000);
    tracer.flush_now();
    let (_, file) = play(&mut tracer, &[located(ARTIFACT_LOCATION), status(200)]);
    assert_eq!(body(&file)["spans"].as_array().map(Vec::len), Some(2));
    assert_eq!((tracer.stats().delivered, tracer.stats().buffered), (2, 0));
}

#[test]
fn what_a_previous_session_left_of_one_trace_becomes_one_file() {
    let mut earlier = with_server();
    let root = start(&mut earlier, chat(None), 0);
    let call = start(&mut earlier, tool_call(Some(root), "early"), 0);
    emit(&mut earlier, tool_call_end(call, "x"), 1);
    earlier.flush_now();
    let mut records = earlier.take_unpersisted();
    emit(&mut earlier, chat_end(root), 10);
    records.extend(earlier.take_unpersisted());
    assert_eq!(records.len(), 2);
    let mut tracer = with_server();
    for chunk in &records {
        assert!(tracer.restore(&chunk.bytes).is_some());
    }
    let answers = [server_info("FileStore"), located(ARTIFACT_LOCATION)];
    let (_, info) = play(&mut tracer, &answers);
    assert_eq!(body(&info)["trace"]["trace_info"]["state"], "OK");
    let (_, file) = play(&mut tracer, &[status(200)]);
    assert_eq!(body(&file)["spans"].as_array().map(Vec::len), Some(2));
    // Of one that ended before its root did, what there is.
    let mut tracer = with_server();
    assert!(tracer.restore(&records[0].bytes).is_some());
    let (_, info) = play(&mut tracer, &answers);
    assert_eq!(body(&info)["trace"]["trace_info"]["state"], "IN_PROGRESS");
}

#[test]
fn a_part_of_another_programs_trace_does_not_overwrite_it() {
    let mut tracer = with_server();
    let trace = TraceId::from_bytes([7; 16]).expect("an id");
    let span = SpanId::from_bytes([7; 8]).expect("an id");
    let parent = tracer.remote_parent(trace, span).expect("a key");
    let call = start(&mut tracer, tool_call(Some(parent), "part"), 0);
    emit(&mut tracer, tool_call_end(call, "x"), 1);
    play(&mut tracer, &[server_info("FileStore")]);
    assert!(due_request(&mut tracer, 1_000_000).is_none());
    let stats = tracer.stats();
    assert_eq!((stats.dropped.refused, stats.buffered), (1, 0));
    assert_eq!(tracer.take_notices()[0].code, "part_of_trace");
}

#[test]
fn numbers_are_written_so_that_they_read_back() {
    for number in [0.1, -2.5e-300, 1e300, 5.31e-5] {
        let mut tracer = with_server();
        let call = start(&mut tracer, tool_call(None, "tool"), 0);
        let outputs = Value::Double(number);
        emit(&mut tracer, AgentEvent::ToolCallEnded { call, outputs }, 1);
        let answers = [server_info("FileStore"), located(ARTIFACT_LOCATION), status(200)];
        let (_, file) = play(&mut tracer, &answers);
        let text = body(&file)["spans"][0]["attributes"]["mlflow.spanOutputs"].clone();
        assert_eq!(text.as_str().and_then(|text| text.parse::<f64>().ok()), Some(number));
    }
}
