//! How far the replies of a conversation are.

use super::received::Received;
use crate::trace::SpanKey;

/// All replies of a conversation.
#[derive(Default)]
pub struct Replies {
    /// In ascending order of keys.
    all: Vec<Reply>,
}

struct Reply {
    key: SpanKey,
    progress: Progress,
    /// What it answers.
    asked: Option<Received>,
}

/// How far a reply is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// The agent is still at it.
    Running,
    /// Its message has arrived, its end has not been reported yet.
    Delivered,
    /// Its end has been reported, its message has yet to arrive.
    Awaited,
    /// Nothing more is expected of it.
    Done,
}

impl Replies {
    /// An agent begins to answer what it was asked. Its key is greater than those before.
    pub fn begin(&mut self, key: SpanKey, asked: Option<Received>) {
        let progress = Progress::Running;
        self.all.push(Reply {
            key,
            progress,
            asked,
        });
    }

    fn index(&self, key: SpanKey) -> Option<usize> {
        self.all.binary_search_by_key(&key, |reply| reply.key).ok()
    }

    /// How far a reply is; `None` for a span that is no reply.
    #[must_use]
    pub fn progress(&self, key: SpanKey) -> Option<Progress> {
        Some(self.all[self.index(key)?].progress)
    }

    /// What a reply answers.
    #[must_use]
    pub fn asked(&self, key: SpanKey) -> Option<&Received> {
        self.all[self.index(key)?].asked.as_ref()
    }

    /// Moves a reply on; gives where it was. `None` for a span that is no reply.
    pub fn advance(&mut self, key: SpanKey, next: Progress) -> Option<Progress> {
        let index = self.index(key)?;
        Some(std::mem::replace(&mut self.all[index].progress, next))
    }

    /// Forgets a reply that came to nothing.
    pub fn forget(&mut self, key: SpanKey) {
        if let Some(index) = self.index(key) {
            self.all.remove(index);
        }
    }
}
