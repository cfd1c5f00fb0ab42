//! Spans that are larger than a request may be: their largest values are cut, and everything else arrives.

mod common;

use std::collections::HashSet;

use common::*;
use mlflow_ag2::ag2::AgentEvent;
use mlflow_ag2::export::Limits;
use mlflow_ag2::mlflow::otlp::cut::cut_body;
use mlflow_ag2::mlflow::{Request, RequestKind};
use mlflow_ag2::trace::{AttributeKey, SpanKind, Value};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::trace::v1::Span;
use proptest::prelude::*;
use prost::Message;

const CUT: &str = "mlflow_ag2.cut_bytes";

fn spans_of(body: &[u8]) -> Vec<Span> {
    let body = ExportTraceServiceRequest::decode(body).expect("OTLP");
    let scopes = body.resource_spans.into_iter().flat_map(|resource| resource.scope_spans);
    scopes.flat_map(|scope| scope.spans).collect()
}

fn attribute_of<'a>(span: &'a Span, key: &str) -> Option<&'a Any> {
    let mut attributes = span.attributes.iter();
    attributes.find(|pair| pair.key == key)?.value.as_ref()?.value.as_ref()
}

fn text_of<'a>(span: &'a Span, key: &str) -> &'a str {
    match attribute_of(span, key) {
        Some(Any::StringValue(text)) => text,
        other => panic!("{key} is no text: {other:?}"),
    }
}

fn json_of(span: &Span, key: &str) -> serde_json::Value {
    serde_json::from_str(text_of(span, key)).expect("JSON")
}

/// Answers until nothing is due; a request of more than `most_bytes` with 413. Gives the spans that were stored, and
/// the number of requests.
fn deliver(tracer: &mut TestTracer, most_bytes: usize) -> (Vec<Span>, usize) {
    tracer.flush_now();
    let (mut stored, mut requests) = (Vec::new(), 0);
    while let Some(request) = due_request(tracer, 1_000_000) {
        requests += 1;
        assert!(requests < 1_000, "it never ends");
        let is_large = request.body.len() > most_bytes;
        if request.kind == RequestKind::Spans && !is_large {
            stored.extend(spans_of(&request.body));
        }
        let answer = if is_large { status(413) } else { success(request.kind) };
        tracer.on_response(request.id, answer, at(1_000_000));
        assert_balanced(&tracer.stats());
    }
    (stored, requests)
}

