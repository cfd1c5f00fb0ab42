//! Manual spans: what the program sets on them stays set, and nothing is added.

mod common;

use common::*;
use mlflow_ag2::ag2::{AgentEvent, SpanUpdate, operation_name};
use mlflow_ag2::error::EventError;
use mlflow_ag2::export::TraceState;
use mlflow_ag2::trace::{AttributeKey, EventKind, SpanKey, SpanKind, Status, UnixNanos, Value};

fn work(parent: Option<SpanKey>, name: &str, type_name: Option<&str>) -> AgentEvent {
    AgentEvent::SpanStarted {
        parent,
        name: name.into(),
        kind: SpanKind::Custom,
        type_name: type_name.map(rc),
        inputs: json(r#"{"q":1}"#),
    }
}

fn updated(span: SpanKey, update: SpanUpdate) -> AgentEvent {
    AgentEvent::SpanUpdated { span, update }
}

fn done(span: SpanKey, outputs: Option<Value>) -> AgentEvent {
    AgentEvent::SpanEnded { span, outputs }
}

fn named(key: &str) -> AttributeKey {
    AttributeKey::Named(key.into())
}

#[test]
fn a_span_has_the_type_it_was_given_and_the_level_that_goes_with_it() {
    for (given, shown, level) in [
        (None, "UNKNOWN", 10),
        (Some("RETRIEVER"), "RETRIEVER", 20),
        (Some("CHAIN"), "CHAIN", 10),
        (Some("my own"), "my own", 10),
    ] {
        let mut tracer = in_memory();
        let key = start(&mut tracer, work(None, "load", given), 0);
        emit(&mut tracer, done(key, Some("found".into())), 1);
        let view = last(&tracer);
        let made = span(&view, "load");
        assert_eq!(view.span_type(made), shown);
        assert_eq!(attribute(&view, made, "mlflow.spanLogLevel"), Some(Value::Int(level)));
        assert_eq!(made.outputs, "found".into());
        assert_eq!(attribute(&view, made, "mlflow.message.format"), None);
        assert_eq!(attribute(&view, made, "gen_ai.operation.name"), None);
    }
}

#[test]
fn times_that_the_program_measured_are_kept_to_the_nanosecond() {
    let time = |nanos: u64| UnixNanos(1_749_996_461_282_772_491 + nanos);
    let mut tracer = in_memory();
    let key = start(&mut tracer, work(None, "load", None), 0);
    emit(&mut tracer, updated(key, SpanUpdate::StartTime(time(0))), 1);
    emit(&mut tracer, updated(key, SpanUpdate::Event(EventKind::Named("asked".into()))), 2);
    emit(&mut tracer, updated(key, SpanUpdate::EventTime(time(7))), 3);
    emit(&mut tracer, updated(key, SpanUpdate::EndTime(time(11))), 4);
    emit(&mut tracer, done(key, None), 5);
    let view = last(&tracer);
    let made = span(&view, "load");
    assert_eq!((made.start, made.end, made.events[0].time), (time(0), Some(time(11)), time(7)));
    assert_eq!(view.duration_ns(), Some(11));
}

#[test]
fn an_event_named_exception_has_the_level_of_errors() {
    let mut tracer = in_memory();
    let key = start(&mut tracer, work(None, "load", None), 0);
    emit(&mut tracer, updated(key, SpanUpdate::Event(EventKind::Named("exception".into()))), 1);
    emit(&mut tracer, updated(key, SpanUpdate::EventAttribute(named("exception.type"), "RangeError".into())), 1);
    emit(&mut tracer, updated(key, SpanUpdate::Status(Status::Error("too far".into()))), 1);
    emit(&mut tracer, done(key, None), 2);
    let view = last(&tracer);
    let made = span(&view, "load");
    assert_eq!(attribute(&view, made, "mlflow.spanLogLevel"), Some(Value::Int(40)));
    assert_eq!(attribute(&view, made, "error.type"), Some("RangeError".into()));
}

#[test]
fn a_call_that_embeds_texts_is_no_chat_and_has_token_counts() {
    let mut tracer = in_memory();
    let started = AgentEvent::SpanStarted {
        parent: None,
        name: operation_name(SpanKind::Embedding).into(),
        kind: SpanKind::Embedding,
        type_name: None,
        inputs: json(r#"{"input":"hi"}"#),
    };
    let call = start(&mut tracer, started, 0);
    emit(&mut tracer, model_call_end(call, 8, 0), 1);
    let view = last(&tracer);
    let made = span(&view, "embeddings");
    assert_eq!(view.span_type(made), "EMBEDDING");
    assert_eq!(attribute(&view, made, "gen_ai.operation.name"), Some("embeddings".into()));
    assert_eq!(attribute(&view, made, "mlflow.message.format"), None);
    assert_eq!(view.token_usage().map(|usage| usage.total_tokens), Some(8));
}

#[test]
fn the_format_of_messages_is_ag2s_unless_another_is_given() {
    for (given, shown) in [(None, "ag2"), (Some("anthropic"), "anthropic")] {
        let mut tracer = in_memory();
        let call = start(&mut tracer, model_call(None), 0);
        if let Some(format) = given {
            emit(&mut tracer, updated(call, SpanUpdate::Attribute(AttributeKey::MessageFormat, format.into())), 1);
        }
        emit(&mut tracer, model_call_end(call, 1, 1), 2);
        let view = last(&tracer);
        let made = span(&view, "chat_completion");
        let formats: Vec<_> =
            view.attributes(made).into_iter().filter(|(key, _)| *key == "mlflow.message.format").collect();
        assert_eq!(formats.iter().map(|(_, value)| value.clone()).collect::<Vec<_>>(), [shown.into()]);
    }
}

#[test]
fn the_later_word_counts() {
    let mut tracer = in_memory();
    let key = start(&mut tracer, work(None, "load", None), 0);
    for update in [
        SpanUpdate::Inputs("first".into()),
        SpanUpdate::Inputs("second".into()),
        SpanUpdate::Outputs("draft".into()),
        SpanUpdate::Outputs("clean".into()),
        SpanUpdate::Attribute(named("a"), Value::Int(1)),
        SpanUpdate::Attribute(named("b"), Value::Bool(true)),
        SpanUpdate::Attribute(named("a"), Value::Int(2)),
    ] {
        emit(&mut tracer, updated(key, update), 1);
    }
    emit(&mut tracer, done(key, None), 2);
    let view = last(&tracer);
    let made = span(&view, "load");
    assert_eq!((&made.inputs, &made.outputs), (&"second".into(), &"clean".into()));
    assert_eq!(attribute(&view, made, "a"), Some(Value::Int(2)));
    assert_eq!(attribute(&view, made, "b"), Some(Value::Bool(true)));
    assert_eq!(made.attributes.len(), 2);
}

#[test]
fn a_status_that_was_set_outlives_the_end() {
    let mut tracer = in_memory();
    let key = start(&mut tracer, work(None, "load", None), 0);
    let status = Status::Error("half of it is missing".into());
    emit(&mut tracer, updated(key, SpanUpdate::Status(status.clone())), 1);
    emit(&mut tracer, done(key, None), 2);
    let view = last(&tracer);
    assert_eq!(span(&view, "load").status, status);
    assert_eq!(view.state(), TraceState::Error);
    let made = span(&view, "load");
    assert_eq!(attribute(&view, made, "error.type"), Some("_OTHER".into()));
}

#[test]
fn a_status_that_was_set_outlives_a_trace_that_is_cut_off() {
    let mut tracer = in_memory();
    let failed = start(&mut tracer, work(None, "root", None), 0);
    start(&mut tracer, work(Some(failed), "open", None), 0);
    let status = Status::Error("no".into());
    emit(&mut tracer, updated(failed, SpanUpdate::Status(status.clone())), 1);
    tracer.close_open(at(2));
    let view = last(&tracer);
    assert_eq!(span(&view, "root").status, status);
    assert_eq!(span(&view, "open").status, Status::Unset);
}

#[test]
fn events_keep_their_time_and_their_attributes() {
    let mut tracer = in_memory();
    let key = start(&mut tracer, work(None, "load", None), 0);
    for (name, millis) in [("seen", 1), ("read", 3)] {
        let event = SpanUpdate::Event(EventKind::Named(name.into()));
        emit(&mut tracer, updated(key, event), millis);
        let about = SpanUpdate::EventAttribute(named("page"), Value::Int(millis as i64));
        emit(&mut tracer, updated(key, about), millis);
    }
    emit(&mut tracer, done(key, None), 4);
    let view = last(&tracer);
    let attributes: Vec<_> =
        span(&view, "load").events.iter().map(|event| (event.time, event.attributes[0].value.clone())).collect();
    assert_eq!(attributes, [(unix_at(1), Value::Int(1)), (unix_at(3), Value::Int(3))]);
}

#[test]
fn an_error_that_was_met_is_an_event_and_no_end() {
    let mut tracer = in_memory();
    let key = start(&mut tracer, work(None, "load", None), 0);
    let AgentEvent::SpanFailed { error, .. } = failure(key, "TypeError", "no such page") else { panic!("a failure") };
    emit(&mut tracer, updated(key, SpanUpdate::Exception(error)), 1);
    emit(&mut tracer, done(key, Some("the rest".into())), 2);
    let view = last(&tracer);
    let made = span(&view, "load");
    assert_eq!(made.status, Status::Ok);
    assert_eq!(made.events.len(), 1);
    assert_eq!(attribute(&view, made, "mlflow.spanLogLevel"), Some(Value::Int(40)));
    assert_eq!(attribute(&view, made, "error.type"), None);
}

#[test]
fn what_comes_after_the_end_is_refused() {
    let mut tracer = in_memory();
    let root = start(&mut tracer, work(None, "root", None), 0);
    let key = start(&mut tracer, work(Some(root), "load", None), 0);
    emit(&mut tracer, done(key, None), 1);
    let late = updated(key, SpanUpdate::Attribute(named("a"), Value::Int(1)));
    assert_eq!(tracer.on_event(late, at(2)), Err(EventError::SpanEnded(key)));
    assert_eq!(tracer.on_event(done(key, None), at(2)), Err(EventError::SpanEnded(key)));
}

#[test]
fn a_chat_of_agents_and_manual_spans_are_in_one_tree() {
    let mut tracer = in_memory();
    let root = start(&mut tracer, work(None, "request", None), 0);
    let inner = start(&mut tracer, chat(Some(root)), 1);
    whole_reply(&mut tracer, inner, "assistant", "hi", 2);
    let made = start(&mut tracer, reply(inner, "user"), 13);
    let tool = start(&mut tracer, tool_call(Some(made), "look"), 14);
    let by_hand = start(&mut tracer, work(Some(tool), "query", Some("TASK")), 15);
    emit(&mut tracer, done(by_hand, None), 16);
    emit(&mut tracer, tool_call_end(tool, "x"), 17);
    emit(&mut tracer, reply_end(made, Some("x")), 18);
    emit(&mut tracer, message(made, "user", "x"), 18);
    emit(&mut tracer, chat_end(inner), 19);
    emit(&mut tracer, done(root, None), 20);
    let expected = "UNKNOWN request OK 0..20\n  CHAIN initiate_chat OK 1..19\n    AGENT assistant OK 2..12\n      \
                    LLM chat_completion OK 3..10\n    AGENT user OK 13..18\n      TOOL look OK 14..17\n        \
                    TASK query OK 15..16\n";
    assert_eq!(outline(&last(&tracer)), expected);
}

#[test]
fn a_reply_has_an_end_of_its_own_kind() {
    let mut tracer = in_memory();
    let root = start(&mut tracer, chat(None), 0);
    let made = start(&mut tracer, reply(root, "assistant"), 1);
    assert_eq!(tracer.on_event(done(made, None), at(2)), Err(EventError::WrongKind(made)));
}
