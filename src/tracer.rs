//! The core's entry type: events go in, requests come out, responses go back in.
//!
//! Owns no clock and performs no request. The host calls [`Tracer::on_event`] for every event,
//! sends what [`Tracer::next_request`] gives, and hands each response to [`Tracer::on_response`].

use std::rc::Rc;

use crate::ag2::{AgentEvent, Conversations, FinishedTrace, Timing};
use crate::error::{ConfigError, EventError};
use crate::export::{
    Endpoint, EventErrors, Exporter, Limits, Moment, NextRequest, Notice, PersistRecord, Stats, TraceView,
};
use crate::mlflow::api::urls;
use crate::mlflow::{ExperimentRef, ExperimentState, Request, RequestId, Response};
use crate::redaction::Redaction;
use crate::trace::{Host, IdSource, MonotonicNanos, Route, SpanId, SpanKey, TraceId, UnixNanos};

/// Records what agents do and delivers it as traces.
#[derive(Debug)]
pub struct Tracer<H> {
    pub(crate) ids: IdSource<H>,
    pub(crate) conversations: Conversations,
    exporter: Exporter,
    pub(crate) redaction: Redaction,
    last_trace: Option<TraceId>,
    started: u64,
    open_full: u64,
    timed_out: u64,
    unreadable: u64,
    pub(crate) redacted: u64,
    orphans: u64,
    event_errors: EventErrors,
}

impl<H: Host> Tracer<H> {
    /// A tracer that keeps traces in memory. Asks for no randomness yet.
    #[must_use]
    pub fn new(host: H) -> Self {
        let mut tracer = Self {
            ids: IdSource::new(host),
            conversations: Conversations::default(),
            exporter: Exporter::new(H::format_f64),
            redaction: Redaction::default(),
            last_trace: None,
            started: 0,
            open_full: 0,
            timed_out: 0,
            unreadable: 0,
            redacted: 0,
            orphans: 0,
            event_errors: EventErrors::default(),
        };
        tracer.set_timing();
        tracer
    }

    /// Notes how far the wall clock is ahead of the monotonic one, in nanoseconds: to be called before the
    /// first event, and when the difference has changed. A trace keeps the offset that was known when it
    /// began, so its timestamps fit each other.
    pub const fn set_unix_offset(&mut self, nanos: i64) {
        self.conversations.set_unix_offset(nanos);
    }

    /// Takes in an event. An event that starts something gives the key of its span; a parent that is not
    /// recorded any more makes it the root of a trace of its own.
    ///
    /// # Errors
    /// If the event speaks of a span that is not open or is of another kind. Nothing is changed then,
    /// and [`Stats::event_errors`] counts it.
    pub fn on_event(&mut self, event: AgentEvent, now: MonotonicNanos) -> Result<Option<SpanKey>, EventError> {
        let effect =
            self.conversations.apply(event, now, &mut self.ids).inspect_err(|error| self.event_errors.count(*error))?;
        self.started = self.started + effect.started as u64 - effect.discarded as u64;
        self.open_full += effect.overflowed as u64;
        self.orphans += u64::from(effect.orphaned);
        if let Some(trace) = effect.finished {
            self.finish(*trace, now);
        }
        Ok(effect.key)
    }

    /// Makes a span of another program known as a parent: spans below it become part of its trace.
    /// The newest 1000 are remembered.
    ///
    /// # Errors
    /// If no keys are left.
    pub fn remote_parent(&mut self, trace: TraceId, span: SpanId) -> Result<SpanKey, EventError> {
        self.conversations.remote_parent(trace, span)
    }

    /// The ids of a span whose trace is in progress, for a program that continues it elsewhere.
    #[must_use]
    pub fn span_context(&self, key: SpanKey) -> Option<(TraceId, SpanId)> {
        self.conversations.context(key)
    }

