//! What has not arrived when the program ends can be kept as bytes and sent by the next one.

mod common;

use common::*;
use mlflow_ag2::ag2::{AgentEvent, SpanUpdate};
use mlflow_ag2::export::Limits;
use mlflow_ag2::export::PersistRecord;
use mlflow_ag2::mlflow::{ExperimentRef, Request, RequestKind};
use mlflow_ag2::trace::TraceUpdate;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use proptest::prelude::*;
use prost::Message;

fn span_ids(request: &Request) -> Vec<Vec<u8>> {
    let body = ExportTraceServiceRequest::decode(request.body.as_slice()).expect("OTLP");
    let mut ids = Vec::new();
    for resource in body.resource_spans {
        for scope in resource.scope_spans {
            ids.extend(scope.spans.into_iter().map(|span| span.span_id));
        }
    }
    ids
}

fn numbers(unsaved: &[PersistRecord]) -> Vec<u32> {
    unsaved.iter().map(|unsaved| unsaved.id).collect()
}

/// A finished chat of one span with more content than spans can carry.
fn with_properties(tracer: &mut TestTracer) {
    let root = start(tracer, chat(None), 0);
    let update = SpanUpdate::Trace(TraceUpdate::ClientRequestId("r-9".into()));
    emit(tracer, AgentEvent::SpanUpdated { span: root, update }, 1);
    emit(tracer, chat_end(root), 2);
}

fn found(tracer: &mut TestTracer, id: &str) {
    tracer.set_experiment(ExperimentRef::Id(id.into()));
    let search = next(tracer, 0);
    tracer.on_response(search.id, common::found(id, None), at(0));
}

#[test]
fn the_next_life_sends_the_same_spans() {
    let mut before = with_server();
    trace_of(&mut before, 3, 0);
    trace_of(&mut before, 2, 0);
    let records = before.take_unpersisted();
    assert_eq!(records.iter().map(|records| records.spans).collect::<Vec<_>>(), [3, 2]);
    let sent = exchange(&mut before, 200, 1_000);

    let mut after = with_server();
    for records in &records {
        assert!(after.restore(&records.bytes).is_some());
    }
    let stats = after.stats();
    assert_eq!((stats.started, stats.restored, stats.buffered), (5, 5, 5));
    assert_balanced(&stats);
    let again = exchange(&mut after, 200, 0);
    assert_eq!(span_ids(&again), span_ids(&sent));
    assert_eq!(after.stats().delivered, 5);
    assert_balanced(&after.stats());
}

#[test]
fn a_record_that_holds_something_else_than_its_spans_is_none() {
    let mut before = with_server();
    trace_of(&mut before, 2, 0);
    let good = before.take_unpersisted().remove(0).bytes;
    assert!(TestTracer::is_record(&good));
    let mut wrongs = vec![Vec::new(), b"p1".to_vec(), [&good[..], b"x"].concat()];
    // Version, flags, the trace's id, the number of spans, and somewhere in the spans.
    for place in [0, 1, 5, 18] {
        let mut wrong = good.clone();
        wrong[place] = if place == 18 { 1 } else { wrong[place] ^ 0x80 };
        wrongs.push(wrong);
    }
    let mut body = good.clone();
    let tail = body.len() - 40;
    body[30..tail].fill(b'{');
    wrongs.push(body);
    for wrong in wrongs {
        assert!(!TestTracer::is_record(&wrong));
        let mut after = with_server();
        assert!(after.restore(&wrong).is_none());
        assert_eq!(after.stats().dropped.unreadable, 1);
        assert_balanced(&after.stats());
    }
}

