//! Sends spans to one destination: when, and what a response changes.

use super::artifact_export;
use super::bisect::{Halves, halves, requeue_halves};
use super::chunk::{QueuedChunk, span_count};
use super::context::{ExportContext, Moment};
use super::cut_spans::cut;
use super::delivered::{finish, give_up, on_accepted};
use super::destination::DestinationState;
use super::experiments::ExperimentGone;
use super::in_flight::InFlightRequest;
use super::pace::Pace;
use super::relocation::relocate;
use crate::mlflow::api::capabilities::OtlpRefusal;
use crate::mlflow::otlp::encode;
use crate::mlflow::response::{
    EXPERIMENT_GONE, FAILING, NOT_MLFLOW, OTLP_UNSUPPORTED, REFUSED, ResponseAction, TOO_LARGE, UNREACHABLE,
    classify_response,
};
use crate::mlflow::retry::Backoff;
use crate::mlflow::{Request, RequestKind, Response, names};
use crate::trace::{MonotonicNanos, Route};

/// After so many refused spans in a row, with nothing taken between, it is not the spans: what is
/// refused then is not bisected any more, which would take two requests per span.
const REFUSALS_IN_A_ROW: u32 = 8;
/// After so many failures a batch is put aside and sent in halves: a part of it may be what the server fails at, and
/// the rest is not to wait for that.
const FAILURES_BEFORE_ISOLATION: u32 = 2;
/// How long the size of a request is remembered that was too large, in milliseconds: the proxy may change.
const OBSERVED_SIZE_MS: u64 = 300_000;

/// The state of sending spans to one destination.
#[derive(Debug, Default)]
pub(super) struct SpanExport {
    backoff: Backoff,
    /// That of what was put aside, which delays nothing else.
    aside: Backoff,
    /// Spans that were refused one by one, since anything was taken.
    refusals: u32,
    /// Requests that failed since the server has accepted one.
    failures: u32,
    /// Requests that the server has accepted.
    accepted: u32,
    pace: Pace,
}

