//! Whether what was typed goes on in another line. Pure.
//!
//! - It looks at brackets, strings and indentation only; what is wrong in another way is complete, and
//!   Python then says what is wrong with it.

/// Whether more lines belong to `typed`, a task or Python behind `!`.
pub fn goes_on(typed: &str) -> bool {
    if ends_in_backslash(typed) {
        return true;
    }
    typed.trim_start().strip_prefix('!').is_some_and(python_goes_on)
}

/// An odd number of backslashes ends it; two are a backslash.
pub(super) fn ends_in_backslash(text: &str) -> bool {
    text.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1
}

fn python_goes_on(code: &str) -> bool {
    let scan = Scan::of(code);
    if scan.depth > 0 || scan.in_long_string {
        return true;
    }
    // a block goes on until an empty line ends it, as at Python's own prompt
    let last = code.rsplit('\n').next().unwrap_or_default();
    let indented = code.contains('\n') && last.starts_with([' ', '\t']) && !last.trim().is_empty();
    indented || scan.opens_block
}

/// What is open at the end of a piece of Python.
#[derive(Debug, Default)]
struct Scan {
    /// Brackets that are not closed.
    depth: usize,
    /// A string in three quotes is not closed.
    in_long_string: bool,
    /// The last line that has code ends in a colon.
    opens_block: bool,
}

impl Scan {
    fn of(code: &str) -> Self {
        let mut scan = Self::default();
        let bytes = code.as_bytes();
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            at += 1;
            match byte {
                b'#' => at += bytes[at..].iter().take_while(|byte| **byte != b'\n').count(),
                b'"' | b'\'' => {
                    let (end, closed) = string_end(bytes, at - 1);
                    at = end;
                    scan.in_long_string = !closed;
                    scan.opens_block = false;
                }
                b'(' | b'[' | b'{' => {
                    scan.depth += 1;
                    scan.opens_block = false;
                }
                b')' | b']' | b'}' => {
                    scan.depth = scan.depth.saturating_sub(1);
                    scan.opens_block = false;
                }
                b':' => scan.opens_block = scan.depth == 0,
                // an empty line ends a block
                b'\n' if bytes.get(at).is_some_and(|next| *next == b'\n') || at == bytes.len() => {
                    scan.opens_block = false;
                }
                byte if byte.is_ascii_whitespace() => {}
                _ => scan.opens_block = false,
            }
        }
        scan
    }
}

/// Behind the string that begins at `start`, and whether a string in three quotes was closed.
/// One in single quotes ends with its line, in which case Python will complain.
fn string_end(bytes: &[u8], start: usize) -> (usize, bool) {
    let quote = bytes[start];
    let long = bytes[start..].starts_with(&[quote; 3]);
    let mut at = start + if long { 3 } else { 1 };
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 1,
            b'\n' if !long => return (at, true),
            byte if byte == quote && !long => return (at + 1, true),
            byte if byte == quote && bytes[at..].starts_with(&[quote; 3]) => return (at + 3, true),
            _ => {}
        }
        at += 1;
    }
    (bytes.len(), !long)
}
