//! The memory of traces in progress, to the byte: when it is counted, when values are cut, which, and what is left.

mod common;

use common::*;
use mlflow_ag2::ag2::{AgentEvent, Failure, SpanUpdate};
use mlflow_ag2::export::Limits;
use mlflow_ag2::trace::{AttributeKey, EventKind, History, JsonWriter, Span, SpanKey, SpanKind, TraceId, Value};

/// A tracer whose traces in progress may take so many bytes, with an open chat.
fn within(open_bytes: usize) -> (TestTracer, SpanKey) {
    let mut tracer = in_memory();
    tracer.set_limits(Limits { open_bytes, ..Limits::default() });
    let root = start(&mut tracer, chat(None), 0);
    (tracer, root)
}

fn custom(parent: SpanKey, inputs: Value) -> AgentEvent {
    let (name, kind) = (rc("work"), SpanKind::Custom);
    AgentEvent::SpanStarted { parent: Some(parent), name, kind, type_name: None, inputs }
}

fn long(bytes: usize) -> Value {
    "x".repeat(bytes).as_str().into()
}

fn named(name: &str) -> AttributeKey {
    AttributeKey::Named(name.into())
}

fn update(tracer: &mut TestTracer, span: SpanKey, update: SpanUpdate) {
    emit(tracer, AgentEvent::SpanUpdated { span, update }, 1);
}

fn trace_of_span(tracer: &TestTracer, key: SpanKey) -> TraceId {
    tracer.span_context(key).expect("it is open").0
}

fn with_spans<T>(tracer: &TestTracer, key: SpanKey, of: impl Fn(&[&Span]) -> T) -> T {
    let view = tracer.trace(&trace_of_span(tracer, key)).expect("it is open");
    of(&view.spans().collect::<Vec<_>>())
}

fn memory(tracer: &TestTracer, key: SpanKey) -> usize {
    with_spans(tracer, key, |spans| spans.iter().map(|span| span.memory_bytes()).sum())
}

#[test]
fn of_a_value_of_more_than_a_kilobyte_the_first_256_bytes_are_kept_and_a_mark_says_how_long_it_was() {
    let history = History::append(None, format!("[\"{}\"]", "a".repeat(96)).into());
    let history = History::append(Some(history), format!("[\"{}\"]", "b".repeat(1_096)).into());
    let history = Value::Json(JsonWriter::new().messages(history).finish());
    let x = "x".repeat(2_000);
    let cases: [(Value, Option<String>); 7] = [
        (long(1_024), None),
        (long(1_025), Some(format!("{}… (truncated, 1025 bytes)", &x[..256]))),
        (json(&format!("[\"{}\"]", &x[..1_020])), None),
        (json(&format!("[\"{}\"]", &x[..1_021])), Some(format!("[\"{}… (truncated, 1025 bytes)", &x[..254]))),
        (
            format!("x{}", "ü".repeat(600)).as_str().into(),
            Some(format!("x{}… (truncated, 1201 bytes)", "ü".repeat(127))),
        ),
        (history, Some(format!("[[\"{}\"],[\"{}… (truncated, 1203 bytes)", "a".repeat(96), "b".repeat(152)))),
        (Value::Int(7), None),
    ];
    // Without any room all that is long is cut at once.
    let (mut tracer, root) = within(0);
    for (value, expected) in cases {
        let before = tracer.stats().truncated;
        let key = start(&mut tracer, custom(root, value.clone()), 1);
        let inputs = with_spans(&tracer, root, |spans| {
            spans.iter().find(|span| span.key == key).map(|span| span.inputs.clone()).expect("the span")
        });
        assert_eq!(tracer.stats().truncated - before, u64::from(expected.is_some()), "{inputs:?}");
        assert_eq!(inputs, expected.map_or(value, |text| text.as_str().into()));
    }
}

#[test]
fn each_long_value_of_a_span_is_cut_and_counted() {
    let (mut tracer, root) = within(usize::MAX);
    let key = start(&mut tracer, custom(root, long(2_000)), 1);
    update(&mut tracer, key, SpanUpdate::Outputs(long(2_000)));
    update(&mut tracer, key, SpanUpdate::Attribute(named("short"), "kept".into()));
    update(&mut tracer, key, SpanUpdate::Attribute(named("long"), long(2_000)));
    update(&mut tracer, key, SpanUpdate::Event(EventKind::Named("mine".into())));
    update(&mut tracer, key, SpanUpdate::EventAttribute(named("long"), long(2_000)));
    update(&mut tracer, key, SpanUpdate::EventAttribute(named("too"), long(2_000)));
    assert_eq!(tracer.stats().truncated, 0);
    tracer.set_limits(Limits { open_bytes: 0, ..Limits::default() });
    start(&mut tracer, reply(root, "assistant"), 1);
    assert_eq!(tracer.stats().truncated, 5);
    assert!(memory(&tracer, root) < 4_000, "{}", memory(&tracer, root));
    start(&mut tracer, reply(root, "assistant"), 1);
    assert_eq!(tracer.stats().truncated, 5, "what is cut is short");
}

/// An event, after the events that it needs, and the bytes by which the estimate grows with it.
type Estimated = (fn(&mut TestTracer, SpanKey) -> AgentEvent, usize);