    /// Passes on a trace that ended now.
    pub(crate) fn finish(&mut self, finished: FinishedTrace, now: MonotonicNanos) {
        let route = self.exporter.current().clone();
        self.finish_at(finished, route, now);
    }

    /// Passes on a trace that ended when this route was the current one.
    pub(crate) fn finish_at(&mut self, mut finished: FinishedTrace, route: Route, now: MonotonicNanos) {
        self.last_trace = Some(finished.trace.id());
        finished.trace.properties.note_source(H::source);
        if let Some((finished, route)) = self.redaction.pass(finished, route) {
            self.exporter.add_trace(Rc::new(finished.trace), &route, now);
        }
    }

    /// The limits of what waits and travels.
    #[must_use]
    pub const fn limits(&self) -> &Limits {
        self.exporter.limits()
    }

    /// Changes the limits. What finds no room any more is dropped.
    pub fn set_limits(&mut self, limits: Limits) {
        self.exporter.set_limits(limits);
        self.set_timing();
    }

    fn set_timing(&mut self) {
        let limits = self.exporter.limits();
        self.conversations.open_mut().set_most_bytes(limits.open_bytes);
        let address = self.exporter.endpoint().address();
        self.conversations.set_timing(Timing {
            live_delay_ms: address.map(|_| limits.live_delay_ms),
            timeout_ms: Some(limits.trace_timeout_ms),
        });
    }

    /// Passes on what has waited long enough.
    fn collect(&mut self, now: MonotonicNanos) {
        let route = self.exporter.current();
        let due = self.conversations.collect(now, route);
        for chunk in due.partial {
            self.exporter.add_partial(chunk);
        }
        for trace in due.timed_out {
            self.timed_out += 1;
            self.finish(trace, now);
        }
    }

    /// Sends traces elsewhere that end from now on: `http(s)://…` for an MLflow server (its path is kept,
    /// a slash at its end is not), or `memory:`. Those that wait go on to the server that was set when they
    /// ended, also after `memory:`.
    ///
    /// # Errors
    /// If the URI is of another scheme, no server's address, or holds credentials. The old one stays.
    pub fn set_tracking_uri(&mut self, uri: &str) -> Result<(), ConfigError> {
        self.exporter.set_endpoint(Endpoint::parse(uri)?);
        self.set_timing();
        Ok(())
    }

    /// Sends traces that end from now on to this OTLP endpoint, whole address, in place of an MLflow
    /// server: nothing is asked of it, and no experiment is looked for.
    ///
    /// # Errors
    /// If the address is of another scheme, is none, or holds credentials. The old one stays.
    pub fn set_otlp_endpoint(&mut self, uri: &str) -> Result<(), ConfigError> {
        self.exporter.set_endpoint(Endpoint::parse_otlp(uri)?);
        self.set_timing();
        Ok(())
    }

    /// Names the workspace of traces that end from now on, if the server has such; empty: none.
    pub fn set_workspace(&mut self, workspace: &str) {
        self.exporter.set_workspace(workspace);
    }

    /// The workspace that requests to the current server name; `None` unless the server is known to have
    /// workspaces: others answer every request that names one with an error.
    #[must_use]
    pub fn workspace(&self) -> Option<&str> {
        self.exporter.workspace()
    }

    /// Where traces go; `memory:` unless set otherwise.
    #[must_use]
    pub fn tracking_uri(&self) -> &str {
        self.exporter.endpoint().uri()
    }

    /// Sends traces to this experiment that end from now on. Those that wait go to the experiment that was
    /// set when they ended, unless that cannot be had.
    pub fn set_experiment(&mut self, which: ExperimentRef) {
        self.exporter.set_experiment(which);
    }

    /// Tries everything again at once, because something changed that the core does not see: request
    /// headers, credentials.
    pub fn configuration_changed(&mut self) {
        self.exporter.configuration_changed();
    }

    /// The experiment that traces go to. In memory every experiment is there at once, with the id 0
    /// unless it was set by id.
    #[must_use]
    pub fn experiment(&self) -> ExperimentState {
        self.exporter.experiment()
    }

