//! Many tasks, several at a time, over the same servers and one worker.

pub mod results;
pub mod tasks;
