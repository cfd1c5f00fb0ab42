//! Gets finished traces to the server: what may be sent when, and what an answer changes.

use std::rc::Rc;

use super::finals::Finals;
use super::parcels::span_count;
use super::report::Report;
use super::stats::{Dropped, Notice, Stats};
use super::tracking::Target;
use crate::buffer::{Parcel, Queue, Recent, Saved};
use crate::mlflow::backoff::Backoff;
use crate::mlflow::experiment::Experiment;
use crate::mlflow::probe::{Probe, Way};
use crate::mlflow::{Answer, ExperimentState, Request, RequestId, RequestKind, names, otlp};
use crate::trace::{Decimals, Part, Trace, TraceId, UnixNanos};

/// What an answer brought about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// The request did what it was for.
    Done,
    /// The same is sent again after so many milliseconds.
    TryAgainIn(u64),
    /// The server will never take it; spans were dropped, or are sent again in parts.
    Refused {
        /// A stable name for programs.
        reason: &'static str,
    },
    /// Nothing more is sent until the configuration changes.
    Stopped {
        /// A stable name for programs.
        reason: &'static str,
    },
    /// Nobody waits for this answer (any more).
    Ignored,
}

/// A batch on its way.
pub struct Flight {
    pub id: RequestId,
    pub kind: RequestKind,
    pub parcels: Vec<Parcel>,
    /// Where it goes.
    pub server: String,
    pub experiment: String,
    /// The configuration it was sent under: a refusal says nothing about a newer one.
    pub configuration: u32,
    /// Where the spans of a trace whose info has arrived are to be put next.
    pub file_url: Option<String>,
    /// It reaches the server even if the program is taken away.
    pub is_trusted: bool,
}

/// Everything between a finished trace and the server.
pub struct Delivery {
    pub(super) target: Target,
    pub(super) experiment: Experiment,
    pub(super) queue: Queue,
    pub(super) recent: Recent,
    pub(super) saved: Saved,
    pub(super) flights: Vec<Flight>,
    pub(super) finals: Finals,
    pub(super) probe: Probe,
    /// The question about the server that has no answer yet.
    pub(super) asked: Option<RequestId>,
    pub(super) workspace: Option<String>,
    pub(super) decimals: Decimals,
    pub(super) search: Option<RequestId>,
    pub(super) spans_backoff: Backoff,
    pub(super) search_backoff: Backoff,
    pub(super) stopped: bool,
    pub(super) configuration: u32,
    /// Spans that were refused one by one, since anything was taken.
    pub(super) refusals: u32,
    /// Whether the experiment was looked for again because the server did not know it any more.
    pub(super) experiment_lost: bool,
    pub(super) last_group: u32,
    last_request: u32,
    pub(super) delivered: u64,
    pub(super) dropped: Dropped,
    pub(super) restored: u64,
    pub(super) traces: u64,
    pub(super) requests: u64,
    pub(super) retries: u64,
    pub(super) report: Report,
}

impl Delivery {
    pub fn new(decimals: Decimals) -> Self {
        Self {
            target: Target::default(),
            experiment: Experiment::default(),
            queue: Queue::default(),
            recent: Recent::default(),
            saved: Saved::default(),
            flights: Vec::new(),
            finals: Finals::default(),
            probe: Probe::default(),
            asked: None,
            workspace: None,
            decimals,
            search: None,
            spans_backoff: Backoff::default(),
            search_backoff: Backoff::default(),
            stopped: false,
            configuration: 0,
            refusals: 0,
            experiment_lost: false,
            last_group: 0,
            last_request: 0,
            delivered: 0,
            dropped: Dropped::default(),
            restored: 0,
            traces: 0,
            requests: 0,
            retries: 0,
            report: Report::default(),
        }
    }

    pub const fn target(&self) -> &Target {
        &self.target
    }

    pub fn set_target(&mut self, target: Target) {
        if self.target == target {
            return;
        }
        self.target = target;
        self.give_up_finals();
        self.experiment.start_over();
        if self.target == Target::Memory {
            let parcels = self.queue.take_all();
            self.keep_in_memory(parcels);
        }
        self.configuration_changed();
    }

    pub fn configuration_changed(&mut self) {
        self.configuration = self.configuration.wrapping_add(1);
        self.stopped = false;
        self.search = None;
        self.asked = None;
        self.probe.forget();
        self.refusals = 0;
        self.experiment_lost = false;
        self.queue.learn(None);
        self.spans_backoff.reset();
        self.search_backoff.reset();
        self.report.forget_what_was_told();
        if matches!(self.experiment.state(), ExperimentState::Failed { .. }) {
            self.experiment.start_over();
        }
    }

    /// What memory holds of a trace; the same part may come twice.
    pub fn traces(&self, id: TraceId) -> Vec<&Trace> {
        let mut found: Vec<&Trace> = Vec::new();
        for trace in self.recent.traces() {
            found.push(trace);
        }
        for parcels in self.parcels() {
            for parcel in parcels {
                found.extend(parcel.part().and_then(Part::whole).map(Rc::as_ref));
            }
        }
        for told in &self.finals.waiting {
            found.extend(told.trace.as_deref());
        }
        found.retain(|trace| trace.id() == id);
        found
    }

    /// What waits, then what is on its way.
    pub(super) fn parcels(&self) -> Vec<&[Parcel]> {
        let mut parcels = vec![self.queue.parcels()];
        for flight in &self.flights {
            parcels.push(&flight.parcels);
        }
        parcels
    }

    pub(super) fn new_request_id(&mut self) -> RequestId {
        self.last_request = self.last_request.wrapping_add(1);
        RequestId(self.last_request)
    }

