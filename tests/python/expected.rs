//! What a case expects: the lines behind `# ---` at its end, in any order.
//!
//! What is not named is not looked at, but for `code`, whose absence means success:
//!
//! ```text
//! # ---
//! # stdout:
//! #   the exact output, each line behind three blanks (`#` alone: an empty line)
//! # traceback:
//! #   the exact message, likewise
//! # result: JSON, compared as a value
//! # answered: true
//! # code: RUNTIME_ERROR
//! # line: 3
//! # message: a part of the message (may be repeated)
//! # hint: a part of the hint
//! ```

use std::{fmt::Write as _, fs, path::Path, process::Output};

use serde_json::Value;

#[derive(Debug, Default)]
pub struct Expected {
    /// The minor version of Python 3 whose syntax or library it uses; 0 for any.
    pub needs: u32,
    stdout: Option<String>,
    traceback: Option<String>,
    result: Option<Value>,
    answered: Option<bool>,
    code: Option<String>,
    line: Option<u64>,
    messages: Vec<String>,
    hint: Option<String>,
}

impl Expected {
    pub fn read(file: &Path) -> Self {
        let text = fs::read_to_string(file).unwrap();
        let (_, foot) = text.rsplit_once("# ---\n").expect("a case ends with what is expected");
        let mut expected = Self::default();
        if let Some(first) = text.strip_prefix("# needs Python 3.") {
            expected.needs = first.lines().next().unwrap().parse().unwrap();
        }
        let mut block: Option<&mut Option<String>> = None;
        for line in foot.lines() {
            if let Some(Some(text)) = block.as_deref_mut()
                && (line == "#" || line.starts_with("#   "))
            {
                writeln!(text, "{}", line.get(4..).unwrap_or_default()).unwrap();
                continue;
            }
            let (name, value) = line.trim_start_matches("# ").split_once(':').expect("`# name: value`");
            let value = value.strip_prefix(' ').unwrap_or(value).to_owned();
            match name {
                "stdout" => block = Some(begun(&mut expected.stdout)),
                "traceback" => block = Some(begun(&mut expected.traceback)),
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

    /// What differs from this in the record of an execution.
    pub fn differences(&self, record: &Value) -> Vec<String> {
        let mut found = Vec::new();
        let mut same = |name: &str, wanted: Option<Value>, is: &Value| {
            if wanted.as_ref().is_some_and(|wanted| wanted != is) {
                found.push(format!("{name} is {is}, expected {}", wanted.unwrap_or_default()));
            }
        };
        let diagnostics = &record["diagnostics"];
        let code = self.code.clone().map_or(Value::Null, Value::from);
        same("code", Some(code), &diagnostics["code"]);
        same("stdout", self.stdout.clone().map(Value::from), &record["stdout"]);
        same("result", self.result.clone(), &record["result"]);
        same("answered", self.answered.map(Value::from), &record["answered"]);
        same("line", self.line.map(Value::from), &diagnostics["line"]);
        let traceback = self.traceback.as_deref().map(|text| Value::from(text.trim_end()));
        same("traceback", traceback, &diagnostics["message"]);
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

    /// What differs from this in what became of it in CPython: its output, and of its traceback the last line.
    pub fn differences_to_cpython(&self, ended: &Output) -> Vec<String> {
        let (stdout, stderr) = (text(&ended.stdout), text(&ended.stderr));
        let mut found = Vec::new();
        if stdout != self.stdout.as_deref().unwrap_or_default() {
            found.push(format!("CPython prints {stdout:?}"));
        }
        let last = |text: &str| text.trim_end().lines().next_back().unwrap_or_default().to_owned();
        let same = match &self.traceback {
            Some(traceback) => !ended.status.success() && last(stderr) == last(traceback),
            None => ended.status.success(),
        };
        if !same {
            found.push(format!("CPython ends with {:?}", last(stderr)));
        }
        found
    }
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

fn begun(block: &mut Option<String>) -> &mut Option<String> {
    *block = Some(String::new());
    block
}
