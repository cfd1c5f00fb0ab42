//! Neither a server that is away nor a chat that never ends may eat the page.

mod common;

use common::*;
use mlflow_ag2::ag2::open::OPEN_SPANS;
use mlflow_ag2::buffer::{Limits, RECENT_TRACES};
use mlflow_ag2::trace::TraceId;

fn trace_with(recorder: &mut TestRecorder, bytes: usize, millis: u64) -> TraceId {
    let call = start(recorder, tool_call(None, "tool"), millis);
    tell(recorder, tool_call_end(call, &"x".repeat(bytes)), millis);
    recorder.last_trace_id().expect("it has ended")
}

#[test]
fn the_oldest_whole_traces_give_way_when_too_many_spans_wait() {
    let mut recorder = with_server();
    let room = Limits::default().buffer_spans;
    let traces = room / 500 + 2;
    for _ in 0..traces {
        trace_of(&mut recorder, 500, 0);
    }
    let stats = recorder.stats();
    assert_eq!(
        (stats.buffered as usize, stats.dropped.buffer_full),
        (room, 1_000)
    );
    assert_balanced(&stats);
    assert_eq!(recorder.take_notices()[0].code, "buffer_full");
}

#[test]
fn the_oldest_whole_traces_give_way_when_too_many_bytes_wait() {
    let mut recorder = with_server();
    for _ in 0..5 {
        trace_with(&mut recorder, Limits::default().buffer_bytes / 4, 0);
    }
    let stats = recorder.stats();
    assert_eq!((stats.buffered, stats.dropped.buffer_full), (3, 2));
    assert_balanced(&stats);
}

#[test]
fn spans_of_chats_in_progress_outlast_finished_ones_when_too_much_waits() {
    let mut recorder = with_server();
    recorder.set_limits(Limits {
        buffer_spans: 10,
        ..Limits::default()
    });
    let running = start(&mut recorder, chat(None), 0);
    let call = start(&mut recorder, tool_call(Some(running), "tool"), 0);
    tell(&mut recorder, tool_call_end(call, "x"), 0);
    // It moves to where finished spans wait, before those of the traces that come.
    let refused = next(&mut recorder, 5_000);
    recorder.settle(refused.id, status(401), at(5_000));
    for _ in 0..3 {
        trace_of(&mut recorder, 5, 6_000);
    }
    let stats = recorder.stats();
    assert_eq!((stats.dropped.buffer_full, stats.buffered), (10, 6));
    recorder.configuration_changed();
    tell(&mut recorder, chat_end(running), 7_000);
    while recorder.stats().buffered > 0 {
        exchange(&mut recorder, 200, 10_000);
    }
    assert_eq!(recorder.stats().delivered, 7, "the chat is whole");
    assert_balanced(&recorder.stats());
}

#[test]
fn of_a_trace_that_is_given_up_all_parts_that_wait_are_dropped() {
    let mut recorder = with_server();
    recorder.set_limits(Limits {
        buffer_spans: 4,
        ..Limits::default()
    });
    let long = start(&mut recorder, chat(None), 0);
    let call = start(&mut recorder, tool_call(Some(long), "tool"), 0);
    tell(&mut recorder, tool_call_end(call, "x"), 0);
    recorder.flush_now();
    tell(&mut recorder, chat_end(long), 1);
    trace_of(&mut recorder, 3, 2);
    let stats = recorder.stats();
    assert_eq!((stats.dropped.buffer_full, stats.buffered), (2, 3));
    assert_balanced(&stats);
}

#[test]
fn a_batch_holds_whole_traces_up_to_its_size() {
    let mut recorder = with_server();
    for spans in [300, 300, 2_000, 10] {
        trace_of(&mut recorder, spans, 0);
    }
    let sizes = std::array::from_fn::<u64, 4, _>(|_| {
        let before = recorder.stats().delivered;
        exchange(&mut recorder, 200, 1_000);
        recorder.stats().delivered - before
    });
    assert_eq!(sizes, [300, 300, 2_000, 10]);
    // The third is larger than a batch and travels alone.
    assert!(Limits::default().batch_spans < 2_000);

    for _ in 0..3 {
        trace_with(&mut recorder, 400_000, 2_000);
    }
    exchange(&mut recorder, 200, 3_000);
    assert_eq!(recorder.stats().buffered, 1);
}

#[test]
fn the_newest_traces_can_be_read_after_delivery() {
    let mut recorder = with_server();
    let ids: Vec<TraceId> = (0..RECENT_TRACES + 5)
        .map(|_| trace_with(&mut recorder, 10, 0))
        .collect();
    while recorder.stats().buffered > 0 {
        exchange(&mut recorder, 200, 1_000);
    }
    assert!(ids[..5].iter().all(|id| recorder.trace(id).is_none()));
    assert!(ids[5..].iter().all(|id| recorder.trace(id).is_some()));
}

#[test]
fn a_trace_larger_than_all_memory_for_reading_can_still_be_read() {
    let mut recorder = in_memory();
    let small = trace_with(&mut recorder, 10, 0);
    let large = trace_with(&mut recorder, 20 << 20, 1);
    assert!(recorder.trace(&small).is_none());
    assert!(recorder.trace(&large).is_some());
    assert_eq!(
        recorder.stats().delivered,
        2,
        "what memory forgets stays delivered"
    );
}

#[test]
fn what_waits_can_be_read_even_if_it_is_not_recent() {
    let mut recorder = with_server();
    let ids: Vec<TraceId> = (0..RECENT_TRACES + 5)
        .map(|_| trace_with(&mut recorder, 10, 0))
        .collect();
    let request = next(&mut recorder, 1_000);
    assert!(
        ids.iter().all(|id| recorder.trace(id).is_some()),
        "also on its way"
    );
    recorder.settle(request.id, status(503), at(1_000));
    assert!(ids.iter().all(|id| recorder.trace(id).is_some()));
}

#[test]
fn chats_that_never_end_give_way_oldest_first() {
    let mut recorder = in_memory();
    let forgotten = start(&mut recorder, chat(None), 0);
    start(&mut recorder, tool_call(Some(forgotten), "tool"), 0);
    let running = start(&mut recorder, chat(None), 1);
    for _ in 0..OPEN_SPANS - 2 {
        let call = start(&mut recorder, tool_call(Some(running), "tool"), 1);
        tell(&mut recorder, tool_call_end(call, "x"), 1);
    }
    let stats = recorder.stats();
    assert_eq!(
        (stats.dropped.open_full, stats.open as usize),
        (2, OPEN_SPANS - 1)
    );
    assert_balanced(&stats);
    assert!(recorder.record(chat_end(forgotten), at(2)).is_err());
    tell(&mut recorder, chat_end(running), 3);
}
