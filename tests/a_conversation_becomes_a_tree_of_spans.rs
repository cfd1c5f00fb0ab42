//! The shape of Python's mlflow.ag2 traces, with true times.

mod common;

use common::*;
use mlflow_ag2::ag2::{AgentEvent, UsageCounts};
use mlflow_ag2::export::TraceState;
use mlflow_ag2::trace::{TokenUsage, Value};

/// One question, a reply with two parallel tool calls, and the answer.
fn calculator(tracer: &mut TestTracer) {
    let chat_key = start(tracer, chat(None), 0);
    emit(tracer, message(chat_key, "Tool Agent", "What is 1 + 2?"), 1);

    let first = start(tracer, reply(chat_key, "Assistant"), 2);
    let call = start(tracer, model_call(Some(first)), 3);
    emit(tracer, model_call_end(call, 110, 61), 40);
    emit(tracer, reply_end(first, Some("calls")), 41);
    let calls = AgentEvent::MessageReceived {
        scope: Some(first),
        sender: "Assistant".into(),
        message: json(r#"{"content":null,"tool_calls":[]}"#),
        valid: true,
    };
    emit(tracer, calls, 42);

    let worked = start(tracer, reply(chat_key, "Tool Agent"), 43);
    let first = start(tracer, tool_call(Some(worked), "calculator"), 44);
    let second = start(tracer, tool_call(Some(worked), "calculator"), 44);
    emit(tracer, tool_call_end(second, "3"), 50);
    emit(tracer, tool_call_end(first, "3"), 60);
    emit(tracer, reply_end(worked, Some("3")), 61);
    emit(tracer, message(worked, "Tool Agent", "3"), 62);

    whole_reply(tracer, chat_key, "Assistant", "It is 3. TERMINATE", 63);
    let ended = start(tracer, reply(chat_key, "Tool Agent"), 74);
    emit(tracer, reply_end(ended, None), 75);
    emit(tracer, chat_end(chat_key), 76);
}

#[test]
fn a_two_agent_chat_with_tools_has_the_tree_of_pythons_trace() {
    let mut tracer = in_memory();
    calculator(&mut tracer);
    assert_eq!(
        outline(&last(&tracer)),
        "CHAIN initiate_chat OK 0..76\n\
         \x20 AGENT Assistant OK 2..42\n\
         \x20   LLM chat_completion OK 3..40\n\
         \x20 AGENT Tool Agent OK 43..62\n\
         \x20   TOOL calculator OK 44..60\n\
         \x20   TOOL calculator OK 44..50\n\
         \x20 AGENT Assistant OK 63..73\n\
         \x20   LLM chat_completion OK 64..71\n"
    );
}

#[test]
fn an_agents_input_is_the_message_before_and_its_output_its_own() {
    let mut tracer = in_memory();
    calculator(&mut tracer);
    let view = last(&tracer);
    let agents: Vec<_> = view.spans().filter(|span| view.span_type(span) == "AGENT").collect();
    let question = r#"{"message":"What is 1 + 2?","sender":"Tool Agent","valid":true}"#;
    let calls = r#"{"message":{"content":null,"tool_calls":[]},"sender":"Assistant","valid":true}"#;
    assert_eq!([text(&agents[0].inputs), text(&agents[0].outputs)], [question, calls]);
    assert_eq!(text(&agents[1].inputs), calls);
    assert_eq!(text(&agents[2].inputs), r#"{"message":"3","sender":"Tool Agent","valid":true}"#);
}

#[test]
fn attributes_are_those_of_pythons_autolog() {
    let mut tracer = in_memory();
    calculator(&mut tracer);
    let view = last(&tracer);
    let model = span(&view, "chat_completion");
    let found = |key| attribute(&view, model, key);
    assert_eq!(found("mlflow.llm.model"), Some("gpt-4o-mini".into()));
    assert_eq!(found("source"), Some("Assistant".into()));
    assert_eq!(found("mlflow.message.format"), Some("ag2".into()));
    assert_eq!(found("cost"), Some(Value::Double(0.000_053_1)));
    assert_eq!(found("is_cached"), Some(Value::Int(0)));
    assert_eq!(found("mlflow.spanLogLevel"), Some(Value::Int(20)));
    let usage = r#"{"input_tokens":110,"output_tokens":61,"total_tokens":171}"#;
    assert_eq!(found("mlflow.chat.tokenUsage"), Some(json(usage)));
    assert_eq!(found("mlflow.chat.tools"), None);
    assert_eq!(attribute(&view, span(&view, "initiate_chat"), "mlflow.spanLogLevel"), Some(Value::Int(10)));
    let tool = span(&view, "calculator");
    assert_eq!(attribute(&view, tool, "gen_ai.tool.call.id"), Some("call_1".into()));
}

#[test]
fn a_trace_uses_the_tokens_of_its_model_calls() {
    let mut tracer = in_memory();
    calculator(&mut tracer);
    let view = last(&tracer);
    assert_eq!(view.state(), TraceState::Ok);
    assert_eq!(view.duration_ns(), Some(76_000_000));
    let sum = TokenUsage { input_tokens: 120, output_tokens: 66, total_tokens: 186, ..TokenUsage::default() };
    assert_eq!(view.token_usage(), Some(sum));
}

#[test]
fn a_reply_that_comes_to_nothing_leaves_no_span_and_is_not_counted() {
    let mut tracer = in_memory();
    calculator(&mut tracer);
    let stats = tracer.stats();
    assert_eq!((stats.started, stats.in_memory, stats.open), (8, 8, 0));

    let alone = start(&mut tracer, AgentEvent::ReplyStarted { parent: None, agent: "unknown".into() }, 80);
    emit(&mut tracer, reply_end(alone, None), 81);
    assert_eq!(tracer.stats(), stats);
}

#[test]
fn a_reply_without_a_reply_stays_if_something_happened_on_the_way() {
    let mut tracer = in_memory();
    let chat_key = start(&mut tracer, chat(None), 0);
    let manager = start(&mut tracer, reply(chat_key, "chat_manager"), 1);
    whole_reply(&mut tracer, manager, "planner", "a plan", 3);
    whole_reply(&mut tracer, manager, "coder", "a program", 15);
    emit(&mut tracer, reply_end(manager, None), 26);
    emit(&mut tracer, chat_end(chat_key), 27);
    let view = last(&tracer);
    assert_eq!(
        outline(&view),
        "CHAIN initiate_chat OK 0..27\n\
         \x20 AGENT chat_manager OK 1..26\n\
         \x20   AGENT planner OK 3..13\n\
         \x20     LLM chat_completion OK 4..11\n\
         \x20   AGENT coder OK 15..25\n\
         \x20     LLM chat_completion OK 16..23\n"
    );
    assert_eq!(span(&view, "chat_manager").outputs, Value::Null);
    let plan = r#"{"message":"a plan","sender":"planner","valid":true}"#;
    assert_eq!(text(&span(&view, "coder").inputs), plan);
}

#[test]
fn a_message_that_no_reply_made_is_a_span_since_the_message_before() {
    let mut tracer = in_memory();
    let chat_key = start(&mut tracer, chat(None), 0);
    emit(&mut tracer, message(chat_key, "user", "one"), 5);
    emit(&mut tracer, message(chat_key, "user", "two"), 9);
    emit(&mut tracer, chat_end(chat_key), 10);
    let view = last(&tracer);
    assert_eq!(outline(&view), "CHAIN initiate_chat OK 0..10\n  AGENT user OK 5..9\n");
    let user = span(&view, "user");
    assert!(text(&user.inputs).contains("one") && text(&user.outputs).contains("two"));
}

#[test]
fn a_message_may_arrive_before_its_reply_has_ended() {
    let mut tracer = in_memory();
    let chat_key = start(&mut tracer, chat(None), 0);
    let first = start(&mut tracer, reply(chat_key, "a"), 1);
    emit(&mut tracer, message(first, "a", "hi"), 2);
    // The next reply may begin before the end of the one it answers is reported.
    let second = start(&mut tracer, reply(chat_key, "b"), 3);
    emit(&mut tracer, reply_end(first, None), 4);
    emit(&mut tracer, message(second, "b", "ho"), 5);
    emit(&mut tracer, reply_end(second, Some("ho")), 6);
    emit(&mut tracer, chat_end(chat_key), 7);
    let view = last(&tracer);
    let tree = "CHAIN initiate_chat OK 0..7\n  AGENT a OK 1..4\n  AGENT b OK 3..6\n";
    assert_eq!(outline(&view), tree);
    let event = r#"{"message":"hi","sender":"a","valid":true}"#;
    assert_eq!([text(&span(&view, "a").outputs), text(&span(&view, "b").inputs)], [event, event]);
    assert_eq!(text(&span(&view, "b").outputs), r#"{"message":"ho","sender":"b","valid":true}"#);
}

#[test]
fn a_reply_whose_message_never_arrives_keeps_what_it_was() {
    let mut tracer = in_memory();
    let chat_key = start(&mut tracer, chat(None), 0);
    let made = start(&mut tracer, reply(chat_key, "a"), 1);
    emit(&mut tracer, reply_end(made, Some("never sent")), 2);
    emit(&mut tracer, chat_end(chat_key), 3);
    assert_eq!(span(&last(&tracer), "a").outputs, "never sent".into());
}

#[test]
fn a_nested_chat_is_a_subtree_with_messages_of_its_own() {
    let mut tracer = in_memory();
    let outer = start(&mut tracer, chat(None), 0);
    emit(&mut tracer, message(outer, "user", "write"), 1);
    let critic = start(&mut tracer, reply(outer, "critic"), 2);
    let inner = start(&mut tracer, chat(Some(critic)), 3);
    emit(&mut tracer, message(inner, "critic", "review"), 4);
    whole_reply(&mut tracer, inner, "reviewer", "fine", 5);
    emit(&mut tracer, chat_end(inner), 16);
    emit(&mut tracer, reply_end(critic, Some("ok")), 17);
    emit(&mut tracer, message(critic, "critic", "ok"), 18);
    whole_reply(&mut tracer, outer, "writer", "thanks", 19);
    emit(&mut tracer, chat_end(outer), 30);
    let view = last(&tracer);
    assert_eq!(
        outline(&view),
        "CHAIN initiate_chat OK 0..30\n\
         \x20 AGENT critic OK 2..18\n\
         \x20   CHAIN initiate_chat OK 3..16\n\
         \x20     AGENT reviewer OK 5..15\n\
         \x20       LLM chat_completion OK 6..13\n\
         \x20 AGENT writer OK 19..29\n\
         \x20   LLM chat_completion OK 20..27\n"
    );
    assert!(text(&span(&view, "reviewer").inputs).contains("review"));
    assert!(text(&span(&view, "writer").inputs).contains(r#""message":"ok""#));
}

#[test]
fn what_happens_outside_any_chat_is_a_trace_of_its_own() {
    let mut tracer = in_memory();
    let alone = start(&mut tracer, AgentEvent::ReplyStarted { parent: None, agent: "helper".into() }, 0);
    let call = start(&mut tracer, model_call(Some(alone)), 1);
    emit(&mut tracer, model_call_end(call, 1, 1), 2);
    emit(&mut tracer, reply_end(alone, Some("hi")), 3);
    assert_eq!(outline(&last(&tracer)), "AGENT helper OK 0..3\n  LLM chat_completion OK 1..2\n");
    // Its message may still arrive; the trace has its output already.
    emit(&mut tracer, message(alone, "helper", "hi"), 4);

    let call = start(&mut tracer, model_call(None), 5);
    emit(&mut tracer, model_call_end(call, 1, 1), 6);
    assert_eq!(outline(&last(&tracer)), "LLM chat_completion OK 5..6\n");

    let call = start(&mut tracer, tool_call(None, "shout"), 7);
    emit(&mut tracer, tool_call_end(call, "HI"), 8);
    assert_eq!(outline(&last(&tracer)), "TOOL shout OK 7..8\n");

    let sent = AgentEvent::MessageReceived { scope: None, sender: "user".into(), message: "hi".into(), valid: false };
    emit(&mut tracer, sent, 9);
    let view = last(&tracer);
    assert_eq!(outline(&view), "AGENT user OK 9..9\n");
    assert_eq!(text(&span(&view, "user").outputs), r#"{"message":"hi","sender":"user","valid":false}"#);
    assert_eq!(tracer.stats().traces, 4);
}

#[test]
fn what_still_runs_when_the_chat_ends_ends_with_it() {
    let mut tracer = in_memory();
    let chat_key = start(&mut tracer, chat(None), 0);
    let slow = start(&mut tracer, reply(chat_key, "slow"), 1);
    let call = start(&mut tracer, model_call(Some(slow)), 2);
    emit(&mut tracer, chat_end(chat_key), 9);
    assert_eq!(
        outline(&last(&tracer)),
        "CHAIN initiate_chat OK 0..9\n  AGENT slow UNSET 1..9\n    LLM chat_completion UNSET 2..9\n"
    );
    emit(&mut tracer, model_call_end(call, 1, 1), 10);
    assert_eq!(tracer.stats().event_errors.span_ended, 0, "an end that comes too late is no error");
}

#[test]
fn closing_what_is_open_hands_out_unfinished_traces() {
    let mut tracer = in_memory();
    let chat_key = start(&mut tracer, chat(None), 0);
    start(&mut tracer, reply(chat_key, "slow"), 1);
    tracer.close_open(at(5));
    assert_eq!(outline(&last(&tracer)), "CHAIN initiate_chat UNSET 0..5\n  AGENT slow UNSET 1..5\n");
    assert_eq!(tracer.stats().open, 0);
    assert_balanced(&tracer.stats());
}

#[test]
fn a_trace_in_progress_can_be_read() {
    let mut tracer = with_server();
    let call = start(&mut tracer, tool_call(None, "first"), 0);
    emit(&mut tracer, tool_call_end(call, "x"), 0);
    let first = tracer.last_trace_id().expect("the tool call has ended");
    let chat_key = start(&mut tracer, chat(None), 1);
    assert_eq!(tracer.last_trace_id(), Some(first), "a trace in progress is not the last one yet");
    emit(&mut tracer, chat_end(chat_key), 2);
    let second = tracer.last_trace_id().expect("the chat has ended");
    assert_ne!(first, second);
    assert_eq!(tracer.trace(&first).map(|view| view.name().to_owned()), Some("first".to_owned()));
}

#[test]
fn a_clock_that_was_set_back_makes_no_negative_duration() {
    let mut tracer = in_memory();
    let chat_key = start(&mut tracer, chat(None), 50);
    emit(&mut tracer, chat_end(chat_key), 20);
    assert_eq!(outline(&last(&tracer)), "CHAIN initiate_chat OK 50..50\n");
}

#[test]
fn a_missing_total_is_the_sum_and_missing_counts_are_no_usage() {
    let none = UsageCounts::default();
    assert_eq!(none.known(), None);
    assert_eq!(UsageCounts { cache_read_input_tokens: Some(3), ..none }.known(), None);
    let sum = UsageCounts { input_tokens: Some(7), output_tokens: Some(2), ..none };
    assert_eq!(sum.known().map(|usage| usage.total_tokens), Some(9));
    let counts = UsageCounts { total_tokens: Some(12), cache_read_input_tokens: Some(5), ..sum };
    let known = counts.known().expect("counts");
    assert_eq!((known.total_tokens, known.cache_read_input_tokens), (12, Some(5)));
}

#[test]
fn tokens_of_the_providers_cache_are_summed_over_all_model_calls_that_tell() {
    let mut tracer = in_memory();
    let root = start(&mut tracer, chat(None), 0);
    for (cached, created) in [(Some(3), None), (None, Some(5)), (Some(4), Some(6))] {
        let call = start(&mut tracer, model_call(Some(root)), 1);
        let usage = UsageCounts {
            input_tokens: Some(10),
            output_tokens: Some(1),
            cache_read_input_tokens: cached,
            cache_creation_input_tokens: created,
            ..UsageCounts::default()
        };
        let ended = AgentEvent::ModelCallEnded {
            call,
            outputs: Value::Null,
            usage: Some(usage),
            cost_usd: None,
            cached: false,
        };
        emit(&mut tracer, ended, 2);
    }
    emit(&mut tracer, chat_end(root), 3);
    let usage = last(&tracer).token_usage().expect("counts");
    let found = (usage.cache_read_input_tokens, usage.cache_creation_input_tokens);
    assert_eq!(found, (Some(7), Some(11)));
}

#[test]
fn a_message_that_no_reply_made_hangs_below_the_chat_or_call_it_came_in_and_not_before_it() {
    let mut tracer = in_memory();
    let root = start(&mut tracer, chat(None), 0);
    emit(&mut tracer, message(root, "user", "outer"), 1);
    let inner = start(&mut tracer, chat(Some(root)), 10);
    emit(&mut tracer, message(inner, "user", "first"), 11);
    // The call began after the message that its own message answers.
    let call = start(&mut tracer, tool_call(Some(inner), "tool"), 20);
    emit(&mut tracer, message(call, "helper", "second"), 25);
    emit(&mut tracer, message(inner, "user", "third"), 30);
    emit(&mut tracer, tool_call_end(call, "x"), 40);
    emit(&mut tracer, chat_end(inner), 41);
    emit(&mut tracer, chat_end(root), 42);
    assert_eq!(
        outline(&last(&tracer)),
        "CHAIN initiate_chat OK 0..42\n  CHAIN initiate_chat OK 10..41\n    TOOL tool OK 20..40\n      \
         AGENT helper OK 20..25\n    AGENT user OK 25..30\n"
    );
}
