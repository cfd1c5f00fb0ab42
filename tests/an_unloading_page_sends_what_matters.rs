//! A page that closes has a few bytes left: what matters most goes first, the rest waits for another day.

mod common;

use common::*;
use mlflow_ag2::mlflow::{ExperimentRef, Request};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message;

/// What browsers let requests carry that outlive their page, less what headers may need.
const QUOTA_BYTES: usize = 60_000;

fn names(request: &Request) -> Vec<String> {
    let body = ExportTraceServiceRequest::decode(request.body.as_slice()).expect("OTLP");
    let mut names = Vec::new();
    for resource in body.resource_spans {
        for scope in resource.scope_spans {
            names.extend(scope.spans.into_iter().map(|span| span.name));
        }
    }
    names
}

fn all_names(requests: &[Request]) -> Vec<Vec<String>> {
    requests.iter().map(names).collect()
}

/// A finished trace: a chat, a tool call that failed, and one with outputs of so many bytes.
fn trace(tracer: &mut TestTracer, bytes: usize, millis: u64) {
    let root = start(tracer, chat(None), millis);
    let broken = start(tracer, tool_call(Some(root), "broken"), millis);
    emit(tracer, failure(broken, "Error", "no"), millis);
    let large = start(tracer, tool_call(Some(root), "large"), millis);
    emit(tracer, tool_call_end(large, &"x".repeat(bytes)), millis);
    emit(tracer, chat_end(root), millis);
}

#[test]
fn roots_go_first_then_errors_then_the_rest() {
    let mut tracer = with_server();
    trace(&mut tracer, 10, 0);
    let requests = tracer.unload_requests(QUOTA_BYTES, at(1));
    assert_eq!(all_names(&requests), [["initiate_chat"], ["broken"], ["large"]]);
    for request in &requests {
        tracer.on_response(request.id, status(200), at(2));
    }
    let stats = tracer.stats();
    assert_eq!((stats.delivered, stats.buffered), (3, 0));
}

#[test]
fn what_does_not_fit_goes_on_waiting() {
    let mut tracer = with_server();
    for millis in 0..3 {
        trace(&mut tracer, 40_000, millis);
    }
    let requests = tracer.unload_requests(QUOTA_BYTES, at(10));
    let bytes: usize = requests.iter().map(|request| request.body.len()).sum();
    assert!(bytes <= QUOTA_BYTES);
    assert_eq!(
        requests.iter().map(|request| names(request).len()).collect::<Vec<_>>(),
        [3, 3, 1],
        "all roots, all errors, and the one that is left room for"
    );
    for request in &requests {
        tracer.on_response(request.id, status(200), at(11));
    }
    assert_eq!((tracer.stats().delivered, tracer.stats().buffered), (7, 2));
    exchange(&mut tracer, 200, 10_000);
    assert_eq!(tracer.stats().delivered, 9);
    assert_balanced(&tracer.stats());
}

#[test]
fn the_newest_of_equals_goes_first() {
    let mut tracer = with_server();
    for name in ["old", "new"] {
        let call = start(&mut tracer, tool_call(None, name), 0);
        emit(&mut tracer, tool_call_end(call, &"x".repeat(40_000)), 0);
    }
    let requests = tracer.unload_requests(QUOTA_BYTES, at(1));
    assert_eq!(all_names(&requests), [["new"]]);
}

#[test]
fn what_is_in_flight_is_sent_again_and_counted_once() {
    let mut tracer = with_server();
    trace_of(&mut tracer, 3, 0);
    let flying = next(&mut tracer, 1_000);
    let requests = tracer.unload_requests(QUOTA_BYTES, at(1_001));
    let sent: usize = requests.iter().map(|request| names(request).len()).sum();
    assert_eq!(sent, 3);
    tracer.on_response(flying.id, status(200), at(1_002));
    assert_eq!(tracer.stats().delivered, 0, "no caller waits for it any more");
    for request in &requests {
        tracer.on_response(request.id, status(200), at(1_003));
    }
    assert_eq!(tracer.stats().delivered, 3);
    assert_balanced(&tracer.stats());
}

#[test]
fn what_fails_while_the_page_closes_is_tried_again_if_it_comes_back() {
    let mut tracer = with_server();
    trace(&mut tracer, 10, 0);
    for request in tracer.unload_requests(QUOTA_BYTES, at(1)) {
        tracer.on_response(request.id, status(0), at(2));
    }
    assert_eq!(tracer.stats().buffered, 3);
    while tracer.stats().buffered > 0 {
        exchange(&mut tracer, 200, 1_000_000);
    }
    assert_eq!(tracer.stats().delivered, 3);
}

#[test]
fn spans_of_chats_in_progress_go_too() {
    let mut tracer = with_server();
    let root = start(&mut tracer, chat(None), 0);
    let call = start(&mut tracer, tool_call(Some(root), "tool"), 0);
    emit(&mut tracer, tool_call_end(call, "x"), 1);
    let requests = tracer.unload_requests(QUOTA_BYTES, at(2));
    assert_eq!(all_names(&requests), [["tool"]]);
}

#[test]
fn nothing_is_sent_where_nothing_can_be() {
    let mut tracer = in_memory();
    trace_of(&mut tracer, 1, 0);
    assert!(tracer.unload_requests(QUOTA_BYTES, at(1)).is_empty());
    tracer.set_tracking_uri(SERVER).expect("an address");
    assert!(tracer.unload_requests(0, at(1)).is_empty());
    tracer.set_experiment(ExperimentRef::Name("not found yet".into()));
    trace_of(&mut tracer, 1, 0);
    assert!(tracer.unload_requests(QUOTA_BYTES, at(1)).is_empty());
    assert_eq!(tracer.stats().buffered, 1);
}
