//! The search for the experiment, answer by answer.

mod common;

use common::*;
use mlflow_ag2::mlflow::{
    Answer, AnswerBody, ExperimentRef, ExperimentState, Request, RequestKind,
};
use mlflow_ag2::recorder::Settled;

fn named(name: &str) -> TestRecorder {
    let mut recorder = with_server();
    recorder.set_experiment(ExperimentRef::Name(name.into()));
    recorder
}

fn found(id: &str, name: Option<&str>) -> Answer {
    let body = AnswerBody {
        experiment_id: Some(id.into()),
        experiment_name: name.map(Into::into),
        ..AnswerBody::default()
    };
    Answer {
        status: 200,
        body,
        ..Answer::default()
    }
}

fn error(status: u16, code: &str) -> Answer {
    let body = AnswerBody {
        error_code: Some(code.into()),
        ..AnswerBody::default()
    };
    Answer {
        status,
        body,
        ..Answer::default()
    }
}

fn search(recorder: &mut TestRecorder, answer: Answer, millis: u64) -> Request {
    let request = next(recorder, millis);
    assert_eq!(request.kind, RequestKind::Experiment);
    recorder.settle(request.id, answer, at(millis));
    request
}

fn ready(id: &str, name: &str) -> ExperimentState {
    ExperimentState::Ready {
        id: id.into(),
        name: name.into(),
    }
}

