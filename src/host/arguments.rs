//! Checks a call's arguments against the tool's input schema, so that the model reads what to mend
//! instead of whatever the server makes of it.

use jsonschema::{PatternOptions, ValidationError, Validator};
use serde_json::{Map, Value};

/// Faults named in one message.
const MAX_FAULTS: usize = 5;
/// Characters of a value that a message shows.
const MAX_SHOWN: usize = 100;

/// A tool's input schema, ready for checks. One that is itself broken lets everything through:
/// the server is the judge of it.
#[derive(Debug)]
pub struct Checker(Option<Validator>);

impl Checker {
    /// Compiles a schema. References to anything outside of it are not followed.
    pub fn new(schema: &Value) -> Self {
        Self(jsonschema::options().build(schema).ok())
    }

    /// Checks arguments under their raw names.
    ///
    /// # Errors
    /// A message that names each argument and what it should be.
    pub fn check(&self, arguments: &Map<String, Value>) -> Result<(), String> {
        let Some(validator) = &self.0 else { return Ok(()) };
        let value = Value::Object(arguments.clone());
        let faults: Vec<String> = validator
            .iter_errors(&value)
            .take(MAX_FAULTS)
            .map(|fault| describe(&fault))
            .collect();
        if faults.is_empty() {
            Ok(())
        } else {
            Err(faults.join("\n"))
        }
    }
}

/// A schema that was made for one value: a broken one is refused, and patterns take linear time.
pub(super) struct Strict {
    schema: Value,
    validator: Validator,
}

/// Where and how a value does not fit.
#[derive(Debug)]
pub(super) struct Fault {
    /// Such as `$.tags[0]`; `$` is the whole.
    pub(super) path: String,
    /// What the schema says there.
    pub(super) expected: String,
    /// The value there as JSON, in short.
    pub(super) found: String,
}

impl Strict {
    /// Compiles a schema. References to anything outside of it are not followed.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn new(schema: &Value) -> Result<Self, String> {
        let options = jsonschema::options().with_pattern_options(PatternOptions::regex());
        let validator = options
            .build(schema)
            .map_err(|fault| short(fault.to_string(), 4 * MAX_SHOWN))?;
        let schema = schema.clone();
        Ok(Self { schema, validator })
    }

    /// The first thing that does not fit.
    pub(super) fn fault(&self, value: &Value) -> Option<Fault> {
        let fault = self.validator.iter_errors(value).next()?;
        Some(Fault {
            path: place(&fault),
            expected: self.expected(&fault),
            found: short(fault.instance().to_string(), MAX_SHOWN),
        })
    }

    /// The part of the schema that is broken, such as `type "integer"`.
    fn expected(&self, fault: &ValidationError<'_>) -> String {
        let path = fault.schema_path().to_string();
        let keyword = path.rsplit('/').find(|step| step.parse::<usize>().is_err());
        let said = self.schema.pointer(&path).map(Value::to_string);
        let text = match (keyword, said) {
            (Some(keyword), Some(said)) => format!("{keyword} {said}"),
            _ => fault.to_string(),
        };
        short(text, 2 * MAX_SHOWN)
    }
}

/// Such as `$.tags[0]`.
fn place(fault: &ValidationError<'_>) -> String {
    let path = fault.instance_path().to_string();
    let steps = path.split('/').skip(1);
    steps.fold("$".to_owned(), |place, step| match step.parse::<usize>() {
        Ok(index) => format!("{place}[{index}]"),
        Err(_) => format!("{place}.{}", step.replace("~1", "/").replace("~0", "~")),
    })
}

fn short(mut text: String, most: usize) -> String {
    if let Some((end, _)) = text.char_indices().nth(most) {
        text.truncate(end);
        text.push('…');
    }
    text
}

fn describe(fault: &ValidationError<'_>) -> String {
    let path = fault.instance_path().to_string();
    let text = short(fault.to_string(), 4 * MAX_SHOWN);
    let place = path.trim_start_matches('/').replace('/', ".");
    if place.is_empty() {
        format!("the arguments do not fit: {text}")
    } else {
        format!("argument `{place}`: {text}")
    }
}
