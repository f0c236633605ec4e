//! Values of a signature's inputs, which come as text.

use serde_json::Value;

use super::{Check, Field};

/// Whether a field may have this value.
///
/// # Errors
/// Where it may not, and what it should be.
pub fn check(field: &Field, value: &Value) -> Result<(), String> {
    Check::new(&field.schema)?.check(value, &field.name)
}

/// The value of a field that was given as text: itself where the field may be a `str`, else what it means as JSON.
///
/// # Errors
/// What the field must be.
pub fn read(field: &Field, text: &str) -> Result<Value, String> {
    let check = Check::new(&field.schema)?;
    let as_text = Value::String(text.to_owned());
    let parsed: Option<Value> = serde_json::from_str(text.trim()).ok();
    // `5` for `int | str` is a number, `"5"` for `str` has quotes
    let only_text = field.schema.get("type").and_then(Value::as_str) == Some("string");
    let candidates = parsed.filter(|_| !only_text).into_iter().chain([as_text]);
    let mut fault = String::new();
    for candidate in candidates {
        match check.check(&candidate, &field.name) {
            Ok(()) => return Ok(candidate),
            Err(first) if fault.is_empty() => fault = first,
            Err(_) => {}
        }
    }
    Err(fault)
}
