//! Gathers tool calls from the pieces in which they come.
//!
//! - A piece goes to the call whose number or id it has; one with neither starts a call if it names a tool, and goes on with
//!   the last if it does not.
//! - Every call has an id in the end, and no two have the same.

use std::collections::HashSet;

use serde_json::Value;

use super::{field, number};
use crate::model::ToolCall;

/// Bytes that a call counts for besides its text.
const CALL: usize = 100;

/// The calls of one reply so far.
#[derive(Debug, Default)]
pub struct Calls {
    calls: Vec<Gathered>,
    size: usize,
}

#[derive(Debug)]
struct Gathered {
    number: Option<u64>,
    call: ToolCall,
}

/// The pieces of calls in a message or a part of one.
pub fn of(message: &Value) -> Vec<&Value> {
    let pieces = field(message, "tool_calls").and_then(Value::as_array);
    pieces
        .into_iter()
        .flatten()
        .filter(|piece| field(piece, "function").is_some())
        .collect()
}

impl Calls {
    /// Adds one piece.
    pub fn take(&mut self, piece: &Value) {
        let text = |value: &Value, name: &str| match field(value, name) {
            None => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        };
        let (number, id) = (field(piece, "index").and_then(number), text(piece, "id"));
        let (name, arguments) = (text(&piece["function"], "name"), text(&piece["function"], "arguments"));
        self.size += id.len() + name.len() + arguments.len();
        let at = self.place(number, &id, &name).unwrap_or_else(|| {
            self.size += CALL;
            let call = ToolCall::default();
            self.calls.push(Gathered { number, call });
            self.calls.len() - 1
        });
        let call = &mut self.calls[at].call;
        if call.id.is_empty() {
            call.id = id;
        }
        // some say the name again with every piece
        if call.name != name {
            call.name.push_str(&name);
        }
        call.arguments.push_str(&arguments);
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }

    /// What all that has come takes, in bytes.
    pub fn size(&self) -> usize {
        self.size
    }

    /// All of them, in the order in which they began.
    pub fn into_calls(self) -> Vec<ToolCall> {
        let mut ids: HashSet<String> = HashSet::new();
        let mut calls: Vec<ToolCall> = self.calls.into_iter().map(|gathered| gathered.call).collect();
        for (at, call) in calls.iter_mut().enumerate() {
            if call.id.is_empty() || ids.contains(&call.id) {
                let own = (at + 1..).map(|n| format!("call_{n}")).find(|id| !ids.contains(id));
                call.id = own.expect("there are more numbers than calls");
            }
            ids.insert(call.id.clone());
        }
        calls
    }

    /// Where the call is that a piece belongs to; `None` if it begins one.
    fn place(&self, number: Option<u64>, id: &str, name: &str) -> Option<usize> {
        let mut from_the_last = self.calls.iter().enumerate().rev();
        let found = match number {
            // some give every call the same number
            Some(_) => from_the_last.find(|(_, known)| {
                known.number == number && (id.is_empty() || known.call.id.is_empty() || known.call.id == id)
            }),
            None if !id.is_empty() => from_the_last.find(|(_, known)| known.call.id == id),
            None if name.is_empty() => from_the_last.next(),
            None => None,
        };
        found.map(|(at, _)| at)
    }
}
