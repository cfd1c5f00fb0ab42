//! The request that tells the server the previews of a trace and where it comes from, after its spans.

mod common;

use common::*;
use mlflow_ag2::ag2::{AgentEvent, SpanUpdate};
use mlflow_ag2::export::DroppedInfos;
use mlflow_ag2::mlflow::{Request, RequestKind, Response};
use mlflow_ag2::trace::{CapturePolicy, TraceUpdate, Value};

/// A chat with these inputs and outputs.
fn chat_of(tracer: &mut TestTracer, inputs: &str, outputs: &str) {
    let chat = start(tracer, AgentEvent::ChatStarted { parent: None, inputs: json(inputs) }, 0);
    emit(tracer, AgentEvent::ChatEnded { chat, outputs: json(outputs) }, 5);
}

const QUESTION: &str = r#"{"recipient":"a","message":"How deep is the \"sea\"?","kwargs":{}}"#;
const ANSWER: &str =
    r#"{"chat_id":1,"chat_history":[{"content":"q"},{"content":"a"}],"summary":"Deep.\nVery.","cost":{}}"#;

/// A tracer in a page whose server has been asked what it can do.
fn in_a_page() -> TestTracer {
    run_in_a_page();
    with_server()
}

/// Records a chat and sends its spans, which the server accepts.
fn delivered(tracer: &mut TestTracer, millis: u64) {
    chat_of(tracer, QUESTION, ANSWER);
    tracer.flush_now();
    while let Some(request) = due_request(tracer, millis) {
        tracer.on_response(request.id, success(request.kind), at(millis));
        if request.kind == RequestKind::Spans {
            return;
        }
    }
    panic!("no spans are due");
}

fn answer(tracer: &mut TestTracer, request: &Request, response: Response, millis: u64) {
    assert_eq!(request.kind, RequestKind::TraceInfo);
    tracer.on_response(request.id, response, at(millis));
    assert_balanced(&tracer.stats());
}

fn body(request: &Request) -> &str {
    std::str::from_utf8(&request.body).expect("text")
}

