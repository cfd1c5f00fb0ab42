//! Tags, sessions, users, metadata and previews: what the spans can carry goes with them, the rest in
//! one request behind them. And traces that began in another program.

mod common;

use common::*;
use mlflow_ag2::ag2::{AgentEvent, SpanUpdate};
use mlflow_ag2::export::{Limits, TraceState};
use mlflow_ag2::mlflow::{ExperimentRef, RequestKind};
use mlflow_ag2::trace::{AttributeKey, SpanId, SpanKey, TraceId, TraceUpdate, UnixNanos, Value};

fn set(tracer: &mut TestTracer, span: SpanKey, update: TraceUpdate) {
    let update = SpanUpdate::Trace(update);
    emit(tracer, AgentEvent::SpanUpdated { span, update }, 1);
}

fn metadata(key: &str, value: &str) -> TraceUpdate {
    TraceUpdate::Metadata { key: key.into(), value: value.into() }
}

/// A finished chat of one span, to which `updates` were applied.
fn run(tracer: &mut TestTracer, updates: Vec<TraceUpdate>) {
    let root = start(tracer, chat(None), 0);
    for update in updates {
        set(tracer, root, update);
    }
    emit(tracer, chat_end(root), 1_234);
}

fn root_attribute(tracer: &TestTracer, key: &str) -> Option<Value> {
    let view = last(tracer);
    let root = view.spans().next().expect("a root");
    let attributes = view.trace_attributes(root);
    attributes.into_iter().find(|(name, _)| name == key).map(|(_, value)| value)
}

#[test]
fn tags_session_and_user_travel_on_the_root() {
    let mut tracer = with_server();
    let tag = |value: &str| TraceUpdate::Tag { key: "release".into(), value: value.into() };
    run(
        &mut tracer,
        vec![tag("1.3"), tag("1.4"), TraceUpdate::SessionId("s-1".into()), TraceUpdate::UserId("ada".into())],
    );
    for (key, value) in [
        ("session.id", "s-1"),
        ("user.id", "ada"),
        ("mlflow.traceTag.release", "1.4"),
        ("mlflow.traceTag.mlflow.traceName", "initiate_chat"),
    ] {
        assert_eq!(root_attribute(&tracer, key), Some(value.into()), "{key}");
    }
    exchange(&mut tracer, 200, 5_000);
    assert!(due_request(&mut tracer, 60_000).is_none(), "nothing is left to say");
}

#[test]
fn the_session_of_the_program_wins_over_the_conversation() {
    let mut tracer = in_memory();
    let root = start(&mut tracer, chat(None), 0);
    let conversation = SpanUpdate::Attribute(AttributeKey::ConversationId, "77".into());
    emit(&mut tracer, AgentEvent::SpanUpdated { span: root, update: conversation }, 1);
    let session = |tracer: &TestTracer| {
        let view = tracer.trace(&tracer.last_trace_id().expect("a trace")).expect("in memory");
        let metadata = view.metadata();
        metadata.into_iter().find(|(key, _)| &**key == "mlflow.trace.session").map(|(_, value)| value.to_string())
    };
    set(&mut tracer, root, TraceUpdate::SessionId("mine".into()));
    emit(&mut tracer, chat_end(root), 2);
    assert_eq!(session(&tracer).as_deref(), Some("mine"));

    let root = start(&mut tracer, chat(None), 3);
    let conversation = SpanUpdate::Attribute(AttributeKey::ConversationId, "77".into());
    emit(&mut tracer, AgentEvent::SpanUpdated { span: root, update: conversation }, 4);
    emit(&mut tracer, chat_end(root), 5);
    assert_eq!(session(&tracer).as_deref(), Some("77"));
}

#[test]
fn what_mlflow_would_cut_or_refuse_is_cut_here() {
    let mut tracer = in_memory();
    let long = "x".repeat(10_000);
    run(
        &mut tracer,
        vec![
            TraceUpdate::SessionId(rc(&long)),
            TraceUpdate::ClientRequestId(rc(&long)),
            TraceUpdate::RequestPreview(rc(&long)),
            TraceUpdate::Tag { key: rc(&long), value: rc(&long) },
            metadata(&long, &long),
        ],
    );
    let view = last(&tracer);
    let properties = view.properties();
    let length = |text: &Option<std::rc::Rc<str>>| text.as_ref().map(|text| text.chars().count());
    assert_eq!(length(&properties.session_id), Some(250));
    assert_eq!(length(&properties.client_request_id), Some(50));
    assert_eq!(length(&properties.request_preview), Some(1000));
    let lengths = |pair: &(std::rc::Rc<str>, std::rc::Rc<str>)| (pair.0.chars().count(), pair.1.chars().count());
    assert_eq!(lengths(&properties.tags[0]), (250, 4096));
    assert_eq!(lengths(&properties.metadata[0]), (250, 250));
}

