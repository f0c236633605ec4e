//! What a program says of its task: a template, with the inputs as variables.
//!
//! - Only `if` and `for`, and filters that make nothing large: work and result are bounded, whoever wrote it.

use std::{
    collections::BTreeSet,
    fmt,
    io::{self, Write},
};

use minijinja::{Environment, UndefinedBehavior, filters};
use serde_json::{Map, Value};

/// The only template of its environment.
const NAME: &str = "instructions";
/// Longest template, in bytes.
const MAX_SOURCE: usize = 64 << 10;
/// Bytes of what comes out.
const MAX_TEXT: usize = 256 << 10;
/// Steps of a rendering.
const FUEL: u64 = 100_000;
/// Blocks of a template.
const MAX_BLOCKS: usize = 500;
/// Words that may begin a block.
const BLOCKS: [&str; 6] = ["if", "elif", "else", "endif", "for", "endfor"];

/// A template that parses.
#[derive(Debug, Clone)]
pub struct Instructions(Environment<'static>);

/// What is wrong with a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateFault {
    /// Where, in bytes.
    pub at: usize,
    /// What.
    pub message: String,
}

impl Instructions {
    /// Parses a template.
    ///
    /// # Errors
    /// The first fault.
    pub fn parse(source: &str) -> Result<Self, TemplateFault> {
        permitted(source)?;
        let mut environment = Environment::empty();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_debug(true);
        environment.set_fuel(Some(FUEL));
        environment.add_filter("default", filters::default);
        environment.add_filter("first", filters::first);
        environment.add_filter("join", filters::join);
        environment.add_filter("last", filters::last);
        environment.add_filter("length", filters::length);
        environment.add_filter("lower", filters::lower);
        environment.add_filter("sort", filters::sort);
        environment.add_filter("tojson", filters::tojson);
        environment.add_filter("trim", filters::trim);
        environment.add_filter("upper", filters::upper);
        environment
            .add_template_owned(NAME, source.to_owned())
            .map_err(|error| fault(source, &error))?;
        Ok(Self(environment))
    }

    /// Names that it wants to be given.
    pub fn variables(&self) -> BTreeSet<String> {
        let template = self.0.get_template(NAME).expect("it was added when this was made");
        template.undeclared_variables(false).into_iter().collect()
    }

    /// With these values.
    ///
    /// # Errors
    /// A value that is missing, or with which it cannot do what it says; a text that is too long.
    pub fn render(&self, values: &Map<String, Value>) -> Result<String, TemplateFault> {
        let template = self.0.get_template(NAME).expect("it was added when this was made");
        let mut text = Bounded(Vec::new());
        let rendered = template
            .render_captured_to(minijinja::value::Serde(values), &mut text)
            .map(drop);
        if text.0.len() > MAX_TEXT {
            let most = MAX_TEXT >> 10;
            let message = format!(
                "with the inputs in them they are longer than {most} KiB: name a long input instead of putting it into \
                 the text, for scripts find it as a variable"
            );
            return Err(TemplateFault { at: 0, message });
        }
        rendered.map_err(|error| fault(template.source(), &error))?;
        Ok(String::from_utf8_lossy(&text.0).trim().to_owned())
    }
}

/// Takes no more than it may.
struct Bounded(Vec<u8>);

impl Write for Bounded {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let room = (MAX_TEXT + 1).saturating_sub(self.0.len());
        self.0.extend_from_slice(&buf[..buf.len().min(room)]);
        if buf.len() > room {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(buf.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Whether a template has only what takes bounded work.
fn permitted(source: &str) -> Result<(), TemplateFault> {
    let fault = |at, message: String| Err(TemplateFault { at, message });
    if source.len() > MAX_SOURCE {
        return fault(0, format!("the instructions are longer than {} KiB", MAX_SOURCE >> 10));
    }
    let mut blocks = 0;
    for (at, _) in source.match_indices("{%") {
        blocks += 1;
        if blocks > MAX_BLOCKS {
            return fault(at, format!("there are more than {MAX_BLOCKS} blocks"));
        }
        let inside = source[at + 2..].trim_start_matches(['-', '+', ' ', '\t', '\r', '\n']);
        let end = inside
            .find(|c: char| !c.is_alphanumeric() && c != '_')
            .unwrap_or(inside.len());
        if !BLOCKS.contains(&&inside[..end]) {
            return fault(
                at,
                format!("`{{% {} %}}`: instructions have only `if` and `for`", &inside[..end]),
            );
        }
    }
    for (at, _) in source.match_indices("{{") {
        let inside = source[at..].split("}}").next().unwrap_or_default();
        if let Some(times) = inside.find('*') {
            return fault(at + times, "instructions do not multiply".to_owned());
        }
    }
    Ok(())
}

fn fault(source: &str, error: &minijinja::Error) -> TemplateFault {
    let kind = error.kind();
    let line = error.line().unwrap_or(1);
    let start = source.split_inclusive('\n').take(line - 1).map(str::len).sum();
    TemplateFault {
        at: error.range().map_or(start, |range| range.start),
        message: error
            .detail()
            .map_or_else(|| kind.to_string(), |detail| format!("{kind}: {detail}")),
    }
}

impl fmt::Display for TemplateFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the instructions cannot be rendered: {}", self.message)
    }
}
