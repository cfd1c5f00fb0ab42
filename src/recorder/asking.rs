//! What is asked of the server before spans are sent: what it can do, and which experiment they go to.

use super::Settled;
use super::delivery::Delivery;
use super::tracking::Target;
use crate::mlflow::backoff::MAX_ATTEMPTS;
use crate::mlflow::verdict::{FAILING, NOT_MLFLOW, REDIRECTED, UNREACHABLE, Verdict};
use crate::mlflow::{Answer, ExperimentRef, ExperimentState, Request, names};
use crate::trace::UnixNanos;

impl Delivery {
    pub fn set_experiment(&mut self, which: ExperimentRef) {
        if self.experiment.set(which) {
            self.configuration_changed();
        }
    }

    pub fn experiment(&self) -> ExperimentState {
        match (&self.target, self.experiment.which()) {
            (Target::Server(_), _) | (_, None) => self.experiment.state().clone(),
            (_, Some(ExperimentRef::Name(name))) => ExperimentState::Ready {
                id: names::DEFAULT_EXPERIMENT_ID.to_owned(),
                name: name.clone(),
            },
            (_, Some(ExperimentRef::Id(id))) => ExperimentState::Ready {
                id: id.clone(),
                name: String::new(),
            },
        }
    }

    /// The name of the workspace that is wanted; empty: none.
    pub fn set_workspace(&mut self, workspace: &str) {
        if self.workspace.as_deref().unwrap_or("") != workspace {
            self.workspace = Some(workspace.to_owned()).filter(|name| !name.is_empty());
            self.configuration_changed();
        }
    }

    /// The workspace, for requests to a server that has such.
    pub fn workspace(&self) -> Option<&str> {
        let workspace = self.workspace.as_deref();
        workspace.filter(|_| self.probe.workspaces())
    }

    /// When the server may be asked what it can do; `None` if it need not be or cannot. `wanted` is
    /// when the answer is needed.
    fn probe_due(&self, wanted: Option<UnixNanos>) -> Option<UnixNanos> {
        let idle = self.asked.is_none() && self.probe.is_open() && self.target.server().is_some();
        wanted.filter(|_| idle)
    }

    /// When the experiment may be searched for; `None` if it need not or cannot be.
    fn search_due(&self) -> Option<UnixNanos> {
        let wanted = self.experiment.searching() && self.search.is_none();
        // In a workspace there are other experiments than outside.
        let ready = self.workspace.is_none() || !self.probe.is_open();
        (self.target.server().is_some() && wanted && ready).then(|| self.search_backoff.until())
    }

    /// When there is something to ask.
    pub(super) fn question_due(&self) -> Option<UnixNanos> {
        let searching = self.experiment.searching() && self.workspace.is_some();
        let spans = self.load_due();
        let wanted = if searching {
            Some(self.spans_backoff.until())
        } else {
            spans
        };
        UnixNanos::first(&[self.search_due(), self.probe_due(wanted)])
    }

    /// The next question.
    pub(super) fn next_question(&mut self, now: UnixNanos) -> Option<Request> {
        let server = self.target.server()?.to_owned();
        let id = self.new_request_id();
        let request = if self.search_due().is_some_and(|due| due <= now) {
            let request = self.experiment.request(id, &server)?;
            self.search = Some(id);
            request
        } else {
            self.asked = Some(id);
            self.probe.request(id, &server)
        };
        Some(self.counted(request))
    }

    pub(super) fn settle_probe(&mut self, answer: &Answer, now: UnixNanos, random: u32) -> Settled {
        match self.probe.settle(answer) {
            Verdict::Wait { reason } => {
                self.retries += 1;
                let wait = self.spans_backoff.fail(now, answer.retry_after_ms, random);
                self.report.no_luck(&self.target, answer, reason);
                Settled::TryAgainIn(wait)
            }
            _ => Settled::Done,
        }
    }

    pub(super) fn settle_search(
        &mut self,
        answer: &Answer,
        now: UnixNanos,
        random: u32,
    ) -> Settled {
        let reason = match self.experiment.settle(answer) {
            Verdict::TryAgain => FAILING,
            Verdict::Wait { reason } => reason,
            _ => {
                self.search_backoff.reset();
                let ExperimentState::Failed { code, message } = self.experiment.state().clone()
                else {
                    return Settled::Done;
                };
                self.report.error(code, message);
                return Settled::Stopped { reason: code };
            }
        };
        self.retries += 1;
        let wait = self.search_backoff.fail(now, answer.retry_after_ms, random);
        let message = self.report.no_luck(&self.target, answer, reason);
        // Whoever awaits the experiment is told at once that nobody answers, or somebody else: short
        // programs end before a later attempt. The search goes on, and the spans wait for it.
        let is_away = [UNREACHABLE, REDIRECTED, NOT_MLFLOW].contains(&reason);
        if is_away {
            self.experiment.away(reason, message);
        } else if self.search_backoff.failures() >= MAX_ATTEMPTS {
            self.experiment.away(UNREACHABLE, message);
        }
        Settled::TryAgainIn(wait)
    }
}
