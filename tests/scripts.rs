//! Scripts and what must come of them: every `.py` file below `tests/scripts` is one test.
//!
//! A file ends with a line `# ---` and what is expected, in any order; what is not named is not
//! looked at, but for `code`, whose absence means success:
//!
//! ```text
//! # ---
//! # stdout:
//! #   the exact output, each line behind three blanks (`#` alone: an empty line)
//! # result: JSON, compared as a value
//! # answered: true
//! # code: RUNTIME_ERROR
//! # line: 3
//! # message: a part of the message (may be repeated)
//! # hint: a part of the hint
//! ```
//!
//! The scripts call a server `toy` whose tools are `echo(value)`, `add(a, b=1)`,
//! `raw(x-id, from=…, **extra)` (gives its arguments), `slow(ms)` (gives `ms` after that time),
//! `fail(message)`, `json-text(text)` (gives the text), `blocks` (the text `hello`, a
//! resource link that holds `{"a": {"b": 1}}`, an image) and `image` (four bytes, `image/png`).

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

use crate::support::{program::Program, servers::scripted};

/// Programs that run at once.
const SIDE_BY_SIDE: usize = 4;

#[test]
fn every_script_ends_as_its_last_lines_say() {
    let mut files = Vec::new();
    find(Path::new("tests/scripts"), &mut files);
    assert!(files.len() > 60, "the cases are where they were");
    let next = AtomicUsize::new(0);
    let wrong = Mutex::new(String::new());
    thread::scope(|scope| {
        for _ in 0..SIDE_BY_SIDE {
            scope.spawn(|| {
                while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    for difference in Expected::read(file).differences(&run(file)) {
                        writeln!(wrong.lock().unwrap(), "{}: {difference}", file.display()).unwrap();
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "\n{wrong}");
}

fn find(folder: &Path, files: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            find(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "py") {
            files.push(path);
        }
    }
}

/// The record that the program gives of a script.
fn run(file: &Path) -> Value {
    let source = fs::read_to_string(file).unwrap();
    let program = Program::new(["run", "--json", "script.py"]).file("script.py", &source);
    program.servers(&json!({ "toy": scripted() })).run().json()
}

#[derive(Debug, Default)]
struct Expected {
    stdout: Option<String>,
    result: Option<Value>,
    answered: Option<bool>,
    code: Option<String>,
    line: Option<u64>,
    messages: Vec<String>,
    hint: Option<String>,
}

impl Expected {
    fn read(file: &Path) -> Self {
        let text = fs::read_to_string(file).unwrap();
        let (_, foot) = text.rsplit_once("# ---\n").expect("a case ends with what is expected");
        let mut expected = Self::default();
        for line in foot.lines() {
            if let Some(stdout) = &mut expected.stdout
                && (line == "#" || line.starts_with("#   "))
            {
                writeln!(stdout, "{}", line.get(4..).unwrap_or_default()).unwrap();
                continue;
            }
            let (name, value) = line.trim_start_matches("# ").split_once(':').expect("`# name: value`");
            let value = value.strip_prefix(' ').unwrap_or(value).to_owned();
            match name {
                "stdout" => expected.stdout = Some(String::new()),
                "result" => expected.result = Some(serde_json::from_str(&value).unwrap()),
                "answered" => expected.answered = Some(value.parse().unwrap()),
                "code" => expected.code = Some(value),
                "line" => expected.line = Some(value.parse().unwrap()),
                "message" => expected.messages.push(value),
                "hint" => expected.hint = Some(value),
                other => panic!("{}: unknown name `{other}`", file.display()),
            }
        }
        expected
    }

    fn differences(&self, record: &Value) -> Vec<String> {
        let mut found = Vec::new();
        let mut same = |name: &str, wanted: Option<Value>, is: &Value| {
            if wanted.as_ref().is_some_and(|wanted| wanted != is) {
                found.push(format!("{name} is {is}, expected {}", wanted.unwrap_or_default()));
            }
        };
        let diagnostics = &record["diagnostics"];
        same(
            "code",
            Some(self.code.clone().map_or(Value::Null, Value::from)),
            &diagnostics["code"],
        );
        same("stdout", self.stdout.clone().map(Value::from), &record["stdout"]);
        same("result", self.result.clone(), &record["result"]);
        same("answered", self.answered.map(Value::from), &record["answered"]);
        same("line", self.line.map(Value::from), &diagnostics["line"]);
        let mut holds = |name: &str, part: &str| {
            let text = diagnostics[name].as_str().unwrap_or_default();
            if !text.contains(part) {
                found.push(format!("{name} is {text:?}, expected to hold {part:?}"));
            }
        };
        self.messages.iter().for_each(|part| holds("message", part));
        self.hint.iter().for_each(|part| holds("hint", part));
        found
    }
}
