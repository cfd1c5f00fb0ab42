//! Infos of traces that follow their spans.

use std::rc::Rc;

use super::persistence::PersistId;
use crate::mlflow::RequestId;
use crate::mlflow::api::trace_info::TraceInfo;
use crate::mlflow::retry::Attempts;
use crate::trace::{MonotonicNanos, Route, Trace, TraceId};

/// A trace whose spans have been delivered, and whose info has yet to be. Its spans count as delivered
/// when the info has been stored, or cannot be; those of a derived info at once.
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
    /// The request that carries it, while that is in flight.
    pub request: Option<RequestId>,
}

/// As many infos are in flight at once: there is one for each trace, and spans travel many together.
const MOST_IN_FLIGHT: usize = 3;
/// As many derived infos wait at most.
const MOST_DERIVED: usize = 1_000;

/// The infos that wait or are in flight, the oldest first.
#[derive(Debug, Default)]
pub(super) struct TraceInfos {
    infos: Vec<PendingTraceInfo>,
    /// Until when the server gets no derived infos, because it has refused one as such.
    derived_refused_until: MonotonicNanos,
}

impl TraceInfos {
    /// Adds an info behind all others.
    pub(super) fn push(&mut self, pending: PendingTraceInfo) {
        self.infos.push(pending);
    }

    /// Takes out the oldest info that waits.
    pub(super) fn take_oldest(&mut self) -> Option<PendingTraceInfo> {
        self.remove(&|pending| pending.request.is_none())
    }

    /// Takes out the oldest derived info that waits, if too many do.
    pub(super) fn take_excess(&mut self) -> Option<PendingTraceInfo> {
        let derived = self.infos.iter().filter(|pending| pending.info.is_derived);
        if derived.count() <= MOST_DERIVED {
            return None;
        }
        self.remove(&|pending| pending.info.is_derived && pending.request.is_none())
    }

    /// Refuses derived infos until that time, and drops those that wait; returns how many those were.
    pub(super) fn refuse_derived(&mut self, until: MonotonicNanos) -> u64 {
        self.derived_refused_until = until;
        let before = self.infos.len();
        self.infos.retain(|pending| !pending.info.is_derived || pending.request.is_some());
        (before - self.infos.len()) as u64
    }

    /// Ends the time in which the server gets no derived infos.
    pub(super) fn allow_derived(&mut self) {
        self.derived_refused_until = MonotonicNanos::default();
    }

    /// Whether the server gets no derived infos now.
    pub(super) fn refuses_derived(&self, now: MonotonicNanos) -> bool {
        now < self.derived_refused_until
    }

    /// The place of the first info that waits and for which `is_ready` holds; `None` also while as many are in flight
    /// as may be.
    pub(super) fn next(&self, is_ready: &dyn Fn(&PendingTraceInfo) -> bool) -> Option<usize> {
        let in_flight = self.infos.iter().filter(|pending| pending.request.is_some());
        if in_flight.count() >= MOST_IN_FLIGHT {
            return None;
        }
        self.infos.iter().position(|pending| pending.request.is_none() && is_ready(pending))
    }

    /// The info at a place of [`Self::next`].
    pub(super) fn get_mut(&mut self, place: usize) -> Option<&mut PendingTraceInfo> {
        self.infos.get_mut(place)
    }

    /// Takes out the info that the request with this id carries.
    pub(super) fn take(&mut self, id: RequestId) -> Option<PendingTraceInfo> {
        self.remove(&|pending| pending.request == Some(id))
    }

    fn remove(&mut self, is_meant: &dyn Fn(&PendingTraceInfo) -> bool) -> Option<PendingTraceInfo> {
        let place = self.infos.iter().position(is_meant)?;
        Some(self.infos.remove(place))
    }

    /// Lets the infos wait again that are in flight: their responses will never come.
    pub(super) fn requeue_in_flight(&mut self) {
        self.infos.iter_mut().for_each(|pending| pending.request = None);
    }

    /// Takes out all infos.
    pub(super) fn take_all(&mut self) -> Vec<PendingTraceInfo> {
        std::mem::take(&mut self.infos)
    }

    /// The infos.
    pub(super) fn iter(&self) -> impl Iterator<Item = &PendingTraceInfo> {
        self.infos.iter()
    }

    /// The infos, to be changed.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut PendingTraceInfo> {
        self.infos.iter_mut()
    }

    /// Spans of the traces concerned.
    #[must_use]
    pub(super) fn span_count(&self) -> u64 {
        self.iter().map(|pending| pending.spans).sum()
    }
}
