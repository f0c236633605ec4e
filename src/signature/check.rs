//! Whether a value is of a type, and if not: where, what was expected, and what was found.

use jsonschema::{
    PatternOptions, ValidationError, ValidationOptions, Validator,
    error::{TypeKind, ValidationErrorKind as Kind},
    paths::{Location, LocationSegment},
};
use serde_json::Value;

/// Mismatches named in one message.
const MAX_FAULTS: usize = 5;
/// Characters of a value, or of a message that is not ours.
const MAX_SHOWN: usize = 80;
/// Characters of a date.
const DATE: usize = 10;
/// Values of an enumeration that a message names.
const MAX_VALUES: usize = 20;

/// A JSON Schema, ready for checks.
#[derive(Debug)]
pub struct Check(Validator);

impl Check {
    /// Compiles a schema; references to anything outside of it are not followed.
    ///
    /// # Errors
    /// What is wrong with the schema.
    pub fn new(schema: &Value) -> Result<Self, String> {
        Self::with(jsonschema::options(), schema)
    }

    /// The same for a schema that nobody vouches for: its patterns are matched in linear time.
    ///
    /// # Errors
    /// What is wrong with the schema, such as a pattern that looks around.
    pub fn guarded(schema: &Value) -> Result<Self, String> {
        Self::with(
            jsonschema::options().with_pattern_options(PatternOptions::regex()),
            schema,
        )
    }

    fn with(options: ValidationOptions<'_>, schema: &Value) -> Result<Self, String> {
        options
            .should_validate_formats(true)
            .with_format("date", is_date)
            .with_format("date-time", is_datetime)
            .build(schema)
            .map(Self)
            .map_err(|fault| match fault.instance_path().to_string() {
                place if place.is_empty() => cut(&fault.to_string()),
                place => format!("at `{place}`: {}", cut(&fault.to_string())),
            })
    }

    /// Checks a value, which messages call `root`.
    ///
    /// # Errors
    /// One line: each place with what was expected and found there.
    pub fn check(&self, value: &Value, root: &str) -> Result<(), String> {
        let faults: Vec<String> = self
            .0
            .iter_errors(value)
            .take(MAX_FAULTS)
            .map(|fault| explain(&fault, root))
            .collect();
        if faults.is_empty() {
            return Ok(());
        }
        Err(faults.join("; "))
    }
}

fn explain(fault: &ValidationError<'_>, root: &str) -> String {
    // of a choice, the branch that came farthest says most
    if let Kind::AnyOf { context } | Kind::OneOfNotValid { context } = fault.kind() {
        let depth = |fault: &ValidationError<'_>| fault.instance_path().iter().count();
        let here = depth(fault);
        let farther = context.iter().flatten().filter(|inner| depth(inner) > here);
        if let Some(inner) = farther.max_by_key(|inner| depth(inner)) {
            return explain(inner, root);
        }
        let mut expected: Vec<String> = context.iter().flatten().map(expected).collect();
        expected.dedup();
        return say(fault, root, &expected.join(" or "));
    }
    let place = place(fault.instance_path(), root);
    match fault.kind() {
        Kind::Required { property } => format!("at {place}: the key {property} is missing"),
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            let names: Vec<String> = unexpected
                .iter()
                .take(MAX_VALUES)
                .map(|name| format!("{name:?}"))
                .collect();
            format!("at {place}: there are keys that are not expected: {}", names.join(", "))
        }
        _ => say(fault, root, &expected(fault)),
    }
}

fn say(fault: &ValidationError<'_>, root: &str, expected: &str) -> String {
    let place = place(fault.instance_path(), root);
    format!("at {place}: expected {expected}, found {}", found(fault.instance()))
}

fn expected(fault: &ValidationError<'_>) -> String {
    match fault.kind() {
        Kind::Type { kind } => types(kind),
        Kind::Enum { options } => match options.as_array() {
            Some(options) => {
                let shown: Vec<String> = options.iter().take(MAX_VALUES).map(short).collect();
                let more = if options.len() > MAX_VALUES { " or others" } else { "" };
                format!("{}{more}", shown.join(" or "))
            }
            None => short(options),
        },
        Kind::Constant { expected_value } => short(expected_value),
        Kind::Format { format } => match format.as_str() {
            "date" => "a date such as 2026-01-31".to_owned(),
            "date-time" => "a date and time such as 2026-01-31T09:30:00".to_owned(),
            other => format!("text of the format {other}"),
        },
        Kind::Required { property } => format!("an object with the key {property}"),
        Kind::MinItems { limit } => format!("at least {limit} items"),
        Kind::MaxItems { limit } => format!("at most {limit} items"),
        Kind::MinLength { limit } => format!("at least {limit} characters"),
        Kind::MaxLength { limit } => format!("at most {limit} characters"),
        Kind::Minimum { limit } => format!("at least {limit}"),
        Kind::Maximum { limit } => format!("at most {limit}"),
        Kind::ExclusiveMinimum { limit } => format!("more than {limit}"),
        Kind::ExclusiveMaximum { limit } => format!("less than {limit}"),
        Kind::Pattern { pattern } => format!("text that fits the pattern `{}`", cut(pattern)),
        Kind::UniqueItems => "items that differ".to_owned(),
        _ => cut(&fault.to_string()),
    }
}

/// Python's names of JSON's types.
fn types(kind: &TypeKind) -> String {
    let name = |json: &str| match json {
        "string" => "str",
        "integer" => "int",
        "number" => "float",
        "boolean" => "bool",
        "null" => "None",
        "array" => "list",
        _ => "dict",
    };
    match kind {
        TypeKind::Single(one) => name(one.as_str()).to_owned(),
        TypeKind::Multiple(set) => {
            let names: Vec<&str> = set.iter().map(|one| name(one.as_str())).collect();
            names.join(" or ")
        }
    }
}

fn found(value: &Value) -> String {
    let kind = match value {
        Value::Null => return "None".to_owned(),
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float",
        Value::Number(_) => "int",
        Value::String(_) => "str",
        Value::Array(_) => "list",
        Value::Object(_) => "dict",
    };
    format!("{kind} {}", short(value))
}

fn short(value: &Value) -> String {
    cut(&value.to_string())
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// As Python would write it: `answer["files"][2]`.
fn place(path: &Location, root: &str) -> String {
    let mut place = format!("`{root}");
    for segment in path {
        match segment {
            LocationSegment::Property(name) => place.push_str(&format!("[{:?}]", cut(&name))),
            LocationSegment::Index(index) => place.push_str(&format!("[{index}]")),
        }
    }
    place.push('`');
    place
}

fn is_date(text: &str) -> bool {
    text.len() == DATE && text.parse::<jiff::civil::Date>().is_ok()
}

/// With or without an offset: Python's `datetime.isoformat` gives none where none is known.
fn is_datetime(text: &str) -> bool {
    text.len() > DATE && (text.parse::<jiff::civil::DateTime>().is_ok() || text.parse::<jiff::Timestamp>().is_ok())
}
