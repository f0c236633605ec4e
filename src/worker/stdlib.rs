//! Which modules there are: those that a script may import and what they are made of.
//!
//! - A module that is not listed is not in the program, or in no table of the interpreter, so nothing can import it.

mod internal;

use std::collections::HashSet;

use rustpython_vm::{VirtualMachine, common::rc::PyRc, frozen::FrozenModule};

use crate::wire::MODULES;
use internal::INTERNAL;

/// The library as `build.rs` put it together, compiled: listed modules of Python's own, and ours.
pub fn frozen() -> impl Iterator<Item = (&'static str, FrozenModule)> {
    include!(concat!(env!("OUT_DIR"), "/frozen.rs")).decode()
}

/// Native modules in whose place there are sources of ours.
const REPLACED: &[&str] = &["marshal"];

/// Takes every other module out of the interpreter's tables.
pub fn restrict(vm: &mut VirtualMachine) {
    let known: HashSet<&str> = MODULES.iter().chain(INTERNAL).copied().collect();
    let state = PyRc::get_mut(&mut vm.state).expect("nothing shares an interpreter that is being built");
    state.frozen.retain(|name, _| known.contains(name));
    state
        .module_defs
        .retain(|name, _| known.contains(name) && !REPLACED.contains(name));
    state.config.paths.stdlib_dir = Some("<frozen>".to_owned());
}
