//! Promises of `mcm batch`.

mod rate;
mod results;
mod tasks;
