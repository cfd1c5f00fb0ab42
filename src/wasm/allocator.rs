//! The module's memory as a heap.

use core::alloc::{GlobalAlloc, Layout};
use core::arch::wasm32::memory_grow;
use core::cell::UnsafeCell;
use core::ptr::null_mut;

use crate::heap::{Heap, Pages, UNIT};

const PAGE_BYTES: usize = 1 << 16;

struct Memory;

impl Pages for Memory {
    fn grow(&mut self, bytes: usize) -> Option<(*mut u8, usize)> {
        let pages = bytes.div_ceil(PAGE_BYTES);
        match memory_grow::<0>(pages) {
            usize::MAX => None,
            before => Some(((before * PAGE_BYTES) as *mut u8, pages * PAGE_BYTES)),
        }
    }
}

struct Allocator(UnsafeCell<Heap<Memory>>);

// SAFETY: the module's memory is not shared, so there is one thread.
unsafe impl Sync for Allocator {}

#[global_allocator]
static ALLOCATOR: Allocator = Allocator(UnsafeCell::new(Heap::new(Memory)));

// SAFETY: the heap gives out what nobody has, at multiples of its unit; nothing here asks for more.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.align() > UNIT {
            return null_mut();
        }
        // SAFETY: one thread, and the heap calls nobody who allocates.
        unsafe { (*self.0.get()).allocate(layout.size()) }
    }

    unsafe fn dealloc(&self, given: *mut u8, _: Layout) {
        // SAFETY: as above.
        unsafe { (*self.0.get()).free(given) }
    }

    unsafe fn realloc(&self, given: *mut u8, _: Layout, bytes: usize) -> *mut u8 {
        // SAFETY: as above.
        unsafe { (*self.0.get()).resize(given, bytes) }
    }
}