#[test]
fn the_info_follows_the_spans_and_says_where_the_trace_comes_from() {
    let mut tracer = in_a_page();
    delivered(&mut tracer, 10);
    assert_eq!((tracer.stats().delivered, tracer.stats().buffered), (1, 0), "the spans do not wait for it");
    let info = next(&mut tracer, 10);
    let id = tracer.last_trace_id().expect("a trace").text();
    assert_eq!(
        body(&info),
        format!(r#"{{"trace":{{"trace_info":{{"trace_id":"{id}","trace_location":{{"type":"MLFLOW_EXPERIMENT","#)
            + r#""mlflow_experiment":{"experiment_id":"0"}},"request_time":"2023-11-14T22:13:20.000Z","#
            + r#""execution_duration":"0.005s","state":"OK","request_preview":"How deep is the \"sea\"?","#
            + r#""response_preview":"Deep.\nVery.","trace_metadata":{"mlflow_ag2.host":"browser","#
            + r#""mlflow.source.name":"https://app.example/chat","mlflow.source.type":"LOCAL","#
            + &format!(r#""mlflow_ag2.version":"{}","#, env!("CARGO_PKG_VERSION"))
            + r#""mlflow.trace_schema.version":"3"}}}}"#
    );
    answer(&mut tracer, &info, success(RequestKind::TraceInfo), 10);
    assert_eq!(tracer.next_due(), None);
    assert_eq!(tracer.stats().dropped_infos, DroppedInfos::default());
    let metadata = last(&tracer).metadata();
    assert!(metadata.contains(&(rc("mlflow.source.name"), rc("https://app.example/chat"))), "memory says the same");
}

#[test]
fn what_the_program_says_wins() {
    let mut tracer = in_a_page();
    let chat = start(&mut tracer, AgentEvent::ChatStarted { parent: None, inputs: json(QUESTION) }, 0);
    for update in [
        TraceUpdate::RequestPreview("mine".into()),
        TraceUpdate::UserId("u-1".into()),
        TraceUpdate::Metadata { key: "mlflow.source.name".into(), value: "my app".into() },
    ] {
        emit(&mut tracer, AgentEvent::SpanUpdated { span: chat, update: SpanUpdate::Trace(update) }, 0);
    }
    emit(&mut tracer, AgentEvent::ChatEnded { chat, outputs: json(ANSWER) }, 5);
    tracer.flush_now();
    exchange(&mut tracer, 200, 10);
    assert_eq!(tracer.stats().delivered, 0, "what the program gave counts");
    let info = next(&mut tracer, 10);
    for part in [
        r#""request_preview":"mine","response_preview":"Deep.\nVery.""#,
        r#""mlflow.source.name":"my app""#,
        r#""mlflow.user":"u-1""#,
    ] {
        assert!(body(&info).contains(part), "{part} in {}", body(&info));
    }
    assert_eq!(body(&info).matches("mlflow.source.name").count(), 1);
}

#[test]
fn a_preview_shows_nothing_that_was_left_out_or_redacted() {
    for (inputs, outputs, expected) in [
        (false, true, [None, Some("Deep.\nVery.")]),
        (true, false, [Some("How deep is the \"sea\"?"), None]),
        (false, false, [None, None]),
    ] {
        let mut tracer = in_memory();
        tracer.set_capture_policy(CapturePolicy { inputs, outputs, only_redacted: false }, at(0));
        chat_of(&mut tracer, QUESTION, ANSWER);
        let found = last(&tracer).previews();
        assert_eq!(found.each_ref().map(Option::as_deref), expected);
    }
    let mut tracer = in_a_page();
    tracer.set_capture_policy(CapturePolicy { only_redacted: true, ..CapturePolicy::default() }, at(0));
    chat_of(&mut tracer, QUESTION, ANSWER);
    let held = tracer.last_trace_id();
    assert_eq!(held.and_then(|id| tracer.trace(&id)).map(|view| view.previews()), None);
    let key = tracer.unredacted()[0];
    let root = tracer.redact(key).expect("it waits");
    root.inputs = json(r#"{"message":"[out]"}"#);
    root.outputs = Value::Text("[out]".into());
    root.is_redacted = true;
    tracer.release(at(6));
    tracer.flush_now();
    exchange(&mut tracer, 200, 10);
    let info = next(&mut tracer, 10);
    assert!(body(&info).contains(r#""request_preview":"[out]","trace_metadata""#), "{}", body(&info));
}

#[test]
fn a_collector_gets_no_info() {
    run_in_a_page();
    let mut tracer = in_memory();
    tracer.set_otlp_endpoint("http://collector.test/v1/traces").expect("an address");
    chat_of(&mut tracer, QUESTION, ANSWER);
    tracer.flush_now();
    assert_eq!(exchange(&mut tracer, 200, 10).kind, RequestKind::Spans);
    assert_eq!(tracer.next_due(), None);
}

#[test]
fn a_trace_that_another_program_continues_gets_no_derived_info() {
    // The server would count no more tokens of it.
    let mut tracer = in_a_page();
    let chat = start(&mut tracer, AgentEvent::ChatStarted { parent: None, inputs: json(QUESTION) }, 0);
    let update = SpanUpdate::Trace(TraceUpdate::Propagated);
    emit(&mut tracer, AgentEvent::SpanUpdated { span: chat, update }, 0);
    emit(&mut tracer, AgentEvent::ChatEnded { chat, outputs: json(ANSWER) }, 5);
    tracer.flush_now();
    exchange(&mut tracer, 200, 10);
    assert_eq!(tracer.next_due(), None);
}

#[test]
fn a_server_that_keeps_files_gets_the_same() {
    let mut tracer = in_a_page();
    chat_of(&mut tracer, QUESTION, ANSWER);
    tracer.flush_now();
    let question = due_request(&mut tracer, 10).expect("a question");
    tracer.on_response(question.id, server_info("FileStore"), at(10));
    let info = next(&mut tracer, 10);
    assert_eq!(info.kind, RequestKind::TraceInfo);
    for part in [
        r#""request_preview":"How deep is the \"sea\"?","response_preview":"Deep.\nVery.""#,
        r#""mlflow.source.name":"https://app.example/chat""#,
        r#""mlflow.trace_schema.version":"3""#,
    ] {
        assert!(body(&info).contains(part), "{part} in {}", body(&info));
    }
}

#[test]
fn a_server_or_proxy_that_refuses_the_info_gets_none_for_a_minute_and_then_for_an_hour_without_a_warning() {
    let page = text_response(200, "<title>Sign in</title>", true);
    for refusal in [status(401), status(403), status(404), status(405), status(410), status(501), status(302), page] {
        let mut tracer = in_a_page();
        delivered(&mut tracer, 10);
        let info = next(&mut tracer, 10);
        answer(&mut tracer, &info, refusal.clone(), 10);
        for count in 1..=5 {
            delivered(&mut tracer, 10 + count * 1_000);
            assert_eq!(tracer.next_due(), None, "{refusal:?}");
        }
        let stats = tracer.stats();
        assert_eq!((stats.delivered, stats.buffered, stats.retries), (6, 0, 0));
        assert_eq!(stats.dropped_infos, DroppedInfos { refused: 6, ..DroppedInfos::default() });
        assert_eq!((codes(&mut tracer).len(), stats.last_error), (0, None), "{refusal:?}");

        let mut changed = tracer;
        changed.configuration_changed();
        delivered(&mut changed, 10_000);
        let info = next(&mut changed, 10_000);
        answer(&mut changed, &info, refusal.clone(), 10_000);
        delivered(&mut changed, 69_999);
        assert_eq!(changed.next_due(), None);
        // It may have been in the middle of a deploy: it is asked again.
        delivered(&mut changed, 70_000);
        let info = next(&mut changed, 70_000);
        answer(&mut changed, &info, refusal.clone(), 70_000);
        delivered(&mut changed, 3_669_999);
        assert_eq!(changed.next_due(), None);
        delivered(&mut changed, 3_670_000);
        let info = next(&mut changed, 3_670_000);
        answer(&mut changed, &info, success(RequestKind::TraceInfo), 3_670_000);
        // It took one: the next refusal is the first again.
        delivered(&mut changed, 3_680_000);
        let info = next(&mut changed, 3_680_000);
        answer(&mut changed, &info, refusal, 3_680_000);
        delivered(&mut changed, 3_740_000);
        assert_eq!(next(&mut changed, 3_740_000).kind, RequestKind::TraceInfo);
    }
}

#[test]
fn infos_that_are_refused_together_count_as_one_refusal() {
    let mut tracer = in_a_page();
    for _ in 0..3 {
        chat_of(&mut tracer, QUESTION, ANSWER);
    }
    tracer.flush_now();
    exchange(&mut tracer, 200, 10);
    let infos: Vec<_> = (0..3).map(|_| next(&mut tracer, 10)).collect();
    for info in &infos {
        answer(&mut tracer, info, status(404), 10);
    }
    assert_eq!(tracer.stats().dropped_infos, DroppedInfos { refused: 3, ..DroppedInfos::default() });
    delivered(&mut tracer, 60_010);
    assert_eq!(next(&mut tracer, 60_010).kind, RequestKind::TraceInfo);
}

#[test]
fn an_outage_costs_no_info_however_long_it_lasts() {
    let mut tracer = in_a_page();
    delivered(&mut tracer, 10);
    let info = next(&mut tracer, 10);
    let away = Response { may_be_blocked: true, ..status(0) };
    answer(&mut tracer, &info, away.clone(), 10);
    for attempt in 1..=100 {
        let question = due_request(&mut tracer, 10 + attempt * 60_000).expect("a question");
        assert_eq!(question.kind, RequestKind::Probe, "whether it is there");
        tracer.on_response(question.id, away.clone(), at(10 + attempt * 60_000));
    }
    let info = next(&mut tracer, 7_000_000);
    assert_eq!(info.kind, RequestKind::TraceInfo);
    answer(&mut tracer, &info, success(RequestKind::TraceInfo), 7_000_000);
    assert_eq!(tracer.stats().dropped_infos, DroppedInfos::default());
    assert_eq!(tracer.next_due(), None);
}

#[test]
fn an_info_that_the_server_fails_at_is_sent_again_and_delays_no_spans() {
    for failure in [status(0), status(429), status(500), status(503)] {
        let mut tracer = in_a_page();
        delivered(&mut tracer, 10);
        let mut millis = 10;
        for attempt in 1..=8 {
            let info = next(&mut tracer, millis);
            answer(&mut tracer, &info, failure.clone(), millis);
            assert_eq!(tracer.stats().retries, attempt);
            millis += 60_000;
        }
        assert_eq!(tracer.next_due(), None, "given up");
        assert_eq!(tracer.stats().dropped_infos, DroppedInfos { retries_exhausted: 1, ..DroppedInfos::default() });
        assert_eq!((codes(&mut tracer).len(), tracer.stats().last_error), (0, None));
        delivered(&mut tracer, millis);
        let info = next(&mut tracer, millis);
        answer(&mut tracer, &info, failure.clone(), millis);
        chat_of(&mut tracer, QUESTION, ANSWER);
        tracer.flush_now();
        let kinds = [next(&mut tracer, millis), next(&mut tracer, millis)].map(|request| request.kind);
        assert_eq!(kinds, [RequestKind::TraceInfo, RequestKind::Spans], "neither waits for the other");
    }
}

#[test]
fn a_page_that_may_not_send_infos_stops_to_try() {
    let mut tracer = in_a_page();
    delivered(&mut tracer, 10);
    let blocked = Response { may_be_blocked: true, ..status(0) };
    for attempt in 0..8 {
        let info = next(&mut tracer, 10 + attempt * 60_000);
        answer(&mut tracer, &info, blocked.clone(), 10 + attempt * 60_000);
    }
    delivered(&mut tracer, 600_000);
    assert_eq!(tracer.next_due(), None);
}

#[test]
fn an_info_that_is_refused_by_itself_costs_the_next_one_nothing() {
    for refusal in [status(400), status(413), status(422), error(404, "RESOURCE_DOES_NOT_EXIST")] {
        let mut tracer = in_a_page();
        delivered(&mut tracer, 10);
        let info = next(&mut tracer, 10);
        answer(&mut tracer, &info, refusal, 10);
        assert_eq!((tracer.next_due(), tracer.stats().dropped_infos.refused), (None, 1));
        assert_eq!((codes(&mut tracer).len(), tracer.stats().last_error), (0, None));
        delivered(&mut tracer, 20);
        assert_eq!(next(&mut tracer, 20).kind, RequestKind::TraceInfo);
    }
}

#[test]
fn three_infos_are_in_flight_at_once_and_there_are_a_thousand() {
    let mut tracer = in_a_page();
    for _ in 0..1_005 {
        chat_of(&mut tracer, QUESTION, ANSWER);
    }
    tracer.flush_now();
    let mut infos = Vec::new();
    while let Some(request) = due_request(&mut tracer, 10) {
        match request.kind {
            RequestKind::TraceInfo => infos.push(request),
            kind => tracer.on_response(request.id, success(kind), at(10)),
        }
    }
    assert_eq!(infos.len(), 3);
    assert_eq!(tracer.stats().delivered, 1_005);
    assert_eq!(tracer.stats().dropped_infos, DroppedInfos { buffer_full: 5, ..DroppedInfos::default() });
    let mut sent = 0;
    while let Some(info) = infos.pop() {
        answer(&mut tracer, &info, success(RequestKind::TraceInfo), 10);
        sent += 1;
        infos.extend(due_request(&mut tracer, 10));
    }
    assert_eq!(sent, 1_000);
}

#[test]
fn a_trace_that_is_restored_has_its_info_which_is_still_a_derived_one() {
    let mut before = in_a_page();
    chat_of(&mut before, QUESTION, ANSWER);
    let records = before.take_unpersisted();
    let mut after = in_a_page();
    after.restore(&records[0].bytes).expect("a record");
    after.flush_now();
    exchange(&mut after, 200, 10);
    let info = next(&mut after, 10);
    assert!(body(&info).contains(r#""request_preview":"How deep is"#), "{}", body(&info));
    assert_eq!((after.stats().delivered, after.take_finished_ids().len()), (1, 1), "its spans are done");
    assert!(after.take_unpersisted().is_empty());
    answer(&mut after, &info, status(404), 10);
    assert_eq!((codes(&mut after).len(), after.next_due()), (0, None));
}

#[test]
fn an_unloading_page_sends_infos_within_its_quota() {
    for (quota, sent) in [(60_000, 2), (1_000, 1), (100, 0)] {
        let mut tracer = in_a_page();
        for _ in 0..2 {
            chat_of(&mut tracer, QUESTION, ANSWER);
        }
        tracer.flush_now();
        exchange(&mut tracer, 200, 10);
        let requests = tracer.unload_requests(quota, at(11));
        assert_eq!(requests.len(), sent, "{quota}");
        assert!(requests.iter().all(|request| request.kind == RequestKind::TraceInfo));
        assert!(requests.iter().map(|request| request.body.len()).sum::<usize>() <= quota);
        // A page that comes back sends them again, since their responses may not have been seen.
        tracer.requeue_in_flight();
        let mut again = 0;
        while let Some(info) = due_request(&mut tracer, 12) {
            answer(&mut tracer, &info, success(RequestKind::TraceInfo), 12);
            again += 1;
        }
        assert_eq!(again, 2);
    }
}

#[test]
fn a_session_that_a_trace_joins_travels_with_its_info() {
    let mut tracer = in_a_page();
    delivered(&mut tracer, 10);
    let id = tracer.last_trace_id().expect("a trace");
    tracer.join_session(id, &rc("conversation"));
    let info = next(&mut tracer, 10);
    assert!(body(&info).contains(r#""mlflow.trace.session":"conversation""#), "{}", body(&info));
    answer(&mut tracer, &info, success(RequestKind::TraceInfo), 10);
    assert_eq!(tracer.next_due(), None);
}
