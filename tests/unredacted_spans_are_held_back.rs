//! With a redaction no span leaves before it has been seen: not by a request, not to be kept, not to be shown.

mod common;

use common::{
    TestTracer, assert_balanced, at, chat, chat_end, due_request, emit, failure, json, message, reply, reply_end,
    start, status, whole_reply, with_server,
};
use mlflow_ag2::ag2::{AgentEvent, Failure, SpanUpdate};
use mlflow_ag2::trace::{AttributeKey, CapturePolicy, EventKind, SpanKey, SpanKind, Status, Value, ValuePath};

const WORD: &str = "pineapple";
const ONLY_REDACTED: CapturePolicy = CapturePolicy { inputs: true, outputs: true, only_redacted: true };

fn span(parent: SpanKey) -> AgentEvent {
    AgentEvent::SpanStarted {
        parent: Some(parent),
        name: "step".into(),
        kind: SpanKind::Custom,
        type_name: None,
        inputs: json(r#"{"word":"pineapple"}"#),
    }
}

fn end(span: SpanKey) -> AgentEvent {
    AgentEvent::SpanEnded { span, outputs: Some(WORD.into()) }
}

/// Everything that leaves by now, by any way: handed out to be persisted, exported, or exported at unload.
fn leaves(tracer: &mut TestTracer, millis: u64) -> Vec<Vec<u8>> {
    let closing = tracer.unload_requests(1 << 20, at(millis));
    let mut bodies: Vec<_> = closing.iter().map(|request| request.body.clone()).collect();
    for request in closing {
        tracer.on_response(request.id, status(503), at(millis));
    }
    tracer.flush_now();
    let unsaved = tracer.take_unpersisted().into_iter();
    bodies.extend(unsaved.map(|unsaved| unsaved.bytes));
    while let Some(request) = due_request(tracer, millis + 600_000) {
        bodies.push(request.body.clone());
        tracer.on_response(request.id, status(200), at(millis + 600_000));
    }
    bodies
}

fn has_word(bodies: &[Vec<u8>]) -> bool {
    let mut bodies = bodies.iter();
    bodies.any(|body| body.windows(WORD.len()).any(|part| part == WORD.as_bytes()))
}

/// Does what a redaction does that replaces the word wherever it stands; returns how many spans it saw.
fn redact(tracer: &mut TestTracer, millis: u64) -> usize {
    let keys = tracer.unredacted();
    for key in &keys {
        assert!(tracer.to_be_redacted(*key).is_some());
        let span = tracer.redact(*key).expect("held back");
        span.strip_user_data();
        span.replace(ValuePath::Inputs, json(r#"{"word":"fruit"}"#));
        span.is_redacted = true;
    }
    tracer.release(at(millis));
    keys.len()
}

/// A trace in progress with spans that have ended, in every way in which they can.
fn half_a_trace(tracer: &mut TestTracer) -> SpanKey {
    let root = start(tracer, chat(None), 0);
    let one = start(tracer, span(root), 1);
    emit(tracer, end(one), 2);
    let two = start(tracer, span(root), 3);
    emit(tracer, failure(two, "Error", WORD), 4);
    let three = start(tracer, reply(root, "bob"), 5);
    emit(tracer, message(three, "bob", WORD), 6);
    emit(tracer, reply_end(three, Some(WORD)), 7);
    whole_reply(tracer, root, "alice", WORD, 8);
    root
}

#[test]
fn without_a_redaction_spans_leave_as_they_are() {
    let mut tracer = with_server();
    half_a_trace(&mut tracer);
    assert!(has_word(&leaves(&mut tracer, 20)));
    assert_eq!(tracer.unredacted(), []);
}

#[test]
fn nothing_leaves_by_any_way_before_it_has_been_seen() {
    let mut tracer = with_server();
    tracer.set_capture_policy(ONLY_REDACTED, at(0));
    let root = half_a_trace(&mut tracer);
    assert!(!has_word(&leaves(&mut tracer, 20)));
    assert_balanced(&tracer.stats());
    emit(&mut tracer, chat_end(root), 30);
    assert!(!has_word(&leaves(&mut tracer, 40)));
    assert_eq!(tracer.stats().delivered, 0);
    assert_balanced(&tracer.stats());

    let id = tracer.last_trace_id().expect("it has ended");
    assert!(tracer.trace(&id).is_none(), "what is held back is not shown");
    assert_eq!(redact(&mut tracer, 50), 6);
    let bodies = leaves(&mut tracer, 60);
    assert!(!bodies.is_empty() && !has_word(&bodies));
    assert_eq!(tracer.stats().delivered, 6);
    assert_balanced(&tracer.stats());
}

#[test]
fn spans_that_were_seen_go_ahead_of_their_trace_and_are_not_seen_again() {
    let mut tracer = with_server();
    tracer.set_capture_policy(ONLY_REDACTED, at(0));
    let root = half_a_trace(&mut tracer);
    assert_eq!(redact(&mut tracer, 10), 5);
    assert_eq!(redact(&mut tracer, 10), 0);
    let bodies = leaves(&mut tracer, 20);
    assert!(!bodies.is_empty() && !has_word(&bodies));
    assert_eq!(tracer.stats().delivered, 5);
    emit(&mut tracer, chat_end(root), 30);
    assert_eq!(redact(&mut tracer, 40), 1, "only the root is left");
    assert!(!has_word(&leaves(&mut tracer, 50)));
    assert_eq!(tracer.stats().delivered, 6);
    assert_balanced(&tracer.stats());
}

#[test]
fn what_was_final_before_the_redaction_was_set_is_held_back_too() {
    let mut tracer = with_server();
    half_a_trace(&mut tracer);
    tracer.set_capture_policy(ONLY_REDACTED, at(10));
    assert!(!has_word(&leaves(&mut tracer, 20)));
    tracer.close_open(at(30));
    assert!(!has_word(&leaves(&mut tracer, 40)));
    assert_eq!(redact(&mut tracer, 50), 6);
}

#[test]
fn a_trace_in_progress_shows_that_its_spans_are_there_and_no_more() {
    let mut tracer = with_server();
    tracer.set_capture_policy(ONLY_REDACTED, at(0));
    let root = half_a_trace(&mut tracer);
    let (id, _) = tracer.span_context(root).expect("in progress");
    let view = tracer.trace(&id).expect("in memory");
    assert_eq!(view.spans().count(), 6);
    for span in view.spans() {
        assert!(view.hides(span) && view.attributes(span).is_empty());
    }
}

#[test]
fn what_is_left_out_is_left_out_of_every_way() {
    let hidden = CapturePolicy { inputs: false, outputs: false, only_redacted: false };
    let mut tracer = with_server();
    tracer.set_capture_policy(hidden, at(0));
    let root = start(&mut tracer, chat(None), 0);
    let one = start(&mut tracer, span(root), 1);
    emit(&mut tracer, end(one), 2);
    whole_reply(&mut tracer, root, "alice", WORD, 8);
    let bodies = leaves(&mut tracer, 20);
    assert!(!bodies.is_empty() && !has_word(&bodies));
    emit(&mut tracer, chat_end(root), 30);
    assert!(!has_word(&leaves(&mut tracer, 40)));
    let id = tracer.last_trace_id().expect("it has ended");
    let view = tracer.trace(&id).expect("in memory");
    assert!(view.spans().all(|span| span.inputs == Value::Null && span.outputs == Value::Null));
    assert_balanced(&tracer.stats());
}

/// A span with something in every place where a program's values may stand.
fn full_span(tracer: &mut TestTracer) -> SpanKey {
    let call = AgentEvent::ToolCallStarted {
        parent: None,
        name: "tool".into(),
        call_id: Some("call_1".into()),
        description: Some("looks up pineapple".into()),
        inputs: WORD.into(),
    };
    let key = start(tracer, call, 0);
    for update in [
        SpanUpdate::Attribute(AttributeKey::ChatTools, json(r#"["pineapple"]"#)),
        SpanUpdate::Attribute(AttributeKey::ChatMessages, json(r#"["pineapple"]"#)),
        SpanUpdate::Attribute(AttributeKey::Named("mine".into()), WORD.into()),
        SpanUpdate::Attribute(AttributeKey::Temperature, Value::Double(0.5)),
        SpanUpdate::Event(EventKind::Named("pineapple".into())),
        SpanUpdate::EventAttribute(AttributeKey::Named("mine".into()), WORD.into()),
        SpanUpdate::Exception(Failure { kind: "TypeError".into(), message: WORD.into(), stack: Some(WORD.into()) }),
        SpanUpdate::Status(Status::Error(WORD.into())),
    ] {
        emit(tracer, AgentEvent::SpanUpdated { span: key, update }, 1);
    }
    emit(tracer, end(key), 2);
    key
}

#[test]
fn what_is_withheld_leaves_names_times_and_parameters_only() {
    let mut tracer = with_server();
    tracer.set_capture_policy(ONLY_REDACTED, at(0));
    let key = full_span(&mut tracer);
    let span = tracer.redact(key).expect("held back");
    span.strip_user_data();
    let text = format!("{span:?}");
    assert!(!text.contains(WORD), "{text}");
    let keys: Vec<_> = span.attributes.iter().map(|one| one.key.clone()).collect();
    assert_eq!(keys, [AttributeKey::ToolCallId, AttributeKey::Temperature, AttributeKey::RedactionFailed]);
    let [event] = span.events.as_slice() else { panic!("that there was an error stays") };
    assert_eq!(event.kind, EventKind::Exception);
    assert_eq!(event.attributes.len(), 1, "its class");
}

#[test]
fn what_repeats_inputs_or_outputs_is_left_out_with_them() {
    for (inputs, outputs, tools, messages) in [
        (true, true, true, true),
        (true, false, true, false),
        (false, true, false, false),
        (false, false, false, false),
    ] {
        let mut tracer = with_server();
        let capture_policy = CapturePolicy { inputs, outputs, only_redacted: false };
        tracer.set_capture_policy(capture_policy, at(0));
        full_span(&mut tracer);
        let id = tracer.last_trace_id().expect("it has ended");
        let view = tracer.trace(&id).expect("in memory");
        let span = view.spans().next().expect("a span");
        let has = |key: AttributeKey| span.attributes.iter().any(|one| one.key == key);
        assert_eq!(
            (
                span.inputs != Value::Null,
                span.outputs != Value::Null,
                has(AttributeKey::ChatTools),
                has(AttributeKey::ChatMessages)
            ),
            (inputs, outputs, tools, messages)
        );
        assert!(has(AttributeKey::ToolDescription));
    }
}
