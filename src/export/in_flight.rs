//! Requests with spans that have no response yet.

use super::chunk::{QueuedChunk, span_count};
use crate::mlflow::{RequestId, RequestKind};

/// A request with spans, or one of the two that carry a whole trace.
#[derive(Debug)]
pub(super) struct InFlightRequest {
    /// Its id.
    pub id: RequestId,
    /// What it is for.
    pub kind: RequestKind,
    /// What it carries, all of one route.
    pub chunks: Vec<QueuedChunk>,
    /// The id of the experiment that it goes to.
    pub experiment: String,
    /// Where the spans of a trace whose info has been stored are to be put next. Such a request is not on
    /// its way yet.
    pub file_url: Option<String>,
    /// Whether it reaches the server even if the page is unloaded.
    pub survives_unload: bool,
    /// Whether the configuration has changed since it was sent: a refusal says nothing about the new one.
    pub is_outdated: bool,
}

/// The requests with spans that have no response yet.
#[derive(Debug, Default)]
pub(super) struct InFlight {
    requests: Vec<InFlightRequest>,
}

impl InFlight {
    /// Adds a request in flight that carries these chunks.
    pub(super) fn add(&mut self, id: RequestId, kind: RequestKind, chunks: Vec<QueuedChunk>, experiment: String) {
        self.put_back(InFlightRequest {
            id,
            kind,
            chunks,
            experiment,
            file_url: None,
            survives_unload: false,
            is_outdated: false,
        });
    }

    /// Adds a request again that was taken out.
    pub(super) fn put_back(&mut self, request: InFlightRequest) {
        self.requests.push(request);
    }

    /// Takes out the request with this id.
    pub(super) fn take(&mut self, id: RequestId) -> Option<InFlightRequest> {
        let index = self.requests.iter().position(|request| request.id == id)?;
        Some(self.requests.swap_remove(index))
    }

    /// Takes out the chunks of all requests, but for those that survive an unload if `keeps_surviving`.
    pub(super) fn take_chunks(&mut self, keeps_surviving: bool) -> Vec<QueuedChunk> {
        let mut chunks = Vec::new();
        for request in std::mem::take(&mut self.requests) {
            if keeps_surviving && request.survives_unload {
                self.requests.push(request);
            } else {
                chunks.extend(request.chunks);
            }
        }
        chunks
    }

    /// The requests.
    #[must_use]
    pub(super) fn requests(&self) -> &[InFlightRequest] {
        &self.requests
    }

    /// The requests, to be marked.
    pub(super) fn requests_mut(&mut self) -> &mut [InFlightRequest] {
        &mut self.requests
    }

    /// The number of spans in flight.
    #[must_use]
    pub(super) fn span_count(&self) -> u64 {
        let requests = self.requests.iter();
        requests.map(|request| span_count(&request.chunks)).sum()
    }
}
