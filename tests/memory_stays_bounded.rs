//! Neither a server that is away nor a chat that never ends may eat the page.

mod common;

use std::rc::Rc;

use common::*;
use mlflow_ag2::ag2::open_traces::OPEN_SPANS;
use mlflow_ag2::ag2::{AgentEvent, SpanUpdate};
use mlflow_ag2::export::{Limits, RECENT_BYTES, RECENT_TRACES};
use mlflow_ag2::trace::{History, Json, JsonWriter, Span, SpanKind, TraceChunk, TraceId, TraceUpdate, Value};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span as OtlpSpan;
use prost::Message;

fn trace_with(tracer: &mut TestTracer, bytes: usize, millis: u64) -> TraceId {
    let call = start(tracer, tool_call(None, "tool"), millis);
    emit(tracer, tool_call_end(call, &"x".repeat(bytes)), millis);
    tracer.last_trace_id().expect("it has ended")
}

#[test]
fn the_oldest_whole_traces_give_way_when_too_many_spans_wait() {
    let mut tracer = with_server();
    let room = Limits::default().buffer_spans;
    let traces = room / 500 + 2;
    for _ in 0..traces {
        trace_of(&mut tracer, 500, 0);
    }
    let stats = tracer.stats();
    assert_eq!((stats.buffered as usize, stats.dropped.buffer_full), (room, 1_000));
    assert_balanced(&stats);
    assert_eq!(tracer.take_notices()[0].code, "buffer_full");
}

#[test]
fn the_oldest_whole_traces_give_way_when_too_many_bytes_wait() {
    let mut tracer = with_server();
    for _ in 0..5 {
        trace_with(&mut tracer, Limits::default().buffer_bytes / 4, 0);
    }
    let stats = tracer.stats();
    assert_eq!((stats.buffered, stats.dropped.buffer_full), (3, 2));
    assert_balanced(&stats);
}

#[test]
fn spans_of_chats_in_progress_outlast_finished_ones_when_too_much_waits() {
    let mut tracer = with_server();
    tracer.set_limits(Limits { buffer_spans: 10, ..Limits::default() });
    let running = start(&mut tracer, chat(None), 0);
    let call = start(&mut tracer, tool_call(Some(running), "tool"), 0);
    emit(&mut tracer, tool_call_end(call, "x"), 0);
    // It moves to where finished spans wait, before those of the traces that come.
    let refused = next(&mut tracer, 5_000);
    tracer.on_response(refused.id, status(401), at(5_000));
    for _ in 0..3 {
        trace_of(&mut tracer, 5, 6_000);
    }
    let stats = tracer.stats();
    assert_eq!((stats.dropped.buffer_full, stats.buffered), (10, 6));
    tracer.configuration_changed();
    emit(&mut tracer, chat_end(running), 7_000);
    while tracer.stats().buffered > 0 {
        exchange(&mut tracer, 200, 10_000);
    }
    assert_eq!(tracer.stats().delivered, 7, "the chat is whole");
    assert_balanced(&tracer.stats());
}

#[test]
fn of_a_trace_that_is_given_up_all_parts_that_wait_are_dropped() {
    let mut tracer = with_server();
    tracer.set_limits(Limits { buffer_spans: 4, ..Limits::default() });
    let long = start(&mut tracer, chat(None), 0);
    let call = start(&mut tracer, tool_call(Some(long), "tool"), 0);
    emit(&mut tracer, tool_call_end(call, "x"), 0);
    tracer.flush_now();
    emit(&mut tracer, chat_end(long), 1);
    trace_of(&mut tracer, 3, 2);
    let stats = tracer.stats();
    assert_eq!((stats.dropped.buffer_full, stats.buffered), (2, 3));
    assert_balanced(&stats);
}

#[test]
fn a_batch_holds_whole_traces_up_to_its_size() {
    let mut tracer = with_server();
    for spans in [300, 300, 1_500, 10] {
        trace_of(&mut tracer, spans, 0);
    }
    let sizes = std::array::from_fn::<u64, 4, _>(|_| {
        let before = tracer.stats().delivered;
        exchange(&mut tracer, 200, 1_000);
        tracer.stats().delivered - before
    });
    assert_eq!(sizes, [300, 300, 1_500, 10]);
    // The third is larger than a batch and travels alone.
    assert!(Limits::default().batch_spans < 1_500);

    for _ in 0..3 {
        trace_with(&mut tracer, 400_000, 2_000);
    }
    exchange(&mut tracer, 200, 3_000);
    assert_eq!(tracer.stats().buffered, 1);
}

