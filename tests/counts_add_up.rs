//! Counts by reason, and their sums.

mod common;

use common::*;
use mlflow_ag2::ag2::AgentEvent;
use mlflow_ag2::error::EventError;
use mlflow_ag2::export::{Dropped, EventErrors};
use mlflow_ag2::trace::SpanKey;

#[test]
fn every_reason_for_a_dropped_span_counts_once_in_the_sum() {
    let counts = Dropped {
        buffer_full: 1,
        open_full: 10,
        refused: 100,
        too_large: 1_000,
        retries_exhausted: 10_000,
        unreadable: 100_000,
        shutdown: 1_000_000,
        redacted: 10_000_000,
    };
    assert_eq!(counts.total(), 11_111_111);
}

#[test]
fn every_kind_of_event_that_does_not_fit_has_a_count_and_counts_once_in_the_sum() {
    let key = SpanKey::new(1).expect("a key");
    let errors = [
        EventError::UnknownSpan(key),
        EventError::SpanEnded(key),
        EventError::WrongKind(key),
        EventError::KeysExhausted,
    ];
    let mut counts = EventErrors::default();
    for (error, times) in errors.into_iter().zip([1, 2, 4, 8]) {
        for _ in 0..times {
            counts.count(error);
        }
    }
    assert_eq!(counts, EventErrors { unknown_span: 1, span_ended: 2, wrong_kind: 4, keys_exhausted: 8 });
    assert_eq!(counts.total(), 15);
}

#[test]
fn a_message_that_gets_a_span_of_its_own_counts_as_started_in_a_chat_and_outside() {
    let mut tracer = in_memory();
    let root = start(&mut tracer, chat(None), 0);
    emit(&mut tracer, message(root, "user", "the first one begins the chat"), 1);
    emit(&mut tracer, message(root, "assistant", "hello"), 1);
    assert_eq!((tracer.stats().started, tracer.stats().open), (2, 2));
    let outside =
        AgentEvent::MessageReceived { scope: None, sender: "user".into(), message: "hello".into(), valid: true };
    emit(&mut tracer, outside, 2);
    assert_eq!((tracer.stats().started, tracer.stats().open, tracer.stats().in_memory), (3, 2, 1));
}

#[test]
fn a_message_to_a_chat_that_has_ended_does_not_fit_but_one_below_an_operation_that_has_does() {
    let mut tracer = in_memory();
    let root = start(&mut tracer, chat(None), 0);
    let inner = start(&mut tracer, chat(Some(root)), 1);
    let tool = start(&mut tracer, tool_call(Some(root), "tool"), 1);
    emit(&mut tracer, chat_end(inner), 2);
    emit(&mut tracer, tool_call_end(tool, "x"), 2);
    assert_eq!(tracer.on_event(message(inner, "user", "late"), at(3)), Err(EventError::SpanEnded(inner)));
    assert_eq!(tracer.on_event(message(tool, "user", "late"), at(3)), Ok(None));
    assert_eq!(tracer.stats().event_errors.total(), 1);
}

#[test]
fn what_a_flush_reports_are_the_counts_of_stats() {
    let mut tracer = with_server();
    assert_eq!(tracer.delivered_and_dropped(), (0, 0));
    trace_of(&mut tracer, 3, 0);
    exchange(&mut tracer, 200, 10_000);
    assert_eq!(tracer.delivered_and_dropped(), (3, 0));
    trace_of(&mut tracer, 2, 20_000);
    tracer.shut_down(at(30_000));
    assert_eq!(tracer.delivered_and_dropped(), (3, 2));
    assert!(tracer.restore(b"no record").is_none());
    let stats = tracer.stats();
    assert_eq!(tracer.delivered_and_dropped(), (stats.delivered, stats.dropped.total()));
    assert_eq!(stats.dropped.total(), 3);
}
