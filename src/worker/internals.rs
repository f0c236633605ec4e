//! What scripts do not get of the interpreter's own machinery.
//!
//! Bytecode that the compiler has not made reaches code of the interpreter that trusts it. The wall is the confined
//! process; this only keeps a script that plays with such things from crashing without a word.
//!
//! - No code object can be made of parts, changed, or read from bytes (`marshal` is a source of ours that refuses).

use rustpython_vm::{PyResult, VirtualMachine, builtins::PyTypeRef, function::FuncArgs};

/// Takes away the ways to code that was not compiled. To be called before any module runs.
pub fn blunt(vm: &VirtualMachine) {
    let code = vm.ctx.types.code_type;
    code.slots.new.store(Some(refuse_new));
    for name in ["replace", "__replace__"] {
        let refused = vm.new_function("replace", refuse);
        code.set_attr(vm.ctx.intern_str(name), refused.into());
    }
}

fn refuse(_arguments: FuncArgs, vm: &VirtualMachine) -> PyResult<()> {
    Err(vm.new_not_implemented_error("code objects cannot be made or changed by scripts"))
}

fn refuse_new(_class: PyTypeRef, arguments: FuncArgs, vm: &VirtualMachine) -> PyResult {
    refuse(arguments, vm).map(|()| vm.ctx.none())
}
