//! A chat is no session by itself. When its conversation goes on in another trace, the finished one joins that session.

mod common;

use common::*;
use mlflow_ag2::ag2::{AgentEvent, SpanUpdate};
use mlflow_ag2::mlflow::{Request, RequestKind};
use mlflow_ag2::trace::{TraceId, TraceUpdate};

fn finished_chat(tracer: &mut TestTracer, millis: u64) -> TraceId {
    trace_of(tracer, 1, millis);
    tracer.last_trace_id().expect("a trace")
}

fn delivered_chat(tracer: &mut TestTracer) -> TraceId {
    let id = finished_chat(tracer, 0);
    exchange(tracer, 200, 5_000);
    id
}

fn session(tracer: &TestTracer) -> Option<String> {
    let metadata = last(tracer).metadata();
    metadata.into_iter().find(|(key, _)| &**key == "mlflow.trace.session").map(|(_, value)| value.to_string())
}

fn body(request: &Request) -> String {
    String::from_utf8(request.body.clone()).expect("text")
}

#[test]
fn a_delivered_trace_joins_with_an_info_that_keeps_its_times_and_its_state() {
    let mut tracer = with_server();
    let id = delivered_chat(&mut tracer);
    assert_eq!(session(&tracer), None);
    tracer.join_session(id, &rc("c-1"));
    assert_eq!(session(&tracer).as_deref(), Some("c-1"));
    let info = exchange(&mut tracer, 200, 5_001);
    assert_eq!(info.kind, RequestKind::TraceInfo);
    for text in [r#""mlflow.trace.session":"c-1""#, r#""state":"OK""#, &id.text(), r#""experiment_id":"0""#] {
        assert!(body(&info).contains(text), "{text} in {}", body(&info));
    }
    tracer.join_session(id, &rc("c-2"));
    assert!(due_request(&mut tracer, 60_000).is_none(), "it has one session");
    assert_balanced(&tracer.stats());
    assert_eq!(tracer.stats().delivered, 1);
}

#[test]
fn a_trace_that_waits_or_travels_has_its_info_behind_its_spans() {
    for is_sent in [false, true] {
        let mut tracer = with_server();
        let id = finished_chat(&mut tracer, 0);
        let request = if is_sent { Some(next(&mut tracer, 5_000)) } else { None };
        tracer.join_session(id, &rc("c-1"));
        let spans = request.unwrap_or_else(|| next(&mut tracer, 5_000));
        assert_eq!(spans.kind, RequestKind::Spans);
        tracer.on_response(spans.id, success(RequestKind::Spans), at(5_001));
        let info = exchange(&mut tracer, 200, 5_002);
        assert!(body(&info).contains(r#""mlflow.trace.session":"c-1""#), "{}", body(&info));
        assert_balanced(&tracer.stats());
    }
}

#[test]
fn an_info_that_waits_gets_the_session_too() {
    let mut tracer = with_server();
    let root = start(&mut tracer, chat(None), 0);
    let update = SpanUpdate::Trace(TraceUpdate::ClientRequestId("r-9".into()));
    emit(&mut tracer, AgentEvent::SpanUpdated { span: root, update }, 1);
    emit(&mut tracer, chat_end(root), 2);
    let id = tracer.last_trace_id().expect("a trace");
    exchange(&mut tracer, 200, 5_000);
    tracer.join_session(id, &rc("c-1"));
    let info = exchange(&mut tracer, 200, 5_001);
    assert!(body(&info).contains("c-1") && body(&info).contains("r-9"), "{}", body(&info));
    assert!(due_request(&mut tracer, 60_000).is_none());
}

#[test]
fn a_session_of_the_program_wins() {
    let mut tracer = with_server();
    let root = start(&mut tracer, chat(None), 0);
    let update = SpanUpdate::Trace(TraceUpdate::SessionId("mine".into()));
    emit(&mut tracer, AgentEvent::SpanUpdated { span: root, update }, 1);
    emit(&mut tracer, chat_end(root), 2);
    let id = tracer.last_trace_id().expect("a trace");
    exchange(&mut tracer, 200, 5_000);
    tracer.join_session(id, &rc("c-1"));
    assert_eq!(session(&tracer).as_deref(), Some("mine"));
    assert!(due_request(&mut tracer, 60_000).is_none());
}

#[test]
fn no_other_server_hears_of_a_trace() {
    let mut tracer = with_server();
    let id = delivered_chat(&mut tracer);
    tracer.set_tracking_uri("http://other.test").expect("an address");
    tracer.join_session(id, &rc("c-1"));
    assert!(due_request(&mut tracer, 60_000).is_none());
    assert_eq!(session(&tracer).as_deref(), Some("c-1"));

    let mut tracer = in_memory();
    let id = finished_chat(&mut tracer, 0);
    tracer.join_session(id, &rc("c-1"));
    assert!(due_request(&mut tracer, 60_000).is_none());
    assert_eq!(session(&tracer).as_deref(), Some("c-1"));
}
