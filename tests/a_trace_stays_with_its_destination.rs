//! A trace belongs to the server, workspace and experiment that were set when it ended, and goes there
//! whatever is set afterwards.

mod common;

use common::*;
use mlflow_ag2::ag2::{AgentEvent, SpanUpdate};
use mlflow_ag2::export::Limits;
use mlflow_ag2::mlflow::{ExperimentRef, JsonFields, Request, RequestKind, Response, ResponseBody};
use mlflow_ag2::trace::{CapturePolicy, TraceUpdate};

const OTHER: &str = "http://other.test";

/// What a request is about: kind, server, and experiment and workspace as its headers name them.
fn place(request: &Request) -> (RequestKind, String, String, String) {
    let header = |name| {
        let mut headers = request.headers.iter();
        let found = headers.find(|(known, _)| *known == name);
        found.map_or(String::new(), |(_, value)| value.clone())
    };
    assert!(request.url.starts_with(&*request.tracking_uri));
    (request.kind, request.tracking_uri.to_string(), header("x-mlflow-experiment-id"), header("x-mlflow-workspace"))
}

/// A server that is well and has these experiments, whose ids are their names with a `#` in front.
fn well(request: &Request) -> Response {
    let by_name = searched_name(request);
    let by_id = request.url.split_once("experiment_id=");
    match request.kind {
        RequestKind::Experiment => match (by_name, by_id) {
            (Some(name), _) => found(&["#", &name].concat(), Some(&name)),
            (_, Some((_, id))) => found(id, None),
            _ => panic!("nothing is created: {}", request.url),
        },
        kind => success(kind),
    }
}

/// Sends all that is due by then, and gives where spans went.
fn run(
    tracer: &mut TestTracer,
    millis: u64,
    mut answer: impl FnMut(&Request) -> Response,
) -> Vec<(String, String, String)> {
    let mut places = Vec::new();
    while let Some(request) = due_request(tracer, millis) {
        let response = answer(&request);
        let (kind, server, experiment, workspace) = place(&request);
        if kind == RequestKind::Spans {
            places.push((server, experiment, workspace));
        }
        tracer.on_response(request.id, response, at(millis));
        assert_balanced(&tracer.stats());
        assert!(places.len() < 100, "it never ends");
    }
    places
}

fn named(name: &str) -> ExperimentRef {
    ExperimentRef::Name(name.to_owned())
}

fn at_server(server: &str, experiment: &str) -> (String, String, String) {
    (server.to_owned(), experiment.to_owned(), String::new())
}

#[test]
fn what_waits_goes_to_the_experiment_that_was_set_when_it_ended() {
    let mut tracer = with_server();
    trace_of(&mut tracer, 2, 0);
    tracer.set_experiment(named("one"));
    trace_of(&mut tracer, 2, 1);
    tracer.set_experiment(named("two"));
    trace_of(&mut tracer, 2, 2);
    tracer.set_experiment(named("one"));
    trace_of(&mut tracer, 2, 3);
    let mut places = run(&mut tracer, 5_000, well);
    places.sort();
    let expected = ["#one", "#two", "0"].map(|experiment| at_server(SERVER, experiment));
    assert_eq!(places, expected, "each experiment once");
    assert_eq!(tracer.stats().delivered, 8);
}

#[test]
fn what_waits_goes_to_the_server_that_was_set_when_it_ended_and_delays_no_other() {
    for last in [OTHER, "memory:"] {
        let mut tracer = with_server();
        trace_of(&mut tracer, 3, 0);
        // It is away.
        let sent = next(&mut tracer, 1_000);
        tracer.on_response(sent.id, status(0), at(1_000));
        tracer.set_tracking_uri(last).expect("an address");
        trace_of(&mut tracer, 2, 1_000);
        let only_new = |request: &Request| match &*request.tracking_uri {
            SERVER => status(0),
            _ => well(request),
        };
        let places = run(&mut tracer, 2_000, only_new);
        let stats = tracer.stats();
        assert_eq!((stats.delivered + stats.in_memory, stats.buffered), (2, 3));
        assert_eq!(places.len(), usize::from(last == OTHER));
        // Back again, it gets what is its.
        let places = run(&mut tracer, 100_000, well);
        assert_eq!(places, [at_server(SERVER, "0")]);
        let stats = tracer.stats();
        assert_eq!((stats.delivered + stats.in_memory, stats.buffered), (5, 0));
        assert_eq!(tracer.next_due(), None, "nothing is left of it");
    }
}

