//! Whatever is reported in whatever order, nothing panics and `started = delivered + buffered + open
//! + dropped`.

mod common;

use common::*;
use mlflow_ag2::ag2::Fact;
use mlflow_ag2::mlflow::{AnswerBody, ExperimentRef, RequestId};
use mlflow_ag2::recorder::{Limits, TraceState, Unsaved};
use mlflow_ag2::trace::Entropy;
use mlflow_ag2::trace::{IdSource, SpanKey, TraceId, UnixNanos};
use proptest::prelude::*;

/// One step of a random life. Keys are picked among those given out, and some that were not.
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
    Experiment(bool),
    Uri(bool),
    Abandon,
    ShutDown,
    Wait(u32),
    Closing(u16),
    Limits(u8),
    Unsaved,
    Restore(u8),
}

fn step() -> impl Strategy<Value = Step> {
    let statuses = prop::sample::select(vec![
        0, 200, 200, 200, 400, 401, 404, 413, 422, 429, 500, 501, 503,
    ]);
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
        1 => any::<bool>().prop_map(Step::Experiment),
        1 => any::<bool>().prop_map(Step::Uri),
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
    recorder: TestRecorder,
    keys: Vec<SpanKey>,
    under_way: Vec<RequestId>,
    now: u64,
    /// What was given out to be kept elsewhere, and the numbers that need not be any longer.
    kept: Vec<Unsaved>,
    settled: Vec<u32>,
}

impl Life {
    fn key(&self, pick: u8) -> SpanKey {
        let some = self
            .keys
            .len()
            .checked_sub(1)
            .map(|newest| self.keys[newest - usize::from(pick) % (newest + 1)]);
        some.filter(|_| pick != 255)
            .unwrap_or(SpanKey::new(1_000_000).expect("not 0"))
    }

    fn parent(&self, pick: u8) -> Option<SpanKey> {
        (!pick.is_multiple_of(5)).then(|| self.key(pick))
    }

    fn record(&mut self, fact: Fact) {
        if let Ok(Some(key)) = self.recorder.record(fact, at(self.now)) {
            self.keys.push(key);
        }
    }

    fn play(&mut self, step: &Step) {
        self.now += 137;
        match *step {
            Step::Chat(pick) => self.record(chat(self.parent(pick))),
            Step::Reply(pick) => self.record(Fact::ReplyStarted {
                parent: self.parent(pick),
                agent: "agent".into(),
            }),
            Step::Model(pick) => self.record(model_call(self.parent(pick))),
            Step::Tool(pick) => self.record(tool_call(self.parent(pick), "tool")),
            Step::Message(pick, scoped) => self.record(Fact::MessageReceived {
                scope: scoped.then(|| self.key(pick)),
                sender: "agent".into(),
                message: "text".into(),
                valid: true,
            }),
            Step::ChatEnd(pick) => self.record(chat_end(self.key(pick))),
            Step::ReplyEnd(pick, made) => {
                self.record(reply_end(self.key(pick), made.then_some("text")))
            }
            Step::ModelEnd(pick) => self.record(model_call_end(self.key(pick), 1, 1)),
            Step::ToolEnd(pick) => self.record(tool_call_end(self.key(pick), "text")),
            Step::Fail(pick) => self.record(failure(self.key(pick), "Error", "text")),
            Step::CloseOpen => self.recorder.close_open(at(self.now)),
            Step::Flush => self.recorder.flush_now(),
            Step::Abandon => self.recorder.abandon_flights(),
            Step::ShutDown => {
                self.recorder.shut_down(at(self.now));
                let left = self.recorder.stats();
                assert_eq!((left.buffered, left.open), (0, 0));
                // What is kept elsewhere is a later life's.
                self.kept.clear();
                self.settled.clear();
                self.recorder.take_settled();
            }
            Step::Send => {
                let due = self.recorder.next_due();
                let request = self.recorder.next_request(at(self.now));
                let later = self.recorder.next_due();
                assert!(
                    if request.is_some() {
                        due.is_some_and(|due| due <= at(self.now))
                    } else {
                        later.is_none_or(|later| later > at(self.now))
                    },
                    "nothing is due too early or again and again"
                );
                self.under_way.extend(request.map(|request| request.id));
            }
            Step::Answer(status, known) => {
                if let Some(id) = self.under_way.pop() {
                    let mut answer = common::status(status);
                    answer.body = AnswerBody {
                        experiment_id: known.then(|| "1".into()),
                        store_type: known.then(|| "FileStore".into()),
                        workspaces_enabled: Some(known),
                        artifact_location: known.then(|| "mlflow-artifacts:/1".into()),
                        ..AnswerBody::default()
                    };
                    self.recorder.settle(id, answer, at(self.now));
                }
            }
            Step::Experiment(by_name) => self.recorder.set_experiment(if by_name {
                ExperimentRef::Name("AG2".into())
            } else {
                ExperimentRef::Id("1".into())
            }),
            Step::Wait(millis) => self.now += u64::from(millis),
            Step::Closing(quota) => {
                let quota = usize::from(quota);
                let requests = self.recorder.closing_requests(quota, at(self.now));
                let bytes: usize = requests.iter().map(|request| request.body.len()).sum();
                assert!(bytes <= quota, "{bytes} bytes for {quota}");
                self.under_way
                    .extend(requests.iter().map(|request| request.id));
            }
            Step::Limits(spans) => self.recorder.set_limits(Limits {
                buffer_spans: usize::from(spans),
                batch_spans: usize::from(spans % 16),
                ..Limits::default()
            }),
            Step::Unsaved => {
                for unsaved in self.recorder.unsaved() {
                    assert!(self.kept.iter().all(|kept| kept.number != unsaved.number));
                    self.kept.push(unsaved);
                }
            }
            Step::Restore(pick) => {
                let kept = self.kept.get(usize::from(pick) % (self.kept.len() + 1));
                let bytes = kept.map_or(&[][..], |kept| &kept.bytes);
                assert_eq!(self.recorder.restore(bytes), kept.is_some());
            }
            Step::Uri(server) => {
                self.recorder
                    .set_tracking_uri(if server { SERVER } else { "memory:" })
                    .expect("a good URI");
            }
        }
        assert_balanced(&self.recorder.stats());
        self.check_newest_trace();
        self.check_what_is_kept();
    }

