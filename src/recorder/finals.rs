//! What OTLP cannot carry, and how it follows the spans once they have arrived.

use std::collections::VecDeque;
use std::rc::Rc;

use super::delivery::Delivery;
use super::{Settled, tracking::Target};
use crate::mlflow::backoff::MAX_ATTEMPTS;
use crate::mlflow::verdict::{Verdict, judge};
use crate::mlflow::{Answer, Request, RequestId, RequestKind, names, trace_info};
use crate::trace::{Trace, UnixNanos};

/// A trace whose spans have arrived, and of which more is to be said. Its spans count as delivered
/// when that has been said too, or cannot be.
pub struct Final {
    pub trace: Rc<Trace>,
    /// Where its spans are: said of another experiment, it would move them.
    experiment: String,
    attempts: u32,
    /// The configuration under which its spans were sent.
    configuration: u32,
}

/// All of them.
#[derive(Default)]
pub struct Finals {
    pub waiting: VecDeque<Final>,
    pub flight: Option<(RequestId, Final)>,
}

impl Finals {
    /// Spans of the traces concerned.
    pub fn spans(&self) -> u64 {
        let flying = self.flight.iter().map(|(_, flying)| flying);
        let all = self.waiting.iter().chain(flying);
        all.map(|open| open.trace.span_count() as u64).sum()
    }
}

impl Delivery {
    /// The spans of a trace have arrived; tells whether that was all.
    pub(super) fn arrived(&mut self, trace: &Rc<Trace>, experiment: &str) -> bool {
        if !trace_info::is_needed(trace) {
            return true;
        }
        self.finals.waiting.push_back(Final {
            trace: trace.clone(),
            experiment: experiment.to_owned(),
            attempts: 0,
            configuration: self.configuration,
        });
        false
    }

    /// When something may be said; `None` if nothing is to be or can be.
    pub(super) fn finals_due(&self) -> Option<UnixNanos> {
        let idle = !self.stopped && self.finals.flight.is_none();
        (idle && !self.finals.waiting.is_empty()).then(|| self.spans_backoff.until())
    }

    pub(super) fn next_final(&mut self, server: &str) -> Option<Request> {
        let next = self.finals.waiting.pop_front()?;
        let id = self.new_request_id();
        let body = trace_info::body(&next.trace, &next.experiment);
        self.finals.flight = Some((id, next));
        self.requests += 1;
        let url = [server, names::TRACES_PATH].concat();
        Some(Request::post(
            id,
            RequestKind::TraceInfo,
            url,
            names::JSON,
            body,
        ))
    }

    pub(super) fn settle_final(
        &mut self,
        mut told: Final,
        answer: &Answer,
        now: UnixNanos,
        random: u32,
    ) -> Settled {
        let verdict = judge(answer.status, answer.body.error_code.as_deref());
        let elsewhere = told.configuration != self.configuration;
        if verdict == Verdict::Delivered || self.target == Target::Memory {
            self.spans_backoff.reset();
            self.give_up_final(&told);
            return Settled::Done;
        }
        match verdict {
            Verdict::TryAgain => {
                self.retries += 1;
                told.attempts += 1;
                let wait = self.spans_backoff.fail(now, answer.retry_after_ms, random);
                let message = self.report.no_luck(&self.target, answer);
                if told.attempts < MAX_ATTEMPTS {
                    self.finals.waiting.push_front(told);
                } else {
                    self.report.notify("retries_exhausted", message);
                    self.give_up_final(&told);
                }
                Settled::TryAgainIn(wait)
            }
            Verdict::Stop { .. } if elsewhere => {
                self.finals.waiting.push_front(told);
                Settled::TryAgainIn(0)
            }
            Verdict::Stop { reason } => {
                self.stopped = true;
                self.finals.waiting.push_front(told);
                self.report.stopped(&self.target, answer, reason);
                Settled::Stopped { reason }
            }
            Verdict::Refused { reason } => {
                self.spans_backoff.reset();
                self.report.refused(&self.target, answer, reason, true);
                self.give_up_final(&told);
                Settled::Refused { reason }
            }
            Verdict::Delivered => Settled::Done,
        }
    }

    /// Nothing more is said of it. Its spans have arrived, said or not.
    fn give_up_final(&mut self, told: &Final) {
        self.delivered += told.trace.span_count() as u64;
    }

    /// The traces are not where the next request goes.
    pub(super) fn give_up_finals(&mut self) {
        while let Some(told) = self.finals.waiting.pop_front() {
            self.give_up_final(&told);
        }
    }
}
