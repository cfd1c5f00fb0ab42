//! The search for the span that the server dislikes: everything else arrives.

mod common;

use std::collections::HashSet;

use common::*;
use mlflow_ag2::mlflow::{Answer, AnswerBody, Request};
use mlflow_ag2::recorder::Settled;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;
use proptest::prelude::*;
use prost::Message;

fn spans(request: &Request) -> Vec<Span> {
    let body = ExportTraceServiceRequest::decode(request.body.as_slice()).expect("OTLP");
    let scopes = body.resource_spans.into_iter();
    let scopes = scopes.flat_map(|resource| resource.scope_spans);
    scopes.flat_map(|scope| scope.spans).collect()
}

/// Plays a server that stores nothing of a request in which `dislikes` is true of any span; gives the
/// spans it stored and the number of requests.
fn play(
    recorder: &mut TestRecorder,
    status_of_refusal: u16,
    dislikes: impl Fn(&Request, &Span) -> bool,
) -> (Vec<Span>, usize) {
    recorder.flush_now();
    let (mut stored, mut requests) = (Vec::new(), 0);
    while recorder.next_due().is_some() {
        let request = next(recorder, 1_000_000);
        requests += 1;
        let sent = spans(&request);
        let refused = sent.iter().any(|span| dislikes(&request, span));
        let answer = if refused { status_of_refusal } else { 200 };
        recorder.settle(request.id, status(answer), at(1_000_000));
        if !refused {
            stored.extend(sent);
        }
        assert_balanced(&recorder.stats());
        assert!(requests < 10_000, "it never ends");
    }
    (stored, requests)
}

#[test]
fn one_guilty_span_is_dropped_and_its_siblings_and_children_arrive() {
    let mut recorder = with_server();
    for _ in 0..20 {
        trace_of(&mut recorder, 10, 0);
    }
    let root = start(&mut recorder, chat(None), 0);
    let guilty = start(&mut recorder, reply(root, "guilty"), 0);
    let child = start(&mut recorder, model_call(Some(guilty)), 0);
    tell(&mut recorder, model_call_end(child, 1, 1), 0);
    tell(&mut recorder, reply_end(guilty, Some("x")), 0);
    tell(&mut recorder, message(guilty, "guilty", "x"), 0);
    tell(&mut recorder, chat_end(root), 0);
    let (stored, requests) = play(&mut recorder, 400, |_, span| span.name == "guilty");
    let stats = recorder.stats();
    assert_eq!((stats.delivered, stats.dropped.refused), (202, 1));
    assert!(requests <= 20, "{requests} requests");
    let ids: HashSet<_> = stored.iter().map(|span| &span.span_id).collect();
    assert_eq!(ids.len(), 202, "each once");
    let child = stored.iter().find(|span| span.name == "chat_completion");
    let parent = &child.expect("the child").parent_span_id;
    assert!(!parent.is_empty() && !ids.contains(parent));
    let told: Vec<_> = recorder.take_notices();
    assert_eq!(
        told.iter().map(|told| told.code).collect::<Vec<_>>(),
        ["refused"]
    );
}

#[test]
fn a_server_that_refuses_everything_is_not_asked_for_every_span() {
    let mut recorder = with_server();
    for _ in 0..10 {
        trace_of(&mut recorder, 50, 0);
    }
    let (stored, requests) = play(&mut recorder, 422, |_, _| true);
    assert_eq!((stored.len(), recorder.stats().dropped.refused), (0, 500));
    assert!(requests < 60, "{requests} requests");
}

