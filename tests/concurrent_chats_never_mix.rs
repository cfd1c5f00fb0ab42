//! Events carry their parent, so chats that run at once stay apart whatever their order.

mod common;

use common::*;
use mlflow_ag2::ag2::AgentEvent;

#[test]
fn two_interleaved_chats_of_the_same_agents_are_two_traces() {
    let mut tracer = in_memory();
    let one = start(&mut tracer, chat(None), 0);
    let two = start(&mut tracer, chat(None), 1);
    emit(&mut tracer, message(one, "user", "one?"), 2);
    emit(&mut tracer, message(two, "user", "two?"), 3);
    let reply_one = start(&mut tracer, reply(one, "helper"), 4);
    let reply_two = start(&mut tracer, reply(two, "helper"), 5);
    let call_two = start(&mut tracer, model_call(Some(reply_two)), 6);
    let call_one = start(&mut tracer, model_call(Some(reply_one)), 7);
    emit(&mut tracer, model_call_end(call_two, 2, 2), 8);
    emit(&mut tracer, model_call_end(call_one, 1, 1), 9);
    emit(&mut tracer, reply_end(reply_two, Some("two!")), 10);
    emit(&mut tracer, reply_end(reply_one, Some("one!")), 11);
    emit(&mut tracer, message(reply_one, "helper", "one!"), 12);
    emit(&mut tracer, message(reply_two, "helper", "two!"), 13);

    emit(&mut tracer, chat_end(two), 14);
    let tree = "CHAIN initiate_chat OK 1..14\n  AGENT helper OK 5..13\n    LLM chat_completion OK 6..8\n";
    assert_eq!(outline(&last(&tracer)), tree);
    let helper = span(&last(&tracer), "helper").clone();
    assert!(text(&helper.inputs).contains("two?") && text(&helper.outputs).contains("two!"));

    emit(&mut tracer, chat_end(one), 15);
    let tree = "CHAIN initiate_chat OK 0..15\n  AGENT helper OK 4..12\n    LLM chat_completion OK 7..9\n";
    assert_eq!(outline(&last(&tracer)), tree);
    let helper = span(&last(&tracer), "helper").clone();
    assert!(text(&helper.inputs).contains("one?") && text(&helper.outputs).contains("one!"));
}

#[test]
fn a_parent_that_is_gone_means_a_trace_of_its_own_and_is_counted() {
    let mut tracer = in_memory();
    let first = start(&mut tracer, chat(None), 0);
    emit(&mut tracer, chat_end(first), 1);
    let running = start(&mut tracer, chat(None), 2);
    let late = start(&mut tracer, tool_call(Some(first), "late"), 3);
    emit(&mut tracer, tool_call_end(late, "x"), 4);
    assert_eq!(outline(&last(&tracer)), "TOOL late OK 3..4\n");
    assert_eq!(tracer.stats().orphans, 1);
    emit(&mut tracer, chat_end(running), 5);
    assert_eq!(outline(&last(&tracer)), "CHAIN initiate_chat OK 2..5\n");
}

#[test]
fn a_parent_that_has_ended_in_a_running_trace_is_still_the_parent() {
    let mut tracer = in_memory();
    let root = start(&mut tracer, chat(None), 0);
    let tool = start(&mut tracer, tool_call(Some(root), "spawn"), 1);
    emit(&mut tracer, tool_call_end(tool, "x"), 2);
    let after = start(&mut tracer, AgentEvent::ChatStarted { parent: Some(tool), inputs: json("{}") }, 3);
    emit(&mut tracer, chat_end(after), 4);
    emit(&mut tracer, chat_end(root), 5);
    let tree = "CHAIN initiate_chat OK 0..5\n  TOOL spawn OK 1..2\n    CHAIN initiate_chat OK 3..4\n";
    assert_eq!(outline(&last(&tracer)), tree);
}
