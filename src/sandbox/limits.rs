//! What a script may use up.

use std::time::Duration;

use crate::wire::GateLimits;

/// Limits of one script. Reaching one ends it with a diagnostics code of its own.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Its own time: neither the clock, stopped while it waits for a tool, nor its processor time may exceed this.
    pub time: Duration,
    /// Bytes that it may hold beyond what the session held before it. Allocations fail at a quarter more; the kernel
    /// bounds the address space at half as much again, and 64 MiB.
    pub memory: u64,
    /// Tool calls.
    pub calls: usize,
    /// Bytes printed.
    pub output: u64,
    /// Its length.
    pub gate: GateLimits,
}

impl Limits {
    /// What a script may print at most, in bytes, unless said otherwise.
    pub const OUTPUT: u64 = 64 << 20;
    /// The longest script of a model.
    pub const MODEL_SCRIPT: GateLimits = GateLimits {
        chars: Some(8_000),
        lines: Some(400),
    };
    /// A user's own script.
    pub const ANY_LENGTH: GateLimits = GateLimits {
        chars: None,
        lines: None,
    };
}
