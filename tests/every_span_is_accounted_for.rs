//! Whatever is reported in whatever order, nothing panics and `started = delivered + in_memory + buffered + open
//! + dropped`.

mod common;

use common::*;
use mlflow_ag2::ag2::{AgentEvent, SpanUpdate};
use mlflow_ag2::export::{Limits, NextRequest, PersistRecord, TraceState};
use mlflow_ag2::mlflow::{ExperimentRef, JsonFields, Request, RequestId, RequestKind};
use mlflow_ag2::trace::{Host, IdSource, MonotonicNanos, SpanKey, TraceId, TraceUpdate, UnixNanos};
use proptest::prelude::*;

/// One step of a random session. Keys are picked among those handed out, and some that were not.
#[derive(Clone, Debug)]
enum Step {
    Chat(u8),
    Reply(u8),
    Model(u8),
    Tool(u8),
    Message(u8, bool),
    ChatEnd(u8),
    ReplyEnd(u8, bool),
    ModelEnd(u8),
    ToolEnd(u8),
    Fail(u8),
    CloseOpen,
    Flush,
    Send,
    Answer(u16, bool),
    Experiment(u8),
    Uri(u8),
    Workspace(bool),
    Clock(i32),
    Emit(u8),
    Changed,
    Abandon,
    ShutDown,
    Wait(u32),
    Closing(u16),
    Limits(u8),
    Unsaved,
    Restore(u8),
}

fn step() -> impl Strategy<Value = Step> {
    let statuses = prop::sample::select(vec![0, 200, 200, 200, 400, 401, 404, 413, 422, 429, 500, 501, 503]);
    prop_oneof![
        4 => any::<u8>().prop_map(Step::Chat),
        6 => any::<u8>().prop_map(Step::Reply),
        4 => any::<u8>().prop_map(Step::Model),
        4 => any::<u8>().prop_map(Step::Tool),
        6 => any::<(u8, bool)>().prop_map(|(key, scoped)| Step::Message(key, scoped)),
        4 => any::<u8>().prop_map(Step::ChatEnd),
        6 => any::<(u8, bool)>().prop_map(|(key, made)| Step::ReplyEnd(key, made)),
        4 => any::<u8>().prop_map(Step::ModelEnd),
        4 => any::<u8>().prop_map(Step::ToolEnd),
        3 => any::<u8>().prop_map(Step::Fail),
        1 => Just(Step::CloseOpen),
        2 => Just(Step::Flush),
        6 => Just(Step::Send),
        6 => (statuses, any::<bool>()).prop_map(|(status, known)| Step::Answer(status, known)),
        1 => any::<u8>().prop_map(Step::Experiment),
        2 => any::<u8>().prop_map(Step::Uri),
        1 => any::<bool>().prop_map(Step::Workspace),
        1 => any::<i32>().prop_map(Step::Clock),
        2 => any::<u8>().prop_map(Step::Emit),
        1 => Just(Step::Changed),
        1 => Just(Step::Abandon),
        1 => Just(Step::ShutDown),
        2 => (0_u32..4_000_000).prop_map(Step::Wait),
        1 => any::<u16>().prop_map(Step::Closing),
        1 => any::<u8>().prop_map(Step::Limits),
        1 => Just(Step::Unsaved),
        1 => any::<u8>().prop_map(Step::Restore),
    ]
}

/// Plays a life, checking the books after every step.
struct Life {
    tracer: TestTracer,
    keys: Vec<SpanKey>,
    under_way: Vec<(RequestId, RequestKind)>,
    now: u64,
    /// What was handed out to be persisted, and the numbers that need not be any longer.
    records: Vec<PersistRecord>,
    finished: Vec<u32>,
}

impl Life {
    fn key(&self, pick: u8) -> SpanKey {
        let some = self.keys.len().checked_sub(1).map(|newest| self.keys[newest - usize::from(pick) % (newest + 1)]);
        some.filter(|_| pick != 255).unwrap_or(SpanKey::new(1_000_000).expect("not 0"))
    }

