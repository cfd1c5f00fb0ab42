//! How spans get to a server, by what it says of itself and by its responses.

mod common;

use common::*;
use mlflow_ag2::export::NextRequest;
use mlflow_ag2::mlflow::response::TIMED_OUT;
use mlflow_ag2::mlflow::{ExperimentRef, JsonFields, RequestKind, Response, ResponseBody};

/// MLflow sends its version as a web page.
fn version(version: &str) -> Response {
    text_response(200, version, true)
}

fn old_info(store: &str) -> Response {
    let store_type = Some(store.to_owned());
    json_response(200, JsonFields { store_type, ..JsonFields::default() })
}

fn blocked() -> Response {
    Response { may_be_blocked: true, ..status(0) }
}

const INFO: &str = "GET /api/3.0/mlflow/server-info";
const VERSION: &str = "GET /version";
const SPANS: &str = "POST /v1/traces";
const TRACE: &str = "POST /api/3.0/mlflow/traces";
const FILE: &str = "PUT /api/2.0/mlflow-artifacts/artifacts/0/traces/tr/artifacts/traces.json";

#[test]
fn one_question_or_two_tell_the_way() {
    let table: &[(&[Response], &[&str])] = &[
        (&[server_info("SqlStore")], &[INFO, SPANS]),
        (&[server_info("FileStore")], &[INFO, TRACE, FILE]),
        // MLflow 3.9 knows no workspaces.
        (&[old_info("SqlStore")], &[INFO, SPANS]),
        (&[old_info("FileStore")], &[INFO, TRACE, FILE]),
        (&[status(404), version("3.4.0")], &[INFO, VERSION, TRACE, FILE]),
        (&[status(404), version("3.6.0")], &[INFO, VERSION, TRACE, FILE]),
        (&[status(404), version("3.7.0")], &[INFO, VERSION, SPANS]),
        (&[status(404), version("3.10.1rc2")], &[INFO, VERSION, SPANS]),
        (&[status(404), version("4.0.0")], &[INFO, VERSION, SPANS]),
        (&[status(404), version("2.22.0")], &[INFO, VERSION, TRACE, FILE]),
        // Nothing that it says keeps spans from being sent.
        (&[status(404), status(404)], &[INFO, VERSION, SPANS]),
        (&[status(401), status(401)], &[INFO, VERSION, SPANS]),
        (&[status(200), text_response(200, "many", false)], &[INFO, VERSION, SPANS]),
        (&[status(500), status(500)], &[INFO, VERSION, SPANS]),
        // Something else that answers in its place does, and a server that is away.
        (&[status(503), status(0), server_info("SqlStore")], &[INFO, INFO, INFO, SPANS]),
        (&[status(302), server_info("SqlStore")], &[INFO, INFO, SPANS]),
    ];
    for (response, expected) in table {
        let mut tracer = with_server();
        trace_of(&mut tracer, 3, 0);
        let mut answers = response.to_vec();
        for path in &expected[response.len()..] {
            answers.push(if *path == TRACE { located(ARTIFACT_LOCATION) } else { status(200) });
        }
        let (seen, _) = play(&mut tracer, &answers);
        assert_eq!(seen, *expected);
        assert_eq!(tracer.stats().delivered, 3, "{expected:?}");
        // It is asked once.
        trace_of(&mut tracer, 1, 0);
        let way = expected.iter().find(|path| path.starts_with("POST"));
        let (seen, _) = play(&mut tracer, &[status(0)]);
        assert_eq!(seen.first().map(String::as_str), way.copied());
    }
}

#[test]
fn a_server_that_is_mlflow_and_refuses_otlp_twice_gets_files() {
    for code in [404, 405, 410, 501] {
        let questions: [&[Response]; 2] = [&[modern_server()], &[status(404), version("3.8.0")]];
        for response in questions {
            let mut tracer = with_server();
            trace_of(&mut tracer, 3, 0);
            let once = [response, &[status(code)]].concat();
            let (seen, _) = play(&mut tracer, &once);
            assert_eq!(seen.last().map(String::as_str), Some(SPANS));
            // It may be in the middle of a deploy: it is asked again before OTLP is given up.
            let twice = [&once[..], &[located(ARTIFACT_LOCATION), status(200)]].concat();
            let (seen, _) = play(&mut tracer, &twice);
            let end = &seen[seen.len() - 3..];
            assert_eq!(end, [SPANS, TRACE, FILE], "{code}");
            assert_eq!(tracer.stats().delivered, 3);
            assert!(tracer.take_notices().is_empty(), "nothing is lost");
        }
    }
}

