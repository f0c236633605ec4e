//! Cuts long text to what a model is shown.

use super::task::thousands;

/// The head and the tail of `text`, `limit` characters in all, with the number cut between
/// them; `text` itself where it is not longer.
pub fn shorten(text: &str, limit: usize) -> String {
    // no text has more characters than bytes
    if text.len() <= limit {
        return text.to_owned();
    }
    let chars = text.chars().count();
    if chars <= limit {
        return text.to_owned();
    }
    let tail = limit / 2;
    let head = limit - tail;
    let head_end = text.char_indices().nth(head).map_or(text.len(), |(at, _)| at);
    let tail_start = if tail == 0 {
        text.len()
    } else {
        text.char_indices().rev().nth(tail - 1).map_or(0, |(at, _)| at)
    };
    let cut = thousands(chars - limit);
    format!(
        "{}\n… [{cut} characters cut] …\n{}",
        &text[..head_end],
        &text[tail_start..]
    )
}

/// `text` on one line, at most about `limit` characters.
pub fn one_line(text: &str, limit: usize) -> String {
    let end = text.char_indices().nth(limit).map_or(text.len(), |(at, _)| at);
    let mut line: String = text[..end].split_whitespace().collect::<Vec<_>>().join(" ");
    if end < text.len() {
        line.push('…');
    }
    line
}

/// `text` in a fence that nothing in it can close.
pub(super) fn fenced(text: &str, info: &str) -> String {
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    let end = if text.ends_with('\n') { "" } else { "\n" };
    format!("{fence}{info}\n{text}{end}{fence}")
}

/// `text`, which is one line, as inline code that nothing in it can close.
pub(super) fn inline_code(text: &str) -> String {
    let ticks = "`".repeat(longest_run(text) + 1);
    let space = if text.starts_with('`') || text.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{ticks}{space}{text}{space}{ticks}")
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}
