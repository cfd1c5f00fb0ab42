//! The allocator of the module in a page: free blocks in lists by size, neighbours joined at once. What the
//! standard library has on this target takes four times as many bytes of a download.
//!
//! After M. Masmano and others, "TLSF: a new dynamic memory allocator for real-time systems" (2004), with a
//! bitmap of one level. Nothing takes longer the more is allocated, but for blocks of a megabyte and more.

use core::ptr::{copy_nonoverlapping, null_mut};

/// Every block begins with one of these.
const WORD: usize = size_of::<usize>();
/// Sizes of blocks and addresses of what is given out are multiples of it.
pub const UNIT: usize = 2 * WORD;
/// A free block has a head, two links and a foot.
const LEAST: usize = 4 * WORD;
/// In the head, beside the size: nobody has the block.
const FREE: usize = 1;
/// In the head: nobody has the block that ends where this one begins, and its last word is its size.
const AFTER_FREE: usize = 2;
const LISTS: usize = 64;
/// Blocks in this list can have any size from a megabyte on (natively: two).
const LAST: usize = LISTS - 1;

/// Where memory comes from.
pub trait Pages {
    /// At least so many bytes more: where they begin, and how many they are. Both are multiples of
    /// [`UNIT`]. `None` if there is no more.
    fn grow(&mut self, bytes: usize) -> Option<(*mut u8, usize)>;
}

/// Memory that is given out in blocks and taken back.
pub struct Heap<P> {
    pages: P,
    lists: [*mut Block; LISTS],
    /// A bit for each list that has a block.
    filled: u64,
    /// Behind all memory that came in one piece last.
    end: *mut u8,
}

/// The links are there while it is free; what is given out begins in their place.
#[repr(C)]
struct Block {
    /// Its size in bytes, this word included, and what is said beside.
    head: usize,
    next: *mut Self,
    previous: *mut Self,
}

impl<P: Pages> Heap<P> {
    /// A heap without memory.
    pub const fn new(pages: P) -> Self {
        Self {
            pages,
            lists: [null_mut(); LISTS],
            filled: 0,
            end: null_mut(),
        }
    }

    /// Gives out `bytes` bytes, which begin at a multiple of [`UNIT`]; null if there is no more memory.
    ///
    /// # Safety
    /// `bytes` must be at most `isize::MAX - UNIT`, and [`Pages`] must keep its word.
    pub unsafe fn allocate(&mut self, bytes: usize) -> *mut u8 {
        let size = block_size(bytes);
        // SAFETY: what is found is free and large enough.
        unsafe {
            let mut block = self.find(size);
            if block.is_null() {
                if !self.grow(size) {
                    return null_mut();
                }
                block = self.find(size);
            }
            self.unlink(block);
            self.cut(block, size);
            block.byte_add(WORD).cast()
        }
    }

    /// Takes back what was given out.
    ///
    /// # Safety
    /// It must have been given out by this heap and not been taken back.
    pub unsafe fn free(&mut self, given: *mut u8) {
        // SAFETY: before what was given out stands the head of its block.
        unsafe { self.release(given.byte_sub(WORD).cast()) }
    }

    /// Makes what was given out `bytes` bytes long, where it is if that can be. What is in it stays as far
    /// as there is room. Null, and nothing has changed, if there is no more memory.
    ///
    /// # Safety
    /// As of [`Self::allocate`] and [`Self::free`].
    pub unsafe fn resize(&mut self, given: *mut u8, bytes: usize) -> *mut u8 {
        // SAFETY: before what was given out stands the head of its block, and behind it another block.
        unsafe {
            let block: *mut Block = given.byte_sub(WORD).cast();
            let size = block_size(bytes);
            let has = size_of_block(block);
            if has < size {
                let next = block.byte_add(has);
                let more = size_of_block(next);
                if (*next).head & FREE == 0 || has + more < size {
                    let other = self.allocate(bytes);
                    if !other.is_null() {
                        copy_nonoverlapping(given, other, has - WORD);
                        self.release(block);
                    }
                    return other;
                }
                self.unlink(next);
                (*block).head += more;
            }
            self.cut(block, size);
            given
        }
    }

