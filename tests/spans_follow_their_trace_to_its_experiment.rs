//! MLflow 3.18 keeps a trace in one experiment: the program that sends its part first decides in which, and spans
//! that are sent for another one are refused. They go to where their trace is.

mod common;

use std::collections::BTreeMap;

use common::*;
use mlflow_ag2::ag2::{AgentEvent, SpanUpdate};
use mlflow_ag2::mlflow::{ExperimentRef, JsonFields, Request, RequestKind, Response};
use mlflow_ag2::trace::TraceUpdate;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message;

/// MLflow 3.18 with the experiments `one` and `two`, whose ids are 1 and 2.
#[derive(Default)]
struct Server {
    /// The experiment of each trace.
    traces: BTreeMap<String, String>,
    /// The spans that it has, each with the experiment of its trace.
    spans: Vec<String>,
    /// Method, path and experiment of the requests.
    log: Vec<String>,
}

const NAMES: [&str; 3] = ["Default", "one", "two"];

impl Server {
    fn answer(&mut self, request: &Request) -> Response {
        let header = request.headers.iter().find(|(name, _)| *name == "x-mlflow-experiment-id");
        let experiment = header.map(|(_, id)| id.clone()).unwrap_or_default();
        let path = request.url.strip_prefix(SERVER).expect("to the server");
        self.log.push(format!("{} {path} {experiment}", request.method).trim_end().to_owned());
        match request.kind {
            RequestKind::Spans => self.take(request, &experiment),
            RequestKind::Experiment => match path.rsplit_once(['/', '=']).expect("what is looked for") {
                (_, id) if id.starts_with("tr-") => match self.traces.get(id) {
                    Some(experiment) => found(experiment, None),
                    None => error(404, "RESOURCE_DOES_NOT_EXIST"),
                },
                (_, which) => {
                    let name = searched_name(request);
                    let which = name.as_deref().unwrap_or(which);
                    let index = NAMES.iter().position(|name| *name == which).or_else(|| which.parse().ok());
                    let index = index.expect("an experiment");
                    found(&index.to_string(), Some(NAMES[index]))
                }
            },
            kind => success(kind),
        }
    }

    /// As `log_spans`: all spans or none.
    fn take(&mut self, request: &Request, experiment: &str) -> Response {
        let traces = traces_of(request);
        let mut foreign = traces.iter().filter(|trace| self.traces.get(*trace).is_some_and(|its| its != experiment));
        if let Some(foreign) = foreign.next() {
            return refusal(&format!("Trace with ID '{foreign}' already exists in another experiment."));
        }
        for trace in traces {
            self.spans.push(format!("{trace} in {experiment}"));
            self.traces.insert(trace, experiment.to_owned());
        }
        status(200)
    }

    fn run(&mut self, tracer: &mut TestTracer, millis: u64) {
        let before = self.log.len();
        while let Some(request) = due_request(tracer, millis) {
            let response = self.answer(&request);
            tracer.on_response(request.id, response, at(millis));
            assert_balanced(&tracer.stats());
            assert!(self.log.len() - before < 300, "it never ends");
        }
    }

    fn posts(&self) -> usize {
        self.log.iter().filter(|line| line.starts_with("POST")).count()
    }
}

fn refusal(message: &str) -> Response {
    let (error_code, message) = (Some("INVALID_PARAMETER_VALUE".to_owned()), Some(message.to_owned()));
    json_response(400, JsonFields { error_code, message, ..JsonFields::default() })
}

/// The ids of the traces of the spans in a request, sorted, once for each span.
fn traces_of(request: &Request) -> Vec<String> {
    let body = ExportTraceServiceRequest::decode(&request.body[..]).expect("OTLP");
    let scopes = body.resource_spans.iter().flat_map(|resource| &resource.scope_spans);
    let mut ids: Vec<String> = scopes.flat_map(|scope| &scope.spans).map(|span| id_text(&span.trace_id)).collect();
    ids.sort();
    ids
}

fn id_text(id: &[u8]) -> String {
    let digits: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("tr-{digits}")
}

