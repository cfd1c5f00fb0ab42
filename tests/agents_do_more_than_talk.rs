//! Chats that belong together, the choice of a speaker, persons, code, streams and caches: each is a
//! span of its own kind, in the words of OpenTelemetry and of AG2's own instrumentation.

mod common;

use common::*;
use mlflow_ag2::ag2::{AgentEvent, SpanUpdate, UsageCounts, operation_name};
use mlflow_ag2::trace::{AttributeKey, EventKind, SpanKey, SpanKind, Status, Value};

fn operation(parent: Option<SpanKey>, kind: SpanKind) -> AgentEvent {
    AgentEvent::SpanStarted { parent, name: operation_name(kind).into(), kind, type_name: None, inputs: json("{}") }
}

fn done(span: SpanKey) -> AgentEvent {
    AgentEvent::SpanEnded { span, outputs: Some("x".into()) }
}

fn set(tracer: &mut TestTracer, span: SpanKey, key: AttributeKey, value: Value) {
    let update = SpanUpdate::Attribute(key, value);
    emit(tracer, AgentEvent::SpanUpdated { span, update }, 1);
}

#[test]
fn every_kind_of_operation_has_its_names() {
    for (kind, name, span_type, operation_word, ag2_word) in [
        (SpanKind::Chats, "initiate_chats", "CHAIN", "initiate_chats", "multi_conversation"),
        (SpanKind::SpeakerSelection, "select_speaker", "CHAIN", "speaker_selection", "speaker_selection"),
        (SpanKind::HumanInput, "human_input", "TASK", "await_human_input", "human_input"),
        (SpanKind::CodeExecution, "execute_code", "TOOL", "execute_code", "code_execution"),
    ] {
        let mut tracer = in_memory();
        let key = start(&mut tracer, operation(None, kind), 0);
        emit(&mut tracer, done(key), 1);
        let view = last(&tracer);
        let made = span(&view, name);
        assert_eq!(view.span_type(made), span_type);
        for (key, value) in
            [("gen_ai.operation.name", operation_word), ("ag2.span.type", ag2_word), ("mlflow.message.format", "ag2")]
        {
            assert_eq!(attribute(&view, made, key), Some(value.into()), "{name} {key}");
        }
    }
}

#[test]
fn chats_replies_model_and_tool_calls_say_what_they_are() {
    let mut tracer = in_memory();
    let root = start(&mut tracer, chat(None), 0);
    set(&mut tracer, root, AttributeKey::AgentName, "user".into());
    let made = start(&mut tracer, reply(root, "assistant"), 1);
    let call = start(&mut tracer, model_call(Some(made)), 2);
    set(&mut tracer, call, AttributeKey::Provider, "azure".into());
    set(&mut tracer, call, AttributeKey::Temperature, Value::Double(0.5));
    emit(&mut tracer, model_call_end(call, 10, 5), 3);
    let tool = start(&mut tracer, tool_call(Some(made), "look"), 4);
    emit(&mut tracer, tool_call_end(tool, "x"), 5);
    emit(&mut tracer, reply_end(made, Some("x")), 6);
    emit(&mut tracer, message(made, "assistant", "x"), 6);
    emit(&mut tracer, chat_end(root), 7);
    let view = last(&tracer);
    let expected: [(&str, &[(&str, Value)]); 4] = [
        ("initiate_chat", &[("gen_ai.operation.name", "conversation".into()), ("gen_ai.agent.name", "user".into())]),
        ("assistant", &[("gen_ai.operation.name", "invoke_agent".into()), ("gen_ai.agent.name", "assistant".into())]),
        (
            "chat_completion",
            &[
                ("gen_ai.operation.name", "chat".into()),
                ("gen_ai.agent.name", "Assistant".into()),
                ("gen_ai.request.model", "gpt-4o-mini".into()),
                ("gen_ai.request.temperature", Value::Double(0.5)),
                ("mlflow.llm.provider", "azure".into()),
                ("gen_ai.provider.name", "azure.ai.openai".into()),
                ("gen_ai.usage.input_tokens", Value::Int(10)),
                ("gen_ai.usage.output_tokens", Value::Int(5)),
                ("gen_ai.usage.cost", Value::Double(0.000_053_1)),
            ],
        ),
        (
            "look",
            &[
                ("gen_ai.operation.name", "execute_tool".into()),
                ("gen_ai.tool.name", "look".into()),
                ("gen_ai.tool.type", "function".into()),
                ("gen_ai.tool.call.id", "call_1".into()),
            ],
        ),
    ];
    for (name, attributes) in expected {
        for (key, value) in attributes {
            let found = attribute(&view, span(&view, name), key);
            assert_eq!(found.as_ref(), Some(value), "{name} {key}");
        }
    }
    // A chat's own token counts would be counted beside those of its calls.
    let root = span(&view, "initiate_chat");
    assert_eq!(attribute(&view, root, "gen_ai.usage.input_tokens"), None);
}

