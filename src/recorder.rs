//! The front door of the pure half: facts go in, requests come out, answers go back in.
//!
//! Owns no clock and performs no request. Whoever holds it calls [`Recorder::record`] for every
//! fact, sends what [`Recorder::next_request`] gives, and hands each answer to
//! [`Recorder::settle`].

mod delivery;
mod finals;
mod report;
mod stats;
mod tracking;
mod view;

use std::rc::Rc;

use crate::ag2::{Conversations, Fact};
use crate::error::{ConfigError, FactError};
use crate::mlflow::read;
use crate::mlflow::{Answer, ExperimentRef, ExperimentState, Request, RequestId};
use crate::trace::{Entropy, IdSource, SpanId, SpanKey, Trace, TraceId, UnixNanos};
use delivery::Delivery;

pub use delivery::Settled;
pub use stats::{Dropped, FactErrors, Notice, Stats};
pub use tracking::MEMORY_URI;
pub use view::{TraceState, TraceView};

/// Records what agents do and delivers it as traces.
pub struct Recorder<E> {
    ids: IdSource<E>,
    conversations: Conversations,
    delivery: Delivery,
    last_trace: Option<TraceId>,
    started: u64,
    open_full: u64,
    orphans: u64,
    fact_errors: FactErrors,
}

impl<E: Entropy> Recorder<E> {
    /// A recorder that keeps traces in memory. Asks for no randomness yet.
    #[must_use]
    pub fn new(entropy: E) -> Self {
        Self {
            ids: IdSource::new(entropy),
            conversations: Conversations::default(),
            delivery: Delivery::default(),
            last_trace: None,
            started: 0,
            open_full: 0,
            orphans: 0,
            fact_errors: FactErrors::default(),
        }
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

    fn finish(&mut self, trace: Trace, now: UnixNanos) {
        self.last_trace = Some(trace.id());
        self.delivery.accept(Rc::new(trace), now);
    }

    /// Sends traces elsewhere from now on: `http(s)://…` for an MLflow server (its path is kept, a
    /// slash at its end is not), or `memory:`. Traces that still wait go to the new server; when it
    /// is `memory:`, they count as delivered and stay readable.
    ///
    /// # Errors
    /// If the URI is of another scheme, is no address, or holds credentials. The old one stays.
    pub fn set_tracking_uri(&mut self, uri: &str) -> Result<(), ConfigError> {
        self.delivery.set_target(tracking::Target::parse(uri)?);
        Ok(())
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

    /// What memory still holds of a trace, finished or in progress.
    #[must_use]
    pub fn trace(&self, id: &TraceId) -> Option<TraceView<'_>> {
        let finished = self.delivery.traces(*id);
        TraceView::new(finished.chain(self.conversations.traces(*id)))
    }

    /// Where a `GET` reads a trace back from the server; `None` while traces are kept in memory.
    #[must_use]
    pub fn trace_url(&self, id: &TraceId) -> Option<String> {
        Some(read::trace_url(self.delivery.target().server()?, id))
    }

    /// What is to be sent now, if anything: one request at a time for spans, one for the experiment.
    /// Every request must be settled, with status 0 if there was no answer, or its kind stands still.
    pub fn next_request(&mut self, now: UnixNanos) -> Option<Request> {
        self.delivery.next_request(now)
    }

    /// When [`Self::next_request`] may have something, if nothing else happens before. It may be in
    /// the past. `None`: nothing waits, or only for an answer or another configuration.
    #[must_use]
    pub fn next_due(&self) -> Option<UnixNanos> {
        self.delivery.next_due()
    }

    /// Makes everything due at once that waits for company. A wait after a failure stays.
    pub fn flush_now(&mut self) {
        self.delivery.flush_now();
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
        stats.open = self.conversations.open_spans() as u64;
        stats.dropped.open_full = self.open_full;
        stats.orphans = self.orphans;
        stats.fact_errors = self.fact_errors;
        stats
    }
}
