//! Routes: handles that traces hold on their destination.

use std::rc::Rc;

/// A handle on the server and experiment that a trace belongs to. Only the exporter can resolve it. All spans that are
/// still to be sent there share it.
#[derive(Clone, Debug)]
pub struct Route(Rc<u32>);

impl Route {
    /// A route with this number, which must be unique.
    #[must_use]
    pub fn new(number: u32) -> Self {
        Self(Rc::new(number))
    }

    /// Its number.
    #[must_use]
    pub fn number(&self) -> u32 {
        *self.0
    }

    /// Whether there are other handles on the route than this one.
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
