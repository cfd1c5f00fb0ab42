//! Whole traces for servers that take no OTLP: first the trace's info, then its spans as a file, to
//! where the server says that they belong (mlflow/tracing/export/mlflow_v3.py, `_log_trace`).

use std::rc::Rc;

use super::chunk::{Payload, QueuedChunk};
use super::context::ExportContext;
use super::delivered::finish;
use super::destination::DestinationState;
use super::in_flight::InFlightRequest;
use crate::mlflow::api::trace_info::TraceInfo;
use crate::mlflow::api::{traces_json, urls};
use crate::mlflow::otlp::encode;
use crate::mlflow::{Request, RequestKind, Response, names};
use crate::trace::{MonotonicNanos, Route, Trace, TraceChunk};

/// Code of a trace of which another program has the root.
const REMOTE_ROOT: &str = "part_of_trace";
/// Code of a server that does not hand files on.
const ARTIFACTS_ELSEWHERE: &str = "artifacts_not_served";

/// The request with the info of the next whole trace that is due.
pub(super) fn next_trace_info_request(
    state: &mut DestinationState,
    context: &mut ExportContext,
    now: MonotonicNanos,
) -> Option<Request> {
    let server = state.endpoint.server()?.clone();
    let mut chunks = take_complete_trace(state, now);
    // What another program holds of the trace is not known here, and the file would take its place.
    // (Python's exporter drops it as well.)
    while recorded(&chunks).is_some_and(|trace| trace.has_remote_root()) {
        context.stats.dropped.refused += finish(chunks, context);
        let message = "the tracking server takes only whole traces, and another program has the root of one: use \
            MLflow 3.7 or newer with a database (`--backend-store-uri sqlite:///mlflow.db`)";
        context.report.error(&state.endpoint, REMOTE_ROOT, message.to_owned());
        chunks = take_complete_trace(state, now);
    }
    let first = chunks.first()?;
    let trace = first.trace_id();
    // Parts that were restored may have come by several routes, of which one at least is ready.
    let experiment = chunks.iter().find_map(|chunk| state.experiment_id(&chunk.route))?.to_owned();
    let bodies = bodies(&chunks);
    let bodies: Vec<&[u8]> = bodies.iter().map(Vec::as_slice).collect();
    let info = TraceInfo::with_spans(beyond_spans(&chunks), &bodies);
    let body = info.body(&trace, &experiment, context.format_f64);
    let url = [&server, names::TRACES_PATH].concat();
    let (id, kind) = (context.new_request_id(), RequestKind::TraceInfo);
    state.in_flight.add(id, kind, chunks, experiment);
    Some(Request::post(id, kind, &server, url, (names::JSON, body)))
}

fn take_complete_trace(state: &mut DestinationState, now: MonotonicNanos) -> Vec<QueuedChunk> {
    let experiments = &state.discovery.experiments;
    let is_ready = |route: &Route| experiments.id(route).is_some();
    state.queue.take_complete_trace(&is_ready, now)
}

/// The request with the spans of the trace whose info has been stored.
pub(super) fn next_file_request(state: &mut DestinationState, context: &mut ExportContext) -> Option<Request> {
    let server = state.endpoint.server()?.clone();
    let mut requests = state.in_flight.requests_mut().iter_mut();
    let stored = requests.find(|request| request.file_url.is_some())?;
    let url = stored.file_url.take()?;
    let (id, kind) = (context.new_request_id(), RequestKind::Artifact);
    (stored.id, stored.kind) = (id, kind);
    let trace = stored.chunks.first()?.trace_id();
    let bodies = bodies(&stored.chunks);
    let bodies: Vec<&[u8]> = bodies.iter().map(Vec::as_slice).collect();
    let body = traces_json::encode(&trace, &bodies, context.format_f64);
    let mut request = Request::post(id, kind, &server, url, (names::JSON, body));
    request.method = "PUT";
    Some(request)
}

/// The info of a trace has been stored: its spans go to where the server says.
pub(super) fn on_trace_info_stored(
    mut request: InFlightRequest,
    response: &Response,
    state: &mut DestinationState,
    context: &mut ExportContext,
) {
    let fields = response.json();
    let location = fields.and_then(|fields| fields.artifact_location.as_deref());
    let server = state.endpoint.server();
    let url = location.zip(server).and_then(|(location, server)| urls::traces_json_url(server, location));
    if url.is_some() {
        request.file_url = url;
        state.in_flight.put_back(request);
        return;
    }
    context.stats.dropped.refused += finish(request.chunks, context);
    let message = [
        "the tracking server `",
        state.endpoint.uri(),
        "` takes no spans: it keeps them where only it can write; start it with `--serve-artifacts`, or use MLflow \
        3.7 or newer with a database",
    ]
    .concat();
    context.report.error(&state.endpoint, ARTIFACTS_ELSEWHERE, message);
}

/// The trace, if it was recorded in this session.
pub(super) fn recorded(chunks: &[QueuedChunk]) -> Option<&Rc<Trace>> {
    let mut recorded = chunks.iter().filter_map(QueuedChunk::recorded);
    recorded.find_map(TraceChunk::finished_trace)
}

/// The spans as OTLP bodies: of a recorded trace all of them, whether or not some were sent before.
pub(super) fn bodies(chunks: &[QueuedChunk]) -> Vec<Vec<u8>> {
    if let Some(trace) = recorded(chunks) {
        let complete = TraceChunk::complete(trace.clone());
        return vec![encode::encode(std::iter::once(&complete))];
    }
    let chunks = chunks.iter();
    chunks
        .map(|chunk| match &chunk.payload {
            Payload::Spans(chunk) => encode::encode(std::iter::once(chunk)),
            Payload::Encoded(encoded) => encoded.body.clone(),
        })
        .collect()
}

/// What the spans do not carry of the trace.
pub(super) fn beyond_spans(chunks: &[QueuedChunk]) -> Option<TraceInfo> {
    if let Some(trace) = recorded(chunks) {
        return TraceInfo::beyond_spans(trace);
    }
    chunks.iter().find_map(|chunk| match &chunk.payload {
        Payload::Spans(_) => None,
        Payload::Encoded(encoded) => encoded.info.clone(),
    })
}
