//! The loop and the run it leaves.

pub mod event;