#[test]
fn the_newest_traces_can_be_read_after_delivery() {
    let mut tracer = with_server();
    let ids: Vec<TraceId> = (0..RECENT_TRACES + 5).map(|_| trace_with(&mut tracer, 10, 0)).collect();
    while tracer.stats().buffered > 0 {
        exchange(&mut tracer, 200, 1_000);
    }
    assert!(ids[..5].iter().all(|id| tracer.trace(id).is_none()));
    assert!(ids[5..].iter().all(|id| tracer.trace(id).is_some()));
}

#[test]
fn a_trace_larger_than_all_memory_for_reading_can_still_be_read() {
    let mut tracer = in_memory();
    let small = trace_with(&mut tracer, 10, 0);
    let large = trace_with(&mut tracer, 20 << 20, 1);
    assert!(tracer.trace(&small).is_none());
    assert!(tracer.trace(&large).is_some());
    assert_eq!(tracer.stats().in_memory, 2, "what memory forgets stays counted");
}

#[test]
fn of_finished_traces_sixteen_megabytes_can_be_read_and_the_oldest_gives_way_to_more() {
    let mut tracer = in_memory();
    let value: Rc<str> = "x".repeat(RECENT_BYTES / 4).into();
    let mut trace = |bytes: usize| {
        let outputs = Value::from(&value[..bytes]);
        let call = start(&mut tracer, tool_call(None, "tool"), 0);
        emit(&mut tracer, AgentEvent::ToolCallEnded { call, outputs }, 1);
        let view = last(&tracer);
        let held = view.spans().map(Span::memory_bytes).sum::<usize>();
        (view.id(), held, tracer.recent_trace_ids().collect::<Vec<_>>())
    };
    let (_, overhead, _) = trace(0);
    let quarter = RECENT_BYTES / 4 - overhead;
    let ids = [(); 3].map(|()| trace(quarter).0);
    let (id, _, held) = trace(quarter - overhead);
    assert_eq!(held.len(), 5, "all of it");
    let (newer, _, held) = trace(0);
    assert_eq!(held, [newer, id, ids[2], ids[1], ids[0]]);
    let (newest, _, held) = trace(1);
    assert_eq!(held, [newest, newer, id, ids[2], ids[1]]);
    assert_eq!(trace(1).2.len(), 6, "there is room again");
}

#[test]
fn what_waits_can_be_read_even_if_it_is_not_recent() {
    let mut tracer = with_server();
    let ids: Vec<TraceId> = (0..RECENT_TRACES + 5).map(|_| trace_with(&mut tracer, 10, 0)).collect();
    let request = next(&mut tracer, 1_000);
    assert!(ids.iter().all(|id| tracer.trace(id).is_some()), "also on its way");
    tracer.on_response(request.id, status(503), at(1_000));
    assert!(ids.iter().all(|id| tracer.trace(id).is_some()));
}

#[test]
fn chats_that_never_end_give_way_oldest_first() {
    let mut tracer = with_server();
    let forgotten = start(&mut tracer, chat(None), 0);
    start(&mut tracer, tool_call(Some(forgotten), "tool"), 0);
    let sent = start(&mut tracer, tool_call(Some(forgotten), "tool"), 0);
    emit(&mut tracer, tool_call_end(sent, "x"), 0);
    tracer.flush_now();
    let next = start(&mut tracer, chat(None), 1);
    let running = start(&mut tracer, chat(None), 1);
    for _ in 0..OPEN_SPANS - 5 {
        let call = start(&mut tracer, tool_call(Some(running), "tool"), 1);
        emit(&mut tracer, tool_call_end(call, "x"), 1);
    }
    assert_eq!(tracer.stats().dropped.open_full, 0, "there is room for exactly so many");
    start(&mut tracer, tool_call(Some(running), "tool"), 1);
    let stats = tracer.stats();
    assert_eq!((stats.dropped.open_full, stats.open as usize, stats.buffered), (2, OPEN_SPANS - 2, 1));
    assert_balanced(&stats);
    assert!(tracer.on_event(chat_end(forgotten), at(2)).is_err());
    // The first one begins the chat, and each further one is a span.
    for sender in ["one", "two", "three", "four"] {
        emit(&mut tracer, message(running, sender, "hello"), 2);
    }
    let stats = tracer.stats();
    assert_eq!((stats.dropped.open_full, stats.open as usize), (3, OPEN_SPANS), "the losses add up");
    assert_balanced(&stats);
    assert_eq!(tracer.delivered_and_dropped(), (0, 3));
    assert!(tracer.on_event(chat_end(next), at(3)).is_err());
    emit(&mut tracer, chat_end(running), 3);
}

