//! Gets finished traces to the server: what may be sent when, and what an answer changes.

use std::rc::Rc;

use super::finals::Finals;
use super::report::Report;
use super::stats::{Dropped, Notice, Stats};
use super::tracking::Target;
use crate::buffer::{Buffer, Parcel};
use crate::mlflow::backoff::{Backoff, MAX_ATTEMPTS};
use crate::mlflow::experiment::Experiment;
use crate::mlflow::verdict::{NOT_FOUND, Verdict, judge};
use crate::mlflow::{
    Answer, ExperimentRef, ExperimentState, Request, RequestId, RequestKind, names, otlp,
};
use crate::trace::{Trace, TraceId, UnixNanos};

/// What an answer brought about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// The request did what it was for.
    Done,
    /// The same is sent again after so many milliseconds.
    TryAgainIn(u64),
    /// The server will never take it; spans were dropped, or are sent again one trace at a time.
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
struct Flight {
    id: RequestId,
    parcels: Vec<Parcel>,
    /// Where it goes.
    server: String,
    experiment: String,
    /// The configuration it was sent under: a refusal says nothing about a newer one.
    configuration: u32,
}

/// Everything between a finished trace and the server.
#[derive(Default)]
pub struct Delivery {
    pub(super) target: Target,
    experiment: Experiment,
    buffer: Buffer,
    flight: Option<Flight>,
    pub(super) finals: Finals,
    search: Option<RequestId>,
    pub(super) spans_backoff: Backoff,
    search_backoff: Backoff,
    pub(super) stopped: bool,
    pub(super) configuration: u32,
    last_request: u32,
    pub(super) delivered: u64,
    dropped: Dropped,
    traces: u64,
    pub(super) requests: u64,
    pub(super) retries: u64,
    pub(super) report: Report,
}

impl Delivery {
    /// Takes a finished trace.
    pub fn accept(&mut self, trace: Rc<Trace>, now: UnixNanos) {
        self.traces += 1;
        self.buffer.remember(&trace);
        if self.target == Target::Memory {
            self.delivered += trace.span_count() as u64;
        } else {
            let dropped = self.buffer.push(trace, now);
            self.drop_for_room(dropped);
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
            let parcels = self.buffer.take_all();
            self.keep_in_memory(&parcels);
        }
        self.configuration_changed();
    }

    pub fn set_experiment(&mut self, which: ExperimentRef) {
        if self.experiment.set(which) {
            self.configuration_changed();
        }
    }

    pub fn configuration_changed(&mut self) {
        self.configuration = self.configuration.wrapping_add(1);
        self.stopped = false;
        self.search = None;
        self.spans_backoff.reset();
        self.search_backoff.reset();
        self.report.forget_what_was_told();
        if matches!(self.experiment.state(), ExperimentState::Failed { .. }) {
            self.experiment.start_over();
        }
    }

    pub fn experiment(&self) -> ExperimentState {
        match (&self.target, self.experiment.which()) {
            (Target::Server(_), _) | (_, None) => self.experiment.state().clone(),
            (Target::Memory, Some(ExperimentRef::Name(name))) => ExperimentState::Ready {
                id: names::DEFAULT_EXPERIMENT_ID.to_owned(),
                name: name.clone(),
            },
            (Target::Memory, Some(ExperimentRef::Id(id))) => ExperimentState::Ready {
                id: id.clone(),
                name: String::new(),
            },
        }
    }

    /// What memory holds of a trace; the same part may come twice.
    pub fn traces(&self, id: TraceId) -> impl Iterator<Item = &Trace> {
        let flying = self.flight.iter().flat_map(|flight| &flight.parcels);
        let flying = flying.map(|parcel| parcel.trace.as_ref());
        let flying = flying.filter(move |trace| trace.id() == id);
        let finals = self.finals.waiting.iter().map(|open| open.trace.as_ref());
        let finals = finals.filter(move |trace| trace.id() == id);
        self.buffer.traces(id).chain(flying).chain(finals)
    }