#[test]
fn a_state_of_the_programs_own_follows_the_spans() {
    let mut tracer = with_server();
    run(&mut tracer, vec![TraceUpdate::Failed(false), TraceUpdate::Failed(true)]);
    assert_eq!(last(&tracer).state(), TraceState::Error);
    exchange(&mut tracer, 200, 5_000);
    let rest = exchange(&mut tracer, 200, 5_000);
    let body: serde_json::Value = serde_json::from_slice(&rest.body).expect("JSON");
    assert_eq!(body["trace"]["trace_info"]["state"], "ERROR");
}

#[test]
fn what_spans_cannot_carry_is_sent_after_them() {
    let mut tracer = with_server();
    run(
        &mut tracer,
        vec![
            metadata("commit", "a\"b"),
            TraceUpdate::ClientRequestId("r-9".into()),
            TraceUpdate::RequestPreview("asked".into()),
            TraceUpdate::ResponsePreview("answer".into()),
        ],
    );
    let spans = exchange(&mut tracer, 200, 5_000);
    assert_eq!(spans.kind, RequestKind::Spans);
    assert_eq!(tracer.stats().delivered, 0, "not all of it has arrived");
    let rest = exchange(&mut tracer, 200, 5_000);
    assert_eq!(rest.kind, RequestKind::TraceInfo);
    assert_eq!((rest.method, rest.url.as_str()), ("POST", "http://mlflow.test:5000/api/3.0/mlflow/traces"));
    let body: serde_json::Value = serde_json::from_slice(&rest.body).expect("JSON");
    let id = tracer.last_trace_id().expect("a trace").to_string();
    let expected = serde_json::json!({ "trace": { "trace_info": {
        "trace_id": id,
        "trace_location": { "type": "MLFLOW_EXPERIMENT", "mlflow_experiment": { "experiment_id": "0" } },
        "request_time": "2023-11-14T22:13:20.000Z",
        "execution_duration": "1.234s",
        "state": "OK",
        "client_request_id": "r-9",
        "request_preview": "asked",
        "response_preview": "answer",
        "trace_metadata": { "commit": "a\"b" },
    } } });
    assert_eq!(body, expected);
    assert_eq!(tracer.stats().delivered, 1);
    assert_balanced(&tracer.stats());
    assert!(due_request(&mut tracer, 60_000).is_none());
}

#[test]
fn trace_info_is_retried_and_given_up_without_losing_the_spans() {
    let mut tracer = with_server();
    run(&mut tracer, vec![metadata("a", "b")]);
    exchange(&mut tracer, 200, 5_000);
    let first = next(&mut tracer, 5_000);
    tracer.on_response(first.id, status(503), at(5_000));
    assert_eq!(tracer.stats().buffered, 1);
    assert!(due_request(&mut tracer, 5_001).is_none(), "it waits");
    let again = next(&mut tracer, 60_000);
    assert_eq!(again.body, first.body);
    tracer.on_response(again.id, status(400), at(60_000));
    assert_eq!((tracer.stats().delivered, tracer.stats().dropped.total()), (1, 0));
    assert_eq!(tracer.take_notices().len(), 1);
    assert_balanced(&tracer.stats());
}

#[test]
fn no_refusal_of_the_request_as_such_gives_up_trace_info() {
    for code in [0, 302, 401, 403, 404, 405, 407, 410, 429, 501, 503] {
        let mut tracer = with_server();
        run(&mut tracer, vec![metadata("a", "b")]);
        exchange(&mut tracer, 200, 5_000);
        for attempt in 1..=20 {
            let request = next(&mut tracer, attempt * 1_000_000);
            assert_eq!(request.kind, RequestKind::TraceInfo, "{code}");
            tracer.on_response(request.id, status(code), at(attempt * 1_000_000));
        }
        assert_eq!((tracer.stats().delivered, tracer.stats().buffered), (0, 1), "{code}");
        exchange(&mut tracer, 200, 30_000_000);
        assert_eq!((tracer.stats().delivered, tracer.stats().buffered), (1, 0), "{code}");
    }
}

