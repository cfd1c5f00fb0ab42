//! What OTLP cannot carry, and how it follows the spans once they have arrived.

use std::rc::Rc;

use super::delivery::Delivery;
use super::{Settled, tracking::Target};
use crate::mlflow::backoff::MAX_ATTEMPTS;
use crate::mlflow::trace_info::TraceInfo;
use crate::mlflow::verdict::{FAILING, REFUSED, Verdict, judge};
use crate::mlflow::{Answer, Request, RequestId, RequestKind, names};
use crate::trace::{Trace, TraceId, UnixNanos};

/// A trace whose spans have arrived, and of which more is to be said. Its spans count as delivered
/// when that has been said too, or cannot be.
pub struct Final {
    pub info: TraceInfo,
    pub trace_id: TraceId,
    /// Whether all its spans were in one parcel.
    pub alone: bool,
    /// The trace itself, where it was recorded in this life of the program.
    pub trace: Option<Rc<Trace>>,
    /// How many spans wait for this to be said: those that travelled with the root.
    pub spans: u64,
    /// As of the parcel with the root.
    pub saved: Option<Rc<u32>>,
    /// Where its spans are: said of another experiment, it would move them.
    pub experiment: String,
    pub attempts: u32,
    /// The configuration under which its spans were sent.
    pub configuration: u32,
}

/// All of them.
#[derive(Default)]
pub struct Finals {
    pub waiting: Vec<Final>,
    pub flight: Option<(RequestId, Final)>,
}

impl Finals {
    /// Spans of the traces concerned.
    pub fn spans(&self) -> u64 {
        let flying = self.flight.iter().map(|(_, flying)| flying);
        let all = self.waiting.iter().chain(flying);
        all.map(|open| open.spans).sum()
    }
}

impl Delivery {
    /// When something may be said; `None` if nothing is to be or can be.
    pub(super) fn finals_due(&self) -> Option<UnixNanos> {
        let idle = !self.stopped && self.finals.flight.is_none();
        (idle && self.ready_final().is_some()).then(|| self.spans_backoff.until())
    }

    /// The first of which all spans have arrived: once it is told, the server adds nothing more to
    /// the trace's times and token counts (mlflow/store/tracking/sqlalchemy_store.py, `_log_spans_once`).
    fn ready_final(&self) -> Option<usize> {
        let mut waiting = self.finals.waiting.iter();
        waiting.position(|told| told.alone || !self.is_awaited(told.trace_id))
    }

    pub(super) fn next_final(&mut self, server: &str) -> Option<Request> {
        let ready = self.ready_final()?;
        let next = self.finals.waiting.remove(ready);
        let id = self.new_request_id();
        let body = next.info.body(&next.experiment);
        self.finals.flight = Some((id, next));
        let url = [server, names::TRACES_PATH].concat();
        let request = Request::post(id, RequestKind::TraceInfo, url, names::JSON, body);
        Some(self.counted(request))
    }

    pub(super) fn settle_final(
        &mut self,
        mut told: Final,
        answer: &Answer,
        now: UnixNanos,
        random: u32,
    ) -> Settled {
        let verdict = judge(RequestKind::TraceInfo, answer);
        let elsewhere = told.configuration != self.configuration;
        if verdict == Verdict::Delivered || self.target == Target::Memory {
            self.spans_backoff.reset();
            self.give_up_final(told);
            return Settled::Done;
        }
        match verdict {
            Verdict::TryAgain | Verdict::Wait { .. } => {
                self.retries += 1;
                let reason = match verdict {
                    Verdict::Wait { reason } => reason,
                    _ => FAILING,
                };
                told.attempts += 1;
                let wait = self.spans_backoff.fail(now, answer.retry_after_ms, random);
                let message = self.report.no_luck(&self.target, answer, reason);
                if told.attempts < MAX_ATTEMPTS {
                    self.finals.waiting.insert(0, told);
                } else {
                    self.report.notify("retries_exhausted", message);
                    self.give_up_final(told);
                }
                Settled::TryAgainIn(wait)
            }
            Verdict::Stop { .. } if elsewhere => {
                self.finals.waiting.insert(0, told);
                Settled::TryAgainIn(0)
            }
            Verdict::Stop { reason } => {
                self.stopped = true;
                self.finals.waiting.insert(0, told);
                self.report.stopped(&self.target, answer, reason);
                Settled::Stopped { reason }
            }
            _ => {
                self.spans_backoff.reset();
                self.report.refused(&self.target, answer, REFUSED, true);
                self.give_up_final(told);
                Settled::Refused { reason: REFUSED }
            }
        }
    }

    /// Nothing more is said of it. Its spans have arrived, said or not.
    fn give_up_final(&mut self, told: Final) {
        self.delivered += told.spans;
        self.saved.settle(told.saved);
    }

    /// The traces are not where the next request goes.
    pub(super) fn give_up_finals(&mut self) {
        for told in std::mem::take(&mut self.finals.waiting) {
            self.give_up_final(told);
        }
    }
}
