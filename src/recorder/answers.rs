//! What an answer to a request that carried spans changes.

use super::Settled;
use super::delivery::{Delivery, Flight};
use super::parcels::span_count;
use super::split::halves;
use super::tracking::Target;
use crate::buffer::Parcel;
use crate::mlflow::backoff::MAX_ATTEMPTS;
use crate::mlflow::verdict::{
    EXPERIMENT_GONE, FAILING, OTLP_UNSUPPORTED, REFUSED, TOO_LARGE, UNREACHABLE, Verdict, judge,
};
use crate::mlflow::{Answer, ExperimentRef};
use crate::trace::UnixNanos;

/// After so many refused spans in a row, with nothing taken between, it is not the spans: what is
/// refused then is not searched for the guilty one any more, which would take two requests per span.
const REFUSALS_IN_A_ROW: u32 = 8;

impl Delivery {
    pub(super) fn settle_spans(
        &mut self,
        flight: Flight,
        answer: &Answer,
        now: UnixNanos,
        random: u32,
    ) -> Settled {
        let verdict = judge(flight.kind, answer);
        if answer.status != 0 {
            self.probe.answered();
        }
        if verdict == Verdict::Delivered {
            self.spans_backoff.reset();
            return self.taken(flight, answer);
        }
        if self.target == Target::Memory {
            self.keep_in_memory(flight.parcels);
            return Settled::Done;
        }
        let mut parcels = flight.parcels;
        if flight.configuration != self.configuration {
            self.give_back(parcels);
            return Settled::TryAgainIn(0);
        }
        match verdict {
            Verdict::Delivered => Settled::Done,
            Verdict::Wait { reason } => {
                // An MLflow server is asked whether it is there at all before spans are sent again. Of
                // any other endpoint nobody knows whether the spans are to blame.
                let counts = reason == UNREACHABLE && self.target.server().is_none();
                if reason == UNREACHABLE {
                    self.probe.no_answer(answer);
                }
                self.try_again(parcels, answer, now, random, (reason, counts))
            }
            Verdict::TryAgain => self.try_again(parcels, answer, now, random, (FAILING, true)),
            Verdict::Split => self.refuse(parcels, answer),
            Verdict::Smaller => self.cut(parcels, answer),
            Verdict::NoSuchWay if self.target.server().is_some() && self.probe.no_such_way() => {
                self.give_back(parcels);
                Settled::TryAgainIn(0)
            }
            Verdict::NoSuchWay => self.stop(parcels, answer, OTLP_UNSUPPORTED),
            Verdict::Stop { reason } if reason == EXPERIMENT_GONE => {
                // Parcels of an earlier life go to the experiment of this one.
                if parcels.iter_mut().any(Parcel::forget_destination) {
                    self.give_back(parcels);
                    return Settled::TryAgainIn(0);
                }
                if self.lose_experiment() {
                    self.give_back(parcels);
                    return Settled::TryAgainIn(0);
                }
                self.stop(parcels, answer, reason)
            }
            Verdict::Stop { reason } => self.stop(parcels, answer, reason),
        }
    }

    /// The spans have arrived, but for those that the server says it has dropped.
    pub(super) fn landed(&mut self, flight: Flight, answer: &Answer) -> Settled {
        self.refusals = 0;
        let dropped = answer.body.rejected_spans.min(span_count(&flight.parcels));
        if dropped > 0 {
            // Which ones it does not say.
            self.delivered += self.forget(flight.parcels) - dropped;
            self.dropped.refused += dropped;
            self.report.refused(&self.target, answer, REFUSED, true);
            return Settled::Refused { reason: REFUSED };
        }
        for parcel in flight.parcels {
            self.arrived(parcel, &flight.experiment);
        }
        // What was sent elsewhere is not to be talked of here.
        if self.target.server() != Some(&flight.server) {
            self.give_up_finals();
        }
        Settled::Done
    }

    /// An experiment that was named is looked for again, and made again, but once.
    fn lose_experiment(&mut self) -> bool {
        let named = matches!(self.experiment.which(), Some(ExperimentRef::Name(_)));
        let again = named && !self.experiment_lost;
        if again {
            self.experiment_lost = true;
            self.experiment.start_over();
        }
        again
    }

    fn stop(&mut self, parcels: Vec<Parcel>, answer: &Answer, reason: &'static str) -> Settled {
        self.stopped = true;
        self.give_back(parcels);
        self.report.stopped(&self.target, answer, reason);
        Settled::Stopped { reason }
    }

    fn try_again(
        &mut self,
        parcels: Vec<Parcel>,
        answer: &Answer,
        now: UnixNanos,
        random: u32,
        (reason, counts): (&'static str, bool),
    ) -> Settled {
        self.retries += 1;
        let wait = self.spans_backoff.fail(now, answer.retry_after_ms, random);
        let message = self.report.no_luck(&self.target, answer, reason);
        let (mut again, mut given_up) = (Vec::new(), Vec::new());
        for mut parcel in parcels {
            parcel.attempts += u32::from(counts);
            if parcel.attempts >= MAX_ATTEMPTS {
                given_up.push(parcel);
                continue;
            }
            // One of them may be what the server fails at: the others are not to be lost with it.
            if parcel.attempts == MAX_ATTEMPTS / 2 {
                parcel.group = self.new_group();
            }
            again.push(parcel);
        }
        if !given_up.is_empty() {
            // Where they are kept elsewhere, they stay: the server may be well at the next start.
            self.dropped.retries_exhausted += span_count(&given_up);
            self.report.notify("retries_exhausted", message);
        }
        self.give_back(again);
        Settled::TryAgainIn(wait)
    }

    /// The server stores nothing of a request in which it dislikes one span, so what was refused is
    /// halved until that is alone.
    fn refuse(&mut self, parcels: Vec<Parcel>, answer: &Answer) -> Settled {
        self.spans_backoff.reset();
        let for_good =
            self.sends_files() || span_count(&parcels) == 1 || self.refusals >= REFUSALS_IN_A_ROW;
        self.report.refused(&self.target, answer, REFUSED, for_good);
        if for_good {
            self.refusals = self.refusals.saturating_add(1);
            self.dropped.refused += self.forget(parcels);
        } else {
            self.halve(parcels);
        }
        Settled::Refused { reason: REFUSED }
    }

    /// Sends what is too large in parts.
    fn cut(&mut self, parcels: Vec<Parcel>, answer: &Answer) -> Settled {
        self.spans_backoff.reset();
        let for_good = self.sends_files() || span_count(&parcels) == 1;
        self.report
            .refused(&self.target, answer, TOO_LARGE, for_good);
        if for_good {
            self.dropped.too_large += self.forget(parcels);
        } else {
            let bytes = parcels.iter().map(Parcel::bytes).sum();
            self.queue.learn(Some(bytes));
            self.halve(parcels);
        }
        Settled::Refused { reason: TOO_LARGE }
    }

    fn halve(&mut self, mut parcels: Vec<Parcel>) {
        let groups = [self.new_group(), self.new_group()];
        if parcels.len() == 1 {
            parcels = parcels.pop().map(halves).unwrap_or_default();
        }
        let middle = parcels.len().div_ceil(2);
        for (index, parcel) in parcels.iter_mut().enumerate() {
            parcel.group = groups[usize::from(index >= middle)];
        }
        self.give_back(parcels);
    }

    fn new_group(&mut self) -> u32 {
        // 0 is no group.
        self.last_group = self.last_group.wrapping_add(1).max(1);
        self.last_group
    }
}
