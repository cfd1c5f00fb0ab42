//! What waits for delivery, in the order in which it is sent.

use std::mem::{replace, take};

use super::{Limits, Parcel};
use crate::trace::UnixNanos;

/// The parcels that wait.
#[derive(Default)]
pub struct Queue {
    /// Set through [`Self::set_limits`].
    limits: Limits,
    waiting: Vec<Parcel>,
    spans: usize,
    /// On the wire.
    bytes: usize,
    /// In memory.
    kept: usize,
    flush: bool,
    /// What the server has shown to be too much for one request.
    too_many_bytes: Option<usize>,
}

impl Queue {
    /// How much waits at most, and how long.
    #[must_use]
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Changes the limits. Gives what finds no room any more.
    #[must_use = "what is dropped is to be counted"]
    pub fn set_limits(&mut self, limits: Limits) -> Vec<Parcel> {
        self.limits = limits;
        self.make_room()
    }

    /// Queues a parcel. Gives those that were dropped to make room.
    #[must_use = "what is dropped is to be counted"]
    pub fn push(&mut self, parcel: Parcel) -> Vec<Parcel> {
        self.put_back(parcel);
        self.make_room()
    }

    /// Puts what could not be delivered back to the front. Gives those that were dropped to make room.
    #[must_use = "what is dropped is to be counted"]
    pub fn give_back(&mut self, parcels: Vec<Parcel>) -> Vec<Parcel> {
        self.put_first(parcels);
        self.make_room()
    }

    fn count(&mut self, parcel: &Parcel) {
        self.spans += parcel.span_count();
        self.bytes += parcel.bytes();
        self.kept += parcel.kept_bytes();
    }

    fn put_first(&mut self, mut parcels: Vec<Parcel>) {
        for parcel in &parcels {
            self.count(parcel);
        }
        parcels.append(&mut self.waiting);
        self.waiting = parcels;
    }

    fn count_off(&mut self, parcel: &Parcel) {
        self.spans -= parcel.span_count();
        self.bytes -= parcel.bytes();
        self.kept -= parcel.kept_bytes();
    }

    fn take(&mut self, index: usize) -> Option<Parcel> {
        if index >= self.waiting.len() {
            return None;
        }
        let parcel = self.waiting.remove(index);
        self.count_off(&parcel);
        Some(parcel)
    }

    /// Takes out whole traces, the oldest finished one first: half a trace explains nothing. Where none is
    /// finished, the oldest spans go.
    fn make_room(&mut self) -> Vec<Parcel> {
        let mut dropped = Vec::new();
        while self.spans > self.limits.buffer_spans || self.kept > self.limits.buffer_bytes {
            // What stands before it is of traces in progress: few parcels.
            let finished = self.waiting.iter().position(Parcel::has_root);
            let Some(oldest) = self.take(finished.unwrap_or(0)) else {
                break;
            };
            if oldest.has_root() && !oldest.is_whole_trace() {
                let mut index = 0;
                while let Some(next) = self.waiting.get(index) {
                    if next.trace_id() == oldest.trace_id() {
                        dropped.extend(self.take(index));
                    } else {
                        index += 1;
                    }
                }
            }
            dropped.push(oldest);
        }
        dropped
    }

    /// The next parcels to be sent together, oldest first; empty if none wait. Of what is too large for
    /// one request a part, and the rest goes on waiting.
    pub fn take_batch(&mut self) -> Vec<Parcel> {
        self.cut(0, self.batch_bytes());
        let (mut count, mut spans, mut bytes) = (0, 0, 0);
        for next in &self.waiting {
            spans += next.span_count();
            bytes += next.bytes();
            let fits = spans <= self.limits.batch_spans && bytes <= self.batch_bytes();
            let first = &self.waiting[0];
            let same_way = first.group == next.group && first.destination() == next.destination();
            if count > 0 && !(fits && same_way) {
                break;
            }
            count += 1;
        }
        let rest = self.waiting.split_off(count);
        let batch = replace(&mut self.waiting, rest);
        for parcel in &batch {
            self.count_off(parcel);
        }
        if self.waiting.is_empty() {
            self.flush = false;
        }
        batch
    }

