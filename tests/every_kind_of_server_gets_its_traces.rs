//! Which way spans go, by what the server says of itself and by its answers.

mod common;

use common::*;
use mlflow_ag2::mlflow::{Answer, AnswerBody, ExperimentRef, RequestKind};

fn version(version: &str) -> Answer {
    let body = AnswerBody {
        version: Some(version.to_owned()),
        ..AnswerBody::default()
    };
    Answer {
        body,
        ..status(200)
    }
}

fn blocked() -> Answer {
    Answer {
        may_be_blocked: true,
        ..status(0)
    }
}

const INFO: &str = "GET /api/3.0/mlflow/server-info";
const VERSION: &str = "GET /version";
const SPANS: &str = "POST /v1/traces";
const TRACE: &str = "POST /api/3.0/mlflow/traces";
const FILE: &str = "PUT /api/2.0/mlflow-artifacts/artifacts/0/traces/tr/artifacts/traces.json";

#[test]
fn one_question_or_two_tell_the_way() {
    let table: &[(&[Answer], &[&str])] = &[
        (&[server_info("SqlStore")], &[INFO, SPANS]),
        (&[server_info("FileStore")], &[INFO, TRACE, FILE]),
        (
            &[status(404), version("3.4.0")],
            &[INFO, VERSION, TRACE, FILE],
        ),
        (
            &[status(404), version("3.6.0")],
            &[INFO, VERSION, TRACE, FILE],
        ),
        (&[status(404), version("3.7.0")], &[INFO, VERSION, SPANS]),
        (
            &[status(404), version("3.10.1rc2")],
            &[INFO, VERSION, SPANS],
        ),
        (&[status(404), version("4.0.0")], &[INFO, VERSION, SPANS]),
        (
            &[status(404), version("2.22.0")],
            &[INFO, VERSION, TRACE, FILE],
        ),
        // Nothing that it says keeps spans from being sent.
        (&[status(404), status(404)], &[INFO, VERSION, SPANS]),
        (&[status(401), status(401)], &[INFO, VERSION, SPANS]),
        (&[status(200), version("many")], &[INFO, VERSION, SPANS]),
        (&[status(500), status(500)], &[INFO, VERSION, SPANS]),
        // Something else that answers in its place does, and a server that is away.
        (
            &[status(503), status(0), server_info("SqlStore")],
            &[INFO, INFO, INFO, SPANS],
        ),
        (
            &[status(302), server_info("SqlStore")],
            &[INFO, INFO, SPANS],
        ),
    ];
    for (said, expected) in table {
        let mut recorder = with_server();
        trace_of(&mut recorder, 3, 0);
        let mut answers = said.to_vec();
        while answers.len() < expected.len() {
            answers.push(located(HOME));
        }
        let (seen, _) = play(&mut recorder, &answers);
        assert_eq!(seen, *expected);
        assert_eq!(recorder.stats().delivered, 3, "{expected:?}");
        // It is asked once.
        trace_of(&mut recorder, 1, 0);
        let way = expected.iter().find(|path| path.starts_with("POST"));
        let (seen, _) = play(&mut recorder, &[located(HOME)]);
        assert_eq!(seen.first().map(String::as_str), way.copied());
    }
}

#[test]
fn the_first_answer_corrects_what_was_thought() {
    for code in [404, 405, 410, 501] {
        let mut recorder = with_server();
        trace_of(&mut recorder, 3, 0);
        let answers = [
            status(404),
            status(404),
            status(code),
            located(HOME),
            status(200),
        ];
        let (seen, _) = play(&mut recorder, &answers);
        assert_eq!(seen, [INFO, VERSION, SPANS, TRACE, FILE], "{code}");
        assert_eq!(recorder.stats().delivered, 3);
        assert!(recorder.take_notices().is_empty(), "nothing is lost");
    }
}

