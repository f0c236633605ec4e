//! The parent's side of the worker.

pub mod execution;