/// A chat of so many turns, in which every model call takes in the whole history; messages of 1,000 bytes.
fn long_chat(tracer: &mut TestTracer, turns: usize) {
    let span = |parent, inputs| AgentEvent::SpanStarted {
        parent,
        name: rc("turn"),
        kind: SpanKind::Custom,
        type_name: None,
        inputs,
    };
    let root = start(tracer, span(None, Value::Null), 0);
    let session = SpanUpdate::Trace(TraceUpdate::SessionId(rc("mine")));
    let update = AgentEvent::SpanUpdated { span: root, update: session };
    emit(tracer, update, 0);
    let message = Rc::from(format!("{{\"content\":\"{}\"}}", "x".repeat(986)));
    let mut history = None;
    for _ in 0..turns {
        history = Some(History::append(history, Rc::clone(&message)));
        let inputs = JsonWriter::new().messages(history.clone().unwrap()).finish();
        let turn = start(tracer, span(Some(root), Value::Json(inputs)), 1);
        let ended = AgentEvent::SpanEnded { span: turn, outputs: None };
        emit(tracer, ended, 2);
    }
    let ended = AgentEvent::SpanEnded { span: root, outputs: None };
    emit(tracer, ended, 3);
}

#[test]
fn a_history_that_all_spans_share_takes_room_once() {
    let mut tracer = with_server();
    // 125 MB as they would travel, which would be four times too much.
    long_chat(&mut tracer, 500);
    let stats = tracer.stats();
    assert_eq!((stats.buffered, stats.dropped.buffer_full), (501, 0));

    tracer.set_limits(Limits { buffer_bytes: 500_000, ..Limits::default() });
    let stats = tracer.stats();
    assert_eq!((stats.buffered, stats.dropped.buffer_full), (0, 501));
    assert_balanced(&stats);
}

#[test]
fn a_trace_larger_than_a_request_travels_in_several_and_its_root_last() {
    let mut tracer = with_server();
    long_chat(&mut tracer, 100);
    let limit = Limits::default().batch_bytes;
    let mut requests = 0;
    while tracer.stats().buffered > 0 {
        let request = next(&mut tracer, 2_000);
        assert!(request.body.len() <= limit + limit / 10);
        let sent = ExportTraceServiceRequest::decode(&*request.body).expect("OTLP");
        let spans = &sent.resource_spans[0].scope_spans[0].spans;
        let session = |span: &OtlpSpan| span.attributes.iter().any(|pair| pair.key == "session.id");
        assert!(session(&spans[0]), "whatever arrives first names the session");
        tracer.on_response(request.id, status(200), at(2_000));
        requests += 1;
        let root = spans.iter().any(|span| span.parent_span_id.is_empty());
        assert_eq!(root, tracer.stats().buffered == 0, "with the root a trace is done");
    }
    assert!(requests >= 5, "{requests} requests for 5 MB");
    assert_eq!(tracer.stats().delivered, 101);
    assert_balanced(&tracer.stats());
}

#[test]
fn the_first_part_of_a_trace_has_what_fits_at_least_one_span_and_the_root_only_if_it_is_alone() {
    let mut tracer = in_memory();
    let root = start(&mut tracer, tool_call(None, "tool"), 0);
    for _ in 0..3 {
        let call = start(&mut tracer, tool_call(Some(root), "tool"), 1);
        emit(&mut tracer, tool_call_end(call, ""), 1);
    }
    emit(&mut tracer, tool_call_end(root, ""), 2);
    let view = last(&tracer);
    let spans: Vec<_> = view.spans().map(|span| (Rc::new(span.clone()), None)).collect();
    let bytes = spans[1].0.approximate_bytes();
    let first_bytes = |range: std::ops::Range<usize>, bytes: usize| {
        TraceChunk::partial(view.id(), spans[range].to_vec(), None, None).first_bytes(bytes)
    };
    assert_eq!(first_bytes(0..4, 3 * bytes), [false, true, true, true]);
    assert_eq!(first_bytes(0..4, 3 * bytes - 1), [false, true, true, false]);
    assert_eq!(first_bytes(0..4, bytes), [false, true, false, false]);
    assert_eq!(first_bytes(0..4, 0), [false, true, false, false]);
    assert_eq!(first_bytes(0..1, 0), [true]);
    assert_eq!(first_bytes(1..4, 0), [true, false, false]);
    assert_eq!(first_bytes(1..2, 0), [true]);
}

