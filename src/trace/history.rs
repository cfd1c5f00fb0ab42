//! The messages of a conversation, each captured once: a list that grows at its end, and of which
//! every span that saw it keeps the part that it saw.

use std::rc::Rc;

/// A conversation up to and with one message. Longer ones share what is before: a list of `n`
/// messages costs one small node each, however many spans refer to it.
#[derive(Clone, Debug)]
pub struct History(Rc<Node>);

#[derive(Debug)]
struct Node {
    before: Option<History>,
    /// JSON text.
    message: Rc<str>,
    count: usize,
    /// Length of the JSON array of everything up to here, without its closing bracket.
    bytes: usize,
}

impl History {
    /// A conversation that goes on with `message`, the JSON text of one value; not checked.
    #[must_use]
    pub fn append(before: Option<Self>, message: Rc<str>) -> Self {
        let (count, bytes) = before
            .as_ref()
            .map_or((0, 0), |before| (before.0.count, before.0.bytes));
        Self(Rc::new(Node {
            count: count + 1,
            // A bracket before the first, a comma before each other.
            bytes: bytes + 1 + message.len(),
            before,
            message,
        }))
    }

    /// Length in bytes of the JSON array that it is.
    #[must_use]
    pub fn len_bytes(&self) -> usize {
        self.0.bytes + 1
    }

    /// Length in bytes of its last message, which no shorter conversation has.
    #[must_use]
    pub fn last_bytes(&self) -> usize {
        self.0.message.len()
    }

    /// Gives the pieces of its JSON array, in order.
    pub fn each_piece(&self, take: &mut impl FnMut(&str)) {
        let mut messages = Vec::with_capacity(self.0.count);
        let mut at = Some(self);
        while let Some(History(node)) = at {
            messages.push(&*node.message);
            at = node.before.as_ref();
        }
        let mut mark = "[";
        for message in messages.into_iter().rev() {
            take(mark);
            take(message);
            mark = ",";
        }
        take("]");
    }
}

impl Drop for Node {
    /// One after the other: left to itself, a long list would be dropped by a recursion as deep as it.
    fn drop(&mut self) {
        let mut next = self.before.take();
        while let Some(History(node)) = next {
            next = Rc::into_inner(node).and_then(|mut node| node.before.take());
        }
    }
}
