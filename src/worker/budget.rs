//! The allocator of the program: mimalloc, and a count of what a script holds.
//!
//! Over its budget a script gets a `MemoryError` at its next instruction, far over it allocations fail. The address
//! space is bounded besides, by the kernel, for what does not come through here.
//!
//! - Until [`arm`] nothing is refused, so the parent pays for the counting alone: an addition in the thread's own
//!   memory, and a shared one each [`BATCH`] bytes.
//! - A thread that has ended takes up to a batch of its count with it.

use std::{
    alloc::{GlobalAlloc, Layout},
    cell::Cell,
    ptr,
    sync::atomic::{AtomicIsize, AtomicPtr, Ordering::Relaxed},
};

use mimalloc::MiMalloc;

use super::interrupt::{self, Reason};

/// Bytes that a thread takes or gives back before it tells the others.
const BATCH: usize = 16 << 10;
/// What one message to the interpreter may take from a signal handler.
const SPARE: Layout = match Layout::from_size_align(1024, 16) {
    Ok(layout) => layout,
    Err(_) => unreachable!(),
};

/// Bytes held by all threads, those aside that they have not told of.
static USED: AtomicIsize = AtomicIsize::new(0);
/// Where a script's budget ends.
static SOFT: AtomicIsize = AtomicIsize::new(isize::MAX);
/// Where allocations fail.
static HARD: AtomicIsize = AtomicIsize::new(isize::MAX);
/// Where the script is interrupted next.
static NEXT: AtomicIsize = AtomicIsize::new(isize::MAX);
/// What a signal handler gets, which must not enter the allocator: zeros.
static RESERVE: AtomicPtr<u8> = AtomicPtr::new(ptr::null_mut());

thread_local! {
    static UNTOLD: Cell<isize> = const { Cell::new(0) };
    static HANDLING: Cell<bool> = const { Cell::new(false) };
}

/// Bounds what is held from now on, in bytes beyond what is held now.
pub fn arm(bytes: u64) {
    let bytes = isize::try_from(bytes).unwrap_or(isize::MAX);
    let used = USED.load(Relaxed) + UNTOLD.replace(0);
    USED.store(used, Relaxed);
    let soft = used.saturating_add(bytes);
    HARD.store(soft.saturating_add(bytes / 4), Relaxed);
    SOFT.store(soft, Relaxed);
    NEXT.store(soft, Relaxed);
    if RESERVE.load(Relaxed).is_null() {
        // SAFETY: the layout is not empty
        RESERVE.store(unsafe { MiMalloc.alloc_zeroed(SPARE) }, Relaxed);
    }
}

/// Refuses nothing any more.
pub fn disarm() {
    for limit in [&SOFT, &HARD, &NEXT] {
        limit.store(isize::MAX, Relaxed);
    }
}

/// Whether more is held than the budget.
pub fn is_over() -> bool {
    USED.load(Relaxed) > SOFT.load(Relaxed)
}

/// Runs `act` in a signal handler, which may have interrupted the allocator: the one allocation that it may make is
/// served from the reserve.
pub fn handling(act: impl FnOnce()) {
    // so far off that each change leads into `settle`; whoever was interrupted finds its own count again
    let untold = UNTOLD.replace(isize::MAX / 2);
    HANDLING.set(true);
    act();
    HANDLING.set(false);
    UNTOLD.set(untold);
}

/// The allocator.
#[derive(Debug, Clone, Copy, Default)]
pub struct Budget;

// SAFETY: each block comes from mimalloc and goes back to it with its own layout; the reserve, too, which has at
// least the size that is asked for. Mimalloc frees by address and asks for no layout.
unsafe impl GlobalAlloc for Budget {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if !take(layout.size()) {
            return refused(layout);
        }
        // SAFETY: as our caller promises
        counted(unsafe { MiMalloc.alloc(layout) }, layout.size())
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if !take(layout.size()) {
            return refused(layout);
        }
        // SAFETY: as our caller promises
        counted(unsafe { MiMalloc.alloc_zeroed(layout) }, layout.size())
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as our caller promises
        unsafe { MiMalloc.dealloc(block, layout) };
        give(layout.size());
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // the difference alone: what both blocks take while one is copied is not the script's doing
        let more = size.saturating_sub(layout.size());
        if more > 0 && !take(more) {
            return ptr::null_mut();
        }
        // SAFETY: as our caller promises
        let moved = counted(unsafe { MiMalloc.realloc(block, layout, size) }, more);
        if !moved.is_null() && size < layout.size() {
            give(layout.size() - size);
        }
        moved
    }
}

/// Counts `size` bytes; false where they are refused.
#[inline]
fn take(size: usize) -> bool {
    // no layout is longer than `isize::MAX`
    change(size.cast_signed())
}

#[inline]
fn give(size: usize) {
    change(-size.cast_signed());
}

#[inline]
fn change(by: isize) -> bool {
    UNTOLD.with(|untold| {
        let sum = untold.get().saturating_add(by);
        if sum.unsigned_abs() > BATCH {
            return settle(untold, by);
        }
        untold.set(sum);
        true
    })
}

/// Tells the other threads of what this one holds, and asks whether it may.
#[cold]
fn settle(untold: &Cell<isize>, by: isize) -> bool {
    if HANDLING.get() {
        return by <= 0;
    }
    let sum = untold.replace(0).saturating_add(by);
    let used = USED.fetch_add(sum, Relaxed).saturating_add(sum);
    if by <= 0 {
        if used < SOFT.load(Relaxed) {
            NEXT.store(SOFT.load(Relaxed), Relaxed);
        }
        return true;
    }
    if used > HARD.load(Relaxed) {
        USED.fetch_sub(by, Relaxed);
        return false;
    }
    let next = NEXT.load(Relaxed);
    if used > next {
        // not again at once, so that the script can let go of something
        let step = (HARD.load(Relaxed) - SOFT.load(Relaxed)) / 8;
        NEXT.store(used.saturating_add(step), Relaxed);
        interrupt::raise(Reason::Memory);
    }
    true
}

/// What mimalloc gave; nothing is counted where it had nothing to give.
#[inline]
fn counted(block: *mut u8, size: usize) -> *mut u8 {
    if block.is_null() {
        give(size);
    }
    block
}

#[cold]
fn refused(layout: Layout) -> *mut u8 {
    if HANDLING.get() && layout.size() <= SPARE.size() && layout.align() <= SPARE.align() {
        return RESERVE.swap(ptr::null_mut(), Relaxed);
    }
    ptr::null_mut()
}