#[test]
fn each_chunk_is_handed_out_once_and_finished_once() {
    let mut tracer = with_server();
    trace_of(&mut tracer, 1, 0);
    let flying = next(&mut tracer, 1_000);
    trace_of(&mut tracer, 1, 1_000);
    let records = numbers(&tracer.take_unpersisted());
    assert_eq!(records.len(), 2, "what flies may not arrive");
    assert!(tracer.take_unpersisted().is_empty());
    assert!(tracer.take_finished_ids().is_empty());
    tracer.on_response(flying.id, status(200), at(1_100));
    let finished_ids = tracer.take_finished_ids();
    assert_eq!(finished_ids.len(), 1);
    assert!(tracer.take_finished_ids().is_empty());
    let refused = exchange(&mut tracer, 400, 3_000);
    assert!(!span_ids(&refused).is_empty());
    let lost = tracer.take_finished_ids();
    assert_eq!(lost.len(), 1, "what is lost for good need not be kept");
    assert!(finished_ids != lost && records.contains(&finished_ids[0]) && records.contains(&lost[0]));
}

#[test]
fn what_would_hold_up_a_page_is_handed_out_in_pieces() {
    const MEGABYTE: usize = 1 << 20;
    let mut before = with_server();
    let root = start(&mut before, chat(None), 0);
    let long = format!("\"{}\"", "a".repeat(MEGABYTE / 3));
    for at in 0..12 {
        let call = start(&mut before, tool_call(Some(root), "search"), at);
        emit(&mut before, tool_call_end(call, &long), at + 1);
    }
    emit(&mut before, chat_end(root), 20);
    let mut records = Vec::new();
    loop {
        let some = before.take_unpersisted();
        let bytes: usize = some.iter().map(|records| records.bytes.len()).sum();
        assert!(bytes <= 2 * MEGABYTE, "{bytes} bytes at once");
        if some.is_empty() {
            break;
        }
        records.extend(some);
    }
    assert!(records.len() > 2, "{} pieces", records.len());
    assert_eq!(records.iter().map(|records| records.spans).sum::<usize>(), 13);
    let mut after = with_server();
    let mut ids = Vec::new();
    for records in &records {
        assert!(after.restore(&records.bytes).is_some());
    }
    let mut now = 1_000;
    while after.stats().buffered > 0 {
        ids.extend(span_ids(&exchange(&mut after, 200, now)));
        now += 10_000;
    }
    assert_eq!((ids.len(), after.stats().delivered), (13, 13));
    while before.stats().buffered > 0 {
        exchange(&mut before, 200, now);
        now += 10_000;
    }
    let mut finished = before.take_finished_ids();
    finished.sort_unstable();
    assert_eq!(finished, numbers(&records));
    assert_balanced(&before.stats());
}

#[test]
fn what_failed_or_found_no_room_stays_stored_for_the_next_start() {
    let mut tracer = with_server();
    trace_of(&mut tracer, 1, 0);
    let unlucky = tracer.take_unpersisted().remove(0);
    let id = tracer.last_trace_id().expect("a trace");
    let mut now = 1_000;
    while tracer.stats().dropped.retries_exhausted == 0 {
        // Others go through, so it is not the server.
        trace_of(&mut tracer, 1, now);
        now += 60_000;
        while let Some(request) = due_request(&mut tracer, now) {
            let has_it = request.body.windows(16).any(|bytes| bytes == id.as_bytes());
            let answer = if has_it { status(500) } else { success(request.kind) };
            tracer.on_response(request.id, answer, at(now));
        }
    }
    assert!(tracer.take_finished_ids().is_empty());
    tracer.set_limits(Limits { buffer_spans: 1, ..Limits::default() });
    trace_of(&mut tracer, 2, now);
    assert_eq!(tracer.stats().dropped.buffer_full, 2);
    assert!(tracer.take_finished_ids().is_empty());
    let mut after = with_server();
    assert!(after.restore(&unlucky.bytes).is_some());
    exchange(&mut after, 200, now);
    assert_eq!(after.stats().delivered, 1);
}

#[test]
fn a_chunk_that_was_split_is_finished_with_its_last_piece() {
    let mut tracer = with_server();
    trace_of(&mut tracer, 3, 0);
    let records = numbers(&tracer.take_unpersisted());
    let requests = tracer.unload_requests(60_000, at(1));
    assert_eq!(requests.len(), 2, "the root, and the rest");
    tracer.on_response(requests[0].id, status(200), at(2));
    assert!(tracer.take_finished_ids().is_empty());
    tracer.on_response(requests[1].id, status(200), at(2));
    assert_eq!(tracer.take_finished_ids(), records);
}