#[test]
fn a_request_in_flight_to_the_old_server_does_not_hold_up_the_new_one() {
    let mut tracer = with_server();
    trace_of(&mut tracer, 3, 0);
    let old = next(&mut tracer, 1_000);
    tracer.set_tracking_uri(OTHER).expect("an address");
    trace_of(&mut tracer, 2, 1_000);
    assert_eq!(run(&mut tracer, 2_000, well), [at_server(OTHER, "0")]);
    tracer.on_response(old.id, status(400), at(2_001));
    assert_eq!(tracer.stats().dropped.refused, 0, "it is bisected at its server");
    assert_eq!(run(&mut tracer, 2_001, well), [at_server(SERVER, "0"), at_server(SERVER, "0")]);
    assert_eq!(tracer.stats().delivered, 5);
}

#[test]
fn a_trace_whose_first_spans_were_taken_early_stays_where_those_went() {
    let mut tracer = with_server();
    tracer.set_experiment(named("one"));
    let root = start(&mut tracer, chat(None), 0);
    let call = start(&mut tracer, tool_call(Some(root), "early"), 0);
    emit(&mut tracer, tool_call_end(call, "x"), 1);
    assert_eq!(run(&mut tracer, 6_000, well), [at_server(SERVER, "#one")]);
    tracer.set_tracking_uri(OTHER).expect("an address");
    tracer.set_experiment(named("two"));
    trace_of(&mut tracer, 1, 7_000);
    emit(&mut tracer, chat_end(root), 7_000);
    let mut places = run(&mut tracer, 9_000, well);
    places.sort();
    assert_eq!(places, [at_server(SERVER, "#one"), at_server(OTHER, "#two")]);
    assert_eq!(tracer.stats().delivered, 3);
}

#[test]
fn trace_info_goes_where_its_spans_went() {
    let mut tracer = with_server();
    let root = start(&mut tracer, chat(None), 0);
    let update = SpanUpdate::Trace(TraceUpdate::ClientRequestId("r-9".into()));
    emit(&mut tracer, AgentEvent::SpanUpdated { span: root, update }, 1);
    emit(&mut tracer, chat_end(root), 2);
    tracer.set_tracking_uri(OTHER).expect("an address");
    let mut infos = Vec::new();
    run(&mut tracer, 5_000, |request| {
        if request.kind == RequestKind::TraceInfo {
            infos.push(request.tracking_uri.to_string());
        }
        well(request)
    });
    assert_eq!(infos, [SERVER]);
    assert_eq!(tracer.stats().delivered, 1);
}

#[test]
fn each_workspace_has_its_own_experiments() {
    let with_workspaces = |request: &Request| match request.kind {
        RequestKind::Probe => json_response(
            200,
            JsonFields { store_type: Some("SqlStore".into()), workspaces_enabled: Some(true), ..JsonFields::default() },
        ),
        _ => well(request),
    };
    let mut tracer = with_server();
    tracer.set_experiment(named("one"));
    for workspace in ["red", "blue", ""] {
        tracer.set_workspace(workspace);
        trace_of(&mut tracer, 1, 0);
    }
    let mut places = run(&mut tracer, 5_000, with_workspaces);
    places.sort();
    let expected = ["", "blue", "red"].map(|workspace| {
        let (server, experiment, _) = at_server(SERVER, "#one");
        (server, experiment, workspace.to_owned())
    });
    assert_eq!(places, expected);
}

