//! The allocator of the module in a page, natively: whatever is asked of it in whatever order, nobody's bytes
//! are touched by anybody else, and what was taken back is given out again.

use std::cell::Cell;
use std::rc::Rc;

use mlflow_ag2::heap::{Heap, Pages, UNIT};
use proptest::prelude::*;

const PAGE: usize = 4096;
const REGION: usize = 64 << 20;

/// Memory as a module has it; with gaps, as if somebody else took some now and then.
struct Region {
    memory: Vec<u128>,
    used: usize,
    limit: usize,
    gaps: bool,
    /// Bytes that went into the heap.
    given: Rc<Cell<usize>>,
}

impl Region {
    fn heap(gaps: bool, limit: usize) -> (Heap<Self>, Rc<Cell<usize>>) {
        let given = Rc::default();
        let region = Self {
            memory: vec![0; limit / 16],
            used: 0,
            limit,
            gaps,
            given: Rc::clone(&given),
        };
        (Heap::new(region), given)
    }
}

impl Pages for Region {
    fn grow(&mut self, bytes: usize) -> Option<(*mut u8, usize)> {
        let bytes = bytes.next_multiple_of(PAGE);
        let given = self.given.get();
        if self.gaps && (given / PAGE).is_multiple_of(3) {
            self.used += PAGE;
        }
        if self.used + bytes > self.limit {
            return None;
        }
        let memory: *mut u8 = self.memory.as_mut_ptr().cast();
        let start = unsafe { memory.add(self.used) };
        self.used += bytes;
        self.given.set(given + bytes);
        Some((start, bytes))
    }
}

#[derive(Clone, Debug)]
enum Step {
    Allocate(usize),
    Resize(usize, usize),
    Free(usize),
}

fn size() -> impl Strategy<Value = usize> {
    prop_oneof![
        8 => 0..200_usize,
        3 => 200..5_000_usize,
        1 => 5_000..50_000_usize,
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => size().prop_map(Step::Allocate),
        2 => (any::<usize>(), size()).prop_map(|(which, size)| Step::Resize(which, size)),
        3 => any::<usize>().prop_map(Step::Free),
    ]
}

/// What somebody has, and what they wrote all over it.
struct Held {
    at: *mut u8,
    length: usize,
    mark: u8,
}

impl Held {
    fn write(&self) {
        unsafe { self.at.write_bytes(self.mark, self.length) };
    }

    fn is_untouched(&self, length: usize) -> bool {
        let bytes = unsafe { std::slice::from_raw_parts(self.at, length) };
        bytes.iter().all(|byte| *byte == self.mark)
    }
}

/// Does all that, then takes everything back; tells how often there was no memory.
fn run(steps: &[Step], heap: &mut Heap<Region>) -> usize {
    let mut held: Vec<Held> = Vec::new();
    let mut failed = 0;
    for (number, step) in steps.iter().enumerate() {
        let mark = number as u8;
        match *step {
            Step::Allocate(length) => {
                let at = unsafe { heap.allocate(length) };
                if at.is_null() {
                    failed += 1;
                    continue;
                }
                assert_eq!(at as usize % UNIT, 0);
                let new = Held { at, length, mark };
                new.write();
                held.push(new);
            }
            Step::Resize(which, length) if !held.is_empty() => {
                let index = which % held.len();
                let old = &held[index];
                let at = unsafe { heap.resize(old.at, length) };
                if at.is_null() {
                    failed += 1;
                    assert!(old.is_untouched(old.length));
                    continue;
                }
                assert_eq!(at as usize % UNIT, 0);
                let moved = Held { at, ..*old };
                assert!(moved.is_untouched(old.length.min(length)));
                let new = Held { at, length, mark };
                new.write();
                held[index] = new;
            }
            Step::Free(which) if !held.is_empty() => {
                let old = held.swap_remove(which % held.len());
                assert!(old.is_untouched(old.length));
                unsafe { heap.free(old.at) };
            }
            _ => {}
        }
    }
    for old in held {
        assert!(old.is_untouched(old.length));
        unsafe { heap.free(old.at) };
    }
    failed
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn nobody_touches_the_bytes_of_anybody_else(
        steps in prop::collection::vec(step(), 1..400),
        gaps: bool,
    ) {
        let (mut heap, _) = Region::heap(gaps, REGION);
        prop_assert_eq!(run(&steps, &mut heap), 0);
    }

    #[test]
    fn where_there_is_no_memory_everybody_keeps_what_they_have(
        steps in prop::collection::vec(step(), 300..400),
    ) {
        let (mut heap, given) = Region::heap(false, 8 * PAGE);
        run(&steps, &mut heap);
        prop_assert!(given.get() <= 8 * PAGE);
        let more = unsafe { heap.allocate(9 * PAGE) };
        prop_assert!(more.is_null());
    }

    #[test]
    fn all_that_was_taken_back_is_one_piece_again(steps in prop::collection::vec(step(), 1..400)) {
        let (mut heap, given) = Region::heap(false, REGION);
        run(&steps, &mut heap);
        let all = given.get();
        if all > 0 {
            // All but the words before it and behind it.
            let whole = unsafe { heap.allocate(all - 3 * (UNIT / 2)) };
            prop_assert!(!whole.is_null());
            prop_assert_eq!(given.get(), all);
        }
    }
}

#[test]
fn a_program_that_runs_for_long_needs_no_more_and_more_memory() {
    const LIVE: usize = 2 << 20;
    let (mut heap, given) = Region::heap(false, REGION);
    let mut held: Vec<(*mut u8, usize)> = Vec::new();
    let mut live = 0;
    let mut row = 1_u64;
    let mut below = |limit: usize| {
        // xorshift, George Marsaglia
        row ^= row << 13;
        row ^= row >> 7;
        row ^= row << 17;
        (row % limit as u64) as usize
    };
    let mut before = 0;
    for round in 0..400_000 {
        if round == 100_000 {
            before = given.get();
        }
        let most = [100, 1_000, 100_000][below(3)];
        let size = below(most);
        while live + size > LIVE {
            let (at, size) = held.swap_remove(below(held.len()));
            unsafe { heap.free(at) };
            live -= size;
        }
        let at = unsafe { heap.allocate(size) };
        assert!(!at.is_null());
        held.push((at, size));
        live += size;
    }
    let given = given.get();
    assert!(given < LIVE * 2, "{given} bytes for {LIVE}");
    assert!(given < before * 11 / 10, "{given} bytes after {before}");
}