/// A chat about an image of so many bytes, which is in the history of each of its model calls.
fn chat_about_image(tracer: &mut TestTracer, bytes: usize) {
    let url = format!("data:image/png;base64,{}", "iVBORw0K".repeat(bytes / 8));
    let image = format!(r#"{{"type":"image_url","image_url":{{"url":"{url}"}}}}"#);
    let question = r#"{"type":"text","text":"What is it?"}"#;
    let image = format!(r#"[{{"role":"user","content":[{question},{image}]}}]"#);
    let inputs = json(&format!(r#"{{"messages":{image}}}"#));
    let root = start(tracer, AgentEvent::ChatStarted { parent: None, inputs: inputs.clone() }, 0);
    for turn in ["A cat.", "Black.", "Two."] {
        let made = start(tracer, reply(root, "assistant"), 1);
        let call = AgentEvent::ModelCallStarted {
            parent: Some(made),
            source: Some("assistant".into()),
            model: Some("gpt-4o-mini".into()),
            tools: None,
            inputs: inputs.clone(),
        };
        let call = start(tracer, call, 2);
        emit(tracer, model_call_end(call, 900, 5), 3);
        emit(tracer, reply_end(made, Some(turn)), 4);
        emit(tracer, message(made, "assistant", turn), 5);
    }
    emit(tracer, chat_end(root), 6);
}

#[test]
fn a_span_above_the_largest_request_is_cut_before_it_is_sent_and_says_so() {
    let mut tracer = with_server();
    chat_about_image(&mut tracer, 6_000_000);
    let (stored, requests) = deliver(&mut tracer, 1_000_000);
    assert_eq!((stored.len(), tracer.stats().delivered, tracer.stats().dropped.total()), (7, 7, 0));
    assert_eq!(requests, 8, "none is sent in vain: a question, then each large span alone");
    let root = stored.iter().find(|span| span.parent_span_id.is_empty()).expect("the root");
    let inputs = json_of(root, "mlflow.spanInputs");
    let content = &inputs["messages"][0]["content"];
    assert_eq!(content[0]["text"], "What is it?");
    let url = content[1]["image_url"]["url"].as_str().expect("the rest of the image");
    assert!(url.starts_with("data:image/png;base64,iVBORw0K"), "{}", &url[..40]);
    assert!(url.ends_with(" bytes cut]"), "{}", &url[url.len() - 40..]);
    assert!(url.len() > 500_000, "no more is cut than has to be: {}", url.len());
    let counted: usize = url.rsplit(['[', ' ']).nth(2).and_then(|count| count.parse().ok()).expect("a count");
    assert_eq!(attribute_of(root, CUT), Some(&Any::IntValue(counted as i64)));
    let with_tokens = stored.iter().filter(|span| attribute_of(span, "mlflow.chat.tokenUsage").is_some());
    assert_eq!(with_tokens.count(), 3);
    let small = stored.iter().find(|span| span.name == "assistant").expect("a reply");
    assert_eq!(attribute_of(small, CUT), None, "what is small is left alone");
    let notices = tracer.take_notices();
    assert_eq!(notices[0].code, "too_large");
    assert!(notices[0].message.contains("raise `maxBatchBytes`"), "{}", notices[0].message);
}

#[test]
fn what_a_proxy_refuses_is_cut_until_it_accepts_it_siblings_and_root_arrive() {
    for most_bytes in [300_000, 20_000, 3_000] {
        let mut tracer = with_server();
        chat_about_image(&mut tracer, 900_000);
        let (stored, requests) = deliver(&mut tracer, most_bytes);
        assert_eq!((stored.len(), tracer.stats().dropped.total()), (7, 0), "{most_bytes}");
        assert!(requests < 80, "{requests} requests");
        assert!(stored.iter().any(|span| span.parent_span_id.is_empty()));
        let calls: Vec<_> = stored.iter().filter(|span| span.name == "chat_completion").collect();
        assert_eq!(calls.len(), 3);
        for call in calls {
            json_of(call, "mlflow.chat.tokenUsage");
            json_of(call, "mlflow.spanInputs");
            assert!(matches!(attribute_of(call, CUT), Some(Any::IntValue(cut)) if *cut > 500_000));
        }
    }
}

#[test]
fn a_server_that_refuses_every_size_is_not_asked_for_ever() {
    let mut tracer = with_server();
    chat_about_image(&mut tracer, 100_000);
    let (stored, requests) = deliver(&mut tracer, 0);
    // The questions what the server can do have no body.
    assert_eq!((stored.len(), tracer.stats().dropped.too_large), (0, 7));
    assert!(requests < 120, "{requests} requests");
}

fn span_with(tracer: &mut TestTracer, inputs: Value, outputs: Value) -> Span {
    let event =
        AgentEvent::SpanStarted { parent: None, name: "work".into(), kind: SpanKind::Custom, type_name: None, inputs };
    let key = start(tracer, event, 0);
    let note = AgentEvent::SpanUpdated {
        span: key,
        update: mlflow_ag2::ag2::SpanUpdate::Attribute(AttributeKey::Named("note".into()), "kept".into()),
    };
    emit(tracer, note, 0);
    emit(tracer, AgentEvent::SpanEnded { span: key, outputs: Some(outputs) }, 1);
    let (mut stored, _) = deliver(tracer, 10_000);
    assert_eq!(stored.len(), 1);
    stored.pop().expect("the span")
}

fn small_requests() -> TestTracer {
    let mut tracer = with_server();
    tracer.set_limits(Limits { batch_bytes: 10_000, ..Limits::default() });
    tracer
}

#[test]
fn a_value_of_many_small_parts_is_taken_out_whole_and_the_others_stay() {
    let numbers = format!("[{}]", vec!["0.123456789"; 100_000].join(","));
    let span = span_with(&mut small_requests(), json(r#"{"question":"what"}"#), json(&numbers));
    assert_eq!(json_of(&span, "mlflow.spanInputs")["question"], "what");
    assert_eq!(text_of(&span, "mlflow.spanOutputs"), format!("… [{} bytes cut]", numbers.len()));
    assert_eq!(text_of(&span, "note"), "kept");
}

#[test]
fn texts_are_cut_between_characters() {
    for (inputs, is_json) in [
        ("ü€😀".repeat(20_000), false),
        ("\"".repeat(50_000), false),
        (format!("{{ no JSON {}", "x".repeat(50_000)), false),
        (format!(r#"{{"text":"{}"}}"#, r"\n\u00e9\\".repeat(20_000)), true),
        (format!(r#"{{"text":"{}"}}"#, "😀\\\"".repeat(20_000)), true),
        (format!(r#"[{}"end"]"#, format!("\"{}\",", "a".repeat(1_800)).repeat(15)), true),
    ] {
        let value = if is_json { json(&inputs) } else { Value::from(&*inputs) };
        let span = span_with(&mut small_requests(), value, "x".into());
        let text = text_of(&span, "mlflow.spanInputs");
        assert!(text.contains(" bytes cut]"), "{text}");
        if is_json {
            assert!(serde_json::from_str::<serde_json::Value>(text).is_ok(), "{text}");
        }
    }
}

#[test]
fn errors_and_events_are_cut_too() {
    let mut tracer = small_requests();
    let call = start(&mut tracer, tool_call(None, "tool"), 0);
    emit(&mut tracer, failure(call, "Error", &"long ".repeat(10_000)), 1);
    let (stored, _) = deliver(&mut tracer, 10_000);
    let message = &stored[0].status.as_ref().expect("a status").message;
    assert!(message.starts_with("long ") && message.ends_with(" bytes cut]"), "{message}");
    assert_eq!(stored[0].events.len(), 1);
}

#[test]
fn a_trace_that_travels_as_a_file_is_cut_as_well() {
    let mut tracer = with_server();
    chat_about_image(&mut tracer, 600_000);
    tracer.flush_now();
    let mut stored: Option<Request> = None;
    let mut requests = 0;
    while let Some(request) = due_request(&mut tracer, 1_000_000) {
        requests += 1;
        assert!(requests < 100, "it never ends");
        let answer = match request.kind {
            RequestKind::Probe => server_info("FileStore"),
            RequestKind::Artifact if request.body.len() > 1_000_000 => status(413),
            kind => success(kind),
        };
        tracer.on_response(request.id, answer, at(1_000_000));
        assert_balanced(&tracer.stats());
        if request.kind == RequestKind::Artifact {
            stored = Some(request);
        }
    }
    assert_eq!((tracer.stats().delivered, tracer.stats().dropped.total()), (7, 0));
    let file: serde_json::Value = serde_json::from_slice(&stored.expect("a file").body).expect("JSON");
    let spans = file["spans"].as_array().expect("spans");
    assert_eq!(spans.len(), 7);
    let ids: HashSet<_> = spans.iter().map(|span| span["span_id"].as_str()).collect();
    assert_eq!(ids.len(), 7);
    let counted = spans.iter().filter(|span| span["attributes"].get("mlflow.chat.tokenUsage").is_some());
    assert_eq!(counted.count(), 3);
    assert!(spans.iter().any(|span| span["attributes"].get(CUT).is_some()));
    assert!(spans.iter().any(|span| span["attributes"].get(CUT).is_none()), "small spans are left alone");
}

#[test]
fn each_refusal_halves_what_a_span_may_need() {
    let mut tracer = with_server();
    let call = start(&mut tracer, tool_call(None, "tool"), 0);
    emit(&mut tracer, tool_call_end(call, &"x".repeat(40_000)), 0);
    let mut sizes = Vec::new();
    run_to_end(&mut tracer, |request, _| {
        if request.kind == RequestKind::Spans {
            sizes.push(request.body.len());
        }
        if request.body.len() > 4_000 { status(413) } else { success(request.kind) }
    });
    assert_eq!((tracer.stats().delivered, sizes.len()), (1, 4), "{sizes:?}");
    for pair in sizes.windows(2) {
        assert!(pair[1] <= pair[0] / 2 && pair[1] > pair[0] / 3, "{sizes:?}");
    }
}

/// A tracer whose trace has a small span, which was delivered before, and a root with a value of 40,000 bytes.
fn with_large_root() -> TestTracer {
    let mut tracer = with_server();
    let root = start(&mut tracer, chat(None), 0);
    let call = start(&mut tracer, tool_call(Some(root), "early"), 0);
    emit(&mut tracer, tool_call_end(call, "x"), 0);
    tracer.flush_now();
    exchange(&mut tracer, 200, 0);
    let outputs = "x".repeat(40_000).as_str().into();
    emit(&mut tracer, AgentEvent::ChatEnded { chat: root, outputs }, 1);
    tracer
}

#[test]
fn of_a_trace_that_is_cut_the_spans_that_were_delivered_are_not_sent_again() {
    let (stored, requests) = deliver(&mut with_large_root(), 10_000);
    assert_eq!((stored.len(), requests), (1, 3));
    assert!(attribute_of(&stored[0], CUT).is_some());
}

#[test]
fn a_file_that_is_cut_still_has_all_spans_of_its_trace() {
    let mut tracer = with_large_root();
    let mut files: Vec<Vec<u8>> = Vec::new();
    run_to_end(&mut tracer, |request, _| match request.kind {
        RequestKind::Spans => status(404),
        RequestKind::Artifact => {
            files.push(request.body.clone());
            if request.body.len() > 10_000 { status(413) } else { status(200) }
        }
        kind => success(kind),
    });
    assert_eq!((tracer.stats().delivered, files.len()), (2, 3));
    for file in files {
        let file: serde_json::Value = serde_json::from_slice(&file).expect("JSON");
        assert_eq!(file["spans"].as_array().map(Vec::len), Some(2));
    }
}

#[test]
fn what_a_previous_session_left_is_cut_too() {
    let mut earlier = with_server();
    earlier.set_limits(Limits { batch_bytes: usize::MAX, ..Limits::default() });
    chat_about_image(&mut earlier, 400_000);
    let mut tracer = with_server();
    loop {
        let records = earlier.take_unpersisted();
        if records.is_empty() {
            break;
        }
        for record in records {
            assert!(tracer.restore(&record.bytes).is_some());
        }
    }
    let (stored, _) = deliver(&mut tracer, 50_000);
    assert_eq!((stored.len(), tracer.stats().delivered, tracer.stats().dropped.total()), (7, 7, 0));
    assert!(stored.iter().any(|span| span.parent_span_id.is_empty() && attribute_of(span, CUT).is_some()));
}

proptest! {
    #[test]
    fn whatever_a_span_holds_what_is_left_is_whole_and_small_enough(
        texts in prop::collection::vec(("[a-z]{0,8}", "\\PC{0,400}", 0_usize..60), 1..6),
        most_bytes in 4_000_usize..20_000,
    ) {
        let mut tracer = with_server();
        let members: serde_json::Map<_, _> = texts
            .iter()
            .map(|(key, text, times)| (key.clone(), serde_json::Value::from(text.repeat(*times))))
            .collect();
        let inputs = serde_json::Value::from(members).to_string();
        let event = AgentEvent::SpanStarted {
            parent: None,
            name: "work".into(),
            kind: SpanKind::Custom,
            type_name: None,
            inputs: json(&inputs),
        };
        let key = start(&mut tracer, event, 0);
        emit(&mut tracer, AgentEvent::SpanEnded { span: key, outputs: Some(texts[0].1.as_str().into()) }, 1);
        let body = next(&mut tracer, 2_000).body;
        let cut = cut_body(&body, most_bytes);
        if body.len() > most_bytes + most_bytes / 15 {
            let cut = cut.expect("something to cut");
            prop_assert!(cut.len() <= most_bytes, "{} of {} bytes, at most {most_bytes}", cut.len(), body.len());
            let span = &spans_of(&cut)[0];
            prop_assert!(attribute_of(span, CUT).is_some());
            json_of(span, "mlflow.spanInputs");
        }
    }
}
