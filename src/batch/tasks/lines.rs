//! Tasks of which each has a line.

use std::{borrow::Cow, collections::HashSet, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::{Value, value::RawValue};

use super::{CheckName, Entry, Faults, Given, Id, MAX_LINE, TaskText, column, nul};
use crate::tools::catalog::distance;

const KEYS: [&str; 3] = ["id", "task", "inputs"];

/// A task a line; empty lines are none.
pub(super) fn plain(text: &str, faults: &mut Faults) -> Vec<Entry> {
    let mut entries = Vec::new();
    for (number, line) in numbered(text, faults) {
        match nul(line) {
            Some(column) => faults.push(number, Some(column), "a NUL character; is this a text file?"),
            None => entries.push(Entry {
                id: Id::of_line(number),
                line: number,
                text: line.trim().to_owned(),
                inputs: Vec::new(),
            }),
        }
    }
    entries
}

/// An object a line; empty lines are none.
pub(super) fn json(text: &str, task_text: TaskText, check_name: CheckName<'_>, faults: &mut Faults) -> Vec<Entry> {
    let mut entries = Vec::new();
    for (number, line) in numbered(text, faults) {
        match object((line, number), task_text, check_name, faults) {
            Some(entry) => entries.push(entry),
            // each further line would be a fault, too
            None if line.trim_start().starts_with('[') => break,
            None => {}
        }
    }
    entries
}

/// Lines with their numbers; those that are empty or too long are left out.
fn numbered<'a>(text: &'a str, faults: &mut Faults) -> Vec<(u64, &'a str)> {
    let mut kept = Vec::new();
    for (number, line) in (1..).zip(text.split('\n')) {
        let line = line.strip_suffix('\r').unwrap_or(line);
        if line.len() > MAX_LINE {
            faults.push(number, None, format!("longer than {} MiB", MAX_LINE >> 20));
        } else if !line.trim().is_empty() {
            kept.push((number, line));
        }
    }
    kept
}

/// A task written as an object, if it has no fault.
fn object(
    (line, number): (&str, u64),
    task_text: TaskText,
    check_name: CheckName<'_>,
    faults: &mut Faults,
) -> Option<Entry> {
    let before = (faults.shown.len(), faults.more);
    let members: Members<'_> = match serde_json::from_str(line) {
        Ok(members) => members,
        Err(error) => {
            faults.push(
                number,
                Some(column(line, error.column().saturating_sub(1))),
                problem(line, &error),
            );
            return None;
        }
    };
    let place = |raw: &RawValue| Some(column(line, raw.get().as_ptr() as usize - line.as_ptr() as usize));
    let (mut id, mut task, mut inputs) = (None, None, Vec::new());
    let mut seen: HashSet<&str> = HashSet::new();
    for (key, raw) in &members.0 {
        if !seen.insert(key) {
            faults.push(number, place(raw), format!("`{key}` is given twice"));
            continue;
        }
        match &**key {
            "id" => match Id::of_json(raw) {
                Some(given) => id = Some(given),
                None => faults.push(
                    number,
                    place(raw),
                    "`id` must be a number, or a string that is not empty",
                ),
            },
            "task" => match serde_json::from_str::<String>(raw.get()) {
                Ok(text) if !text.trim().is_empty() => task = Some(text),
                Ok(_) => faults.push(number, place(raw), "`task` is empty"),
                Err(_) => faults.push(number, place(raw), "`task` must be a string"),
            },
            "inputs" => match serde_json::from_str::<Members<'_>>(raw.get()) {
                Ok(given) => inputs = self::inputs(given, number, place(raw), check_name, faults),
                Err(_) => faults.push(number, place(raw), "`inputs` must be an object: `{\"name\": value}`"),
            },
            other => faults.push(number, place(raw), unknown(other)),
        }
    }
    if task_text == TaskText::Optional {
        task = task.or_else(|| (!seen.contains("task")).then(String::new));
    } else if !seen.contains("task") {
        faults.push(number, None, "there is no `task`");
    }
    let text = task?;
    ((faults.shown.len(), faults.more) == before).then(|| Entry {
        id: id.unwrap_or_else(|| Id::of_line(number)),
        line: number,
        text,
        inputs,
    })
}

fn inputs(
    given: Members<'_>,
    number: u64,
    place: Option<usize>,
    check_name: CheckName<'_>,
    faults: &mut Faults,
) -> Vec<(String, Given)> {
    let mut inputs: Vec<(String, Given)> = Vec::new();
    let mut seen: HashSet<String> = HashSet::new();
    for (name, raw) in given.0 {
        if !seen.insert(name.clone().into_owned()) {
            faults.push(number, place, format!("input `{name}` is given twice"));
        } else if let Some(problem) = check_name(&name) {
            faults.push(number, place, format!("input `{name}`: {problem}"));
        } else {
            match serde_json::from_str::<Value>(raw.get()) {
                Ok(Value::String(text)) => inputs.push((name.into_owned(), Given::Text(text))),
                Ok(_) => inputs.push((name.into_owned(), Given::Json(raw.to_owned()))),
                Err(error) => faults.push(number, place, format!("input `{name}`: {}", words(&error))),
            }
        }
    }
    inputs
}

/// Why a line is no task, for one who sees the line.
fn problem(line: &str, error: &serde_json::Error) -> String {
    match line.trim_start().chars().next() {
        Some('[') => "this is a JSON array; a batch reads one object a line (`jq -c '.[]' FILE` makes them)".to_owned(),
        Some('{') if error.is_eof() => {
            "the object is not closed on this line; each task stands on a line of its own".to_owned()
        }
        Some('{') => format!("not JSON: {}", words(error)),
        _ => "no JSON object; a line reads `{\"task\": \"…\"}`".to_owned(),
    }
}

/// The message without its place, which is told otherwise.
fn words(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ")
        .map_or(text.clone(), |(words, _)| words.to_owned())
}

fn unknown(key: &str) -> String {
    let near = KEYS.iter().find(|known| distance(&key.to_lowercase(), known) <= 2);
    match near {
        Some(near) => format!("unknown key `{key}`; did you mean `{near}`?"),
        None => format!(
            "unknown key `{key}`; a task has `id`, `task` and `inputs`, and what scripts are to find stands in `inputs`"
        ),
    }
}

/// An object's members in order, and all of them where a key is given twice.
struct Members<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;

        impl<'de> Visitor<'de> for Collect {
            type Value = Vec<(Cow<'de, str>, &'de RawValue)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some((Key(key), value)) = map.next_entry()? {
                    members.push((key, value));
                }
                Ok(members)
            }
        }

        deserializer.deserialize_map(Collect).map(Self)
    }
}

#[derive(Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);
