//! The findings, for programs and for people.

use serde_json::{Value, json};

use super::{
    finding::{Area, Finding, Level, Weight},
    settings::BY_DEFAULT,
};
use crate::cli::ui::{Tint, Ui};

/// Columns of a line on a terminal, if words allow.
const WIDTH: usize = 100;
/// Longest name that the others are lined up with.
const MAX_NAME: usize = 20;

/// `{"ok", "findings"}`
pub(super) fn record(findings: &[Finding]) -> Value {
    let mut sorted: Vec<&Finding> = findings.iter().collect();
    sorted.sort_by_key(|finding| finding.area);
    let ok = findings.iter().all(|finding| finding.level != Level::Problem);
    json!({ "ok": ok, "findings": sorted })
}

/// A paragraph for each area, and a last line.
pub(super) fn text(ui: &Ui, findings: &[Finding]) -> Vec<(Tint, String)> {
    let page = Page {
        marks: if ui.is_colourful() { MARKS } else { WORDS },
        name: findings
            .iter()
            .filter(|finding| finding.weight == Weight::Line)
            .map(|finding| finding.name.chars().count())
            .filter(|length| *length <= MAX_NAME)
            .max()
            .unwrap_or_default(),
        width: if ui.is_colourful() { WIDTH } else { usize::MAX },
    };
    let mut areas: Vec<Area> = findings.iter().map(|finding| finding.area).collect();
    areas.sort_unstable();
    areas.dedup();
    let mut pieces = Vec::new();
    for area in areas {
        pieces.push((Tint::Strong, area.title().to_owned()));
        pieces.push((Tint::Plain, "\n".to_owned()));
        let of_area = || findings.iter().filter(|finding| finding.area == area);
        for finding in of_area().filter(|finding| finding.weight == Weight::Line) {
            page.finding(finding, &mut pieces);
        }
        let defaults: Vec<String> = of_area()
            .filter(|finding| finding.weight == Weight::Word)
            .map(|finding| {
                let value = finding.message.strip_suffix(BY_DEFAULT).unwrap_or(&finding.message);
                format!("{} {value}", finding.name)
            })
            .collect();
        if !defaults.is_empty() {
            page.finding(&Finding::ok(area, "by default", defaults.join(", ")), &mut pieces);
        }
        pieces.push((Tint::Plain, "\n".to_owned()));
    }
    pieces.push(last_line(findings));
    pieces
}

/// What stands before a finding of each level.
type Marks = [(&'static str, Tint); 3];
const MARKS: Marks = [("✓", Tint::Good), ("!", Tint::Warning), ("✗", Tint::Bad)];
const WORDS: Marks = [
    ("ok     ", Tint::Good),
    ("warning", Tint::Warning),
    ("problem", Tint::Bad),
];

struct Page {
    marks: Marks,
    /// Columns of a name.
    name: usize,
    /// Columns of a line.
    width: usize,
}

impl Page {
    fn finding(&self, finding: &Finding, pieces: &mut Vec<(Tint, String)>) {
        let (mark, tint) = match finding.level {
            Level::Ok => self.marks[0],
            Level::Warning => self.marks[1],
            Level::Problem => self.marks[2],
        };
        let indent = 2 + mark.chars().count() + 1 + self.name + 2;
        pieces.push((Tint::Plain, "  ".to_owned()));
        pieces.push((tint, mark.to_owned()));
        pieces.push((Tint::Plain, format!(" {:width$}  ", finding.name, width = self.name)));
        pieces.push((Tint::Plain, self.lines(&finding.message, indent, indent)));
        if let Some(time) = finding.duration_ms {
            let time = match time {
                0..1000 => format!(" ({time} ms)"),
                _ => format!(" ({}.{} s)", time / 1000, time % 1000 / 100),
            };
            pieces.push((Tint::Faint, time));
        }
        if let Some(fix) = &finding.fix {
            let label = "fix: ";
            pieces.push((Tint::Plain, format!("\n{:indent$}", "")));
            pieces.push((tint, label.to_owned()));
            let inner = indent + label.len();
            pieces.push((Tint::Plain, self.lines(fix, inner, inner)));
        }
        pieces.push((Tint::Plain, "\n".to_owned()));
    }

    /// The text with its lines broken between words and indented, but for the first.
    fn lines(&self, text: &str, mut column: usize, indent: usize) -> String {
        let mut out = String::new();
        for (at, line) in text.lines().enumerate() {
            if at > 0 {
                out.push_str(&format!("\n{:indent$}", ""));
                column = indent;
            }
            for (at, word) in line.split(' ').enumerate() {
                let length = word.chars().count();
                if at > 0 && column + 1 + length > self.width {
                    out.push_str(&format!("\n{:indent$}", ""));
                    column = indent;
                } else if at > 0 {
                    out.push(' ');
                    column += 1;
                }
                out.push_str(word);
                column += length;
            }
        }
        out
    }
}

fn last_line(findings: &[Finding]) -> (Tint, String) {
    let count = |level| findings.iter().filter(|finding| finding.level == level).count();
    let plural = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
    let (problems, warnings) = (count(Level::Problem), count(Level::Warning));
    let (tint, text) = match (problems, warnings) {
        (0, 0) => (Tint::Good, "all is well".to_owned()),
        (0, n) => (Tint::Warning, format!("no problems, {}", plural(n, "warning"))),
        (n, 0) => (Tint::Bad, plural(n, "problem")),
        (n, m) => (Tint::Bad, format!("{}, {}", plural(n, "problem"), plural(m, "warning"))),
    };
    (tint, text + "\n")
}
