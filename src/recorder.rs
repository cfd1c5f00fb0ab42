//! The front door of the pure half: facts go in, requests come out, answers go back in.
//!
//! Owns no clock and performs no request. Whoever holds it calls [`Recorder::record`] for every
//! fact, sends what [`Recorder::next_request`] gives, and hands each answer to
//! [`Recorder::settle`].

mod answers;
mod asking;
mod closing;
mod delivery;
mod files;
mod finals;
mod leaving;
mod parcels;
mod redaction;
mod report;
mod sampling;
mod split;
mod stats;
mod stored;
mod tracking;
mod view;

use std::rc::Rc;

use crate::ag2::{Conversations, Fact, Finished, Timing};
use crate::error::{ConfigError, FactError};
use crate::mlflow::read;
use crate::mlflow::{Answer, ExperimentRef, ExperimentState, Request, RequestId};
use crate::trace::{Entropy, IdSource, SpanId, SpanKey, TraceId, UnixNanos};
use delivery::Delivery;
use redaction::Redaction;

pub use crate::buffer::Limits;
pub use delivery::Settled;
pub use parcels::Unsaved;
pub use stats::{Dropped, FactErrors, Notice, Stats};
pub use tracking::MEMORY_URI;
pub use view::{TraceState, TraceView};

/// Records what agents do and delivers it as traces.
pub struct Recorder<E> {
    ids: IdSource<E>,
    conversations: Conversations,
    delivery: Delivery,
    redaction: Redaction,
    last_trace: Option<TraceId>,
    started: u64,
    open_full: u64,
    timed_out: u64,
    unreadable: u64,
    orphans: u64,
    fact_errors: FactErrors,
}

impl<E: Entropy> Recorder<E> {
    /// A recorder that keeps traces in memory. Asks for no randomness yet.
    #[must_use]
    pub fn new(entropy: E) -> Self {
        let mut recorder = Self {
            ids: IdSource::new(entropy),
            conversations: Conversations::default(),
            delivery: Delivery::new(E::decimal),
            redaction: Redaction::default(),
            last_trace: None,
            started: 0,
            open_full: 0,
            timed_out: 0,
            unreadable: 0,
            orphans: 0,
            fact_errors: FactErrors::default(),
        };
        recorder.set_timing();
        recorder
    }

    /// Takes in a fact. A fact that starts something gives the key of its span; a parent that is not
    /// recorded any more makes it the root of a trace of its own.
    ///
    /// # Errors
    /// If the fact speaks of a span that is not open or is of another kind. Nothing is changed then,
    /// and [`Stats::fact_errors`] counts it.
    pub fn record(&mut self, fact: Fact, now: UnixNanos) -> Result<Option<SpanKey>, FactError> {
        let effect = self
            .conversations
            .apply(fact, now, &mut self.ids)
            .inspect_err(|error| self.fact_errors.count(*error))?;
        self.started = self.started + effect.started as u64 - effect.discarded as u64;
        self.open_full += effect.overflowed as u64;
        self.orphans += u64::from(effect.orphaned);
        if let Some(trace) = effect.finished {
            self.finish(trace, now);
        }
        Ok(effect.key)
    }

    /// Makes a span of another program known as a parent: spans below it become part of its trace.
    /// The newest 1000 are remembered.
    ///
    /// # Errors
    /// If no keys are left.
    pub fn remote_parent(&mut self, trace: TraceId, span: SpanId) -> Result<SpanKey, FactError> {
        self.conversations.remote_parent(trace, span)
    }

    /// The ids of a span whose trace is in progress, for whoever continues it elsewhere.
    #[must_use]
    pub fn span_context(&self, key: SpanKey) -> Option<(TraceId, SpanId)> {
        self.conversations.context(key)
    }

    /// Ends every trace in progress as it is: nobody will report its end any more. What still runs
    /// ends now, neither well nor as failed.
    pub fn close_open(&mut self, now: UnixNanos) {
        for trace in self.conversations.close_all(now) {
            self.finish(trace, now);
        }
    }

    fn finish(&mut self, finished: Finished, now: UnixNanos) {
        self.last_trace = Some(finished.trace.id());
        let Some(finished) = self.redaction.pass(finished) else {
            return;
        };
        let trace = Rc::new(finished.trace);
        self.delivery.accept(trace, now);
    }

