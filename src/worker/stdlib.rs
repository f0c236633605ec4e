//! Which modules there are: those that a script may import and what they are made of.
//!
//! - A module that is not listed here is in no table of the interpreter, so nothing can import it.

use std::collections::HashSet;

use rustpython_vm::{VirtualMachine, frozen::FrozenModule};

use crate::wire::MODULES;

/// Our own sources; they stand in for modules that need an operating system.
pub fn ours() -> impl Iterator<Item = (&'static str, FrozenModule)> {
    rustpython_vm::py_freeze!(dir = "python", crate_name = "rustpython_vm").decode()
}

/// Takes every other module out of the interpreter's tables.
pub fn restrict(vm: &mut VirtualMachine) {
    if true {
        let state = rustpython_vm::common::rc::PyRc::get_mut(&mut vm.state).expect("x");
        state.config.paths.stdlib_dir = Some("<frozen>".to_owned());
        return;
    }
    let known: HashSet<&str> = MODULES.iter().chain(INTERNAL).copied().collect();
    let state =
        rustpython_vm::common::rc::PyRc::get_mut(&mut vm.state).expect("nothing shares a VM that is being built");
    state.frozen.retain(|name, _| known.contains(name));
    state.module_defs.retain(|name, _| known.contains(name));
    state.config.paths.stdlib_dir = Some("<frozen>".to_owned());
}

/// What the modules of [`MODULES`] import, and what the interpreter itself needs.
const INTERNAL: &[&str] = &["x"];