    /// A free block of that size at least. Null if none is known to be: in its own list only the first is
    /// looked at.
    unsafe fn find(&self, size: usize) -> *mut Block {
        let own = list_of(size);
        let mut block = self.lists[own];
        // SAFETY: whatever is in a list is a block.
        unsafe {
            while !block.is_null() && size_of_block(block) < size {
                block = if own == LAST {
                    (*block).next
                } else {
                    null_mut()
                };
            }
        }
        // All that is in the lists behind it is larger.
        let larger = self.filled & (u64::MAX - 1) << own;
        if block.is_null() && larger != 0 {
            block = self.lists[larger.trailing_zeros() as usize];
        }
        block
    }

    /// Gets memory for a block of that size.
    unsafe fn grow(&mut self, size: usize) -> bool {
        let Some((start, bytes)) = self.pages.grow(size + UNIT) else {
            return false;
        };
        // SAFETY: the memory is new, or ends with the word that closed what it goes on with.
        unsafe {
            let end = start.add(bytes);
            // A block of no size, which is never free, stands where blocks end.
            *end.byte_sub(WORD).cast() = 0_usize;
            let block: *mut Block = if start == self.end {
                let block: *mut Block = start.byte_sub(WORD).cast();
                (*block).head |= bytes;
                block
            } else {
                let block: *mut Block = start.byte_add(WORD).cast();
                (*block).head = bytes - UNIT;
                block
            };
            self.end = end;
            self.release(block);
        }
        true
    }

    /// Leaves a block that nobody has, and that is in no list, to somebody who wants so many bytes of it.
    unsafe fn cut(&mut self, block: *mut Block, size: usize) {
        // SAFETY: behind every block is another.
        unsafe {
            let rest = size_of_block(block) - size;
            (*block).head &= !FREE;
            if rest < LEAST {
                (*following(block)).head &= !AFTER_FREE;
            } else {
                (*block).head -= rest;
                let behind = following(block);
                (*behind).head = rest;
                self.release(behind);
            }
        }
    }

    /// Makes a block free, together with those beside it that are.
    unsafe fn release(&mut self, mut block: *mut Block) {
        // SAFETY: heads lead from block to block, feet back to free ones.
        unsafe {
            let mut size = size_of_block(block);
            let next = block.byte_add(size);
            if (*next).head & FREE != 0 {
                self.unlink(next);
                size += size_of_block(next);
            }
            if (*block).head & AFTER_FREE != 0 {
                let before = *block.byte_sub(WORD).cast::<usize>();
                block = block.byte_sub(before);
                self.unlink(block);
                size += before;
            }
            (*block).head = size | FREE;
            let behind = following(block);
            (*behind).head |= AFTER_FREE;
            *behind.byte_sub(WORD).cast() = size;
            let list = list_of(size);
            let first = self.lists[list];
            (*block).next = first;
            (*block).previous = null_mut();
            if !first.is_null() {
                (*first).previous = block;
            }
            self.lists[list] = block;
            self.filled |= 1 << list;
        }
    }

    /// Takes a free block out of its list.
    unsafe fn unlink(&mut self, block: *mut Block) {
        // SAFETY: links lead to blocks of the same list.
        unsafe {
            let Block { next, previous, .. } = *block;
            if !next.is_null() {
                (*next).previous = previous;
            }
            if !previous.is_null() {
                (*previous).next = next;
                return;
            }
            let list = list_of(size_of_block(block));
            self.lists[list] = next;
            if next.is_null() {
                self.filled &= !(1 << list);
            }
        }
    }
}

/// How large a block must be to hold so many bytes.
const fn block_size(bytes: usize) -> usize {
    let size = (bytes + WORD + UNIT - 1) & !(UNIT - 1);
    if size < LEAST { LEAST } else { size }
}

unsafe fn size_of_block(block: *const Block) -> usize {
    // SAFETY: the caller's.
    unsafe { (*block).head & !(FREE | AFTER_FREE) }
}

unsafe fn following(block: *mut Block) -> *mut Block {
    // SAFETY: the caller's.
    unsafe { block.byte_add(size_of_block(block)) }
}

/// The list for blocks of that size: four to each doubling.
fn list_of(size: usize) -> usize {
    let units = size / UNIT;
    let shift = (usize::BITS - 3).saturating_sub(units.leading_zeros());
    let list = 4 * shift as usize + (units >> shift);
    list.min(LAST)
}