    pub(super) fn new_request_id(&mut self) -> RequestId {
        self.last_request = self.last_request.wrapping_add(1);
        RequestId(self.last_request)
    }

    pub fn flush_now(&mut self) {
        self.buffer.flush();
    }

    /// When the experiment may be searched for; `None` if it need not or cannot be.
    fn search_due(&self) -> Option<UnixNanos> {
        let wanted = self.experiment.searching() && self.search.is_none();
        (self.target != Target::Memory && wanted).then(|| self.search_backoff.until())
    }

    /// When spans may be sent; `None` if there are none or they cannot be.
    fn spans_due(&self) -> Option<UnixNanos> {
        let can = !self.stopped && self.flight.is_none() && self.experiment.id().is_some();
        if !can || self.target == Target::Memory {
            return None;
        }
        Some(self.buffer.due()?.max(self.spans_backoff.until()))
    }

    pub fn next_due(&self) -> Option<UnixNanos> {
        let dues = [self.search_due(), self.finals_due(), self.spans_due()];
        dues.into_iter().flatten().min()
    }

    pub fn next_request(&mut self, now: UnixNanos) -> Option<Request> {
        let server = self.target.server()?.to_owned();
        if self.search_due().is_some_and(|due| due <= now) {
            let id = self.new_request_id();
            let request = self.experiment.request(id, &server)?;
            self.search = Some(id);
            self.requests += 1;
            return Some(request);
        }
        if self.finals_due().is_some_and(|due| due <= now) {
            return self.next_final(&server);
        }
        if self.spans_due().is_none_or(|due| due > now) {
            return None;
        }
        let experiment = self.experiment.id()?.to_owned();
        let parcels = self.buffer.take_batch();
        let body = otlp::encode(parcels.iter().map(|parcel| parcel.trace.as_ref()));
        let id = self.new_request_id();
        self.flight = Some(Flight {
            id,
            parcels,
            server: server.clone(),
            experiment: experiment.clone(),
            configuration: self.configuration,
        });
        self.requests += 1;
        let mut request = Request::post(
            id,
            RequestKind::Spans,
            server + names::SPANS_PATH,
            names::PROTOBUF,
            body,
        );
        request
            .headers
            .push((names::EXPERIMENT_ID_HEADER, experiment));
        Some(request)
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
        if let Some((_, told)) = self.finals.flight.take_if(|(flying, _)| *flying == id) {
            return self.settle_final(told, answer, now, random);
        }
        match self.flight.take_if(|flight| flight.id == id) {
            Some(flight) => self.settle_spans(flight, answer, now, random),
            None => Settled::Ignored,
        }
    }

    fn settle_search(&mut self, answer: &Answer, now: UnixNanos, random: u32) -> Settled {
        let verdict = self.experiment.settle(answer);
        if verdict == Verdict::TryAgain {
            return self.try_search_again(answer, now, random);
        }
        self.search_backoff.reset();
        let ExperimentState::Failed { code, message } = self.experiment.state().clone() else {
            return Settled::Done;
        };
        self.report.error(code, message);
        Settled::Stopped { reason: code }
    }

    fn try_search_again(&mut self, answer: &Answer, now: UnixNanos, random: u32) -> Settled {
        self.retries += 1;
        let wait = self.search_backoff.fail(now, answer.retry_after_ms, random);
        let message = self.report.no_luck(&self.target, answer);
        // Whoever awaits the experiment is told at once that nobody answers: short programs end
        // before a later attempt. The search goes on, and the spans wait for it.
        if answer.status == 0 || self.search_backoff.failures() >= MAX_ATTEMPTS {
            self.experiment.unreachable(message);
        }
        Settled::TryAgainIn(wait)
    }

