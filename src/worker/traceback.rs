//! What is told of an exception that a script did not catch.
//!
//! - Only lines of scripts are shown, never ours or the library's.

use rustpython_vm::{
    AsObject, PyObjectRef, PyResult, VirtualMachine,
    builtins::{PyBaseExceptionRef, PyTuple},
};

use super::interpreter::helper;
use crate::wire::{Code, Diagnostics};

/// The diagnostics for `error`, which ended the script called `name`.
pub fn describe(vm: &VirtualMachine, error: &PyBaseExceptionRef, source: &str, name: &str) -> Diagnostics {
    if is_memory(vm, error) {
        return Diagnostics {
            code: Code::MemoryLimit,
            rule: None,
            message: plain(vm, error),
            line: line(vm, error, name),
            hint: Some("keep less in memory at a time".to_owned()),
        };
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
            line(vm, error, name),
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

fn line(vm: &VirtualMachine, error: &PyBaseExceptionRef, name: &str) -> Option<u32> {
    helper(vm, "_mcm_report", "_line", (error.clone(), vm.ctx.new_str(name)))
        .ok()?
        .try_to_value(vm)
        .ok()
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
