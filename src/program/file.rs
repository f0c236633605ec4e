//! A program's file: front matter between lines of `---`, and instructions below.

use serde_json::Value;
use serde_saphyr::{Location, Spanned};

use super::{
    Placed, Program, Setting,
    front::{Front, Present, Shown},
};
use crate::{
    agent::{
        demonstration::{Demonstrated, Demonstration},
        prompt::Instructions,
        task::{Input, InputValue},
    },
    signature::{Signature, SyntaxError, fault},
};

const FENCE: &str = "---";
/// Longest file, in bytes.
pub const MAX_FILE: u64 = 4 << 20;

/// Reads a program.
///
/// # Errors
/// The first fault, with its place.
pub fn read(text: &str) -> Result<Program, SyntaxError> {
    let file = File::split(text)?;
    let front = file.front()?;
    let mut program = match &front.signature {
        Some(signature) => file.signature(signature)?,
        None => Program::default(),
    };
    program.instructions = file.instructions(&program)?;
    program.servers = front
        .servers
        .map(|all| all.iter().map(|one| file.placed(one, &one.value)).collect());
    program.tools = front
        .tools
        .map(|all| all.iter().map(|one| file.placed(one, &one.value)).collect());
    let named = [
        ("model", front.model),
        ("sub-model", front.sub_model),
        ("module", front.module),
    ];
    let named = named
        .into_iter()
        .filter_map(|(flag, value)| Some((flag.to_owned(), value?)));
    for (flag, value) in named.chain(front.limits) {
        let value = file.scalar(&flag, &value)?;
        let flag = flag.replace('_', "-");
        program.settings.push(Setting { flag, value });
    }
    for shown in &front.demonstrations {
        let demonstration = demonstration(&program, &shown.value);
        let demonstration = demonstration.map_err(|message| file.fault_at(shown.referenced, &message))?;
        program.demonstrations.push(demonstration);
    }
    if !program.is_whole() {
        return Err(fault(
            text,
            0,
            "it says nothing to do: give it a `signature` with inputs, or instructions below the second `---`",
        ));
    }
    Ok(program)
}

struct File<'a> {
    text: &'a str,
    /// Where the front matter and the body are, in bytes.
    front: (usize, usize),
    body: usize,
}

impl<'a> File<'a> {
    fn split(text: &'a str) -> Result<Self, SyntaxError> {
        if text.len() as u64 > MAX_FILE {
            return Err(fault(text, 0, "it is longer than 4 MiB"));
        }
        let start = if text.starts_with('\u{feff}') {
            '\u{feff}'.len_utf8()
        } else {
            0
        };
        let mut lines = text[start..].split_inclusive('\n');
        let is_fence = |line: &str| line.trim_end() == FENCE;
        let first = lines.next().unwrap_or_default();
        if !is_fence(first) {
            return Err(fault(
                text,
                start,
                "a program begins with a line `---`; `mcm program new` writes one to begin with",
            ));
        }
        let front = start + first.len();
        let mut at = front;
        for line in lines {
            if is_fence(line) {
                return Ok(Self {
                    text,
                    front: (front, at),
                    body: at + line.len(),
                });
            }
            at += line.len();
        }
        Err(fault(
            text,
            start,
            "the front matter is not closed: a second line `---` is missing",
        ))
    }

    fn front(&self) -> Result<Front, SyntaxError> {
        let source = &self.text[self.front.0..self.front.1];
        if source.trim().is_empty() {
            return Ok(Front::default());
        }
        serde_saphyr::from_str(source).map_err(|error| {
            let at = error.location().map_or(self.front.0, |location| self.at(location));
            fault(self.text, at, &message(&error))
        })
    }

    /// A place of the front matter, in bytes of the file.
    fn at(&self, location: Location) -> usize {
        let source = &self.text[self.front.0..self.front.1];
        let line = usize::try_from(location.line()).unwrap_or(1).saturating_sub(1);
        let column = usize::try_from(location.column()).unwrap_or(1).saturating_sub(1);
        let start: usize = source.split_inclusive('\n').take(line).map(str::len).sum();
        let inside: usize = source[start..].chars().take(column).map(char::len_utf8).sum();
        self.front.0 + start + inside
    }

    fn fault_at(&self, location: Location, message: &str) -> SyntaxError {
        fault(self.text, self.at(location), message)
    }

    fn placed<T>(&self, at: &Spanned<T>, text: &str) -> Placed {
        let place = self.fault_at(at.referenced, "");
        Placed {
            text: text.to_owned(),
            line: place.line,
            column: place.column,
        }
    }

