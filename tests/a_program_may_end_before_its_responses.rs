//! What becomes of requests whose responses will not be read, and of what waits, when the program ends.

mod common;

use common::*;
use mlflow_ag2::ag2::{AgentEvent, SpanUpdate};
use mlflow_ag2::mlflow::RequestKind;
use mlflow_ag2::trace::TraceUpdate;

#[test]
fn what_was_in_flight_with_a_dead_request_is_sent_again_and_its_late_response_is_ignored() {
    let mut tracer = with_server();
    trace_of(&mut tracer, 3, 0);
    tracer.flush_now();
    let first = next(&mut tracer, 10);
    assert!(due_request(&mut tracer, 20).is_none(), "one at a time");
    tracer.requeue_in_flight();
    tracer.flush_now();
    let again = next(&mut tracer, 30);
    assert_eq!(again.body, first.body);
    tracer.on_response(first.id, status(500), at(40));
    tracer.on_response(again.id, status(200), at(50));
    let stats = tracer.stats();
    assert_eq!((stats.delivered, stats.buffered, stats.retries), (3, 0, 0));
    assert_balanced(&stats);
}

#[test]
fn a_closing_page_sends_again_what_ends_with_it_and_not_what_outlives_it() {
    for is_trusted in [false, true] {
        let mut tracer = with_server();
        trace_of(&mut tracer, 3, 0);
        tracer.flush_now();
        let flying = next(&mut tracer, 10);
        if is_trusted {
            tracer.mark_in_flight_keepalive();
        }
        let closing = tracer.unload_requests(60_000, at(20));
        assert_eq!(closing.is_empty(), is_trusted);
        for request in closing.iter().chain([&flying]) {
            tracer.on_response(request.id, status(200), at(30));
        }
        assert_eq!(tracer.stats().delivered, 3);
        assert_balanced(&tracer.stats());
    }
}

#[test]
fn a_shutdown_drops_and_counts_what_has_not_arrived() {
    let mut tracer = with_server();
    trace_of(&mut tracer, 3, 0);
    tracer.flush_now();
    let flying = next(&mut tracer, 10);
    trace_of(&mut tracer, 2, 20);
    start(&mut tracer, chat(None), 30);
    tracer.shut_down(at(40));
    tracer.on_response(flying.id, status(200), at(50));
    let stats = tracer.stats();
    assert_eq!((stats.dropped.shutdown, stats.delivered, stats.buffered, stats.open), (6, 0, 0, 0));
    assert_balanced(&stats);
    assert!(due_request(&mut tracer, 1_000_000).is_none());
}

#[test]
fn what_was_persisted_survives_a_shutdown() {
    let mut tracer = with_server();
    trace_of(&mut tracer, 3, 0);
    assert_eq!(tracer.take_unpersisted().len(), 1);
    tracer.shut_down(at(10));
    assert!(tracer.take_finished_ids().is_empty());
}

#[test]
fn spans_that_were_stored_count_as_delivered_though_their_traces_info_never_followed() {
    for in_flight in [false, true] {
        let mut tracer = with_server();
        let root = start(&mut tracer, chat(None), 0);
        let update = SpanUpdate::Trace(TraceUpdate::ClientRequestId("r-9".into()));
        emit(&mut tracer, AgentEvent::SpanUpdated { span: root, update }, 1);
        emit(&mut tracer, chat_end(root), 2);
        assert_eq!(tracer.take_unpersisted().len(), 1);
        exchange(&mut tracer, 200, 5_000);
        if in_flight {
            assert_eq!(next(&mut tracer, 5_000).kind, RequestKind::TraceInfo);
        }
        tracer.shut_down(at(6_000));
        let stats = tracer.stats();
        assert_eq!((stats.delivered, stats.dropped.shutdown), (1, 0));
        assert_balanced(&stats);
        assert!(tracer.take_finished_ids().is_empty(), "a later session sends the info");
    }
}