#[test]
fn a_server_that_does_not_answer_like_mlflow_is_asked_and_tried_until_it_does() {
    for code in [404, 405, 410, 501] {
        let mut tracer = with_server();
        trace_of(&mut tracer, 3, 0);
        // An ingress during a deploy: it refuses everything.
        let round = [status(404), status(404), status(code)];
        for number in 0..5 {
            let (seen, _) = play_from(&mut tracer, number * 300_000, &round);
            assert_eq!(seen, [INFO, VERSION, SPANS], "{code}");
        }
        assert!(matches!(tracer.next_request(at(1_504_000)), NextRequest::WaitUntil(_)), "it backs off");
        assert_eq!(codes(&mut tracer), ["not_mlflow"]);
        let (seen, _) = play_from(&mut tracer, 1_500_000, &[modern_server(), status(200)]);
        assert_eq!(seen, [INFO, SPANS]);
        assert_eq!(tracer.stats().delivered, 3);
    }
}

/// A server that has been given files because it refused OTLP, at 500 s.
fn with_files() -> TestTracer {
    let mut tracer = with_server();
    trace_of(&mut tracer, 3, 0);
    let once = [modern_server(), status(404)];
    play(&mut tracer, &[&once[..], &once[..], &[located(ARTIFACT_LOCATION)]].concat());
    let file = due_request(&mut tracer, 500_000).expect("the file");
    tracer.on_response(file.id, status(200), at(500_000));
    assert_eq!(tracer.stats().delivered, 3);
    tracer
}

#[test]
fn files_are_not_for_good() {
    // OTLP was refused at 400 s: from 700 s on it is tried again.
    let mut tracer = with_files();
    trace_of(&mut tracer, 1, 600_000);
    let info = due_request(&mut tracer, 699_999).expect("a trace's info");
    assert_eq!(info.kind, RequestKind::TraceInfo);
    tracer.on_response(info.id, located(ARTIFACT_LOCATION), at(699_999));
    exchange(&mut tracer, 200, 699_999);
    trace_of(&mut tracer, 1, 700_000);
    let question = due_request(&mut tracer, 701_000).expect("a question");
    assert_eq!(question.kind, RequestKind::Probe);
    tracer.on_response(question.id, modern_server(), at(701_000));
    let spans = due_request(&mut tracer, 701_000).expect("spans");
    assert_eq!(spans.kind, RequestKind::Spans);
    // Refused again: one look is enough this time.
    tracer.on_response(spans.id, status(404), at(701_000));
    let info = due_request(&mut tracer, 701_000).expect("a trace's info");
    assert_eq!(info.kind, RequestKind::TraceInfo);
    tracer.on_response(info.id, located(ARTIFACT_LOCATION), at(701_000));
    exchange(&mut tracer, 200, 701_000);
    assert_eq!(tracer.stats().delivered, 5);
}

#[test]
fn files_that_are_refused_make_otlp_be_tried_again() {
    for code in [404, 405, 410, 501] {
        for at_file in [false, true] {
            let mut tracer = with_files();
            trace_of(&mut tracer, 1, 600_000);
            let mut now = 601_000;
            if at_file {
                let info = due_request(&mut tracer, now).expect("a trace's info");
                tracer.on_response(info.id, located(ARTIFACT_LOCATION), at(now));
            }
            let refused = due_request(&mut tracer, now).expect("a request");
            tracer.on_response(refused.id, status(code), at(now));
            assert_eq!(codes(&mut tracer), ["otlp_unsupported"]);
            assert!(due_request(&mut tracer, now + 50).is_none(), "it backs off");
            now += 2_000;
            let question = due_request(&mut tracer, now).expect("a question");
            assert_eq!(question.kind, RequestKind::Probe);
            tracer.on_response(question.id, modern_server(), at(now));
            assert_eq!(exchange(&mut tracer, 200, now).kind, RequestKind::Spans);
            assert_eq!(tracer.stats().delivered, 4);
        }
    }
}