    fn parent(&self, pick: u8) -> Option<SpanKey> {
        (!pick.is_multiple_of(5)).then(|| self.key(pick))
    }

    fn sent(&mut self, request: &Request) {
        let server = &*request.tracking_uri;
        assert!(request.url.starts_with(server), "{} of {server}", request.url);
        self.under_way.push((request.id, request.kind));
    }

    fn record(&mut self, event: AgentEvent) {
        if let Ok(Some(key)) = self.tracer.on_event(event, at(self.now)) {
            self.keys.push(key);
        }
    }

    fn play(&mut self, step: &Step) {
        self.now += 137;
        match *step {
            Step::Chat(pick) => self.record(chat(self.parent(pick))),
            Step::Reply(pick) => {
                self.record(AgentEvent::ReplyStarted { parent: self.parent(pick), agent: "agent".into() })
            }
            Step::Model(pick) => self.record(model_call(self.parent(pick))),
            Step::Tool(pick) => self.record(tool_call(self.parent(pick), "tool")),
            Step::Message(pick, scoped) => self.record(AgentEvent::MessageReceived {
                scope: scoped.then(|| self.key(pick)),
                sender: "agent".into(),
                message: "text".into(),
                valid: true,
            }),
            Step::ChatEnd(pick) => self.record(chat_end(self.key(pick))),
            Step::ReplyEnd(pick, made) => self.record(reply_end(self.key(pick), made.then_some("text"))),
            Step::ModelEnd(pick) => self.record(model_call_end(self.key(pick), 1, 1)),
            Step::ToolEnd(pick) => self.record(tool_call_end(self.key(pick), "text")),
            Step::Fail(pick) => self.record(failure(self.key(pick), "Error", "text")),
            Step::CloseOpen => self.tracer.close_open(at(self.now)),
            Step::Flush => self.tracer.flush_now(),
            Step::Abandon => self.tracer.requeue_in_flight(),
            Step::ShutDown => {
                self.tracer.shut_down(at(self.now));
                let stats = self.tracer.stats();
                assert_eq!((stats.buffered, stats.open), (0, 0));
                // What is persisted belongs to a later session.
                self.records.clear();
                self.finished.clear();
                self.tracer.take_finished_ids();
            }
            Step::Send => {
                let due = self.tracer.next_due();
                let next = self.tracer.next_request(at(self.now));
                let later = self.tracer.next_due();
                match next {
                    NextRequest::Send(request) => {
                        assert!(due.is_some_and(|due| due <= at(self.now)), "not too early");
                        self.sent(&request);
                    }
                    NextRequest::WaitUntil(until) => {
                        assert!(until > at(self.now), "nothing is due again and again");
                        assert_eq!(later, Some(until));
                    }
                    NextRequest::Idle => assert_eq!(later, None),
                }
            }
            Step::Answer(status, known) => {
                if let Some((id, _)) = self.under_way.pop() {
                    let fields = JsonFields {
                        experiment_id: known.then(|| "1".into()),
                        store_type: known.then(|| "FileStore".into()),
                        workspaces_enabled: Some(known),
                        artifact_location: known.then(|| "mlflow-artifacts:/1".into()),
                        has_trace_info: known,
                        ..JsonFields::default()
                    };
                    let mut response =
                        if known && status != 0 { json_response(status, fields) } else { common::status(status) };
                    response.may_be_blocked = known;
                    self.tracer.on_response(id, response, at(self.now));
                }
            }
            Step::Experiment(pick) => self.tracer.set_experiment(match pick % 3 {
                0 => ExperimentRef::Name("AG2".into()),
                1 => ExperimentRef::Name("other".into()),
                _ => ExperimentRef::Id("1".into()),
            }),
            Step::Workspace(named) => self.tracer.set_workspace(if named { "team" } else { "" }),
            Step::Clock(seconds) => self.tracer.set_unix_offset(i64::from(seconds) * 1_000_000_000),
            Step::Changed => self.tracer.configuration_changed(),
            Step::Emit(pick) => {
                let update = SpanUpdate::Trace(TraceUpdate::ClientRequestId("r".into()));
                self.record(AgentEvent::SpanUpdated { span: self.key(pick), update });
            }
            Step::Wait(millis) => self.now += u64::from(millis),
            Step::Closing(quota) => {
                let quota = usize::from(quota);
                let requests = self.tracer.unload_requests(quota, at(self.now));
                let bytes: usize = requests.iter().map(|request| request.body.len()).sum();
                assert!(bytes <= quota, "{bytes} bytes for {quota}");
                requests.iter().for_each(|request| self.sent(request));
            }
            Step::Limits(spans) => self.tracer.set_limits(Limits {
                buffer_spans: usize::from(spans),
                batch_spans: usize::from(spans % 16),
                ..Limits::default()
            }),
            Step::Unsaved => {
                for unsaved in self.tracer.take_unpersisted() {
                    assert!(self.records.iter().all(|records| records.id != unsaved.id));
                    self.records.push(unsaved);
                }
            }
            Step::Restore(pick) => {
                let record = self.records.get(usize::from(pick) % (self.records.len() + 1)).cloned();
                let bytes = record.as_ref().map_or(&[][..], |record| &record.bytes);
                match (self.tracer.restore(bytes), record) {
                    (Some(id), Some(record)) => self.records.push(PersistRecord { id, ..record }),
                    (Some(_), None) => panic!("no bytes are no record"),
                    // One of another server may be left alone.
                    (None, record) => assert!(record.is_none_or(|record| record.server != self.tracer.tracking_uri())),
                }
            }
            Step::Uri(pick) => match pick % 5 {
                0 | 1 => self.tracer.set_tracking_uri(SERVER),
                2 => self.tracer.set_tracking_uri("http://other.test"),
                3 => self.tracer.set_otlp_endpoint("http://collector.test/v1/traces"),
                _ => self.tracer.set_tracking_uri("memory:"),
            }
            .expect("a good URI"),
        }
        assert_balanced(&self.tracer.stats());
        self.check_newest_trace();
        self.check_records();
    }

