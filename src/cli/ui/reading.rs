//! Reads a reply while it is written, and gives the lines that can be shown of it by now. Pure.
//!
//! - The same lines come out however the reply was cut into pieces.
//! - Thoughts are counted, and no line.

use super::{Colour, clean::clean, highlight, paint, width::wrap};

/// Widest prose, in columns.
const MAX_PROSE: usize = 100;

/// A reply, as far as it has come.
pub(super) struct Reading {
    colour: Colour,
    /// What is not yet shown.
    pending: String,
    place: Place,
    /// What is pending goes on in a line of prose of which something was shown.
    mid_line: bool,
    /// An empty line is due before the next prose.
    gap: bool,
    /// Something of it was shown.
    pub(super) shown: bool,
    /// Code of it was shown.
    pub(super) code_shown: bool,
    code: Option<highlight::Lines>,
    /// Characters of thoughts.
    pub(super) thought: usize,
    /// Characters in all, thoughts that came apart left out.
    pub(super) written: usize,
}

/// Where in a reply the pending text stands.
enum Place {
    Prose,
    Thought,
    /// In a block that this many of this character opened.
    Code(char, usize),
}

impl Reading {
    pub(super) fn new(colour: Colour) -> Self {
        Self {
            colour,
            pending: String::new(),
            place: Place::Prose,
            mid_line: false,
            gap: false,
            shown: false,
            code_shown: false,
            code: None,
            thought: 0,
            written: 0,
        }
    }

    /// Whether it is in the middle of a thought.
    pub(super) fn thinks(&self) -> bool {
        matches!(self.place, Place::Thought)
    }

    /// Reads on.
    pub(super) fn text(&mut self, text: &str, width: usize, out: &mut Vec<String>) {
        self.written += text.chars().count();
        self.pending.push_str(text);
        while self.advance(width, out) {}
    }

    /// Takes the next line, or the next part of a long one; false if more text is needed.
    fn advance(&mut self, width: usize, out: &mut Vec<String>) -> bool {
        if matches!(self.place, Place::Thought) {
            return self.advance_thought();
        }
        match (self.pending.find('\n'), &self.place) {
            (Some(end), _) => {
                let line: String = self.pending.drain(..=end).collect();
                self.line(line.trim_end_matches(['\n', '\r']), width, out);
                self.mid_line = false;
                true
            }
            (None, Place::Prose) => self.part_of_prose(width, out),
            (None, _) => false,
        }
    }

    fn advance_thought(&mut self) -> bool {
        const END: &str = "</think>";
        if let Some(at) = self.pending.find(END) {
            self.thought += self.pending[..at].chars().count();
            self.pending.drain(..at + END.len());
            self.place = Place::Prose;
            return true;
        }
        // the end of it may be the beginning of the mark
        let keep = self
            .pending
            .floor_char_boundary(self.pending.len().saturating_sub(END.len() - 1));
        self.thought += self.pending[..keep].chars().count();
        self.pending.drain(..keep);
        false
    }

    /// Shows the beginning of a line that is wider than the screen.
    fn part_of_prose(&mut self, width: usize, out: &mut Vec<String>) -> bool {
        let may_be_fence = !self.mid_line && self.pending.trim_start().starts_with(['`', '~']);
        if may_be_fence || self.pending.contains('<') {
            return false;
        }
        let mut rows = wrap(&clean(&self.pending), prose_room(width));
        let Some(mut last) = rows.pop().filter(|_| !rows.is_empty()) else {
            return false;
        };
        for row in rows {
            self.prose(&row, out);
        }
        if self.pending.ends_with(char::is_whitespace) {
            last.push(' ');
        }
        self.pending = last;
        self.mid_line = true;
        false
    }

    /// A whole line of a reply, or what is left of it.
    fn line(&mut self, line: &str, width: usize, out: &mut Vec<String>) {
        match self.place {
            Place::Code(mark, count) => {
                let bare = line.trim();
                if bare.chars().count() >= count && bare.chars().all(|c| c == mark) {
                    self.place = Place::Prose;
                    self.gap = true;
                } else {
                    self.code_line(line, out);
                }
            }
            Place::Prose | Place::Thought => self.prose_line(line, width, out),
        }
    }

    fn prose_line(&mut self, line: &str, width: usize, out: &mut Vec<String>) {
        const BEGIN: &str = "<think>";
        if !self.mid_line
            && let Some((mark, count, info)) = fence(line)
        {
            self.place = Place::Code(mark, count);
            let python = info.is_empty() || info.to_ascii_lowercase().starts_with("py");
            self.code = (python && self.colour == Colour::On).then(highlight::Lines::python);
            return;
        }
        if let Some(at) = line.find(BEGIN).filter(|at| !line[..*at].ends_with('`')) {
            self.wrapped(&line[..at], width, out);
            self.place = Place::Thought;
            self.pending.insert_str(0, &format!("{}\n", &line[at + BEGIN.len()..]));
            return;
        }
        self.wrapped(&line.replace("</think>", ""), width, out);
    }

    fn wrapped(&mut self, text: &str, width: usize, out: &mut Vec<String>) {
        let text = clean(text);
        if text.trim().is_empty() {
            self.gap |= self.shown;
            return;
        }
        for row in wrap(&text, prose_room(width)) {
            self.prose(&row, out);
        }
    }

    fn prose(&mut self, row: &str, out: &mut Vec<String>) {
        if std::mem::take(&mut self.gap) {
            out.push(String::new());
        }
        self.shown = true;
        out.push(format!("  {row}"));
    }

    fn code_line(&mut self, line: &str, out: &mut Vec<String>) {
        if std::mem::take(&mut self.gap) {
            out.push(String::new());
        }
        let line = clean(line).replace('\t', "    ");
        let text = match &mut self.code {
            Some(code) => code.line(line.trim_end()),
            None => line.trim_end().to_owned(),
        };
        self.shown = true;
        self.code_shown = true;
        out.push(match text.as_str() {
            "" => paint(self.colour, "2", "  │"),
            text => format!("{}{text}", paint(self.colour, "2", "  │ ")),
        });
    }

    /// A script that no reply has shown.
    pub(super) fn whole(&mut self, source: &str, out: &mut Vec<String>) {
        self.code = (self.colour == Colour::On).then(highlight::Lines::python);
        for line in source.trim_end().lines() {
            self.code_line(line, out);
        }
    }

    /// The rest of a reply that has ended.
    pub(super) fn flush(&mut self, width: usize, out: &mut Vec<String>) {
        while self.advance(width, out) {}
        let rest = std::mem::take(&mut self.pending);
        if !rest.is_empty() && !matches!(self.place, Place::Thought) {
            self.line(&rest, width, out);
        }
        self.pending.clear();
        self.place = Place::Prose;
        self.mid_line = false;
        self.gap = false;
    }
}

/// Columns for prose on a terminal of `width`.
pub(super) fn prose_room(width: usize) -> usize {
    width.min(MAX_PROSE).saturating_sub(2).max(8)
}

/// The mark, how often it stands there, and what stands behind an opening fence.
fn fence(line: &str) -> Option<(char, usize, &str)> {
    let line = line.trim();
    let mark = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let count = line.chars().take_while(|c| *c == mark).count();
    let info = line[count..].trim();
    (count >= 3 && !info.contains(mark)).then_some((mark, count, info))
}
