//! Limits that a script reaches while it runs: raised in its main thread, at its next instruction.
//!
//! - [`raise`] may be called where nothing else may: in a signal handler and in the allocator. It takes no lock, and
//!   what it allocates at most, one block of the channel's, comes from the reserve in [`budget`].
//! - An end of time is raised once; a script that goes on is ended by the parent.

use std::{
    cell::Cell,
    sync::{
        OnceLock,
        atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering::SeqCst},
    },
};

use rustpython_vm::{
    PyResult, VirtualMachine,
    builtins::PyBaseExceptionRef,
    signal::{UserSignal, UserSignalSender},
};

use super::budget;

/// What was reached.
#[derive(Debug, Clone, Copy)]
pub enum Reason {
    /// The parent said that time is up.
    Time = 1,
    /// More memory is held than the budget.
    Memory = 2,
}

static SENDER: OnceLock<UserSignalSender> = OnceLock::new();
/// Reasons that were not raised yet; while there is one, a message is on its way.
static REASONS: AtomicU8 = AtomicU8::new(0);
/// The end of time was raised.
static TOLD: AtomicBool = AtomicBool::new(false);
static ARMED: AtomicBool = AtomicBool::new(false);
/// Bits of the limit in seconds.
static SECONDS: AtomicU64 = AtomicU64::new(0);

thread_local! {
    static MAIN: Cell<bool> = const { Cell::new(false) };
}

/// Makes known how the interpreter is reached, from its main thread.
pub fn set_up(sender: UserSignalSender) {
    MAIN.set(true);
    let _ = SENDER.set(sender);
}

/// Whether this is the thread in which scripts begin.
pub fn is_main_thread() -> bool {
    MAIN.get()
}

/// A script begins that has so many seconds and bytes.
pub fn arm(seconds: f64, memory: u64) {
    SECONDS.store(seconds.to_bits(), SeqCst);
    REASONS.store(0, SeqCst);
    TOLD.store(false, SeqCst);
    budget::arm(memory);
    ARMED.store(true, SeqCst);
}

/// The script has ended.
pub fn disarm() {
    ARMED.store(false, SeqCst);
    budget::disarm();
    REASONS.store(0, SeqCst);
}

/// Has the main thread interrupted.
pub fn raise(reason: Reason) {
    let armed = ARMED.load(SeqCst) && !(matches!(reason, Reason::Time) && TOLD.load(SeqCst));
    if armed && REASONS.fetch_or(reason as u8, SeqCst) == 0 {
        // a function of no size, so the box takes no memory
        send(Box::new(deliver));
    }
}

/// Has the main thread raise `error`.
pub fn throw(error: PyBaseExceptionRef) {
    send(Box::new(move |_| Err(error)));
}

/// Whether this thread is to raise something, and should wait for nothing.
pub fn is_pending() -> bool {
    is_main_thread() && REASONS.load(SeqCst) != 0
}

/// Whether the end of time was raised.
pub fn is_told() -> bool {
    TOLD.load(SeqCst)
}

/// Raises what is to be raised.
pub fn deliver(vm: &VirtualMachine) -> PyResult<()> {
    let reasons = REASONS.swap(0, SeqCst);
    if reasons & Reason::Time as u8 != 0 && !TOLD.swap(true, SeqCst) {
        let seconds = f64::from_bits(SECONDS.load(SeqCst));
        let class = vm.ctx.exceptions.timeout_error.to_owned();
        let message = format!("the script used up its {seconds} s (`--timeout`)");
        return Err(vm.new_exception_msg(class, message.into()));
    }
    // what was held for a moment only is forgiven
    if reasons & Reason::Memory as u8 != 0 && budget::is_over() {
        let class = vm.ctx.exceptions.memory_error.to_owned();
        return Err(vm.new_exception_msg(class, "the script used up its memory (`--memory`)".into()));
    }
    Ok(())
}

fn send(message: UserSignal) {
    if let Some(sender) = SENDER.get() {
        // the receiver lives as long as the interpreter
        let _ = sender.send(message);
    }
}
