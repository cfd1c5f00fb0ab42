//! The last requests of a page that is being unloaded: browsers let them carry a few bytes only, so what
//! matters most goes first.

use super::chunk::{Payload, QueuedChunk};
use super::context::ExportContext;
use super::destination::{Destination, DestinationState};
use super::span_export::post;
use crate::mlflow::Request;
use crate::mlflow::otlp::encode;
use crate::trace::{Route, Status, TraceChunk};

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
    if !takes_spans_now(state) {
        return Vec::new();
    }
    let mut waiting = state.in_flight.take_chunks(true);
    waiting.extend(state.queue.take_all());
    // The newest first, as they are chosen.
    waiting.reverse();
    let routes = ready_routes(&waiting, state);
    let mut requests = Vec::new();
    for priority in [Priority::Root, Priority::Error, Priority::Rest] {
        for route in &routes {
            let budget_bytes = quota.saturating_sub(encode::ENVELOPE_BYTES);
            let mut batch = UnloadBatch { priority, route, budget_bytes, chunks: Vec::new() };
            waiting = waiting.into_iter().filter_map(|chunk| batch.take_from(chunk)).collect();
            if !batch.chunks.is_empty() {
                *quota = batch.budget_bytes;
            }
            requests.extend(post(batch.chunks, state, context));
        }
    }
    waiting.reverse();
    state.queue.requeue(waiting);
    // Those of traces whose spans have been stored.
    while let Some(request) = destination.infos.next_request(&mut destination.state, context) {
        if request.body.len() > *quota {
            let pending = destination.state.trace_infos.iter_mut().find(|one| one.request == Some(request.id));
            pending.into_iter().for_each(|pending| pending.request = None);
            break;
        }
        *quota -= request.body.len();
        requests.push(request);
    }
    for request in &mut requests {
        destination.name_workspace(request);
    }
    requests
}

/// Whether spans can be sent without waiting for a response before.
fn takes_spans_now(state: &DestinationState) -> bool {
    if state.endpoint.server().is_none() {
        return state.endpoint.address().is_some();
    }
    let capabilities = &state.discovery.capabilities;
    let knows_workspace = capabilities.workspace().is_some() || !capabilities.is_workspace_pending();
    // Files take two requests each, the second of which waits for the response to the first.
    knows_workspace && !state.uses_artifacts()
}

/// The routes of chunks whose experiment is known, in the order of the chunks.
fn ready_routes(chunks: &[QueuedChunk], state: &DestinationState) -> Vec<Route> {
    let mut routes: Vec<Route> = Vec::new();
    for QueuedChunk { route, .. } in chunks {
        if state.experiment_id(route).is_some() && !routes.contains(route) {
            routes.push(route.clone());
        }
    }
    routes
}

/// The spans of one request: of one priority and route, as many as fit.
struct UnloadBatch<'a> {
    priority: Priority,
    route: &'a Route,
    /// How many more bytes fit.
    budget_bytes: usize,
    chunks: Vec<QueuedChunk>,
}

impl UnloadBatch<'_> {
    /// Takes out of a chunk what belongs to this batch and fits, and gives back the rest.
    fn take_from(&mut self, chunk: QueuedChunk) -> Option<QueuedChunk> {
        if chunk.route != *self.route || self.is_full() {
            return Some(chunk);
        }
        let takes = match &chunk.payload {
            Payload::Spans(recorded) => self.fitting_spans(recorded),
            Payload::Encoded(encoded) => {
                let priority = Priority::of(encoded.has_root, encoded.has_error);
                if priority != self.priority || !self.reserve(encoded.body.len()) {
                    return Some(chunk);
                }
                self.chunks.push(chunk);
                return None;
            }
        };
        let mut rest = Vec::new();
        chunk.split(&takes, &mut self.chunks, &mut rest);
        rest.pop()
    }

    /// Which spans of a chunk belong to this batch and fit, the newest chosen first.
    fn fitting_spans(&mut self, recorded: &TraceChunk) -> Vec<bool> {
        let mut takes = vec![false; recorded.span_count()];
        for index in (0..recorded.span_count()).rev() {
            if let Some((span, _)) = recorded.span(index) {
                let failed = matches!(span.status, Status::Error(_));
                // Not even measured if it cannot fit: it may be very long.
                takes[index] = Priority::of(span.parent.is_none(), failed) == self.priority
                    && !self.is_full()
                    && span.approximate_bytes() / ESTIMATE_FACTOR <= self.budget_bytes
                    && self.reserve(encode::span_bytes(recorded, index));
            }
        }
        takes
    }

    const fn is_full(&self) -> bool {
        self.budget_bytes < SMALLEST_SPAN_BYTES
    }

    /// Takes bytes off the budget; false if they do not fit.
    const fn reserve(&mut self, bytes: usize) -> bool {
        let fits = bytes <= self.budget_bytes;
        if fits {
            self.budget_bytes -= bytes;
        }
        fits
    }
}