    /// Each number is handed out once and acknowledged once.
    fn check_records(&mut self) {
        for number in self.tracer.take_finished_ids() {
            assert!(self.records.iter().any(|records| records.id == number));
            assert!(!self.finished.contains(&number));
            self.finished.push(number);
        }
    }

    /// Ends everything and lets the server take it all.
    fn drain(&mut self) {
        self.tracer.set_tracking_uri(SERVER).expect("an address");
        self.tracer.set_experiment(ExperimentRef::Id("2".into()));
        self.tracer.close_open(at(self.now));
        for (id, _) in std::mem::take(&mut self.under_way) {
            self.tracer.on_response(id, status(503), at(self.now));
        }
        self.tracer.configuration_changed();
        while let Some(due) = self.tracer.next_due() {
            self.now += 1_000_000;
            assert!(due <= at(self.now), "nothing waits for ever");
            while let Some(request) = due_request(&mut self.tracer, self.now) {
                let response = success(request.kind);
                self.tracer.on_response(request.id, response, at(self.now));
            }
        }
        let stats = self.tracer.stats();
        assert_eq!((stats.buffered, stats.open), (0, 0));
        assert_eq!(stats.started, stats.delivered + stats.in_memory + stats.dropped.total());
        self.check_records();
        // What this life had no room or no luck for stays kept for the next one.
        let given_up = stats.dropped.buffer_full + stats.dropped.retries_exhausted;
        assert!(self.finished.len() == self.records.len() || given_up > 0, "nothing is kept in vain");
    }

