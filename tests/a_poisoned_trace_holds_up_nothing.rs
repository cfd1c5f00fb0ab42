//! A batch at which the server fails, though it takes others: it is isolated and bisected, and holds up nothing.

mod common;

use common::*;
use mlflow_ag2::mlflow::retry::MAX_ATTEMPTS;
use mlflow_ag2::mlflow::{Request, RequestKind};
use mlflow_ag2::trace::TraceId;

/// Later than any wait.
const MUCH_LATER: u64 = 10_000_000;

#[test]
fn a_server_that_fails_at_some_spans_is_given_up_in_the_end_but_not_by_the_others() {
    let mut tracer = with_server();
    for _ in 0..2 {
        trace_of(&mut tracer, 3, 0);
    }
    let poison = tracer.last_trace_id().expect("a trace");
    let mut sent = 0;
    for step in 1..50 {
        let now = MUCH_LATER * step;
        if tracer.next_due().is_none() {
            break;
        }
        let request = next(&mut tracer, now);
        sent += 1;
        let has_poison = request.body.windows(16).any(|bytes| bytes == poison.as_bytes());
        let answer = if has_poison { 500 } else { 200 };
        tracer.on_response(request.id, status(answer), at(now));
        assert_balanced(&tracer.stats());
    }
    let stats = tracer.stats();
    assert_eq!((stats.delivered, stats.dropped.retries_exhausted), (3, 3));
    // The 8 attempts of docs/delivery.md; the other one travelled alone, once; in the end each span does.
    assert_eq!(sent, 8 + 1 + 4);
    assert_eq!(codes(&mut tracer), ["server_error", "retries_exhausted"]);
}

#[test]
fn the_span_that_the_server_fails_at_is_given_up_after_eight_attempts_and_its_siblings_arrive() {
    let mut tracer = with_server();
    let root = start(&mut tracer, chat(None), 0);
    for name in ["one", "poison", "two", "three"] {
        let call = start(&mut tracer, tool_call(Some(root), name), 0);
        emit(&mut tracer, tool_call_end(call, "x"), 0);
    }
    emit(&mut tracer, chat_end(root), 0);
    let mut sent = 0;
    run_to_end(&mut tracer, |request, _| match request.kind {
        RequestKind::Spans if contains(request, b"poison") => {
            sent += 1;
            status(500)
        }
        kind => success(kind),
    });
    // Nothing else shows that it is not the server.
    assert_eq!(tracer.stats().buffered, 5);
    trace_of(&mut tracer, 3, MUCH_LATER);
    exchange(&mut tracer, 200, 2 * MUCH_LATER);
    run_to_end(&mut tracer, |request, _| match request.kind {
        RequestKind::Spans if contains(request, b"poison") => status(500),
        kind => success(kind),
    });
    let stats = tracer.stats();
    assert_eq!((stats.delivered, stats.dropped.retries_exhausted), (7, 1));
    assert!(sent > MAX_ATTEMPTS, "{sent}");
}

#[test]
fn a_server_that_fails_at_everything_loses_nothing() {
    let mut tracer = with_server();
    for _ in 0..5 {
        trace_of(&mut tracer, 3, 0);
    }
    run_to_end(&mut tracer, |request, millis| match request.kind {
        RequestKind::Spans if millis < 1_000_000 => status(500),
        kind => success(kind),
    });
    assert_eq!((tracer.stats().delivered, tracer.stats().dropped.total()), (15, 0));
}

