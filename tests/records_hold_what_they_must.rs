//! Records of persistent storage hold all that sending their spans later needs, and nothing else is taken for one.

mod common;

use common::*;
use mlflow_ag2::ag2::{AgentEvent, SpanUpdate};
use mlflow_ag2::export::Limits;
use mlflow_ag2::mlflow::{ExperimentRef, Request, RequestKind};
use mlflow_ag2::trace::TraceUpdate;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message;

fn span_ids(request: &Request) -> Vec<Vec<u8>> {
    let body = ExportTraceServiceRequest::decode(request.body.as_slice()).expect("OTLP");
    let scopes = body.resource_spans.into_iter().flat_map(|resource| resource.scope_spans);
    scopes.flat_map(|scope| scope.spans).map(|span| span.span_id).collect()
}

#[test]
fn a_record_without_spans_is_none_however_its_body_is_written() {
    let mut before = with_server();
    trace_of(&mut before, 1, 0);
    let good = before.take_unpersisted().remove(0).bytes;
    // Behind the version, the flags, the trace's id and the number of spans: three texts with their lengths.
    let mut at = 22;
    for _ in 0..3 {
        let length = u32::from_le_bytes(good[at..at + 4].try_into().expect("a length"));
        at += 4 + length as usize;
    }
    // A message of OTLP with nothing but an unknown field.
    let body = [0x50, 1];
    let wrong = [&good[..at], &(body.len() as u32).to_le_bytes(), &body].concat();
    assert!(!TestTracer::is_record(&wrong));
    assert!(with_server().restore(&wrong).is_none());
}

#[test]
fn whether_a_part_has_the_root_is_persisted_with_it() {
    let mut before = with_server();
    let root = start(&mut before, chat(None), 0);
    let call = start(&mut before, tool_call(Some(root), "early"), 0);
    emit(&mut before, tool_call_end(call, "x"), 0);
    before.set_limits(Limits { live_delay_ms: 1, ..*before.limits() });
    assert!(before.next_due().is_some());
    exchange(&mut before, 503, 60_000);
    let part = before.take_unpersisted().remove(0);
    assert_eq!(part.spans, 1);
    trace_of(&mut before, 1, 60_000);
    let whole = before.take_unpersisted().remove(0);
    // Roots are sent first by a page that is being unloaded.
    let mut after = with_server();
    assert!(after.restore(&whole.bytes).is_some() && after.restore(&part.bytes).is_some());
    let requests = after.unload_requests(1_000_000, at(0));
    let order: Vec<_> = requests.iter().flat_map(span_ids).collect();
    let mut alone = with_server();
    assert!(alone.restore(&whole.bytes).is_some());
    assert_eq!(order[0], span_ids(&alone.unload_requests(1_000_000, at(0))[0])[0]);
    assert_eq!(order.len(), 2);
}

#[test]
fn the_state_of_a_trace_is_persisted_with_its_info() {
    let record = |fails: bool| {
        let mut before = with_server();
        let root = start(&mut before, chat(None), 0);
        let update = SpanUpdate::Trace(TraceUpdate::ClientRequestId("r-9".into()));
        emit(&mut before, AgentEvent::SpanUpdated { span: root, update }, 1);
        emit(&mut before, if fails { failure(root, "Error", "no") } else { chat_end(root) }, 2);
        before.take_unpersisted().remove(0).bytes
    };
    let with_state = |number: u8| {
        let mut record = record(false);
        // Before the id of the request and its length are the state, the time and the duration.
        let id = record.windows(3).rposition(|bytes| bytes == b"r-9").expect("the id");
        record[id - 21] = number;
        record
    };
    assert_eq!(with_state(0), record(false));
    for (record, state) in [(record(false), "OK"), (record(true), "ERROR"), (with_state(2), "IN_PROGRESS")] {
        let mut after = with_server();
        assert!(after.restore(&record).is_some());
        exchange(&mut after, 200, 0);
        let info = next(&mut after, 0);
        assert_eq!(info.kind, RequestKind::TraceInfo);
        let body = String::from_utf8(info.body).expect("JSON");
        assert!(body.contains(&format!(r#""state":"{state}""#)), "{body}");
    }
    assert!(!TestTracer::is_record(&with_state(3)));
}

#[test]
fn whether_a_part_has_an_error_is_persisted_with_it() {
    let part = |fails: bool| {
        let mut before = with_server();
        let root = start(&mut before, chat(None), 0);
        let call = start(&mut before, tool_call(Some(root), if fails { "broken" } else { "whole" }), 0);
        emit(&mut before, if fails { failure(call, "Error", "no") } else { tool_call_end(call, "x") }, 0);
        before.flush_now();
        before.take_unpersisted().remove(0).bytes
    };
    // Errors are sent first by a page that is being unloaded, in whatever order they were restored.
    for order in [[false, true], [true, false]] {
        let mut after = with_server();
        for fails in order {
            assert!(after.restore(&part(fails)).is_some());
        }
        let requests = after.unload_requests(1_000_000, at(0));
        let bodies = requests.iter().map(|request| request.body.as_slice()).collect::<Vec<_>>().concat();
        let place = |name: &str| bodies.windows(name.len()).position(|some| some == name.as_bytes());
        assert!(place("broken").expect("it") < place("whole").expect("the other"), "{order:?}");
    }
}

#[test]
fn records_of_one_experiment_travel_together_and_those_of_others_apart() {
    let record = |experiment: &str| {
        let mut before = with_server();
        before.set_experiment(ExperimentRef::Id(experiment.to_owned()));
        let search = next(&mut before, 0);
        before.on_response(search.id, found(experiment, None), at(0));
        trace_of(&mut before, 1, 0);
        before.take_unpersisted().remove(0).bytes
    };
    let mut after = with_server();
    for experiment in ["5", "6", "5", "6"] {
        assert!(after.restore(&record(experiment)).is_some());
    }
    let mut sent = Vec::new();
    run_to_end(&mut after, |request, _| {
        if request.kind == RequestKind::Spans {
            let header = request.headers.iter().find(|(key, _)| *key == "x-mlflow-experiment-id");
            sent.push((header.expect("an experiment").1.clone(), span_ids(request).len()));
        }
        success(request.kind)
    });
    sent.sort();
    assert_eq!(sent, [("5".to_owned(), 2), ("6".to_owned(), 2)]);
}
