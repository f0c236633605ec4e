//! Promises of `mcm batch`.

mod ends;
mod kills;
mod on_terminal;
mod rate;
mod results;
mod runs;
mod tasks;

use serde_json::{Value, json};

use crate::support::{
    endpoint::{Endpoint, Reply, Request},
    program::Program,
    servers::toy,
};

fn script(code: &str) -> Reply {
    Reply::text(format!("```python\n{code}\n```"))
}

/// The N of `task N.` in a request.
fn number(request: &Request) -> usize {
    let messages = request.body["messages"].to_string();
    let after = messages
        .rsplit("task ")
        .find_map(|text| text.split_once('.')?.0.parse().ok());
    after.expect("a request about a numbered task")
}

/// `{"id": "tN", "task": "task N."}` for each N from 1.
fn numbered(count: usize) -> String {
    let line = |n| json!({ "id": format!("t{n}"), "task": format!("task {n}.") }).to_string() + "\n";
    (1..=count).map(line).collect()
}

/// Answers each task with its number, which the toy server has said.
fn echo(request: &Request) -> Reply {
    script(&format!("answer(int(toy.echo(text='{}')))", number(request)))
}

/// `mcm batch` in a folder of its own, with `tasks.jsonl` in it and the toy server.
struct Case {
    endpoint: Endpoint,
    home: Program,
}

impl Case {
    fn new(tasks: &str, answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        let servers = json!({ "servers": { "toy": toy(&["all-tools"]) } }).to_string();
        let home = Program::new([""; 0])
            .file("tasks.jsonl", tasks)
            .file("mcp_servers.json", &servers);
        Self {
            endpoint: Endpoint::answering(answer),
            home,
        }
    }

    /// `mcm batch` with these arguments.
    fn batch(&self, arguments: &str) -> Program {
        let arguments = ["batch", "--trust"].into_iter().chain(arguments.split_whitespace());
        self.home.again(arguments).model(&self.endpoint.base_url())
    }

    /// A file in its folder; empty if it is missing.
    fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.home.folder().join(name)).unwrap_or_default()
    }

    /// The lines of `results.jsonl`, in order.
    fn results(&self) -> Vec<Value> {
        records(&self.text("results.jsonl"))
    }
}

fn records(lines: &str) -> Vec<Value> {
    lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line is JSON"))
        .collect()
}

/// Ids, states and answers, sorted by the number in the id.
fn outcomes(results: &[Value]) -> Vec<(String, String, Value)> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let mut all: Vec<_> = results
        .iter()
        .map(|result| (text(&result["id"]), text(&result["status"]), result["answer"].clone()))
        .collect();
    all.sort_by_key(|(id, ..)| id.trim_start_matches('t').parse::<usize>().unwrap_or(0));
    all
}

/// What a batch of [`numbered`] tasks leaves that [`echo`] answers.
fn all_answered(count: usize) -> Vec<(String, String, Value)> {
    (1..=count)
        .map(|n| (format!("t{n}"), "answered".to_owned(), json!(n)))
        .collect()
}

#[track_caller]
fn holds(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "no `{part}` in:\n{text}");
    }
}
