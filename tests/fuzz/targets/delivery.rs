//! Delivery against a server that is down, loses its answers or refuses things, by programs that are
//! taken away and start again: whatever is not counted as dropped arrives.

use std::collections::{BTreeMap, BTreeSet};

use arbitrary::{Result, Unstructured};
use mlflow_ag2::Tracer;
use mlflow_ag2::ag2::{AgentEvent, Failure, SpanUpdate};
use mlflow_ag2::export::Limits;
use mlflow_ag2::mlflow::{ExperimentRef, Request, RequestId, RequestKind};
use mlflow_ag2::trace::{SpanKey, SpanKind, TraceUpdate, Value};

use super::encoder::{Counter, at, due_request, response};
use super::wire;

/// Trace and span.
type Id = (Vec<u8>, Vec<u8>);

/// The longest that anything may take to be delivered once the server is well again.
const PATIENCE_MS: u64 = 3_600_000;
const STATUSES: [u16; 12] = [0, 0, 200, 200, 400, 401, 408, 413, 422, 429, 503, 504];

pub fn run(data: &[u8]) {
    let mut world = World::new();
    let _ = world.live(&mut Unstructured::new(data));
    world.recover();
}

/// A program, the lives it has had, and the server.
struct World {
    tracer: Tracer<Counter>,
    now: u64,
    keys: Vec<SpanKey>,
    made: BTreeSet<Id>,
    /// Requests without an answer so far, and what is in them.
    under_way: Vec<(RequestId, RequestKind, Vec<Id>)>,
    held: BTreeSet<Id>,
    /// Persisted, by number.
    saved: BTreeMap<u32, (String, Vec<u8>)>,
    dropped_in_previous_sessions: u64,
}

impl World {
    fn new() -> Self {
        Self {
            tracer: tracer(0),
            now: 0,
            keys: Vec::new(),
            made: BTreeSet::new(),
            under_way: Vec::new(),
            held: BTreeSet::new(),
            saved: BTreeMap::new(),
            dropped_in_previous_sessions: 0,
        }
    }

    fn live(&mut self, input: &mut Unstructured) -> Result<()> {
        while !input.is_empty() {
            self.now += u64::from(input.arbitrary::<u8>()?) * 40;
            match input.int_in_range(0..=13)? {
                0..=2 => self.start(input)?,
                3..=5 => self.end(input)?,
                6 => self.tracer.flush_now(),
                7 => {
                    if let Some(request) = due_request(&mut self.tracer, at(self.now)) {
                        self.sent(request);
                    }
                }
                8 | 9 => self.answer(input)?,
                10 => {
                    let quota = usize::from(input.arbitrary::<u16>()?);
                    let requests = self.tracer.unload_requests(quota, at(self.now));
                    let bytes: usize = requests.iter().map(|request| request.body.len()).sum();
                    assert!(bytes <= quota, "{bytes} bytes in a page's last {quota}");
                    requests.into_iter().for_each(|request| self.sent(request));
                }
                12 => self.go_elsewhere(input)?,
                11 => self.tracer.set_limits(Limits {
                    batch_spans: input.int_in_range(1..=20)?,
                    batch_bytes: input.int_in_range(100..=5_000)?,
                    buffer_spans: input.int_in_range(4..=200)?,
                    ..Limits::default()
                }),
                _ => {
                    self.save();
                    if input.ratio(1, 3)? {
                        self.start_again(input)?;
                    }
                }
            }
            self.check();
        }
        Ok(())
    }

    /// New traces go to another place; what waits does not.
    fn go_elsewhere(&mut self, input: &mut Unstructured) -> Result<()> {
        let servers = ["http://mlflow.test:5000", "http://other.test"];
        match input.int_in_range(0..=3)? {
            0 | 1 => {
                let server = *input.choose(&servers)?;
                self.tracer.set_tracking_uri(server).expect("an address");
            }
            2 => self.tracer.set_workspace(input.choose(&["team", ""])?),
            _ => {
                let name = (*input.choose(&["one", "two"])?).to_owned();
                self.tracer.set_experiment(ExperimentRef::Name(name));
            }
        }
        Ok(())
    }

    fn start(&mut self, input: &mut Unstructured) -> Result<()> {
        let started = AgentEvent::SpanStarted {
            parent: self.some_key(input)?,
            name: "span".into(),
            kind: SpanKind::Custom,
            type_name: None,
            inputs: Value::Text("x".repeat(usize::from(input.arbitrary::<u8>()?) * 8).into()),
        };
        if let Ok(Some(key)) = self.tracer.on_event(started, at(self.now)) {
            let (trace, span) = self.tracer.span_context(key).expect("it is open");
            self.made.insert((trace.as_bytes().to_vec(), span.as_bytes().to_vec()));
            self.keys.push(key);
        }
        Ok(())
    }

