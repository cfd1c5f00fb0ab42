//! Finished spans are exported early of a trace that goes on, each once, and a trace that the program does not end is
//! ended.

mod common;

use common::*;
use mlflow_ag2::ag2::{AgentEvent, SpanUpdate};
use mlflow_ag2::export::Limits;
use mlflow_ag2::mlflow::{Request, RequestKind};
use mlflow_ag2::trace::{AttributeKey, SpanKey, TraceUpdate, Value};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;

const LIVE_MS: u64 = 5_000;
const HOUR_MS: u64 = 3_600_000;

fn spans(request: &Request) -> Vec<Span> {
    let body = ExportTraceServiceRequest::decode(request.body.as_slice()).expect("OTLP");
    let scopes = body.resource_spans.into_iter().flat_map(|resource| resource.scope_spans);
    scopes.flat_map(|scope| scope.spans).collect()
}

fn names(request: &Request) -> Vec<String> {
    spans(request).into_iter().map(|span| span.name).collect()
}

fn text_of(span: &Span, key: &str) -> Option<String> {
    let pair = span.attributes.iter().find(|pair| pair.key == key)?;
    match pair.value.as_ref()?.value.as_ref()? {
        any_value::Value::StringValue(text) => Some(text.clone()),
        _ => None,
    }
}

/// A chat in progress whose first reply has a finished model call and goes on.
fn chat_in_progress(tracer: &mut TestTracer) -> (SpanKey, SpanKey) {
    let root = start(tracer, chat(None), 0);
    let made = start(tracer, reply(root, "assistant"), 10);
    let call = start(tracer, model_call(Some(made)), 20);
    emit(tracer, model_call_end(call, 10, 5), 100);
    (root, made)
}

#[test]
fn a_finished_span_of_a_chat_in_progress_is_sent_after_a_while() {
    let mut tracer = with_server();
    let (root, made) = chat_in_progress(&mut tracer);
    assert_eq!(tracer.next_due(), Some(at(100 + LIVE_MS)));
    assert!(due_request(&mut tracer, 99 + LIVE_MS).is_none());
    let request = exchange(&mut tracer, 200, 100 + LIVE_MS);
    assert_eq!(names(&request), ["chat_completion"]);
    let (_, parent) = tracer.span_context(made).expect("it runs");
    assert_eq!(spans(&request)[0].parent_span_id, parent.as_bytes(), "the parent is named though it was not sent");
    assert_eq!(tracer.stats().delivered, 1);
    assert_balanced(&tracer.stats());

    emit(&mut tracer, message(made, "assistant", "hi"), 6_000);
    emit(&mut tracer, reply_end(made, None), 6_001);
    emit(&mut tracer, chat_end(root), 6_002);
    let request = exchange(&mut tracer, 200, 7_002);
    assert_eq!(names(&request), ["initiate_chat", "assistant"]);
    assert_eq!((tracer.stats().delivered, tracer.stats().started), (3, 3));
    assert_eq!(last(&tracer).spans().count(), 3, "read back it is whole");
}

#[test]
fn a_short_chat_travels_as_one() {
    let mut tracer = with_server();
    let (root, made) = chat_in_progress(&mut tracer);
    emit(&mut tracer, message(made, "assistant", "hi"), 200);
    emit(&mut tracer, reply_end(made, None), 210);
    emit(&mut tracer, chat_end(root), 4_999);
    let request = exchange(&mut tracer, 200, 5_999);
    assert_eq!(names(&request), ["initiate_chat", "assistant", "chat_completion"]);
    // The other one asked what the server can do.
    assert_eq!((tracer.stats().requests, tracer.next_due()), (2, None));
}

