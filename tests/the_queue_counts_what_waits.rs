//! When a batch is full and what is evicted follows from what waits now, in all destinations together.

mod common;

use common::*;
use mlflow_ag2::export::Limits;
use mlflow_ag2::mlflow::{ExperimentRef, Request, RequestKind};
use mlflow_ag2::trace::Span;

const OTHER: &str = "http://other.test";

/// A finished trace of one span with about so many bytes.
fn large(tracer: &mut TestTracer, bytes: usize, millis: u64) {
    let call = start(tracer, tool_call(None, "large"), millis);
    emit(tracer, tool_call_end(call, &"x".repeat(bytes)), millis);
}

/// Ends a span of a trace that goes on, and queues it.
fn early(tracer: &mut TestTracer, root: mlflow_ag2::trace::SpanKey) {
    let call = start(tracer, tool_call(Some(root), "early"), 0);
    emit(tracer, tool_call_end(call, "x"), 0);
    tracer.flush_now();
}

/// The requests with spans that are sent until nothing is due, and their servers.
fn sent(tracer: &mut TestTracer) -> Vec<(&'static str, Request)> {
    let mut all = Vec::new();
    run_to_end(tracer, |request, _| {
        if request.kind == RequestKind::Spans {
            let server = if request.url.starts_with(OTHER) { OTHER } else { SERVER };
            all.push((server, request.clone()));
        }
        success(request.kind)
    });
    all
}

#[test]
fn a_batch_is_full_by_the_bytes_that_wait_and_not_by_those_that_were_sent() {
    let mut tracer = with_server();
    tracer.set_limits(Limits { batch_bytes: 16_000, ..*tracer.limits() });
    large(&mut tracer, 9_000, 0);
    assert_eq!(tracer.next_due(), Some(at(1_000)), "one does not fill it");
    exchange(&mut tracer, 200, 1_000);
    large(&mut tracer, 9_000, 2_000);
    assert_eq!(tracer.next_due(), Some(at(3_000)), "what was sent does not count");
    large(&mut tracer, 9_000, 2_001);
    assert!(tracer.next_due() <= Some(at(2_001)), "two fill it");
    // The first of them is sent, and the second waits.
    exchange(&mut tracer, 200, 2_001);
    assert_eq!(tracer.next_due(), Some(at(3_001)));
    large(&mut tracer, 9_000, 2_002);
    assert!(tracer.next_due() <= Some(at(2_002)), "what waits still counts in full");
}

#[test]
fn of_traces_in_progress_the_oldest_part_is_dropped_and_not_the_others() {
    let mut tracer = with_server();
    tracer.set_limits(Limits { buffer_spans: 2, ..*tracer.limits() });
    let root = start(&mut tracer, chat(None), 0);
    for _ in 0..3 {
        early(&mut tracer, root);
    }
    let stats = tracer.stats();
    assert_eq!((stats.dropped.buffer_full, stats.buffered), (1, 2));
}

#[test]
fn a_finished_trace_is_dropped_before_a_part_of_one_in_progress_at_whatever_server() {
    let mut tracer = with_server();
    tracer.set_limits(Limits { buffer_spans: 2, ..*tracer.limits() });
    let root = start(&mut tracer, chat(None), 0);
    early(&mut tracer, root);
    tracer.set_tracking_uri(OTHER).expect("an address");
    large(&mut tracer, 1, 0);
    large(&mut tracer, 1, 0);
    let stats = tracer.stats();
    assert_eq!((stats.dropped.buffer_full, stats.buffered), (1, 2));
    let is_part = |(server, request): &(&str, Request)| *server == SERVER && contains(request, b"early");
    assert!(sent(&mut tracer).iter().any(is_part), "the part is still there");
}

#[test]
fn spans_whose_experiment_is_not_known_yet_let_those_of_another_one_pass() {
    let mut tracer = with_server();
    tracer.set_experiment(ExperimentRef::Name("slow".into()));
    let slow = next(&mut tracer, 0);
    assert_eq!(slow.kind, RequestKind::Experiment);
    trace_of(&mut tracer, 2, 0);
    tracer.set_experiment(ExperimentRef::Id("7".into()));
    let quick = next(&mut tracer, 0);
    tracer.on_response(quick.id, found("7", None), at(0));
    trace_of(&mut tracer, 3, 0);
    tracer.flush_now();
    let request = next(&mut tracer, 0);
    let header = request.headers.iter().find(|(key, _)| *key == "x-mlflow-experiment-id");
    assert_eq!((request.kind, header.map(|(_, value)| value.as_str())), (RequestKind::Spans, Some("7")));
    tracer.on_response(request.id, status(200), at(0));
    assert_eq!((tracer.stats().delivered, tracer.stats().buffered), (3, 2));
}

#[test]
fn what_was_sent_and_failed_waits_for_no_company_any_more() {
    let mut tracer = with_server();
    let limits = Limits { batch_spans: 1, batch_delay_ms: 600_000, ..*tracer.limits() };
    tracer.set_limits(limits);
    large(&mut tracer, 1, 0);
    let sent = next(&mut tracer, 0);
    tracer.set_limits(Limits { batch_spans: 512, ..limits });
    tracer.on_response(sent.id, status(500), at(1));
    assert!(tracer.next_due() <= Some(at(1_001)), "{:?}", tracer.next_due());
    large(&mut tracer, 1, 1);
    assert_eq!(exchange(&mut tracer, 200, 2_000).kind, RequestKind::Spans);
    assert_eq!(tracer.stats().delivered, 2);
}

#[test]
fn a_batch_holds_exactly_its_bytes_and_a_trace_of_so_many_is_neither_split_nor_cut() {
    // Quotes need twice their bytes on the wire, so that a cut would find something to do.
    let quotes = "\"".repeat(4_000);
    let make = |tracer: &mut TestTracer| {
        let call = start(tracer, tool_call(None, "tool"), 0);
        emit(tracer, tool_call_end(call, &quotes), 0);
        last(tracer).spans().map(Span::approximate_bytes).sum::<usize>()
    };
    let bytes = make(&mut in_memory());
    let spans_of = |batch_bytes: usize| {
        let mut tracer = with_server();
        tracer.set_limits(Limits { batch_bytes, ..*tracer.limits() });
        make(&mut tracer);
        make(&mut tracer);
        exchange(&mut tracer, 200, 10_000);
        (tracer.stats().delivered, codes(&mut tracer))
    };
    assert_eq!(spans_of(2 * bytes), (2, vec![]));
    assert_eq!(spans_of(2 * bytes - 1), (1, vec![]));
    assert_eq!(spans_of(bytes), (1, vec![]));
    assert_eq!(spans_of(bytes - 1), (1, vec!["too_large"]));

    let make = |tracer: &mut TestTracer| {
        trace_of(tracer, 2, 0);
        last(tracer).spans().map(Span::approximate_bytes).sum::<usize>()
    };
    let bytes = make(&mut in_memory());
    for (batch_bytes, spans) in [(bytes, 2), (bytes - 1, 1)] {
        let mut tracer = with_server();
        tracer.set_limits(Limits { batch_bytes, ..*tracer.limits() });
        make(&mut tracer);
        exchange(&mut tracer, 200, 10_000);
        assert_eq!(tracer.stats().delivered, spans);
    }
}