#[test]
fn spans_of_an_experiment_that_cannot_be_had_go_to_the_next_one_that_is_set() {
    let deleted = || {
        let mut response = found("7", None);
        if let ResponseBody::Json(fields) = &mut response.body {
            fields.lifecycle_stage = Some("deleted".into());
        }
        response
    };
    let not_found = || error(404, "RESOURCE_DOES_NOT_EXIST");
    for refusal in [not_found(), deleted(), status(400)] {
        for set_first in [false, true] {
            let mut tracer = with_server();
            tracer.set_experiment(ExperimentRef::Id("7".into()));
            trace_of(&mut tracer, 2, 0);
            let refuse_7 = |request: &Request| match request.kind {
                RequestKind::Experiment if request.url.ends_with("=7") => refusal.clone(),
                _ => well(request),
            };
            // Whether the server says so before or after another one is set.
            if !set_first {
                assert_eq!(run(&mut tracer, 2_000, refuse_7), []);
            }
            tracer.set_experiment(named("one"));
            let places = run(&mut tracer, 3_000, refuse_7);
            assert_eq!(places, [at_server(SERVER, "#one")]);
            assert_eq!(tracer.stats().delivered, 2);
        }
    }
}

#[test]
fn an_experiment_that_only_refuses_us_now_keeps_its_spans() {
    for refusal in [status(401), status(0), status(503), status(500)] {
        let mut tracer = with_server();
        tracer.set_experiment(named("one"));
        trace_of(&mut tracer, 2, 0);
        let refuse_one = |request: &Request| match request.kind {
            RequestKind::Experiment if searched_name(request).as_deref() == Some("one") => refusal.clone(),
            _ => well(request),
        };
        run(&mut tracer, 2_000, refuse_one);
        tracer.set_experiment(named("two"));
        assert_eq!(run(&mut tracer, 3_000, refuse_one), []);
        let places = run(&mut tracer, 100_000, well);
        assert_eq!(places, [at_server(SERVER, "#one")]);
    }
}

#[test]
fn a_restored_trace_whose_experiment_has_gone_goes_to_the_current_one() {
    let mut before = with_server();
    before.set_experiment(named("one"));
    run(&mut before, 0, well);
    trace_of(&mut before, 2, 0);
    let record = before.take_unpersisted().remove(0);
    let mut tracer = with_server();
    tracer.set_experiment(named("two"));
    assert!(tracer.restore(&record.bytes).is_some());
    let places = run(&mut tracer, 1_000, |request| {
        let (kind, _, experiment, _) = place(request);
        match kind {
            RequestKind::Spans if experiment == "#one" => error(404, "RESOURCE_DOES_NOT_EXIST"),
            _ => well(request),
        }
    });
    let expected = ["#one", "#two"].map(|experiment| at_server(SERVER, experiment));
    assert_eq!(places, expected);
    assert_eq!(tracer.stats().delivered, 2);
}

#[test]
fn a_restored_trace_goes_to_the_workspace_it_was_recorded_for() {
    let with_workspaces = |request: &Request| match request.kind {
        RequestKind::Probe => {
            let mut response = modern_server();
            if let ResponseBody::Json(fields) = &mut response.body {
                fields.workspaces_enabled = Some(true);
            }
            response
        }
        _ => well(request),
    };
    let mut before = with_server();
    before.set_workspace("red");
    before.set_experiment(named("one"));
    run(&mut before, 0, with_workspaces);
    trace_of(&mut before, 2, 0);
    let record = before.take_unpersisted().remove(0);
    let mut tracer = with_server();
    tracer.set_workspace("blue");
    assert!(tracer.restore(&record.bytes).is_some());
    let places = run(&mut tracer, 1_000, with_workspaces);
    let expected = (SERVER.to_owned(), "#one".to_owned(), "red".to_owned());
    assert_eq!(places, [expected]);
}

#[test]
fn the_room_for_what_waits_is_shared_and_the_oldest_server_gives_way_first() {
    let mut tracer = with_server();
    trace_of(&mut tracer, 3, 0);
    tracer.set_tracking_uri(OTHER).expect("an address");
    tracer.set_limits(Limits { buffer_spans: 7, ..Limits::default() });
    trace_of(&mut tracer, 3, 1);
    assert_eq!(tracer.stats().dropped.buffer_full, 0);
    trace_of(&mut tracer, 4, 2);
    let stats = tracer.stats();
    assert_eq!((stats.dropped.buffer_full, stats.buffered), (3, 7));
    assert_eq!(run(&mut tracer, 5_000, well), [at_server(OTHER, "0")]);
}