#[test]
fn memory_is_counted_when_the_estimate_is_above_the_limit_to_which_each_event_adds_its_values() {
    fn opened(tracer: &mut TestTracer, root: SpanKey) -> SpanKey {
        start(tracer, custom(root, Value::Null), 1)
    }
    fn updated(tracer: &mut TestTracer, root: SpanKey, update: SpanUpdate) -> AgentEvent {
        AgentEvent::SpanUpdated { span: opened(tracer, root), update }
    }
    fn error(stack: Option<&str>) -> Failure {
        Failure { kind: "Error".into(), message: "0123456789".into(), stack: stack.map(Into::into) }
    }
    let cases: [Estimated; 19] = [
        (|_, root| chat(Some(root)), 531),
        (|_, root| model_call(Some(root)), 527),
        (|_, root| tool_call(Some(root), "tool"), 519),
        (|_, root| custom(root, long(30)), 542),
        (|_, root| reply(root, "assistant"), 512),
        (|tracer, root| chat_end(start(tracer, chat(Some(root)), 1)), 530),
        (|tracer, root| model_call_end(start(tracer, model_call(Some(root)), 1), 1, 1), 526),
        (|tracer, root| tool_call_end(start(tracer, tool_call(Some(root), "tool"), 1), "result"), 518),
        (|tracer, root| reply_end(start(tracer, reply(root, "assistant"), 1), Some("text")), 516),
        (|tracer, root| AgentEvent::SpanEnded { span: opened(tracer, root), outputs: Some(long(40)) }, 552),
        (|tracer, root| AgentEvent::SpanEnded { span: opened(tracer, root), outputs: None }, 512),
        // It becomes the output of a span, the input of the next, and a part of the chat there.
        (|_, root| message(root, "user", "hello"), 4 * 517 + 512),
        (|tracer, root| updated(tracer, root, SpanUpdate::Inputs(long(50))), 562),
        (|tracer, root| updated(tracer, root, SpanUpdate::Outputs(long(60))), 572),
        (|tracer, root| updated(tracer, root, SpanUpdate::Attribute(named("mine"), long(70))), 582),
        (|tracer, root| updated(tracer, root, SpanUpdate::Exception(error(Some("at line 1")))), 541),
        (|tracer, root| updated(tracer, root, SpanUpdate::Exception(error(None))), 532),
        (|tracer, root| updated(tracer, root, SpanUpdate::Event(EventKind::Named("mine".into()))), 512),
        (|tracer, root| AgentEvent::SpanFailed { span: opened(tracer, root), error: error(Some("at line 1")) }, 541),
    ];
    for (number, (event, added)) in cases.into_iter().enumerate() {
        for (room, is_cut) in [(added, 0), (added - 1, 1)] {
            // What has to be there before it adds to the estimate before the long value is there, which is counted.
            let (mut tracer, root) = within(usize::MAX);
            let event = event(&mut tracer, root);
            tracer.set_limits(Limits { open_bytes: 0, ..Limits::default() });
            start(&mut tracer, custom(root, Value::Null), 1);
            let counted = memory(&tracer, root);
            tracer.set_limits(Limits { open_bytes: usize::MAX, ..Limits::default() });
            start(&mut tracer, custom(root, long(1_000_000)), 1);
            tracer.set_limits(Limits { open_bytes: counted + 1_000_512 + room, ..Limits::default() });
            tracer.on_event(event, at(1)).expect("an event that fits");
            assert_eq!(tracer.stats().truncated, is_cut, "event {number} with room for {room}");
        }
    }
}

#[test]
fn nothing_is_cut_as_long_as_an_eighth_of_the_limit_is_free() {
    // Events that replace a value add to the estimate only.
    let counted_at = |bytes: usize| {
        let (mut tracer, root) = within(80_000);
        let key = start(&mut tracer, custom(root, Value::Null), 1);
        update(&mut tracer, key, SpanUpdate::Attribute(named("number"), Value::Int(0)));
        let rest = memory(&tracer, root);
        update(&mut tracer, key, SpanUpdate::Inputs(long(bytes - rest)));
        assert_eq!(memory(&tracer, root), bytes);
        for number in 0..200 {
            update(&mut tracer, key, SpanUpdate::Attribute(named("number"), Value::Int(number)));
        }
        tracer.stats().truncated
    };
    assert_eq!((counted_at(70_000), counted_at(70_001)), (0, 1));
}

#[test]
fn the_oldest_values_are_cut_until_a_quarter_of_the_limit_is_free() {
    let (mut tracer, root) = within(80_000);
    let keys: Vec<SpanKey> = (0..8).map(|_| start(&mut tracer, custom(root, long(10_000)), 1)).collect();
    let cut = with_spans(&tracer, root, |spans| {
        let is_cut = |key: &SpanKey| spans.iter().any(|span| span.key == *key && span.inputs.memory_bytes() < 1_000);
        keys.iter().map(is_cut).collect::<Vec<bool>>()
    });
    assert_eq!(cut, [true, true, true, false, false, false, false, false]);
    assert_eq!(tracer.stats().truncated, 3);
    let left = memory(&tracer, root);
    assert!((51_000..=60_000).contains(&left), "{left}");
    // The estimate goes on from what is left: two more of these stay below the limit.
    for _ in 0..2 {
        start(&mut tracer, custom(root, long(9_000)), 1);
    }
    assert_eq!(tracer.stats().truncated, 3);
    start(&mut tracer, custom(root, long(9_000)), 1);
    assert!(tracer.stats().truncated > 3);
}