#[test]
fn a_reply_is_sent_when_both_its_end_and_its_message_have_come() {
    for message_first in [true, false] {
        let mut tracer = with_server();
        let root = start(&mut tracer, chat(None), 0);
        let made = start(&mut tracer, reply(root, "assistant"), 10);
        let events = [message(made, "assistant", "hi"), reply_end(made, Some("draft"))];
        let [first, second] = if message_first {
            events
        } else {
            let [message, end] = events;
            [end, message]
        };
        emit(&mut tracer, first, 20);
        assert!(due_request(&mut tracer, 60_000).is_none(), "half of it may yet change");
        emit(&mut tracer, second, 60_001);
        let request = exchange(&mut tracer, 200, 60_001 + LIVE_MS);
        let sent = spans(&request);
        assert_eq!(
            text_of(&sent[0], "mlflow.spanOutputs").as_deref(),
            Some(r#"{"message":"hi","sender":"assistant","valid":true}"#)
        );
    }
}

#[test]
fn a_failed_span_and_a_message_of_its_own_are_exported_early_too() {
    let mut tracer = with_server();
    let root = start(&mut tracer, chat(None), 0);
    let made = start(&mut tracer, reply(root, "assistant"), 10);
    emit(&mut tracer, failure(made, "Error", "no"), 20);
    emit(&mut tracer, message(root, "user", "first"), 21);
    emit(&mut tracer, message(root, "user", "second"), 22);
    let request = exchange(&mut tracer, 200, 20 + LIVE_MS);
    assert_eq!(names(&request), ["assistant", "user"]);
}

#[test]
fn a_flush_takes_what_has_finished_in_chats_that_go_on() {
    let mut tracer = with_server();
    let (root, made) = chat_in_progress(&mut tracer);
    tracer.flush_now();
    let request = exchange(&mut tracer, 200, 101);
    assert_eq!(names(&request), ["chat_completion"]);
    assert_eq!(tracer.request_due(), None, "the rest is not waited for");
    emit(&mut tracer, reply_end(made, None), 200);
    emit(&mut tracer, chat_end(root), 201);
    tracer.flush_now();
    exchange(&mut tracer, 200, 202);
    assert_eq!(tracer.stats().delivered, 3);
}

#[test]
fn in_memory_nothing_is_taken_ahead() {
    let mut tracer = in_memory();
    chat_in_progress(&mut tracer);
    tracer.flush_now();
    assert!(due_request(&mut tracer, 60_000).is_none());
    assert_eq!((tracer.stats().open, tracer.stats().delivered), (3, 0));
    tracer.set_tracking_uri(SERVER).expect("an address");
    let request = next(&mut tracer, 60_000);
    assert_eq!(names(&request), ["chat_completion"], "the server gets what has finished before");
}

#[test]
fn the_session_of_the_trace_goes_with_the_first_spans_of_it() {
    let mut tracer = with_server();
    let root = start(&mut tracer, chat(None), 0);
    let update = |span, update| AgentEvent::SpanUpdated { span, update };
    let conversation = |id: &str| SpanUpdate::Attribute(AttributeKey::ConversationId, Value::from(id));
    emit(&mut tracer, update(root, conversation("outer")), 1);
    let inner = start(&mut tracer, chat(Some(root)), 2);
    emit(&mut tracer, update(inner, conversation("inner")), 3);
    emit(&mut tracer, chat_end(inner), 4);
    let request = exchange(&mut tracer, 200, 60_000);
    let session = |request: &Request| text_of(&spans(request)[0], "session.id");
    assert_eq!(session(&request).as_deref(), Some("outer"));

    let named = SpanUpdate::Trace(TraceUpdate::SessionId("mine".into()));
    emit(&mut tracer, update(root, named), 60_001);
    let call = start(&mut tracer, tool_call(Some(root), "tool"), 60_002);
    emit(&mut tracer, tool_call_end(call, "x"), 60_003);
    let request = exchange(&mut tracer, 200, 70_000);
    assert_eq!(session(&request).as_deref(), Some("mine"));

    // The server keeps the first; it is corrected in the end.
    emit(&mut tracer, chat_end(root), 70_001);
    exchange(&mut tracer, 200, 80_000);
    let info = exchange(&mut tracer, 200, 80_001);
    assert_eq!(info.kind, RequestKind::TraceInfo);
    let body = String::from_utf8(info.body).expect("text");
    assert!(body.contains(r#""mlflow.trace.session":"mine""#), "{body}");
}

#[test]
fn what_spans_cannot_carry_is_sent_when_all_of_them_have_arrived() {
    let mut tracer = with_server();
    let (root, made) = chat_in_progress(&mut tracer);
    let update = SpanUpdate::Trace(TraceUpdate::ClientRequestId("r-9".into()));
    let event = AgentEvent::SpanUpdated { span: root, update };
    emit(&mut tracer, event, 101);
    let partial = next(&mut tracer, 100 + LIVE_MS);
    emit(&mut tracer, reply_end(made, None), 6_000);
    emit(&mut tracer, chat_end(root), 6_001);
    // The page is about to go: the root travels while the first part is still on its way.
    let closing = tracer.unload_requests(60_000, at(6_002));
    tracer.on_response(partial.id, status(200), at(6_003));
    assert_eq!(tracer.stats().delivered, 0, "no caller waits for it any more");
    let [with_root, rest] = closing.as_slice() else { panic!("the root first, then the rest") };
    assert_eq!(names(with_root), ["initiate_chat"]);
    tracer.on_response(with_root.id, status(200), at(6_003));
    assert!(due_request(&mut tracer, 60_000).is_none(), "the server would not count later spans any more");
    tracer.on_response(rest.id, status(200), at(6_004));
    let info = exchange(&mut tracer, 200, 6_005);
    assert_eq!(info.kind, RequestKind::TraceInfo);
    assert_eq!(tracer.stats().delivered, 3);
    assert_balanced(&tracer.stats());
}

#[test]
fn a_chat_that_does_not_end_is_ended_and_marked() {
    let mut tracer = with_server();
    let (root, made) = chat_in_progress(&mut tracer);
    exchange(&mut tracer, 200, 100 + LIVE_MS);
    assert_eq!(tracer.next_due(), Some(at(HOUR_MS)));
    assert!(due_request(&mut tracer, HOUR_MS).is_none(), "it waits for company");
    let request = exchange(&mut tracer, 200, HOUR_MS + 1_000);
    assert_eq!(names(&request), ["initiate_chat", "assistant"]);
    let mark = spans(&request)[0].attributes.iter().any(|pair| pair.key == "mlflow_ag2.timed_out");
    assert!(mark);
    let stats = tracer.stats();
    assert_eq!((stats.timed_out, stats.open, stats.delivered), (1, 0, 3));
    assert_balanced(&stats);

    emit(&mut tracer, reply_end(made, None), HOUR_MS + 2_000);
    emit(&mut tracer, chat_end(root), HOUR_MS + 2_001);
    assert_eq!(tracer.stats().event_errors.span_ended, 0);
}

#[test]
fn what_begins_below_a_span_that_outlived_its_trace_is_part_of_it() {
    let mut tracer = with_server();
    let (root, made) = chat_in_progress(&mut tracer);
    let (trace, span) = tracer.span_context(made).expect("it runs");
    emit(&mut tracer, chat_end(root), 200);
    let late = start(&mut tracer, model_call(Some(made)), 300);
    emit(&mut tracer, model_call_end(late, 1, 1), 310);
    let request = exchange(&mut tracer, 200, 10_000);
    let sent = spans(&request);
    let late = sent.last().expect("a span");
    assert_eq!(late.trace_id, trace.as_bytes());
    assert_eq!(late.parent_span_id, span.as_bytes());
    assert_eq!(tracer.stats().orphans, 0);
}

#[test]
fn the_delays_can_be_chosen() {
    let mut tracer = with_server();
    tracer.set_limits(Limits { live_delay_ms: 200, trace_timeout_ms: 1_000, batch_delay_ms: 50, ..*tracer.limits() });
    chat_in_progress(&mut tracer);
    assert_eq!(tracer.next_due(), Some(at(300)));
    exchange(&mut tracer, 200, 300);
    assert_eq!(tracer.next_due(), Some(at(1_000)));
    assert!(due_request(&mut tracer, 1_000).is_none());
    assert_eq!(tracer.next_due(), Some(at(1_050)));
}

#[test]
fn a_trace_may_be_allowed_to_go_on_for_ever() {
    let mut tracer = with_server();
    tracer.set_limits(Limits { trace_timeout_ms: u64::MAX, live_delay_ms: u64::MAX, ..*tracer.limits() });
    chat_in_progress(&mut tracer);
    assert!(due_request(&mut tracer, 1_000 * HOUR_MS).is_none());
    assert_eq!((tracer.stats().open, tracer.stats().timed_out), (3, 0));
}
