//! Sends what OTLP cannot carry of a trace, once its spans have been stored.

use super::context::{ExportContext, Moment};
use super::destination::DestinationState;
use super::trace_infos::PendingTraceInfo;
use crate::mlflow::response::{
    BUSY, EXPERIMENT_GONE, FAILING, OTLP_UNSUPPORTED, REFUSED, ResponseAction, UNREACHABLE, classify_response,
};
use crate::mlflow::retry::Backoff;
use crate::mlflow::{Request, RequestKind, Response, names};
use crate::trace::MonotonicNanos;

/// How long a server gets no derived infos that has refused one as such, in milliseconds: it may be in the middle of a
/// deploy.
const REFUSED_ONCE_MS: u64 = 60_000;
/// How long if it has refused the first one after that as well, in milliseconds.
const REFUSED_AGAIN_MS: u64 = 3_600_000;
/// Code of infos that found no room.
const INFOS_GIVEN_UP: &str = "trace_info_given_up";

/// The state of sending infos of traces to one destination.
#[derive(Debug, Default)]
pub(super) struct TraceInfoExport {
    backoff: Backoff,
    /// Whether the last derived info was refused as such.
    is_refused: bool,
}

impl TraceInfoExport {
    /// When an info may be sent; `None` if none is to be or can be.
    #[must_use]
    pub(super) fn due(&self, state: &DestinationState) -> Option<MonotonicNanos> {
        next(state).map(|_| self.backoff.until())
    }

    /// The request with the next info.
    pub(super) fn next_request(
        &mut self,
        state: &mut DestinationState,
        context: &mut ExportContext,
    ) -> Option<Request> {
        let server = state.endpoint.server()?.clone();
        let place = next(state)?;
        let pending = state.trace_infos.get_mut(place)?;
        let body = pending.info.body(&pending.trace_id, &pending.experiment, context.format_f64);
        let url = [&server, names::TRACES_PATH].concat();
        let (id, kind) = (context.new_request_id(), RequestKind::TraceInfo);
        pending.request = Some(id);
        Some(Request::post(id, kind, &server, url, (names::JSON, body)))
    }

    /// Takes in the response to a request with an info.
    pub(super) fn on_response(
        &mut self,
        mut pending: PendingTraceInfo,
        response: &Response,
        state: &mut DestinationState,
        context: &mut ExportContext,
        moment: Moment,
    ) {
        pending.request = None;
        let action = classify_response(RequestKind::TraceInfo, state.endpoint.peer(), response);
        if let ResponseAction::RetryUnbounded { reason: UNREACHABLE } = action {
            // An outage is no failure at this info: the server is asked whether it is there before it is sent again.
            state.discovery.capabilities.on_no_response();
        }
        if pending.info.is_derived && action != ResponseAction::Accept {
            return self.on_derived_failed(pending, response, action, state, context, moment);
        }
        let reason = match action {
            ResponseAction::Accept => {
                self.backoff.reset();
                self.is_refused = false;
                return complete(pending, context);
            }
            ResponseAction::Bisect | ResponseAction::PayloadTooLarge => {
                self.backoff.reset();
                let report = &mut context.report;
                report.refusal(&state.endpoint, response, REFUSED, true);
                return complete(pending, context);
            }
            // As with spans, a refusal of the request as such lasts only as long as the server gives it.
            ResponseAction::RetryUnbounded { reason } => reason,
            ResponseAction::EndpointUnsupported => OTLP_UNSUPPORTED,
            // Its spans have been stored, so after some attempts nothing is lost but the info.
            action => {
                pending.attempts.fail(true);
                if action == ResponseAction::ExperimentGone { EXPERIMENT_GONE } else { FAILING }
            }
        };
        context.stats.retries += 1;
        moment.back_off(&mut self.backoff, response);
        let message = context.report.transient_failure(&state.endpoint, response, reason);
        if pending.attempts.is_exhausted() {
            context.report.notify("retries_exhausted", message);
            complete(pending, context);
        } else {
            // Behind the others: it may be this info that makes the server fail.
            state.trace_infos.push(pending);
        }
    }

    /// A derived info was not stored. No warning, since the program did not ask for it: it is sent again a few
    /// times, and a server or proxy that takes no infos gets none for a while.
    fn on_derived_failed(
        &mut self,
        mut pending: PendingTraceInfo,
        response: &Response,
        action: ResponseAction,
        state: &mut DestinationState,
        context: &mut ExportContext,
        moment: Moment,
    ) {
        let dropped = &mut context.stats.dropped_infos;
        match action {
            ResponseAction::Retry | ResponseAction::RetryUnbounded { reason: UNREACHABLE | BUSY } => {
                context.stats.retries += 1;
                moment.back_off(&mut self.backoff, response);
                pending.attempts.fail(true);
                if !pending.attempts.is_exhausted() {
                    return state.trace_infos.push(pending);
                }
                dropped.retries_exhausted += 1;
                // A browser may refuse to send infos, with an error on the console each time.
                if !response.may_be_blocked {
                    return;
                }
                self.is_refused = true;
            }
            // This one is refused, or its experiment is gone.
            ResponseAction::Bisect | ResponseAction::PayloadTooLarge | ResponseAction::ExperimentGone => {
                dropped.refused += 1;
                return;
            }
            _ => dropped.refused += 1,
        }
        // Those that were in flight together are refused together.
        if state.trace_infos.refuses_derived(moment.now) {
            return;
        }
        let pause_ms = if self.is_refused { REFUSED_AGAIN_MS } else { REFUSED_ONCE_MS };
        self.is_refused = true;
        dropped.refused += state.trace_infos.refuse_derived(moment.now.plus_millis(pause_ms));
    }

    /// Makes what was to be sent again due at once.
    pub(super) fn reset_waits(&mut self, state: &mut DestinationState) {
        self.backoff.reset();
        for pending in state.trace_infos.iter_mut() {
            pending.attempts.hurry();
        }
    }
}

/// The first info of a trace all of whose spans have been stored: once it is there, the server adds nothing
/// more to the trace's times and token counts (mlflow/store/tracking/sqlalchemy_store.py,
/// `_log_spans_once`).
fn next(state: &DestinationState) -> Option<usize> {
    let is_ready = |pending: &PendingTraceInfo| pending.is_complete || !state.has_chunks_of(pending.trace_id);
    state.trace_infos.next(&is_ready)
}

/// Queues an info. As many spans as may wait for delivery may wait for infos; the oldest infos are given up.
pub(super) fn enqueue(pending: PendingTraceInfo, state: &mut DestinationState, context: &mut ExportContext) {
    if pending.info.is_derived && state.trace_infos.refuses_derived(context.report.now()) {
        context.stats.dropped_infos.refused += 1;
        return;
    }
    state.trace_infos.push(pending);
    if state.trace_infos.take_excess().is_some() {
        context.stats.dropped_infos.buffer_full += 1;
    }
    while state.trace_infos.span_count() > context.limits.buffer_spans as u64
        && let Some(oldest) = state.trace_infos.take_oldest()
    {
        let message = "the tracking server takes no infos of traces, and the oldest are given up: these traces lack \
            their metadata; allow POST of `/api/3.0/mlflow/traces` in the proxy before it";
        context.report.notify(INFOS_GIVEN_UP, message.to_owned());
        complete(oldest, context);
    }
}

/// Nothing more is sent of a trace. Its spans have been stored, with the info or without.
pub(super) fn complete(pending: PendingTraceInfo, context: &mut ExportContext) {
    context.stats.delivered += pending.spans;
    context.persistence.finish(pending.persist_id);
}
