//! The child's side: everything that runs in the same process as a script, and the only code that
//! names RustPython.
//!
//! - It imports [`crate::wire`] and nothing else of ours, so what runs beside a hostile script is small.
//! - It starts with an empty environment and one socket.

pub mod budget;
mod channel;
pub mod confine;
mod convert;
mod encode;
mod faults;
#[doc(hidden)]
pub mod fuzzing;
pub mod gate;
mod globals;
mod host_module;
mod internals;
mod interpreter;
mod interrupt;
mod link;
#[cfg(debug_assertions)]
mod misbehave;
mod stdlib;
mod traceback;
mod zygote;

/// The first argument of a program that shall be a worker.
pub const ARGUMENT: &str = "__worker";

/// Becomes a worker, and never returns, if this process was started as one. To be called in the
/// first line of `main`, while there is one thread.
pub fn run_if_asked() {
    if std::env::args_os().nth(1).is_some_and(|argument| argument == ARGUMENT) {
        zygote::main()
    }
}
