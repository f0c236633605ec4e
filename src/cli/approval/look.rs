//! What a question about a call looks like. Pure.
//!
//! - Each argument has a line of its own, and text stands as it is: nothing is escaped, and what would not show is made
//!   visible.
//! - Lines of a text stand behind a bar, so that no text can look like another argument.
//! - What is left out is counted, and is there in the whole.

use serde_json::{Map, Value};

use crate::{
    cli::ui::{self, pieces, plural, visible},
    host::Question,
};

/// Rows of one text that are shown, and how many of its first and last ones stay where there are more.
const TEXT: Fold = Fold {
    most: 12,
    first: 6,
    last: 3,
};
/// The same for all arguments together.
const ALL: Fold = Fold {
    most: 60,
    first: 40,
    last: 12,
};
/// Deepest level that is indented.
const MAX_DEPTH: usize = 12;
/// Least columns for a text, however narrow the terminal is.
const MIN_ROOM: usize = 20;
/// Characters of a server's, a tool's or a task's name.
const MAX_NAME: usize = 200;

/// A question, ready to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// Who wants to call what.
    pub title: String,
    /// The arguments, long ones folded.
    pub folded: Vec<String>,
    /// The arguments, all of them; `None` where nothing was folded.
    pub whole: Option<Vec<String>>,
}

#[derive(Clone, Copy)]
struct Fold {
    most: usize,
    first: usize,
    last: usize,
}

/// A row of the screen.
#[derive(Debug, Clone)]
struct Row {
    text: String,
    /// Characters of a text's line that this row goes on with; 0 where it begins a line.
    goes_on: usize,
}

/// Of a question, on a terminal with so many columns.
pub fn look(question: &Question, columns: usize) -> Look {
    let name = |text: &str| ui::one_line(&visible(text), MAX_NAME);
    let task = question.task.as_deref();
    let title = format!(
        "{} wants to call {}.{}",
        task.map_or_else(|| "the script".to_owned(), |id| format!("task `{}`", name(id))),
        name(&question.server),
        name(&question.tool)
    );
    let none = Map::new();
    let arguments = question.arguments.as_object().unwrap_or(&none);
    if arguments.is_empty() {
        let folded = vec!["  without arguments".to_owned()];
        return Look {
            title,
            folded,
            whole: None,
        };
    }
    let rows = |fold: Option<Fold>| {
        let mut page = Page {
            rows: Vec::new(),
            columns,
            fold,
        };
        for (key, value) in arguments {
            page.entry(&format!("{}:", visible(key)), value, 1);
        }
        page.rows
    };
    let text = |rows: Vec<Row>| rows.into_iter().map(|row| row.text).collect::<Vec<_>>();
    let folded = text(folded(rows(Some(TEXT)), ALL));
    let whole = text(rows(None));
    Look {
        title,
        whole: (whole != folded).then_some(whole),
        folded,
    }
}

struct Page {
    rows: Vec<Row>,
    columns: usize,
    /// For single texts.
    fold: Option<Fold>,
}

impl Page {
    /// A value behind its `label`, such as `key:` or `-`.
    fn entry(&mut self, label: &str, value: &Value, depth: usize) {
        let indent = "  ".repeat(depth.min(MAX_DEPTH));
        match value {
            Value::Object(entries) if !entries.is_empty() => {
                self.row(format!("{indent}{label}"));
                for (key, value) in entries {
                    self.entry(&format!("{}:", visible(key)), value, depth + 1);
                }
            }
            Value::Array(items) if !items.is_empty() => {
                self.row(format!("{indent}{label}"));
                for item in items {
                    self.entry("-", item, depth + 1);
                }
            }
            Value::String(text) => self.string(&indent, label, text),
            other => self.row(format!("{indent}{label} {other}")),
        }
    }

    fn string(&mut self, indent: &str, label: &str, text: &str) {
        let shown = if reads_as_another(text) {
            format!("\"{text}\"")
        } else {
            text.to_owned()
        };
        let line = format!("{indent}{label} {}", visible(&shown));
        if !text.contains('\n') && ui::columns(&line) + 2 <= self.columns {
            return self.row(line);
        }
        let lines = text.strip_suffix('\n').unwrap_or(text).split('\n');
        let size = match lines.clone().count() {
            1 => plural(text.chars().count(), "character"),
            many => plural(many, "line"),
        };
        self.row(format!("{indent}{label} ({size})"));
        let room = self.columns.saturating_sub(indent.len() + 4).max(MIN_ROOM);
        let mut rows = Vec::new();
        for line in lines {
            let line = visible(line);
            for (at, piece) in pieces(&line, room).into_iter().enumerate() {
                let (bar, goes_on) = if at == 0 {
                    ('│', 0)
                } else {
                    ('┊', piece.chars().count())
                };
                rows.push(Row {
                    text: format!("{indent}  {bar} {piece}"),
                    goes_on,
                });
            }
        }
        self.rows.extend(match self.fold {
            Some(fold) => folded(rows, fold),
            None => rows,
        });
    }

    /// A row of ours; a key may be as long as a text.
    fn row(&mut self, text: String) {
        let room = self.columns.saturating_sub(2).max(MIN_ROOM);
        for (at, piece) in pieces(&text, room).into_iter().enumerate() {
            self.rows.push(match at {
                0 => Row {
                    text: piece.to_owned(),
                    goes_on: 0,
                },
                _ => Row {
                    text: format!("┊ {piece}"),
                    goes_on: piece.chars().count(),
                },
            });
        }
    }
}

/// Whether a text without quotes would look like a number or the like, or like nothing.
fn reads_as_another(text: &str) -> bool {
    text.trim() != text || text.is_empty() || serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

/// The first and the last rows of many, with how much there is between them.
fn folded(mut rows: Vec<Row>, fold: Fold) -> Vec<Row> {
    if rows.len() <= fold.most {
        return rows;
    }
    let last = rows.split_off(rows.len() - fold.last);
    let hidden = rows.split_off(fold.first);
    let blanks = |text: &str| text.chars().take_while(|c| *c == ' ').count();
    let indent = hidden.first().map_or(0, |row| blanks(&row.text));
    let lines = hidden.iter().filter(|row| row.goes_on == 0).count();
    let more = match lines {
        0 => plural(hidden.iter().map(|row| row.goes_on).sum(), "more character"),
        lines => plural(lines, "more line"),
    };
    rows.push(Row {
        text: format!("{}… {more}", " ".repeat(indent)),
        goes_on: 0,
    });
    rows.extend(last);
    rows
}
