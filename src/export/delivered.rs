//! What follows when spans have been stored, or are given up.

use super::chunk::{Payload, QueuedChunk, span_count};
use super::context::ExportContext;
use super::destination::DestinationState;
use super::in_flight::InFlightRequest;
use super::persistence::PersistId;
use super::trace_infos::PendingTraceInfo;
use super::{artifact_export, trace_info_export};
use crate::mlflow::api::trace_info::TraceInfo;
use crate::mlflow::response::REFUSED;
use crate::mlflow::{RequestKind, Response};
use crate::trace::TraceChunk;

/// A request with spans, or one of the two that carry a whole trace, was taken.
pub(super) fn on_accepted(
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
    let is_complete = chunk.is_complete_trace();
    let trace_id = chunk.trace_id();
    let mut waiting = (spans, chunk.persist_id, finished_trace);
    if info.is_derived {
        // Nothing that the program gave is lost without it.
        context.stats.delivered += spans;
        context.persistence.finish(waiting.1);
        waiting = (0, None, None);
    }
    let (spans, persist_id, trace) = waiting;
    let pending = PendingTraceInfo {
        info,
        trace_id,
        is_complete,
        trace,
        spans,
        persist_id,
        experiment: experiment.to_owned(),
        route: chunk.route,
        attempts: Default::default(),
        request: None,
    };
    trace_info_export::enqueue(pending, state, context);
}

/// Finishes chunks that were delivered or dropped, and returns the number of their spans.
pub(super) fn finish(chunks: Vec<QueuedChunk>, context: &mut ExportContext) -> u64 {
    let spans = span_count(&chunks);
    for chunk in chunks {
        context.persistence.finish(chunk.persist_id);
    }
    spans
}

/// Drops chunks unsent, and returns the number of their spans. Their records stay in persistent storage: the next
/// session may have the room, or a server that is well.
pub(super) fn give_up(chunks: Vec<QueuedChunk>) -> u64 {
    let spans = span_count(&chunks);
    chunks.into_iter().filter_map(|chunk| chunk.persist_id).for_each(PersistId::give_up);
    spans
}