#[test]
fn a_part_of_a_trace_that_does_not_arrive_is_sent_again_before_the_rest() {
    let mut tracer = with_server();
    long_chat(&mut tracer, 100);
    let first = next(&mut tracer, 1_000);
    tracer.on_response(first.id, status(503), at(1_000));
    let again = next(&mut tracer, 100_000);
    assert_eq!(again.body, first.body);
    tracer.on_response(again.id, status(200), at(100_000));
    while tracer.stats().buffered > 0 {
        exchange(&mut tracer, 200, 100_000);
    }
    assert_eq!(tracer.stats().delivered, 101);
}

/// A tracer with an open span for each value, the oldest first, within this limit of memory.
fn with_open_values(open_bytes: usize, values: usize, bytes: usize) -> (TestTracer, TraceId) {
    let mut tracer = with_server();
    tracer.set_limits(Limits { open_bytes, ..Limits::default() });
    let root = start(&mut tracer, chat(None), 0);
    let trace = tracer.span_context(root).expect("it is open").0;
    for number in 0..values {
        let inputs = format!("{number:05}{}", "x".repeat(bytes)).as_str().into();
        let name = "work".into();
        let kind = SpanKind::Custom;
        start(&mut tracer, AgentEvent::SpanStarted { parent: Some(root), name, kind, type_name: None, inputs }, 1);
    }
    (tracer, trace)
}

fn inputs_of(tracer: &TestTracer, trace: &TraceId) -> Vec<String> {
    let view = tracer.trace(trace).expect("it is open");
    view.spans()
        .skip(1)
        .map(|span| match &span.inputs {
            Value::Text(text) => text.to_string(),
            other => panic!("no text: {other:?}"),
        })
        .collect()
}

#[test]
fn the_values_of_the_oldest_open_spans_are_cut_when_traces_in_progress_need_too_much_memory() {
    let (tracer, trace) = with_open_values(10_000_000, 200, 100_000);
    let inputs = inputs_of(&tracer, &trace);
    let whole = inputs.iter().filter(|text| text.len() == 100_005).count();
    let cut = inputs.iter().take_while(|text| text.ends_with("… (truncated, 100005 bytes)")).count();
    assert_eq!(cut + whole, 200, "the oldest are cut, the newest are whole");
    assert!((60..100).contains(&whole), "{whole} of 100 kB each are whole within 10 MB");
    assert!(inputs[0].starts_with("00000xxx") && inputs[0].len() < 400, "the beginning is kept");
    assert_eq!(tracer.stats().truncated, cut as u64);
    assert_eq!(tracer.stats().open, 201, "no span is lost");
    assert_balanced(&tracer.stats());
}

#[test]
fn the_memory_of_traces_in_progress_does_not_grow_with_their_values() {
    let held = |values: usize| {
        let (tracer, trace) = with_open_values(1_000_000, values, 50_000);
        let texts = inputs_of(&tracer, &trace);
        texts.iter().filter(|text| text.len() > 1_000).map(String::len).sum::<usize>()
    };
    assert!(held(100) <= 1_000_000 && held(1_000) <= 1_000_000);
}

#[test]
fn a_message_that_was_answered_is_released_with_the_values_that_are_cut() {
    let mut tracer = with_server();
    tracer.set_limits(Limits { open_bytes: 1_000_000, ..Limits::default() });
    let root = start(&mut tracer, chat(None), 0);
    let text: Rc<str> = format!(r#"{{"content":"{}"}}"#, "x".repeat(100_000)).into();
    emit(
        &mut tracer,
        AgentEvent::MessageReceived {
            scope: Some(root),
            sender: "user".into(),
            message: Value::Json(Json::from_text(text.clone())),
            valid: true,
        },
        1,
    );
    for turn in 0..40 {
        let answer = start(&mut tracer, reply(root, "assistant"), turn);
        emit(&mut tracer, message(answer, "assistant", &"y".repeat(100_000)), turn);
        emit(&mut tracer, reply_end(answer, None), turn);
    }
    assert_eq!(Rc::strong_count(&text), 1, "nothing holds the first message any more");
}
