//! All destinations together: where new traces go, what is sent next, and whom a response concerns.

use std::rc::Rc;

use super::chunk::{Payload, QueuedChunk, span_count};
use super::context::{ExportContext, Moment};
use super::delivered::give_up;
use super::destination::Destination;
use super::endpoint::Endpoint;
use super::experiments::{ExperimentTarget, Wanted};
use super::limits::Limits;
use super::queue::Queue;
use super::recent::RecentTraces;
use super::stats::{Notice, Stats};
use super::unload::unload_requests;
use crate::mlflow::{ExperimentRef, ExperimentState, Request, RequestId, Response, names};
use crate::trace::{FormatF64, MonotonicNanos, Route, Trace, TraceChunk, TraceId};

/// Everything between a finished trace and the servers.
#[derive(Debug)]
pub(crate) struct Exporter {
    pub(super) context: ExportContext,
    /// In the order in which they were set.
    pub(super) destinations: Vec<Destination>,
    pub(super) endpoint: Endpoint,
    pub(super) workspace: String,
    experiment: Option<ExperimentRef>,
    /// Where traces go that end now.
    pub(super) current: Route,
    pub(super) recent: RecentTraces,
}

impl Exporter {
    /// An exporter that keeps traces in memory.
    #[must_use]
    pub(crate) fn new(format_f64: FormatF64) -> Self {
        let mut exporter = Self {
            context: ExportContext::new(format_f64),
            destinations: Vec::new(),
            endpoint: Endpoint::default(),
            workspace: String::new(),
            experiment: None,
            current: Route::new(0),
            recent: RecentTraces::default(),
        };
        exporter.select_current();
        exporter
    }

    /// Where traces go that end now.
    #[must_use]
    pub(crate) const fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// The route of traces that end now.
    #[must_use]
    pub(crate) const fn current(&self) -> &Route {
        &self.current
    }

    /// Sends traces elsewhere that end from now on.
    pub(crate) fn set_endpoint(&mut self, endpoint: Endpoint) {
        if self.endpoint != endpoint {
            self.endpoint = endpoint;
            self.select_current();
            self.attend_to_current();
        }
    }

    /// Names the workspace of traces that end from now on; empty: none.
    pub(crate) fn set_workspace(&mut self, workspace: &str) {
        if self.workspace != workspace {
            workspace.clone_into(&mut self.workspace);
            self.select_current();
            self.attend_to_current();
        }
    }

    /// Sends traces to this experiment that end from now on. The same one again changes nothing, unless
    /// its search had failed. A program may do so for every trace, so no wait after a failure ends with it.
    pub(crate) fn set_experiment(&mut self, which: ExperimentRef) {
        if self.experiment.as_ref() != Some(&which) {
            self.experiment = Some(which);
            self.select_current();
            return;
        }
        let current = &self.current;
        let mut has_failed = false;
        for destination in &mut self.destinations {
            let target = destination.state.discovery.experiments.get_mut(current);
            has_failed |= target.is_some_and(ExperimentTarget::retry_if_failed);
        }
        if has_failed {
            self.attend_to_current();
        }
    }

    fn select_current(&mut self) {
        self.context.report.set_current(&self.endpoint);
        let index = self.destination_at(&self.endpoint.clone(), &self.workspace.clone());
        let last_route = &mut self.context.last_route;
        let experiments = &mut self.destinations[index].state.discovery.experiments;
        self.current = experiments.select(Wanted::Set(self.experiment.as_ref()), last_route);
        self.destinations[index].reroute_refused(&self.current);
        self.drop_unused();
    }

    /// Ends the waits of the current destination and lets its errors be reported again, because the program has just
    /// changed its configuration.
    fn attend_to_current(&mut self) {
        self.context.report.clear_reported();
        for destination in &mut self.destinations {
            if destination.has(&self.current) {
                destination.reset_waits();
            }
        }
    }

    /// The index of the destination at this place, which is made if there is none.
    pub(super) fn destination_at(&mut self, endpoint: &Endpoint, workspace: &str) -> usize {
        let mut destinations = self.destinations.iter();
        if let Some(index) = destinations.position(|known| known.is_at(endpoint, workspace)) {
            return index;
        }
        self.destinations.push(Destination::new(endpoint.clone(), workspace));
        self.destinations.len() - 1
    }

    /// Drops the experiments and destinations that nothing goes to any more.
    fn drop_unused(&mut self) {
        let report = &mut self.context.report;
        self.destinations.retain_mut(|destination| {
            let is_used = destination.drop_unused();
            if !is_used {
                report.mark_over(destination.state.endpoint.uri());
            }
            is_used
        });
    }

    fn current_destination(&self) -> Option<&Destination> {
        self.destinations.iter().find(|known| known.has(&self.current))
    }

