//! What a script's process says through signals: where it is when the parent asks, and where it was when it broke.
//!
//! It says so in one line on its standard error, which the parent reads when the script has not ended by itself:
//! a [`Marked`].
//!
//! - A handler takes no lock and allocates nothing of its own; it reads the frames as `faulthandler` does.
//! - After a fault the process dies of the same signal, so its wait status tells the truth.

use std::{io::Write, mem, panic, ptr};

use libc::{c_int, c_void, siginfo_t};
use rustpython_vm::vm::thread::get_current_frame;

use super::{
    budget,
    interrupt::{self, Reason},
};
use crate::wire::{self, Mark, Marked, SCRIPT_NAME};

/// Frames that are looked through for the script's own.
const MAX_FRAMES: usize = 10_000;
/// A fault so far below the stack pointer is the stack's end: no function of ours has a larger frame.
const BELOW: usize = 1 << 20;
/// Likewise above it: what a call has pushed.
const ABOVE: usize = 64 << 10;

/// Installs the handlers, which all forks inherit, and one for panics.
pub fn set_up() {
    for signal in [wire::TIME_IS_UP, wire::WHERE] {
        // blocked calls of the script's own link go on; naps and waits end, and look up
        handle(signal, asked, libc::SA_RESTART);
    }
    for signal in [
        libc::SIGSEGV,
        libc::SIGBUS,
        libc::SIGABRT,
        libc::SIGILL,
        libc::SIGTRAP,
        libc::SIGFPE,
    ] {
        handle(signal, broke, libc::SA_RESETHAND | libc::SA_NODEFER);
    }
    // its text is for developers; of one that ends the process the line is wanted
    panic::set_hook(Box::new(|_| {
        if interrupt::is_main_thread() {
            say(Mark::Fault);
        }
    }));
}

type Handler = extern "C" fn(c_int, *mut siginfo_t, *mut c_void);

fn handle(signal: c_int, handler: Handler, flags: c_int) {
    // SAFETY: all zeros is a valid `sigaction`, and the handlers keep to what a handler may do
    unsafe {
        let mut action: libc::sigaction = mem::zeroed();
        action.sa_sigaction = handler as usize;
        action.sa_flags = flags | libc::SA_SIGINFO | libc::SA_ONSTACK;
        libc::sigemptyset(&raw mut action.sa_mask);
        let installed = libc::sigaction(signal, &raw const action, ptr::null_mut());
        assert_eq!(installed, 0, "these signals can be handled");
    }
}

extern "C" fn asked(signal: c_int, _: *mut siginfo_t, _: *mut c_void) {
    // SAFETY: the place of this thread's own error number
    let errno = unsafe { *libc::__errno_location() };
    if interrupt::is_main_thread() {
        say(Mark::Alive);
    }
    if signal == wire::TIME_IS_UP {
        budget::handling(|| interrupt::raise(Reason::Time));
    }
    // SAFETY: as above
    unsafe { *libc::__errno_location() = errno };
}

extern "C" fn broke(signal: c_int, info: *mut siginfo_t, context: *mut c_void) {
    let segment = signal == libc::SIGSEGV || signal == libc::SIGBUS;
    // SAFETY: the kernel gives both; the address is meaningful for these two signals
    let near = segment && unsafe { is_near((*info).si_addr() as usize, stack_pointer(context)) };
    say(if near { Mark::StackOverflow } else { Mark::Fault });
}

fn is_near(address: usize, stack: usize) -> bool {
    (stack.saturating_sub(BELOW)..stack.saturating_add(ABOVE)).contains(&address)
}

/// The interrupted code's stack pointer.
///
/// # Safety
/// `context` is what the kernel gave to a handler.
unsafe fn stack_pointer(context: *mut c_void) -> usize {
    let context = context.cast::<libc::ucontext_t>();
    // SAFETY: our caller's promise
    #[cfg(target_arch = "x86_64")]
    let pointer = unsafe { (*context).uc_mcontext.gregs[libc::REG_RSP as usize] } as usize;
    // SAFETY: our caller's promise
    #[cfg(target_arch = "aarch64")]
    let pointer = unsafe { (*context).uc_mcontext.sp } as usize;
    pointer
}

/// One line to standard error.
fn say(mark: Mark) {
    let mut text = [0; 96];
    let room = text.len();
    let mut rest = &mut text[..];
    let written = writeln!(rest, "{}", Marked { mark, line: line() });
    let length = room - rest.len();
    if written.is_ok() {
        // SAFETY: writes `length` bytes of `text`
        unsafe { libc::write(libc::STDERR_FILENO, text.as_ptr().cast(), length) };
    }
}

/// The line of the script's innermost frame in this thread.
fn line() -> Option<u32> {
    let mut frame = get_current_frame();
    for _ in 0..MAX_FRAMES {
        // SAFETY: the chain is this thread's own, and each frame on it is alive while the thread is in it
        let current = unsafe { frame.as_ref() }?;
        let code = current.code();
        if code.source_path().as_str().starts_with(SCRIPT_NAME) {
            let at = (current.get_lasti() as usize).saturating_sub(1);
            let line = code.locations.get(at)?.0.line.get();
            return u32::try_from(line).ok();
        }
        frame = current.previous();
    }
    None
}
