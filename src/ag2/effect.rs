//! What comes of a fact.

use super::received::Received;
use crate::trace::{SpanId, SpanKey, Trace, UnixNanos};

/// A trace whose root has ended.
pub struct Finished {
    /// All of it.
    pub trace: Trace,
    /// The spans that still ran.
    pub left: Vec<(SpanKey, SpanId)>,
}

/// What a fact brought about.
#[derive(Default)]
pub struct Effect {
    /// The key of the span that began.
    pub key: Option<SpanKey>,
    /// Spans made.
    pub started: usize,
    /// Spans taken back.
    pub discarded: usize,
    /// Spans given up because too many were open.
    pub overflowed: usize,
    /// Whether the parent was not recorded any more, so that the span began a trace of its own.
    pub orphaned: bool,
    /// The trace whose root ended.
    pub finished: Option<Finished>,
}

/// What a message asks of the conversation.
pub enum Hearing {
    /// It was taken in.
    Taken,
    /// It needs a span of its own.
    OwnSpan {
        /// The message before it.
        asked: Option<Received>,
        /// When that message came.
        start: UnixNanos,
    },
}

/// What is left of a reply once it has ended.
#[derive(PartialEq, Eq)]
pub enum Remains {
    /// A span.
    Span,
    /// Nothing: no reply was made and nothing happened on the way.
    Nothing,
    /// Nothing, and the reply was the root.
    NoTrace,
}