    /// How many traces have ended.
    #[must_use]
    pub(crate) const fn finished_traces(&self) -> u64 {
        self.context.stats.traces
    }

    /// What is known of the experiment that traces go to now. In memory every experiment is there at once,
    /// with the id 0 unless it was set by id.
    #[must_use]
    pub(crate) fn experiment(&self) -> ExperimentState {
        let destination = self.current_destination();
        let server = destination.filter(|known| known.state.endpoint.server().is_some());
        let state = server.and_then(|known| known.state.discovery.experiment(&self.current));
        match (state, &self.experiment) {
            (Some(state), _) => state,
            (None, None) => ExperimentState::Unset,
            (None, Some(ExperimentRef::Name(name))) => {
                ExperimentState::Ready { id: names::DEFAULT_EXPERIMENT_ID.to_owned(), name: name.clone() }
            }
            (None, Some(ExperimentRef::Id(id))) => ExperimentState::Ready { id: id.clone(), name: String::new() },
        }
    }

    /// The workspace that requests to the current server name.
    #[must_use]
    pub(crate) fn workspace(&self) -> Option<&str> {
        let state = &self.current_destination()?.state;
        state.discovery.capabilities.workspace()
    }

    /// Tries everything again and finds everything out anew, because something has changed that the core does
    /// not see.
    pub(crate) fn configuration_changed(&mut self) {
        self.context.report.clear_reported();
        self.destinations.iter_mut().for_each(Destination::restart);
    }

    /// The limits of what waits and travels.
    #[must_use]
    pub(crate) const fn limits(&self) -> &Limits {
        &self.context.limits
    }

    /// Changes the limits. What finds no room any more is dropped.
    pub(crate) fn set_limits(&mut self, limits: Limits) {
        self.context.limits = limits;
        self.evict();
    }

    /// Takes a finished trace. `route` is the one that was current when it ended; what was taken early of it
    /// decides before that.
    pub(crate) fn add_trace(&mut self, trace: Rc<Trace>, route: &Route, now: MonotonicNanos) {
        self.context.stats.traces += 1;
        self.recent.remember(&trace, route);
        let due = now.plus_millis(self.context.limits.batch_delay_ms);
        self.add_chunk(TraceChunk::remaining(trace), route, due);
    }

    /// Takes finished spans of a trace in progress.
    pub(crate) fn add_partial(&mut self, chunk: TraceChunk) {
        // Their delay has passed already.
        let current = self.current.clone();
        self.add_chunk(chunk, &current, MonotonicNanos::default());
    }

    fn add_chunk(&mut self, chunk: TraceChunk, route: &Route, due: MonotonicNanos) {
        let route = chunk.route().unwrap_or(route).clone();
        self.enqueue(QueuedChunk::new(Payload::Spans(chunk), route, due));
    }

    pub(super) fn enqueue(&mut self, chunk: QueuedChunk) {
        let mut destinations = self.destinations.iter_mut();
        let destination = destinations.find(|known| known.has(&chunk.route));
        match destination {
            Some(destination) if destination.state.endpoint != Endpoint::Memory => {
                destination.state.queue.push(chunk);
                self.evict();
            }
            _ => self.context.stats.in_memory += chunk.span_count() as u64,
        }
    }

    /// Drops the oldest traces while too much waits, those of the oldest destination first.
    fn evict(&mut self) {
        let mut dropped = 0;
        while self.is_over_limits()
            && let Some(queue) = self.oldest_queue()
        {
            dropped += give_up(queue.evict_oldest());
        }
        if dropped > 0 {
            self.context.stats.dropped.buffer_full += dropped;
            let message = "too many traces wait for delivery and the oldest are dropped; flush more often, or see to \
                it that the tracking server answers";
            self.context.report.notify("buffer_full", message.to_owned());
        }
    }

    fn is_over_limits(&self) -> bool {
        let (mut spans, mut bytes) = (0, 0);
        for destination in &self.destinations {
            let (its_spans, its_bytes) = destination.state.queue.size();
            (spans, bytes) = (spans + its_spans, bytes + its_bytes);
        }
        let limits = &self.context.limits;
        spans > limits.buffer_spans || bytes > limits.buffer_bytes
    }

    /// The queue of the oldest destination with a finished trace; if there is none, of the oldest where anything waits.
    fn oldest_queue(&mut self) -> Option<&mut Queue> {
        let has_finished = |known: &Destination| known.state.queue.has_finished_trace();
        let has_any = |known: &Destination| !known.state.queue.chunks().is_empty();
        let destinations = &self.destinations;
        let index = destinations.iter().position(has_finished).or_else(|| destinations.iter().position(has_any))?;
        Some(&mut self.destinations[index].state.queue)
    }

