//! What tests share.

pub mod asked;
pub mod endpoint;
pub mod lists;
pub mod mcp;
pub mod program;
pub mod servers;
pub mod terminal;