    /// The newest trace whose root has ended.
    #[must_use]
    pub const fn last_trace_id(&self) -> Option<TraceId> {
        self.last_trace
    }

    /// The finished traces that memory still holds, the newest first.
    pub fn recent_trace_ids(&self) -> impl Iterator<Item = TraceId> {
        self.exporter.recent_trace_ids()
    }

    /// What memory still holds of a trace, finished or in progress.
    #[must_use]
    pub fn trace(&self, id: &TraceId) -> Option<TraceView<'_>> {
        let mut traces = self.exporter.traces(*id);
        traces.extend(self.conversations.traces(*id));
        TraceView::new(&traces, self.redaction.capture_policy)
    }

    /// Where a `GET` reads a trace back from the server; `None` while traces stay in memory.
    #[must_use]
    pub fn trace_url(&self, id: &TraceId) -> Option<String> {
        Some(urls::trace_url(self.exporter.endpoint().server()?, id))
    }

    /// What is to be done now: of each server, one request at a time for spans, one for discovery. Every
    /// request must get a response, with status 0 if there was none, or its kind stands still.
    pub fn next_request(&mut self, now: MonotonicNanos) -> NextRequest {
        self.collect(now);
        if let Some(request) = self.exporter.next_request(now) {
            return NextRequest::Send(request);
        }
        self.next_due().map_or(NextRequest::Idle, NextRequest::WaitUntil)
    }

    /// When [`Self::next_request`] is to be called again, if nothing else happens before: it has no request earlier,
    /// and may have none then. It may be in the past: something is due now. `None`: nothing waits but for responses.
    #[must_use]
    pub fn next_due(&self) -> Option<MonotonicNanos> {
        MonotonicNanos::first(&[self.conversations.next_deadline(), self.exporter.due()])
    }

    /// When something of the traces in progress is due: spans to be exported early, or a trace that the program does
    /// not end.
    #[must_use]
    pub const fn open_due(&self) -> Option<MonotonicNanos> {
        self.conversations.next_deadline()
    }

    /// The root of the newest trace in progress.
    #[must_use]
    pub fn newest_open_trace(&self) -> Option<SpanKey> {
        self.conversations.open().traces().map(|trace| trace.root().key).max()
    }

    /// Whether a trace is in progress whose root is this span or an older one.
    #[must_use]
    pub fn has_open_trace(&self, newest: SpanKey) -> bool {
        self.conversations.open().traces().any(|trace| trace.root().key <= newest)
    }

    /// How many traces have ended.
    #[must_use]
    pub const fn finished_traces(&self) -> u64 {
        self.exporter.finished_traces()
    }

    /// Puts a finished trace that memory holds into a session, because its conversation goes on, unless it has one.
    pub fn join_session(&mut self, trace: TraceId, session: &Rc<str>) {
        self.exporter.join_session(trace, session);
    }

    /// When there will be a request for what has been handed over already; as [`Self::next_due`], but it
    /// tells nothing of traces in progress.
    #[must_use]
    pub fn request_due(&self) -> Option<MonotonicNanos> {
        self.exporter.due()
    }

    /// Makes everything due at once, whatever it waits for: company, another attempt, or the end of a time
    /// that a server has asked for. Finished spans of traces in progress are included.
    pub fn flush_now(&mut self) {
        if self.exporter.endpoint().address().is_some() {
            for chunk in self.conversations.take_exportable(self.exporter.current()) {
                self.exporter.add_partial(chunk);
            }
        }
        self.exporter.flush_now();
    }

    /// The last requests of a page that is being unloaded, with at most `quota_bytes` of bodies together:
    /// the roots, then what failed, then the newest. All else goes on waiting. Each must get a response as
    /// those of [`Self::next_request`], but they do not wait for each other. What is in flight is sent again,
    /// except requests that [`Self::mark_in_flight_keepalive`] has marked.
    pub fn unload_requests(&mut self, quota_bytes: usize, now: MonotonicNanos) -> Vec<Request> {
        self.collect(now);
        self.flush_now();
        self.exporter.unload_requests(quota_bytes)
    }

    /// Notes that what is in flight now reaches the server even if the page is unloaded.
    pub fn mark_in_flight_keepalive(&mut self) {
        self.exporter.mark_in_flight_keepalive();
    }

    /// Queues again what is in flight, because its responses will never come. Such a response is ignored if
    /// it comes all the same.
    pub fn requeue_in_flight(&mut self) {
        self.exporter.requeue_in_flight();
    }

    /// Ends what is in progress and drops everything that has not been delivered. What was handed out by
    /// [`Self::take_unpersisted`] is not named by [`Self::take_finished_ids`]: a later session may deliver it.
    pub fn shut_down(&mut self, now: MonotonicNanos) {
        self.close_open(now);
        self.exporter.shut_down();
    }

    /// Records of what waits or is in flight and was not handed out before, to be stored persistently
    /// until [`Self::take_finished_ids`] names them. About half a megabyte at once: ask again until nothing
    /// comes.
    pub fn take_unpersisted(&mut self) -> Vec<PersistRecord> {
        self.exporter.take_unpersisted()
    }

    /// The numbers of records of [`Self::take_unpersisted`] and [`Self::restore`] whose spans have since been delivered
    /// or are lost for good. Each is given once.
    pub fn take_finished_ids(&mut self) -> Vec<u32> {
        self.exporter.take_finished_ids()
    }

    /// Whether these are the bytes of a record that [`Self::restore`] can read.
    #[must_use]
    pub fn is_record(bytes: &[u8]) -> bool {
        Exporter::is_record(bytes)
    }

    /// Queues what a record of a previous session holds, and gives its number in this session: it stays stored until
    /// [`Self::take_finished_ids`] names that. `None` if it cannot be read; that counts as one span, made and dropped.
    pub fn restore(&mut self, bytes: &[u8]) -> Option<u32> {
        let Some((id, spans)) = self.exporter.restore(bytes) else {
            self.started += 1;
            self.unreadable += 1;
            return None;
        };
        self.started += spans;
        Some(id)
    }

    /// Takes in the response to a request. A response to an unknown request changes nothing.
    pub fn on_response(&mut self, id: RequestId, response: Response, now: MonotonicNanos) {
        self.exporter.on_response(id, &response, Moment { now, random: self.ids.random() });
    }

    /// The notices for people since the last call.
    pub fn take_notices(&mut self) -> Vec<Notice> {
        self.exporter.take_notices()
    }

    /// Spans of finished traces that wait or are in flight.
    #[must_use]
    pub fn buffered_spans(&self) -> u64 {
        self.exporter.buffered_spans()
    }

    /// How many spans were delivered and dropped so far.
    #[must_use]
    pub const fn delivered_and_dropped(&self) -> (u64, u64) {
        let (delivered, dropped) = self.exporter.delivered_and_dropped();
        (delivered, dropped + self.open_full + self.unreadable + self.redacted)
    }

    /// The time of the wall clock at this moment.
    #[must_use]
    pub const fn to_unix(&self, time: MonotonicNanos) -> UnixNanos {
        self.conversations.to_unix(time)
    }

    /// What has happened to all spans so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        let mut stats = self.exporter.stats();
        stats.started = self.started;
        stats.open = self.conversations.open_spans() as u64 + self.redaction.held_spans();
        stats.dropped.open_full = self.open_full;
        stats.dropped.unreadable = self.unreadable;
        stats.dropped.redacted = self.redacted;
        stats.timed_out = self.timed_out;
        stats.truncated = self.conversations.open().cut_values();
        stats.orphans = self.orphans;
        stats.event_errors = self.event_errors;
        stats
    }
}
