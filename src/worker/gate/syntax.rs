//! Faults that the compiler finds, worded as Python words them.

use rustpython_vm::compiler::{CompileError, CompileOpts, Mode, compile};

use super::lines;
use crate::wire::{Code, Diagnostics};

/// Longest source line that is shown, in characters.
const SHOWN: usize = 200;

/// Compiles a script and throws the result away.
///
/// # Errors
/// The first fault, with the line that it is in and a caret.
pub(super) fn check(source: &str) -> Result<(), Diagnostics> {
    let options = CompileOpts {
        allow_top_level_await: true,
        ..CompileOpts::default()
    };
    match compile(source, Mode::Exec, "<script>", options) {
        Ok(_) => Ok(()),
        Err(error) => Err(diagnostics(&error, source)),
    }
}

fn diagnostics(error: &CompileError, source: &str) -> Diagnostics {
    let (line, column) = error.python_location();
    let (kind, said) = worded(&error.to_string(), source);
    let shown = match lines(source).nth(line.saturating_sub(1)) {
        Some(text) if line > 0 => marked(text, column, error.python_end_location(), line),
        _ => String::new(),
    };
    Diagnostics {
        code: Code::SyntaxError,
        rule: None,
        message: format!("  File \"<script>\", line {line}\n{shown}{kind}: {said}"),
        line: u32::try_from(line).ok().filter(|line| *line > 0),
        hint: None,
    }
}

/// Python's words for what the parser says in its own.
fn worded(said: &str, source: &str) -> (&'static str, String) {
    let mixed = || {
        ['\t', ' ']
            .iter()
            .all(|indent| lines(source).any(|line| line.starts_with(*indent)))
    };
    match said {
        "unindent does not match any outer indentation level" if mixed() => (
            "TabError",
            "inconsistent use of tabs and spaces in indentation".to_owned(),
        ),
        "Unexpected indentation" => ("IndentationError", "unexpected indent".to_owned()),
        "Got unexpected unicode" => (
            "SyntaxError",
            "(unicode error) a string has an escape that is cut short".to_owned(),
        ),
        "Simple statements must be separated by newlines or semicolons" => ("SyntaxError", "invalid syntax".to_owned()),
        _ if said.starts_with("Expected `:`, found ") => ("SyntaxError", "expected ':'".to_owned()),
        _ if said.starts_with("Expected ") && said.contains(", found ") => ("SyntaxError", "invalid syntax".to_owned()),
        _ if said.contains("indent") => ("IndentationError", said.to_owned()),
        _ => ("SyntaxError", said.to_owned()),
    }
}

/// The line without its indentation, and carets under the fault.
fn marked(text: &str, column: usize, end: Option<(usize, usize)>, line: usize) -> String {
    let indent = text.chars().take_while(|c| c.is_whitespace()).count();
    let plain = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    let body: String = text.trim().chars().take(SHOWN).map(plain).collect();
    let start = column.saturating_sub(1).saturating_sub(indent);
    if start > SHOWN {
        return format!("    {body}…\n");
    }
    let width = match end {
        Some((end_line, end_column)) if end_line == line => end_column.saturating_sub(column),
        _ => body.chars().count().saturating_sub(start),
    };
    let carets = "^".repeat(width.clamp(1, SHOWN));
    format!("    {body}\n    {}{carets}\n", " ".repeat(start))
}
