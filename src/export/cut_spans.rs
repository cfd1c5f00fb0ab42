//! Chunks that are too large although they cannot be taken apart: the largest values of their spans are cut.

use super::artifact_export::{beyond_spans, bodies};
use super::chunk::{EncodedSpans, Payload, QueuedChunk};
use crate::mlflow::otlp::cut::cut_body;
use crate::mlflow::otlp::encode::encode;

/// Cuts the largest values of the spans of one chunk so that it needs at most about `most_bytes`, or half of its bytes;
/// tells whether that makes it smaller. For `uses_artifacts` the chunks are all that waits of a trace: its spans are
/// cut in the first of them, with which the file begins.
pub(super) fn cut(chunks: &mut Vec<QueuedChunk>, uses_artifacts: bool, most_bytes: Option<usize>) -> bool {
    let info = beyond_spans(chunks);
    let body = match &chunks[..] {
        [QueuedChunk { payload: Payload::Spans(chunk), .. }] if !uses_artifacts => encode(std::iter::once(chunk)),
        _ => bodies(chunks).concat(),
    };
    let body = cut_body(&body, most_bytes.unwrap_or(body.len() / 2));
    let first = chunks.iter().position(QueuedChunk::has_root).unwrap_or(0);
    let (Some(body), Some(chunk)) = (body, chunks.get(first)) else {
        return false;
    };
    let encoded = EncodedSpans {
        trace_id: chunk.trace_id(),
        span_count: chunk.span_count(),
        has_root: chunk.has_root(),
        has_error: chunk.has_error(),
        body,
        info,
    };
    let cut = chunk.with_payload(Payload::Encoded(Box::new(encoded)));
    chunks.remove(first);
    chunks.insert(0, cut);
    true
}
