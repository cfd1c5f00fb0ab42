//! Finished spans are sent ahead of a trace that goes on, each once, and a trace that nobody ends is ended.

mod common;

use common::*;
use mlflow_ag2::ag2::{Fact, Note};
use mlflow_ag2::mlflow::{Request, RequestKind};
use mlflow_ag2::recorder::Limits;
use mlflow_ag2::trace::{AttributeKey, Extra, SpanKey, Value};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;

const LIVE_MS: u64 = 5_000;
const HOUR_MS: u64 = 3_600_000;

fn spans(request: &Request) -> Vec<Span> {
    let body = ExportTraceServiceRequest::decode(request.body.as_slice()).expect("OTLP");
    let scopes = body
        .resource_spans
        .into_iter()
        .flat_map(|resource| resource.scope_spans);
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
fn chat_in_progress(recorder: &mut TestRecorder) -> (SpanKey, SpanKey) {
    let root = start(recorder, chat(None), 0);
    let made = start(recorder, reply(root, "assistant"), 10);
    let call = start(recorder, model_call(Some(made)), 20);
    tell(recorder, model_call_end(call, 10, 5), 100);
    (root, made)
}

#[test]
fn a_finished_span_of_a_chat_in_progress_is_sent_after_a_while() {
    let mut recorder = with_server();
    let (root, made) = chat_in_progress(&mut recorder);
    assert_eq!(recorder.next_due(), Some(at(100 + LIVE_MS)));
    assert!(recorder.next_request(at(99 + LIVE_MS)).is_none());
    let request = exchange(&mut recorder, 200, 100 + LIVE_MS);
    assert_eq!(names(&request), ["chat_completion"]);
    let (_, parent) = recorder.span_context(made).expect("it runs");
    assert_eq!(
        spans(&request)[0].parent_span_id,
        parent.as_bytes(),
        "the parent is named though it was not sent"
    );
    assert_eq!(recorder.stats().delivered, 1);
    assert_balanced(&recorder.stats());

    tell(&mut recorder, message(made, "assistant", "hi"), 6_000);
    tell(&mut recorder, reply_end(made, None), 6_001);
    tell(&mut recorder, chat_end(root), 6_002);
    let request = exchange(&mut recorder, 200, 7_002);
    assert_eq!(names(&request), ["initiate_chat", "assistant"]);
    assert_eq!(
        (recorder.stats().delivered, recorder.stats().started),
        (3, 3)
    );
    assert_eq!(last(&recorder).spans().count(), 3, "read back it is whole");
}

#[test]
fn a_short_chat_travels_as_one() {
    let mut recorder = with_server();
    let (root, made) = chat_in_progress(&mut recorder);
    tell(&mut recorder, message(made, "assistant", "hi"), 200);
    tell(&mut recorder, reply_end(made, None), 210);
    tell(&mut recorder, chat_end(root), 4_999);
    let request = exchange(&mut recorder, 200, 5_999);
    assert_eq!(
        names(&request),
        ["initiate_chat", "assistant", "chat_completion"]
    );
    // The other one asked what the server can do.
    assert_eq!((recorder.stats().requests, recorder.next_due()), (2, None));
}

#[test]
fn a_reply_is_sent_when_both_its_end_and_its_message_have_come() {
    for message_first in [true, false] {
        let mut recorder = with_server();
        let root = start(&mut recorder, chat(None), 0);
        let made = start(&mut recorder, reply(root, "assistant"), 10);
        let facts = [
            message(made, "assistant", "hi"),
            reply_end(made, Some("draft")),
        ];
        let [first, second] = if message_first {
            facts
        } else {
            let [message, end] = facts;
            [end, message]
        };
        tell(&mut recorder, first, 20);
        assert!(
            recorder.next_request(at(60_000)).is_none(),
            "half of it may yet change"
        );
        tell(&mut recorder, second, 60_001);
        let request = exchange(&mut recorder, 200, 60_001 + LIVE_MS);
        let sent = spans(&request);
        assert_eq!(
            text_of(&sent[0], "mlflow.spanOutputs").as_deref(),
            Some(r#"{"message":"hi","sender":"assistant","valid":true}"#)
        );
    }
}

#[test]
fn a_failed_span_and_a_message_of_its_own_are_sent_ahead_too() {
    let mut recorder = with_server();
    let root = start(&mut recorder, chat(None), 0);
    let made = start(&mut recorder, reply(root, "assistant"), 10);
    tell(&mut recorder, failure(made, "Error", "no"), 20);
    tell(&mut recorder, message(root, "user", "first"), 21);
    tell(&mut recorder, message(root, "user", "second"), 22);
    let request = exchange(&mut recorder, 200, 20 + LIVE_MS);
    assert_eq!(names(&request), ["assistant", "user"]);
}

#[test]
fn a_flush_takes_what_has_finished_in_chats_that_go_on() {
    let mut recorder = with_server();
    let (root, made) = chat_in_progress(&mut recorder);
    recorder.flush_now();
    let request = exchange(&mut recorder, 200, 101);
    assert_eq!(names(&request), ["chat_completion"]);
    assert_eq!(recorder.request_due(), None, "the rest is not waited for");
    tell(&mut recorder, reply_end(made, None), 200);
    tell(&mut recorder, chat_end(root), 201);
    recorder.flush_now();
    exchange(&mut recorder, 200, 202);
    assert_eq!(recorder.stats().delivered, 3);
}

#[test]
fn in_memory_nothing_is_taken_ahead() {
    let mut recorder = in_memory();
    chat_in_progress(&mut recorder);
    recorder.flush_now();
    assert!(recorder.next_request(at(60_000)).is_none());
    assert_eq!((recorder.stats().open, recorder.stats().delivered), (3, 0));
    recorder.set_tracking_uri(SERVER).expect("an address");
    let request = next(&mut recorder, 60_000);
    assert_eq!(
        names(&request),
        ["chat_completion"],
        "the server gets what has finished before"
    );
}

#[test]
fn the_session_of_the_trace_goes_with_the_first_spans_of_it() {
    let mut recorder = with_server();
    let root = start(&mut recorder, chat(None), 0);
    let note = |span, note| Fact::Noted { span, note };
    let conversation = |id: &str| Note::Attribute(AttributeKey::ConversationId, Value::from(id));
    tell(&mut recorder, note(root, conversation("outer")), 1);
    let inner = start(&mut recorder, chat(Some(root)), 2);
    tell(&mut recorder, note(inner, conversation("inner")), 3);
    tell(&mut recorder, chat_end(inner), 4);
    let request = exchange(&mut recorder, 200, 60_000);
    let session = |request: &Request| text_of(&spans(request)[0], "session.id");
    assert_eq!(session(&request).as_deref(), Some("outer"));

    let named = Note::Trace(Extra::SessionId("mine".into()));
    tell(&mut recorder, note(root, named), 60_001);
    let call = start(&mut recorder, tool_call(Some(root), "tool"), 60_002);
    tell(&mut recorder, tool_call_end(call, "x"), 60_003);
    let request = exchange(&mut recorder, 200, 70_000);
    assert_eq!(session(&request).as_deref(), Some("mine"));

    // The server keeps the first; it is corrected in the end.
    tell(&mut recorder, chat_end(root), 70_001);
    exchange(&mut recorder, 200, 80_000);
    let told = exchange(&mut recorder, 200, 80_001);
    assert_eq!(told.kind, RequestKind::TraceInfo);
    let body = String::from_utf8(told.body).expect("text");
    assert!(body.contains(r#""mlflow.trace.session":"mine""#), "{body}");
}

#[test]
fn what_spans_cannot_carry_follows_when_all_of_them_have_arrived() {
    let mut recorder = with_server();
    let (root, made) = chat_in_progress(&mut recorder);
    let extra = Note::Trace(Extra::ClientRequestId("r-9".into()));
    let said = Fact::Noted {
        span: root,
        note: extra,
    };
    tell(&mut recorder, said, 101);
    let early = next(&mut recorder, 100 + LIVE_MS);
    tell(&mut recorder, reply_end(made, None), 6_000);
    tell(&mut recorder, chat_end(root), 6_001);
    // The page is about to go: the root travels while the first part is still on its way.
    let closing = recorder.closing_requests(60_000, at(6_002));
    assert_eq!(
        recorder.settle(early.id, status(200), at(6_003)),
        mlflow_ag2::recorder::Settled::Ignored
    );
    let [with_root, rest] = closing.as_slice() else {
        panic!("the root first, then the rest")
    };
    assert_eq!(names(with_root), ["initiate_chat"]);
    recorder.settle(with_root.id, status(200), at(6_003));
    assert!(
        recorder.next_request(at(60_000)).is_none(),
        "the server would not count later spans any more"
    );
    recorder.settle(rest.id, status(200), at(6_004));
    let told = exchange(&mut recorder, 200, 6_005);
    assert_eq!(told.kind, RequestKind::TraceInfo);
    assert_eq!(recorder.stats().delivered, 3);
    assert_balanced(&recorder.stats());
}

#[test]
fn a_chat_that_nobody_ends_is_ended_and_marked() {
    let mut recorder = with_server();
    let (root, made) = chat_in_progress(&mut recorder);
    exchange(&mut recorder, 200, 100 + LIVE_MS);
    assert_eq!(recorder.next_due(), Some(at(HOUR_MS)));
    assert!(
        recorder.next_request(at(HOUR_MS)).is_none(),
        "it waits for company"
    );
    let request = exchange(&mut recorder, 200, HOUR_MS + 1_000);
    assert_eq!(names(&request), ["initiate_chat", "assistant"]);
    let mark = spans(&request)[0]
        .attributes
        .iter()
        .any(|pair| pair.key == "mlflow_ag2.timed_out");
    assert!(mark);
    let stats = recorder.stats();
    assert_eq!((stats.timed_out, stats.open, stats.delivered), (1, 0, 3));
    assert_balanced(&stats);

    tell(&mut recorder, reply_end(made, None), HOUR_MS + 2_000);
    tell(&mut recorder, chat_end(root), HOUR_MS + 2_001);
    assert_eq!(recorder.stats().fact_errors.span_ended, 0);
}

#[test]
fn what_begins_below_a_span_that_outlived_its_trace_is_part_of_it() {
    let mut recorder = with_server();
    let (root, made) = chat_in_progress(&mut recorder);
    let (trace, span) = recorder.span_context(made).expect("it runs");
    tell(&mut recorder, chat_end(root), 200);
    let late = start(&mut recorder, model_call(Some(made)), 300);
    tell(&mut recorder, model_call_end(late, 1, 1), 310);
    let request = exchange(&mut recorder, 200, 10_000);
    let sent = spans(&request);
    let late = sent.last().expect("a span");
    assert_eq!(late.trace_id, trace.as_bytes());
    assert_eq!(late.parent_span_id, span.as_bytes());
    assert_eq!(recorder.stats().orphans, 0);
}

#[test]
fn the_delays_can_be_chosen() {
    let mut recorder = with_server();
    recorder.set_limits(Limits {
        live_delay_ms: 200,
        trace_timeout_ms: 1_000,
        batch_delay_ms: 50,
        ..*recorder.limits()
    });
    chat_in_progress(&mut recorder);
    assert_eq!(recorder.next_due(), Some(at(300)));
    exchange(&mut recorder, 200, 300);
    assert_eq!(recorder.next_due(), Some(at(1_000)));
    assert!(recorder.next_request(at(1_000)).is_none());
    assert_eq!(recorder.next_due(), Some(at(1_050)));
}

#[test]
fn a_trace_may_be_allowed_to_go_on_for_ever() {
    let mut recorder = with_server();
    recorder.set_limits(Limits {
        trace_timeout_ms: u64::MAX,
        live_delay_ms: u64::MAX,
        ..*recorder.limits()
    });
    chat_in_progress(&mut recorder);
    assert!(recorder.next_request(at(1_000 * HOUR_MS)).is_none());
    assert_eq!((recorder.stats().open, recorder.stats().timed_out), (3, 0));
}
