//! Spans of traces that the server keeps in another experiment than the spans were sent for. MLflow 3.18 refuses
//! them with 400 (mlflow/store/tracking/sqlalchemy_store.py, `log_spans`): another program has sent its part of the
//! trace first, and so has decided where the trace is. The server is asked where, and the spans go there.

use super::bisect::requeue_halves;
use super::chunk::QueuedChunk;
use super::context::ExportContext;
use super::destination::DestinationState;
use super::experiments::Wanted;
use super::in_flight::InFlightRequest;
use crate::mlflow::{RequestKind, Response, names};
use crate::trace::text::has_text;

/// Queues the spans of a request again if a trace that the refusal names may be in another experiment: those of that
/// trace wait until it is known which. Gives the request back if it was refused for another reason.
pub(super) fn relocate(
    request: InFlightRequest,
    response: &Response,
    state: &mut DestinationState,
    context: &mut ExportContext,
) -> Option<InFlightRequest> {
    let is_possible = request.kind == RequestKind::Spans
        && state.endpoint.server().is_some()
        && response.error_code() == Some(names::INVALID_PARAMETER);
    let message = response.message().filter(|_| is_possible).unwrap_or_default();
    // The server names one trace, however many there are.
    let is_named = |chunk: &&QueuedChunk| !chunk.is_relocated && has_text(&message, &chunk.trace_id().text());
    let Some(named) = request.chunks.iter().find(is_named) else {
        return Some(request);
    };
    let trace = named.trace_id();
    let wanted = Wanted::OfTrace(trace, &named.route);
    let route = state.discovery.experiments.select(wanted, &mut context.last_route);
    let (mut relocated, mut others) = (Vec::new(), Vec::new());
    for mut chunk in request.chunks {
        if chunk.trace_id() == trace {
            chunk.route = route.clone();
            chunk.isolation = None;
            chunk.is_relocated = true;
            relocated.push(chunk);
        } else {
            others.push(chunk);
        }
    }
    // The others are not sent all together again and again, if many of them are refused for the same reason.
    requeue_halves(others, state, context);
    state.queue.requeue(relocated);
    None
}

/// Lets the spans go on whose experiment is known now.
pub(super) fn send_located(state: &mut DestinationState, context: &mut ExportContext) {
    while let Some((from, to)) = state.discovery.experiments.take_located() {
        state.queue.reroute(&from, &to);
    }
    for target in state.discovery.experiments.iter_mut() {
        target.report_meant(&state.endpoint, context);
    }
}