#[test]
fn a_provider_that_opentelemetry_does_not_know_keeps_its_name() {
    let mut tracer = in_memory();
    let call = start(&mut tracer, model_call(None), 0);
    set(&mut tracer, call, AttributeKey::Provider, "groq".into());
    emit(&mut tracer, model_call_end(call, 1, 1), 1);
    let view = last(&tracer);
    let made = span(&view, "chat_completion");
    assert_eq!(attribute(&view, made, "gen_ai.provider.name"), Some("groq".into()));
}

#[test]
fn a_failure_names_its_class_as_error_type() {
    let mut tracer = in_memory();
    let call = start(&mut tracer, model_call(None), 0);
    emit(&mut tracer, failure(call, "RateLimitError", "slow down"), 1);
    let view = last(&tracer);
    let made = span(&view, "chat_completion");
    assert_eq!(attribute(&view, made, "error.type"), Some("RateLimitError".into()));
}

#[test]
fn a_failure_without_an_error_has_a_class_of_its_kind_and_the_level_of_errors() {
    for (kind, class) in [(SpanKind::CodeExecution, "CodeExecutionError"), (SpanKind::HumanInput, "_OTHER")] {
        let mut tracer = in_memory();
        let key = start(&mut tracer, operation(None, kind), 0);
        let update = SpanUpdate::Status(Status::Error("no".into()));
        emit(&mut tracer, AgentEvent::SpanUpdated { span: key, update }, 1);
        emit(&mut tracer, done(key), 2);
        let view = last(&tracer);
        let made = view.spans().next().expect("the span");
        assert_eq!(attribute(&view, made, "error.type"), Some(class.into()));
        assert_eq!(attribute(&view, made, "mlflow.spanLogLevel"), Some(Value::Int(40)));
    }
}

#[test]
fn the_next_speaker_answers_the_conversation_and_not_the_selector() {
    let mut tracer = in_memory();
    let root = start(&mut tracer, chat(None), 0);
    emit(&mut tracer, message(root, "user", "Why does ice float?"), 1);
    let manager = start(&mut tracer, reply(root, "chat_manager"), 2);
    let choice = start(&mut tracer, operation(Some(manager), SpanKind::SpeakerSelection), 3);
    let query = start(&mut tracer, chat(Some(choice)), 4);
    emit(&mut tracer, message(query, "checking_agent", "Who is next?"), 5);
    whole_reply(&mut tracer, query, "speaker_selection_agent", "Scientist", 6);
    emit(&mut tracer, chat_end(query), 17);
    emit(&mut tracer, done(choice), 18);
    let speaker = start(&mut tracer, reply(manager, "Scientist"), 19);
    emit(&mut tracer, reply_end(speaker, Some("It is less dense.")), 20);
    emit(&mut tracer, message(speaker, "Scientist", "It is less dense."), 20);
    let next = start(&mut tracer, reply(manager, "Engineer"), 21);
    emit(&mut tracer, reply_end(next, Some("Build it.")), 22);
    emit(&mut tracer, message(next, "Engineer", "Build it."), 22);
    emit(&mut tracer, reply_end(manager, None), 23);
    emit(&mut tracer, chat_end(root), 24);
    let view = last(&tracer);
    for (agent, asked) in [
        ("chat_manager", "Why does ice float?"),
        ("Scientist", "Why does ice float?"),
        ("Engineer", "It is less dense."),
        ("speaker_selection_agent", "Who is next?"),
    ] {
        let inputs = text(&span(&view, agent).inputs);
        assert!(inputs.contains(asked), "{agent} answers {inputs}");
    }
    // The manager says nothing itself; it stays for what happened below it.
    assert_eq!(span(&view, "chat_manager").outputs, Value::Null);
}