/// Answers as many requests as there are expected ones, all at the same time, and compares them.
fn assert_at_once(tracer: &mut TestTracer, millis: u64, exchanges: &[(&str, Response)]) {
    for (expected, answer) in exchanges {
        let request = due_request(tracer, millis).expect(expected);
        let path = request.url.strip_prefix(SERVER).expect("to the server");
        assert_eq!(format!("{} {path}", request.method), *expected);
        tracer.on_response(request.id, answer.clone(), at(millis));
        assert_balanced(&tracer.stats());
    }
}

#[test]
fn a_page_that_may_not_use_otlp_sends_files_once_the_server_has_answered_right_after_each_refusal() {
    let mut tracer = with_server();
    trace_of(&mut tracer, 3, 0);
    // The question is asked at once: a moment later an outage may be over.
    assert_at_once(&mut tracer, 2_000, &[(INFO, modern_server()), (SPANS, blocked()), (INFO, modern_server())]);
    assert!(due_request(&mut tracer, 2_000).is_none(), "spans are tried again after a wait");
    assert_at_once(&mut tracer, 4_000, &[(SPANS, blocked()), (INFO, modern_server())]);
    assert_at_once(&mut tracer, 8_000, &[(TRACE, located(ARTIFACT_LOCATION)), (FILE, status(200))]);
    assert_eq!(tracer.stats().delivered, 3);
    // An older server takes two questions.
    let mut tracer = with_server();
    trace_of(&mut tracer, 3, 0);
    let old = || [(INFO, status(404)), (VERSION, version("3.8.0"))];
    let refused = || [&old()[..], &[(SPANS, blocked())]].concat();
    assert_at_once(&mut tracer, 2_000, &refused());
    assert_at_once(&mut tracer, 4_000, &refused());
    assert_at_once(&mut tracer, 8_000, &[&old()[..], &[(TRACE, located(ARTIFACT_LOCATION))]].concat());
}

#[test]
fn an_outage_is_no_refusal_of_otlp_however_often_it_comes() {
    // Away altogether, or a proxy that says that the server behind it is.
    for away in [blocked(), status(503), status(302), text_response(200, "<title>Sign in</title>", true)] {
        let mut tracer = with_server();
        trace_of(&mut tracer, 3, 0);
        assert_at_once(&mut tracer, 2_000, &[(INFO, modern_server())]);
        for outage in 1..=4 {
            let (seen, _) = play_from(&mut tracer, outage * 500_000, &[blocked(), away.clone(), modern_server()]);
            assert_eq!(seen, [SPANS, INFO, INFO], "{away:?}");
        }
        // Once by accident between two outages.
        let answers = [blocked(), modern_server(), blocked(), away.clone(), modern_server()];
        let (seen, _) = play_from(&mut tracer, 3_000_000, &answers);
        assert_eq!(seen, [SPANS, INFO, SPANS, INFO, INFO]);
        let (seen, _) = play_from(&mut tracer, 4_000_000, &[blocked(), modern_server(), status(200)]);
        assert_eq!(seen, [SPANS, INFO, SPANS]);
        assert_eq!(tracer.stats().delivered, 3);
    }
}

#[test]
fn no_response_in_time_or_in_a_host_without_such_rules_is_no_refusal_of_otlp() {
    let timeout = Response { time_used: TIMED_OUT, ..blocked() };
    for answer in [timeout, status(0)] {
        let mut tracer = with_server();
        trace_of(&mut tracer, 3, 0);
        let lost = [answer, modern_server()];
        let answers = [&[modern_server()], &lost[..], &lost[..], &lost[..], &[status(200)]].concat();
        let (seen, _) = play(&mut tracer, &answers);
        assert_eq!(seen, [INFO, SPANS, INFO, SPANS, INFO, SPANS, INFO, SPANS]);
    }
}