#[test]
fn a_trace_at_which_the_connection_is_closed_does_not_hold_up_the_others_and_is_not_given_up() {
    for is_mlflow in [true, false] {
        let mut tracer = in_memory();
        if is_mlflow {
            tracer.set_tracking_uri(SERVER).expect("an address");
        } else {
            tracer.set_otlp_endpoint("http://collector.test/v1/traces").expect("an address");
        }
        for _ in 0..10 {
            trace_of(&mut tracer, 3, 0);
        }
        let poison = tracer.recent_trace_ids().nth(5).expect("one of them");
        let mut last_innocent = 0;
        run_to_end(&mut tracer, |request, millis| match request.kind {
            RequestKind::Spans if contains(request, poison.as_bytes()) => status(0),
            RequestKind::Spans => {
                last_innocent = millis;
                status(200)
            }
            kind => success(kind),
        });
        assert!(last_innocent <= 8_000, "the last innocent arrived after {last_innocent} ms");
        assert_eq!((tracer.stats().delivered, tracer.stats().buffered), (27, 3));
        // What comes later does not wait for it either.
        let now = 20 * MUCH_LATER;
        trace_of(&mut tracer, 2, now);
        tracer.flush_now();
        for _ in 0..3 {
            let request = next(&mut tracer, now);
            let answer = if contains(&request, poison.as_bytes()) { 0 } else { 200 };
            tracer.on_response(request.id, status(answer), at(now));
            if tracer.stats().delivered == 29 {
                break;
            }
        }
        assert_eq!(tracer.stats().delivered, 29);
    }
}

#[test]
fn several_poisoned_traces_hold_up_nothing() {
    let mut tracer = with_server();
    for _ in 0..12 {
        trace_of(&mut tracer, 2, 0);
    }
    let poison: Vec<_> = tracer.recent_trace_ids().skip(2).step_by(4).collect();
    let is_poisoned = |request: &Request| poison.iter().any(|id| contains(request, id.as_bytes()));
    let mut last_innocent = 0;
    let mut later = None;
    let mut millis = 0;
    for _ in 0..2_000 {
        let Some(due) = tracer.next_due() else { break };
        millis = millis.max(due.nanos_since(at(0)).div_ceil(1_000_000));
        if millis > 100_000 && later.is_none() {
            assert_eq!(tracer.stats().delivered, 18);
            trace_of(&mut tracer, 5, millis);
            later = Some(millis);
        }
        let Some(request) = due_request(&mut tracer, millis) else { continue };
        let is_refused = request.kind == RequestKind::Spans && is_poisoned(&request);
        if request.kind == RequestKind::Spans && !is_refused {
            last_innocent = millis;
        }
        let response = if is_refused { status(500) } else { success(request.kind) };
        tracer.on_response(request.id, response, at(millis));
        assert_balanced(&tracer.stats());
        if tracer.stats().delivered == 23 {
            break;
        }
    }
    let later = later.expect("one that came later");
    assert!(last_innocent <= later + 1_000, "{last_innocent} ms, {later} ms");
    assert_eq!(tracer.stats().delivered, 23);
}

#[test]
fn one_poisoned_trace_does_not_hold_up_the_others() {
    let mut tracer = with_server();
    for _ in 0..10 {
        trace_of(&mut tracer, 3, 0);
    }
    let poison = tracer.recent_trace_ids().nth(5).expect("one of them");
    let has_poison = |request: &Request| contains(request, poison.as_bytes());
    let (mut last_innocent, mut later) = (0, false);
    run_to_end(&mut tracer, |request, millis| match request.kind {
        RequestKind::Spans if has_poison(request) => status(500),
        RequestKind::Spans => {
            last_innocent = millis;
            later |= millis > 20_000;
            status(200)
        }
        kind => success(kind),
    });
    assert!(last_innocent <= 6_000, "the last innocent arrived after {last_innocent} ms");
    assert!(!later);
    let stats = tracer.stats();
    assert_eq!((stats.delivered, stats.dropped.retries_exhausted), (27, 3));
}

#[test]
fn what_comes_while_an_isolated_trace_waits_is_sent_at_once() {
    let mut tracer = with_server();
    trace_of(&mut tracer, 3, 0);
    exchange(&mut tracer, 500, 1_000);
    exchange(&mut tracer, 500, 10_000);
    // Alone now, and it fails again.
    exchange(&mut tracer, 500, 20_000);
    trace_of(&mut tracer, 2, 20_000);
    let innocent = due_request(&mut tracer, 21_000).expect("the other one");
    tracer.on_response(innocent.id, status(200), at(21_000));
    assert_eq!((tracer.stats().delivered, tracer.stats().buffered), (2, 3));
}