#[test]
fn why_trace_info_was_not_stored_is_reported() {
    let gone = error(404, "RESOURCE_DOES_NOT_EXIST");
    let reasons = [(gone, "experiment_gone"), (status(500), "server_error"), (status(404), "otlp_unsupported")];
    for (response, code) in reasons {
        let mut tracer = with_server();
        run(&mut tracer, vec![metadata("a", "b")]);
        exchange(&mut tracer, 200, 5_000);
        let info = next(&mut tracer, 5_000);
        tracer.on_response(info.id, response, at(5_000));
        assert_eq!(codes(&mut tracer), [code]);
    }
}

#[test]
fn as_many_spans_wait_for_trace_info_as_for_delivery() {
    let mut tracer = with_server();
    tracer.set_limits(Limits { buffer_spans: 3, ..Limits::default() });
    for number in 0..5 {
        let millis = number * 1_000_000;
        let root = start(&mut tracer, chat(None), millis);
        set(&mut tracer, root, metadata("a", "b"));
        emit(&mut tracer, chat_end(root), millis);
        while let Some(request) = due_request(&mut tracer, millis + 500_000) {
            let response = if request.kind == RequestKind::TraceInfo { status(404) } else { success(request.kind) };
            tracer.on_response(request.id, response, at(millis + 500_000));
        }
    }
    let stats = tracer.stats();
    assert_eq!((stats.delivered, stats.buffered, stats.dropped.total()), (2, 3, 0), "their spans are stored");
    assert_balanced(&stats);
    assert_eq!(codes(&mut tracer), ["otlp_unsupported", "trace_info_given_up"]);
}