#[test]
fn a_server_that_says_that_it_takes_only_files_is_asked_again_after_an_hour() {
    let mut tracer = with_server();
    trace_of(&mut tracer, 3, 0);
    let file = [located(ARTIFACT_LOCATION), status(200)];
    let (seen, _) = play(&mut tracer, &[&[server_info("FileStore")], &file[..]].concat());
    assert_eq!(seen, [INFO, TRACE, FILE]);
    trace_of(&mut tracer, 3, 3_000_000);
    let (seen, _) = play_from(&mut tracer, 3_000_000, &file);
    assert_eq!(seen, [TRACE, FILE]);
    trace_of(&mut tracer, 3, 3_700_000);
    let (seen, _) = play_from(&mut tracer, 3_700_000, &[&[server_info("FileStore")], &file[..]].concat());
    assert_eq!(seen, [INFO, TRACE, FILE]);
    trace_of(&mut tracer, 3, 7_400_000);
    let (seen, _) = play_from(&mut tracer, 7_400_000, &[modern_server(), status(200)]);
    assert_eq!(seen, [INFO, SPANS], "it was upgraded");
}

#[test]
fn a_server_that_fails_is_asked_again_whether_it_has_the_workspace_that_is_wanted() {
    for failure in [status(500), status(502), status(408)] {
        let mut tracer = with_server();
        tracer.set_workspace("team");
        trace_of(&mut tracer, 3, 0);
        let (seen, _) = play(&mut tracer, &[failure.clone(), failure, modern_server(), status(200)]);
        assert_eq!(seen, [INFO, INFO, INFO, SPANS]);
    }
}

#[test]
fn a_page_whose_spans_were_answered_before_does_not_take_lost_answers_for_a_refusal() {
    let modern = || server_info("SqlStore");
    let mut tracer = with_server();
    trace_of(&mut tracer, 3, 0);
    // An error is an answer too: a browser that refuses to send shows none.
    let answers = [modern(), status(503), blocked(), modern(), blocked(), modern(), blocked(), modern(), status(200)];
    let (seen, _) = play(&mut tracer, &answers);
    let lost = [INFO, SPANS, SPANS, INFO, SPANS, INFO, SPANS, INFO, SPANS];
    assert_eq!(seen, lost);
    assert_eq!(tracer.stats().delivered, 3);
}

#[test]
fn a_workspace_is_named_only_to_a_server_that_has_such() {
    for enabled in [true, false] {
        let mut tracer = with_server();
        tracer.set_workspace("team");
        tracer.set_experiment(ExperimentRef::Name("chats".to_owned()));
        let question = due_request(&mut tracer, 0).expect("a question");
        assert!(question.headers.is_empty(), "it is not known yet whether there are any");
        assert_eq!(question.kind, RequestKind::Probe, "before the experiment is looked for");
        let mut answer = server_info("SqlStore");
        if let ResponseBody::Json(fields) = &mut answer.body {
            fields.workspaces_enabled = Some(enabled);
        }
        tracer.on_response(question.id, answer, at(0));
        let search = due_request(&mut tracer, 0).expect("a search");
        assert_eq!(tracer.workspace(), enabled.then_some("team"));
        assert_eq!(search.kind, RequestKind::Experiment);
        let named = ("x-mlflow-workspace", "team".to_owned());
        assert_eq!(search.headers.contains(&named), enabled);
        tracer.set_workspace("");
        assert_eq!(tracer.workspace(), None);
    }
}

#[test]
fn an_experiment_that_has_gone_is_looked_for_again() {
    let gone = || error(404, "RESOURCE_DOES_NOT_EXIST");
    let mut tracer = with_server();
    tracer.set_experiment(ExperimentRef::Name("chats".to_owned()));
    trace_of(&mut tracer, 2, 0);
    let answers = [found("1", None), server_info("SqlStore"), gone(), found("2", None), gone()];
    let (seen, last) = play(&mut tracer, &answers);
    assert!(seen[3].contains("experiments/search"), "{seen:?}");
    assert!(last.headers.contains(&("x-mlflow-experiment-id", "2".to_owned())));
    assert_eq!(tracer.stats().buffered, 2);
    assert_eq!(tracer.take_notices()[0].code, "experiment_gone");
    // From now on it is looked for with backoff.
    let (seen, _) = play_from(&mut tracer, 500_000, &[found("3", None), status(200)]);
    assert!(seen[0].contains("experiments/search"), "{seen:?}");
    assert_eq!(tracer.stats().delivered, 2);
}