    /// Cuts the parcel at `index` in two if it is longer than that.
    fn cut(&mut self, index: usize, most_bytes: usize) {
        let parcel = self.waiting.get(index);
        let long = parcel.filter(|parcel| parcel.bytes() > most_bytes);
        let takes = long.and_then(|parcel| Some(parcel.part()?.first_bytes(most_bytes)));
        if let Some(takes) = takes
            && let Some(parcel) = self.take(index)
        {
            let (taken, rest) = parcel.split(&takes);
            for half in rest.into_iter().chain(taken) {
                self.count(&half);
                self.waiting.insert(index, half);
            }
        }
    }

    /// The parcel at `index`, to be marked as kept elsewhere. One that is not yet and longer than that
    /// is cut before: the rest is the next one.
    pub fn piece_mut(&mut self, index: usize, most_bytes: usize) -> Option<&mut Parcel> {
        if self.waiting.get(index)?.saved.is_none() {
            self.cut(index, most_bytes);
        }
        self.waiting.get_mut(index)
    }

    fn batch_bytes(&self) -> usize {
        let learned = self.too_many_bytes.map_or(usize::MAX, |bytes| bytes / 2);
        self.limits.batch_bytes.min(learned)
    }

    /// Remembers how many bytes were too many for one request; `None` forgets it.
    pub fn learn(&mut self, too_many_bytes: Option<usize>) {
        self.too_many_bytes = too_many_bytes;
    }

    /// The first parcel whose trace gets no more spans: with the root, or from an earlier life.
    fn first_whole(&self) -> Option<usize> {
        let whole = |parcel: &Parcel| parcel.has_root() || parcel.part().is_none();
        self.waiting.iter().position(whole)
    }

    /// When the next trace as a whole is due, with all that waits of it; `None` if none is complete.
    #[must_use]
    pub fn whole_due(&self) -> Option<UnixNanos> {
        let first = self.waiting.get(self.first_whole()?)?;
        let at_once = self.flush || first.attempts > 0;
        Some(if at_once {
            UnixNanos::default()
        } else {
            first.due
        })
    }

    /// All that waits of the oldest trace that is complete; empty if none is.
    pub fn take_whole(&mut self) -> Vec<Parcel> {
        let first = self.first_whole().and_then(|index| self.waiting.get(index));
        let Some(id) = first.map(Parcel::trace_id) else {
            return Vec::new();
        };
        let mut whole = Vec::new();
        let mut index = 0;
        while let Some(next) = self.waiting.get(index) {
            if next.trace_id() == id {
                whole.extend(self.take(index));
            } else {
                index += 1;
            }
        }
        if self.first_whole().is_none() {
            self.flush = false;
        }
        whole
    }

    /// Makes everything that waits due at once.
    pub fn flush(&mut self) {
        self.flush = !self.waiting.is_empty();
    }

    /// When the next batch is due; `None` if nothing waits.
    #[must_use]
    pub fn due(&self) -> Option<UnixNanos> {
        let first = self.waiting.first()?;
        let full = self.spans >= self.limits.batch_spans || self.bytes >= self.batch_bytes();
        let at_once = self.flush || full || first.attempts > 0 || first.group != 0;
        Some(if at_once {
            UnixNanos::default()
        } else {
            first.due
        })
    }

    /// Takes out everything that waits.
    pub fn take_all(&mut self) -> Vec<Parcel> {
        self.flush = false;
        self.spans = 0;
        self.bytes = 0;
        self.kept = 0;
        take(&mut self.waiting)
    }

    /// Puts back what was taken out and not sent, behind all others.
    pub fn put_back(&mut self, parcel: Parcel) {
        self.count(&parcel);
        self.waiting.push(parcel);
    }

    /// Spans that wait.
    #[must_use]
    pub const fn span_count(&self) -> usize {
        self.spans
    }

    /// All that waits.
    #[must_use]
    pub fn parcels(&self) -> &[Parcel] {
        &self.waiting
    }
}