impl SpanExport {
    /// When spans may be sent, once it is known what the server can do; `None` if there are none or
    /// they cannot be.
    #[must_use]
    pub(super) fn due(&self, state: &DestinationState, context: &ExportContext) -> Option<MonotonicNanos> {
        let is_ready = |route: &Route| state.experiment_id(route).is_some();
        let due = match state.in_flight.requests() {
            [] if state.uses_artifacts() => state.queue.complete_trace_due(&is_ready)?,
            [] => state.queue.due(&self.pace.limits(&context.limits), &is_ready)?,
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
        let mut chunks = queue.take_batch(&self.pace.limits(&context.limits), &is_ready, now);
        cut_oversized(&mut chunks, context);
        let mut request = post(chunks, state, context)?;
        request.timeout_doublings = self.pace.doublings();
        Some(request)
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
        if request.kind == RequestKind::Spans {
            let bytes = request.chunks.iter().map(QueuedChunk::bytes).sum();
            let size = (span_count(&request.chunks) as usize, bytes);
            self.pace.on_response(response, size, &context.limits);
            if response.status != 0 {
                state.discovery.capabilities.on_answer();
            }
        }
        match classify_response(request.kind, state.endpoint.peer(), response) {
            ResponseAction::Accept => {
                self.reset_waits();
                state.queue.set_aside_until(MonotonicNanos::default());
                (self.refusals, self.failures) = (0, 0);
                self.accepted = self.accepted.wrapping_add(1);
                on_accepted(request, response, state, context);
            }
            _ if request.is_outdated => state.queue.requeue(request.chunks),
            ResponseAction::RetryUnbounded { reason: UNREACHABLE } => {
                // An MLflow server is asked whether it is there at all before spans are sent again.
                if request.kind == RequestKind::Spans {
                    state.discovery.capabilities.on_spans_without_response(response);
                } else {
                    state.discovery.capabilities.on_no_response();
                }
                self.retry(request.chunks, response, state, context, (moment, UNREACHABLE));
            }
            ResponseAction::RetryUnbounded { reason } => {
                self.wait(request.chunks, response, state, context, (moment, reason));
            }
            ResponseAction::Retry => self.retry(request.chunks, response, state, context, (moment, FAILING)),
            ResponseAction::Bisect => match relocate(request, response, state, context) {
                Some(request) => self.refuse(request.chunks, response, state, context),
                None => self.reset_waits(),
            },
            ResponseAction::PayloadTooLarge => self.shrink(request.chunks, response, state, context, moment),
            ResponseAction::EndpointUnsupported => match why_unsupported(request.kind, state, moment) {
                None => state.queue.requeue(request.chunks),
                Some(reason) => self.wait(request.chunks, response, state, context, (moment, reason)),
            },
            ResponseAction::ExperimentGone => match find_experiment_again(&request.chunks, state, current) {
                ExperimentGone::LookUp => state.queue.requeue(request.chunks),
                ExperimentGone::GoTo(route) => requeue_to(&route, request.chunks, state),
                ExperimentGone::Wait => {
                    self.wait(request.chunks, response, state, context, (moment, EXPERIMENT_GONE));
                }
            },
        }
    }

    /// Makes what was to be sent again due at once.
    pub(super) fn reset_waits(&mut self) {
        self.backoff.reset();
        self.aside.reset();
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

    /// Sends the same again after a wait. From the second failure on it is put aside and sent in halves, down to
    /// single traces that wait by themselves. What the server fails at too often, while it accepts others, is given up
    /// span by span.
    fn retry(
        &mut self,
        mut chunks: Vec<QueuedChunk>,
        response: &Response,
        state: &mut DestinationState,
        context: &mut ExportContext,
        (moment, reason): (Moment, &'static str),
    ) {
        context.stats.retries += 1;
        let message = context.report.transient_failure(&state.endpoint, response, reason);
        self.back_off(&chunks, response, state, moment);
        let is_hopeless = self.count_failure(&mut chunks, reason);
        if chunks.iter().all(|chunk| chunk.attempts.failures() < FAILURES_BEFORE_ISOLATION) {
            state.queue.requeue(chunks);
        } else if chunks.len() > 1 && !state.uses_artifacts() {
            requeue_halves(chunks, state, context);
        } else if is_hopeless {
            match halves(chunks, state) {
                Halves::Two(chunks) => requeue_halves(chunks, state, context),
                Halves::One(chunks) => {
                    context.stats.dropped.retries_exhausted += give_up(chunks);
                    context.report.notify("retries_exhausted", message);
                }
            }
        } else {
            let isolation = Some(context.new_isolation());
            for chunk in &mut chunks {
                chunk.isolation = chunk.isolation.or(isolation);
                moment.back_off(&mut chunk.wait, response);
            }
            state.queue.requeue(chunks);
        }
    }

    /// Lets everything wait after a failure. If only chunks that were put aside have failed, nothing else waits for
    /// them; they wait together as long as no other request goes through, since then it is the server.
    fn back_off(&mut self, chunks: &[QueuedChunk], response: &Response, state: &mut DestinationState, moment: Moment) {
        let is_aside = |chunk: &QueuedChunk| chunk.isolation.is_some() && chunk.attempts.failures() > 0;
        if !chunks.iter().all(is_aside) {
            moment.back_off(&mut self.backoff, response);
        } else if self.failures > 0 {
            moment.back_off(&mut self.aside, response);
            state.queue.set_aside_until(self.aside.until());
        }
    }

    /// Counts a failure of the server at these chunks. Returns whether it has failed too often at one of them while it
    /// accepted others.
    fn count_failure(&mut self, chunks: &mut [QueuedChunk], reason: &'static str) -> bool {
        self.failures = self.failures.saturating_add(1);
        let mut is_hopeless = false;
        for chunk in chunks {
            // No response says nothing about what was sent.
            chunk.attempts.fail(reason == FAILING);
            let accepted_before = *chunk.accepted_before.get_or_insert(self.accepted);
            is_hopeless |= chunk.attempts.is_exhausted() && accepted_before != self.accepted;
        }
        is_hopeless
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

    /// Sends what is too large in parts; of a part that is a single span, or a trace that must travel whole, the
    /// largest values are cut.
    fn shrink(
        &mut self,
        chunks: Vec<QueuedChunk>,
        response: &Response,
        state: &mut DestinationState,
        context: &mut ExportContext,
        moment: Moment,
    ) {
        self.reset_waits();
        let bytes = chunks.iter().map(QueuedChunk::bytes).sum();
        let halves = halves(chunks, state);
        let is_final = matches!(halves, Halves::One(_));
        let report = &mut context.report;
        report.refusal(&state.endpoint, response, TOO_LARGE, is_final);
        match halves {
            Halves::Two(chunks) => {
                let until = moment.now.plus_millis(OBSERVED_SIZE_MS);
                state.queue.set_observed_max_bytes(Some((bytes, until)));
                requeue_halves(chunks, state, context);
            }
            Halves::One(mut chunks) => {
                if cut(&mut chunks, state.uses_artifacts(), None) {
                    state.queue.requeue(chunks);
                } else {
                    context.stats.dropped.too_large += finish(chunks, context);
                }
            }
        }
    }
}

/// Cuts the values of a span that is larger than a request may be.
fn cut_oversized(chunks: &mut Vec<QueuedChunk>, context: &mut ExportContext) {
    let most_bytes = context.limits.batch_bytes;
    if let [chunk] = &chunks[..]
        && chunk.span_count() == 1
        && chunk.bytes() > most_bytes
        && cut(chunks, false, Some(most_bytes))
    {
        let message = "a span was larger than `maxBatchBytes`, so its largest values are cut; raise \
            `maxBatchBytes` if the server accepts more, or record less";
        context.report.notify(TOO_LARGE, message.to_owned());
    }
}

/// Why there is no such endpoint, in a word; `None` if the server is asked at once what it can do.
fn why_unsupported(kind: RequestKind, state: &mut DestinationState, moment: Moment) -> Option<&'static str> {
    let capabilities = &mut state.discovery.capabilities;
    if state.endpoint.server().is_none() {
        return Some(OTLP_UNSUPPORTED);
    }
    if kind == RequestKind::Spans {
        // It has not answered like MLflow before either.
        let is_other = capabilities.on_otlp_unsupported(moment.now) == OtlpRefusal::AskLater;
        return is_other.then_some(NOT_MLFLOW);
    }
    capabilities.on_artifact_unsupported();
    Some(OTLP_UNSUPPORTED)
}

/// Where the spans of an experiment go that the server does not know any more.
fn find_experiment_again(
    chunks: &[QueuedChunk],
    state: &mut DestinationState,
    current: Option<&Route>,
) -> ExperimentGone {
    let experiments = &mut state.discovery.experiments;
    let target = chunks.first().and_then(|chunk| experiments.get_mut(&chunk.route));
    target.map_or(ExperimentGone::Wait, |target| target.on_gone(current))
}

/// Queues chunks again for another route, with all that waits for theirs.
fn requeue_to(route: &Route, mut chunks: Vec<QueuedChunk>, state: &mut DestinationState) {
    if let Some(chunk) = chunks.first() {
        state.queue.reroute(&chunk.route, route);
    }
    for chunk in &mut chunks {
        chunk.route = route.clone();
    }
    state.queue.requeue(chunks);
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
