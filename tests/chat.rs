//! Promises of the modules of `mcm ask`: plain tool calling, one script, and the choice between them.

mod calls;
mod choice;
mod ends;
mod names;

use std::path::Path;

use serde_json::{Value, json};

use crate::{
    ask::holds,
    support::{
        endpoint::{Endpoint, Reply, Request},
        program::{Ended, Program, Started},
        servers::{everything, filesystem, memory, toy},
    },
};

/// `mcm ask --json` with the toy server and a model that gives these replies.
struct Case {
    endpoint: Endpoint,
    program: Program,
}

/// What became of it.
struct Outcome {
    record: Value,
    requests: Vec<Request>,
    ended: Ended,
}

/// A reply that only calls tools.
fn calls(tools: &[(&str, &str)]) -> Reply {
    Reply::text("").calling(tools)
}

fn script(code: &str) -> Reply {
    Reply::text(format!("```python\n{code}\n```"))
}

impl Case {
    /// By `--module chat`.
    fn new(replies: impl IntoIterator<Item = Reply>) -> Self {
        Self::of("chat", replies)
    }

    fn of(module: &str, replies: impl IntoIterator<Item = Reply>) -> Self {
        let endpoint = Endpoint::start(replies);
        let program = Program::new(["ask", "the task", "--json", "--module", module])
            .model(&endpoint.base_url())
            .servers(&json!({ "toy": toy(&["all-tools"]) }));
        Self { endpoint, program }
    }

    fn args<const N: usize>(mut self, arguments: [&str; N]) -> Self {
        self.program = arguments.into_iter().fold(self.program, Program::arg);
        self
    }

    /// Other servers than the toy; the folder is the one that the program runs in.
    fn servers(mut self, servers: impl FnOnce(&Path) -> Value) -> Self {
        let servers = json!({ "servers": servers(&self.program.folder()) });
        self.program = self.program.file("mcp_servers.json", &servers.to_string());
        self
    }

    fn program(mut self, change: impl FnOnce(Program) -> Program) -> Self {
        self.program = change(self.program);
        self
    }

    #[track_caller]
    fn run(self, code: i32) -> Outcome {
        let ended = self.program.run().expect(code);
        Outcome::new(&self.endpoint, ended)
    }

    fn start(self) -> (Endpoint, Started) {
        (self.endpoint, self.program.start())
    }
}

impl Outcome {
    #[track_caller]
    fn new(endpoint: &Endpoint, ended: Ended) -> Self {
        let (record, requests) = (ended.json(), endpoint.requests());
        Self {
            record,
            requests,
            ended,
        }
    }

    fn execution(&self, step: usize) -> &Value {
        &self.record["steps"][step]["execution"]
    }

    /// Server, tool and status of each call of a step.
    fn calls(&self, step: usize) -> Value {
        let calls = self.execution(step)["calls"].as_array().expect("calls").iter();
        calls
            .map(|call| json!([call["server"], call["tool"], call["status"]]))
            .collect()
    }

    /// Messages of a request from this one on.
    fn messages(&self, request: usize, from: usize) -> &[Value] {
        &self.requests[request].body["messages"].as_array().expect("messages")[from..]
    }

    /// What a request tells of the calls before it, in order.
    fn results(&self, request: usize) -> Vec<&str> {
        let of_tools = self.messages(request, 0).iter().filter(|m| m["role"] == "tool");
        of_tools.map(|m| m["content"].as_str().expect("text")).collect()
    }
}
