//! What Tab can complete. Pure.

use super::commands::TABLE;

/// Names that are known by now; servers come when they have started.
#[derive(Debug, Clone, Default)]
pub struct Words {
    /// Of models, as far as they were named.
    pub models: Vec<String>,
    /// Of servers and their tools.
    pub servers: Vec<ServerWords>,
}

/// A server's Python name and its tools'.
#[derive(Debug, Clone, Default)]
pub struct ServerWords {
    /// Python name.
    pub name: String,
    /// Python names, each with one line of what it does.
    pub tools: Vec<(String, String)>,
}

/// One way to go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// Where the word begins that is replaced, in bytes; it ends at the cursor.
    pub start: usize,
    /// What stands there then.
    pub text: String,
    /// What it is, in one line; may be empty.
    pub about: String,
}

/// The ways to go on with `line`, of which everything before `cursor` (in bytes) counts.
pub fn complete(words: &Words, line: &str, cursor: usize) -> Vec<Completion> {
    let Some(before) = line.get(..cursor) else {
        return Vec::new();
    };
    let text = before.trim_start();
    let indent = before.len() - text.len();
    if text.starts_with('/') {
        if let Some(command) = text
            .split(char::is_whitespace)
            .next()
            .filter(|word| word.len() < text.len())
        {
            return if is_model(command) {
                models(words, before)
            } else {
                names(words, before)
            };
        }
        let lower = text.to_ascii_lowercase();
        return TABLE
            .iter()
            .filter(|entry| entry.name.starts_with(&lower))
            .map(|entry| Completion {
                start: indent,
                text: if entry.argument.is_empty() {
                    entry.name.to_owned()
                } else {
                    format!("{} ", entry.name)
                },
                about: entry.help.to_owned(),
            })
            .collect();
    }
    names(words, before)
}

fn is_model(command: &str) -> bool {
    command.len() > 1 && "/model".starts_with(&command.to_ascii_lowercase())
}

fn models(words: &Words, before: &str) -> Vec<Completion> {
    let start = before.rfind(char::is_whitespace).map_or(0, |at| at + 1);
    let typed = &before[start..];
    words
        .models
        .iter()
        .filter(|name| name.starts_with(typed))
        .map(|name| Completion {
            start,
            text: name.clone(),
            about: String::new(),
        })
        .collect()
}

/// Servers, and behind a server's name and a dot its tools, whatever stands before.
fn names(words: &Words, before: &str) -> Vec<Completion> {
    let in_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
    let start = before
        .char_indices()
        .rev()
        .take_while(|(_, c)| in_name(*c))
        .last()
        .map_or(before.len(), |(at, _)| at);
    let typed = &before[start..];
    if typed.is_empty() {
        return indentation(before);
    }
    let Some((server, tool)) = typed.split_once('.') else {
        return words
            .servers
            .iter()
            .filter(|server| begins(&server.name, typed))
            .map(|server| Completion {
                start,
                text: server.name.clone(),
                about: match server.tools.len() {
                    1 => "1 tool".into(),
                    count => format!("{count} tools"),
                },
            })
            .collect();
    };
    let tools = words.servers.iter().filter(|known| known.name == server);
    tools
        .flat_map(|known| &known.tools)
        .filter(|(name, _)| begins(name, tool))
        .map(|(name, about)| Completion {
            start,
            text: format!("{server}.{name}"),
            about: about.clone(),
        })
        .collect()
}

/// At the beginning of a further line of Python.
fn indentation(before: &str) -> Vec<Completion> {
    let begins = before
        .rsplit_once('\n')
        .is_some_and(|(_, line)| line.trim().is_empty() && before.trim_start().starts_with('!'));
    let one = begins.then(|| Completion {
        start: before.len(),
        text: "    ".into(),
        about: String::new(),
    });
    one.into_iter().collect()
}

/// Without regard to case.
fn begins(name: &str, typed: &str) -> bool {
    name.get(..typed.len())
        .is_some_and(|beginning| beginning.eq_ignore_ascii_case(typed))
}
