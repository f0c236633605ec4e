//! Checks a call's arguments against the tool's input schema, so that the model reads what to mend
//! instead of whatever the server makes of it.

use jsonschema::Validator;
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

fn describe(fault: &jsonschema::ValidationError<'_>) -> String {
    let path = fault.instance_path().to_string();
    let mut text = fault.to_string();
    if let Some((end, _)) = text.char_indices().nth(4 * MAX_SHOWN) {
        text.truncate(end);
        text.push('…');
    }
    let place = path.trim_start_matches('/').replace('/', ".");
    if place.is_empty() {
        format!("the arguments do not fit: {text}")
    } else {
        format!("argument `{place}`: {text}")
    }
}
