//! Takes a model's Markdown apart into text and code blocks, and drops its thoughts.
//!
//! CommonMark's fences, more leniently, since models close them where a string of the script
//! holds fences itself, indent them, and stop in the middle.
//!
//! - A tag of thinking counts only outside of code blocks, so a script may name one.

/// A piece of a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    /// Lines outside of code blocks.
    Text(String),
    /// A code block.
    Block(Block),
}

/// A fenced code block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Block {
    /// What stands behind the opening fence, trimmed.
    pub(crate) info: String,
    /// Its lines, the indentation of its fence removed; ends in `\n`.
    pub(crate) code: String,
    /// As it came, fences included.
    raw: String,
}

impl Part {
    /// As it came, with `\n` at the ends of lines.
    pub(crate) fn raw(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Block(block) => &block.raw,
        }
    }
}

/// A reply's text without thoughts.
pub(super) fn visible(text: &str) -> String {
    let raw: String = parts(text).iter().map(Part::raw).collect();
    raw.trim().to_owned()
}

/// Takes a reply apart.
pub(crate) fn parts(reply: &str) -> Vec<Part> {
    let reply = reply.replace("\r\n", "\n");
    let mut parts = Vec::new();
    let mut rest = reply.as_str();
    let mut thought_ended = false;
    let last_close = reply.rfind(CLOSE).map_or(0, |at| at + CLOSE.len());
    while !rest.is_empty() {
        let (line, after) = split_line(rest);
        if let Some(fence) = Fence::opening(line) {
            let (block, end) = block(fence, line, after);
            if !thought_ended && let Some(at) = lone_end(&block.raw) {
                // a thought that opened a block and never closed it
                parts.clear();
                thought_ended = true;
                rest = &rest[at..];
                continue;
            }
            parts.push(Part::Block(block));
            rest = &after[end..];
            continue;
        }
        match Tag::first(line, rest, last_close.saturating_sub(reply.len() - rest.len())) {
            Some(Tag::Thought { start, end }) => {
                push_text(&mut parts, &rest[..start]);
                thought_ended = true;
                rest = &rest[end..];
            }
            Some(Tag::LoneEnd { end }) if !thought_ended => {
                parts.clear();
                thought_ended = true;
                rest = &rest[end..];
            }
            _ => {
                push_text(&mut parts, line);
                rest = after;
            }
        }
    }
    parts
}

const OPEN: &str = "<think>";
const CLOSE: &str = "</think>";

/// A mark of thinking in a line outside of code blocks; offsets are from the line's start.
enum Tag {
    /// From `start` to `end`.
    Thought { start: usize, end: usize },
    /// The end of a thought whose beginning was not sent.
    LoneEnd { end: usize },
}

impl Tag {
    /// The first in `line`, which begins `rest`; no closing tag ends behind `reach`.
    fn first(line: &str, rest: &str, reach: usize) -> Option<Self> {
        let open = find_tag(line, OPEN);
        let close = find_tag(line, CLOSE);
        if let Some(end) = close
            && open.is_none_or(|start| end < start)
        {
            return Some(Self::LoneEnd { end: end + CLOSE.len() });
        }
        let start = open?;
        match rest.get(start..reach).and_then(|thought| thought.find(CLOSE)) {
            Some(end) => Some(Self::Thought {
                start,
                end: start + end + CLOSE.len(),
            }),
            // a reply cut inside its thought; in the middle of a line it is only a word
            None if line[..start].trim().is_empty() => Some(Self::Thought { start, end: rest.len() }),
            None => None,
        }
    }
}

/// Where a tag stands that is not quoted as `` `<think>` ``.
fn find_tag(line: &str, tag: &str) -> Option<usize> {
    line.match_indices(tag)
        .map(|(at, _)| at)
        .find(|&at| !line[..at].ends_with('`'))
}

/// The offset behind a line of a block that is `</think>` and nothing else.
fn lone_end(raw: &str) -> Option<usize> {
    let mut at = 0;
    for line in raw.split_inclusive('\n') {
        at += line.len();
        if line.trim() == CLOSE {
            return Some(at);
        }
    }
    None
}

