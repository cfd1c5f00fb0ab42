//! The search for the span that the server dislikes: everything else arrives.

mod common;

use std::collections::HashSet;

use common::*;
use mlflow_ag2::mlflow::{JsonFields, Request, Response, ResponseBody};
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
    tracer: &mut TestTracer,
    status_of_refusal: u16,
    dislikes: impl Fn(&Request, &Span) -> bool,
) -> (Vec<Span>, usize) {
    tracer.flush_now();
    let (mut stored, mut requests) = (Vec::new(), 0);
    while tracer.next_due().is_some() {
        let request = next(tracer, 1_000_000);
        requests += 1;
        let sent = spans(&request);
        let refused = sent.iter().any(|span| dislikes(&request, span));
        let answer = if refused { status_of_refusal } else { 200 };
        tracer.on_response(request.id, status(answer), at(1_000_000));
        if !refused {
            stored.extend(sent);
        }
        assert_balanced(&tracer.stats());
        assert!(requests < 10_000, "it never ends");
    }
    (stored, requests)
}

#[test]
fn one_rejected_span_is_dropped_and_its_siblings_and_children_arrive() {
    let mut tracer = with_server();
    for _ in 0..20 {
        trace_of(&mut tracer, 10, 0);
    }
    let root = start(&mut tracer, chat(None), 0);
    let rejected = start(&mut tracer, reply(root, "rejected"), 0);
    let child = start(&mut tracer, model_call(Some(rejected)), 0);
    emit(&mut tracer, model_call_end(child, 1, 1), 0);
    emit(&mut tracer, reply_end(rejected, Some("x")), 0);
    emit(&mut tracer, message(rejected, "rejected", "x"), 0);
    emit(&mut tracer, chat_end(root), 0);
    let (stored, requests) = play(&mut tracer, 400, |_, span| span.name == "rejected");
    let stats = tracer.stats();
    assert_eq!((stats.delivered, stats.dropped.refused), (202, 1));
    assert!(requests <= 20, "{requests} requests");
    let ids: HashSet<_> = stored.iter().map(|span| &span.span_id).collect();
    assert_eq!(ids.len(), 202, "each once");
    let child = stored.iter().find(|span| span.name == "chat_completion");
    let parent = &child.expect("the child").parent_span_id;
    assert!(!parent.is_empty() && !ids.contains(parent));
    let notices: Vec<_> = tracer.take_notices();
    assert_eq!(notices.iter().map(|notices| notices.code).collect::<Vec<_>>(), ["refused"]);
}

#[test]
fn a_server_that_refuses_everything_is_not_asked_for_every_span() {
    let mut tracer = with_server();
    for _ in 0..10 {
        trace_of(&mut tracer, 50, 0);
    }
    let (stored, requests) = play(&mut tracer, 422, |_, _| true);
    assert_eq!((stored.len(), tracer.stats().dropped.refused), (0, 500));
    assert!(requests < 60, "{requests} requests");
}

#[test]
fn what_is_too_large_arrives_in_parts_and_a_span_too_large_alone_is_cut_and_reported() {
    let mut tracer = with_server();
    for _ in 0..8 {
        trace_of(&mut tracer, 40, 0);
    }
    let call = start(&mut tracer, tool_call(None, &"long".repeat(5_000)), 0);
    emit(&mut tracer, tool_call_end(call, "x"), 0);
    let limit = 10_000;
    let (stored, _) = play(&mut tracer, 413, |request, _| request.body.len() > limit);
    let stats = tracer.stats();
    assert_eq!((stored.len(), stats.delivered, stats.dropped.too_large), (321, 321, 0));
    let notices = tracer.take_notices();
    assert_eq!(notices[0].code, "too_large");
    assert!(notices[0].message.contains("allow larger requests"), "{}", notices[0].message);
    // What was learned holds: the next batch is cut before it is sent.
    for _ in 0..8 {
        trace_of(&mut tracer, 3, 0);
    }
    let (_, requests) = play(&mut tracer, 413, |request, _| request.body.len() > limit);
    assert_eq!(tracer.stats().delivered, 345);
    assert!(requests <= 6, "{requests} requests");
}

#[test]
fn what_a_previous_session_left_is_bisected_too() {
    let mut earlier = with_server();
    trace_of(&mut earlier, 9, 0);
    let records = earlier.take_unpersisted();
    let mut tracer = with_server();
    let number = tracer.restore(&records[0].bytes).expect("a record");
    let bad = std::cell::RefCell::new(None);
    let (stored, _) = play(&mut tracer, 400, |_, span| {
        if span.parent_span_id.is_empty() {
            return false;
        }
        // Any but the root; always the same one.
        *bad.borrow_mut().get_or_insert_with(|| span.span_id.clone()) == span.span_id
    });
    let stats = tracer.stats();
    assert_eq!((stored.len(), stats.delivered, stats.dropped.refused), (8, 8, 1));
    assert_eq!(tracer.take_finished_ids(), [number], "once both halves are settled");
}