fn last_id(tracer: &TestTracer) -> String {
    tracer.last_trace_id().expect("a trace").text()
}

fn named(name: &str) -> ExperimentRef {
    ExperimentRef::Name(name.to_owned())
}

/// A tracer whose experiment is `one`, with a trace of so many spans that the server has in experiment 2 already.
fn trace_of_another_experiment(spans: usize) -> (Server, TestTracer, String) {
    let mut server = Server::default();
    let mut tracer = with_server();
    tracer.set_experiment(named("one"));
    trace_of(&mut tracer, spans, 0);
    let id = last_id(&tracer);
    server.traces.insert(id.clone(), "2".to_owned());
    (server, tracer, id)
}

#[test]
fn spans_go_to_the_experiment_that_has_their_trace_and_both_names_are_reported_once() {
    let (mut server, mut tracer, id) = trace_of_another_experiment(3);
    server.run(&mut tracer, 1_000);
    assert_eq!(
        server.log[2..],
        [
            "POST /v1/traces 1".to_owned(),
            format!("GET /api/3.0/mlflow/traces/{id}"),
            "GET /api/2.0/mlflow/experiments/get?experiment_id=2".to_owned(),
            "POST /v1/traces 2".to_owned(),
        ]
    );
    assert_eq!(server.spans, vec![format!("{id} in 2"); 3]);
    let stats = tracer.stats();
    assert_eq!((stats.delivered, stats.dropped.total(), stats.buffered), (3, 0, 0));
    let notices = tracer.take_notices();
    assert_eq!(notices.len(), 1);
    assert_eq!(notices[0].code, "experiment_mismatch");
    assert!(notices[0].message.contains("`one`") && notices[0].message.contains("`two`"), "{}", notices[0].message);

    // The next trace of which another program has sent its part first.
    trace_of(&mut tracer, 1, 2_000);
    server.traces.insert(last_id(&tracer), "2".to_owned());
    server.run(&mut tracer, 4_000);
    assert_eq!(tracer.stats().delivered, 4);
    assert!(tracer.take_notices().is_empty(), "reported once");
}

#[test]
fn an_experiment_whose_name_is_not_known_is_named_by_its_id() {
    let mut tracer = with_server();
    tracer.set_experiment(ExperimentRef::Id("7".to_owned()));
    trace_of(&mut tracer, 1, 0);
    let id = last_id(&tracer);
    let mut is_refused = false;
    run_to_end(&mut tracer, |request, _| match request.kind {
        RequestKind::Spans if !is_refused => {
            is_refused = true;
            refusal(&format!("Trace with ID '{id}' already exists in another experiment."))
        }
        RequestKind::Experiment if request.url.ends_with("=7") => found("7", None),
        RequestKind::Experiment => found("8", None),
        kind => success(kind),
    });
    assert_eq!(tracer.stats().delivered, 1);
    let notices = tracer.take_notices();
    assert!(notices[0].message.contains("`7`") && notices[0].message.contains("`8`"), "{notices:?}");
}

#[test]
fn without_an_experiment_that_is_set_the_default_one_is_named() {
    let mut server = Server::default();
    let mut tracer = with_server();
    trace_of(&mut tracer, 1, 0);
    server.traces.insert(last_id(&tracer), "1".to_owned());
    server.run(&mut tracer, 1_000);
    let notices = tracer.take_notices();
    assert!(notices[0].message.contains("`Default`") && notices[0].message.contains("`one`"), "{notices:?}");
    assert_eq!(tracer.stats().delivered, 1);
}

