//! The last requests of a program that is about to be taken away: browsers let them carry a few bytes
//! only, so what matters most goes first.

use super::delivery::Delivery;
use crate::buffer::{Load, Parcel};
use crate::mlflow::{Request, otlp};
use crate::trace::{Part, Span, Status};

/// No span is smaller on the wire.
const SMALLEST_SPAN_BYTES: usize = 200;
/// How many times longer a span may be estimated than it is.
const ESTIMATE_FACTOR: usize = 4;

/// What matters most comes first.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Weight {
    Root,
    Error,
    Rest,
}

impl Weight {
    const fn of(is_root: bool, failed: bool) -> Self {
        match (is_root, failed) {
            (true, _) => Self::Root,
            (false, true) => Self::Error,
            (false, false) => Self::Rest,
        }
    }
}

impl Delivery {
    /// Chooses what is sent within `quota_bytes` of bodies: the roots, then what failed, then the rest,
    /// the newest of each first. What is on its way already is chosen again unless it is trusted, since its
    /// answer may never be seen; the server keeps each span once. All else goes on waiting.
    pub fn closing_requests(&mut self, quota_bytes: usize) -> Vec<Request> {
        let Some(server) = self.target.address().map(str::to_owned) else {
            return Vec::new();
        };
        // Files take two requests each, the second of which waits for the answer to the first.
        let is_mlflow = self.target.server().is_some();
        let has_way = !is_mlflow || self.experiment.id().is_some() && !self.sends_files();
        if self.stopped || !has_way {
            return Vec::new();
        }
        let mut waiting = Vec::new();
        for flight in std::mem::take(&mut self.flights) {
            if flight.is_trusted {
                self.flights.push(flight);
            } else {
                waiting.extend(flight.parcels);
            }
        }
        waiting.extend(self.queue.take_all());
        let mut requests = Vec::new();
        let mut quota = quota_bytes;
        for weight in [Weight::Root, Weight::Error, Weight::Rest] {
            let mut batch = Vec::new();
            let mut left = quota.saturating_sub(otlp::ENVELOPE_BYTES);
            let before = left;
            let mut kept = Vec::with_capacity(waiting.len());
            while let Some(parcel) = waiting.pop() {
                let (taken, rest) = take_what_fits(parcel, weight, &mut left);
                kept.extend(rest);
                if let Some(taken) = taken {
                    if taken.destination().is_some() {
                        // It may be for another experiment than the others.
                        requests.extend(self.post(vec![taken], server.clone()));
                    } else {
                        batch.push(taken);
                    }
                }
            }
            kept.reverse();
            waiting = kept;
            if left < before {
                quota = left;
            }
            if !batch.is_empty() {
                requests.extend(self.post(batch, server.clone()));
            }
        }
        for parcel in waiting {
            self.queue.put_back(parcel);
        }
        requests
    }
}

/// Takes the spans of this weight out of a parcel as far as they fit; gives them and the rest.
fn take_what_fits(
    parcel: Parcel,
    weight: Weight,
    left: &mut usize,
) -> (Option<Parcel>, Option<Parcel>) {
    if *left < SMALLEST_SPAN_BYTES {
        return (None, Some(parcel));
    }
    let part = match &parcel.load {
        Load::Live(part) => part,
        Load::Encoded(encoded) => {
            let bytes = encoded.body.len();
            let its = Weight::of(encoded.has_root, encoded.has_error);
            if its != weight || bytes > *left {
                return (None, Some(parcel));
            }
            *left -= bytes;
            return (Some(parcel), None);
        }
    };
    let mut takes = vec![false; part.span_count()];
    for index in (0..part.span_count()).rev() {
        if let Some((span, _)) = part.span(index) {
            let failed = matches!(span.status, Status::Error(_));
            let its = Weight::of(span.parent.is_none(), failed);
            takes[index] = its == weight && fits(part, index, span, left);
        }
    }
    parcel.split(&takes)
}

fn fits(part: &Part, index: usize, span: &Span, left: &mut usize) -> bool {
    // Not even measured if it cannot fit: it may be very long.
    if *left < SMALLEST_SPAN_BYTES || span.approximate_bytes() / ESTIMATE_FACTOR > *left {
        return false;
    }
    let bytes = otlp::span_bytes(part, index);
    let fits = bytes <= *left;
    if fits {
        *left -= bytes;
    }
    fits
}
