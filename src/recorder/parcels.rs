//! What goes into the queue, what falls out of it, and what is kept elsewhere meanwhile.

use std::rc::Rc;

use super::delivery::Delivery;
use super::finals::Final;
use super::stored;
use super::tracking::Target;
use crate::buffer::{Encoded, Limits, Load, Parcel, Saved};
use crate::mlflow::trace_info::{TraceInfo, trace_info};
use crate::trace::{Part, Trace, TraceId, UnixNanos};

/// A parcel to be kept elsewhere until it has arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsaved {
    /// Its number in this life of the program.
    pub number: u32,
    /// How many spans it has.
    pub spans: usize,
    /// All of it, for [`super::Recorder::restore`] of a later life.
    pub bytes: Vec<u8>,
}

/// What is given out at once, in bytes as they are kept: a page takes some milliseconds for it.
const GIVEN_OUT_BYTES: usize = 1 << 19;

/// What is being given out.
struct Giving<'a> {
    saved: &'a mut Saved,
    unsaved: Vec<Unsaved>,
    left_bytes: usize,
}

impl Giving<'_> {
    fn parcel(&mut self, parcel: &mut Parcel, server: &str, experiment: &str) {
        let mut number = parcel.saved.take();
        self.give(&mut number, parcel.span_count(), || {
            stored::write(parcel, server, experiment)
        });
        parcel.saved = number;
    }

    fn give(
        &mut self,
        number: &mut Option<Rc<u32>>,
        spans: usize,
        write: impl FnOnce() -> Vec<u8>,
    ) {
        if number.is_some() || self.left_bytes == 0 {
            return;
        }
        let bytes = write();
        self.left_bytes = self.left_bytes.saturating_sub(bytes.len());
        let given = self.saved.number();
        self.unsaved.push(Unsaved {
            number: *given,
            spans,
            bytes,
        });
        *number = Some(given);
    }
}

impl Delivery {
    /// Takes a finished trace.
    pub fn accept(&mut self, trace: Rc<Trace>, now: UnixNanos) {
        self.traces += 1;
        self.recent.remember(&trace);
        let part = Part::last(trace);
        if self.target == Target::Memory {
            self.delivered += part.span_count() as u64;
        } else {
            let due = now.plus_millis(self.queue.limits().batch_delay_ms);
            self.enqueue(Parcel::new(Load::Live(part), due));
        }
    }

    /// Takes finished spans of a trace in progress.
    pub fn accept_early(&mut self, part: Part) {
        // They have waited already.
        self.enqueue(Parcel::new(Load::Live(part), UnixNanos::default()));
    }

    fn enqueue(&mut self, parcel: Parcel) {
        let dropped = self.queue.push(parcel);
        self.drop_for_room(dropped);
    }

    pub const fn limits(&self) -> &Limits {
        self.queue.limits()
    }

    pub fn set_limits(&mut self, limits: Limits) {
        let dropped = self.queue.set_limits(limits);
        self.drop_for_room(dropped);
    }

    pub(super) fn give_back(&mut self, parcels: Vec<Parcel>) {
        let dropped = self.queue.give_back(parcels);
        self.drop_for_room(dropped);
    }

    fn drop_for_room(&mut self, parcels: Vec<Parcel>) {
        if parcels.is_empty() {
            return;
        }
        // Where they are kept elsewhere, they stay: there is room there, and time at the next start.
        self.dropped.buffer_full += span_count(&parcels);
        let message = "too many traces wait for delivery and the oldest are dropped; flush more often, or see to it that the tracking server answers";
        self.report.notify("buffer_full", message.to_owned());
    }

    /// These parcels are gone, one way or the other. Gives the number of their spans, to be counted.
    pub(super) fn forget(&mut self, parcels: Vec<Parcel>) -> u64 {
        let spans = span_count(&parcels);
        for parcel in parcels {
            self.saved.settle(parcel.saved);
        }
        spans
    }

