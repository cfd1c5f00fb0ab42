//! A failure is an ERROR span with OpenTelemetry's exception event; an event that does not fit is an
//! error for the caller and nothing else.

mod common;

use common::*;
use mlflow_ag2::error::EventError;
use mlflow_ag2::export::TraceState;
use mlflow_ag2::trace::{AttributeKey, EventKind, SpanKey, Status, Value};

#[test]
fn a_failed_model_call_fails_its_reply_and_its_chat_as_reported() {
    let mut tracer = in_memory();
    let root = start(&mut tracer, chat(None), 0);
    let made = start(&mut tracer, reply(root, "assistant"), 1);
    let call = start(&mut tracer, model_call(Some(made)), 2);
    for (key, millis) in [(call, 3), (made, 4), (root, 5)] {
        emit(&mut tracer, failure(key, "BadRequestError", "too long"), millis);
    }
    let view = last(&tracer);
    assert_eq!(
        outline(&view),
        "CHAIN initiate_chat ERROR 0..5\n  AGENT assistant ERROR 1..4\n    LLM chat_completion ERROR 2..3\n"
    );
    assert_eq!(view.state(), TraceState::Error);
    let model = span(&view, "chat_completion");
    assert_eq!(model.status, Status::Error("too long".into()));
    assert_eq!(attribute(&view, model, "mlflow.spanLogLevel"), Some(Value::Int(40)));
    assert_eq!(model.outputs, Value::Null);
    let [event] = model.events.as_slice() else { panic!("one event") };
    assert_eq!((event.time, &event.kind), (unix_at(3), &EventKind::Exception));
    let attributes: Vec<_> =
        event.attributes.iter().map(|attribute| (&attribute.key, attribute.value.clone())).collect();
    let expected = [
        (&AttributeKey::ExceptionType, "BadRequestError".into()),
        (&AttributeKey::ExceptionMessage, "too long".into()),
        (&AttributeKey::ExceptionStack, "at line 1".into()),
    ];
    assert_eq!(attributes, expected);
}

#[test]
fn a_tool_that_fails_does_not_fail_the_chat() {
    let mut tracer = in_memory();
    let root = start(&mut tracer, chat(None), 0);
    let made = start(&mut tracer, reply(root, "user"), 1);
    let tool = start(&mut tracer, tool_call(Some(made), "load"), 2);
    emit(&mut tracer, failure(tool, "TypeError", "no such file"), 3);
    emit(&mut tracer, reply_end(made, Some("Error: no such file")), 4);
    emit(&mut tracer, message(made, "user", "Error: no such file"), 5);
    emit(&mut tracer, chat_end(root), 6);
    let tree = "CHAIN initiate_chat OK 0..6\n  AGENT user OK 1..5\n    TOOL load ERROR 2..3\n";
    assert_eq!(outline(&last(&tracer)), tree);
    assert_eq!(last(&tracer).state(), TraceState::Ok);
}

#[test]
fn a_failed_reply_stays_even_if_it_did_nothing() {
    let mut tracer = in_memory();
    let root = start(&mut tracer, chat(None), 0);
    let made = start(&mut tracer, reply(root, "broken"), 1);
    emit(&mut tracer, failure(made, "Error", "no reply function"), 2);
    // A message that arrives all the same changes nothing.
    emit(&mut tracer, message(made, "broken", "?"), 3);
    emit(&mut tracer, failure(root, "Error", "no reply function"), 4);
    assert_eq!(outline(&last(&tracer)), "CHAIN initiate_chat ERROR 0..4\n  AGENT broken ERROR 1..2\n");
}

#[test]
fn events_that_do_not_fit_are_refused_with_a_code_and_counted() {
    let mut tracer = in_memory();
    let unknown = SpanKey::new(99).expect("not 0");
    let root = start(&mut tracer, chat(None), 0);
    let tool = start(&mut tracer, tool_call(Some(root), "t"), 1);

    assert_eq!(tracer.on_event(chat_end(unknown), at(2)), Err(EventError::UnknownSpan(unknown)));
    assert_eq!(tracer.on_event(failure(unknown, "E", "e"), at(2)), Err(EventError::UnknownSpan(unknown)));
    assert_eq!(tracer.on_event(message(unknown, "a", "b"), at(2)), Err(EventError::UnknownSpan(unknown)));
    assert_eq!(tracer.on_event(chat_end(tool), at(2)), Err(EventError::WrongKind(tool)));
    assert_eq!(tracer.on_event(reply_end(root, None), at(2)), Err(EventError::WrongKind(root)));
    emit(&mut tracer, tool_call_end(tool, "x"), 3);
    assert_eq!(tracer.on_event(tool_call_end(tool, "y"), at(4)), Err(EventError::SpanEnded(tool)));
    assert_eq!(tracer.on_event(failure(tool, "E", "e"), at(4)), Err(EventError::SpanEnded(tool)));
    emit(&mut tracer, chat_end(root), 5);
    assert_eq!(tracer.on_event(chat_end(root), at(6)), Err(EventError::SpanEnded(root)));

    assert_eq!(outline(&last(&tracer)), "CHAIN initiate_chat OK 0..5\n  TOOL t OK 1..3\n");
    let errors = tracer.stats().event_errors;
    assert_eq!((errors.unknown_span, errors.wrong_kind, errors.span_ended), (3, 2, 3));
    assert_balanced(&tracer.stats());
}

#[test]
fn errors_name_the_key_and_the_remedy() {
    let key = SpanKey::new(7).expect("not 0");
    for error in [EventError::UnknownSpan(key), EventError::SpanEnded(key), EventError::WrongKind(key)] {
        let sentence = error.to_string();
        assert!(sentence.contains("`7`") && sentence.contains(';') && !sentence.ends_with('.'), "{sentence}");
    }
}
