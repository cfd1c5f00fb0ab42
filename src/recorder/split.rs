//! One parcel in two, to find the span that the server dislikes.

use crate::buffer::{Load, Parcel};
use crate::mlflow::{otlp, wire};

/// Both halves of a parcel of more than one span. Children of a span that is in the other half keep
/// its id as their parent's.
pub fn halves(parcel: Parcel) -> Vec<Parcel> {
    let count = parcel.span_count();
    let encoded = match &parcel.load {
        Load::Live(_) => {
            let mut takes = vec![true; count];
            takes[count.div_ceil(2)..].fill(false);
            let (first, second) = parcel.split(&takes);
            let mut halves = Vec::new();
            halves.extend(first);
            halves.extend(second);
            return halves;
        }
        Load::Encoded(encoded) => encoded,
    };
    let mut spans: Vec<&[u8]> = Vec::new();
    wire::each_span(&encoded.body, &mut |span| spans.push(span));
    let (first, second) = spans.split_at(spans.len().div_ceil(2));
    if second.is_empty() {
        // It has fewer spans than it says.
        return vec![parcel];
    }
    let half = |spans: &[&[u8]], is_first: bool| {
        let mut half = encoded.clone();
        half.span_count = spans.len();
        half.body = otlp::body_of(spans);
        // The first span of a trace is the first of what is written down of it.
        if !is_first {
            half.has_root = false;
            half.info = None;
        }
        parcel.with_load(Load::Encoded(half))
    };
    vec![half(first, true), half(second, false)]
}
