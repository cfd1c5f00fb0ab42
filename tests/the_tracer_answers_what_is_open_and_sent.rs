//! What the tracer answers about traces in progress and about what was sent, and the small conversions at its edge.

mod common;

use common::*;
use mlflow_ag2::error::EventError;
use mlflow_ag2::export::Limits;
use mlflow_ag2::mlflow::names::gen_ai_provider;
use mlflow_ag2::trace::id::{parse_context, write_context};
use mlflow_ag2::trace::{MonotonicNanos, SpanId, SpanKey, TraceId, UnixNanos};

#[test]
fn traces_in_progress_are_known_by_their_roots() {
    let mut tracer = with_server();
    assert_eq!((tracer.newest_open_trace(), tracer.open_due()), (None, None));
    let first = start(&mut tracer, chat(None), 0);
    start(&mut tracer, tool_call(Some(first), "below"), 0);
    assert_eq!(tracer.newest_open_trace(), Some(first));
    assert!(tracer.open_due().is_some_and(|due| due > at(0)), "its time limit");
    let second = start(&mut tracer, chat(None), 0);
    assert_eq!(tracer.newest_open_trace(), Some(second));
    emit(&mut tracer, chat_end(first), 1);
    assert_eq!([first, second].map(|root| tracer.has_open_trace(root)), [false, true]);
    assert_eq!(tracer.finished_traces(), 1);
    emit(&mut tracer, chat_end(second), 2);
    assert_eq!([first, second].map(|root| tracer.has_open_trace(root)), [false, false]);
    assert_eq!((tracer.newest_open_trace(), tracer.finished_traces()), (None, 2));
}

#[test]
fn the_limits_are_those_that_were_set() {
    let mut tracer = in_memory();
    assert_eq!(*tracer.limits(), Limits::default());
    let limits = Limits { batch_spans: 7, batch_delay_ms: 8, ..Limits::default() };
    tracer.set_limits(limits);
    assert_eq!(*tracer.limits(), limits);
}

#[test]
fn a_trace_that_began_here_has_no_root_elsewhere() {
    let mut tracer = in_memory();
    trace_of(&mut tracer, 1, 0);
    assert!(!last(&tracer).has_remote_root());
}

#[test]
fn what_was_sent_and_dropped_is_counted_without_what_is_in_progress() {
    let mut tracer = with_server();
    let root = start(&mut tracer, chat(None), 0);
    assert_eq!((tracer.request_due(), tracer.buffered_spans()), (None, 0));
    trace_of(&mut tracer, 2, 0);
    assert_eq!((tracer.request_due(), tracer.buffered_spans()), (Some(at(1_000)), 2));
    exchange(&mut tracer, 200, 1_000);
    assert_eq!((tracer.delivered_and_dropped(), tracer.buffered_spans()), ((2, 0), 0));
    assert!(tracer.restore(b"no record").is_none());
    trace_of(&mut tracer, 3, 1_000);
    exchange(&mut tracer, 400, 2_000);
    let stats = tracer.stats();
    let (delivered, dropped) = tracer.delivered_and_dropped();
    assert_eq!((delivered, dropped), (stats.delivered, stats.dropped.total()));
    assert!(dropped >= 1 && stats.dropped.unreadable == 1, "{stats:?}");
    emit(&mut tracer, chat_end(root), 3_000);
}

#[test]
fn span_contexts_are_read_as_they_are_written() {
    let digits = "0123456789abcdef";
    let trace = TraceId::from_bytes([1, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef].repeat(2).try_into().expect("16"));
    let span = SpanId::from_bytes([1, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef]);
    let (trace, span) = (trace.expect("an id"), span.expect("an id"));
    let text = format!("{digits}{digits}-{digits}");
    assert_eq!(write_context(&trace, &span), text);
    assert_eq!(parse_context(&text), Some((trace, span)));
    assert_eq!((trace.text(), span.text()), (format!("tr-{digits}{digits}"), digits.to_owned()));
    for wrong in [
        "",
        &text[1..],
        &text[..48],
        &format!("{text}0"),
        &text.replace('-', "_"),
        &text.to_uppercase(),
        &text.replace('a', "g"),
        &format!("{}-{digits}", "0".repeat(32)),
        &format!("{digits}{digits}-{}", "0".repeat(16)),
    ] {
        assert_eq!(parse_context(wrong), None, "{wrong}");
    }
}