#[test]
fn what_is_too_large_arrives_in_parts_and_a_span_too_large_alone_is_told() {
    let mut recorder = with_server();
    for _ in 0..8 {
        trace_of(&mut recorder, 40, 0);
    }
    let call = start(&mut recorder, tool_call(None, &"long".repeat(5_000)), 0);
    tell(&mut recorder, tool_call_end(call, "x"), 0);
    let limit = 10_000;
    let (stored, _) = play(&mut recorder, 413, |request, _| request.body.len() > limit);
    let stats = recorder.stats();
    assert_eq!((stored.len(), stats.dropped.too_large), (320, 1));
    let told = recorder.take_notices();
    assert_eq!(told[0].code, "too_large");
    assert!(
        told[0].message.contains("allow larger requests"),
        "{}",
        told[0].message
    );
    // What was learned holds: the next batch is cut before it is sent.
    for _ in 0..8 {
        trace_of(&mut recorder, 3, 0);
    }
    let (_, requests) = play(&mut recorder, 413, |request, _| request.body.len() > limit);
    assert_eq!(recorder.stats().delivered, 344);
    assert!(requests <= 6, "{requests} requests");
}

#[test]
fn what_an_earlier_life_left_is_halved_too() {
    let mut earlier = with_server();
    trace_of(&mut earlier, 9, 0);
    let saved = earlier.unsaved();
    let mut recorder = with_server();
    assert!(recorder.restore(&saved[0].bytes));
    let number = recorder.unsaved()[0].number;
    let bad = std::cell::RefCell::new(None);
    let (stored, _) = play(&mut recorder, 400, |_, span| {
        if span.parent_span_id.is_empty() {
            return false;
        }
        // Any but the root; always the same one.
        *bad.borrow_mut().get_or_insert_with(|| span.span_id.clone()) == span.span_id
    });
    let stats = recorder.stats();
    assert_eq!(
        (stored.len(), stats.delivered, stats.dropped.refused),
        (8, 8, 1)
    );
    assert_eq!(
        recorder.take_settled(),
        [number],
        "once both halves are settled"
    );
}

#[test]
fn what_the_endpoint_drops_of_its_own_is_counted() {
    let mut recorder = in_memory();
    recorder
        .set_otlp_endpoint("http://collector.test:4318/v1/traces")
        .expect("an address");
    trace_of(&mut recorder, 5, 0);
    let request = next(&mut recorder, 2_000);
    assert_eq!(request.url, "http://collector.test:4318/v1/traces");
    let names: Vec<_> = request.headers.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["content-type"], "nothing of MLflow's");
    let body = AnswerBody {
        rejected_spans: 2,
        message: Some("too old".to_owned()),
        ..AnswerBody::default()
    };
    let answer = Answer {
        body,
        ..status(200)
    };
    let settled = recorder.settle(request.id, answer, at(2_000));
    assert_eq!(settled, Settled::Refused { reason: "refused" });
    let stats = recorder.stats();
    assert_eq!((stats.delivered, stats.dropped.refused), (3, 2));
    assert_balanced(&stats);
    let told = stats.last_error.expect("an error");
    assert!(told.message.contains("too old"), "{}", told.message);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_is_disliked_the_rest_arrives_once(
        sizes in prop::collection::vec(1_usize..30, 1..12),
        guilty in prop::collection::vec(any::<prop::sample::Index>(), 0..4),
    ) {
        let mut recorder = with_server();
        for size in &sizes {
            trace_of(&mut recorder, *size, 0);
        }
        let total: usize = sizes.iter().sum();
        // Ids of the disliked, found in a first batch that nobody takes.
        let mut ids = Vec::new();
        recorder.flush_now();
        let first = next(&mut recorder, 1_000);
        for span in spans(&first) {
            ids.push(span.span_id);
        }
        recorder.settle(first.id, status(503), at(1_000));
        let bad: HashSet<Vec<u8>> = guilty.iter().map(|index| index.get(&ids).clone()).collect();
        let (stored, _) = play(&mut recorder, 400, |_, span| bad.contains(&span.span_id));
        prop_assert_eq!(stored.len(), total - bad.len());
        let stats = recorder.stats();
        prop_assert_eq!(stats.dropped.refused, bad.len() as u64);
    }
}
