//! The previews of a trace, as people read them.

mod common;

use common::*;
use mlflow_ag2::ag2::{AgentEvent, SpanUpdate};
use mlflow_ag2::trace::SpanKind;

/// A chat with these inputs and outputs.
fn chat_of(tracer: &mut TestTracer, inputs: &str, outputs: &str) {
    let chat = start(tracer, AgentEvent::ChatStarted { parent: None, inputs: json(inputs) }, 0);
    emit(tracer, AgentEvent::ChatEnded { chat, outputs: json(outputs) }, 5);
}

const QUESTION: &str = r#"{"recipient":"a","message":"How deep is the \"sea\"?","kwargs":{}}"#;
const ANSWER: &str =
    r#"{"chat_id":1,"chat_history":[{"content":"q"},{"content":"a"}],"summary":"Deep.\nVery.","cost":{}}"#;

/// The previews that memory shows.
fn shown(inputs: &str, outputs: &str) -> [Option<String>; 2] {
    let mut tracer = in_memory();
    chat_of(&mut tracer, inputs, outputs);
    last(&tracer).previews().map(|preview| preview.map(|text| text.to_string()))
}

#[test]
fn a_chat_is_shown_by_its_opening_message_and_its_summary() {
    let [request, response] = shown(QUESTION, ANSWER);
    assert_eq!(request.as_deref(), Some("How deep is the \"sea\"?"));
    assert_eq!(response.as_deref(), Some("Deep.\nVery."));
}

#[test]
fn messages_of_every_form_are_shown_as_people_read_them() {
    let history = |first: &str, newest: &str, summary: &str| {
        format!(r#"{{"chat_history":[{first},{{"content":"between"}},{newest}],"summary":{summary}}}"#)
    };
    let spoken = r#"{"content":"spoken","role":"user"}"#;
    for (message, request) in [
        (r#""plain""#, Some("plain")),
        (r#"{"role":"user","content":"content"}"#, Some("content")),
        (
            r#"{"content":[{"type":"text","text":"one"},{"type":"image_url","image_url":{"url":"data:,"}},"two"]}"#,
            Some("one\ntwo"),
        ),
        (r#"{"content":{"text":"deep"}}"#, Some("deep")),
        // What a function or a person has made is in the history.
        ("null", Some("spoken")),
        (r#""<function message>""#, Some("spoken")),
        (r#""  ""#, Some("spoken")),
        (r#""\u00e9\ud800\t\\\/\b\f\r\n""#, Some("é\u{fffd}\t\\/\u{8}\u{c}\r\n")),
        (r#""a \"message\": \"b\", [{""#, Some("a \"message\": \"b\", [{")),
        ("[[[[[[\"too deep\"]]]]]]", Some("spoken")),
        ("17", Some("spoken")),
    ] {
        let inputs = format!(r#"{{"summary_args":{{"message":"another"}},"message":{message},"kwargs":{{}}}}"#);
        assert_eq!(shown(&inputs, &history(spoken, spoken, "null"))[0].as_deref(), request, "{message}");
    }
    for (newest, summary, response) in [
        ("{}", r#""short""#, Some("short")),
        ("{}", r#"{"content":"of a model"}"#, Some("of a model")),
        (spoken, r#""""#, Some("spoken")),
        (spoken, "null", Some("spoken")),
        (r#"{"content":null,"tool_calls":[{"function":{"name":"f"}}]}"#, r#""""#, None),
    ] {
        assert_eq!(shown(QUESTION, &history("{}", newest, summary))[1].as_deref(), response, "{newest} {summary}");
    }
}

#[test]
fn several_chats_and_replies_have_previews_and_other_work_has_none() {
    let of = |kind: Option<SpanKind>, inputs: &str, outputs: &str| {
        let mut tracer = in_memory();
        let event = match kind {
            None => AgentEvent::ReplyStarted { parent: None, agent: "solo".into() },
            Some(kind) => AgentEvent::SpanStarted {
                parent: None,
                name: "work".into(),
                kind,
                type_name: None,
                inputs: json(inputs),
            },
        };
        let key = start(&mut tracer, event, 0);
        let update = SpanUpdate::Inputs(json(inputs));
        emit(&mut tracer, AgentEvent::SpanUpdated { span: key, update }, 0);
        let end = match kind {
            None => AgentEvent::ReplyEnded { reply: key, outputs: Some(json(outputs)) },
            Some(_) => AgentEvent::SpanEnded { span: key, outputs: Some(json(outputs)) },
        };
        emit(&mut tracer, end, 1);
        let id = tracer.last_trace_id();
        let open = tracer.recent_trace_ids().next();
        let id = id.or(open).expect("a trace");
        tracer.trace(&id).expect("in memory").previews().map(|preview| preview.map(|text| text.to_string()))
    };
    let queue = r#"{"chat_queue":[{"sender":"u","message":"one"},{"sender":"u","message":"two"}]}"#;
    let summaries = r#"[{"recipient":"a","summary":"first"},{"recipient":"b","summary":"second"}]"#;
    let both = |request: &str, response: &str| [Some(request.to_owned()), Some(response.to_owned())];
    assert_eq!(of(Some(SpanKind::Chats), queue, summaries), both("one", "second"));
    assert_eq!(of(Some(SpanKind::Custom), QUESTION, ANSWER), [None, None], "the server reads it");
    assert_eq!(of(Some(SpanKind::Tool), QUESTION, ANSWER), [None, None]);
}

#[test]
fn a_reply_by_itself_is_shown_by_the_newest_message_and_the_answer() {
    let mut tracer = in_memory();
    let key = start(&mut tracer, AgentEvent::ReplyStarted { parent: None, agent: "solo".into() }, 0);
    let inputs = json(r#"{"messages":[{"role":"user","content":"q1"},{"role":"user","content":"q2"}]}"#);
    emit(&mut tracer, AgentEvent::SpanUpdated { span: key, update: SpanUpdate::Inputs(inputs) }, 0);
    let outputs = json(r#"{"message":{"content":"a"},"sender":"solo","valid":true}"#);
    emit(&mut tracer, AgentEvent::ReplyEnded { reply: key, outputs: Some(outputs) }, 1);
    let [request, response] = last(&tracer).previews();
    assert_eq!((request.as_deref(), response.as_deref()), (Some("q2"), Some("a")));
}

#[test]
fn a_preview_is_cut_as_mlflow_cuts_it() {
    let inputs = |count: usize| format!(r#"{{"message":"{}"}}"#, "ä".repeat(count));
    assert_eq!(shown(&inputs(1000), "{}")[0], Some("ä".repeat(1000)));
    assert_eq!(shown(&inputs(1001), "{}")[0], Some("ä".repeat(997) + "..."));
}

#[test]
fn what_is_no_json_of_a_chat_is_left_to_the_server() {
    for odd in ["{}", "[]", "{", "[", r#"{"message""#, r#"{"message":"#, r#"{"message":"unended"#, "{\"message\"}"] {
        let [request, response] = shown(odd, odd);
        assert!(request.is_none_or(|text| text == "unende") && response.is_none_or(|text| text == "unende"), "{odd}");
    }
}
