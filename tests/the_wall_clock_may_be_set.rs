//! Waits and durations come from a clock that is never set back, timestamps from the wall clock as it
//! was when their trace began.

mod common;

use common::*;
use mlflow_ag2::ag2::{AgentEvent, SpanUpdate};
use mlflow_ag2::trace::{EventKind, MonotonicNanos, SpanId, TraceId, UnixNanos};

const HOUR_NS: i64 = 3_600_000_000_000;
/// How far the wall clock of the tests is ahead.
const OFFSET_NS: i64 = 1_699_999_000_000_000_000;

#[test]
fn a_child_lies_inside_its_parent_whichever_way_the_clock_is_set() {
    for jump in [-HOUR_NS, HOUR_NS] {
        let mut tracer = in_memory();
        let root = start(&mut tracer, chat(None), 0);
        let made = start(&mut tracer, reply(root, "assistant"), 10);
        tracer.set_unix_offset(OFFSET_NS + jump);
        let call = start(&mut tracer, model_call(Some(made)), 20);
        emit(&mut tracer, model_call_end(call, 1, 1), 30);
        let update = SpanUpdate::Event(EventKind::FirstToken);
        emit(&mut tracer, AgentEvent::SpanUpdated { span: made, update }, 35);
        emit(&mut tracer, message(made, "assistant", "hi"), 40);
        emit(&mut tracer, reply_end(made, None), 50);
        emit(&mut tracer, message(root, "user", "second"), 60);
        emit(&mut tracer, chat_end(root), 70);
        assert_eq!(
            outline(&last(&tracer)),
            "CHAIN initiate_chat OK 0..70\n  AGENT assistant OK 10..50\n    LLM chat_completion OK 20..30\n  \
             AGENT user OK 40..60\n"
        );
        let view = last(&tracer);
        assert_eq!(span(&view, "assistant").events[0].time, unix_at(35));
        assert_eq!(view.duration_ns(), Some(70_000_000));
        // The next trace has the new time.
        trace_of(&mut tracer, 1, 80);
        let start = last(&tracer).start();
        assert_eq!(start, at(80).to_unix(OFFSET_NS + jump));
    }
}

#[test]
fn a_trace_of_another_program_keeps_the_time_of_its_first_span_here_too() {
    let mut tracer = in_memory();
    let trace = TraceId::from_bytes([7; 16]).expect("an id");
    let above = SpanId::from_bytes([9; 8]).expect("an id");
    let parent = tracer.remote_parent(trace, above).expect("a key");
    let root = start(&mut tracer, chat(Some(parent)), 0);
    tracer.set_unix_offset(OFFSET_NS - HOUR_NS);
    let call = start(&mut tracer, tool_call(Some(root), "tool"), 10);
    emit(&mut tracer, tool_call_end(call, "x"), 20);
    emit(&mut tracer, chat_end(root), 30);
    assert_eq!(outline(&last(&tracer)), "CHAIN initiate_chat OK 0..30\n  TOOL tool OK 10..20\n");
}

#[test]
fn no_wait_depends_on_the_wall_clock() {
    let mut tracer = with_server();
    trace_of(&mut tracer, 3, 0);
    tracer.set_unix_offset(OFFSET_NS - HOUR_NS);
    assert_eq!(tracer.next_due(), Some(at(1_000)));
    exchange(&mut tracer, 503, 1_000);
    tracer.set_unix_offset(OFFSET_NS - 2 * HOUR_NS);
    exchange(&mut tracer, 200, 3_000);
    assert_eq!(tracer.stats().delivered, 3);
    let root = start(&mut tracer, chat(None), 4_000);
    let call = start(&mut tracer, tool_call(Some(root), "tool"), 4_000);
    emit(&mut tracer, tool_call_end(call, "x"), 4_000);
    tracer.set_unix_offset(OFFSET_NS + HOUR_NS);
    assert_eq!(tracer.next_due(), Some(at(9_000)), "live spans");
    exchange(&mut tracer, 200, 9_000);
    assert_eq!(tracer.next_due(), Some(at(4_000 + 3_600_000)), "the trace's timeout");
}

#[test]
fn a_clock_that_is_beyond_all_times_stays_at_the_last_one() {
    assert_eq!(MonotonicNanos(5).to_unix(-6), UnixNanos(0));
    assert_eq!(MonotonicNanos(u64::MAX).to_unix(1), UnixNanos(u64::MAX));
    assert_eq!(MonotonicNanos(1).to_unix(HOUR_NS), UnixNanos(1 + HOUR_NS as u64));
}
