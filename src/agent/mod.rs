//! The loop and the run it leaves.

pub mod conversation;
pub mod demonstration;
pub mod event;
pub mod extract;
mod feedback;
pub mod module;
pub mod prompt;
pub mod run;
pub mod shorten;
pub mod signature;
pub mod solve;
pub mod step;
pub mod task;
