//! `mcm ask` as a user starts it: real servers, a real endpoint, the real worker.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::{
    endpoint::{Endpoint, Reply, Request},
    program::{Ended, Program, Started},
    servers::{everything, filesystem, memory, toy},
};

mod approval;
mod inputs;
mod interrupts;
mod model_trouble;

mod scripts;
mod servers;
mod takeover;

fn script(code: &str) -> Reply {
    Reply::text(format!("```python\n{code}\n```"))
}

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

impl Case {
    fn new(replies: impl IntoIterator<Item = Reply>) -> Self {
        let endpoint = Endpoint::start(replies);
        let program = Program::new(["ask", "the task", "--json"])
            .model(&endpoint.base_url())
            .servers(&json!({ "toy": toy(&["all-tools"]) }));
        Self { endpoint, program }
    }

    /// A script, and then one that answers `done`, for the case that the first does not answer.
    fn script(code: &str) -> Self {
        Self::new([script(code), script("answer('done')")])
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

    /// Code, rule and line of what went wrong in a step.
    fn diagnostics(&self, step: usize) -> [&Value; 3] {
        let diagnostics = &self.execution(step)["diagnostics"];
        ["code", "rule", "line"].map(|member| &diagnostics[member])
    }

    /// Tool and status of each call of a step.
    fn calls(&self, step: usize) -> Value {
        let calls = self.execution(step)["calls"].as_array().expect("calls").iter();
        calls.map(|call| json!([call["tool"], call["status"]])).collect()
    }

    /// The last message of a request holds all of these.
    #[track_caller]
    fn told(&self, request: usize, parts: &[&str]) {
        holds(self.requests[request].last_message(), parts);
    }

    /// It ended with an error that holds all of these.
    #[track_caller]
    fn failed(&self, status: &str, parts: &[&str]) {
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

#[test]
fn forty_files_are_read_and_stored_by_one_script_and_only_the_answer_is_printed() {
    let endpoint = Endpoint::start([script(
        r#"import asyncio
names = [e["name"] if isinstance(e, dict) else e for e in []] or [f"docs/{i}.txt" for i in range(40)]
texts = await asyncio.gather(*(filesystem.read_text_file.aio(path=n) for n in names))
total = sum(int(t.split()[1]) for t in texts)
memory.create_entities(entities=[{"name": "total", "entityType": "sum", "observations": [str(total)]}])
found = memory.search_nodes(query="total")
answer({"files": len(texts), "total": total, "stored": found["entities"][0]["observations"]})"#,
    )]);
    let mut program = Program::new(["ask", "Sum the numbers in docs"]).model(&endpoint.base_url());
    for i in 0..40 {
        program = program.file(&format!("docs/{i}.txt"), &format!("number {i}\n"));
    }
    let folder = program.folder();
    let servers = json!({
        "filesystem": filesystem(&folder),
        "memory": memory(&folder.join("memory.jsonl")),
        "everything": everything(),
    });
    let ended = program.servers(&servers).run().expect(0);
    let expected = json!({ "files": 40, "total": (0..40).sum::<i32>(), "stored": [(0..40).sum::<i32>().to_string()] });
    assert_eq!(ended.stdout, format!("{expected}\n"));
    assert_eq!(endpoint.requests().len(), 1);
}

#[test]
fn a_key_error_is_shown_to_the_model_with_traceback_line_output_and_calls_and_then_mended() {
    let endpoint = Endpoint::start([
        script("print('looking')\nr = toy.structured()\nanswer(r['nothing'])"),
        script("answer(sorted(toy.structured()))"),
    ]);
    let program = Program::new(["ask", "Which keys?", "--json"]).model(&endpoint.base_url());
    let ended = program.servers(&json!({ "toy": toy(&[]) })).run().expect(0);
    let record = ended.json();
    assert_eq!(record["status"], "answered");
    assert_eq!(record["usage"]["model_calls"], 2);
    assert_eq!(record["steps"][0]["execution"]["diagnostics"]["code"], "RUNTIME_ERROR");
    assert_eq!(record["steps"][0]["execution"]["diagnostics"]["line"], 3);
    let requests = endpoint.requests();
    let second = requests[1].last_message();
    for part in [
        "KeyError",
        "line 3",
        "looking",
        "toy.structured",
        "answer(r['nothing'])",
    ] {
        assert!(second.contains(part), "the second prompt lacks {part}:\n{second}");
    }
}