fn failed_code(recorder: &TestRecorder) -> &'static str {
    match recorder.experiment() {
        ExperimentState::Failed { code, .. } => code,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_experiment_that_exists_is_looked_up_by_name() {
    let mut recorder = named("AG2 & Ünïcode/1");
    assert_eq!(recorder.experiment(), ExperimentState::Waiting);
    let request = search(&mut recorder, found("12", Some("AG2 & Ünïcode/1")), 0);
    assert_eq!(request.method, "GET");
    assert_eq!(
        request.url,
        "http://mlflow.test:5000/api/2.0/mlflow/experiments/get-by-name?experiment_name=AG2%20%26%20%C3%9Cn%C3%AFcode%2F1"
    );
    assert_eq!(recorder.experiment(), ready("12", "AG2 & Ünïcode/1"));
    assert_eq!(recorder.next_due(), None);
}

#[test]
fn a_missing_experiment_is_created() {
    let mut recorder = named("say \"hi\"");
    search(&mut recorder, error(404, "RESOURCE_DOES_NOT_EXIST"), 0);
    let request = search(&mut recorder, found("3", None), 0);
    assert_eq!(
        (request.method, request.url.as_str()),
        (
            "POST",
            "http://mlflow.test:5000/api/2.0/mlflow/experiments/create"
        )
    );
    assert_eq!(request.body, br#"{"name":"say \"hi\""}"#);
    assert_eq!(
        request.headers,
        [("content-type", "application/json".to_owned())]
    );
    assert_eq!(recorder.experiment(), ready("3", "say \"hi\""));
}

#[test]
fn an_experiment_that_somebody_else_created_meanwhile_is_looked_up_again() {
    let mut recorder = named("race");
    search(&mut recorder, error(404, "RESOURCE_DOES_NOT_EXIST"), 0);
    search(&mut recorder, error(400, "RESOURCE_ALREADY_EXISTS"), 0);
    search(&mut recorder, found("9", Some("race")), 0);
    assert_eq!(recorder.experiment(), ready("9", "race"));
}

#[test]
fn a_server_that_contradicts_itself_is_not_asked_for_ever() {
    let mut recorder = named("race");
    let mut requests = 0;
    while recorder.next_due().is_some() {
        let code = if requests % 2 == 0 {
            error(404, "RESOURCE_DOES_NOT_EXIST")
        } else {
            error(400, "RESOURCE_ALREADY_EXISTS")
        };
        search(&mut recorder, code, 0);
        requests += 1;
        assert!(requests < 20);
    }
    assert_eq!(failed_code(&recorder), "experiment_refused");
}

#[test]
fn an_id_is_checked_and_never_created() {
    let mut recorder = with_server();
    recorder.set_experiment(ExperimentRef::Id("42".into()));
    let request = search(&mut recorder, found("42", Some("forty-two")), 0);
    assert_eq!(
        request.url,
        "http://mlflow.test:5000/api/2.0/mlflow/experiments/get?experiment_id=42"
    );
    assert_eq!(recorder.experiment(), ready("42", "forty-two"));

    recorder.set_experiment(ExperimentRef::Id("43".into()));
    search(&mut recorder, error(404, "RESOURCE_DOES_NOT_EXIST"), 0);
    assert_eq!(failed_code(&recorder), "experiment_not_found");
}

#[test]
fn spans_wait_for_the_experiment_and_go_to_it() {
    let mut recorder = named("AG2");
    trace_of(&mut recorder, 2, 0);
    recorder.flush_now();
    let lookup = next(&mut recorder, 0);
    assert!(
        recorder.next_request(at(60_000)).is_none(),
        "no spans before the experiment is known"
    );
    recorder.settle(lookup.id, found("5", None), at(1));
    let spans = next(&mut recorder, 1);
    assert_eq!(spans.kind, RequestKind::Spans);
    assert!(
        spans
            .headers
            .contains(&("x-mlflow-experiment-id", "5".to_owned()))
    );
}

#[test]
fn a_failed_search_keeps_the_spans_and_resumes_with_another_experiment() {
    let mut recorder = with_server();
    recorder.set_experiment(ExperimentRef::Id("404".into()));
    trace_of(&mut recorder, 2, 0);
    search(&mut recorder, error(404, "RESOURCE_DOES_NOT_EXIST"), 0);
    trace_of(&mut recorder, 2, 0);
    assert_eq!((recorder.next_due(), recorder.stats().buffered), (None, 4));
    let notices = recorder.take_notices();
    assert_eq!(notices.len(), 1);
    assert!(
        notices[0].message.contains("`404`") && notices[0].message.contains("set a name"),
        "{}",
        notices[0].message
    );
    recorder.set_experiment(ExperimentRef::Name("AG2".into()));
    search(&mut recorder, found("1", None), 5_000);
    exchange(&mut recorder, 200, 5_000);
    assert_eq!(recorder.stats().delivered, 4);
}

#[test]
fn what_is_not_mlflow_deleted_or_forbidden_is_told_apart() {
    for (answer, code) in [
        (status(200), "not_mlflow"),
        (status(401), "unauthorized"),
        (status(400), "experiment_refused"),
        (status(405), "experiment_refused"),
    ] {
        let mut recorder = named("x");
        let request = next(&mut recorder, 0);
        assert_eq!(
            recorder.settle(request.id, answer, at(0)),
            Settled::Stopped { reason: code }
        );
        assert_eq!(failed_code(&recorder), code);
    }
    let mut recorder = named("x");
    let mut answer = found("1", Some("x"));
    answer.body.lifecycle_stage = Some("deleted".into());
    search(&mut recorder, answer, 0);
    assert_eq!(failed_code(&recorder), "experiment_deleted");
}

#[test]
fn an_unreachable_server_fails_the_search_but_not_for_good() {
    let mut recorder = named("AG2");
    trace_of(&mut recorder, 2, 0);
    let mut millis = 0;
    while !matches!(recorder.experiment(), ExperimentState::Failed { .. }) {
        search(&mut recorder, status(0), millis);
        millis += 60_000;
        assert!(millis < 3_600_000);
    }
    assert_eq!(failed_code(&recorder), "unreachable");
    assert_eq!(recorder.take_notices().len(), 1);
    search(&mut recorder, error(404, "RESOURCE_DOES_NOT_EXIST"), millis);
    assert_eq!(recorder.experiment(), ExperimentState::Waiting);
    search(&mut recorder, found("1", None), millis);
    exchange(&mut recorder, 200, millis);
    assert_eq!(recorder.stats().delivered, 2);
}

#[test]
fn setting_the_same_experiment_again_asks_nobody() {
    let mut recorder = named("AG2");
    search(&mut recorder, found("1", None), 0);
    recorder.set_experiment(ExperimentRef::Name("AG2".into()));
    assert_eq!(
        (recorder.next_due(), recorder.experiment()),
        (None, ready("1", "AG2"))
    );
}

#[test]
fn another_server_is_asked_anew_and_late_answers_of_the_old_one_are_ignored() {
    let mut recorder = named("AG2");
    let old = next(&mut recorder, 0);
    recorder
        .set_tracking_uri("http://other.test")
        .expect("an address");
    assert_eq!(
        recorder.settle(old.id, found("1", None), at(1)),
        Settled::Ignored
    );
    search(&mut recorder, found("2", None), 1);
    assert_eq!(recorder.experiment(), ready("2", "AG2"));
}

#[test]
fn in_memory_every_experiment_is_there_at_once() {
    let mut recorder = in_memory();
    assert_eq!(recorder.experiment(), ExperimentState::Unset);
    recorder.set_experiment(ExperimentRef::Name("AG2".into()));
    assert_eq!(recorder.experiment(), ready("0", "AG2"));
    recorder.set_experiment(ExperimentRef::Id("5".into()));
    assert_eq!(recorder.experiment(), ready("5", ""));
    assert_eq!(recorder.next_due(), None);
}
