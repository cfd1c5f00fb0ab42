//! One server or OTLP endpoint with all that goes there: its own discovery, queue, waits and requests, so
//! that one that is away delays no other.

use super::chunk::QueuedChunk;
use super::context::{ExportContext, Moment};
use super::discovery::{Discovery, Reset};
use super::endpoint::Endpoint;
use super::in_flight::InFlight;
use super::queue::Queue;
use super::relocation::send_located;
use super::span_export::SpanExport;
use super::trace_info_export::TraceInfoExport;
use super::trace_infos::TraceInfos;
use crate::mlflow::api::capabilities::Protocol;
use crate::mlflow::response::{ResponseAction, classify_response};
use crate::mlflow::{Request, RequestId, RequestKind, Response, names};
use crate::trace::{MonotonicNanos, Route, TraceId};

/// What the parts of a destination work on together.
#[derive(Debug)]
pub(super) struct DestinationState {
    /// Where it is.
    pub endpoint: Endpoint,
    /// What is known of it.
    pub discovery: Discovery,
    /// The spans that wait.
    pub queue: Queue,
    /// The requests in flight.
    pub in_flight: InFlight,
    /// The infos of traces that follow their spans.
    pub trace_infos: TraceInfos,
}

impl DestinationState {
    /// The id of the experiment that a route leads to; empty where there are none, `None` as long as it is
    /// not known.
    #[must_use]
    pub(super) fn experiment_id(&self, route: &Route) -> Option<&str> {
        match self.endpoint.server() {
            None => Some(""),
            Some(_) => self.discovery.experiments.id(route),
        }
    }

    /// Whether traces go as files.
    #[must_use]
    pub(super) fn uses_artifacts(&self) -> bool {
        let protocol = self.discovery.capabilities.protocol();
        self.endpoint.server().is_some() && protocol == Protocol::Artifact
    }

    /// Whether any spans of this trace have yet to be stored.
    #[must_use]
    pub(super) fn has_chunks_of(&self, id: TraceId) -> bool {
        let mut has_any = false;
        self.each_chunk(&mut |chunk| has_any |= chunk.trace_id() == id);
        has_any
    }

    /// Whether the root of this trace has yet to be stored: the rest of it is read when that has been.
    #[must_use]
    pub(super) fn has_root_chunk_of(&self, id: TraceId) -> bool {
        let mut has_root = false;
        self.each_chunk(&mut |chunk| has_root |= chunk.has_root() && chunk.trace_id() == id);
        has_root
    }

    /// Hands over the chunks that wait or are in flight.
    pub(super) fn each_chunk<'a>(&'a self, take: &mut dyn FnMut(&'a QueuedChunk)) {
        // Loops instead of adapters, which would be compiled anew for every caller.
        for chunk in self.queue.chunks() {
            take(chunk);
        }
        for request in self.in_flight.requests() {
            for chunk in &request.chunks {
                take(chunk);
            }
        }
    }

    fn awaits(&self, route: &Route) -> bool {
        self.queue.chunks().iter().any(|chunk| chunk.route == *route)
    }
}

/// A destination of traces.
#[derive(Debug)]
pub(super) struct Destination {
    /// What its parts work on.
    pub state: DestinationState,
    workspace: String,
    spans: SpanExport,
    /// What sends the infos of traces.
    pub infos: TraceInfoExport,
}

impl Destination {
    /// A destination for which nothing waits.
    #[must_use]
    pub(super) fn new(endpoint: Endpoint, workspace: &str) -> Self {
        Self {
            state: DestinationState {
                endpoint,
                discovery: Discovery::new(workspace),
                queue: Queue::default(),
                in_flight: InFlight::default(),
                trace_infos: TraceInfos::default(),
            },
            workspace: workspace.to_owned(),
            spans: SpanExport::default(),
            infos: TraceInfoExport::default(),
        }
    }

    /// Whether this is the destination at this place.
    #[must_use]
    pub(super) fn is_at(&self, endpoint: &Endpoint, workspace: &str) -> bool {
        self.state.endpoint == *endpoint && self.workspace == workspace
    }

    /// The workspace that is wanted; empty: none.
    #[must_use]
    pub(super) fn workspace(&self) -> &str {
        &self.workspace
    }

    /// When each kind of request is due: discovery, infos, spans.
    fn dues(&self, context: &ExportContext) -> [Option<MonotonicNanos>; 3] {
        let state = &self.state;
        if state.endpoint.address().is_none() {
            return [None; 3];
        }
        let spans = self.spans.due(state, context);
        let is_awaited = |route: &Route| state.awaits(route);
        let discovery = &state.discovery;
        let is_open = state.endpoint.server().is_some() && discovery.capabilities.is_pending();
        let infos = self.infos.due(state);
        let wanted = MonotonicNanos::first(&[spans, infos]);
        [discovery.due(&state.endpoint, wanted, &is_awaited), infos.filter(|_| !is_open), spans.filter(|_| !is_open)]
    }

    /// When the next request is due; `None` if nothing waits, or only for a response.
    #[must_use]
    pub(super) fn due(&self, context: &ExportContext) -> Option<MonotonicNanos> {
        MonotonicNanos::first(&self.dues(context))
    }

