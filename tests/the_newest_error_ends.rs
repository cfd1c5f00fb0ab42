//! `last_error` says when, and whether what had failed has gone well since; what only memory keeps is not delivered.

mod common;

use common::*;
use mlflow_ag2::mlflow::{ExperimentRef, JsonFields, RequestKind, Response};

const OTHER: &str = "http://other.test";

/// Code, milliseconds into the test, and whether it is over.
fn last_error(tracer: &TestTracer) -> Option<(&'static str, u64, bool)> {
    let error = tracer.stats().last_error?;
    let millis = error.at.nanos_since(at(0)) / 1_000_000;
    assert_eq!(tracer.to_unix(error.at), unix_at(millis));
    Some((error.notice.code, millis, error.is_over))
}

fn answer_all(tracer: &mut TestTracer, millis: u64, answer: impl Fn(RequestKind) -> Response) {
    let mut requests = 0;
    while let Some(request) = due_request(tracer, millis) {
        tracer.on_response(request.id, answer(request.kind), at(millis));
        requests += 1;
        assert!(requests < 50, "it never ends");
    }
}

#[test]
fn an_error_has_the_time_of_its_response_and_is_over_once_spans_are_stored() {
    let failures: [(Response, &str); 6] = [
        (status(0), "unreachable"),
        (status(401), "unauthorized"),
        (status(503), "server_busy"),
        (status(500), "server_error"),
        (status(307), "redirected"),
        (text_response(200, "hello", false), "not_mlflow"),
    ];
    for (failure, code) in failures {
        let mut tracer = with_server();
        assert_eq!(last_error(&tracer), None);
        trace_of(&mut tracer, 2, 0);
        answer_all(&mut tracer, 2_000, |kind| if kind == RequestKind::Spans { failure.clone() } else { success(kind) });
        assert_eq!(last_error(&tracer), Some((code, 2_000, false)));
        answer_all(&mut tracer, 100_000, success);
        assert_eq!(last_error(&tracer), Some((code, 2_000, true)));
        // It fails again.
        trace_of(&mut tracer, 2, 200_000);
        answer_all(&mut tracer, 202_000, |_| failure.clone());
        assert_eq!(last_error(&tracer), Some((code, 202_000, false)));
    }
}

#[test]
fn a_server_that_answers_questions_but_takes_no_spans_is_not_well() {
    let mut tracer = with_server();
    trace_of(&mut tracer, 2, 0);
    answer_all(&mut tracer, 2_000, |kind| if kind == RequestKind::Spans { status(0) } else { success(kind) });
    tracer.set_experiment(ExperimentRef::Name("one".into()));
    answer_all(&mut tracer, 2_001, success);
    assert_eq!(last_error(&tracer), Some(("unreachable", 2_000, false)));
}

#[test]
fn an_error_about_an_experiment_is_over_once_it_is_found() {
    let mut tracer = with_server();
    tracer.set_experiment(ExperimentRef::Id("7".into()));
    answer_all(&mut tracer, 0, |_| error(404, "RESOURCE_DOES_NOT_EXIST"));
    assert_eq!(last_error(&tracer), Some(("experiment_not_found", 0, false)));
    tracer.set_experiment(ExperimentRef::Id("7".into()));
    answer_all(&mut tracer, 1_000, success);
    assert_eq!(last_error(&tracer), Some(("experiment_not_found", 0, true)));
}

#[test]
fn an_error_about_an_experiment_is_over_once_its_spans_are_stored_in_another() {
    let mut tracer = with_server();
    tracer.set_experiment(ExperimentRef::Id("7".into()));
    trace_of(&mut tracer, 2, 0);
    answer_all(&mut tracer, 2_000, |kind| match kind {
        RequestKind::Experiment => error(404, "RESOURCE_DOES_NOT_EXIST"),
        kind => success(kind),
    });
    assert_eq!(last_error(&tracer), Some(("experiment_not_found", 2_000, false)));
    tracer.set_experiment(ExperimentRef::Name("one".into()));
    answer_all(&mut tracer, 3_000, success);
    assert_eq!(last_error(&tracer), Some(("experiment_not_found", 2_000, true)));
}

