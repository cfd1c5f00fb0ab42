//! Where a trace is exported to, as far as the trace has to remember it.

use std::rc::Rc;

/// A handle on the server and experiment that a trace belongs to. Only whoever exports knows what it
/// stands for; it is shared by everything that is still to go there.
#[derive(Clone, Debug)]
pub struct Route(Rc<u32>);

impl Route {
    /// A route with this number, which no other may have.
    #[must_use]
    pub fn new(number: u32) -> Self {
        Self(Rc::new(number))
    }

    /// Whether anything but the table that this handle stands in refers to the route.
    #[must_use]
    pub fn is_in_use(&self) -> bool {
        Rc::strong_count(&self.0) > 1
    }
}

impl PartialEq for Route {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl Eq for Route {}