    /// The next request that is due.
    pub(super) fn next_request(&mut self, context: &mut ExportContext, now: MonotonicNanos) -> Option<Request> {
        self.state.discovery.capabilities.expire_files(now);
        let [discovery, infos, spans] = self.dues(context).map(|due| due.is_some_and(|due| due <= now));
        let state = &mut self.state;
        let mut request = if discovery {
            let DestinationState { endpoint, discovery, queue, .. } = state;
            let is_awaited = |route: &Route| queue.chunks().iter().any(|chunk| chunk.route == *route);
            discovery.next_request(endpoint, &is_awaited, context, now)?
        } else if infos {
            self.infos.next_request(state, context)?
        } else if spans {
            self.spans.next_request(state, context, now)?
        } else {
            return None;
        };
        self.name_workspace(&mut request);
        Some(request)
    }

    /// Names the workspace in a request, but for those that ask whether there are any.
    pub(super) fn name_workspace(&self, request: &mut Request) {
        if let Some(workspace) = self.state.discovery.capabilities.workspace()
            && request.kind != RequestKind::Probe
        {
            let header = (names::WORKSPACE_HEADER, workspace.to_owned());
            request.headers.push(header);
        }
    }

    /// Takes in a response, if it is to a request of this destination; tells whether it was. `current` is the
    /// route that new traces take, wherever it leads.
    pub(super) fn on_response(
        &mut self,
        (id, response): (RequestId, &Response),
        current: &Route,
        context: &mut ExportContext,
        moment: Moment,
    ) -> bool {
        let state = &mut self.state;
        let (discovery, endpoint) = (&mut state.discovery, &state.endpoint);
        if discovery.on_response((id, response), endpoint, context, moment) {
            send_located(state, context);
            // What waits shows whether it goes well.
            if self.buffered_spans() == 0 {
                self.mark_over(RequestKind::Probe, response, context);
            }
            self.reroute_refused(current);
            return true;
        }
        if let Some(pending) = state.trace_infos.take(id) {
            self.mark_over(RequestKind::TraceInfo, response, context);
            let state = &mut self.state;
            self.infos.on_response(pending, response, state, context, moment);
            return true;
        }
        let Some(request) = state.in_flight.take(id) else {
            return false;
        };
        self.mark_over(request.kind, response, context);
        let state = &mut self.state;
        let here = state.discovery.experiments.get(current).map(|_| current);
        self.spans.on_response(request, response, state, context, (moment, here));
        true
    }

    /// Marks the newest error as over if it is about this destination and a response shows that all goes well.
    fn mark_over(&self, kind: RequestKind, response: &Response, context: &mut ExportContext) {
        let state = &self.state;
        let is_accepted = classify_response(kind, state.endpoint.peer(), response) == ResponseAction::Accept;
        if is_accepted && !state.discovery.experiments.has_failed() {
            context.report.mark_over(state.endpoint.uri());
        }
    }

    /// Whether a route leads here.
    #[must_use]
    pub(super) fn has(&self, route: &Route) -> bool {
        self.state.discovery.experiments.get(route).is_some()
    }

    /// Sends the spans of experiments that cannot be had to the current one, if that is at this server.
    pub(super) fn reroute_refused(&mut self, current: &Route) {
        if !self.has(current) {
            return;
        }
        for target in self.state.discovery.experiments.iter_mut() {
            if target.lookup().is_refused() && target.route() != current {
                self.state.queue.reroute(target.route(), current);
            }
        }
    }

    /// Makes everything due at once, whatever it waits for.
    pub(super) fn flush(&mut self) {
        self.state.queue.flush();
        self.reset_waits();
    }

    /// Forgets failures: what waits for another attempt is due at once.
    pub(super) fn reset_waits(&mut self) {
        self.state.discovery.reset(Reset::Waits);
        self.spans.reset_waits();
        self.infos.reset_waits(&mut self.state);
    }

    /// Finds everything out anew, because something has changed that the core does not see.
    pub(super) fn restart(&mut self) {
        self.state.discovery.reset(Reset::Everything);
        self.state.queue.set_observed_max_bytes(None);
        for request in self.state.in_flight.requests_mut() {
            request.is_outdated = true;
        }
        self.spans = SpanExport::default();
        self.infos = TraceInfoExport::default();
        self.state.trace_infos.allow_derived();
        self.infos.reset_waits(&mut self.state);
    }

    /// Queues again what is in flight: its responses will never come. That is no failed attempt, since
    /// how it went is not known; the server keeps each span once.
    pub(super) fn requeue_in_flight(&mut self) {
        self.state.discovery.reset(Reset::LostResponses);
        self.state.trace_infos.requeue_in_flight();
        let chunks = self.state.in_flight.take_chunks(false);
        self.state.queue.requeue(chunks);
    }

    /// Spans that wait or are in flight.
    #[must_use]
    pub(super) fn buffered_spans(&self) -> u64 {
        let (waiting, _) = self.state.queue.size();
        waiting as u64 + self.state.in_flight.span_count() + self.state.trace_infos.span_count()
    }

    /// Drops the experiments that nothing goes to any more; tells whether any are left.
    pub(super) fn drop_unused(&mut self) -> bool {
        self.state.discovery.experiments.drop_unused()
    }
}