    /// The limits of what waits and travels.
    #[must_use]
    pub const fn limits(&self) -> &Limits {
        self.delivery.limits()
    }

    /// Changes the limits. What finds no room any more is dropped.
    pub fn set_limits(&mut self, limits: Limits) {
        self.delivery.set_limits(limits);
        self.set_timing();
    }

    fn set_timing(&mut self) {
        let limits = self.delivery.limits();
        let server = self.delivery.target().address();
        self.conversations.set_timing(Timing {
            live_delay_ms: server.map(|_| limits.live_delay_ms),
            timeout_ms: Some(limits.trace_timeout_ms),
        });
    }

    /// Passes on what has waited long enough.
    fn collect(&mut self, now: UnixNanos) {
        let due = self.conversations.collect(now);
        for part in due.parts {
            self.delivery.accept_early(part);
        }
        for trace in due.timed_out {
            self.timed_out += 1;
            self.finish(trace, now);
        }
    }

    /// Sends traces elsewhere from now on: `http(s)://…` for an MLflow server (its path is kept, a
    /// slash at its end is not), or `memory:`. Traces that still wait go to the new server; when it
    /// is `memory:`, they count as delivered and stay readable.
    ///
    /// # Errors
    /// If the URI is of another scheme, is no address, or holds credentials. The old one stays.
    pub fn set_tracking_uri(&mut self, uri: &str) -> Result<(), ConfigError> {
        self.delivery.set_target(tracking::Target::parse(uri)?);
        self.set_timing();
        Ok(())
    }

    /// Sends traces to this OTLP endpoint from now on, whole address, in place of an MLflow server:
    /// nothing is asked of it, and no experiment is looked for.
    ///
    /// # Errors
    /// As [`Self::set_tracking_uri`].
    pub fn set_otlp_endpoint(&mut self, uri: &str) -> Result<(), ConfigError> {
        self.delivery.set_target(tracking::Target::collector(uri)?);
        self.set_timing();
        Ok(())
    }

    /// Names the workspace that is wanted, if the server has such; empty: none.
    pub fn set_workspace(&mut self, workspace: &str) {
        self.delivery.set_workspace(workspace);
    }

    /// The workspace that the host is to name in every request; `None` unless the server is known to have
    /// workspaces: others answer every request that names one with an error.
    #[must_use]
    pub fn workspace(&self) -> Option<&str> {
        self.delivery.workspace()
    }

    /// Where traces go; `memory:` unless set otherwise.
    #[must_use]
    pub fn tracking_uri(&self) -> &str {
        self.delivery.target().uri()
    }

    /// Sends traces to this experiment from now on. Those that still wait go there too.
    pub fn set_experiment(&mut self, which: ExperimentRef) {
        self.delivery.set_experiment(which);
    }

    /// Tries again what had stopped for good, because something changed that this side does not
    /// see: request headers, credentials.
    pub fn configuration_changed(&mut self) {
        self.delivery.configuration_changed();
    }

    /// The experiment that traces go to. In memory every experiment is there at once, with the id 0
    /// unless it was set by id.
    #[must_use]
    pub fn experiment(&self) -> ExperimentState {
        self.delivery.experiment()
    }

    /// The newest trace whose root has ended.
    #[must_use]
    pub const fn last_trace_id(&self) -> Option<TraceId> {
        self.last_trace
    }

    /// The finished traces that memory still holds, the newest first.
    pub fn recent_trace_ids(&self) -> impl Iterator<Item = TraceId> {
        self.delivery.recent.newest_first()
    }

