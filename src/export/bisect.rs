//! What was refused in two parts, to find the span that the server refuses.

use super::chunk::{Payload, QueuedChunk, span_count};
use super::context::ExportContext;
use super::destination::DestinationState;
use crate::mlflow::otlp::{decode, encode};

/// What was refused, taken apart if it can be.
#[derive(Debug)]
pub(super) enum Halves {
    /// It cannot: a single span, or a trace that travels as a file.
    One(Vec<QueuedChunk>),
    /// At least two chunks.
    Two(Vec<QueuedChunk>),
}

/// Takes apart what was refused.
pub(super) fn halves(mut chunks: Vec<QueuedChunk>, state: &DestinationState) -> Halves {
    if state.uses_artifacts() {
        return Halves::One(chunks);
    }
    if chunks.len() == 1 && span_count(&chunks) > 1 {
        chunks = chunks.pop().map(bisect).unwrap_or_default();
    }
    if chunks.len() > 1 { Halves::Two(chunks) } else { Halves::One(chunks) }
}

/// Queues the chunks of both halves again, each half for a request of its own.
pub(super) fn requeue_halves(mut chunks: Vec<QueuedChunk>, state: &mut DestinationState, context: &mut ExportContext) {
    let isolations = [context.new_isolation(), context.new_isolation()];
    let middle = chunks.len().div_ceil(2);
    for (index, chunk) in chunks.iter_mut().enumerate() {
        chunk.isolation = Some(isolations[usize::from(index >= middle)]);
    }
    state.queue.requeue(chunks);
}

/// Both halves of a chunk of more than one span. Children of a span that is in the other half keep
/// its id as their parent's.
fn bisect(chunk: QueuedChunk) -> Vec<QueuedChunk> {
    let count = chunk.span_count();
    let encoded = match &chunk.payload {
        Payload::Spans(_) => {
            let mut takes = vec![true; count];
            takes[count.div_ceil(2)..].fill(false);
            let (mut halves, mut rest) = (Vec::new(), Vec::new());
            chunk.split(&takes, &mut halves, &mut rest);
            halves.append(&mut rest);
            return halves;
        }
        Payload::Encoded(encoded) => encoded,
    };
    let mut spans: Vec<&[u8]> = Vec::new();
    decode::each_span(&encoded.body, &mut |span| spans.push(span));
    let (first, second) = spans.split_at(spans.len().div_ceil(2));
    if second.is_empty() {
        // It has fewer spans than it says.
        return vec![chunk];
    }
    // Both halves together have as many spans as the record says, whatever it holds, and neither has none.
    let first_count = first.len().min(encoded.span_count.saturating_sub(1)).max(1);
    let second_count = encoded.span_count.saturating_sub(first_count).max(1);
    let half = |spans: &[&[u8]], span_count: usize, is_first: bool| {
        let mut half = encoded.clone();
        half.span_count = span_count;
        half.body = encode::encode_spans(spans);
        // The first span of a trace is the first of what is written down of it.
        if !is_first {
            half.has_root = false;
            half.info = None;
        }
        chunk.with_payload(Payload::Encoded(half))
    };
    vec![half(first, first_count, true), half(second, second_count, false)]
}
