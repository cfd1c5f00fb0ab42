//! Delivery: when spans are sent, and what each answer of the server changes.

mod common;

use common::*;
use mlflow_ag2::export::NextRequest;
use mlflow_ag2::mlflow::retry::{Backoff, MAX_ATTEMPTS};
use mlflow_ag2::mlflow::{ExperimentRef, JsonFields, Request, RequestKind, Response};

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
fn a_server_that_fails_at_some_spans_is_given_up_in_the_end_but_not_by_the_others() {
    let mut tracer = with_server();
    for _ in 0..2 {
        trace_of(&mut tracer, 3, 0);
    }
    let poison = tracer.last_trace_id().expect("a trace");
    let mut sent = 0;
    for step in 1..50 {
        let now = MUCH_LATER * step;
        if tracer.next_due().is_none() {
            break;
        }
        let request = next(&mut tracer, now);
        sent += 1;
        let has_poison = request.body.windows(16).any(|bytes| bytes == poison.as_bytes());
        let answer = if has_poison { 500 } else { 200 };
        tracer.on_response(request.id, status(answer), at(now));
        assert_balanced(&tracer.stats());
    }
    let stats = tracer.stats();
    assert_eq!((stats.delivered, stats.dropped.retries_exhausted), (3, 3));
    assert_eq!(sent, MAX_ATTEMPTS + 1 + 4, "the other one travelled alone, once; in the end each span does");
    assert_eq!(codes(&mut tracer), ["server_error", "retries_exhausted"]);
}

/// Whether the body of a request has these bytes.
fn contains(request: &Request, bytes: &[u8]) -> bool {
    request.body.windows(bytes.len()).any(|some| some == bytes)
}

