//! Delivery: when spans are sent, and what each answer of the server changes.

mod common;

use common::*;
use mlflow_ag2::ag2::{AgentEvent, SpanUpdate};
use mlflow_ag2::export::NextRequest;
use mlflow_ag2::mlflow::retry::{Backoff, MAX_ATTEMPTS};
use mlflow_ag2::mlflow::{ExperimentRef, JsonFields, RequestKind, Response};
use mlflow_ag2::trace::TraceUpdate;

/// Later than any wait.
const MUCH_LATER: u64 = 10_000_000;

#[test]
fn waits_double_up_to_a_cap_and_heed_the_server_up_to_another() {
    let wait = |backoff: &mut Backoff, retry_after_ms, random| {
        backoff.fail(at(0), retry_after_ms, random);
        backoff.until().nanos_since(at(0)) / 1_000_000
    };
    let waits = |random: u32| {
        let mut backoff = Backoff::default();
        std::array::from_fn::<u64, 7, _>(|_| wait(&mut backoff, None, random))
    };
    assert_eq!(waits(u32::MAX), [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    // Clients that failed together are spread over the whole wait.
    assert_eq!(waits(u32::MAX / 2), [499, 999, 1_999, 3_999, 7_999, 14_999, 14_999]);
    assert_eq!(waits(0), [100; 7]);
    let mut backoff = Backoff::default();
    assert_eq!(wait(&mut backoff, Some(20_000), 0), 20_000);
    assert_eq!(wait(&mut backoff, Some(20_000), u32::MAX), 22_000, "those whom a server sent away together too");
    assert_eq!(wait(&mut backoff, Some(10), 0), 100);
    assert_eq!(wait(&mut backoff, Some(u64::MAX), 0), 300_000);
    backoff.reset();
    assert_eq!(backoff.failures(), 0);
}

#[test]
fn a_finished_trace_waits_a_second_for_company() {
    let mut tracer = with_server();
    assert_eq!(tracer.next_due(), None);
    trace_of(&mut tracer, 3, 100);
    assert_eq!(tracer.next_due(), Some(at(1_100)));
    assert!(due_request(&mut tracer, 1_099).is_none());
    trace_of(&mut tracer, 2, 500);
    let request = next(&mut tracer, 1_100);
    assert_eq!((request.method, request.url.as_str()), ("POST", "http://mlflow.test:5000/v1/traces"));
    let header = |name| request.headers.iter().find(|(key, _)| *key == name).map(|(_, value)| value.as_str());
    assert_eq!(header("content-type"), Some("application/x-protobuf"));
    assert_eq!(header("x-mlflow-experiment-id"), Some("0"));
    assert_eq!(tracer.stats().buffered, 5);
    tracer.on_response(request.id, status(200), at(1_200));
    assert_eq!((tracer.stats().delivered, tracer.stats().buffered), (5, 0));
    assert_eq!(tracer.next_due(), None);
}

#[test]
fn a_flush_or_a_full_batch_is_due_at_once() {
    let mut tracer = with_server();
    trace_of(&mut tracer, 3, 0);
    tracer.flush_now();
    assert!(tracer.next_due() <= Some(at(0)));
    exchange(&mut tracer, 200, 0);
    trace_of(&mut tracer, 512, 10);
    exchange(&mut tracer, 200, 10);
    trace_of(&mut tracer, 3, 20);
    assert!(due_request(&mut tracer, 20).is_none(), "a flush does not outlive what it flushed");
}

#[test]
fn one_request_with_spans_is_under_way_at_a_time() {
    let mut tracer = with_server();
    trace_of(&mut tracer, 400, 0);
    trace_of(&mut tracer, 400, 0);
    tracer.flush_now();
    let first = next(&mut tracer, 0);
    assert!(due_request(&mut tracer, MUCH_LATER).is_none());
    assert_eq!(tracer.next_due(), None);
    tracer.on_response(first.id, status(200), at(1));
    tracer.on_response(first.id, status(200), at(1));
    assert_eq!(tracer.stats().delivered, 400, "a response counts once");
    exchange(&mut tracer, 200, 1);
    assert_eq!(tracer.stats().delivered, 800);
}

#[test]
fn a_busy_server_gets_the_same_again_later() {
    let mut tracer = with_server();
    trace_of(&mut tracer, 3, 0);
    let first = next(&mut tracer, 1_000);
    let answer = Response { status: 503, retry_after_ms: Some(5_000), ..Response::default() };
    tracer.on_response(first.id, answer, at(1_000));
    let due = tracer.next_due().expect("another attempt");
    assert!(at(6_000) <= due && due <= at(7_000), "{due:?}");
    assert!(matches!(
        tracer.next_request(at(5_999)),
        NextRequest::WaitUntil(until) if until == due
    ));
    let again = exchange(&mut tracer, 200, 7_000);
    assert_eq!(again.body, first.body);
    let stats = tracer.stats();
    // The first of them asked what the server can do.
    assert_eq!((stats.delivered, stats.retries, stats.requests), (3, 1, 3));
    assert_eq!(codes(&mut tracer), Vec::<&str>::new());
}

#[test]
fn an_unreachable_server_is_reported_once_and_asked_until_it_is_back() {
    let mut tracer = with_server();
    trace_of(&mut tracer, 3, 0);
    exchange(&mut tracer, 0, MUCH_LATER);
    for attempt in 2..=2 * MAX_ATTEMPTS {
        // Only a question: the spans are not sent in vain.
        let question = due_request(&mut tracer, MUCH_LATER * u64::from(attempt)).expect("a question");
        assert_eq!(question.kind, RequestKind::Probe);
        assert!(question.body.is_empty());
        tracer.on_response(question.id, status(0), at(MUCH_LATER * u64::from(attempt)));
        assert_balanced(&tracer.stats());
    }
    assert_eq!(codes(&mut tracer), ["unreachable"]);
    exchange(&mut tracer, 200, MUCH_LATER * 100);
    let stats = tracer.stats();
    assert_eq!((stats.delivered, stats.dropped.total()), (3, 0));
}

#[test]
fn no_refusal_stops_delivery_and_none_counts_against_the_spans() {
    let gone = || error(404, "RESOURCE_DOES_NOT_EXIST");
    let table: &[(Response, &str)] = &[
        (status(401), "unauthorized"),
        (status(403), "unauthorized"),
        (status(407), "unauthorized"),
        (error(500, "FEATURE_DISABLED"), "feature_disabled"),
        (gone(), "experiment_gone"),
        (status(302), "redirected"),
        (status(204), "not_mlflow"),
        (text_response(200, "please log in", false), "not_mlflow"),
    ];
    for (refusal, code) in table {
        let mut tracer = with_server();
        trace_of(&mut tracer, 3, 0);
        let mut refusals = 0;
        let end = run_to_end(&mut tracer, |request, _| match request.kind {
            RequestKind::Spans if refusals < 3 * MAX_ATTEMPTS => {
                refusals += 1;
                refusal.clone()
            }
            kind => success(kind),
        });
        let stats = tracer.stats();
        assert_eq!((stats.delivered, stats.dropped.total()), (3, 0), "{code}");
        assert_eq!(codes(&mut tracer), [*code], "reported once");
        assert!(end > 300_000, "{code}: it backs off, and was well after {end} ms");
    }
}

#[test]
fn a_change_of_the_configuration_is_tried_at_once_and_what_was_in_flight_counts_for_nothing() {
    let mut tracer = with_server();
    trace_of(&mut tracer, 3, 0);
    exchange(&mut tracer, 401, 1_000);
    assert!(due_request(&mut tracer, 1_001).is_none());
    tracer.configuration_changed();
    let outdated = next(&mut tracer, 1_001);
    tracer.configuration_changed();
    tracer.on_response(outdated.id, status(400), at(1_002));
    assert_eq!(tracer.stats().dropped.refused, 0);
    exchange(&mut tracer, 200, 1_002);
    assert_eq!(tracer.stats().delivered, 3);
}

#[test]
fn another_endpoint_that_refuses_otlp_is_tried_again_too() {
    for code in [404, 405, 410, 501] {
        let mut tracer = in_memory();
        tracer.set_otlp_endpoint("http://collector.test:4318/v1/trace").expect("an address");
        trace_of(&mut tracer, 1, 0);
        exchange(&mut tracer, code, 1_000);
        let notices = tracer.take_notices();
        assert_eq!(notices[0].code, "otlp_unsupported");
        assert!(notices[0].message.contains("the whole address of an OTLP endpoint"), "{}", notices[0].message);
        assert_eq!(tracer.stats().buffered, 1);
        exchange(&mut tracer, 200, MUCH_LATER);
        assert_eq!(tracer.stats().delivered, 1);
    }
}

#[test]
fn a_flush_ends_every_wait() {
    let busy = || Response { retry_after_ms: Some(200_000), ..status(503) };
    for failure in [status(0), status(401), status(500), busy()] {
        // For spans.
        let mut tracer = with_server();
        trace_of(&mut tracer, 3, 0);
        let sent = next(&mut tracer, 1_000);
        tracer.on_response(sent.id, failure.clone(), at(1_000));
        assert!(due_request(&mut tracer, 1_001).is_none());
        tracer.flush_now();
        exchange(&mut tracer, 200, 1_001);
        assert_eq!(tracer.stats().delivered, 3);
        // For the experiment.
        tracer.set_experiment(ExperimentRef::Name("chats".into()));
        let search = next(&mut tracer, 2_000);
        tracer.on_response(search.id, failure.clone(), at(2_000));
        assert!(due_request(&mut tracer, 2_001).is_none());
        tracer.flush_now();
        assert_eq!(exchange(&mut tracer, 200, 2_001).kind, RequestKind::Experiment);
    }
    // For the question what the server can do.
    let mut tracer = with_server();
    trace_of(&mut tracer, 3, 0);
    let question = due_request(&mut tracer, 1_000).expect("a question");
    tracer.on_response(question.id, busy(), at(1_000));
    assert!(due_request(&mut tracer, 1_001).is_none());
    tracer.flush_now();
    assert_eq!(due_request(&mut tracer, 1_001).expect("a question").kind, RequestKind::Probe);
}

#[test]
fn a_program_that_flushes_all_the_time_loses_nothing_while_its_server_fails() {
    let mut tracer = with_server();
    trace_of(&mut tracer, 3, 0);
    for attempt in 0..u64::from(5 * MAX_ATTEMPTS) {
        tracer.flush_now();
        exchange(&mut tracer, 500, 1_000 + attempt);
    }
    assert_eq!(tracer.stats().buffered, 3);
    tracer.flush_now();
    exchange(&mut tracer, 200, 2_000);
    assert_eq!(tracer.stats().delivered, 3);
}

#[test]
fn only_what_a_server_says_that_has_stored_the_spans_counts_as_delivered() {
    let json = |is_otlp| json_response(200, JsonFields { is_otlp, ..JsonFields::default() });
    let protobuf =
        |bytes: &[u8]| Response { body: mlflow_ag2::mlflow::ResponseBody::Protobuf(bytes.to_vec()), ..status(200) };
    // By an MLflow server, and by any other OTLP endpoint.
    let table: &[(Response, bool, bool)] = &[
        (status(200), true, true),
        (json(true), true, true),
        (protobuf(&[]), true, true),
        (protobuf(&[0x0a, 0]), true, true),
        (status(202), false, true),
        (status(201), false, false),
        (status(204), false, false),
        (json(false), false, false),
        (protobuf(b"hello"), false, false),
        (protobuf(&[0x0a, 9, 1]), false, false),
        // Protobuf, but of another message.
        (protobuf(&[0x10, 1]), false, false),
        (protobuf(&[0x0a, 2, 0x18, 1]), false, false),
        (text_response(200, "null", false), false, false),
        (text_response(200, "ok", false), false, false),
        (text_response(200, "<html>", true), false, false),
        (error(200, "INTERNAL_ERROR"), false, false),
    ];
    for (response, by_mlflow, by_others) in table {
        for (uri, counts) in [(SERVER, by_mlflow), ("http://collector.test", by_others)] {
            let mut tracer = in_memory();
            if uri == SERVER {
                tracer.set_tracking_uri(uri).expect("an address");
            } else {
                tracer.set_otlp_endpoint(uri).expect("an address");
            }
            trace_of(&mut tracer, 3, 0);
            let sent = next(&mut tracer, 1_000);
            tracer.on_response(sent.id, response.clone(), at(1_000));
            let stats = tracer.stats();
            let delivered = if *counts { 3 } else { 0 };
            assert_eq!(stats.delivered, delivered, "{response:?} of {uri}");
            assert_eq!(stats.dropped.total(), 0);
            let codes_expected: &[&str] = if *counts { &[] } else { &["not_mlflow"] };
            assert_eq!(codes(&mut tracer), codes_expected, "{response:?} of {uri}");
        }
    }
}

#[test]
fn a_trace_is_read_back_by_its_id_and_only_from_a_server() {
    let mut tracer = in_memory();
    trace_of(&mut tracer, 1, 0);
    let id = tracer.last_trace_id().expect("a trace");
    assert_eq!(tracer.trace_url(&id), None);
    tracer.set_tracking_uri("http://host/prefix").expect("an address");
    let url = tracer.trace_url(&id).expect("a server");
    assert_eq!(url, format!("http://host/prefix/api/3.0/mlflow/traces/get?allow_partial=true&trace_id={id}"));
    assert!(id.to_string().starts_with("tr-") && id.to_string().len() == 35);
}

#[test]
fn a_new_experiment_is_attended_to_at_once() {
    let mut tracer = with_server();
    trace_of(&mut tracer, 1, 0);
    exchange(&mut tracer, 403, 1_000);
    assert!(due_request(&mut tracer, 1_001).is_none());
    tracer.set_experiment(ExperimentRef::Id("7".into()));
    assert!(due_request(&mut tracer, 1_001).is_some());
}

#[test]
fn what_was_refused_many_times_still_has_all_its_attempts() {
    let mut tracer = with_server();
    trace_of(&mut tracer, 3, 0);
    let mut answers = vec![401; 20];
    answers.extend([500; MAX_ATTEMPTS as usize - 1]);
    let mut answers = answers.into_iter();
    run_to_end(&mut tracer, |request, _| match request.kind {
        RequestKind::Spans => status(answers.next().unwrap_or(200)),
        kind => success(kind),
    });
    assert_eq!(tracer.stats().delivered, 3);
}

#[test]
fn each_response_after_which_the_same_is_sent_again_counts_as_a_retry() {
    for answer in [0, 302, 401, 408, 429, 500, 503] {
        let mut tracer = with_server();
        trace_of(&mut tracer, 1, 0);
        exchange(&mut tracer, answer, 1_000);
        assert_eq!(tracer.stats().retries, 1, "{answer}");
    }
}

#[test]
fn each_response_after_which_a_trace_info_is_sent_again_counts_as_a_retry() {
    let mut tracer = with_server();
    let call = start(&mut tracer, tool_call(None, "tool"), 0);
    let update = TraceUpdate::ClientRequestId("r-9".into());
    emit(&mut tracer, AgentEvent::SpanUpdated { span: call, update: SpanUpdate::Trace(update) }, 0);
    emit(&mut tracer, tool_call_end(call, "x"), 0);
    exchange(&mut tracer, 200, 1_000);
    for count in 1..=3 {
        let info = due_request(&mut tracer, count * MUCH_LATER).expect("the info");
        assert_eq!(info.kind, RequestKind::TraceInfo);
        tracer.on_response(info.id, status(503), at(count * MUCH_LATER));
        assert_eq!(tracer.stats().retries, count);
    }
    // A flush ends its wait as well.
    assert!(due_request(&mut tracer, 3 * MUCH_LATER + 1).is_none());
    tracer.flush_now();
    assert_eq!(due_request(&mut tracer, 3 * MUCH_LATER + 1).map(|info| info.kind), Some(RequestKind::TraceInfo));
}