    /// The spans of a parcel have arrived. If more is to be said of its trace, they are not done yet.
    pub(super) fn arrived(&mut self, parcel: Parcel, experiment: &str) {
        let spans = parcel.span_count() as u64;
        let whole = parcel.part().and_then(Part::whole);
        let alone = whole.is_some_and(|trace| trace.span_count() == parcel.span_count());
        let whole = whole.cloned();
        let info = match (&parcel.load, &whole) {
            // Nobody but MLflow understands it.
            _ if self.target.server().is_none() => None,
            (_, Some(whole)) => trace_info(whole),
            (Load::Encoded(encoded), None) => encoded.info.clone().map(TraceInfo::from),
            (Load::Live(_), None) => None,
        };
        let Some(info) = info else {
            self.delivered += spans;
            self.saved.settle(parcel.saved);
            return;
        };
        self.finals.waiting.push(Final {
            info,
            trace_id: parcel.trace_id(),
            alone,
            trace: whole,
            spans,
            saved: parcel.saved,
            experiment: experiment.to_owned(),
            attempts: 0,
            configuration: self.configuration,
        });
    }

    /// What waits or is on its way and was not given out before, each under a new number: so much that it
    /// takes a page a few milliseconds. Ask again until nothing comes.
    pub fn unsaved(&mut self) -> Vec<Unsaved> {
        let server = self.target.address().unwrap_or("").to_owned();
        let experiment = self.experiment.id().unwrap_or("").to_owned();
        // The file of a trace carries all of it, so all of it has to come back at once.
        let most_bytes = if self.sends_files() {
            usize::MAX
        } else {
            GIVEN_OUT_BYTES
        };
        let mut giving = Giving {
            saved: &mut self.saved,
            unsaved: Vec::new(),
            left_bytes: GIVEN_OUT_BYTES,
        };
        let mut index = 0;
        while giving.left_bytes > 0
            && let Some(parcel) = self.queue.piece_mut(index, most_bytes)
        {
            giving.parcel(parcel, &server, &experiment);
            index += 1;
        }
        for flight in &mut self.flights {
            for parcel in &mut flight.parcels {
                giving.parcel(parcel, &flight.server, &flight.experiment);
            }
        }
        let flying = self.finals.flight.iter_mut().map(|(_, told)| told);
        for told in self.finals.waiting.iter_mut().chain(flying) {
            let spans = told.spans as usize;
            let mut number = told.saved.take();
            giving.give(&mut number, spans, || stored::write_final(told, &server));
            told.saved = number;
        }
        giving.unsaved
    }

    /// The numbers of parcels given out by [`Self::unsaved`] that need not be kept any longer.
    pub fn take_settled(&mut self) -> Vec<u32> {
        self.saved.take_settled()
    }

    /// Queues a parcel of an earlier life. Gives how many spans it has.
    pub fn restore(&mut self, encoded: Encoded) -> u64 {
        let spans = encoded.span_count as u64;
        self.restored += spans;
        let elsewhere = self.target.address() != Some(&encoded.server);
        // What is only to be told of a trace is of no use to another server.
        if self.target == Target::Memory || encoded.body.is_empty() && elsewhere {
            self.delivered += spans;
            return spans;
        }
        let spans_have_arrived = encoded.body.is_empty();
        let experiment = encoded.experiment.clone();
        let parcel = Parcel::new(Load::Encoded(Box::new(encoded)), UnixNanos::default());
        if spans_have_arrived {
            self.arrived(parcel, &experiment);
        } else {
            self.enqueue(parcel);
        }
        spans
    }

    /// Whether any spans of this trace have yet to arrive.
    pub(super) fn is_awaited(&self, id: TraceId) -> bool {
        let is_its = |parcel: &Parcel| parcel.trace_id() == id;
        self.parcels().iter().any(|some| some.iter().any(is_its))
    }
}

pub(super) fn span_count(parcels: &[Parcel]) -> u64 {
    parcels
        .iter()
        .map(|parcel| parcel.span_count() as u64)
        .sum()
}