#[test]
fn spans_that_were_refused_are_an_error_until_others_are_stored() {
    let mut tracer = with_server();
    trace_of(&mut tracer, 1, 0);
    answer_all(&mut tracer, 2_000, |kind| if kind == RequestKind::Spans { status(400) } else { success(kind) });
    assert_eq!(last_error(&tracer), Some(("refused", 2_000, false)));
    trace_of(&mut tracer, 1, 3_000);
    // A response that takes some and rejects others is an error itself.
    let rejecting = || {
        let fields = JsonFields { is_otlp: true, rejected_spans: Some(1), ..JsonFields::default() };
        json_response(200, fields)
    };
    answer_all(&mut tracer, 5_000, |_| rejecting());
    assert_eq!(last_error(&tracer), Some(("refused", 5_000, false)));
    trace_of(&mut tracer, 1, 6_000);
    answer_all(&mut tracer, 8_000, success);
    assert_eq!(last_error(&tracer), Some(("refused", 5_000, true)));
}

#[test]
fn an_error_about_the_server_of_new_traces_is_not_replaced_by_one_about_an_earlier_server() {
    let mut tracer = with_server();
    trace_of(&mut tracer, 1, 0);
    answer_all(&mut tracer, 2_000, |_| status(0));
    tracer.set_tracking_uri(OTHER).expect("an address");
    trace_of(&mut tracer, 1, 2_000);
    answer_all(&mut tracer, 4_000, |_| status(401));
    assert_eq!(last_error(&tracer), Some(("unauthorized", 4_000, false)));

    let mut earlier = 0;
    for millis in [100_000, 200_000] {
        while let Some(request) = due_request(&mut tracer, millis) {
            let is_other = &*request.tracking_uri == OTHER;
            earlier += u32::from(!is_other);
            tracer.on_response(request.id, if is_other { status(401) } else { status(0) }, at(millis));
        }
    }
    assert!(earlier > 0, "the earlier server was not tried again");
    assert_eq!(last_error(&tracer).map(|(code, ..)| code), Some("unauthorized"));
    answer_all(&mut tracer, 300_000, success);
    assert_eq!(tracer.stats().delivered, 2);
}

#[test]
fn an_error_about_a_server_is_over_when_nothing_goes_there_any_more_and_not_when_another_is_well() {
    let mut tracer = with_server();
    trace_of(&mut tracer, 1, 0);
    answer_all(&mut tracer, 2_000, |_| status(0));
    tracer.set_tracking_uri(OTHER).expect("an address");
    trace_of(&mut tracer, 1, 2_000);
    while let Some(request) = due_request(&mut tracer, 4_000) {
        let is_other = &*request.tracking_uri == OTHER;
        let response = if is_other { success(request.kind) } else { status(0) };
        tracer.on_response(request.id, response, at(4_000));
    }
    assert_eq!(tracer.stats().delivered, 1);
    assert!(last_error(&tracer).is_some_and(|(_, _, is_over)| !is_over), "its span still waits");

    let mut tracer = with_server();
    tracer.set_experiment(ExperimentRef::Name("one".into()));
    answer_all(&mut tracer, 0, |_| status(0));
    assert_eq!(last_error(&tracer), Some(("unreachable", 0, false)));
    tracer.set_tracking_uri(OTHER).expect("an address");
    assert_eq!(last_error(&tracer), Some(("unreachable", 0, true)));
}

#[test]
fn what_only_memory_keeps_is_not_delivered() {
    let mut tracer = in_memory();
    trace_of(&mut tracer, 3, 0);
    let stats = tracer.stats();
    assert_eq!((stats.started, stats.delivered, stats.in_memory, stats.buffered), (3, 0, 3, 0));
    assert_balanced(&stats);
    assert_eq!(tracer.delivered_and_dropped(), (0, 0));

    // Each span counts for where it was to go when its trace ended.
    tracer.set_tracking_uri(SERVER).expect("an address");
    trace_of(&mut tracer, 2, 1);
    answer_all(&mut tracer, 5_000, success);
    tracer.set_tracking_uri("memory:").expect("memory");
    trace_of(&mut tracer, 1, 6_000);
    let stats = tracer.stats();
    assert_eq!((stats.delivered, stats.in_memory), (2, 4));
    assert_balanced(&stats);
}

#[test]
fn spans_that_are_stored_end_no_error_about_an_experiment_that_is_still_refused() {
    let mut tracer = with_server();
    trace_of(&mut tracer, 2, 0);
    tracer.set_experiment(ExperimentRef::Name("refused".into()));
    answer_all(&mut tracer, 500, |kind| if kind == RequestKind::Experiment { status(422) } else { success(kind) });
    assert_eq!(last_error(&tracer), Some(("experiment_refused", 500, false)));
    answer_all(&mut tracer, 2_000, |kind| if kind == RequestKind::Experiment { status(422) } else { success(kind) });
    assert_eq!(tracer.stats().delivered, 2);
    assert_eq!(last_error(&tracer).map(|(code, _, is_over)| (code, is_over)), Some(("experiment_refused", false)));
}