#[test]
fn an_agent_is_shown_as_a_chat_of_its_input_and_its_reply() {
    let mut tracer = in_memory();
    let root = start(&mut tracer, chat(None), 0);
    emit(&mut tracer, message(root, "user", "2 + \"2\"?"), 1);
    let made = start(&mut tracer, reply(root, "assistant"), 2);
    emit(&mut tracer, reply_end(made, Some("…")), 3);
    let calls = AgentEvent::MessageReceived {
        scope: Some(made),
        sender: "assistant".into(),
        message: json(r#"{"content":null,"tool_calls":[]}"#),
        valid: true,
    };
    emit(&mut tracer, calls, 3);
    let answer = start(&mut tracer, reply(root, "user"), 4);
    emit(&mut tracer, reply_end(answer, Some("…")), 5);
    let result = AgentEvent::MessageReceived {
        scope: Some(answer),
        sender: "user".into(),
        message: json(r#"{"role":"tool","content":"4"}"#),
        valid: true,
    };
    emit(&mut tracer, result, 5);
    emit(&mut tracer, chat_end(root), 6);
    let view = last(&tracer);
    let shown = |agent| {
        let chat = attribute(&view, span(&view, agent), "mlflow.chat.messages");
        serde_json::from_str::<serde_json::Value>(&text(&chat.expect("a chat"))).expect("JSON")
    };
    assert_eq!(
        shown("assistant"),
        serde_json::json!([
            { "role": "user", "name": "user", "content": "2 + \"2\"?" },
            { "role": "assistant", "name": "assistant", "content": null, "tool_calls": [] },
        ])
    );
    assert_eq!(
        shown("user"),
        serde_json::json!([
            { "role": "user", "name": "assistant", "content": null, "tool_calls": [] },
            { "role": "tool", "name": "user", "content": "4" },
        ])
    );
}

#[test]
fn an_answer_out_of_the_cache_is_marked_and_counts_for_nothing() {
    let mut tracer = in_memory();
    let root = start(&mut tracer, chat(None), 0);
    let first = start(&mut tracer, model_call(Some(root)), 1);
    emit(&mut tracer, model_call_end(first, 100, 20), 2);
    let again = start(&mut tracer, model_call(Some(root)), 3);
    let AgentEvent::ModelCallEnded { outputs, usage, cost_usd, .. } = model_call_end(again, 100, 20) else {
        panic!("an end")
    };
    let cached = AgentEvent::ModelCallEnded { call: again, outputs, usage, cost_usd, cached: true };
    emit(&mut tracer, cached, 4);
    emit(&mut tracer, chat_end(root), 5);
    let view = last(&tracer);
    let made = view.spans().nth(2).expect("the second call");
    assert_eq!(attribute(&view, made, "is_cached"), Some(Value::Int(1)));
    for key in ["mlflow.chat.tokenUsage", "cost", "gen_ai.usage.input_tokens", "gen_ai.usage.cost"] {
        assert_eq!(attribute(&view, made, key), None, "{key}");
    }
    assert_eq!(attribute(&view, made, "ag2.cache.saved_cost"), Some(Value::Double(0.000_053_1)));
    let saved = attribute(&view, made, "ag2.cache.saved_usage").expect("what it saved");
    assert_eq!(text(&saved), r#"{"input_tokens":100,"output_tokens":20,"total_tokens":120}"#);
    assert_eq!(view.token_usage().map(|usage| usage.total_tokens), Some(120));
}

#[test]
fn zeros_that_were_not_counted_are_no_token_counts() {
    let mut tracer = in_memory();
    let call = start(&mut tracer, model_call(None), 0);
    let AgentEvent::ModelCallEnded { outputs, .. } = model_call_end(call, 0, 0) else { panic!("an end") };
    let zeros =
        UsageCounts { input_tokens: Some(0), output_tokens: Some(0), total_tokens: Some(0), ..UsageCounts::default() };
    let ended = AgentEvent::ModelCallEnded { call, outputs, usage: Some(zeros), cost_usd: None, cached: false };
    emit(&mut tracer, ended, 1);
    assert_eq!(last(&tracer).token_usage(), None);
}

#[test]
fn a_stream_tells_when_its_first_token_came() {
    let mut tracer = in_memory();
    let call = start(&mut tracer, model_call(None), 100);
    let update = SpanUpdate::Event(EventKind::FirstToken);
    emit(&mut tracer, AgentEvent::SpanUpdated { span: call, update }, 350);
    emit(&mut tracer, model_call_end(call, 1, 1), 900);
    let view = last(&tracer);
    let made = span(&view, "chat_completion");
    assert_eq!(made.events[0].time, unix_at(350));
    let seconds = attribute(&view, made, "gen_ai.response.time_to_first_chunk");
    assert_eq!(seconds, Some(Value::Double(0.25)));
}