    fn settle_spans(
        &mut self,
        flight: Flight,
        answer: &Answer,
        now: UnixNanos,
        random: u32,
    ) -> Settled {
        let verdict = judge(answer.status, answer.body.error_code.as_deref());
        if verdict == Verdict::Delivered {
            self.spans_backoff.reset();
            for parcel in &flight.parcels {
                if self.arrived(&parcel.trace, &flight.experiment) {
                    self.delivered += parcel.span_count() as u64;
                }
            }
            // What was sent to another server is not to be talked of here.
            if self.target.server() != Some(&flight.server) {
                self.give_up_finals();
            }
            return Settled::Done;
        }
        if self.target == Target::Memory {
            self.keep_in_memory(&flight.parcels);
            return Settled::Done;
        }
        if flight.configuration != self.configuration {
            self.give_back(flight.parcels);
            return Settled::TryAgainIn(0);
        }
        match verdict {
            Verdict::Delivered => Settled::Done,
            Verdict::TryAgain => self.try_spans_again(flight.parcels, answer, now, random),
            Verdict::Refused { reason } => {
                self.spans_backoff.reset();
                self.refuse(flight.parcels, answer, reason);
                Settled::Refused { reason }
            }
            Verdict::Stop { reason } => {
                self.stopped = true;
                self.give_back(flight.parcels);
                self.report.stopped(&self.target, answer, reason);
                Settled::Stopped { reason }
            }
        }
    }

    fn try_spans_again(
        &mut self,
        parcels: Vec<Parcel>,
        answer: &Answer,
        now: UnixNanos,
        random: u32,
    ) -> Settled {
        self.retries += 1;
        let wait = self.spans_backoff.fail(now, answer.retry_after_ms, random);
        let message = self.report.no_luck(&self.target, answer);
        let (mut again, mut given_up) = (Vec::new(), 0);
        for mut parcel in parcels {
            parcel.attempts += 1;
            if parcel.attempts < MAX_ATTEMPTS {
                again.push(parcel);
            } else {
                given_up += parcel.span_count() as u64;
            }
        }
        if given_up > 0 {
            self.dropped.retries_exhausted += given_up;
            self.report.notify("retries_exhausted", message);
        }
        self.give_back(again);
        Settled::TryAgainIn(wait)
    }

    /// A refusal of several traces may be the fault of one: the server stores none of a batch then.
    fn refuse(&mut self, mut parcels: Vec<Parcel>, answer: &Answer, reason: &'static str) {
        let for_good = parcels.len() == 1 || reason == NOT_FOUND;
        self.report.refused(&self.target, answer, reason, for_good);
        if for_good {
            self.dropped.refused += span_count(&parcels);
            return;
        }
        for parcel in &mut parcels {
            parcel.alone = true;
        }
        self.give_back(parcels);
    }

    fn keep_in_memory(&mut self, parcels: &[Parcel]) {
        self.delivered += span_count(parcels);
    }

    fn give_back(&mut self, parcels: Vec<Parcel>) {
        let dropped = self.buffer.give_back(parcels);
        self.drop_for_room(dropped);
    }

    fn drop_for_room(&mut self, spans: usize) {
        if spans > 0 {
            self.dropped.buffer_full += spans as u64;
            let message = "too many traces wait for delivery and the oldest are dropped; flush more often, or see to it that the tracking server answers";
            self.report.notify("buffer_full", message.to_owned());
        }
    }

    pub fn take_notices(&mut self) -> Vec<Notice> {
        self.report.take_notices()
    }

    /// Spans that wait or are on their way.
    pub fn buffered_spans(&self) -> u64 {
        let flying = self.flight.iter();
        let flying: u64 = flying.map(|flight| span_count(&flight.parcels)).sum();
        self.buffer.waiting_spans() as u64 + flying + self.finals.spans()
    }

    /// All counts but those of spans in progress.
    pub fn stats(&self) -> Stats {
        Stats {
            delivered: self.delivered,
            buffered: self.buffered_spans(),
            dropped: self.dropped,
            traces: self.traces,
            requests: self.requests,
            retries: self.retries,
            last_error: self.report.last_error().cloned(),
            ..Stats::default()
        }
    }
}

fn span_count(parcels: &[Parcel]) -> u64 {
    parcels
        .iter()
        .map(|parcel| parcel.span_count() as u64)
        .sum()
}
