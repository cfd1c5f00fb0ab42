//! Infos of traces that follow their spans.

use std::rc::Rc;

use super::persistence::PersistId;
use crate::mlflow::RequestId;
use crate::mlflow::api::trace_info::TraceInfo;
use crate::mlflow::retry::Attempts;
use crate::trace::{Route, Trace, TraceId};

/// A trace whose spans have been delivered, and whose info has yet to be. Its spans count as delivered
/// when the info has been stored, or cannot be.
#[derive(Debug)]
pub(super) struct PendingTraceInfo {
    /// The info.
    pub info: TraceInfo,
    /// The id of the trace.
    pub trace_id: TraceId,
    /// Whether all its spans were in one chunk.
    pub is_complete: bool,
    /// The trace itself, where it was recorded in this session.
    pub trace: Option<Rc<Trace>>,
    /// How many spans wait for the info: those that travelled with the root.
    pub spans: u64,
    /// As of the chunk with the root.
    pub persist_id: Option<PersistId>,
    /// Where its spans went: an info for another experiment would move them.
    pub experiment: String,
    /// The route of its spans.
    #[expect(dead_code, reason = "a destination exists as long as something refers to a route to it")]
    pub route: Route,
    /// Attempts that the server failed at.
    pub attempts: Attempts,
}

/// The infos that wait, and the one that is in flight.
#[derive(Debug, Default)]
pub(super) struct TraceInfos {
    waiting: Vec<PendingTraceInfo>,
    in_flight: Option<(RequestId, PendingTraceInfo)>,
}

impl TraceInfos {
    /// Adds an info behind all others.
    pub(super) fn push(&mut self, pending: PendingTraceInfo) {
        self.waiting.push(pending);
    }

    /// Takes out the oldest info that waits.
    pub(super) fn take_oldest(&mut self) -> Option<PendingTraceInfo> {
        (!self.waiting.is_empty()).then(|| self.waiting.remove(0))
    }

    /// The first info that waits and for which `is_ready` holds, with its place; `None` also while another is
    /// in flight.
    pub(super) fn next(&self, is_ready: &dyn Fn(&PendingTraceInfo) -> bool) -> Option<(usize, &PendingTraceInfo)> {
        let mut waiting = self.waiting.iter().enumerate();
        let next = waiting.find(|(_, pending)| is_ready(pending));
        next.filter(|_| self.in_flight.is_none())
    }

    /// Marks the info at a place of [`Self::next`] as in flight.
    pub(super) fn send(&mut self, place: usize, id: RequestId) {
        if place < self.waiting.len() {
            self.in_flight = Some((id, self.waiting.remove(place)));
        }
    }

    /// Takes out the info that is in flight, if the request with this id carries it.
    pub(super) fn take(&mut self, id: RequestId) -> Option<PendingTraceInfo> {
        let sent = self.in_flight.take_if(|(sent, _)| *sent == id)?;
        Some(sent.1)
    }

    /// Puts an info back to the front.
    pub(super) fn requeue(&mut self, pending: PendingTraceInfo) {
        self.waiting.insert(0, pending);
    }

    /// Puts the info that is in flight back to the front: its response will never come.
    pub(super) fn requeue_in_flight(&mut self) {
        if let Some((_, pending)) = self.in_flight.take() {
            self.requeue(pending);
        }
    }

    /// Takes out all infos.
    pub(super) fn take_all(&mut self) -> Vec<PendingTraceInfo> {
        self.requeue_in_flight();
        std::mem::take(&mut self.waiting)
    }

    /// The infos, the one in flight last.
    pub(super) fn iter(&self) -> impl Iterator<Item = &PendingTraceInfo> {
        let sent = self.in_flight.iter().map(|(_, pending)| pending);
        self.waiting.iter().chain(sent)
    }

    /// The infos that wait, to be changed.
    pub(super) fn waiting_mut(&mut self) -> impl Iterator<Item = &mut PendingTraceInfo> {
        self.waiting.iter_mut()
    }

    /// The infos, to be marked.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut PendingTraceInfo> {
        let sent = self.in_flight.iter_mut().map(|(_, pending)| pending);
        self.waiting.iter_mut().chain(sent)
    }

    /// Spans of the traces concerned.
    #[must_use]
    pub(super) fn span_count(&self) -> u64 {
        self.iter().map(|pending| pending.spans).sum()
    }
}
