//! Tasks in a table.

use csv::{Reader, ReaderBuilder, StringRecord};

use crate::tools::names::is_identifier;

use super::{CheckName, Entry, Faults, Given, Id, MAX_LINE, TaskText};

/// What a column holds.
enum Column {
    Id,
    Task,
    Input(String),
}

/// Whether `line` names columns: one of them is `task`, or all are names where no task need be said.
pub(super) fn is_header(line: &str, task_text: TaskText) -> bool {
    let mut record = StringRecord::new();
    let is_read = reader(line).read_record(&mut record).unwrap_or(false);
    let mut names = record.iter().map(str::trim);
    is_read
        && match task_text {
            TaskText::Needed => names.any(|name| name == "task"),
            TaskText::Optional => names.all(is_identifier),
        }
}

/// A task a row, below a header.
pub(super) fn rows(text: &str, task_text: TaskText, check_name: CheckName<'_>, faults: &mut Faults) -> Vec<Entry> {
    let mut reader = reader(text);
    let mut record = StringRecord::new();
    let mut place = Place { at: 0, line: 1 };
    let (mut columns, mut entries) = (None, Vec::new());
    // what a `str` holds is UTF-8, and rows may be of any length: reading it does not fail
    while reader.read_record(&mut record).unwrap_or(false) {
        let begin = record.position().map_or(0, |position| position.byte());
        let begin = usize::try_from(begin).unwrap_or(text.len()).min(text.len());
        let number = place.of_row(text, begin);
        let end = usize::try_from(reader.position().byte()).unwrap_or(text.len());
        if end >= text.len() && ends_inside_quotes(&text[begin..]) {
            faults.push(
                number,
                None,
                "a field begins with `\"` and is never closed; a `\"` inside a field is written `\"\"`",
            );
            break;
        }
        if end.saturating_sub(begin) > MAX_LINE {
            faults.push(number, None, format!("longer than {} MiB", MAX_LINE >> 20));
            continue;
        }
        match &columns {
            None => match header((&record, number), task_text, check_name, faults) {
                Some(header) => columns = Some(header),
                None => break,
            },
            Some(columns) => entries.extend(row((&record, number), columns, task_text, faults)),
        }
    }
    entries
}

fn reader(text: &str) -> Reader<&[u8]> {
    ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes())
}

fn header(
    (record, line): (&StringRecord, u64),
    task_text: TaskText,
    check_name: CheckName<'_>,
    faults: &mut Faults,
) -> Option<Vec<Column>> {
    let names: Vec<&str> = record.iter().map(str::trim).collect();
    if task_text == TaskText::Needed && !names.contains(&"task") {
        let hint = if names.len() == 1 && names[0].contains([';', '\t']) {
            "columns are separated by commas"
        } else {
            "the first line names the columns, and one of them is `task`"
        };
        faults.push(line, None, format!("there is no column `task`; {hint}"));
        return None;
    }
    let before = faults.shown.len();
    let mut columns = Vec::new();
    for (place, &name) in names.iter().enumerate() {
        let problem = if names[..place].contains(&name) {
            Some(format!("two columns are called `{name}`"))
        } else if name.is_empty() {
            Some(format!("column {} has no name", place + 1))
        } else if matches!(name, "id" | "task") {
            None
        } else {
            check_name(name).map(|problem| format!("column `{name}` is an input: {problem}"))
        };
        if let Some(problem) = problem {
            faults.push(line, None, problem);
        }
        columns.push(match name {
            "id" => Column::Id,
            "task" => Column::Task,
            name => Column::Input(name.to_owned()),
        });
    }
    (faults.shown.len() == before).then_some(columns)
}

fn row(
    (record, line): (&StringRecord, u64),
    columns: &[Column],
    task_text: TaskText,
    faults: &mut Faults,
) -> Option<Entry> {
    if record.len() != columns.len() {
        let (has, wants) = (record.len(), columns.len());
        faults.push(
            line,
            None,
            format!("{has} fields, and the header has {wants}; a field with a comma stands in quotes"),
        );
        return None;
    }
    let mut entry = Entry {
        id: Id::of_line(line),
        line,
        text: String::new(),
        inputs: Vec::new(),
    };
    let mut good = true;
    for (column, field) in columns.iter().zip(record) {
        let problem = match column {
            _ if field.contains('\0') => Some("a NUL character; is this a text file?"),
            Column::Id if field.trim().is_empty() => Some("`id` is empty"),
            Column::Task if field.trim().is_empty() && task_text == TaskText::Needed => Some("`task` is empty"),
            Column::Id => {
                entry.id = Id::of_text(field.trim());
                None
            }
            Column::Task => {
                entry.text = field.to_owned();
                None
            }
            Column::Input(name) => {
                entry.inputs.push((name.clone(), Given::Text(field.to_owned())));
                None
            }
        };
        if let Some(problem) = problem {
            faults.push(line, None, problem);
            good = false;
        }
    }
    good.then_some(entry)
}

/// Counts lines up to where rows begin.
struct Place {
    at: usize,
    line: u64,
}

impl Place {
    /// The line of a row that was found at `begin`, or after empty lines there.
    fn of_row(&mut self, text: &str, begin: usize) -> u64 {
        let empty = text[begin..]
            .bytes()
            .take_while(|byte| matches!(byte, b'\r' | b'\n'))
            .count();
        let begin = begin + empty;
        self.line += text[self.at..begin].bytes().filter(|byte| *byte == b'\n').count() as u64;
        self.at = begin;
        self.line
    }
}

/// Whether the last field of these rows was opened by a quote and not closed.
fn ends_inside_quotes(rows: &str) -> bool {
    enum State {
        Start,
        Bare,
        Quoted,
        /// A quote inside quotes: their end, or the first half of a doubled one.
        Quote,
    }
    let mut state = State::Start;
    for byte in rows.bytes() {
        state = match (state, byte) {
            (State::Start, b'"') | (State::Quote, b'"') => State::Quoted,
            (State::Quoted, b'"') => State::Quote,
            (State::Quoted, _) => State::Quoted,
            (_, b',' | b'\n' | b'\r') => State::Start,
            _ => State::Bare,
        };
    }
    matches!(state, State::Quoted)
}