#[test]
fn spans_go_to_the_experiment_they_were_made_for() {
    let mut before = with_server();
    found(&mut before, "7");
    trace_of(&mut before, 1, 0);
    let records = before.take_unpersisted().remove(0);
    assert_eq!(records.server, SERVER);
    let mut after = with_server();
    assert!(after.restore(&records.bytes).is_some());
    trace_of(&mut after, 1, 0);
    let request = next(&mut after, 1_000);
    assert_eq!(experiment_of(&request), Some("7"));
    assert_eq!(span_ids(&request).len(), 1);
}

fn experiment_of(request: &Request) -> Option<&str> {
    let header = request.headers.iter().find(|(name, _)| *name == "x-mlflow-experiment-id");
    header.map(|(_, id)| id.as_str())
}

#[test]
fn spans_of_an_experiment_whose_id_was_not_known_go_to_that_of_its_name() {
    let mut before = with_server();
    before.set_experiment(ExperimentRef::Name("one".into()));
    trace_of(&mut before, 1, 0);
    let record = before.take_unpersisted().remove(0);
    let mut after = with_server();
    after.set_experiment(ExperimentRef::Name("two".into()));
    assert!(after.restore(&record.bytes).is_some());
    let mut places = Vec::new();
    while let Some(request) = due_request(&mut after, 1_000) {
        let response = match request.kind {
            RequestKind::Experiment if request.url.ends_with("=one") => common::found("1", Some("one")),
            RequestKind::Experiment => common::found("2", Some("two")),
            kind => success(kind),
        };
        places.extend((request.kind == RequestKind::Spans).then(|| experiment_of(&request).map(str::to_owned)));
        after.on_response(request.id, response, at(1_000));
    }
    assert_eq!(places, [Some("1".to_owned())]);
}

#[test]
fn parts_of_a_trace_that_name_their_experiment_differently_are_restored_to_one_file() {
    let mut before = with_server();
    before.set_experiment(ExperimentRef::Name("one".into()));
    let root = start(&mut before, chat(None), 0);
    let call = start(&mut before, tool_call(Some(root), "early"), 0);
    emit(&mut before, tool_call_end(call, "x"), 1);
    let search = due_request(&mut before, 6_000).expect("the search for the experiment");
    let by_name = before.take_unpersisted().remove(0);
    before.on_response(search.id, common::found("1", Some("one")), at(6_000));
    emit(&mut before, chat_end(root), 7_000);
    let by_id = before.take_unpersisted().remove(0);
    let mut after = with_server();
    for record in [&by_name, &by_id] {
        assert!(after.restore(&record.bytes).is_some());
    }
    let mut files = 0;
    let mut waits = false;
    for millis in [1_000, 100_000] {
        while let Some(request) = due_request(&mut after, millis) {
            let response = match request.kind {
                RequestKind::Probe => server_info("FileStore"),
                // It is not found at once.
                RequestKind::Experiment if !std::mem::replace(&mut waits, true) => status(503),
                RequestKind::Experiment => common::found("1", Some("one")),
                kind => success(kind),
            };
            files += u32::from(request.kind == RequestKind::Artifact);
            after.on_response(request.id, response, at(millis));
            assert_balanced(&after.stats());
        }
    }
    assert_eq!((after.stats().delivered, files), (2, 1));
}

#[test]
fn spans_of_another_server_go_to_no_server_but_that_one() {
    let mut before = with_server();
    found(&mut before, "7");
    trace_of(&mut before, 2, 0);
    let record = before.take_unpersisted().remove(0);
    for now in ["http://other.test", "memory:"] {
        let mut after = in_memory();
        after.set_tracking_uri(now).expect("an address");
        assert!(after.restore(&record.bytes).is_none(), "its server is not set");
        assert_eq!((after.stats().dropped.unreadable, after.stats().buffered), (1, 0));

        // What waits for a server keeps it known after another one is set.
        let mut after = with_server();
        trace_of(&mut after, 1, 0);
        after.set_tracking_uri(now).expect("an address");
        assert!(after.restore(&record.bytes).is_some());
        while let Some(request) = due_request(&mut after, 5_000) {
            assert_eq!(&*request.tracking_uri, SERVER);
            let response = success(request.kind);
            after.on_response(request.id, response, at(5_000));
        }
        assert_eq!((after.stats().delivered, after.stats().in_memory), (3, 0));
    }
}

