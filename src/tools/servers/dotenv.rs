//! Reads a file of variables (`.env`) into a list, never into the process environment.
//!
//! - A `$` in a value has no meaning: whoever writes such a file cannot quote the real environment.
//! - An error names the line and never shows what stands in it.

use std::{
    cell::Cell,
    io::{self, Read},
};

/// One variable of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
    /// From 1: the line in which it begins.
    pub line: usize,
}

/// Stands in for `$` while `dotenvy` reads; a file that holds it is refused.
const DOLLAR: char = '\0';

/// All variables, in order.
///
/// # Errors
/// The line, from 1, and what is wrong with it.
pub fn parse(text: &str) -> Result<Vec<Variable>, (usize, &'static str)> {
    let text = text.trim_start_matches('\u{feff}');
    if let Some(at) = text.find(DOLLAR) {
        return Err((text[..at].matches('\n').count() + 1, "a NUL character"));
    }
    // without the last line feed dotenvy takes a blank at the end of the file for an open value
    let text = without_substitution(text) + "\n";
    let read = Cell::new(0);
    let mut entries = Vec::new();
    let mut start = 0;
    for item in dotenvy::from_read_iter(LineByLine {
        rest: text.as_bytes(),
        read: &read,
    }) {
        match item {
            Ok((name, value)) => {
                let line = first_line(&text, start, read.get(), &name);
                start = read.get();
                entries.push(Variable {
                    name,
                    value: value.replace(DOLLAR, "$"),
                    line,
                });
            }
            Err(dotenvy::Error::LineParse(unread, _)) => {
                let line = (read.get() + 1).saturating_sub(unread.lines().count().max(1));
                return Err((line.max(1), "not `NAME=value`, or a quote that is not closed"));
            }
            Err(_) => return Err((read.get().max(1), "not readable")),
        }
    }
    Ok(entries)
}

/// `dotenvy` would put variables of the real environment in place of `$NAME`.
fn without_substitution(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 1);
    let mut escaped = false;
    for c in text.chars() {
        safe.push(if c == '$' && !escaped { DOLLAR } else { c });
        escaped = c == '\\' && !escaped;
    }
    safe
}

/// The line, counted from 1, in which the variable begins that ends in line `end`.
fn first_line(text: &str, start: usize, end: usize, name: &str) -> usize {
    let lines = text.lines().enumerate().skip(start).take(end.saturating_sub(start));
    lines
        .filter(|(_, line)| {
            let line = line.trim_start();
            line.strip_prefix("export")
                .map_or(line, str::trim_start)
                .starts_with(name)
                || line.starts_with(name)
        })
        .map(|(index, _)| index + 1)
        .next()
        .unwrap_or(end)
}

/// Hands out one line at a time, so that the lines read can be counted.
struct LineByLine<'a> {
    rest: &'a [u8],
    read: &'a Cell<usize>,
}

impl Read for LineByLine<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let line = self
            .rest
            .iter()
            .position(|b| *b == b'\n')
            .map_or(self.rest.len(), |at| at + 1);
        let n = line.min(buffer.len());
        buffer[..n].copy_from_slice(&self.rest[..n]);
        self.rest = &self.rest[n..];
        if n > 0 && buffer[n - 1] == b'\n' {
            self.read.set(self.read.get() + 1);
        }
        Ok(n)
    }
}
