//! The progress of the replies of a conversation.

use super::message::ReceivedMessage;
use crate::trace::SpanKey;

/// The replies of a conversation.
#[derive(Debug, Default)]
pub(super) struct Replies {
    /// Replies in ascending order of keys.
    all: Vec<Reply>,
}

#[derive(Debug)]
struct Reply {
    key: SpanKey,
    progress: Progress,
    /// The message that the reply answers.
    in_reply_to: Option<ReceivedMessage>,
}

/// The progress of a reply: its end and its message are reported in either order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    /// Neither the end nor the message has been reported.
    Running,
    /// The message has arrived, the end has not been reported.
    MessageArrived,
    /// The end has been reported, the message has not arrived.
    AwaitingMessage,
    /// Nothing more is expected.
    Done,
}

impl Replies {
    /// Adds a reply that has begun. Its key must be greater than those before.
    pub(super) fn begin(&mut self, key: SpanKey, in_reply_to: Option<ReceivedMessage>) {
        let progress = Progress::Running;
        self.all.push(Reply { key, progress, in_reply_to });
    }

    fn index(&self, key: SpanKey) -> Option<usize> {
        self.all.binary_search_by_key(&key, |reply| reply.key).ok()
    }

    /// The progress of a reply; `None` for a span that is no reply.
    #[must_use]
    pub(super) fn progress(&self, key: SpanKey) -> Option<Progress> {
        Some(self.all[self.index(key)?].progress)
    }

    /// The message that a reply answers.
    #[must_use]
    pub(super) fn in_reply_to(&self, key: SpanKey) -> Option<&ReceivedMessage> {
        self.all[self.index(key)?].in_reply_to.as_ref()
    }

    /// Drops the message that a reply answers, since nothing will be recorded of it any more.
    pub(super) fn forget_message(&mut self, key: SpanKey) {
        if let Some(index) = self.index(key) {
            self.all[index].in_reply_to = None;
        }
    }

    /// Sets the progress of a reply and returns the one before; `None` for a span that is no reply.
    pub(super) fn advance(&mut self, key: SpanKey, next: Progress) -> Option<Progress> {
        let index = self.index(key)?;
        Some(std::mem::replace(&mut self.all[index].progress, next))
    }

    /// Removes a reply whose span is removed.
    pub(super) fn remove(&mut self, key: SpanKey) {
        if let Some(index) = self.index(key) {
            self.all.remove(index);
        }
    }
}
