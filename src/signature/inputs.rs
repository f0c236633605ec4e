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
    let trimmed = text.trim();
    let is_long = trimmed.strip_prefix('-').unwrap_or(trimmed).len() > 18;
    let is_whole = field.schema.get("type").and_then(Value::as_str) != Some("number");
    if is_whole
        && is_long
        && trimmed.parse::<i128>().is_ok()
        && trimmed.parse::<i64>().is_err()
        && trimmed.parse::<u64>().is_err()
    {
        let fits = check.check(&as_text, &field.name);
        return fits
            .map(|()| as_text)
            .map_err(|_| format!("`{}` has more than 64 bits: give it as a `str`", field.name));
    }
    let parsed: Option<Value> = serde_json::from_str(trimmed).ok();
    // `5` for `int | str` is a number, `"5"` for `str` has quotes
    let only_text = field.schema.get("type").and_then(Value::as_str) == Some("string");
    // what is a text as JSON, too, or nothing, is meant as it stands where a text will do
    let means_text =
        matches!(parsed, Some(Value::String(_) | Value::Null)) && check.check(&as_text, &field.name).is_ok();
    let cut = Value::String(trimmed.to_owned());
    let candidates = parsed
        .filter(|_| !only_text && !means_text)
        .into_iter()
        .chain([as_text, cut]);
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