#[test]
fn what_the_endpoint_drops_of_its_own_is_counted() {
    let mut tracer = in_memory();
    tracer.set_otlp_endpoint("http://collector.test:4318/v1/traces").expect("an address");
    trace_of(&mut tracer, 5, 0);
    let request = next(&mut tracer, 2_000);
    assert_eq!(request.url, "http://collector.test:4318/v1/traces");
    let names: Vec<_> = request.headers.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["content-type"], "nothing of MLflow's");
    let fields = JsonFields {
        rejected_spans: Some(2),
        message: Some("too old".to_owned()),
        is_otlp: true,
        ..JsonFields::default()
    };
    tracer.on_response(request.id, json_response(200, fields), at(2_000));
    let stats = tracer.stats();
    assert_eq!((stats.delivered, stats.dropped.refused), (3, 2));
    assert_balanced(&stats);
    let notices = stats.last_error.expect("an error").notice;
    assert!(notices.message.contains("too old"), "{}", notices.message);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_is_disliked_the_rest_arrives_once(
        sizes in prop::collection::vec(1_usize..30, 1..12),
        rejected in prop::collection::vec(any::<prop::sample::Index>(), 0..4),
    ) {
        let mut tracer = with_server();
        for size in &sizes {
            trace_of(&mut tracer, *size, 0);
        }
        let total: usize = sizes.iter().sum();
        // Ids of the rejected spans, found in a first batch that is not accepted.
        let mut ids = Vec::new();
        tracer.flush_now();
        let first = next(&mut tracer, 1_000);
        for span in spans(&first) {
            ids.push(span.span_id);
        }
        tracer.on_response(first.id, status(503), at(1_000));
        let bad: HashSet<Vec<u8>> = rejected.iter().map(|index| index.get(&ids).clone()).collect();
        let (stored, _) = play(&mut tracer, 400, |_, span| bad.contains(&span.span_id));
        prop_assert_eq!(stored.len(), total - bad.len());
        let stats = tracer.stats();
        prop_assert_eq!(stats.dropped.refused, bad.len() as u64);
    }
}

#[test]
fn after_a_batch_that_was_too_large_batches_have_half_its_size() {
    let mut tracer = with_server();
    let four_traces = |tracer: &mut TestTracer| {
        for _ in 0..4 {
            trace_of(tracer, 10, 0);
        }
        tracer.flush_now();
    };
    four_traces(&mut tracer);
    exchange(&mut tracer, 413, 0);
    while tracer.stats().buffered > 0 {
        exchange(&mut tracer, 200, 0);
    }
    four_traces(&mut tracer);
    let sizes: Vec<_> = (0..2).map(|_| spans(&exchange(&mut tracer, 200, 0)).len()).collect();
    assert_eq!(sizes, [20, 20]);
}

#[test]
fn only_the_first_half_of_a_restored_trace_has_its_root() {
    let mut earlier = with_server();
    trace_of(&mut earlier, 4, 0);
    let record = earlier.take_unpersisted().remove(0);
    let mut tracer = with_server();
    assert!(tracer.restore(&record.bytes).is_some());
    exchange(&mut tracer, 400, 0);
    // Roots go first, so a half that says it has one would go with it.
    let requests = tracer.unload_requests(60_000, at(1));
    let names: Vec<Vec<String>> =
        requests.iter().map(|request| spans(request).into_iter().map(|span| span.name).collect()).collect();
    assert_eq!(names, [["initiate_chat", "tool"], ["tool", "tool"]]);
}

#[test]
fn a_record_that_has_fewer_spans_than_it_says_is_counted_as_it_says() {
    let mut earlier = with_server();
    trace_of(&mut earlier, 2, 0);
    let mut bytes = earlier.take_unpersisted().remove(0).bytes;
    // Version, flags and the trace's id stand before the number of spans.
    bytes[18..22].copy_from_slice(&9_u32.to_le_bytes());
    let mut tracer = with_server();
    assert!(tracer.restore(&bytes).is_some());
    let (_, requests) = play(&mut tracer, 400, |_, _| true);
    let stats = tracer.stats();
    assert_eq!((stats.started, stats.dropped.refused), (9, 9));
    assert!(requests < 10);
}

#[test]
fn what_an_endpoint_drops_is_read_in_protobuf_too() {
    // `partial_success { rejected_spans, error_message: "old" }`: a number below 0 says nothing.
    let body = |rejected: &[u8]| {
        let message = [&[8], rejected, &[18, 3], &b"old"[..]].concat();
        [&[10, message.len() as u8], message.as_slice()].concat()
    };
    let below_zero = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1];
    for (rejected, expected) in [(&[2][..], 2), (&[99], 5), (&[0], 0), (&below_zero, 0)] {
        let mut tracer = with_server();
        trace_of(&mut tracer, 5, 0);
        let request = next(&mut tracer, 2_000);
        let response = Response { body: ResponseBody::Protobuf(body(rejected)), ..status(200) };
        tracer.on_response(request.id, response, at(2_000));
        let stats = tracer.stats();
        let found = (stats.delivered, stats.dropped.refused);
        assert_eq!(found, (5 - expected, expected));
        let notices = stats.last_error.is_some_and(|error| error.notice.message.contains(": old;"));
        assert_eq!(notices, expected > 0);
    }
}
