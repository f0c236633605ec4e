//! The input of a batch: JSON Lines, CSV, or one task a line.
//!
//! - Everything is checked before anything runs; the first [`MAX_SHOWN`] faults are told with their places.
//! - Ids are unique as text: `3` and `"3"` are the same, and a task without an id is called by its line's number.
//! - Neither the whole ([`MAX_BYTES`]), a task ([`MAX_LINE`]) nor their number ([`MAX_TASKS`]) is without limit.

mod id;
mod lines;
mod table;

use std::{
    collections::HashMap,
    fmt,
    io::{self, Read},
    path::Path,
};

use serde_json::value::RawValue;

pub use id::{Id, text_of};

use crate::{
    agent::task::{Input, InputValue, Task},
    program::Program,
};

/// Largest input, in bytes.
pub const MAX_BYTES: u64 = 512 << 20;
/// Longest task with its inputs, in bytes.
pub const MAX_LINE: usize = 32 << 20;
/// Most tasks.
pub const MAX_TASKS: usize = 1_000_000;
/// Faults that are told one by one.
pub const MAX_SHOWN: usize = 10;

/// One task of a batch.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Unique among the tasks of the batch.
    pub id: Id,
    /// Where it stands, from 1.
    pub line: u64,
    /// The task in the user's words; empty where a program says it.
    pub text: String,
    inputs: Vec<(String, Given)>,
}

/// The value of an input, as it was given.
#[derive(Debug, Clone)]
enum Given {
    Text(String),
    /// Known to be JSON that can be read.
    Json(Box<RawValue>),
}

/// How the tasks are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// An object a line: `{"id"?, "task", "inputs"?}`.
    JsonLines,
    /// A header with `task`, perhaps `id`, and names of inputs.
    Csv,
    /// A task a line.
    Plain,
}

/// All tasks of a batch.
#[derive(Debug)]
pub struct Tasks {
    /// In the order of the input; at least one.
    pub entries: Vec<Entry>,
    /// As they were written.
    pub format: Format,
}

/// Says what is wrong with the name of an input, if anything is.
pub type CheckName<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Whether each task says what is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskText {
    /// It must.
    Needed,
    /// A program says it; what a task says comes besides.
    Optional,
}

/// What is wrong at one place of the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// From 1; `None` where it is the whole.
    pub line: Option<u64>,
    /// In characters, from 1, where it is known.
    pub column: Option<usize>,
    /// What is wrong and what to do.
    pub problem: String,
}

/// Why the input cannot be used. Nothing was run.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// The first ones, in order.
    pub shown: Vec<Fault>,
    /// How many there are besides.
    pub more: usize,
}

/// All that `from` holds.
///
/// # Errors
/// Of reading; more than [`MAX_BYTES`].
pub fn read(from: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!("it is larger than {} MiB; split it into several files", MAX_BYTES >> 20),
        ));
    }
    Ok(bytes)
}

/// The tasks in `bytes`, which were read from `path`, or from elsewhere.
///
/// # Errors
/// All faults that were found.
pub fn parse(
    bytes: &[u8],
    path: Option<&Path>,
    task_text: TaskText,
    check_name: CheckName<'_>,
) -> Result<Tasks, Faults> {
    let mut faults = Faults::default();
    let Some(text) = text(bytes, &mut faults) else {
        return Err(faults);
    };
    if text.trim().is_empty() {
        faults.whole("it holds no task");
        return Err(faults);
    }
    let format = format(path, text, task_text);
    let entries = match format {
        Format::JsonLines => lines::json(text, task_text, check_name, &mut faults),
        Format::Plain => lines::plain(text, &mut faults),
        Format::Csv => table::rows(text, task_text, check_name, &mut faults),
    };
    check_ids(&entries, &mut faults);
    if entries.is_empty() && faults.shown.is_empty() {
        faults.whole("it holds no task");
    }
    if entries.len() > MAX_TASKS {
        faults.whole(&format!(
            "it holds more than {MAX_TASKS} tasks; split it into several files"
        ));
    }
    if faults.shown.is_empty() {
        Ok(Tasks { entries, format })
    } else {
        Err(faults)
    }
}

