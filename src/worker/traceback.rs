//! What is told of an exception that a script did not catch.
//!
//! - Only lines of scripts are shown, never ours or the library's.

use rustpython_vm::{
    AsObject, PyObjectRef, PyResult, VirtualMachine,
    builtins::{PyBaseExceptionRef, PyTuple},
};

use super::{interpreter::helper, interrupt};
use crate::wire::{Code, Diagnostics, SCRIPT_NAME};

/// Lines of a traceback that is made without Python.
const MAX_PLACES: usize = 20;
/// Bytes of a script's line that are shown in one.
const MAX_LINE: usize = 500;

/// The diagnostics for `error`, which ended the script called `name`.
pub fn describe(vm: &VirtualMachine, error: &PyBaseExceptionRef, source: &str, name: &str) -> Diagnostics {
    // neither time nor memory may be left for what the long way imports
    if is_memory(vm, error) {
        let hint = Some("keep less in memory at a time".to_owned());
        return short(vm, error, (source, name), Code::MemoryLimit, hint);
    }
    if error.class().is(vm.ctx.exceptions.timeout_error) && interrupt::is_told() {
        return short(vm, error, (source, name), Code::Timeout, None);
    }
    let syntax = error.fast_isinstance(vm.ctx.exceptions.syntax_error) && error.__traceback__().is_none();
    if syntax {
        fill_in_text(vm, error, source);
    }
    let told = helper(vm, "_mcm_report", "describe", (error.clone(), vm.ctx.new_str(name)));
    let (code, message, line, hint) = told.and_then(|told| parts(vm, &told)).unwrap_or_else(|second| {
        (
            Code::RuntimeError,
            format!("{}\n(while describing it: {})", plain(vm, error), plain(vm, &second)),
            innermost(&places(error), name),
            None,
        )
    });
    let code = if syntax { Code::SyntaxError } else { code };
    Diagnostics {
        code,
        rule: None,
        message,
        line,
        hint,
    }
}

/// Class and text of an exception.
pub fn plain(vm: &VirtualMachine, error: &PyBaseExceptionRef) -> String {
    let class = error.class().name().to_string();
    match error.as_object().str(vm) {
        Ok(text) if !text.is_empty() => format!("{class}: {}", text.to_string_lossy()),
        _ => class,
    }
}

fn is_memory(vm: &VirtualMachine, error: &PyBaseExceptionRef) -> bool {
    error.fast_isinstance(vm.ctx.exceptions.memory_error)
}

/// The diagnostics with a traceback that is made without Python.
fn short(
    vm: &VirtualMachine,
    error: &PyBaseExceptionRef,
    (source, name): (&str, &str),
    code: Code,
    hint: Option<String>,
) -> Diagnostics {
    let places = places(error);
    let mut message = String::new();
    let surplus = places.len().saturating_sub(MAX_PLACES);
    if !places.is_empty() {
        message.push_str("Traceback (most recent call last):\n");
    }
    if surplus > 0 {
        message.push_str(&format!("  [{surplus} more lines]\n"));
    }
    for place in &places[surplus..] {
        message.push_str(&format!(
            "  File \"{}\", line {}, in {}\n",
            place.script, place.line, place.function
        ));
        let text = source.lines().nth(place.line as usize - 1).map(str::trim);
        if let Some(text) = text.filter(|text| place.script == name && text.len() <= MAX_LINE) {
            message.push_str(&format!("    {text}\n"));
        }
    }
    message.push_str(&plain(vm, error));
    // where a nap of an event loop was begun, which has no frame
    let awaited = || error.as_object().get_attr("_line", vm).ok()?.try_to_value(vm).ok();
    Diagnostics {
        code,
        rule: None,
        message,
        line: innermost(&places, name).or_else(awaited),
        hint,
    }
}

/// A line of a script that was under way.
struct Place {
    script: String,
    line: u32,
    function: String,
}

/// The lines of scripts that an exception came through, the innermost last.
fn places(error: &PyBaseExceptionRef) -> Vec<Place> {
    let mut places = Vec::new();
    let mut step = error.__traceback__();
    while let Some(current) = step {
        let code = current.frame.f_code();
        let script = code.source_path().as_str();
        if script.starts_with(SCRIPT_NAME) {
            places.push(Place {
                script: script.to_owned(),
                line: u32::try_from(current.lineno.get()).unwrap_or(u32::MAX),
                function: code.obj_name.as_str().to_owned(),
            });
        }
        step = current.next.lock().clone();
    }
    places
}

fn innermost(places: &[Place], name: &str) -> Option<u32> {
    let own = places.iter().rev().find(|place| place.script == name);
    own.map(|place| place.line)
}

/// The compiler knows the line of an error, but not its text.
fn fill_in_text(vm: &VirtualMachine, error: &PyBaseExceptionRef, source: &str) {
    let object = error.as_object();
    let Ok(number) = object
        .get_attr("lineno", vm)
        .and_then(|line| line.try_to_value::<usize>(vm))
    else {
        return;
    };
    if object.get_attr("text", vm).is_ok_and(|text| vm.is_none(&text))
        && let Some(line) = source.lines().nth(number.saturating_sub(1))
    {
        // an exception that takes no attribute is told without its line
        let _ = object.set_attr("text", vm.ctx.new_str(line), vm);
    }
}

type Parts = (Code, String, Option<u32>, Option<String>);

fn parts(vm: &VirtualMachine, told: &PyObjectRef) -> PyResult<Parts> {
    let Some([code, message, line, hint]) = told.downcast_ref::<PyTuple>().map(|told| told.as_slice()) else {
        return Err(vm.new_type_error("four parts were expected"));
    };
    let code = match code.str(vm)?.to_string_lossy().as_ref() {
        "TOOL_ERROR" => Code::ToolError,
        "MEMORY_LIMIT" => Code::MemoryLimit,
        _ => Code::RuntimeError,
    };
    let hint = if vm.is_none(hint) {
        None
    } else {
        Some(hint.str(vm)?.to_string_lossy().into_owned())
    };
    Ok((
        code,
        message.str(vm)?.to_string_lossy().into_owned(),
        line.try_to_value(vm).ok(),
        hint,
    ))
}