    /// What memory still holds of a trace, finished or in progress.
    #[must_use]
    pub fn trace(&self, id: &TraceId) -> Option<TraceView<'_>> {
        let mut parts = self.delivery.traces(*id);
        parts.extend(self.conversations.traces(*id));
        TraceView::new(&parts, self.redaction.exposure)
    }

    /// Where a `GET` reads a trace back from the server; `None` while traces are kept in memory.
    #[must_use]
    pub fn trace_url(&self, id: &TraceId) -> Option<String> {
        Some(read::trace_url(self.delivery.target().server()?, id))
    }

    /// What is to be sent now, if anything: one request at a time for spans, one for the experiment.
    /// Every request must be settled, with status 0 if there was no answer, or its kind stands still.
    pub fn next_request(&mut self, now: UnixNanos) -> Option<Request> {
        self.collect(now);
        self.delivery.next_request(now)
    }

    /// When [`Self::next_request`] is to be called again, if nothing else happens before: it has no
    /// request earlier, and may have none then. It may be in the past. `None`: nothing waits, or only
    /// for an answer or another configuration.
    #[must_use]
    pub fn next_due(&self) -> Option<UnixNanos> {
        UnixNanos::first(&[self.conversations.wake(), self.delivery.next_due()])
    }

    /// When there will be a request for what has been handed over already; as [`Self::next_due`], but it
    /// tells nothing of traces in progress.
    #[must_use]
    pub fn request_due(&self) -> Option<UnixNanos> {
        self.delivery.next_due()
    }

    /// Makes everything due at once that waits for company, finished spans of traces in progress
    /// included. A wait after a failure stays.
    pub fn flush_now(&mut self) {
        if self.delivery.target().address().is_some() {
            for part in self.conversations.take_settled() {
                self.delivery.accept_early(part);
            }
        }
        self.delivery.flush_now();
    }

    /// The last requests of a program that is about to be taken away, with at most `quota_bytes` of bodies
    /// together: the roots, then what failed, then the newest. All else goes on waiting. Each is to be
    /// settled as those of [`Self::next_request`], but they do not wait for each other. What is on its way
    /// is sent again, but for what [`Self::trust_flights`] was told of.
    pub fn closing_requests(&mut self, quota_bytes: usize, now: UnixNanos) -> Vec<Request> {
        self.collect(now);
        self.flush_now();
        self.delivery.closing_requests(quota_bytes)
    }

    /// What is on its way now reaches the server even if the program is taken away.
    pub fn trust_flights(&mut self) {
        self.delivery.trust_flights();
    }

    /// Queues again what is on its way, because its answers will never be taken in. Such an answer is
    /// ignored if it comes all the same.
    pub fn abandon_flights(&mut self) {
        self.delivery.abandon_flights();
    }

    /// Ends what is in progress and drops everything that has not arrived. What was given out by
    /// [`Self::unsaved`] is not named by [`Self::take_settled`]: a later life may deliver it.
    pub fn shut_down(&mut self, now: UnixNanos) {
        self.close_open(now);
        self.delivery.shut_down();
    }

    /// What waits or is on its way and was not given out before, to be kept elsewhere until
    /// [`Self::take_settled`] names it. About half a megabyte at once: ask again until nothing comes.
    pub fn unsaved(&mut self) -> Vec<Unsaved> {
        self.delivery.unsaved()
    }

    /// The numbers of what was given out by [`Self::unsaved`] and has since arrived or is lost for
    /// good. Each is given once.
    pub fn take_settled(&mut self) -> Vec<u32> {
        self.delivery.take_settled()
    }

    /// Queues what an earlier life of the program kept; tells whether it could be read. What cannot
    /// counts as one span, made and dropped.
    pub fn restore(&mut self, bytes: &[u8]) -> bool {
        let read = stored::read(bytes);
        let readable = read.is_some();
        if let Some(encoded) = read {
            self.started += self.delivery.restore(encoded);
        } else {
            self.started += 1;
            self.unreadable += 1;
        }
        readable
    }

    /// Takes in the answer to a request.
    pub fn settle(&mut self, id: RequestId, answer: Answer, now: UnixNanos) -> Settled {
        let random = self.ids.random();
        self.delivery.settle(id, &answer, now, random)
    }

    /// What a person should be told, since the last call.
    pub fn take_notices(&mut self) -> Vec<Notice> {
        self.delivery.take_notices()
    }

    /// Spans of finished traces that wait or are on their way.
    #[must_use]
    pub fn buffered_spans(&self) -> u64 {
        self.delivery.buffered_spans()
    }

    /// What has happened to all spans so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        let mut stats = self.delivery.stats();
        stats.started = self.started;
        stats.open = self.conversations.open_spans() as u64 + self.redaction.held_spans();
        stats.dropped.open_full = self.open_full;
        stats.dropped.unreadable = self.unreadable;
        stats.timed_out = self.timed_out;
        stats.orphans = self.orphans;
        stats.fact_errors = self.fact_errors;
        stats
    }
}