fn push_text(parts: &mut Vec<Part>, text: &str) {
    match parts.last_mut() {
        Some(Part::Text(before)) => before.push_str(text),
        _ => parts.push(Part::Text(text.to_owned())),
    }
}

/// The first line with its `\n`, and what follows.
fn split_line(text: &str) -> (&str, &str) {
    text.split_at(text.find('\n').map_or(text.len(), |at| at + 1))
}

/// The line that opens a block.
#[derive(Clone, Copy)]
struct Fence<'a> {
    mark: char,
    length: usize,
    indent: usize,
    info: &'a str,
}

impl<'a> Fence<'a> {
    fn opening(line: &'a str) -> Option<Self> {
        let trimmed = line.trim_start();
        let mark = trimmed.chars().next().filter(|c| matches!(c, '`' | '~'))?;
        let info = trimmed.trim_start_matches(mark);
        let length = trimmed.len() - info.len();
        let inline = mark == '`' && info.contains('`');
        (length >= 3 && !inline).then(|| Self {
            mark,
            length,
            indent: line.len() - trimmed.len(),
            info: info.trim(),
        })
    }

    fn closes(&self, line: &str) -> bool {
        let line = line.trim();
        line.len() >= self.length && line.chars().all(|c| c == self.mark)
    }

    /// A line of the block without as much of its indentation as the fence has.
    fn unindent<'b>(&self, line: &'b str) -> &'b str {
        let blank = line.len() - line.trim_start_matches([' ', '\t']).len();
        &line[blank.min(self.indent)..]
    }
}

/// The block that `fence` opens, and where it ends in `body`.
fn block(fence: Fence<'_>, opening: &str, body: &str) -> (Block, usize) {
    let mut code = String::new();
    let mut string = Quote::None;
    let mut first_end = None;
    let mut at = 0;
    for line in body.split_inclusive('\n') {
        if fence.closes(line) {
            let end = Some((code.len(), at + line.len()));
            if string == Quote::None {
                return finish(fence, opening, body, &code, end);
            }
            // inside a string of three quotes: the end only if no better one follows
            first_end = first_end.or(end);
        }
        let content = fence.unindent(line);
        string = string.after(content);
        code.push_str(content);
        at += line.len();
    }
    finish(fence, opening, body, &code, first_end)
}

/// `end`: how much of `code` counts, and where the block ends in `body`; none if it is not closed.
fn finish(fence: Fence<'_>, opening: &str, body: &str, code: &str, end: Option<(usize, usize)>) -> (Block, usize) {
    let (code, end) = match end {
        Some((length, end)) => (&code[..length], end),
        None => {
            // a fence that closes at the end of the last line of code
            let cut = code.trim_end();
            let close = fence.mark.to_string().repeat(fence.length);
            (cut.strip_suffix(close.as_str()).unwrap_or(code), body.len())
        }
    };
    let mut code = code.to_owned();
    if !code.ends_with('\n') {
        code.push('\n');
    }
    (
        Block {
            info: fence.info.to_owned(),
            code,
            raw: format!("{opening}{}", &body[..end]),
        },
        end,
    )
}

/// Which of Python's strings of three quotes is open at the end of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quote {
    None,
    Single,
    Double,
}

impl Quote {
    fn after(self, line: &str) -> Self {
        let mut open = self;
        let mut rest = line;
        while let Some(c) = rest.chars().next() {
            let step = match open {
                Self::None if c == '#' => return open,
                Self::None if rest.starts_with("'''") => {
                    open = Self::Single;
                    3
                }
                Self::None if rest.starts_with("\"\"\"") => {
                    open = Self::Double;
                    3
                }
                Self::None if c == '\'' || c == '"' => short_string(rest, c),
                Self::Single if rest.starts_with("'''") => {
                    open = Self::None;
                    3
                }
                Self::Double if rest.starts_with("\"\"\"") => {
                    open = Self::None;
                    3
                }
                _ if c == '\\' => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
                _ => c.len_utf8(),
            };
            rest = &rest[step..];
        }
        open
    }
}

/// Length of a string of one quote, which ends with its line at the latest.
fn short_string(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    text.len()
}
