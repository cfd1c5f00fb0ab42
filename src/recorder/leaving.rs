//! What happens to what is on its way, or waits, when nobody will see to it any more.

use super::delivery::Delivery;
use super::parcels::span_count;

impl Delivery {
    /// What is on its way need not be sent again when the program is taken away.
    pub fn trust_flights(&mut self) {
        for flight in &mut self.flights {
            flight.is_trusted = true;
        }
    }

    /// Queues again what is on its way: its answers will never be taken in. What it was tried already
    /// counts no attempt, since nobody knows how it went; the server keeps each span once.
    pub fn abandon_flights(&mut self) {
        self.search = None;
        self.asked = None;
        if let Some((_, told)) = self.finals.flight.take() {
            self.finals.waiting.insert(0, told);
        }
        let flights = std::mem::take(&mut self.flights);
        for flight in flights {
            self.give_back(flight.parcels);
        }
    }

    /// Drops everything that waits or is on its way. What was kept elsewhere stays there, for a later
    /// life of the program.
    pub fn shut_down(&mut self) {
        self.abandon_flights();
        self.dropped.shutdown += span_count(&self.queue.take_all());
        for told in self.finals.waiting.drain(..) {
            self.delivered += told.spans;
        }
    }
}