#[test]
fn a_page_that_may_not_use_otlp_goes_the_other_way() {
    let modern = || server_info("SqlStore");
    let mut recorder = with_server();
    trace_of(&mut recorder, 3, 0);
    let answers = [
        modern(),
        blocked(),
        modern(),
        blocked(),
        located(HOME),
        status(200),
    ];
    let (seen, _) = play(&mut recorder, &answers);
    assert_eq!(seen, [INFO, SPANS, INFO, SPANS, TRACE, FILE]);
    assert_eq!(recorder.stats().delivered, 3);
    // A server that is away altogether, or a host without such rules, is another matter.
    for answer in [blocked(), status(0)] {
        let mut recorder = with_server();
        trace_of(&mut recorder, 3, 0);
        let away = answer.clone();
        let answers = [modern(), answer.clone(), away, modern(), status(200)];
        let (seen, _) = play(&mut recorder, &answers);
        assert_eq!(seen, [INFO, SPANS, INFO, INFO, SPANS]);
    }
    let mut recorder = with_server();
    trace_of(&mut recorder, 3, 0);
    let answers = [
        modern(),
        status(0),
        modern(),
        status(0),
        modern(),
        status(200),
    ];
    let (seen, _) = play(&mut recorder, &answers);
    assert_eq!(seen, [INFO, SPANS, INFO, SPANS, INFO, SPANS]);
}

#[test]
fn a_page_whose_spans_were_answered_before_does_not_take_lost_answers_for_a_refusal() {
    let modern = || server_info("SqlStore");
    let mut recorder = with_server();
    trace_of(&mut recorder, 3, 0);
    // An error is an answer too: a browser that refuses to send shows none.
    let answers = [
        modern(),
        status(503),
        blocked(),
        modern(),
        blocked(),
        modern(),
        blocked(),
        modern(),
        status(200),
    ];
    let (seen, _) = play(&mut recorder, &answers);
    let lost = [INFO, SPANS, SPANS, INFO, SPANS, INFO, SPANS, INFO, SPANS];
    assert_eq!(seen, lost);
    assert_eq!(recorder.stats().delivered, 3);
}

#[test]
fn a_workspace_is_named_only_to_a_server_that_has_such() {
    for enabled in [true, false] {
        let mut recorder = with_server();
        recorder.set_workspace("team");
        recorder.set_experiment(ExperimentRef::Name("chats".to_owned()));
        let question = recorder.next_request(at(0)).expect("a question");
        assert_eq!(
            question.kind,
            RequestKind::Probe,
            "before the experiment is looked for"
        );
        let mut answer = server_info("SqlStore");
        answer.body.workspaces_enabled = Some(enabled);
        recorder.settle(question.id, answer, at(0));
        let search = recorder.next_request(at(0)).expect("a search");
        assert_eq!(recorder.workspace(), enabled.then_some("team"));
        assert_eq!(search.kind, RequestKind::Experiment);
        recorder.set_workspace("");
        assert_eq!(recorder.workspace(), None);
    }
}

#[test]
fn an_experiment_that_has_gone_is_looked_for_once_more() {
    let gone = || Answer {
        body: AnswerBody {
            error_code: Some("RESOURCE_DOES_NOT_EXIST".to_owned()),
            ..AnswerBody::default()
        },
        ..status(404)
    };
    let found = |id: &str| {
        let mut found = status(200);
        found.body.experiment_id = Some(id.to_owned());
        found
    };
    let mut recorder = with_server();
    recorder.set_experiment(ExperimentRef::Name("chats".to_owned()));
    trace_of(&mut recorder, 2, 0);
    let answers = [
        found("1"),
        server_info("SqlStore"),
        gone(),
        found("2"),
        gone(),
    ];
    let (seen, last) = play(&mut recorder, &answers);
    assert!(seen[3].contains("get-by-name"), "{seen:?}");
    assert!(
        last.headers
            .contains(&("x-mlflow-experiment-id", "2".to_owned()))
    );
    assert_eq!((recorder.stats().buffered, recorder.next_due()), (2, None));
    assert_eq!(recorder.take_notices()[0].code, "experiment_gone");
    recorder.configuration_changed();
    assert!(recorder.next_due().is_some());
}
