//! What tests share.

pub mod endpoint;
pub mod program;
pub mod servers;
pub mod terminal;