    /// Each number is given out once and settled once.
    fn check_what_is_kept(&mut self) {
        for number in self.recorder.take_settled() {
            assert!(self.kept.iter().any(|kept| kept.number == number));
            assert!(!self.settled.contains(&number));
            self.settled.push(number);
        }
    }

    /// Ends everything and lets the server take it all.
    fn settle_down(&mut self) {
        self.recorder.set_tracking_uri(SERVER).expect("an address");
        self.recorder.set_experiment(ExperimentRef::Id("2".into()));
        self.recorder.close_open(at(self.now));
        for id in std::mem::take(&mut self.under_way) {
            self.recorder.settle(id, status(503), at(self.now));
        }
        self.recorder.configuration_changed();
        while let Some(due) = self.recorder.next_due() {
            self.now += 1_000_000;
            assert!(due <= at(self.now), "nothing waits for ever");
            while let Some(request) = self.recorder.next_request(at(self.now)) {
                let mut answer = status(200);
                answer.body.experiment_id = Some("2".into());
                self.recorder.settle(request.id, answer, at(self.now));
            }
        }
        let stats = self.recorder.stats();
        assert_eq!((stats.buffered, stats.open), (0, 0));
        assert_eq!(stats.started, stats.delivered + stats.dropped.total());
        self.check_what_is_kept();
        // What this life had no room or no luck for stays kept for the next one.
        let given_up = stats.dropped.buffer_full + stats.dropped.retries_exhausted;
        assert!(
            self.settled.len() == self.kept.len() || given_up > 0,
            "nothing is kept in vain"
        );
    }

    /// A finished trace is whole: one root, all parents in it, every span ended after it began.
    fn check_newest_trace(&self) {
        let Some(view) = self
            .recorder
            .last_trace_id()
            .and_then(|id| self.recorder.trace(&id))
        else {
            return;
        };
        if view.is_part() || view.state() == TraceState::InProgress {
            return;
        }
        let ids: Vec<_> = view.spans().map(|span| span.id).collect();
        for (index, span) in view.spans().enumerate() {
            let parent = view.parent_id(span);
            assert_eq!(parent.is_none(), index == 0, "one root");
            assert!(
                parent.is_none_or(|parent| ids.contains(&parent)),
                "a parent that is not in the trace"
            );
            assert!(span.end.is_none_or(|end| end >= span.start));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_sequence_of_facts_and_answers_keeps_the_books(steps in prop::collection::vec(step(), 1..200)) {
        let mut life = Life { recorder: with_server(), keys: Vec::new(), under_way: Vec::new(), now: 0, kept: Vec::new(), settled: Vec::new() };
        for step in &steps {
            life.play(step);
        }
        life.settle_down();
    }

    #[test]
    fn milliseconds_become_nanoseconds_without_losing_the_fraction(millis in 0_u64..4_000_000_000_000, micros in 0_u64..1000) {
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
    }
    assert_eq!(UnixNanos::from_millis(f64::INFINITY), UnixNanos(u64::MAX));
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
    impl Entropy for Zeros {
        fn fill(&mut self, bytes: &mut [u8]) {
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
    impl Entropy for Refused {
        fn fill(&mut self, _: &mut [u8]) {
            panic!("asked for randomness");
        }
    }
    let mut recorder = mlflow_ag2::Recorder::new(Refused);
    recorder.set_tracking_uri(SERVER).expect("an address");
    recorder.set_experiment(ExperimentRef::Name("AG2".into()));
    assert!(recorder.next_request(at(0)).is_some());
    assert_eq!(recorder.stats().started, 0);
}