/// Sends until nothing waits, at the times at which something is due; `answer` says what the server does.
fn run(tracer: &mut TestTracer, mut answer: impl FnMut(&Request, u64) -> Response) -> u64 {
    let mut millis = 0;
    for _ in 0..1_000 {
        let Some(due) = tracer.next_due() else { break };
        millis = millis.max(due.nanos_since(at(0)).div_ceil(1_000_000));
        if let Some(request) = due_request(tracer, millis) {
            let response = answer(&request, millis);
            tracer.on_response(request.id, response, at(millis));
        }
        assert_balanced(&tracer.stats());
    }
    millis
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
        let end = run(&mut tracer, |request, _| match request.kind {
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
fn the_span_that_the_server_fails_at_is_given_up_after_eight_attempts_and_its_siblings_arrive() {
    let mut tracer = with_server();
    let root = start(&mut tracer, chat(None), 0);
    for name in ["one", "poison", "two", "three"] {
        let call = start(&mut tracer, tool_call(Some(root), name), 0);
        emit(&mut tracer, tool_call_end(call, "x"), 0);
    }
    emit(&mut tracer, chat_end(root), 0);
    let mut sent = 0;
    run(&mut tracer, |request, _| match request.kind {
        RequestKind::Spans if contains(request, b"poison") => {
            sent += 1;
            status(500)
        }
        kind => success(kind),
    });
    // Nothing else shows that it is not the server.
    assert_eq!(tracer.stats().buffered, 5);
    trace_of(&mut tracer, 3, MUCH_LATER);
    exchange(&mut tracer, 200, 2 * MUCH_LATER);
    run(&mut tracer, |request, _| match request.kind {
        RequestKind::Spans if contains(request, b"poison") => status(500),
        kind => success(kind),
    });
    let stats = tracer.stats();
    assert_eq!((stats.delivered, stats.dropped.retries_exhausted), (7, 1));
    assert!(sent > MAX_ATTEMPTS, "{sent}");
}

#[test]
fn a_server_that_fails_at_everything_loses_nothing() {
    let mut tracer = with_server();
    for _ in 0..5 {
        trace_of(&mut tracer, 3, 0);
    }
    run(&mut tracer, |request, millis| match request.kind {
        RequestKind::Spans if millis < 1_000_000 => status(500),
        kind => success(kind),
    });
    assert_eq!((tracer.stats().delivered, tracer.stats().dropped.total()), (15, 0));
}

#[test]
fn a_trace_at_which_the_connection_is_closed_does_not_hold_up_the_others_and_is_not_given_up() {
    for is_mlflow in [true, false] {
        let mut tracer = in_memory();
        if is_mlflow {
            tracer.set_tracking_uri(SERVER).expect("an address");
        } else {
            tracer.set_otlp_endpoint("http://collector.test/v1/traces").expect("an address");
        }
        for _ in 0..10 {
            trace_of(&mut tracer, 3, 0);
        }
        let poison = tracer.recent_trace_ids().nth(5).expect("one of them");
        let mut last_innocent = 0;
        run(&mut tracer, |request, millis| match request.kind {
            RequestKind::Spans if contains(request, poison.as_bytes()) => status(0),
            RequestKind::Spans => {
                last_innocent = millis;
                status(200)
            }
            kind => success(kind),
        });
        assert!(last_innocent <= 8_000, "the last innocent arrived after {last_innocent} ms");
        assert_eq!((tracer.stats().delivered, tracer.stats().buffered), (27, 3));
        // What comes later does not wait for it either.
        let now = 20 * MUCH_LATER;
        trace_of(&mut tracer, 2, now);
        tracer.flush_now();
        for _ in 0..3 {
            let request = next(&mut tracer, now);
            let answer = if contains(&request, poison.as_bytes()) { 0 } else { 200 };
            tracer.on_response(request.id, status(answer), at(now));
            if tracer.stats().delivered == 29 {
                break;
            }
        }
        assert_eq!(tracer.stats().delivered, 29);
    }
}

#[test]
fn several_poisoned_traces_hold_up_nothing() {
    let mut tracer = with_server();
    for _ in 0..12 {
        trace_of(&mut tracer, 2, 0);
    }
    let poison: Vec<_> = tracer.recent_trace_ids().skip(2).step_by(4).collect();
    let is_poisoned = |request: &Request| poison.iter().any(|id| contains(request, id.as_bytes()));
    let mut last_innocent = 0;
    let mut later = None;
    let mut millis = 0;
    for _ in 0..2_000 {
        let Some(due) = tracer.next_due() else { break };
        millis = millis.max(due.nanos_since(at(0)).div_ceil(1_000_000));
        if millis > 100_000 && later.is_none() {
            assert_eq!(tracer.stats().delivered, 18);
            trace_of(&mut tracer, 5, millis);
            later = Some(millis);
        }
        let Some(request) = due_request(&mut tracer, millis) else { continue };
        let is_refused = request.kind == RequestKind::Spans && is_poisoned(&request);
        if request.kind == RequestKind::Spans && !is_refused {
            last_innocent = millis;
        }
        let response = if is_refused { status(500) } else { success(request.kind) };
        tracer.on_response(request.id, response, at(millis));
        assert_balanced(&tracer.stats());
        if tracer.stats().delivered == 23 {
            break;
        }
    }
    let later = later.expect("one that came later");
    assert!(last_innocent <= later + 1_000, "{last_innocent} ms, {later} ms");
    assert_eq!(tracer.stats().delivered, 23);
}

#[test]
fn one_poisoned_trace_does_not_hold_up_the_others() {
    let mut tracer = with_server();
    for _ in 0..10 {
        trace_of(&mut tracer, 3, 0);
    }
    let poison = tracer.recent_trace_ids().nth(5).expect("one of them");
    let has_poison = |request: &Request| contains(request, poison.as_bytes());
    let (mut last_innocent, mut later) = (0, false);
    run(&mut tracer, |request, millis| match request.kind {
        RequestKind::Spans if has_poison(request) => status(500),
        RequestKind::Spans => {
            last_innocent = millis;
            later |= millis > 20_000;
            status(200)
        }
        kind => success(kind),
    });
    assert!(last_innocent <= 6_000, "the last innocent arrived after {last_innocent} ms");
    assert!(!later);
    let stats = tracer.stats();
    assert_eq!((stats.delivered, stats.dropped.retries_exhausted), (27, 3));
}

#[test]
fn what_comes_while_an_isolated_trace_waits_is_sent_at_once() {
    let mut tracer = with_server();
    trace_of(&mut tracer, 3, 0);
    exchange(&mut tracer, 500, 1_000);
    exchange(&mut tracer, 500, 10_000);
    // Alone now, and it fails again.
    exchange(&mut tracer, 500, 20_000);
    trace_of(&mut tracer, 2, 20_000);
    let innocent = due_request(&mut tracer, 21_000).expect("the other one");
    tracer.on_response(innocent.id, status(200), at(21_000));
    assert_eq!((tracer.stats().delivered, tracer.stats().buffered), (2, 3));
}

#[test]
fn a_server_that_fails_at_everything_is_not_asked_for_each_trace() {
    let mut tracer = with_server();
    for _ in 0..100 {
        trace_of(&mut tracer, 3, 0);
    }
    let mut sent = 0;
    run(&mut tracer, |request, millis| {
        if request.kind == RequestKind::Spans && millis < 60_000 {
            sent += 1;
            return status(500);
        }
        success(request.kind)
    });
    assert!(sent < 15, "{sent} requests in a minute");
    assert_eq!(tracer.stats().delivered, 300);
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
fn a_redirect_names_where_it_leads() {
    let mut tracer = with_server();
    trace_of(&mut tracer, 1, 0);
    let sent = next(&mut tracer, 1_000);
    let response = Response { redirect_origin: Some("https://other.test".into()), ..status(307) };
    tracer.on_response(sent.id, response, at(1_000));
    let notice = tracer.take_notices().remove(0);
    assert_eq!(notice.code, "redirected");
    assert_eq!(
        notice.message,
        "the tracking server `http://mlflow.test:5000` redirects to `https://other.test`; set the tracking URI to the address at which MLflow itself answers"
    );
}

#[test]
fn why_there_is_no_response_is_reported_in_the_hosts_words() {
    let mut tracer = with_server();
    trace_of(&mut tracer, 1, 0);
    let sent = next(&mut tracer, 1_000);
    let response = Response { error: Some("connection refused".into()), ..status(0) };
    tracer.on_response(sent.id, response, at(1_000));
    let message = tracer.take_notices().remove(0).message;
    assert!(message.contains("did not answer: connection refused;"), "{message}");
}

#[test]
fn the_servers_own_words_are_quoted_at_a_bearable_length() {
    let mut tracer = with_server();
    trace_of(&mut tracer, 1, 0);
    let request = next(&mut tracer, 1_000);
    let fields = JsonFields { message: Some("é".repeat(10_000)), ..JsonFields::default() };
    tracer.on_response(request.id, json_response(400, fields), at(1_000));
    let message = tracer.take_notices().remove(0).message;
    assert_eq!(message.matches('é').count(), 300);
}

#[test]
fn tracking_uris_are_read_strictly_and_their_secrets_are_not_repeated() {
    let mut tracer = in_memory();
    assert_eq!(tracer.tracking_uri(), "memory:");
    for (given, expected) in [
        ("http://localhost:5000", "http://localhost:5000"),
        (" HTTPS://host/mlflow/ ", "HTTPS://host/mlflow"),
        ("http://[::1]:5000//", "http://[::1]:5000"),
        ("memory:", "memory:"),
    ] {
        tracer.set_tracking_uri(given).expect("an address");
        assert_eq!(tracer.tracking_uri(), expected);
    }
    for (given, code) in [
        ("", "tracking_uri_unsupported"),
        ("localhost:5000", "tracking_uri_unsupported"),
        ("databricks", "tracking_uri_unsupported"),
        ("sqlite:///mlflow.db", "tracking_uri_unsupported"),
        ("http://", "tracking_uri_invalid"),
        ("http://:5000", "tracking_uri_invalid"),
        ("http://ho st", "tracking_uri_invalid"),
        ("http://host?token=secret", "tracking_uri_invalid"),
        ("http://user:secret@host", "tracking_uri_credentials"),
        ("postgresql://user:secret@host/db", "tracking_uri_credentials"),
    ] {
        let error = tracer.set_tracking_uri(given).expect_err(given);
        assert_eq!(error.code(), code, "{given}");
        assert!(!error.to_string().contains("secret"), "{error}");
        assert_eq!(tracer.tracking_uri(), "memory:", "the old one stays");
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
    run(&mut tracer, |request, _| match request.kind {
        RequestKind::Spans => status(answers.next().unwrap_or(200)),
        kind => success(kind),
    });
    assert_eq!(tracer.stats().delivered, 3);
}
