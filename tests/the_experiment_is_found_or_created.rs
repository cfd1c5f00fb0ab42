//! The search for the experiment, answer by answer.

mod common;

use common::*;
use mlflow_ag2::mlflow::{ExperimentRef, ExperimentState, Request, RequestKind, Response, ResponseBody};

fn named(name: &str) -> TestTracer {
    let mut tracer = with_server();
    tracer.set_experiment(ExperimentRef::Name(name.into()));
    tracer
}

fn search(tracer: &mut TestTracer, answer: Response, millis: u64) -> Request {
    let request = next(tracer, millis);
    assert_eq!(request.kind, RequestKind::Experiment);
    tracer.on_response(request.id, answer, at(millis));
    request
}

fn ready(id: &str, name: &str) -> ExperimentState {
    ExperimentState::Ready { id: id.into(), name: name.into() }
}

fn failed_code(tracer: &TestTracer) -> &'static str {
    match tracer.experiment() {
        ExperimentState::Failed { code, .. } => code,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_experiment_that_exists_is_looked_up_by_name() {
    let mut tracer = named("AG2 & Ünïcode/1");
    assert_eq!(tracer.experiment(), ExperimentState::Waiting);
    let request = search(&mut tracer, found("12", Some("AG2 & Ünïcode/1")), 0);
    assert_eq!(
        (request.method, request.url.as_str()),
        ("POST", "http://mlflow.test:5000/api/2.0/mlflow/experiments/search")
    );
    assert_eq!(body(&request), r#"{"filter":"name = 'AG2 & Ünïcode/1'","view_type":"ALL","max_results":1}"#);
    assert_eq!(tracer.experiment(), ready("12", "AG2 & Ünïcode/1"));
    assert_eq!(tracer.next_due(), None);
}

#[test]
fn a_name_is_quoted_as_it_can_be_and_one_with_both_quotes_is_asked_for_itself() {
    for (name, filter) in [
        (r"100 % \ `x`", r#""name = '100 % \\ `x`'""#),
        (r#"say "hi""#, r#""name = 'say \"hi\"'""#),
        ("it's", r#""name = \"it's\"""#),
    ] {
        let request = next(&mut named(name), 0);
        assert!(body(&request).contains(filter), "{}", body(&request));
    }
    let mut tracer = named(r#"it's "both""#);
    let request = search(&mut tracer, error(404, "RESOURCE_DOES_NOT_EXIST"), 0);
    assert_eq!(
        (request.method, request.url.as_str()),
        ("GET", "http://mlflow.test:5000/api/2.0/mlflow/experiments/get-by-name?experiment_name=it%27s%20%22both%22")
    );
    let request = search(&mut tracer, found("3", None), 0);
    assert!(request.url.ends_with("/create"));
}

#[test]
fn a_server_or_relay_that_refuses_the_search_or_finds_another_name_is_asked_for_the_experiment_itself() {
    for refusal in [status(400), status(403), status(404), status(405), status(501), found("8", Some("RACE"))] {
        let mut tracer = named("race");
        search(&mut tracer, refusal, 0);
        let request = search(&mut tracer, error(404, "RESOURCE_DOES_NOT_EXIST"), 0);
        assert!(request.url.ends_with("/get-by-name?experiment_name=race"), "{}", request.url);
        let request = search(&mut tracer, found("9", None), 0);
        assert!(request.url.ends_with("/create"), "{}", request.url);
        assert_eq!(tracer.experiment(), ready("9", "race"));
    }
}

fn body(request: &Request) -> &str {
    std::str::from_utf8(&request.body).expect("text")
}

#[test]
fn a_missing_experiment_is_created() {
    let mut tracer = named("say \"hi\"");
    search(&mut tracer, none_found(), 0);
    let request = search(&mut tracer, found("3", None), 0);
    assert_eq!(
        (request.method, request.url.as_str()),
        ("POST", "http://mlflow.test:5000/api/2.0/mlflow/experiments/create")
    );
    assert_eq!(request.body, br#"{"name":"say \"hi\""}"#);
    assert_eq!(request.headers, [("content-type", "application/json".to_owned())]);
    assert_eq!(tracer.experiment(), ready("3", "say \"hi\""));
}

#[test]
fn an_experiment_that_somebody_else_created_meanwhile_is_looked_up_again() {
    let mut tracer = named("race");
    search(&mut tracer, none_found(), 0);
    search(&mut tracer, error(400, "RESOURCE_ALREADY_EXISTS"), 0);
    // By itself, since a search leaves out what this user may not read.
    let request = search(&mut tracer, found("9", Some("race")), 0);
    assert!(request.url.contains("get-by-name"));
    assert_eq!(tracer.experiment(), ready("9", "race"));
}

#[test]
fn a_server_that_contradicts_itself_is_not_asked_for_ever() {
    let mut tracer = named("race");
    let mut requests = 0;
    while tracer.next_due().is_some() {
        let code = if requests == 0 {
            none_found()
        } else if requests % 2 == 0 {
            error(404, "RESOURCE_DOES_NOT_EXIST")
        } else {
            error(400, "RESOURCE_ALREADY_EXISTS")
        };
        search(&mut tracer, code, 0);
        requests += 1;
        assert!(requests < 20);
    }
    assert_eq!((requests, failed_code(&tracer)), (8, "experiment_refused"), "after three times both");
}

#[test]
fn an_id_is_checked_and_never_created() {
    let mut tracer = with_server();
    tracer.set_experiment(ExperimentRef::Id("42".into()));
    let request = search(&mut tracer, found("42", Some("forty-two")), 0);
    assert_eq!(request.url, "http://mlflow.test:5000/api/2.0/mlflow/experiments/get?experiment_id=42");
    assert_eq!(tracer.experiment(), ready("42", "forty-two"));

    tracer.set_experiment(ExperimentRef::Id("43".into()));
    search(&mut tracer, error(404, "RESOURCE_DOES_NOT_EXIST"), 0);
    assert_eq!(failed_code(&tracer), "experiment_not_found");
}

#[test]
fn spans_wait_for_the_experiment_and_go_to_it() {
    let mut tracer = named("AG2");
    trace_of(&mut tracer, 2, 0);
    tracer.flush_now();
    let lookup = next(&mut tracer, 0);
    assert!(due_request(&mut tracer, 60_000).is_none(), "no spans before the experiment is known");
    tracer.on_response(lookup.id, found("5", None), at(1));
    let spans = next(&mut tracer, 1);
    assert_eq!(spans.kind, RequestKind::Spans);
    assert!(spans.headers.contains(&("x-mlflow-experiment-id", "5".to_owned())));
}

#[test]
fn a_failed_search_keeps_the_spans_and_resumes_with_another_experiment() {
    let mut tracer = with_server();
    tracer.set_experiment(ExperimentRef::Id("404".into()));
    trace_of(&mut tracer, 2, 0);
    search(&mut tracer, error(404, "RESOURCE_DOES_NOT_EXIST"), 0);
    trace_of(&mut tracer, 2, 0);
    assert_eq!(tracer.stats().buffered, 4);
    assert!(due_request(&mut tracer, 400).is_none(), "it backs off");
    let notices = tracer.take_notices();
    assert_eq!(notices.len(), 1);
    assert!(
        notices[0].message.contains("`404`") && notices[0].message.contains("set a name"),
        "{}",
        notices[0].message
    );
    tracer.set_experiment(ExperimentRef::Name("AG2".into()));
    search(&mut tracer, found("1", None), 5_000);
    exchange(&mut tracer, 200, 5_000);
    assert_eq!(tracer.stats().delivered, 4);
}

#[test]
fn an_experiment_that_is_created_or_restored_meanwhile_gets_what_waits_for_it() {
    let deleted = || {
        let mut response = found("42", None);
        if let ResponseBody::Json(fields) = &mut response.body {
            fields.lifecycle_stage = Some("deleted".into());
        }
        response
    };
    for refusal in [error(404, "RESOURCE_DOES_NOT_EXIST"), deleted(), status(400)] {
        let mut tracer = with_server();
        tracer.set_experiment(ExperimentRef::Id("42".into()));
        search(&mut tracer, refusal.clone(), 0);
        assert_eq!(tracer.next_due(), None, "nothing waits for it");
        trace_of(&mut tracer, 2, 0);
        search(&mut tracer, refusal, 60_000);
        search(&mut tracer, found("42", None), 120_000);
        exchange(&mut tracer, 200, 120_000);
        assert_eq!(tracer.stats().delivered, 2);
        assert_eq!(codes(&mut tracer).len(), 1, "reported once");
    }
}

#[test]
fn what_is_not_mlflow_deleted_or_forbidden_is_distinguished() {
    for (answer, code) in [
        (status(200), "not_mlflow"),
        (status(401), "unauthorized"),
        (status(400), "experiment_refused"),
        (status(405), "not_mlflow"),
    ] {
        let mut tracer = named("x");
        if [400, 405].contains(&answer.status) {
            search(&mut tracer, answer.clone(), 0);
        }
        search(&mut tracer, answer, 0);
        assert_eq!(failed_code(&tracer), code);
        // None of it is for good.
        tracer.flush_now();
        trace_of(&mut tracer, 1, 0);
        search(&mut tracer, found("1", None), 60_000);
        assert_eq!(tracer.experiment(), ready("1", "x"));
    }
    let mut tracer = named("x");
    let mut answer = found("1", Some("x"));
    if let ResponseBody::Json(fields) = &mut answer.body {
        fields.lifecycle_stage = Some("deleted".into());
    }
    search(&mut tracer, answer, 0);
    assert_eq!(failed_code(&tracer), "experiment_deleted");
}

#[test]
fn an_unreachable_server_fails_the_search_but_not_for_good() {
    let mut tracer = named("AG2");
    trace_of(&mut tracer, 2, 0);
    let mut millis = 0;
    while !matches!(tracer.experiment(), ExperimentState::Failed { .. }) {
        search(&mut tracer, status(0), millis);
        millis += 60_000;
        assert!(millis < 3_600_000);
    }
    assert_eq!(failed_code(&tracer), "unreachable");
    assert_eq!(tracer.take_notices().len(), 1);
    search(&mut tracer, none_found(), millis);
    assert_eq!(tracer.experiment(), ExperimentState::Waiting);
    search(&mut tracer, found("1", None), millis);
    exchange(&mut tracer, 200, millis);
    assert_eq!(tracer.stats().delivered, 2);
}

#[test]
fn setting_the_same_experiment_again_sends_no_request() {
    let mut tracer = named("AG2");
    search(&mut tracer, found("1", None), 0);
    tracer.set_experiment(ExperimentRef::Name("AG2".into()));
    assert_eq!((tracer.next_due(), tracer.experiment()), (None, ready("1", "AG2")));
}

#[test]
fn another_server_is_asked_anew_and_late_answers_of_the_old_one_are_ignored() {
    let mut tracer = named("AG2");
    let old = next(&mut tracer, 0);
    tracer.set_tracking_uri("http://other.test").expect("an address");
    tracer.on_response(old.id, found("1", None), at(1));
    assert_eq!(tracer.experiment(), ExperimentState::Waiting);
    search(&mut tracer, found("2", None), 1);
    assert_eq!(tracer.experiment(), ready("2", "AG2"));
}

#[test]
fn in_memory_every_experiment_is_there_at_once() {
    let mut tracer = in_memory();
    assert_eq!(tracer.experiment(), ExperimentState::Unset);
    tracer.set_experiment(ExperimentRef::Name("AG2".into()));
    assert_eq!(tracer.experiment(), ready("0", "AG2"));
    tracer.set_experiment(ExperimentRef::Id("5".into()));
    assert_eq!(tracer.experiment(), ready("5", ""));
    assert_eq!(tracer.next_due(), None);
}

#[test]
fn a_search_is_delayed_from_a_failure_to_the_next_answer() {
    for answer in [408, 429, 500, 503] {
        let mut tracer = named("AG2");
        let first = next(&mut tracer, 0);
        assert_eq!(tracer.experiment(), ExperimentState::Waiting, "{answer}");
        tracer.on_response(first.id, status(answer), at(0));
        assert_eq!(tracer.experiment(), ExperimentState::Delayed, "{answer}");
        search(&mut tracer, none_found(), 60_000);
        assert_eq!(tracer.experiment(), ExperimentState::Waiting, "{answer}: the next step");
        search(&mut tracer, found("1", None), 60_000);
        assert_eq!(tracer.experiment(), ready("1", "AG2"), "{answer}");
    }
}

#[test]
fn a_flush_ends_the_delay_of_a_search() {
    let mut tracer = named("AG2");
    search(&mut tracer, status(503), 0);
    tracer.flush_now();
    assert_eq!(tracer.experiment(), ExperimentState::Waiting);
    search(&mut tracer, status(503), 0);
    assert_eq!(tracer.experiment(), ExperimentState::Delayed);
}

#[test]
fn a_search_is_delayed_as_long_as_it_is_not_known_whether_the_server_has_workspaces() {
    let mut tracer = with_server();
    tracer.set_workspace("team");
    tracer.set_experiment(ExperimentRef::Name("AG2".into()));
    let question = due_request(&mut tracer, 0).expect("a question");
    assert_eq!(question.kind, RequestKind::Probe);
    tracer.on_response(question.id, status(503), at(0));
    assert_eq!(tracer.experiment(), ExperimentState::Delayed);
}

#[test]
fn an_experiment_that_is_set_by_its_id_is_missing_or_refused() {
    for (answer, code) in [
        (error(404, "RESOURCE_DOES_NOT_EXIST"), "experiment_not_found"),
        (error(403, "PERMISSION_DENIED"), "unauthorized"),
        (status(400), "experiment_refused"),
        (status(422), "experiment_refused"),
    ] {
        let mut tracer = with_server();
        tracer.set_experiment(ExperimentRef::Id("7".into()));
        search(&mut tracer, answer, 0);
        assert_eq!(failed_code(&tracer), code);
    }
}

#[test]
fn each_response_after_which_the_same_is_asked_again_counts_as_a_retry() {
    let mut tracer = named("AG2");
    for count in 1..=3 {
        search(&mut tracer, status(503), count * 1_000_000);
        assert_eq!(tracer.stats().retries, count);
    }
    // A question for what the server can do, likewise.
    let mut tracer = with_server();
    trace_of(&mut tracer, 1, 0);
    for count in 1..=3 {
        let question = due_request(&mut tracer, count * 1_000_000).expect("a question");
        assert_eq!(question.kind, RequestKind::Probe);
        tracer.on_response(question.id, status(503), at(count * 1_000_000));
        assert_eq!(tracer.stats().retries, count);
    }
}