#[test]
fn what_spans_cannot_carry_is_persisted_with_them() {
    let mut before = with_server();
    with_properties(&mut before);
    let with_spans = before.take_unpersisted().remove(0);
    let mut before = with_server();
    with_properties(&mut before);
    exchange(&mut before, 200, 5_000);
    let without_spans = before.take_unpersisted().remove(0);

    let mut bodies = Vec::new();
    for records in [with_spans, without_spans] {
        let mut after = with_server();
        assert!(after.restore(&records.bytes).is_some());
        let mut request = next(&mut after, 0);
        if request.kind == RequestKind::Spans {
            after.on_response(request.id, status(200), at(0));
            request = next(&mut after, 0);
        }
        assert_eq!(request.kind, RequestKind::TraceInfo);
        after.on_response(request.id, success(request.kind), at(0));
        assert_eq!((after.stats().delivered, after.stats().buffered), (1, 0));
        bodies.push(String::from_utf8(request.body).expect("JSON"));
    }
    assert!(bodies[0].contains(r#""client_request_id":"r-9""#));
    assert_eq!(bodies[0], bodies[1]);
}

#[test]
fn what_was_restored_stays_stored_until_it_is_delivered() {
    let mut before = with_server();
    trace_of(&mut before, 2, 0);
    let record = before.take_unpersisted().remove(0);
    let mut after = with_server();
    trace_of(&mut after, 1, 0);
    let id = after.restore(&record.bytes).expect("a record");
    let others = numbers(&after.take_unpersisted());
    assert!(others.len() == 1 && !others.contains(&id), "it is stored already");
    assert!(after.take_finished_ids().is_empty());
    while after.stats().buffered > 0 {
        exchange(&mut after, 200, 5_000);
    }
    let mut finished = after.take_finished_ids();
    finished.sort_unstable();
    let mut all = [&others[..], &[id]].concat();
    all.sort_unstable();
    assert_eq!(finished, all);
}

#[test]
fn what_cannot_be_read_is_counted_and_harms_nothing() {
    let mut before = with_server();
    trace_of(&mut before, 1, 0);
    let mut bytes = before.take_unpersisted().remove(0).bytes;
    let mut tracer = with_server();
    for end in 0..bytes.len() {
        assert!(tracer.restore(&bytes[..end]).is_none(), "{end}");
    }
    bytes[0] += 1;
    assert!(tracer.restore(&bytes).is_none(), "another version");
    let stats = tracer.stats();
    assert_eq!(stats.dropped.unreadable, bytes.len() as u64 + 1);
    assert_eq!(tracer.next_due(), None);
    assert_balanced(&stats);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_or_refused(
        mut bytes in prop::collection::vec(any::<u8>(), 0..200),
        looks_right in any::<bool>(),
    ) {
        if let Some(first) = bytes.first_mut().filter(|_| looks_right) {
            *first = 2;
        }
        let mut tracer = with_server();
        tracer.restore(&bytes);
        while tracer.stats().buffered > 0 {
            exchange(&mut tracer, 200, 1_000);
        }
        assert_balanced(&tracer.stats());
    }
}

#[test]
fn a_record_stays_stored_if_a_piece_of_it_found_no_room() {
    let mut tracer = with_server();
    trace_of(&mut tracer, 3, 0);
    tracer.take_unpersisted();
    // The root, and the rest, which waits for room after the failure.
    let requests = tracer.unload_requests(60_000, at(1));
    tracer.on_response(requests[1].id, status(503), at(2));
    tracer.set_limits(Limits { buffer_spans: 1, ..Limits::default() });
    assert_eq!(tracer.stats().dropped.buffer_full, 2);
    tracer.on_response(requests[0].id, status(200), at(3));
    assert_eq!(tracer.stats().delivered, 1);
    assert!(tracer.take_finished_ids().is_empty());
}
