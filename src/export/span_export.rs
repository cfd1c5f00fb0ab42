//! Sends spans to one destination: when, and what a response changes.

use super::artifact_export;
use super::bisect::{Halves, halves, requeue_halves};
use super::chunk::{Payload, QueuedChunk, span_count};
use super::context::{ExportContext, Moment};
use super::destination::DestinationState;
use super::experiments::ExperimentGone;
use super::in_flight::InFlightRequest;
use super::relocation::relocate;
use super::trace_infos::PendingTraceInfo;
use crate::mlflow::api::capabilities::OtlpRefusal;
use crate::mlflow::api::trace_info::TraceInfo;
use crate::mlflow::otlp::encode;
use crate::mlflow::response::{
    EXPERIMENT_GONE, FAILING, OTLP_UNSUPPORTED, REFUSED, ResponseAction, TOO_LARGE, UNREACHABLE, classify_response,
};
use crate::mlflow::retry::Backoff;
use crate::mlflow::{Request, RequestKind, Response, names};
use crate::trace::{MonotonicNanos, Route, TraceChunk};

/// After so many refused spans in a row, with nothing taken between, it is not the spans: what is
/// refused then is not bisected any more, which would take two requests per span.
const REFUSALS_IN_A_ROW: u32 = 8;
/// After so many failures of a batch each of its chunks is sent alone: one of them may be what the server
/// fails at, and the others are not to wait for it.
const FAILURES_BEFORE_ISOLATION: u32 = 2;

/// The state of sending spans to one destination.
#[derive(Debug, Default)]
pub(super) struct SpanExport {
    backoff: Backoff,
    /// Spans that were refused one by one, since anything was taken.
    refusals: u32,
    /// Isolated chunks that failed in a row.
    isolated_failures: u32,
}

impl SpanExport {
    /// When spans may be sent, once it is known what the server can do; `None` if there are none or
    /// they cannot be.
    #[must_use]
    pub(super) fn due(&self, state: &DestinationState, context: &ExportContext) -> Option<MonotonicNanos> {
        let is_ready = |route: &Route| state.experiment_id(route).is_some();
        let due = match state.in_flight.requests() {
            [] if state.uses_artifacts() => state.queue.complete_trace_due(&is_ready)?,
            [] => state.queue.due(&context.limits, &is_ready)?,
            [request] if request.file_url.is_some() => MonotonicNanos::default(),
            _ => return None,
        };
        Some(due.max(self.backoff.until()))
    }

    /// The request with the next spans that are due.
    pub(super) fn next_request(
        &mut self,
        state: &mut DestinationState,
        context: &mut ExportContext,
        now: MonotonicNanos,
    ) -> Option<Request> {
        if !state.in_flight.requests().is_empty() {
            return artifact_export::next_file_request(state, context);
        }
        if state.uses_artifacts() {
            return artifact_export::next_trace_info_request(state, context, now);
        }
        let DestinationState { queue, discovery, .. } = state;
        let experiments = &discovery.experiments;
        let is_mlflow = state.endpoint.server().is_some();
        let is_ready = |route: &Route| !is_mlflow || experiments.id(route).is_some();
        let chunks = queue.take_batch(&context.limits, &is_ready, now);
        post(chunks, state, context)
    }

    /// Takes in the response to a request with spans. `current` is the route that new traces take, if that
    /// leads to this server.
    pub(super) fn on_response(
        &mut self,
        request: InFlightRequest,
        response: &Response,
        state: &mut DestinationState,
        context: &mut ExportContext,
        (moment, current): (Moment, Option<&Route>),
    ) {
        let action = classify_response(request.kind, state.endpoint.peer(), response);
        if response.status != 0 && request.kind == RequestKind::Spans {
            state.discovery.capabilities.on_answer();
        }
        if action == ResponseAction::Accept {
            self.reset_waits();
            self.refusals = 0;
            return on_accepted(request, response, state, context);
        }
        if request.is_outdated {
            return state.queue.requeue(request.chunks);
        }
        match action {
            ResponseAction::Accept => {}
            ResponseAction::RetryUnbounded { reason } => {
                if reason == UNREACHABLE && state.endpoint.server().is_some() {
                    // An MLflow server is asked whether it is there at all before spans are sent again.
                    let capabilities = &mut state.discovery.capabilities;
                    capabilities.on_no_response(response, moment.now);
                }
                self.wait(request.chunks, response, state, context, (moment, reason));
            }
            ResponseAction::Retry => self.retry(request.chunks, response, state, context, moment),
            ResponseAction::Bisect => match relocate(request, response, state, context) {
                Some(request) => self.refuse(request.chunks, response, state, context),
                None => self.reset_waits(),
            },
            ResponseAction::PayloadTooLarge => self.shrink(request.chunks, response, state, context),
            ResponseAction::EndpointUnsupported => {
                if is_asked_again_at_once(request.kind, state, moment) {
                    state.queue.requeue(request.chunks);
                } else {
                    let reason = OTLP_UNSUPPORTED;
                    self.wait(request.chunks, response, state, context, (moment, reason));
                }
            }
            ResponseAction::ExperimentGone => {
                let mut chunks = request.chunks;
                let route = chunks.first().map(|chunk| chunk.route.clone());
                let experiments = &mut state.discovery.experiments;
                let gone = route.as_ref().and_then(|route| Some(experiments.get_mut(route)?.on_gone(current)));
                match (gone, route) {
                    (Some(ExperimentGone::GoTo(other)), Some(route)) => {
                        for chunk in &mut chunks {
                            chunk.route = other.clone();
                        }
                        state.queue.reroute(&route, &other);
                        state.queue.requeue(chunks);
                    }
                    (Some(ExperimentGone::LookUp), _) => state.queue.requeue(chunks),
                    _ => {
                        let reason = EXPERIMENT_GONE;
                        self.wait(chunks, response, state, context, (moment, reason));
                    }
                }
            }
        }
    }