#[test]
fn milliseconds_become_nanoseconds_and_back() {
    for (millis, nanos) in [(0.0, 0), (1.5, 1_500_000), (2_000.25, 2_000_250_000), (-1.0, 0), (f64::NAN, 0)] {
        assert_eq!(MonotonicNanos::from_millis(millis), MonotonicNanos(nanos), "{millis}");
        assert_eq!(UnixNanos::from_millis(millis), UnixNanos(nanos), "{millis}");
    }
    assert!((MonotonicNanos(2_500_000).as_millis() - 2.5).abs() < f64::EPSILON);
    assert_eq!([0, 999_999, 1_000_000, 2_999_999].map(|nanos| UnixNanos(nanos).to_millis()), [0, 0, 1, 2]);
    for (nanos, text) in [
        (1_796_102_121_375_054_989, "1796102121375.054989"),
        (1_796_102_121_375_099_980, "1796102121375.099980"),
        (999_999, "0.999999"),
    ] {
        assert_eq!(Ok(UnixNanos(nanos).as_millis()), text.parse::<f64>(), "rounded twice: {text}");
    }
    assert_eq!(MonotonicNanos::from_millis(f64::INFINITY).0 / 1_000_000, u64::MAX / 1_000_000);
}

#[test]
fn codes_and_names_are_those_that_programs_and_servers_know() {
    let key = SpanKey::new(7).expect("a key");
    for (error, code) in [
        (EventError::UnknownSpan(key), "unknown_span"),
        (EventError::SpanEnded(key), "span_ended"),
        (EventError::WrongKind(key), "wrong_kind"),
        (EventError::KeysExhausted, "keys_exhausted"),
    ] {
        assert_eq!(error.code(), code);
    }
    let error = in_memory().set_tracking_uri("localhost:5000").expect_err("no scheme");
    assert_eq!(error.text(), error.to_string());
    assert!(error.text().starts_with("tracking URI `localhost:5000` is not supported; use the address"), "{error}");
    for (provider, name) in [
        ("azure", Some("azure.ai.openai")),
        ("bedrock", Some("aws.bedrock")),
        ("mistral", Some("mistral_ai")),
        ("openai", None),
    ] {
        assert_eq!(gen_ai_provider(provider), name);
    }
}

#[test]
fn a_span_gets_the_key_and_the_ids_that_were_reserved_for_it() {
    let mut tracer = in_memory();
    let key = |number| SpanKey::new(number).expect("a key");
    let id = |byte| SpanId::from_bytes([byte; 8]);
    let trace = TraceId::from_bytes([1; 16]);
    tracer.reserve_span(key(7), trace, id(2));
    let root = start(&mut tracer, chat(None), 0);
    tracer.reserve_span(key(9), None, id(3));
    let child = start(&mut tracer, tool_call(Some(root), "below"), 0);
    assert_eq!([root, child].map(SpanKey::number), [7, 9]);
    assert_eq!([root, child].map(|key| tracer.span_context(key)), [trace.zip(id(2)), trace.zip(id(3))]);
    // A key that was given before is not given again, and ids are used once.
    tracer.reserve_span(key(2), None, None);
    let other = start(&mut tracer, chat(None), 0);
    assert_eq!(other.number(), 10);
    assert!(tracer.span_context(other).is_some_and(|(other, span)| Some(other) != trace && Some(span) != id(3)));
}