    /// A finished trace is whole: one root, all parents in it, every span ended after it began.
    fn check_newest_trace(&self) {
        let Some(view) = self.tracer.last_trace_id().and_then(|id| self.tracer.trace(&id)) else {
            return;
        };
        if view.has_remote_root() || view.state() == TraceState::InProgress {
            return;
        }
        let ids: Vec<_> = view.spans().map(|span| span.id).collect();
        for (index, span) in view.spans().enumerate() {
            let parent = view.parent_id(span);
            assert_eq!(parent.is_none(), index == 0, "one root");
            assert!(parent.is_none_or(|parent| ids.contains(&parent)), "a parent that is not in the trace");
            assert!(span.end.is_none_or(|end| end >= span.start));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_sequence_of_events_and_responses_accounts_for_every_span(steps in prop::collection::vec(step(), 1..200)) {
        let mut life = Life {
            tracer: with_server(),
            keys: Vec::new(),
            under_way: Vec::new(),
            now: 0,
            records: Vec::new(),
            finished: Vec::new(),
        };
        for step in &steps {
            life.play(step);
        }
        life.drain();
    }

    #[test]
    fn milliseconds_become_nanoseconds_without_losing_the_fraction(
        millis in 0_u64..4_000_000_000_000,
        micros in 0_u64..1000,
    ) {
        let time = UnixNanos::from_millis(millis as f64 + micros as f64 / 1000.0);
        // A double of today's milliseconds has steps of a quarter of a microsecond.
        prop_assert!(time.0.abs_diff(millis * 1_000_000 + micros * 1_000) < 1_000);
    }

    #[test]
    fn any_text_that_is_no_trace_id_is_none(text in any::<String>()) {
        prop_assert_eq!(TraceId::parse(&text), None);
    }
}

#[test]
fn times_that_are_no_times_are_zero() {
    for odd in [f64::NAN, -1.0, f64::NEG_INFINITY, -0.0] {
        assert_eq!(UnixNanos::from_millis(odd), UnixNanos(0));
        assert_eq!(MonotonicNanos::from_millis(odd), MonotonicNanos(0));
    }
    assert_eq!(UnixNanos::from_millis(f64::INFINITY), UnixNanos(u64::MAX));
    let beyond = [MonotonicNanos(5).to_unix(-6), MonotonicNanos(u64::MAX).to_unix(1)];
    assert_eq!(beyond, [UnixNanos(0), UnixNanos(u64::MAX)]);
}

#[test]
fn trace_ids_are_read_as_they_are_written() {
    let mut ids = IdSource::new(Counter::default());
    for _ in 0..10_000 {
        let id = ids.trace_id();
        assert_eq!(TraceId::parse(&id.to_string()), Some(id));
    }
    assert_eq!(TraceId::parse("tr-00000000000000000000000000000000"), None);
    assert_eq!(TraceId::parse("tr-0000000000000000000000000000000A"), None);
    assert_eq!(TraceId::parse("tr-0000000000000000000000000000000é"), None);
}

#[test]
fn a_source_of_nothing_but_zeros_still_gives_ids_that_differ() {
    struct Zeros;
    impl Host for Zeros {
        fn fill_random(&mut self, bytes: &mut [u8]) {
            bytes.fill(0);
        }
    }
    let mut ids = IdSource::new(Zeros);
    let (one, two) = (ids.span_id(), ids.span_id());
    assert_ne!(one, two);
    assert!(one.as_bytes().iter().any(|byte| *byte != 0));
}

#[test]
fn no_randomness_is_asked_for_before_the_first_span() {
    struct Refused;
    impl Host for Refused {
        fn fill_random(&mut self, _: &mut [u8]) {
            panic!("asked for randomness");
        }
    }
    let mut tracer = mlflow_ag2::Tracer::new(Refused);
    tracer.set_tracking_uri(SERVER).expect("an address");
    tracer.set_experiment(ExperimentRef::Name("AG2".into()));
    assert!(matches!(tracer.next_request(at(0)), NextRequest::Send(_)));
    assert_eq!(tracer.stats().started, 0);
}
