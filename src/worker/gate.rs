//! Reads a script before it runs and refuses what is certain to fail.
//!
//! It is help for the model, not the wall: the wall is the confined process.
//!
//! - Nothing of the script has run when a finding is made.
//! - What is uncertain runs.

mod calls;
mod imports;
mod inspect;
mod meaning;
mod names;
mod scopes;
mod syntax;

use ruff_python_parser::parse_module;
use ruff_source_file::LineIndex;
use ruff_text_size::TextSize;

pub use self::inspect::{Inspection, inspect};
use crate::wire::{Code, Diagnostics, GateLimits, Interface, Namespace};

/// Further findings that are listed with the first.
const FURTHER: usize = 5;

/// Checks a script.
///
/// `globals` are names that earlier scripts or inputs have bound; a namespace under its own name
/// should not be among them, or calls to it go unchecked.
///
/// # Errors
/// The first finding by line, with up to five more in its message.
pub fn check(source: &str, limits: &GateLimits, interface: &Interface, globals: &[String]) -> Result<(), Diagnostics> {
    let source = text(source);
    length(source, limits)?;
    syntax::check(source)?;
    let Ok(parsed) = parse_module(source) else {
        // the compiler has just parsed the same text
        return Ok(());
    };
    let servers = Servers(&interface.servers);
    let known: Vec<&str> = interface.servers.iter().map(|server| server.name.as_str()).collect();
    let names = scopes::Names::of(parsed.suite(), &known, globals);
    let mut findings = imports::check(&names, servers);
    findings.extend(names::check(&names, servers));
    findings.extend(calls::check(&names, servers));
    report(findings, source)
}

/// One thing that is wrong with a script.
struct Finding {
    at: TextSize,
    rule: &'static str,
    message: String,
    hint: String,
}

impl Finding {
    fn new(at: TextSize, rule: &'static str, message: String, hint: String) -> Self {
        Self {
            at,
            rule,
            message,
            hint,
        }
    }
}

/// The servers of a session.
#[derive(Clone, Copy)]
struct Servers<'a>(&'a [Namespace]);

impl<'a> Servers<'a> {
    fn get(self, name: &str) -> Option<&'a Namespace> {
        self.0.iter().find(|server| server.name == name)
    }
}

fn length(source: &str, limits: &GateLimits) -> Result<(), Diagnostics> {
    let too_long = |what: &str, found: usize, limit: usize| Diagnostics {
        code: Code::PolicyViolation,
        rule: Some("length".to_owned()),
        message: format!("the script has {found} {what}, {limit} are allowed"),
        line: None,
        hint: Some("split the work over several scripts: variables stay".to_owned()),
    };
    let (chars, lines) = (source.chars().count(), lines(source).count());
    match (limits.chars, limits.lines) {
        (Some(limit), _) if chars > limit => Err(too_long("characters", chars, limit)),
        (_, Some(limit)) if lines > limit => Err(too_long("lines", lines, limit)),
        _ => Ok(()),
    }
}

fn report(mut findings: Vec<Finding>, source: &str) -> Result<(), Diagnostics> {
    findings.sort_by_key(|finding| finding.at);
    let index = LineIndex::from_source_text(source);
    let line = |finding: &Finding| index.line_index(finding.at).get();
    let mut findings = findings.into_iter();
    let Some(first) = findings.next() else {
        return Ok(());
    };
    let mut message = first.message.clone();
    for further in findings.by_ref().take(FURTHER) {
        message.push_str(&format!("\nline {}: {}", line(&further), further.message));
    }
    match findings.count() {
        0 => {}
        more => message.push_str(&format!("\nand {more} more")),
    }
    Err(Diagnostics {
        code: Code::PolicyViolation,
        rule: Some(first.rule.to_owned()),
        line: u32::try_from(line(&first)).ok(),
        hint: Some(first.hint),
        message,
    })
}

/// A script without the byte order mark that a file may begin with.
fn text(source: &str) -> &str {
    source.strip_prefix('\u{feff}').unwrap_or(source)
}

/// Lines as Python counts them: `\n`, `\r\n` and `\r` end one.
fn lines(source: &str) -> impl Iterator<Item = &str> {
    let last = source.strip_suffix('\n').unwrap_or(source);
    let last = last.strip_suffix('\r').unwrap_or(last);
    let mut rest = (!source.is_empty()).then_some(last);
    std::iter::from_fn(move || {
        let text = rest?;
        let Some(end) = text.find(['\n', '\r']) else {
            rest = None;
            return Some(text);
        };
        let after = if text[end..].starts_with("\r\n") {
            end + 2
        } else {
            end + 1
        };
        rest = Some(&text[after..]);
        Some(&text[..end])
    })
}

/// `a`, `b` and so on, in backticks, at most twenty.
fn listed(names: &[&str]) -> String {
    let shown: Vec<String> = names.iter().take(20).map(|name| format!("`{name}`")).collect();
    let more = if names.len() > shown.len() {
        format!(" and {} more", names.len() - shown.len())
    } else {
        String::new()
    };
    format!("{}{more}", shown.join(", "))
}

/// The candidate nearest to `name` by edit distance, if it is near at all.
fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |text: &str| {
        text.chars()
            .filter(|c| *c != '_')
            .flat_map(char::to_lowercase)
            .take(64)
            .collect::<Vec<_>>()
    };
    let wanted = plain(name);
    candidates
        .map(|candidate| {
            let other = plain(candidate);
            (distance(&wanted, &other), other.len().max(wanted.len()), candidate)
        })
        .filter(|(distance, length, _)| distance * 2 < *length)
        .min_by_key(|(distance, _, _)| *distance)
        .map(|(_, _, candidate)| candidate)
}

fn distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
