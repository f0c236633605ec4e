//! What the program in `fuzz/` needs of the interpreter; nothing else uses it, so `mcm` does not contain it.

use rustpython_vm::{Interpreter, PyResult, VirtualMachine};

use super::{
    convert,
    encode::{self, Purpose},
    interpreter, traceback,
};
use crate::wire::{Interface, ValueKind};

/// An interpreter as scripts have it, without a script.
#[expect(missing_debug_implementations, reason = "an interpreter has none")]
pub struct Python(Interpreter);

impl Python {
    /// Takes a while; a process can have one.
    pub fn start() -> Self {
        let python = Self(interpreter::build());
        python
            .install(&Interface::default())
            .expect("our own modules can be imported");
        python
    }

    /// A frame's body as a Python value, and that value as an answer and as an argument.
    ///
    /// # Errors
    /// Python's message about what cannot be converted.
    pub fn convert(&self, kind: ValueKind, body: Vec<u8>) -> Result<[Vec<u8>; 2], String> {
        self.0.enter(|vm| json(vm, convert::to_python(vm, kind, body)))
    }

    /// The value of a Python literal, as an answer and as an argument.
    ///
    /// # Errors
    /// Python's message about what cannot be converted.
    pub fn literal(&self, source: &str) -> Result<[Vec<u8>; 2], String> {
        let source = source.to_owned();
        self.0
            .enter(|vm| json(vm, interpreter::helper(vm, "ast", "literal_eval", (source,))))
    }

    /// Compiles the tools' functions.
    ///
    /// # Errors
    /// Python's message about the first namespace that does not compile.
    pub fn install(&self, interface: &Interface) -> Result<(), String> {
        self.0.enter(|vm| interpreter::install(vm, interface))
    }
}

fn json(vm: &VirtualMachine, value: PyResult) -> Result<[Vec<u8>; 2], String> {
    let both = value.and_then(|value| {
        Ok([
            encode::to_json(vm, &value, Purpose::Answer)?,
            encode::to_json(vm, &value, Purpose::Arguments)?,
        ])
    });
    both.map_err(|error| traceback::plain(vm, &error))
}