#[test]
fn other_traces_of_the_request_stay_where_they_belong_and_nothing_is_bisected_to_its_spans() {
    let mut server = Server::default();
    let mut tracer = with_server();
    tracer.set_experiment(named("one"));
    let mut ids = Vec::new();
    for number in 0..40 {
        trace_of(&mut tracer, 2, number);
        ids.push(last_id(&tracer));
        let other = match number % 4 {
            0 => "2",
            1 => "0",
            _ => continue,
        };
        server.traces.insert(last_id(&tracer), other.to_owned());
    }
    server.run(&mut tracer, 5_000);
    assert_eq!((tracer.stats().delivered, tracer.stats().dropped.total()), (80, 0));
    for (number, id) in ids.iter().enumerate() {
        let experiment = ["2", "0", "1", "1"][number % 4];
        assert_eq!(server.traces[id], experiment);
        let stored = server.spans.iter().filter(|span| **span == format!("{id} in {experiment}"));
        assert_eq!(stored.count(), 2, "each span once");
    }
    assert_eq!(server.spans.len(), 80);
    assert!(server.posts() <= 60, "{} requests with spans for 20 of 40 traces", server.posts());
    assert_eq!(codes(&mut tracer), ["experiment_mismatch"; 2], "once for each pair of experiments");
}

#[test]
fn later_parts_of_the_trace_follow() {
    let mut server = Server::default();
    let mut tracer = with_server();
    tracer.set_experiment(named("one"));
    let root = start(&mut tracer, chat(None), 0);
    let call = start(&mut tracer, tool_call(Some(root), "early"), 0);
    emit(&mut tracer, tool_call_end(call, "x"), 1);
    let early = loop {
        let request = due_request(&mut tracer, 6_000).expect("the early part");
        if request.kind == RequestKind::Spans {
            break request;
        }
        let response = server.answer(&request);
        tracer.on_response(request.id, response, at(6_000));
    };
    server.traces.insert(traces_of(&early).remove(0), "2".to_owned());
    let response = server.answer(&early);
    tracer.on_response(early.id, response, at(6_000));
    server.run(&mut tracer, 6_000);
    emit(&mut tracer, chat_end(root), 7_000);
    server.run(&mut tracer, 9_000);
    assert_eq!((tracer.stats().delivered, tracer.stats().dropped.total()), (2, 0));
    assert!(server.spans.iter().all(|span| span.ends_with("in 2")), "{:?}", server.spans);
}

#[test]
fn the_question_waits_for_a_server_that_does_not_answer_it_and_holds_up_nothing_else() {
    let page = || text_response(404, "<html>", true);
    for trouble in [status(0), status(401), status(403), status(404), page(), status(500), status(503), status(302)] {
        let (mut server, mut tracer, id) = trace_of_another_experiment(2);
        trace_of(&mut tracer, 1, 1);
        let mut asked = 0;
        while let Some(request) = due_request(&mut tracer, 5_000) {
            let is_question = request.url.ends_with(&id);
            asked += u32::from(is_question);
            let response = if is_question { trouble.clone() } else { server.answer(&request) };
            tracer.on_response(request.id, response, at(5_000));
        }
        assert_eq!(asked, 1, "the next time after a wait");
        assert_eq!((tracer.stats().delivered, tracer.stats().buffered), (1, 2), "{trouble:?}");
        server.run(&mut tracer, 100_000);
        assert_eq!((tracer.stats().delivered, tracer.stats().buffered), (3, 0), "{trouble:?}");
    }
}

#[test]
fn a_trace_that_is_in_no_other_experiment_is_sent_once_more_and_then_refused() {
    let mut server = Server::default();
    let mut tracer = with_server();
    tracer.set_experiment(named("one"));
    trace_of(&mut tracer, 1, 0);
    let id = last_id(&tracer);
    let mut posts = 0;
    while let Some(request) = due_request(&mut tracer, 5_000) {
        let response = match request.kind {
            RequestKind::Spans => refusal(&format!("Trace '{id}' is not to our taste.")),
            _ => server.answer(&request),
        };
        posts += u32::from(request.kind == RequestKind::Spans);
        tracer.on_response(request.id, response, at(5_000));
        assert!(posts < 10, "it never ends");
    }
    assert_eq!(posts, 2);
    assert_eq!(tracer.stats().dropped.refused, 1);
    assert_eq!(codes(&mut tracer), ["refused"]);
}