    fn end(&mut self, input: &mut Unstructured) -> Result<()> {
        let Some(span) = self.some_key(input)? else {
            return Ok(());
        };
        let event = match input.int_in_range(0..=5)? {
            0 => AgentEvent::SpanFailed {
                span,
                error: Failure { kind: "Error".into(), message: "it failed".into(), stack: None },
            },
            // What only a request of its own can tell the server.
            1 => AgentEvent::SpanUpdated {
                span,
                update: SpanUpdate::Trace(TraceUpdate::ClientRequestId("request".into())),
            },
            _ => AgentEvent::SpanEnded { span, outputs: None },
        };
        // It may have ended already.
        let _ = self.tracer.on_event(event, at(self.now));
        Ok(())
    }

    fn some_key(&self, input: &mut Unstructured) -> Result<Option<SpanKey>> {
        let back = usize::from(input.arbitrary::<u8>()?) % 12;
        Ok(self.keys.iter().rev().nth(back).copied())
    }

    fn sent(&mut self, request: Request) {
        let spans = match request.kind {
            RequestKind::Spans => wire::spans(&request.body),
            _ => Vec::new(),
        };
        let ids: Vec<Id> = spans.into_iter().map(|span| (span.trace_id, span.span_id)).collect();
        for id in &ids {
            assert!(self.made.contains(id), "the program did not make this span");
        }
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "a span twice in one request");
        self.under_way.push((request.id, request.kind, ids));
    }

    fn answer(&mut self, input: &mut Unstructured) -> Result<()> {
        if self.under_way.is_empty() {
            return Ok(());
        }
        let index = input.choose_index(self.under_way.len())?;
        let (id, kind, spans) = self.under_way.swap_remove(index);
        let status = *input.choose(&STATUSES)?;
        // No answer, or a gateway's: the server may have stored everything nevertheless.
        let stored = status == 200 || (matches!(status, 0 | 504) && input.arbitrary()?);
        if stored {
            self.held.extend(spans);
        }
        self.respond(id, kind, status);
        Ok(())
    }

    fn respond(&mut self, id: RequestId, kind: RequestKind, status: u16) {
        let response = response(kind, status);
        self.tracer.on_response(id, response, at(self.now));
    }

    fn save(&mut self) {
        for number in self.tracer.take_finished_ids() {
            self.saved.remove(&number);
        }
        for unsaved in self.tracer.take_unpersisted() {
            assert!(unsaved.spans > 0);
            let record = (unsaved.server, unsaved.bytes);
            assert_eq!(self.saved.insert(unsaved.id, record), None, "a number twice");
        }
    }

    /// The program is taken away with everything that was saved, and starts again.
    fn start_again(&mut self, input: &mut Unstructured) -> Result<()> {
        self.tracer.close_open(at(self.now));
        self.save();
        self.dropped_in_previous_sessions += self.tracer.stats().dropped.total();
        for (_, _, spans) in std::mem::take(&mut self.under_way) {
            if input.arbitrary()? {
                self.held.extend(spans);
            }
        }
        self.keys.clear();
        self.tracer = tracer(self.made.len() as u64 + 1);
        for (server, bytes) in std::mem::take(&mut self.saved).into_values() {
            // A program restores what is for the server that it sets.
            self.tracer.set_tracking_uri(&server).expect("an address");
            let id = self.tracer.restore(&bytes).expect("what was kept can be read");
            assert_eq!(self.saved.insert(id, (server, bytes)), None, "a number twice");
        }
        self.save();
        Ok(())
    }

    /// The server is well from now on: everything arrives in reasonable time.
    fn recover(&mut self) {
        self.tracer.close_open(at(self.now));
        for (id, kind, spans) in std::mem::take(&mut self.under_way) {
            self.held.extend(spans);
            self.respond(id, kind, 200);
        }
        self.tracer.configuration_changed();
        let end = self.now + PATIENCE_MS;
        while let Some(due) = self.tracer.next_due() {
            let due_ms = due.nanos_since(at(0)).div_ceil(1_000_000);
            self.now = self.now.max(due_ms);
            assert!(self.now <= end, "it waits for ever");
            if let Some(request) = due_request(&mut self.tracer, at(self.now)) {
                self.sent(request);
                for (id, kind, spans) in std::mem::take(&mut self.under_way) {
                    self.held.extend(spans);
                    self.respond(id, kind, 200);
                }
            }
        }
        self.check();
        self.save();
        let stats = self.tracer.stats();
        // What this life had no room or no luck for stays kept for the next one.
        let given_up = stats.dropped.buffer_full + stats.dropped.retries_exhausted;
        assert!(self.saved.is_empty() || given_up > 0, "what has arrived need not be kept");
        assert_eq!((stats.buffered, stats.open), (0, 0), "{stats:?}");
        let missing = self.made.difference(&self.held).count() as u64;
        let dropped = stats.dropped.total() + self.dropped_in_previous_sessions;
        assert!(missing <= dropped, "{missing} are missing, {dropped} count as dropped: {stats:?}");
    }

    fn check(&self) {
        let stats = self.tracer.stats();
        let found = stats.delivered + stats.in_memory + stats.buffered + stats.open + stats.dropped.total();
        assert_eq!(stats.started, found, "{stats:?}");
    }
}

fn tracer(life: u64) -> Tracer<Counter> {
    let mut tracer = Tracer::new(Counter::from(life));
    tracer.set_tracking_uri("http://mlflow.test:5000").expect("a plain address");
    tracer
}