#[test]
fn trace_info_stays_with_the_server_and_the_experiment_of_its_spans() {
    let mut tracer = with_server();
    tracer.set_experiment(ExperimentRef::Id("7".into()));
    let search = next(&mut tracer, 0);
    tracer.on_response(search.id, found("7", None), at(0));
    run(&mut tracer, vec![metadata("a", "b")]);
    exchange(&mut tracer, 200, 5_000);
    tracer.set_experiment(ExperimentRef::Id("8".into()));
    let search = next(&mut tracer, 5_000);
    assert_eq!(search.kind, RequestKind::Experiment);
    let rest = next(&mut tracer, 5_000);
    let body = String::from_utf8(rest.body).expect("text");
    assert!(body.contains(r#""experiment_id":"7""#), "{body}");
    tracer.on_response(rest.id, status(0), at(5_000));
    tracer.set_tracking_uri("http://other.test").expect("an address");
    assert_eq!(tracer.stats().buffered, 1, "it goes on to its own server");
    let search = due_request(&mut tracer, 100_000).expect("a search at the new server");
    tracer.on_response(search.id, found("8", None), at(100_000));
    let again = next(&mut tracer, 100_000);
    assert!(again.url.starts_with(SERVER), "{}", again.url);
    assert_eq!(&*again.tracking_uri, SERVER);
    tracer.on_response(again.id, success(again.kind), at(100_000));
    assert_eq!((tracer.stats().delivered, tracer.stats().buffered), (1, 0));
    assert_balanced(&tracer.stats());
}

#[test]
fn a_span_below_another_programs_carries_that_trace() {
    let trace = TraceId::from_bytes([7; 16]).expect("an id");
    let above = SpanId::from_bytes([9; 8]).expect("an id");
    let mut tracer = in_memory();
    let parent = tracer.remote_parent(trace, above).expect("a key");
    assert_eq!(tracer.span_context(parent), Some((trace, above)));
    for _ in 0..2 {
        let root = start(&mut tracer, chat(Some(parent)), 0);
        assert_eq!(tracer.span_context(root).map(|(trace, _)| trace), Some(trace));
        set(&mut tracer, root, TraceUpdate::Tag { key: "a".into(), value: "b".into() });
        set(&mut tracer, root, metadata("a", "b"));
        whole_reply(&mut tracer, root, "assistant", "hi", 1);
        emit(&mut tracer, chat_end(root), 20);
        assert_eq!(tracer.span_context(root), None, "it is done");
    }
    let view = tracer.trace(&trace).expect("both parts");
    assert!(view.has_remote_root());
    assert_eq!(view.spans().count(), 6);
    let parents: Vec<_> = view.spans().map(|span| view.parent_id(span)).collect();
    assert_eq!((parents[0], parents[3]), (Some(above), Some(above)));
    assert_eq!(parents[1], view.spans().next().map(|root| root.id));
    assert_eq!(view.token_usage().map(|usage| usage.total_tokens), Some(30));
    let first = view.spans().next().expect("a span");
    assert!(view.trace_attributes(first).is_empty(), "name and tags are the root's to say");
    assert_eq!(tracer.stats().orphans, 0);
}

#[test]
fn a_trace_with_a_remote_root_sends_no_properties_of_the_whole() {
    let mut tracer = with_server();
    let trace = TraceId::from_bytes([7; 16]).expect("an id");
    let above = SpanId::from_bytes([9; 8]).expect("an id");
    let parent = tracer.remote_parent(trace, above).expect("a key");
    let root = start(&mut tracer, chat(Some(parent)), 0);
    set(&mut tracer, root, metadata("a", "b"));
    emit(&mut tracer, chat_end(root), 1);
    exchange(&mut tracer, 200, 5_000);
    assert!(due_request(&mut tracer, 60_000).is_none());
    assert_eq!(tracer.stats().delivered, 1);
}

#[test]
fn other_programs_spans_are_forgotten_before_they_fill_the_memory() {
    let mut tracer = in_memory();
    let above = SpanId::from_bytes([9; 8]).expect("an id");
    let trace = |number: u16| {
        let mut bytes = [1; 16];
        bytes[..2].copy_from_slice(&number.to_be_bytes());
        TraceId::from_bytes(bytes).expect("an id")
    };
    let keys: Vec<_> = (0..1_001).map(|number| tracer.remote_parent(trace(number), above).expect("a key")).collect();
    assert_eq!(tracer.span_context(keys[0]), None);
    assert_eq!(tracer.span_context(keys[1]), Some((trace(1), above)));
    start(&mut tracer, chat(Some(keys[0])), 0);
    assert_eq!(tracer.stats().orphans, 1, "it began a trace of its own, and that is counted");
}

#[test]
fn times_are_written_as_iso_8601() {
    for (seconds, expected) in [
        (0, "1970-01-01T00:00:00.000Z"),
        (951_782_400, "2000-02-29T00:00:00.000Z"),
        (1_709_164_799, "2024-02-28T23:59:59.000Z"),
        (1_735_689_600, "2025-01-01T00:00:00.000Z"),
        (4_107_542_400, "2100-03-01T00:00:00.000Z"),
    ] {
        assert_eq!(UnixNanos(seconds * 1_000_000_000).to_iso(), expected);
    }
    assert_eq!(UnixNanos(1_999_999).to_iso(), "1970-01-01T00:00:00.001Z");
    assert_eq!(UnixNanos(86_399_999_999_999).to_iso(), "1970-01-01T23:59:59.999Z");
    let mut days = 0;
    for year in 1970..2410_u64 {
        let february = if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) { 29 } else { 28 };
        for (month, length) in (1..).zip([31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]) {
            for day in [1, length] {
                let written = UnixNanos((days + day - 1) * 86_400_000_000_000).to_iso();
                assert_eq!(written, format!("{year}-{month:02}-{day:02}T00:00:00.000Z"));
            }
            days += length;
        }
    }
}

#[test]
fn a_text_is_cut_where_it_is_too_long_and_not_before() {
    use mlflow_ag2::trace::limits::{clamp, truncate};
    for (text, expected) in
        [("", None), ("abcd", None), ("abcde", Some("abc…")), ("äöüßé", Some("äöü…")), ("abcdefgh", Some("abc…"))]
    {
        assert_eq!(truncate(text, 4, "…").as_deref(), expected, "{text}");
        assert_eq!(&*clamp(&rc(text), 4), expected.unwrap_or(text));
    }
    assert_eq!(truncate("abcdef", 5, "...").as_deref(), Some("ab..."));
}
