//! The results of applying one event of an agent.

use super::message::ReceivedMessage;
use crate::trace::{SpanId, SpanKey, Trace, UnixNanos};

/// A trace whose root has ended.
#[derive(Debug)]
pub struct FinishedTrace {
    /// The trace with all its spans.
    pub trace: Trace,
    /// The keys and ids of the spans that were still running when the root ended.
    pub unfinished: Vec<(SpanKey, SpanId)>,
}

/// The changes that an event made, for the caller to count and to pass on.
#[derive(Debug, Default)]
pub struct Effect {
    /// The key of the span that the event started.
    pub key: Option<SpanKey>,
    /// The number of spans that were made.
    pub started: usize,
    /// The number of spans that were removed again.
    pub discarded: usize,
    /// The number of spans that were dropped because too many were open.
    pub overflowed: usize,
    /// Whether the parent is no longer recorded, so that the span began a trace of its own.
    pub orphaned: bool,
    /// The trace whose root the event ended; in a box, since most events end none and are moved with it.
    pub finished: Option<Box<FinishedTrace>>,
}

/// The way in which a conversation records a message.
#[derive(Debug)]
pub enum MessageOutcome {
    /// The message belongs to a span that exists already.
    Absorbed,
    /// The message needs a span of its own.
    NeedsSpan {
        /// The message before it in the same chat.
        in_reply_to: Option<ReceivedMessage>,
        /// The start of the span: the time of the message before it.
        start: UnixNanos,
    },
}

/// What happens to the span of a reply, or of any other operation, when it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplyEnd {
    /// The span stays in its trace.
    Keep,
    /// The span is removed: the agent made no reply and nothing happened below it.
    DropSpan,
    /// The whole trace is removed: such a reply was its root.
    DropTrace,
}
