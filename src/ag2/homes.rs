//! Which conversation a span is part of, found in the same time however many are open.

use crate::trace::SpanKey;

/// Slots of the smallest table; a power of two, as all sizes.
const SMALLEST: usize = 64;

/// A hash table from the keys of open conversations' spans to the places of those conversations.
/// Open addressing with linear probing; the general table of the standard library would cost the module
/// 4 kB.
#[derive(Default)]
pub struct Homes {
    /// Key, or 0 for a free slot, and place. At most half of the slots are in use.
    slots: Vec<(u32, u32)>,
    used: usize,
}

impl Homes {
    /// The place of the conversation that this span is part of.
    #[must_use]
    pub fn get(&self, key: SpanKey) -> Option<usize> {
        let (found, place) = *self.slots.get(self.slot_of(key.number())?)?;
        (found != 0).then_some(place as usize)
    }

    /// Notes where a span is.
    pub fn insert(&mut self, key: SpanKey, place: usize) {
        if (self.used + 1) * 2 > self.slots.len() {
            self.grow();
        }
        self.put(key.number(), place as u32);
        self.used += 1;
    }

    /// Forgets a span.
    pub fn remove(&mut self, key: SpanKey) {
        let Some(mut gap) = self.slot_of(key.number()) else {
            return;
        };
        if self.slots[gap].0 == 0 {
            return;
        }
        self.slots[gap] = (0, 0);
        self.used -= 1;
        // Those behind must stay reachable from where they belong: each that the gap cuts off moves into it.
        let mask = self.slots.len() - 1;
        let mut at = gap;
        loop {
            at = (at + 1) & mask;
            let (key, place) = self.slots[at];
            if key == 0 {
                return;
            }
            let wanted = self.wanted_slot(key);
            if (at.wrapping_sub(wanted) & mask) >= (at.wrapping_sub(gap) & mask) {
                self.slots[gap] = (key, place);
                self.slots[at] = (0, 0);
                gap = at;
            }
        }
    }

    /// Where a key belongs. Keys come in ascending order; side by side they would make one long run of
    /// taken slots, which every removal would have to walk to its end. Fibonacci hashing scatters them.
    const fn wanted_slot(&self, key: u32) -> usize {
        let scattered = key.wrapping_mul(0x9E37_79B1) as u64;
        ((scattered * self.slots.len() as u64) >> 32) as usize
    }

    /// The slot that holds this key, else the free one where it would go; `None` without any slots.
    fn slot_of(&self, key: u32) -> Option<usize> {
        let mask = self.slots.len().checked_sub(1)?;
        let mut at = self.wanted_slot(key);
        while self.slots[at].0 != key && self.slots[at].0 != 0 {
            at = (at + 1) & mask;
        }
        Some(at)
    }

    fn put(&mut self, key: u32, place: u32) {
        if let Some(slot) = self.slot_of(key) {
            self.slots[slot] = (key, place);
        }
    }

    fn grow(&mut self) {
        let size = (self.slots.len() * 2).max(SMALLEST);
        let old = std::mem::replace(&mut self.slots, vec![(0, 0); size]);
        for (key, place) in old {
            if key != 0 {
                self.put(key, place);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: u32) -> SpanKey {
        SpanKey::new(number).expect("not 0")
    }

    #[test]
    fn what_was_put_in_is_found_and_what_was_taken_out_is_not() {
        let mut homes = Homes::default();
        assert_eq!(homes.get(key(1)), None);
        // Keys that want the same slots again and again.
        let keys: Vec<u32> = (0..2_000).map(|index| 1 + index * 32).collect();
        for (place, number) in keys.iter().enumerate() {
            homes.insert(key(*number), place);
        }
        for number in keys.iter().step_by(3) {
            homes.remove(key(*number));
            homes.remove(key(*number));
        }
        for (place, number) in keys.iter().enumerate() {
            let expected = (place % 3 != 0).then_some(place);
            assert_eq!(homes.get(key(*number)), expected, "{number}");
        }
    }
}