#[test]
fn another_endpoint_never_gets_files() {
    let mut tracer = in_memory();
    tracer.set_otlp_endpoint("http://collector.test/v1/traces").expect("an address");
    trace_of(&mut tracer, 3, 0);
    for number in 1..=10 {
        let request = due_request(&mut tracer, 100_000 * number).expect("spans");
        assert_eq!(request.kind, RequestKind::Spans);
        tracer.on_response(request.id, blocked(), at(100_000 * number));
        assert_balanced(&tracer.stats());
    }
    exchange(&mut tracer, 200, 2_000_000);
    assert_eq!(tracer.stats().delivered, 3);
}

#[test]
fn what_a_server_can_do_is_found_out_anew_when_the_configuration_changes() {
    let mut tracer = with_server();
    trace_of(&mut tracer, 3, 0);
    play(&mut tracer, &[server_info("FileStore"), located(ARTIFACT_LOCATION), status(200)]);
    tracer.configuration_changed();
    trace_of(&mut tracer, 3, 0);
    let (seen, _) = play(&mut tracer, &[server_info("SqlStore"), status(200)]);
    assert_eq!(seen, [INFO, SPANS]);
}

#[test]
fn a_server_that_took_spans_since_it_refused_otlp_is_asked_again_before_it_gets_files() {
    let mut tracer = with_server();
    for number in 0..3 {
        trace_of(&mut tracer, 3, 0);
        let first: &[Response] = if number == 0 { &[modern_server()] } else { &[] };
        let answers = [first, &[status(404), modern_server(), status(200)]].concat();
        let (seen, _) = play(&mut tracer, &answers);
        assert_eq!(seen[first.len()..], [SPANS, INFO, SPANS], "{number}");
    }
    assert_eq!(tracer.stats().delivered, 9);
}

#[test]
fn a_page_that_could_not_use_otlp_tries_it_again_and_one_more_refusal_is_enough() {
    let with_files = || {
        let mut tracer = with_server();
        trace_of(&mut tracer, 3, 0);
        let modern = modern_server;
        let refused = [modern(), blocked()];
        let file = [modern(), located(ARTIFACT_LOCATION), status(200)];
        play(&mut tracer, &[&refused[..], &refused[..], &file[..]].concat());
        trace_of(&mut tracer, 3, 1_000_000);
        tracer
    };
    let answers = [modern_server(), blocked(), modern_server(), located(ARTIFACT_LOCATION)];
    let (seen, _) = play_from(&mut with_files(), 1_000_000, &answers);
    assert_eq!(seen, [INFO, SPANS, INFO, TRACE]);
    // A server that is away is no refusal.
    let answers = [modern_server(), blocked(), status(0), modern_server(), blocked(), modern_server(), status(200)];
    let (seen, _) = play_from(&mut with_files(), 1_000_000, &answers);
    assert_eq!(seen, [INFO, SPANS, INFO, INFO, SPANS, INFO, SPANS]);
    let answers = [modern_server(), status(0), modern_server(), status(200)];
    let (seen, _) = play_from(&mut with_files(), 1_000_000, &answers);
    assert_eq!(seen, [INFO, SPANS, INFO, SPANS]);
}

#[test]
fn nothing_is_due_while_the_question_is_in_flight() {
    let mut tracer = with_server();
    trace_of(&mut tracer, 1, 0);
    let question = due_request(&mut tracer, 10_000).expect("a question");
    assert_eq!((question.kind, tracer.next_due()), (RequestKind::Probe, None));
    assert!(due_request(&mut tracer, 10_000).is_none());
    tracer.on_response(question.id, modern_server(), at(10_000));
    assert_eq!(exchange(&mut tracer, 200, 10_000).kind, RequestKind::Spans);
}