    fn scalar(&self, key: &str, value: &Spanned<Value>) -> Result<Placed, SyntaxError> {
        let text = match &value.value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => return Err(self.fault_at(value.referenced, &format!("`{key}` is a number or a text"))),
        };
        Ok(self.placed(value, &text))
    }

    fn signature(&self, written: &Spanned<String>) -> Result<Program, SyntaxError> {
        let begin = self.at(written.referenced);
        let signature = Signature::parse(&written.value).map_err(|inner| {
            let is_quoted = self.text[begin..].starts_with(['"', '\'']);
            // the lines of a block stand below each other, as far in as the first
            let line_start = self.text[..begin].rfind('\n').map_or(0, |end| end + 1);
            let indent = begin - line_start;
            let at = if inner.line == 1 {
                begin + usize::from(is_quoted) + bytes(&written.value, 1, inner.column)
            } else {
                let down: usize = self.text[line_start..]
                    .split_inclusive('\n')
                    .take(inner.line - 1)
                    .map(str::len)
                    .sum();
                line_start + down + indent + bytes(&written.value, inner.line, inner.column)
            };
            let mut at = at.min(self.front.1);
            while !self.text.is_char_boundary(at) {
                at -= 1;
            }
            fault(self.text, at, &inner.message)
        })?;
        Program::of(signature).map_err(|message| self.fault_at(written.referenced, &message))
    }

    fn instructions(&self, program: &Program) -> Result<Option<Instructions>, SyntaxError> {
        let source = &self.text[self.body..];
        if source.trim().is_empty() {
            return Ok(None);
        }
        let instructions =
            Instructions::parse(source).map_err(|inner| fault(self.text, self.body + inner.at, &inner.message))?;
        if !program.inputs.is_empty() {
            let unknown = |name: &String| !program.inputs.iter().any(|field| field.name == *name);
            if let Some(name) = instructions.variables().into_iter().find(unknown) {
                let at = self.body + place(source, &name);
                return Err(fault(self.text, at, &format!("the signature has no input `{name}`")));
            }
        }
        Ok(Some(instructions))
    }
}

fn message(error: &serde_saphyr::Error) -> String {
    let text = error.without_snippet().to_string();
    // the place is told by us, in the file's own lines
    let end = text.find(" at line ").unwrap_or(text.len());
    let text = text[..end].split(", set DuplicateKeyPolicy").next().unwrap_or_default();
    if text.starts_with("mapping values") {
        format!("{text}; put quotes around a text with `: ` in it")
    } else {
        text.to_owned()
    }
}

/// Where a template names a variable.
fn place(source: &str, name: &str) -> usize {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let is_named = |at: usize| {
        let (before, after) = (&source[..at], &source[at + name.len()..]);
        let begun = before.rfind("{{").max(before.rfind("{%"));
        begun.is_some_and(|begun| !before[begun..].contains("}}") && !before[begun..].contains("%}"))
            && !before.ends_with(is_part)
            && !after.starts_with(is_part)
    };
    let mut found = source.match_indices(name).map(|(at, _)| at);
    found.find(|at| is_named(*at)).unwrap_or_default()
}

/// Bytes before a column of a line.
fn bytes(text: &str, line: usize, column: usize) -> usize {
    let line = text.split('\n').nth(line - 1).unwrap_or_default();
    line.chars().take(column - 1).map(char::len_utf8).sum()
}

fn demonstration(program: &Program, shown: &Shown) -> Result<Demonstration, String> {
    let given = shown.inputs.iter().map(|(name, value)| {
        let value = match value {
            Value::String(text) => InputValue::Text(text.clone()),
            other => InputValue::Json(other.clone()),
        };
        Input::new(name.clone(), value)
    });
    let task = program.task(shown.task.as_deref(), given.collect())?;
    let steps = match (&shown.script, shown.steps.as_slice()) {
        (Some(script), []) => vec![Demonstrated {
            script: script.clone(),
            output: String::new(),
        }],
        (None, [_, ..]) => shown
            .steps
            .iter()
            .map(|step| Demonstrated {
                script: step.script.clone(),
                output: step.output.clone(),
            })
            .collect(),
        _ => return Err("a demonstration has either `script` or `steps`".to_owned()),
    };
    let Present::Yes(answer) = shown.answer.clone() else {
        return Err("a demonstration needs its `answer`".to_owned());
    };
    if let Some(wanted) = &program.answer {
        wanted
            .check(&answer)
            .map_err(|fault| format!("a demonstration: {fault}"))?;
    }
    Ok(Demonstration { task, steps, answer })
}
