//! The last requests of a page that is being unloaded: browsers let them carry a few bytes only, so what
//! matters most goes first.

use super::chunk::{Payload, QueuedChunk};
use super::context::ExportContext;
use super::destination::Destination;
use super::span_export::post;
use crate::mlflow::Request;
use crate::mlflow::otlp::encode;
use crate::trace::{Route, Span, Status, TraceChunk};

/// No span is smaller on the wire.
const SMALLEST_SPAN_BYTES: usize = 200;
/// How many times longer a span may be estimated than it is.
const ESTIMATE_FACTOR: usize = 4;

/// What is sent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Priority {
    Root,
    Error,
    Rest,
}

impl Priority {
    const fn of(is_root: bool, failed: bool) -> Self {
        match (is_root, failed) {
            (true, _) => Self::Root,
            (false, true) => Self::Error,
            (false, false) => Self::Rest,
        }
    }
}

/// Sends what fits into `quota` bytes of bodies, and takes them off it: the roots, then what failed, then
/// the rest, the newest of each first. What is in flight is sent again unless it survives the unload, since
/// its response may never be seen; the server keeps each span once. All else goes on waiting.
pub(super) fn unload_requests(
    destination: &mut Destination,
    quota: &mut usize,
    context: &mut ExportContext,
) -> Vec<Request> {
    let state = &mut destination.state;
    let is_mlflow = state.endpoint.server().is_some();
    let capabilities = &state.discovery.capabilities;
    // Files take two requests each, the second of which waits for the response to the first.
    let is_unknown =
        state.uses_artifacts() || capabilities.is_workspace_pending() && capabilities.workspace().is_none();
    if state.endpoint.address().is_none() || is_mlflow && is_unknown {
        return Vec::new();
    }
    let mut waiting = state.in_flight.take_chunks(true);
    waiting.extend(state.queue.take_all());
    let mut routes: Vec<Route> = Vec::new();
    for chunk in waiting.iter().rev() {
        let is_ready = state.experiment_id(&chunk.route).is_some();
        if is_ready && !routes.contains(&chunk.route) {
            routes.push(chunk.route.clone());
        }
    }
    let mut requests = Vec::new();
    for priority in [Priority::Root, Priority::Error, Priority::Rest] {
        for route in &routes {
            let (batch, rest) = take_batch(waiting, (priority, route), quota);
            waiting = rest;
            requests.extend(post(batch, state, context));
        }
    }
    state.queue.requeue(waiting);
    for request in &mut requests {
        destination.name_workspace(request);
    }
    requests
}

/// Takes the spans of this priority and route that fit, the newest first; gives them and the rest in its
/// order.
fn take_batch(
    waiting: Vec<QueuedChunk>,
    (priority, route): (Priority, &Route),
    quota: &mut usize,
) -> (Vec<QueuedChunk>, Vec<QueuedChunk>) {
    let mut budget_bytes = quota.saturating_sub(encode::ENVELOPE_BYTES);
    let before = budget_bytes;
    let (mut batch, mut rest) = (Vec::new(), Vec::with_capacity(waiting.len()));
    for chunk in waiting.into_iter().rev() {
        if chunk.route != *route {
            rest.push(chunk);
            continue;
        }
        take_what_fits(chunk, priority, &mut budget_bytes, (&mut batch, &mut rest));
    }
    rest.reverse();
    if budget_bytes < before {
        *quota = budget_bytes;
    }
    (batch, rest)
}

/// Takes the spans of this priority out of a chunk as far as they fit, and leaves the rest.
fn take_what_fits(
    chunk: QueuedChunk,
    priority: Priority,
    budget_bytes: &mut usize,
    (taken, rest): (&mut Vec<QueuedChunk>, &mut Vec<QueuedChunk>),
) {
    if *budget_bytes < SMALLEST_SPAN_BYTES {
        return rest.push(chunk);
    }
    let recorded = match &chunk.payload {
        Payload::Spans(recorded) => recorded,
        Payload::Encoded(encoded) => {
            let bytes = encoded.body.len();
            let own = Priority::of(encoded.has_root, encoded.has_error);
            if own != priority || bytes > *budget_bytes {
                return rest.push(chunk);
            }
            *budget_bytes -= bytes;
            return taken.push(chunk);
        }
    };
    let mut takes = vec![false; recorded.span_count()];
    for index in (0..recorded.span_count()).rev() {
        if let Some((span, _)) = recorded.span(index) {
            let failed = matches!(span.status, Status::Error(_));
            let own = Priority::of(span.parent.is_none(), failed);
            takes[index] = own == priority && fits(recorded, index, span, budget_bytes);
        }
    }
    chunk.split(&takes, taken, rest);
}

fn fits(recorded: &TraceChunk, index: usize, span: &Span, budget_bytes: &mut usize) -> bool {
    // Not even measured if it cannot fit: it may be very long.
    if *budget_bytes < SMALLEST_SPAN_BYTES || span.approximate_bytes() / ESTIMATE_FACTOR > *budget_bytes {
        return false;
    }
    let bytes = encode::span_bytes(recorded, index);
    let fits = bytes <= *budget_bytes;
    if fits {
        *budget_bytes -= bytes;
    }
    fits
}
