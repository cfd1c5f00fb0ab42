//! Which traces are recorded where only a part of them is wanted.

mod common;

use common::{chat, chat_end, emit, in_memory, start};
use mlflow_ag2::trace::TraceId;
use mlflow_ag2::trace::sampling::is_sampled;

/// An id whose last eight bytes are this number.
fn id(last: u64) -> TraceId {
    let mut bytes = [1; 16];
    bytes[8..].copy_from_slice(&last.to_be_bytes());
    TraceId::from_bytes(bytes).expect("not all zero")
}

#[test]
fn the_id_decides_by_the_rule_of_opentelemetry() {
    // Bounds as `TraceIdRatioBased` of opentelemetry-python has them: round(ratio * 2^64).
    for (ratio, bound) in [(0.5, 1 << 63), (0.25, 1 << 62), (0.001, 18_446_744_073_709_552)] {
        assert!(is_sampled(&id(bound - 1), ratio), "{ratio}");
        assert!(!is_sampled(&id(bound), ratio), "{ratio}");
    }
}

#[test]
fn nothing_and_everything_are_exact() {
    for last in [0, 1, u64::MAX / 2, u64::MAX - 1, u64::MAX] {
        assert!(!is_sampled(&id(last), 0.0));
        assert!(!is_sampled(&id(last), f64::NAN));
        assert!(is_sampled(&id(last), 1.0));
    }
}

#[test]
fn a_larger_part_has_all_of_a_smaller_one() {
    for last in (0..1000).map(|step| step * (u64::MAX / 1000)) {
        assert!(!is_sampled(&id(last), 0.1) || is_sampled(&id(last), 0.3));
    }
}

#[test]
fn the_id_that_decided_is_the_id_of_the_trace() {
    let mut tracer = in_memory();
    let mut sampled = 0;
    for _ in 0..200 {
        if !tracer.should_sample(0.5) {
            continue;
        }
        sampled += 1;
        let root = start(&mut tracer, chat(None), 0);
        let (trace, _) = tracer.span_context(root).expect("in progress");
        assert!(is_sampled(&trace, 0.5));
        emit(&mut tracer, chat_end(root), 1);
    }
    assert!((60..140).contains(&sampled), "{sampled} of 200");
    let stats = tracer.stats();
    assert_eq!((stats.started, stats.traces), (sampled, sampled));
}

#[test]
fn a_trace_that_is_not_recorded_costs_no_span() {
    let mut tracer = in_memory();
    assert!(!tracer.should_sample(0.0));
    assert_eq!(tracer.stats().started, 0);
    assert_eq!(tracer.next_due(), None);
    let (one, other) = (tracer.unrecorded_context(), tracer.unrecorded_context());
    assert_ne!(one, other);
}
