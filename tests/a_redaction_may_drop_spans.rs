//! What a redaction drops, changes and removes of spans that wait for it.

mod common;

use common::*;
use mlflow_ag2::ag2::{AgentEvent, SpanUpdate};
use mlflow_ag2::trace::{AttributeKey, CapturePolicy, EventKind, SpanKey, TraceUpdate, Value, ValuePath};

const ONLY_REDACTED: CapturePolicy = CapturePolicy { inputs: true, outputs: true, only_redacted: true };

/// A tracer that exports nothing that no redaction has seen.
fn held_back() -> TestTracer {
    let mut tracer = with_server();
    tracer.set_capture_policy(ONLY_REDACTED, at(0));
    tracer
}

/// A finished trace: a root, a call, and a call below it; their keys.
fn three(tracer: &mut TestTracer) -> [SpanKey; 3] {
    let root = start(tracer, chat(None), 0);
    let middle = start(tracer, tool_call(Some(root), "middle"), 1);
    let leaf = start(tracer, tool_call(Some(middle), "leaf"), 2);
    emit(tracer, tool_call_end(leaf, "x"), 3);
    emit(tracer, tool_call_end(middle, "x"), 4);
    emit(tracer, chat_end(root), 5);
    [root, middle, leaf]
}

/// Marks all that waits as redacted, and passes it on.
fn redact_all(tracer: &mut TestTracer) {
    for key in tracer.unredacted() {
        tracer.redact(key).expect("held back").is_redacted = true;
    }
    tracer.release(at(10));
}

/// How many spans were dropped by a redaction, and how many are still here.
fn count(tracer: &TestTracer) -> (u64, u64) {
    let stats = tracer.stats();
    assert_balanced(&stats);
    assert_eq!(tracer.delivered_and_dropped(), (stats.delivered, stats.dropped.total()));
    (stats.dropped.redacted, stats.buffered + stats.open)
}

#[test]
fn the_children_of_a_span_that_is_dropped_become_those_of_its_parent() {
    let mut tracer = held_back();
    let [_, middle, _] = three(&mut tracer);
    assert_eq!(count(&tracer), (0, 3));
    tracer.drop_redacted(middle);
    assert_eq!(count(&tracer), (1, 2));
    tracer.drop_redacted(middle);
    assert_eq!(count(&tracer), (1, 2), "a second time is none");
    redact_all(&mut tracer);
    let view = last(&tracer);
    let (root, leaf) = (span(&view, "initiate_chat"), span(&view, "leaf"));
    assert_eq!(view.spans().count(), 2);
    assert_eq!(view.parent_id(leaf), Some(root.id));
    exchange(&mut tracer, 200, 2_000);
    assert_eq!((tracer.stats().delivered, count(&tracer)), (2, (1, 0)));
}

#[test]
fn a_root_that_is_dropped_takes_along_what_was_not_exported() {
    let mut tracer = held_back();
    let [root, ..] = three(&mut tracer);
    three(&mut tracer);
    tracer.drop_redacted(root);
    assert_eq!(count(&tracer), (3, 3));
    // Of this one a part was exported early.
    let root = start(&mut tracer, chat(None), 10);
    for name in ["early", "late"] {
        let call = start(&mut tracer, tool_call(Some(root), name), 11);
        emit(&mut tracer, tool_call_end(call, "x"), 12);
        if name == "early" {
            redact_all(&mut tracer);
            tracer.flush_now();
            exchange(&mut tracer, 200, 13);
        }
    }
    let delivered = tracer.stats().delivered;
    emit(&mut tracer, chat_end(root), 20);
    assert_eq!(count(&tracer), (3, 2), "the part that was exported waits no more");
    tracer.drop_redacted(root);
    assert_eq!((count(&tracer), tracer.stats().delivered), ((5, 0), delivered));
}

#[test]
fn a_span_of_a_trace_in_progress_is_dropped_before_its_early_export() {
    let mut tracer = held_back();
    let root = start(&mut tracer, chat(None), 0);
    let call = start(&mut tracer, tool_call(Some(root), "gone"), 1);
    emit(&mut tracer, tool_call_end(call, "x"), 2);
    assert_eq!(tracer.unredacted(), [call]);
    tracer.drop_redacted(call);
    assert_eq!(tracer.unredacted(), []);
    // One that is unknown, and the root that still runs.
    tracer.drop_redacted(call);
    tracer.drop_redacted(root);
    emit(&mut tracer, chat_end(root), 5);
    redact_all(&mut tracer);
    assert_eq!(count(&tracer), (1, 1));
    assert_eq!(outline(&last(&tracer)), "CHAIN initiate_chat OK 0..5\n");
}

#[test]
fn a_redaction_replaces_values_by_their_paths_and_the_properties_of_the_trace() {
    let mut tracer = held_back();
    let root = start(&mut tracer, tool_call(None, "tool"), 0);
    let mut update = |update| emit(&mut tracer, AgentEvent::SpanUpdated { span: root, update }, 1);
    update(SpanUpdate::Attribute(AttributeKey::Named("word".into()), "secret".into()));
    update(SpanUpdate::Event(EventKind::Named("event".into())));
    update(SpanUpdate::EventAttribute(AttributeKey::Named("word".into()), "secret".into()));
    update(SpanUpdate::Trace(TraceUpdate::RequestPreview("secret".into())));
    emit(&mut tracer, tool_call_end(root, "secret"), 2);
    assert!(tracer.redact_properties(SpanKey::new(9_999).expect("a key")).is_none());
    tracer.redact_properties(root).expect("it waits").request_preview = Some("clean".into());
    let span = tracer.redact(root).expect("it waits");
    let attributes = span.attributes.len();
    for path in [
        ValuePath::Inputs,
        ValuePath::Outputs,
        ValuePath::Attribute(attributes - 1),
        ValuePath::EventAttribute(0, 0),
        // Paths that do not exist.
        ValuePath::Attribute(attributes),
        ValuePath::EventAttribute(0, 1),
        ValuePath::EventAttribute(1, 0),
    ] {
        span.replace(path, Value::Text("clean".into()));
    }
    let found =
        [&span.inputs, &span.outputs, &span.attributes[attributes - 1].value, &span.events[0].attributes[0].value];
    assert_eq!(found, [&Value::Text("clean".into()); 4]);
    assert_eq!((span.attributes.len(), span.events.len()), (attributes, 1));
    redact_all(&mut tracer);
    assert_eq!(last(&tracer).properties().request_preview.as_deref(), Some("clean"));
}