impl Entry {
    /// What `program` makes of it, with those inputs that all tasks have.
    ///
    /// # Errors
    /// An input that does not fit the program, with the task's line.
    pub fn task(&self, program: &Program, common: &[Input]) -> Result<Task, String> {
        let said = Some(self.text.as_str()).filter(|text| !text.is_empty());
        program
            .task(said, self.inputs(common))
            .map_err(|fault| format!("line {}: {fault}", self.line))
    }

    fn inputs(&self, common: &[Input]) -> Vec<Input> {
        let own = self.inputs.iter().map(|(name, given)| {
            let value = match given {
                Given::Text(text) => InputValue::Text(text.clone()),
                Given::Json(raw) => {
                    InputValue::Json(serde_json::from_str(raw.get()).expect("it was read when the input was checked"))
                }
            };
            Input::new(name.clone(), value)
        });
        common.iter().cloned().chain(own).collect()
    }
}

impl Faults {
    fn push(&mut self, line: u64, column: Option<usize>, problem: impl Into<String>) {
        self.add(Fault {
            line: Some(line),
            column,
            problem: problem.into(),
        });
    }

    fn whole(&mut self, problem: &str) {
        self.add(Fault {
            line: None,
            column: None,
            problem: problem.to_owned(),
        });
    }

    fn add(&mut self, fault: Fault) {
        if self.shown.len() < MAX_SHOWN {
            self.shown.push(fault);
        } else {
            self.more += 1;
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.line, self.column) {
            (Some(line), Some(column)) => write!(f, "line {line}, column {column}: ")?,
            (Some(line), None) => write!(f, "line {line}: ")?,
            _ => {}
        }
        f.write_str(&self.problem)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::JsonLines => "JSON Lines",
            Self::Csv => "CSV",
            Self::Plain => "a task a line",
        })
    }
}

/// UTF-8 without a byte order mark. Each line that is none is a fault.
fn text<'a>(bytes: &'a [u8], faults: &mut Faults) -> Option<&'a str> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        faults.whole("it is UTF-16; save it as UTF-8");
        return None;
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Some(text);
    }
    for (number, line) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
        if let Err(error) = std::str::from_utf8(line) {
            let good = String::from_utf8_lossy(&line[..error.valid_up_to()]);
            faults.push(
                number,
                Some(good.chars().count() + 1),
                "not UTF-8; save the file as UTF-8",
            );
        }
    }
    None
}

/// By the file's name, else by the first line.
fn format(path: Option<&Path>, text: &str, task_text: TaskText) -> Format {
    let extension = path.and_then(|path| path.extension()?.to_str());
    match extension.map(str::to_ascii_lowercase).as_deref() {
        Some("jsonl" | "ndjson" | "json") => return Format::JsonLines,
        Some("csv") => return Format::Csv,
        Some("txt") => return Format::Plain,
        _ => {}
    }
    let first = text
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty())
        .unwrap_or_default();
    if first.starts_with('{') || first == "[" || first.starts_with("[{") {
        Format::JsonLines
    } else if first.contains(',') && table::is_header(first, task_text) {
        Format::Csv
    } else {
        Format::Plain
    }
}

fn check_ids(entries: &[Entry], faults: &mut Faults) {
    let mut seen: HashMap<&str, &Entry> = HashMap::with_capacity(entries.len());
    let by_number = |entry: &Entry| entry.id == Id::of_line(entry.line);
    for entry in entries {
        let id = entry.id.text();
        if let Some(first) = seen.insert(id, entry) {
            let why = if by_number(first) || by_number(entry) {
                "a task without an `id` is called by its line's number: give all tasks an `id`, or none"
            } else {
                "ids are unique, and `3` is the same as `\"3\"`"
            };
            let problem = format!("the task of line {} has the id `{id}`, too; {why}", first.line);
            faults.push(entry.line, None, problem);
        }
    }
}

/// The column of the byte at `offset`, in characters from 1.
fn column(line: &str, offset: usize) -> usize {
    line.char_indices().take_while(|(at, _)| *at < offset).count() + 1
}

/// A raw NUL character: a binary file, or one that was not written to its end.
fn nul(line: &str) -> Option<usize> {
    line.find('\0').map(|at| column(line, at))
}
