//! What a typed line is: a task, Python, or a command. Pure.
//!
//! - Help, completion and reading all come from one [`TABLE`].

use std::fmt::Write;

use super::open::ends_in_backslash;
use crate::tools::catalog::distance;

/// A command that can be typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// With the slash.
    pub name: &'static str,
    /// What may follow, as help shows it; empty for nothing.
    pub argument: &'static str,
    /// What it does, in a few words.
    pub help: &'static str,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Help,
    Tools,
    Vars,
    Code,
    Undo,
    Reset,
    Model,
    Quit,
}

/// All commands, in the order of help.
pub const TABLE: &[Entry] = &[
    entry("/help", "", "show this", Kind::Help),
    entry("/tools", "[QUERY]", "list the tools, or search them", Kind::Tools),
    entry("/vars", "", "list the session's variables", Kind::Vars),
    entry("/code", "", "show the last script", Kind::Code),
    entry(
        "/undo",
        "",
        "take back what the last script did to the variables",
        Kind::Undo,
    ),
    entry("/reset", "", "begin anew: no variables, no conversation", Kind::Reset),
    entry("/model", "[NAME]", "show the model, or switch to another", Kind::Model),
    entry("/quit", "", "leave; so does Ctrl-D", Kind::Quit),
];

const fn entry(name: &'static str, argument: &'static str, help: &'static str, kind: Kind) -> Entry {
    Entry {
        name,
        argument,
        help,
        kind,
    }
}

/// What a typed line asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// White space only.
    Nothing,
    /// A task for the model.
    Task(String),
    /// Python to run in the session.
    Python(String),
    /// A command.
    Command(Command),
    /// A line that begins like a command and is none.
    Wrong(Wrong),
}

/// A command with its argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// `/help`
    Help,
    /// `/tools [QUERY]`
    Tools(Option<String>),
    /// `/vars`
    Vars,
    /// `/code`
    Code,
    /// `/undo`
    Undo,
    /// `/reset`
    Reset,
    /// `/model [NAME]`
    Model(Option<String>),
    /// `/quit`
    Quit,
}

/// Why a line is no command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// What is wrong.
    pub message: String,
    /// What to type instead.
    pub hint: String,
}

/// Reads a line, or several that were typed as one.
pub fn read(typed: &str) -> Input {
    let text = typed.trim();
    if text.is_empty() {
        return Input::Nothing;
    }
    if let Some(code) = text.strip_prefix('!') {
        return python(typed, code);
    }
    let word = text.split(char::is_whitespace).next().unwrap_or_default();
    if is_command(word) {
        return command(word, text[word.len()..].trim());
    }
    Input::Task(without_continuations(text))
}

/// The code behind the exclamation mark; all but the first line keep their indentation.
fn python(typed: &str, code: &str) -> Input {
    if code.trim().is_empty() {
        return Input::Wrong(Wrong {
            message: "there is no Python behind `!`".into(),
            hint: "`!print(1)` runs Python in the session".into(),
        });
    }
    // a block that was pasted behind the mark begins in its second line
    let whole = typed.trim_end().trim_start_matches([' ', '\t']);
    let code = whole.strip_prefix('!').unwrap_or(code);
    let code = match code.split_once('\n') {
        Some((first, rest)) if first.trim().is_empty() => rest,
        _ => code.trim_start(),
    };
    Input::Python(code.to_owned())
}

/// A slash and letters; a path is the beginning of a task.
fn is_command(word: &str) -> bool {
    word.strip_prefix('/')
        .is_some_and(|name| name.chars().all(|c| c.is_ascii_alphabetic() || c == '?'))
}

fn command(word: &str, argument: &str) -> Input {
    let word = word.to_ascii_lowercase();
    let named = match word.as_str() {
        "/exit" => "/quit",
        "/?" => "/help",
        other => other,
    };
    let fitting: Vec<&Entry> = match TABLE.iter().find(|entry| entry.name == named) {
        Some(exact) => vec![exact],
        None => TABLE.iter().filter(|entry| entry.name.starts_with(named)).collect(),
    };
    match fitting.as_slice() {
        [only] => with_argument(only, argument),
        [] => unknown(&word),
        several if word == "/" => wrong(
            "a slash alone is no command".into(),
            format!("there are {}", names(several)),
        ),
        several => wrong(
            format!("`{word}` can mean more than one command"),
            format!("there are {}", names(several)),
        ),
    }
}

fn with_argument(entry: &Entry, argument: &str) -> Input {
    if entry.argument.is_empty() && !argument.is_empty() {
        return wrong(
            format!("`{}` takes nothing behind it", entry.name),
            "type it alone".into(),
        );
    }
    let argument = Some(argument.to_owned()).filter(|argument| !argument.is_empty());
    Input::Command(match entry.kind {
        Kind::Help => Command::Help,
        Kind::Tools => Command::Tools(argument),
        Kind::Vars => Command::Vars,
        Kind::Code => Command::Code,
        Kind::Undo => Command::Undo,
        Kind::Reset => Command::Reset,
        Kind::Model => Command::Model(argument),
        Kind::Quit => Command::Quit,
    })
}

fn unknown(word: &str) -> Input {
    let near = TABLE
        .iter()
        .map(|entry| (distance(word, entry.name), entry))
        .filter(|(distance, _)| *distance <= 2)
        .min_by_key(|(distance, _)| *distance);
    let hint = match near {
        Some((_, entry)) => format!("did you mean `{}`", entry.name),
        None => "`/help` names them all; a task does not begin with a slash".into(),
    };
    wrong(format!("there is no command `{word}`"), hint)
}

fn wrong(message: String, hint: String) -> Input {
    Input::Wrong(Wrong { message, hint })
}

fn names(entries: &[&Entry]) -> String {
    let names: Vec<String> = entries.iter().map(|entry| format!("`{}`", entry.name)).collect();
    names.join(", ")
}

/// A task without the backslashes that only said that it goes on.
fn without_continuations(text: &str) -> String {
    let lines: Vec<&str> = text
        .split('\n')
        .map(|line| {
            line.strip_suffix('\\')
                .filter(|_| ends_in_backslash(line))
                .unwrap_or(line)
        })
        .collect();
    lines.join("\n").trim().to_owned()
}

/// What `/help` shows, without the line's end.
pub fn help() -> String {
    let mut text = String::from(
        "Type a task, and the model does it with Python over your tools.\nVariables and the conversation stay.\n",
    );
    let rows = TABLE
        .iter()
        .map(|entry| (format!("{} {}", entry.name, entry.argument), entry.help))
        .chain([("!CODE".to_owned(), "run Python in the session")]);
    for (left, right) in rows {
        let _ = write!(text, "\n  {left:<15} {right}");
    }
    text.push_str(
        "\n\n  Alt-Enter, or \\ at the end  go on in a new line\n  \
         Tab, Ctrl-R, →              complete, search the history, take the hint\n  \
         Ctrl-C                      end the task, or clear the line\n  \
         a blank at the beginning    keeps the line out of the history",
    );
    text
}
