//! What is asked of a server before spans are sent: what it can do, and which experiments there are.

use super::context::{ExportContext, Moment};
use super::endpoint::Endpoint;
use super::experiments::Experiments;
use crate::mlflow::api::capabilities::Capabilities;
use crate::mlflow::retry::Backoff;
use crate::mlflow::{ExperimentState, Request, RequestId, Response};
use crate::trace::{MonotonicNanos, Route};

/// How much is to be asked anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reset {
    /// What waits for another attempt is due at once.
    Waits,
    /// Besides, the responses to what is in flight will never come.
    LostResponses,
    /// Everything is found out anew: the configuration has changed.
    Everything,
}

/// What is known of a server, and what is being asked of it.
#[derive(Debug)]
pub(super) struct Discovery {
    /// What it can do.
    pub capabilities: Capabilities,
    /// The experiments that traces go to.
    pub experiments: Experiments,
    question: Option<RequestId>,
    backoff: Backoff,
}

impl Discovery {
    /// Discovery of a server, in this workspace if it has such; empty: in none.
    #[must_use]
    pub(super) fn new(workspace: &str) -> Self {
        Self {
            capabilities: Capabilities::new(workspace),
            experiments: Experiments::default(),
            question: None,
            backoff: Backoff::default(),
        }
    }

    /// What is known of the experiment that a route leads to; `None` if it leads elsewhere.
    #[must_use]
    pub(super) fn experiment(&self, route: &Route) -> Option<ExperimentState> {
        let target = self.experiments.get(route)?;
        let state = target.lookup().state().clone();
        let is_delayed = target.is_delayed() || self.backoff.failures() > 0;
        Some(if state == ExperimentState::Waiting && is_delayed { ExperimentState::Delayed } else { state })
    }

    /// When there is something to ask. `sends_due` is when spans or infos could be sent if enough were known;
    /// `is_awaited` tells whether spans of a route wait.
    #[must_use]
    pub(super) fn due(
        &self,
        endpoint: &Endpoint,
        sends_due: Option<MonotonicNanos>,
        is_awaited: &dyn Fn(&Route) -> bool,
    ) -> Option<MonotonicNanos> {
        endpoint.server()?;
        let search = self.experiments.due(is_awaited);
        // In a workspace there are other experiments than outside.
        let is_open = self.capabilities.is_workspace_pending();
        let wanted = if is_open { MonotonicNanos::first(&[search, sends_due]) } else { sends_due };
        let wanted = wanted.map(|due| if self.capabilities.is_urgent() { MonotonicNanos::default() } else { due });
        let is_idle = self.question.is_none() && self.capabilities.is_pending();
        let question = wanted.filter(|_| is_idle);
        let question = question.map(|wanted| wanted.max(self.backoff.until()));
        MonotonicNanos::first(&[question, search.filter(|_| !is_open)])
    }

    /// The next question that is due.
    pub(super) fn next_request(
        &mut self,
        endpoint: &Endpoint,
        is_awaited: &dyn Fn(&Route) -> bool,
        context: &mut ExportContext,
        now: MonotonicNanos,
    ) -> Option<Request> {
        let server = endpoint.server()?;
        if !self.capabilities.is_workspace_pending() {
            let mut targets = self.experiments.iter_mut();
            let due = targets.find(|target| target.due(is_awaited).is_some_and(|due| due <= now));
            if let Some(target) = due {
                return target.next_request(server, context);
            }
        }
        if self.question.is_some() || !self.capabilities.is_pending() {
            return None;
        }
        let id = context.new_request_id();
        self.question = Some(id);
        Some(self.capabilities.request(id, server))
    }

    /// Takes in a response, if it is to a question; tells whether it was.
    pub(super) fn on_response(
        &mut self,
        (id, response): (RequestId, &Response),
        endpoint: &Endpoint,
        context: &mut ExportContext,
        moment: Moment,
    ) -> bool {
        if self.question != Some(id) {
            let mut targets = self.experiments.iter_mut();
            return targets.any(|target| target.on_response((id, response), endpoint, context, moment));
        }
        self.question = None;
        match self.capabilities.on_response(response, moment.now) {
            None => self.backoff.reset(),
            Some(reason) => {
                context.stats.retries += 1;
                moment.back_off(&mut self.backoff, response);
                context.report.transient_failure(endpoint, response, reason);
            }
        }
        true
    }

    /// Asks anew.
    pub(super) fn reset(&mut self, reset: Reset) {
        let is_response_lost = reset != Reset::Waits;
        self.backoff.reset();
        if is_response_lost {
            self.question = None;
        }
        for target in self.experiments.iter_mut() {
            target.reset(is_response_lost);
            if reset == Reset::Everything {
                target.retry_if_failed();
            }
        }
        if reset == Reset::Everything {
            self.capabilities.forget();
        }
    }
}