#[test]
fn a_closing_page_sends_to_every_server_what_is_its() {
    let mut tracer = with_server();
    trace_of(&mut tracer, 1, 0);
    tracer.set_tracking_uri(OTHER).expect("an address");
    trace_of(&mut tracer, 1, 1);
    let requests = tracer.unload_requests(60_000, at(2));
    let servers: Vec<_> = requests.iter().map(|request| &*request.tracking_uri).collect();
    assert_eq!(servers, [OTHER, SERVER], "the current one first");
    for request in &requests {
        tracer.on_response(request.id, status(200), at(3));
    }
    assert_eq!(tracer.stats().delivered, 2);
}

#[test]
fn an_unloading_page_sends_nothing_to_a_workspace_that_is_not_known_yet() {
    let mut tracer = with_server();
    tracer.set_workspace("team");
    trace_of(&mut tracer, 1, 0);
    assert!(tracer.unload_requests(60_000, at(1)).is_empty());
    assert_eq!(tracer.stats().buffered, 1);
}

#[test]
fn a_trace_that_waits_for_an_old_server_can_still_be_read() {
    let mut tracer = with_server();
    trace_of(&mut tracer, 1, 0);
    let id = tracer.last_trace_id().expect("a trace");
    tracer.set_tracking_uri("memory:").expect("memory");
    for _ in 0..200 {
        trace_of(&mut tracer, 1, 1);
    }
    assert!(tracer.trace(&id).is_some());
    assert_eq!((tracer.stats().in_memory, tracer.stats().buffered), (200, 1));
}

#[test]
fn a_trace_that_a_redaction_held_back_goes_to_where_it_was_to_go_when_it_ended() {
    let mut tracer = with_server();
    tracer.set_experiment(named("one"));
    let capture_policy = CapturePolicy { only_redacted: true, ..CapturePolicy::default() };
    tracer.set_capture_policy(capture_policy, at(0));
    trace_of(&mut tracer, 1, 0);
    tracer.set_tracking_uri(OTHER).expect("an address");
    tracer.set_experiment(named("two"));
    for key in tracer.unredacted() {
        tracer.redact(key).expect("held back").is_redacted = true;
    }
    tracer.release(at(1));
    assert_eq!(run(&mut tracer, 5_000, well), [at_server(SERVER, "#one")]);
}

#[test]
fn each_server_that_is_away_is_reported_once() {
    let mut tracer = with_server();
    trace_of(&mut tracer, 1, 0);
    tracer.set_tracking_uri(OTHER).expect("an address");
    trace_of(&mut tracer, 1, 0);
    for millis in [5_000, 100_000, 200_000] {
        run(&mut tracer, millis, |_| status(0));
    }
    let notices = tracer.take_notices();
    let mut messages: Vec<_> = notices.iter().map(|notice| &*notice.message).collect();
    messages.sort_unstable();
    assert_eq!(messages.len(), 2);
    assert!(messages[0].contains(SERVER) && messages[1].contains(OTHER));
}

#[test]
fn a_program_that_sets_an_experiment_for_every_trace_ends_no_wait_and_gets_one_notice() {
    let mut tracer = with_server();
    let mut requests = 0;
    for number in 0..100 {
        tracer.set_experiment(named(if number % 2 == 0 { "one" } else { "two" }));
        trace_of(&mut tracer, 1, 100 * number);
        run(&mut tracer, 100 * number, |request| match request.kind {
            RequestKind::Spans => {
                requests += 1;
                status(401)
            }
            _ => well(request),
        });
    }
    assert!(requests < 8, "{requests} requests in ten seconds");
    assert_eq!(codes(&mut tracer), ["unauthorized"]);
    tracer.set_experiment(ExperimentRef::Id("7".into()));
    run(&mut tracer, 10_000, |_| error(404, "RESOURCE_DOES_NOT_EXIST"));
    tracer.set_experiment(ExperimentRef::Id("8".into()));
    run(&mut tracer, 10_000, |_| error(404, "RESOURCE_DOES_NOT_EXIST"));
    let notices = tracer.take_notices();
    let not_found = notices.iter().filter(|notice| notice.code == "experiment_not_found");
    assert_eq!(not_found.count(), 2, "each experiment that is not there");
}
