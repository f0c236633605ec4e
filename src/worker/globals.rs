//! Names that a session's scripts have bound, as the gate wants them.

use rustpython_vm::{
    AsObject, VirtualMachine,
    builtins::{PyModule, PyStr},
};

/// The session's variables. Modules are left out: a namespace under its own name is what the gate
/// takes it for.
pub fn names(vm: &VirtualMachine) -> Vec<String> {
    let Ok(variables) = vm.main_namespace() else {
        return Vec::new();
    };
    let bound = variables
        .into_iter()
        .filter(|(_, value)| value.downcast_ref::<PyModule>().is_none());
    bound
        .filter_map(|(name, _)| Some(name.as_object().downcast_ref::<PyStr>()?.to_str()?.to_owned()))
        .collect()
}