    /// When the next request is due.
    #[must_use]
    pub(crate) fn due(&self) -> Option<MonotonicNanos> {
        let destinations = self.destinations.iter();
        destinations.filter_map(|known| known.due(&self.context)).min()
    }

    /// The next request that is due, of the current destination first.
    pub(crate) fn next_request(&mut self, now: MonotonicNanos) -> Option<Request> {
        self.context.report.set_now(now);
        for is_current in [true, false] {
            for destination in &mut self.destinations {
                if destination.has(&self.current) == is_current
                    && let Some(request) = destination.next_request(&mut self.context, now)
                {
                    return Some(request);
                }
            }
        }
        None
    }

    /// Takes in a response. A response to an unknown request changes nothing.
    pub(crate) fn on_response(&mut self, id: RequestId, response: &Response, moment: Moment) {
        self.context.report.set_now(moment.now);
        let (current, context) = (&self.current, &mut self.context);
        let mut destinations = self.destinations.iter_mut();
        if destinations.any(|known| known.on_response((id, response), current, context, moment)) {
            self.evict();
            self.drop_unused();
        }
    }

    /// Makes everything due at once that waits for company or for another attempt.
    pub(crate) fn flush_now(&mut self) {
        self.destinations.iter_mut().for_each(Destination::flush);
    }

    /// The last requests of a page that is being unloaded, with at most `quota_bytes` of bodies together.
    pub(crate) fn unload_requests(&mut self, quota_bytes: usize) -> Vec<Request> {
        let mut quota = quota_bytes;
        let mut requests = Vec::new();
        for is_current in [true, false] {
            for destination in &mut self.destinations {
                if destination.has(&self.current) == is_current {
                    requests.extend(unload_requests(destination, &mut quota, &mut self.context));
                }
            }
        }
        requests
    }

    /// Notes that what is in flight reaches its server even if the page is unloaded.
    pub(crate) fn mark_in_flight_keepalive(&mut self) {
        for destination in &mut self.destinations {
            for request in destination.state.in_flight.requests_mut() {
                request.survives_unload = true;
            }
        }
    }

    /// Queues again what is in flight: its responses will never come.
    pub(crate) fn requeue_in_flight(&mut self) {
        self.destinations.iter_mut().for_each(Destination::requeue_in_flight);
        self.evict();
    }

    /// Drops everything that waits or is in flight. What is in persistent storage stays there, for a later
    /// session.
    pub(crate) fn shut_down(&mut self) {
        for destination in &mut self.destinations {
            destination.requeue_in_flight();
            let chunks = destination.state.queue.take_all();
            self.context.stats.dropped.shutdown += span_count(&chunks);
            for pending in destination.state.trace_infos.take_all() {
                self.context.stats.delivered += pending.spans;
            }
        }
        self.drop_unused();
    }

    /// The notices for people since the last call.
    pub(crate) fn take_notices(&mut self) -> Vec<Notice> {
        self.context.report.take_notices()
    }

    /// Spans that wait or are in flight.
    #[must_use]
    pub(crate) fn buffered_spans(&self) -> u64 {
        self.destinations.iter().map(Destination::buffered_spans).sum()
    }

    /// How many spans were delivered and dropped so far.
    #[must_use]
    pub(crate) const fn delivered_and_dropped(&self) -> (u64, u64) {
        let stats = &self.context.stats;
        (stats.delivered, stats.dropped.total())
    }

    /// All counts but those of spans in progress.
    #[must_use]
    pub(crate) fn stats(&self) -> Stats {
        Stats {
            buffered: self.buffered_spans(),
            last_error: self.context.report.last_error().cloned(),
            ..self.context.stats.clone()
        }
    }

    /// The finished traces that memory still holds, the newest first.
    pub(crate) fn recent_trace_ids(&self) -> impl Iterator<Item = TraceId> {
        self.recent.newest_first()
    }

    /// What memory holds of a trace; the same part may come twice.
    #[must_use]
    pub(crate) fn traces<'a>(&'a self, id: TraceId) -> Vec<&'a Trace> {
        let mut found: Vec<&'a Trace> = Vec::new();
        let mut look_at = |trace: Option<&'a Rc<Trace>>| {
            if let Some(trace) = trace
                && trace.id() == id
            {
                found.push(trace);
            }
        };
        for trace in self.recent.traces() {
            look_at(Some(trace));
        }
        for destination in &self.destinations {
            let state = &destination.state;
            state.each_chunk(&mut |chunk| look_at(chunk.recorded().and_then(TraceChunk::finished_trace)));
            for pending in state.trace_infos.iter() {
                look_at(pending.trace.as_ref());
            }
        }
        found
    }
}