#[test]
fn a_server_that_fails_at_everything_is_not_asked_for_each_trace() {
    let mut tracer = with_server();
    for _ in 0..100 {
        trace_of(&mut tracer, 3, 0);
    }
    let mut sent = 0;
    run_to_end(&mut tracer, |request, millis| {
        if request.kind == RequestKind::Spans && millis < 60_000 {
            sent += 1;
            return status(500);
        }
        success(request.kind)
    });
    assert!(sent < 15, "{sent} requests in a minute");
    assert_eq!(tracer.stats().delivered, 300);
}

/// A finished trace of one span with a value of so many bytes; its id.
fn large(tracer: &mut TestTracer, bytes: usize, millis: u64) -> TraceId {
    let call = start(tracer, tool_call(None, "large"), millis);
    emit(tracer, tool_call_end(call, &"x".repeat(bytes)), millis);
    tracer.last_trace_id().expect("a trace")
}

#[test]
fn an_isolated_trace_whose_values_are_cut_goes_on_travelling_alone() {
    let mut tracer = with_server();
    let large = large(&mut tracer, 20_000, 0);
    trace_of(&mut tracer, 1, 0);
    exchange(&mut tracer, 500, MUCH_LATER);
    exchange(&mut tracer, 500, 2 * MUCH_LATER);
    let alone = next(&mut tracer, 3 * MUCH_LATER);
    assert!(contains(&alone, large.as_bytes()));
    tracer.on_response(alone.id, status(413), at(3 * MUCH_LATER));
    trace_of(&mut tracer, 1, 3 * MUCH_LATER);
    let innocent = tracer.last_trace_id().expect("a trace");
    let mut together = 0;
    run_to_end(&mut tracer, |request, _| {
        let has_both = contains(request, large.as_bytes()) && contains(request, innocent.as_bytes());
        together += u32::from(has_both);
        success(request.kind)
    });
    assert_eq!((together, tracer.stats().delivered), (0, 3));
}

#[test]
fn the_wait_of_an_isolated_trace_goes_on_growing_when_its_values_are_cut() {
    let mut tracer = with_server();
    large(&mut tracer, 500_000, 0);
    for step in 1..=4 {
        exchange(&mut tracer, 500, step * MUCH_LATER);
    }
    // A first wait is of a second at most.
    let longest = (5..10).map(|step| {
        exchange(&mut tracer, 413, step * MUCH_LATER);
        exchange(&mut tracer, 500, step * MUCH_LATER);
        tracer.next_due().expect("another attempt").nanos_since(at(step * MUCH_LATER)) / 1_000_000
    });
    let longest = longest.max().expect("waits");
    assert!(longest > 5_000, "{longest} ms");
}

#[test]
fn the_first_failure_of_a_half_that_was_refused_before_lets_everything_wait() {
    let mut tracer = with_server();
    trace_of(&mut tracer, 1, 0);
    trace_of(&mut tracer, 1, 0);
    exchange(&mut tracer, 400, MUCH_LATER);
    exchange(&mut tracer, 500, MUCH_LATER);
    assert!(due_request(&mut tracer, MUCH_LATER).is_none());
    exchange(&mut tracer, 200, 2 * MUCH_LATER);
    exchange(&mut tracer, 200, 2 * MUCH_LATER);
    assert_eq!(tracer.stats().delivered, 2);
}

#[test]
fn isolated_traces_do_not_wait_for_each_other_once_the_server_has_accepted_something() {
    let mut tracer = with_server();
    trace_of(&mut tracer, 1, 0);
    let first = tracer.last_trace_id().expect("a trace");
    trace_of(&mut tracer, 1, 0);
    for step in 1..=3 {
        exchange(&mut tracer, 500, step * MUCH_LATER);
    }
    trace_of(&mut tracer, 1, 3 * MUCH_LATER);
    let now = 4 * MUCH_LATER;
    exchange(&mut tracer, 200, now);
    assert_eq!(tracer.stats().delivered, 1);
    // Of the isolated ones that which has failed less often, and the other one at once.
    assert!(!contains(&exchange(&mut tracer, 500, now), first.as_bytes()));
    assert!(contains(&exchange(&mut tracer, 500, now), first.as_bytes()));
    assert!(due_request(&mut tracer, now).is_none());
}
