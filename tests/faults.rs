//! Faults of scripts: every `.py` file below `tests/faults/scripts` is one, run between two scripts of one session.
//!
//! Each must end with the right code, in time, and leave the session's variables and no process behind. A file ends
//! with a line `# ---` and what is expected:
//!
//! ```text
//! # ---
//! # flags: of `mcm ask`, instead of `--timeout 1`
//! # code: TIMEOUT (or several, of which any will do; `none` is success)
//! # line: 3 (likewise)
//! # message: a part of the message (may be repeated)
//! # stdout: what it prints, but for the end of its line
//! # within: seconds, where its time is not that of the clock
//! ```

mod bytes;
mod forged;
mod kills;

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use serde_json::{Value, json};

use crate::support::{
    endpoint::{Endpoint, Reply},
    program::Program,
    servers::scripted,
};

/// Programs that run at once.
const SIDE_BY_SIDE: usize = 2;
/// What a script may take beyond its time, in milliseconds: half a second, and as much as a loaded machine adds.
const BEYOND: u64 = 500 + 3_000;

#[test]
fn every_fault_ends_in_time_with_its_code_and_leaves_the_session_as_it_was() {
    let mut files: Vec<PathBuf> = fs::read_dir("tests/faults/scripts")
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(files.len() > 30, "the cases are where they were");
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(String::new()));
    let table = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..SIDE_BY_SIDE {
            scope.spawn(|| {
                while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let fault = Fault::read(file);
                    let execution = fault.run();
                    table.lock().unwrap().push(row(file, &execution));
                    for difference in fault.differences(&execution) {
                        writeln!(wrong.lock().unwrap(), "{}: {difference}", file.display()).unwrap();
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    let mut table = table.into_inner().unwrap();
    table.sort();
    assert!(wrong.is_empty(), "\n{wrong}\n{}", table.join("\n"));
}

fn row(file: &Path, execution: &Value) -> String {
    let name = file.file_stem().unwrap().to_string_lossy();
    let diagnostics = &execution["diagnostics"];
    format!(
        "{name:<28} {:<15} line {:<5} {} ms",
        diagnostics["code"].as_str().unwrap_or("none"),
        diagnostics["line"].to_string(),
        execution["duration_ms"]
    )
}

/// A script in a reply of the model.
pub fn script(code: &str) -> Reply {
    Reply::text(format!("```python\n{code}\n```"))
}

/// `mcm ask --json` over the server `toy`.
pub fn ask(endpoint: &Endpoint) -> Program {
    let program = Program::new(["ask", "a task", "--json"]).model(&endpoint.base_url());
    program.servers(&json!({ "toy": scripted() }))
}

struct Fault {
    script: String,
    flags: String,
    codes: Vec<String>,
    lines: Vec<String>,
    messages: Vec<String>,
    stdout: Option<String>,
    within: Option<u64>,
}

impl Fault {
    fn read(file: &Path) -> Self {
        let text = fs::read_to_string(file).unwrap();
        let (script, foot) = text.rsplit_once("# ---\n").expect("a case ends with what is expected");
        let mut fault = Self {
            script: script.to_owned(),
            flags: "--timeout 1".to_owned(),
            codes: Vec::new(),
            lines: Vec::new(),
            messages: Vec::new(),
            stdout: None,
            within: None,
        };
        let words = |text: &str| text.split(' ').map(str::to_owned).collect();
        for line in foot.lines() {
            let (name, value) = line.trim_start_matches("# ").split_once(": ").expect("`# name: value`");
            match name {
                "flags" if value.contains("--timeout") => fault.flags = value.to_owned(),
                "flags" => fault.flags = format!("--timeout 1 {value}"),
                "code" => fault.codes = words(value),
                "line" => fault.lines = words(value),
                "message" => fault.messages.push(value.to_owned()),
                "stdout" => fault.stdout = Some(format!("{value}\n")),
                "within" => fault.within = value.split(' ').next().and_then(|seconds| seconds.parse().ok()),
                other => panic!("{}: unknown name `{other}`", file.display()),
            }
        }
        fault
    }

    /// The record of the script, after one that sets a variable and before one that answers with it.
    fn run(&self) -> Value {
        let kept = "kept = {'before': [1, 2, 3]}";
        let endpoint = Endpoint::start([script(kept), script(&self.script), script("answer(kept)")]);
        let program = self.flags.split(' ').fold(ask(&endpoint), Program::arg);
        let record = program.run().expect(0).json();
        assert_eq!(record["answer"], json!({ "before": [1, 2, 3] }), "{record:#}");
        record["steps"][1]["execution"].clone()
    }

    fn differences(&self, execution: &Value) -> Vec<String> {
        let mut found = Vec::new();
        let diagnostics = &execution["diagnostics"];
        let code = diagnostics["code"].as_str().unwrap_or("none");
        if !self.codes.iter().any(|wanted| wanted == code) {
            found.push(format!("the code is {code}: {diagnostics}"));
        }
        let line = diagnostics["line"].to_string();
        if !self.lines.is_empty() && !self.lines.contains(&line) {
            found.push(format!("the line is {line}: {diagnostics}"));
        }
        let message = diagnostics["message"].as_str().unwrap_or_default();
        for part in &self.messages {
            if !message.contains(part) {
                found.push(format!("the message is {message:?}, expected to hold {part:?}"));
            }
        }
        // text of Rust's is for developers
        if message.contains("panicked") || message.contains("memory allocation of") || message.contains("thread '") {
            found.push(format!("the message is {message:?}"));
        }
        if let Some(stdout) = &self.stdout
            && execution["stdout"] != **stdout
        {
            found.push(format!("it printed {}", execution["stdout"]));
        }
        let took = execution["duration_ms"].as_u64().unwrap();
        if code == "TIMEOUT" && took > self.within.unwrap_or(self.limit()) * 1000 + BEYOND {
            found.push(format!("it took {took} ms"));
        }
        found
    }

    /// Its time in seconds.
    fn limit(&self) -> u64 {
        let mut words = self.flags.split(' ').skip_while(|word| *word != "--timeout");
        words.nth(1).and_then(|limit| limit.parse().ok()).unwrap()
    }
}
