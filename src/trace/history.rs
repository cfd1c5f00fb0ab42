//! The messages of a conversation, each captured once: a list that grows at its end. A span refers to the list as
//! it was at its time.

use std::rc::Rc;

/// The messages of a conversation up to one of them. Longer lists share the messages of shorter ones: each message
/// costs one small node, however many spans refer to it.
#[derive(Clone, Debug)]
pub struct History(Rc<Node>);

#[derive(Debug)]
struct Node {
    before: Option<History>,
    /// The JSON text of the message.
    message: Rc<str>,
    count: usize,
    /// The length of the JSON array up to this message, without its closing bracket.
    bytes: usize,
}

impl History {
    /// A conversation continued with `message`, which must be the JSON text of one value; it is not checked.
    #[must_use]
    pub fn append(before: Option<Self>, message: Rc<str>) -> Self {
        let (count, bytes) = before.as_ref().map_or((0, 0), |before| (before.0.count, before.0.bytes));
        Self(Rc::new(Node {
            count: count + 1,
            // A bracket before the first, a comma before each other.
            bytes: bytes + 1 + message.len(),
            before,
            message,
        }))
    }

    /// The length in bytes of its JSON array.
    #[must_use]
    pub fn len_bytes(&self) -> usize {
        self.0.bytes + 1
    }

    /// The length in bytes of its last message, which it does not share with shorter conversations.
    #[must_use]
    pub fn last_bytes(&self) -> usize {
        self.0.message.len()
    }

    /// Passes the pieces of its JSON array to `take`, in order.
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
    /// Drops the nodes in a loop: the drop of a long list by recursion would overflow the stack.
    fn drop(&mut self) {
        let mut next = self.before.take();
        while let Some(History(node)) = next {
            next = Rc::into_inner(node).and_then(|mut node| node.before.take());
        }
    }
}
