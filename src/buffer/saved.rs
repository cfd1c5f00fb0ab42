//! Numbers of parcels that were given out to be kept elsewhere until they have arrived.

use std::rc::Rc;

/// The books of those who keep parcels elsewhere.
#[derive(Default)]
pub struct Saved {
    last: u32,
    settled: Vec<u32>,
}

impl Saved {
    /// A number that was not given out before.
    pub fn number(&mut self) -> Rc<u32> {
        self.last = self.last.wrapping_add(1);
        Rc::new(self.last)
    }

    /// A parcel with this number has arrived or is lost for good. A number that several parcels share is
    /// settled with the last of them.
    pub fn settle(&mut self, number: Option<Rc<u32>>) {
        self.settled.extend(number.and_then(Rc::into_inner));
    }

    /// The numbers that were settled since the last call.
    pub fn take_settled(&mut self) -> Vec<u32> {
        std::mem::take(&mut self.settled)
    }
}