#[test]
fn a_server_that_sends_spans_on_and_on_is_asked_once_for_each_trace() {
    let mut tracer = with_server();
    tracer.set_experiment(named("one"));
    trace_of(&mut tracer, 4, 0);
    let id = last_id(&tracer);
    let (mut requests, mut questions) = (0, 0);
    while let Some(request) = due_request(&mut tracer, 5_000) {
        questions += u32::from(request.url.ends_with(&id));
        let response = match request.kind {
            RequestKind::Spans => refusal(&format!("Trace with ID '{id}' already exists in another experiment.")),
            RequestKind::Experiment => found("2", None),
            kind => success(kind),
        };
        tracer.on_response(request.id, response, at(5_000));
        requests += 1;
        assert!(requests < 40, "it never ends");
    }
    assert_eq!((tracer.stats().dropped.refused, tracer.stats().buffered, questions), (4, 0, 1));
}

#[test]
fn a_refusal_that_names_no_trace_of_the_request_is_bisected_as_ever() {
    for message in ["Trace with ID 'tr-0' already exists in another experiment.", "no", ""] {
        let mut server = Server::default();
        let mut tracer = with_server();
        trace_of(&mut tracer, 2, 0);
        while let Some(request) = due_request(&mut tracer, 5_000) {
            let response = match request.kind {
                RequestKind::Spans => refusal(message),
                _ => server.answer(&request),
            };
            tracer.on_response(request.id, response, at(5_000));
        }
        assert_eq!(tracer.stats().dropped.refused, 2);
        assert!(!server.log.iter().any(|line| line.contains("/traces/tr-")), "{:?}", server.log);
    }
}

#[test]
fn an_unloading_page_keeps_the_spans_whose_experiment_is_being_asked_for() {
    let (mut server, mut tracer, id) = trace_of_another_experiment(2);
    while let Some(request) = due_request(&mut tracer, 5_000) {
        if request.url.ends_with(&id) {
            break;
        }
        let response = server.answer(&request);
        tracer.on_response(request.id, response, at(5_000));
    }
    assert!(tracer.unload_requests(60_000, at(5_001)).is_empty());
    assert_eq!(tracer.stats().buffered, 2);
}

/// How often the server is asked for a trace when this is its first response to a request of this kind.
fn questions_after(mut tracer: TestTracer, kind: RequestKind, response: &dyn Fn(&str) -> Response) -> usize {
    let root = start(&mut tracer, chat(None), 0);
    let update = SpanUpdate::Trace(TraceUpdate::ClientRequestId("r-9".into()));
    emit(&mut tracer, AgentEvent::SpanUpdated { span: root, update }, 0);
    emit(&mut tracer, chat_end(root), 0);
    let id = last_id(&tracer);
    let (mut answers, mut questions) = (0, 0);
    run_to_end(&mut tracer, |request, _| {
        questions += usize::from(request.method == "GET" && request.url.ends_with(&id));
        answers += usize::from(request.kind == kind);
        match request.kind {
            _ if request.kind == kind && answers == 1 => response(&id),
            RequestKind::Experiment => found("2", None),
            kind => success(kind),
        }
    });
    assert_eq!(tracer.stats().buffered, 0);
    questions
}

#[test]
fn only_a_refusal_of_spans_by_mlflow_that_names_their_trace_makes_the_server_be_asked_for_it() {
    let names = |id: &str| refusal(&format!("Trace with ID '{id}' already exists in another experiment."));
    assert_eq!(questions_after(with_server(), RequestKind::Spans, &names), 1);
    assert_eq!(questions_after(with_server(), RequestKind::TraceInfo, &names), 0, "not of the info of a trace");
    let other_code = |id: &str| {
        let (error_code, message) = (Some("BAD_REQUEST".to_owned()), Some(id.to_owned()));
        json_response(400, JsonFields { error_code, message, ..JsonFields::default() })
    };
    assert_eq!(questions_after(with_server(), RequestKind::Spans, &other_code), 0, "not with another code");
    let mut tracer = in_memory();
    tracer.set_otlp_endpoint("http://collector.test/v1/traces").expect("an address");
    assert_eq!(questions_after(tracer, RequestKind::Spans, &names), 0, "not by another endpoint");
}
