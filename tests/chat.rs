//! Promises of the modules of `mcm ask`: plain tool calling, one script, and the choice between them.

mod calls;
mod choice;
mod ends;
mod names;

use serde_json::{Value, json};

use crate::support::{
    asked::{Case, Outcome, holds, script},
    endpoint::{Endpoint, Reply},
    program::Program,
    servers::{everything, filesystem, memory, toy},
};

/// A reply that only calls tools.
fn calls(tools: &[(&str, &str)]) -> Reply {
    Reply::text("").calling(tools)
}

/// `mcm ask --module chat` with these replies.
fn chat(replies: impl IntoIterator<Item = Reply>) -> Case {
    Case::new(replies).args(["--module", "chat"])
}