    /// Makes what was to be sent again due at once.
    pub(super) fn reset_waits(&mut self) {
        self.backoff.reset();
        self.isolated_failures = 0;
    }

    /// Sends the same again after a wait, as often as it takes.
    fn wait(
        &mut self,
        chunks: Vec<QueuedChunk>,
        response: &Response,
        state: &mut DestinationState,
        context: &mut ExportContext,
        (moment, reason): (Moment, &'static str),
    ) {
        context.stats.retries += 1;
        moment.back_off(&mut self.backoff, response);
        let report = &mut context.report;
        report.transient_failure(&state.endpoint, response, reason);
        state.queue.requeue(chunks);
    }

    /// Sends the same again after a wait, until it has failed too often. After the second failure each
    /// chunk goes alone and waits by itself; only when several of them fail in a row everything waits, since
    /// then it is the server.
    fn retry(
        &mut self,
        chunks: Vec<QueuedChunk>,
        response: &Response,
        state: &mut DestinationState,
        context: &mut ExportContext,
        moment: Moment,
    ) {
        context.stats.retries += 1;
        let is_isolated = matches!(
            &chunks[..],
            [chunk] if chunk.isolation.is_some() && chunk.attempts.failures() >= FAILURES_BEFORE_ISOLATION
        );
        if !is_isolated || self.isolated_failures > 0 {
            moment.back_off(&mut self.backoff, response);
        }
        self.isolated_failures = if is_isolated { self.isolated_failures.saturating_add(1) } else { 0 };
        let message = context.report.transient_failure(&state.endpoint, response, FAILING);
        let (mut again, mut given_up) = (Vec::new(), Vec::new());
        for mut chunk in chunks {
            chunk.attempts.fail();
            moment.back_off(&mut chunk.wait, response);
            if chunk.attempts.is_exhausted() {
                given_up.push(chunk);
                continue;
            }
            if chunk.attempts.failures() == FAILURES_BEFORE_ISOLATION {
                chunk.isolation = Some(context.new_isolation());
            }
            again.push(chunk);
        }
        if !given_up.is_empty() {
            // What is in persistent storage stays there: the server may be well in the next session.
            context.stats.dropped.retries_exhausted += span_count(&given_up);
            context.report.notify("retries_exhausted", message);
        }
        state.queue.requeue(again);
    }

    /// The server stores nothing of a request in which it refuses one span, so what was refused is
    /// bisected until that is alone.
    fn refuse(
        &mut self,
        chunks: Vec<QueuedChunk>,
        response: &Response,
        state: &mut DestinationState,
        context: &mut ExportContext,
    ) {
        self.reset_waits();
        let is_hopeless = self.refusals >= REFUSALS_IN_A_ROW;
        let halves = if is_hopeless { Halves::One(chunks) } else { halves(chunks, state) };
        let is_final = matches!(halves, Halves::One(_));
        let report = &mut context.report;
        report.refusal(&state.endpoint, response, REFUSED, is_final);
        match halves {
            Halves::Two(chunks) => requeue_halves(chunks, state, context),
            Halves::One(chunks) => {
                self.refusals = self.refusals.saturating_add(1);
                context.stats.dropped.refused += finish(chunks, context);
            }
        }
    }

    /// Sends what is too large in parts.
    fn shrink(
        &mut self,
        chunks: Vec<QueuedChunk>,
        response: &Response,
        state: &mut DestinationState,
        context: &mut ExportContext,
    ) {
        self.reset_waits();
        let bytes = chunks.iter().map(QueuedChunk::bytes).sum();
        let halves = halves(chunks, state);
        let is_final = matches!(halves, Halves::One(_));
        let report = &mut context.report;
        report.refusal(&state.endpoint, response, TOO_LARGE, is_final);
        match halves {
            Halves::Two(chunks) => {
                state.queue.set_observed_max_bytes(Some(bytes));
                requeue_halves(chunks, state, context);
            }
            Halves::One(chunks) => context.stats.dropped.too_large += finish(chunks, context),
        }
    }
}

/// What follows when there is no such endpoint: whether the server is asked at once what it can do.
fn is_asked_again_at_once(kind: RequestKind, state: &mut DestinationState, moment: Moment) -> bool {
    let capabilities = &mut state.discovery.capabilities;
    if state.endpoint.server().is_none() {
        return false;
    }
    if kind == RequestKind::Spans {
        return capabilities.on_otlp_unsupported(moment.now) != OtlpRefusal::AskLater;
    }
    capabilities.on_artifact_unsupported();
    false
}

/// The request that carries these chunks, which are all of one route.
pub(super) fn post(
    chunks: Vec<QueuedChunk>,
    state: &mut DestinationState,
    context: &mut ExportContext,
) -> Option<Request> {
    let experiment = state.experiment_id(&chunks.first()?.route)?.to_owned();
    let address = state.endpoint.address()?.clone();
    let mut body = Vec::new();
    if chunks.iter().any(|chunk| chunk.recorded().is_some()) {
        body = encode::encode(chunks.iter().filter_map(QueuedChunk::recorded));
    }
    for chunk in &chunks {
        body.extend_from_slice(chunk.encoded_body());
    }
    let is_mlflow = state.endpoint.server().is_some();
    let path = if is_mlflow { names::SPANS_PATH } else { "" };
    let url = [&address, path].concat();
    let (id, kind) = (context.new_request_id(), RequestKind::Spans);
    let mut request = Request::post(id, kind, &address, url, (names::PROTOBUF, body));
    if is_mlflow {
        let header = (names::EXPERIMENT_ID_HEADER, experiment.clone());
        request.headers.push(header);
    }
    state.in_flight.add(id, kind, chunks, experiment);
    Some(request)
}

/// A request with spans, or one of the two that carry a whole trace, was taken.
fn on_accepted(
    request: InFlightRequest,
    response: &Response,
    state: &mut DestinationState,
    context: &mut ExportContext,
) {
    let experiments = &mut state.discovery.experiments;
    let route = request.chunks.first().map(|chunk| &chunk.route);
    if let Some(target) = route.and_then(|route| experiments.get_mut(route)) {
        target.on_stored();
    }
    match request.kind {
        RequestKind::TraceInfo => {
            return artifact_export::on_trace_info_stored(request, response, state, context);
        }
        RequestKind::Artifact => {
            // Its info, with all properties of the trace, was sent before it.
            context.stats.delivered += finish(request.chunks, context);
            return;
        }
        _ => {}
    }
    state.discovery.capabilities.on_success();
    let stored = response.export_response().unwrap_or_default();
    let rejected = stored.rejected_spans.min(span_count(&request.chunks));
    if rejected > 0 {
        // Which ones the endpoint does not say.
        context.stats.delivered += finish(request.chunks, context) - rejected;
        context.stats.dropped.refused += rejected;
        let report = &mut context.report;
        return report.refusal(&state.endpoint, response, REFUSED, true);
    }
    for chunk in request.chunks {
        on_delivered(chunk, &request.experiment, state, context);
    }
}

/// The spans of a chunk have been stored. If more is to be sent of its trace, they are not done yet.
pub(super) fn on_delivered(
    chunk: QueuedChunk,
    experiment: &str,
    state: &mut DestinationState,
    context: &mut ExportContext,
) {
    let spans = chunk.span_count() as u64;
    let finished_trace = chunk.recorded().and_then(TraceChunk::finished_trace).cloned();
    let info = match (&chunk.payload, &finished_trace) {
        // Only MLflow understands it.
        _ if state.endpoint.server().is_none() => None,
        (_, Some(finished_trace)) => TraceInfo::beyond_spans(finished_trace),
        (Payload::Encoded(encoded), None) => encoded.info.clone(),
        (Payload::Spans(_), None) => None,
    };
    let Some(info) = info else {
        context.stats.delivered += spans;
        context.persistence.finish(chunk.persist_id);
        return;
    };
    state.trace_infos.push(PendingTraceInfo {
        info,
        trace_id: chunk.trace_id(),
        is_complete: chunk.is_complete_trace(),
        trace: finished_trace,
        spans,
        persist_id: chunk.persist_id,
        experiment: experiment.to_owned(),
        route: chunk.route,
        attempts: Default::default(),
    });
}

/// Finishes chunks that were delivered or dropped, and returns the number of their spans.
pub(super) fn finish(chunks: Vec<QueuedChunk>, context: &mut ExportContext) -> u64 {
    let spans = span_count(&chunks);
    for chunk in chunks {
        context.persistence.finish(chunk.persist_id);
    }
    spans
}
