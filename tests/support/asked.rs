//! `mcm ask --json` against a scripted model, and what became of it.

use std::path::Path;

use serde_json::{Value, json};

use super::{
    endpoint::{Endpoint, Reply, Request},
    program::{Ended, Program, Started},
    servers::toy,
};

/// A reply that is one script.
pub fn script(code: &str) -> Reply {
    Reply::text(format!("```python\n{code}\n```"))
}

/// `mcm ask --json` with the toy server and a model that gives these replies.
pub struct Case {
    pub endpoint: Endpoint,
    pub program: Program,
}

/// What became of it.
pub struct Outcome {
    pub record: Value,
    pub requests: Vec<Request>,
    pub ended: Ended,
}

impl Case {
    pub fn new(replies: impl IntoIterator<Item = Reply>) -> Self {
        let endpoint = Endpoint::start(replies);
        let program = Program::new(["ask", "the task", "--json"])
            .model(&endpoint.base_url())
            .servers(&json!({ "toy": toy(&["all-tools"]) }));
        Self { endpoint, program }
    }

    /// A script, and then one that answers `done`, for the case that the first does not answer.
    pub fn script(code: &str) -> Self {
        Self::new([script(code), script("answer('done')")])
    }

    pub fn args<const N: usize>(mut self, arguments: [&str; N]) -> Self {
        self.program = arguments.into_iter().fold(self.program, Program::arg);
        self
    }

    /// Other servers than the toy; the folder is the one that the program runs in.
    pub fn servers(mut self, servers: impl FnOnce(&Path) -> Value) -> Self {
        let servers = json!({ "servers": servers(&self.program.folder()) });
        self.program = self.program.file("mcp_servers.json", &servers.to_string());
        self
    }

    pub fn program(mut self, change: impl FnOnce(Program) -> Program) -> Self {
        self.program = change(self.program);
        self
    }

    #[track_caller]
    pub fn run(self, code: i32) -> Outcome {
        let ended = self.program.run().expect(code);
        Outcome::new(&self.endpoint, ended)
    }

    pub fn start(self) -> (Endpoint, Started) {
        (self.endpoint, self.program.start())
    }
}

impl Outcome {
    #[track_caller]
    pub fn new(endpoint: &Endpoint, ended: Ended) -> Self {
        let (record, requests) = (ended.json(), endpoint.requests());
        Self {
            record,
            requests,
            ended,
        }
    }

    pub fn execution(&self, step: usize) -> &Value {
        &self.record["steps"][step]["execution"]
    }

    /// Code, rule and line of what went wrong in a step.
    pub fn diagnostics(&self, step: usize) -> [&Value; 3] {
        let diagnostics = &self.execution(step)["diagnostics"];
        ["code", "rule", "line"].map(|member| &diagnostics[member])
    }

    /// Tool and status of each call of a step.
    pub fn calls(&self, step: usize) -> Value {
        let calls = self.execution(step)["calls"].as_array().expect("calls").iter();
        calls.map(|call| json!([call["tool"], call["status"]])).collect()
    }

    /// Server, tool and status of each call of a step.
    pub fn called(&self, step: usize) -> Value {
        let calls = self.execution(step)["calls"].as_array().expect("calls").iter();
        calls
            .map(|call| json!([call["server"], call["tool"], call["status"]]))
            .collect()
    }

    /// Messages of a request from this one on.
    pub fn messages(&self, request: usize, from: usize) -> &[Value] {
        &self.requests[request].body["messages"].as_array().expect("messages")[from..]
    }

    /// What a request tells of the calls before it, in order.
    pub fn results(&self, request: usize) -> Vec<&str> {
        let of_tools = self.messages(request, 0).iter().filter(|m| m["role"] == "tool");
        of_tools.map(|m| m["content"].as_str().expect("text")).collect()
    }

    /// The last message of a request holds all of these.
    #[track_caller]
    pub fn told(&self, request: usize, parts: &[&str]) {
        holds(self.requests[request].last_message(), parts);
    }

    /// It ended with an error that holds all of these.
    #[track_caller]
    pub fn failed(&self, status: &str, parts: &[&str]) {
        assert_eq!(self.record["status"], status);
        assert_eq!(self.record["answer"], Value::Null);
        holds(self.record["error"].as_str().expect("an error"), parts);
        holds(&self.ended.stderr, parts);
    }
}

#[track_caller]
pub fn holds(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "it lacks `{part}`:\n{text}");
    }
}