    pub fn flush_now(&mut self) {
        self.queue.flush();
    }

    /// Whether traces go to the server as files.
    pub(super) fn sends_files(&self) -> bool {
        self.target.server().is_some() && self.probe.way() == Way::Files
    }

    /// When spans may be sent, once it is known what the server can do; `None` if there are none or
    /// they cannot be.
    pub(super) fn load_due(&self) -> Option<UnixNanos> {
        let has_experiment = self.target.server().is_none() || self.experiment.id().is_some();
        if self.stopped || !has_experiment || self.target == Target::Memory {
            return None;
        }
        let due = match self.flights.as_slice() {
            [] if self.sends_files() => self.queue.whole_due()?,
            [] => self.queue.due()?,
            [flight] if flight.file_url.is_some() => UnixNanos::default(),
            _ => return None,
        };
        Some(due.max(self.spans_backoff.until()))
    }

    fn spans_due(&self) -> Option<UnixNanos> {
        let is_known = self.target.server().is_none() || !self.probe.is_open();
        self.load_due().filter(|_| is_known)
    }

    pub fn next_due(&self) -> Option<UnixNanos> {
        UnixNanos::first(&[self.question_due(), self.finals_due(), self.spans_due()])
    }

    pub fn next_request(&mut self, now: UnixNanos) -> Option<Request> {
        let is_now = |due: Option<UnixNanos>| due.is_some_and(|due| due <= now);
        let address = self.target.address()?.to_owned();
        if is_now(self.question_due()) {
            return self.next_question(now);
        }
        if is_now(self.finals_due()) {
            return self.next_final(&address);
        }
        if !is_now(self.spans_due()) {
            return None;
        }
        if !self.flights.is_empty() {
            return self.next_file();
        }
        if self.sends_files() {
            return self.next_whole(address);
        }
        let parcels = self.queue.take_batch();
        self.post(parcels, address)
    }

    /// A request as it goes out.
    pub(super) fn counted(&mut self, request: Request) -> Request {
        self.requests += 1;
        request
    }

    /// The request that carries these parcels, which are all for the same experiment.
    pub(super) fn post(&mut self, parcels: Vec<Parcel>, server: String) -> Option<Request> {
        let experiment = self.experiment_of(&parcels, &server)?;
        let mut body = Vec::new();
        if parcels.iter().any(|parcel| parcel.part().is_some()) {
            body = otlp::encode(parcels.iter().filter_map(Parcel::part));
        }
        for parcel in &parcels {
            body.extend_from_slice(parcel.encoded_body());
        }
        let is_mlflow = self.target.server().is_some();
        let path = if is_mlflow { names::SPANS_PATH } else { "" };
        let url = [&server, path].concat();
        let header = is_mlflow.then(|| (names::EXPERIMENT_ID_HEADER, experiment.clone()));
        let id = self.fly(RequestKind::Spans, parcels, server, experiment);
        let mut request = Request::post(id, RequestKind::Spans, url, names::PROTOBUF, body);
        request.headers.extend(header);
        Some(self.counted(request))
    }

    /// The experiment that these parcels were recorded for, if that is on this server, else the one that
    /// is set; empty where there are none, `None` as long as it is not known.
    pub(super) fn experiment_of(&self, parcels: &[Parcel], server: &str) -> Option<String> {
        let experiment = match parcels.first().and_then(Parcel::destination) {
            Some((its_server, experiment)) if its_server == server => experiment,
            _ if self.target.server().is_none() => "",
            _ => self.experiment.id()?,
        };
        Some(experiment.to_owned())
    }

    /// These parcels are on their way from now on, under the id that is returned.
    pub(super) fn fly(
        &mut self,
        kind: RequestKind,
        parcels: Vec<Parcel>,
        server: String,
        experiment: String,
    ) -> RequestId {
        let id = self.new_request_id();
        self.flights.push(Flight {
            id,
            kind,
            parcels,
            server,
            experiment,
            configuration: self.configuration,
            file_url: None,
            is_trusted: false,
        });
        id
    }

    pub fn settle(
        &mut self,
        id: RequestId,
        answer: &Answer,
        now: UnixNanos,
        random: u32,
    ) -> Settled {
        if self.search == Some(id) {
            self.search = None;
            return self.settle_search(answer, now, random);
        }
        if self.asked == Some(id) {
            self.asked = None;
            return self.settle_probe(answer, now, random);
        }
        if let Some((_, told)) = self.finals.flight.take_if(|(flying, _)| *flying == id) {
            return self.settle_final(told, answer, now, random);
        }
        let Some(index) = self.flights.iter().position(|flight| flight.id == id) else {
            return Settled::Ignored;
        };
        let flight = self.flights.swap_remove(index);
        self.settle_spans(flight, answer, now, random)
    }

    pub(super) fn keep_in_memory(&mut self, parcels: Vec<Parcel>) {
        self.delivered += self.forget(parcels);
    }

    pub fn take_notices(&mut self) -> Vec<Notice> {
        self.report.take_notices()
    }

    /// Spans that wait or are on their way.
    pub fn buffered_spans(&self) -> u64 {
        let flying = self.flights.iter();
        let flying: u64 = flying.map(|flight| span_count(&flight.parcels)).sum();
        self.queue.span_count() as u64 + flying + self.finals.spans()
    }

    /// All counts but those of spans in progress.
    pub fn stats(&self) -> Stats {
        Stats {
            delivered: self.delivered,
            buffered: self.buffered_spans(),
            dropped: self.dropped,
            restored: self.restored,
            traces: self.traces,
            requests: self.requests,
            retries: self.retries,
            last_error: self.report.last_error().cloned(),
            ..Stats::default()
        }
    }
}
