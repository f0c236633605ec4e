//! The interpreter of a worker: built once, then forked for each script.
//!
//! - It has no access to files, network, processes or environment, because it was built without.
//! - Nothing is imported while a script starts that [`preload`] has imported before.

use ruff_python_ast as ast;
use ruff_source_file::SourceFileBuilder;
use rustpython_vm::{
    AsObject, Interpreter, PyObjectRef, PyRef, PyResult, Settings, VirtualMachine,
    builtins::{PyBaseExceptionRef, PyCode, PyCoroutine},
    compiler::{Mode, codegen},
    function::IntoFuncArgs,
    scope::Scope,
    signal::user_signal_channel,
};

use super::{
    channel::Channel,
    convert,
    encode::{self, Purpose},
    gate, globals, host_module, internals, interrupt, stdlib, traceback,
};
use crate::wire::{Answers, Finished, GateLimits, Interface, Last, MODULES, SCRIPT_NAME, ValueKind};

/// Longest text that stands for a result without a JSON form, in characters.
const MAX_REPR: usize = 10_000;
/// The variable that holds the value of a last bare expression for a moment.
const RESULT: &str = "__result__";

/// A new interpreter; takes some milliseconds and imports as little as possible.
pub fn build() -> Interpreter {
    let mut settings = Settings::default();
    settings.install_signal_handlers = false;
    settings.import_site = false;
    settings.isolated = true;
    settings.ignore_environment = true;
    settings.user_site_directory = false;
    settings.write_bytecode = false;
    settings.safe_path = true;
    let (sender, receiver) = user_signal_channel();
    interrupt::set_up(sender);
    let builder = Interpreter::builder(settings);
    let native = rustpython_stdlib::stdlib_module_defs(&builder.ctx);
    let host = host_module::module_def(&builder.ctx);
    builder
        .add_native_modules(&native)
        .add_native_module(host)
        .add_frozen_modules(stdlib::frozen())
        .init_hook(move |vm| {
            stdlib::restrict(vm);
            internals::blunt(vm);
            vm.set_user_signal_channel(receiver);
        })
        .build()
}

/// Imports the `nth` of the modules that scripts commonly use; whether there are more.
///
/// A fork made before the last one only starts its first script more slowly.
pub fn preload(vm: &VirtualMachine, nth: usize) -> bool {
    if let Some(name) = COMMON.get(nth) {
        // one that cannot be imported is missing for scripts as well, which then say so
        let _ = load(vm, name);
    }
    nth + 1 < COMMON.len()
}

/// In small steps: what every script needs, then what many do.
const COMMON: &[&str] = &[
    "_mcm_run",
    "collections",
    "functools",
    "enum",
    "re",
    "json",
    "datetime",
    "math",
    "dataclasses",
    "typing",
    "traceback",
    "ast",
    "dis",
    "inspect",
    "difflib",
    "_mcm_report",
    "contextlib",
    "threading",
    "logging",
    "concurrent.futures.thread",
    "asyncio.events",
    "asyncio.tasks",
    "asyncio.streams",
    "asyncio",
    "fractions",
    "decimal",
    "random",
    "statistics",
    "string",
    "csv",
    "hashlib",
    "html",
    "urllib.parse",
    "uuid",
    "zoneinfo",
    "calendar",
    "secrets",
];

fn load(vm: &VirtualMachine, name: &str) -> PyResult {
    let modules = vm.sys_module.get_attr("modules", vm)?;
    if let Ok(module) = modules.get_item(name, vm) {
        return Ok(module);
    }
    vm.import(vm.ctx.intern_str(name), 0)?;
    let module = modules.get_item(name, vm)?;
    match name {
        "_mcm_run" => {
            vm.call_method(&module, "set_up", ())?;
        }
        "_mcm_report" => {
            let allowed = MODULES.iter().map(|name| vm.ctx.new_str(*name).into()).collect();
            module.set_attr("_ALLOWED", vm.ctx.new_tuple(allowed), vm)?;
        }
        _ => {}
    }
    Ok(module)
}

/// Calls a function of one of our Python modules.
pub(super) fn helper(vm: &VirtualMachine, module: &str, function: &str, args: impl IntoFuncArgs) -> PyResult {
    load(vm, module)?
        .get_attr(vm.ctx.intern_str(function), vm)?
        .call(args, vm)
}

/// Makes the servers' namespaces known to the scripts of a session.
///
/// # Errors
/// Python's message about the first namespace that is not Python.
pub fn install(vm: &VirtualMachine, interface: &Interface) -> Result<(), String> {
    for server in &interface.servers {
        if let Err(error) = ruff_python_parser::parse_module(&server.source) {
            return Err(format!(
                "the functions of server `{}` are not Python: {error}",
                server.name
            ));
        }
    }
    let text = |text: &str| PyObjectRef::from(vm.ctx.new_str(text));
    let servers = interface.servers.iter().map(|server| {
        let fields = [&server.name, &server.raw, &server.doc, &server.source];
        vm.ctx.new_tuple(fields.map(|field| text(field)).to_vec()).into()
    });
    let servers = vm.ctx.new_list(servers.collect());
    helper(vm, "_mcm_run", "install", (servers,)).map_err(|error| traceback::plain(vm, &error))?;
    Ok(())
}

/// Gives scripts a variable.
///
/// # Errors
/// Python's message about a value that is not what `kind` says.
pub fn bind(vm: &VirtualMachine, name: &str, kind: ValueKind, body: Vec<u8>) -> Result<(), String> {
    let bound = load(vm, "_mcm_run")
        .and_then(|_| convert::to_python(vm, kind, body))
        .and_then(|value| vm.main_namespace()?.set_item(name, value, vm));
    bound.map_err(|error| traceback::plain(vm, &error))
}

/// Reads, compiles and runs a script that does nothing, out of sight of all others.
pub fn warm(vm: &VirtualMachine, interface: &Interface) {
    let nothing = "[n for n in (1, 2)]\n";
    let limits = GateLimits {
        chars: None,
        lines: None,
    };
    let checked = gate::check(nothing, &limits, interface, &globals::names(vm));
    let scope = vm.new_scope_with_builtins();
    let ran = compile(vm, nothing, "<warm>").and_then(|code| vm.run_code_obj(code, scope));
    // a script will find out what is wrong
    drop((checked, ran));
}

/// Gives `random` a new seed; once per session, since forks share it.
pub fn reseed(vm: &VirtualMachine) {
    let modules = vm.sys_module.get_attr("modules", vm);
    // whoever imports it later gets a seed of its own
    let Ok(random) = modules.and_then(|modules| modules.get_item("random", vm)) else {
        return;
    };
    let mut seed = [0; 32];
    fill_random(&mut seed);
    vm.call_method(&random, "seed", (vm.ctx.new_bytes(seed.to_vec()),))
        .expect("bytes can be a seed");
}

/// Fills `bytes` from the kernel.
pub fn fill_random(bytes: &mut [u8]) {
    for part in bytes.chunks_mut(256) {
        // SAFETY: writes at most `part.len()` bytes to `part`; up to 256 bytes come whole
        let got = unsafe { libc::getrandom(part.as_mut_ptr().cast(), part.len(), 0) };
        assert_eq!(usize::try_from(got), Ok(part.len()), "the kernel gives random bytes");
    }
}

/// A script.
pub struct Source<'a> {
    /// Python.
    pub text: &'a str,
    /// Within its session, from 1.
    pub number: u32,
    /// What becomes of the value of a last bare expression.
    pub last: Last,
    /// Its time.
    pub seconds: f64,
    /// Bytes that it may hold beyond what there is now.
    pub memory: u64,
    /// Whether any answer will do.
    pub answers: Answers,
}

/// Runs one script in the variables of its session: how it ended and its result as JSON (empty: none).
pub fn run(vm: &VirtualMachine, script: &Source<'_>, channel: &Channel) -> (Finished, Vec<u8>) {
    channel.reset();
    interrupt::arm(script.seconds, script.memory);
    host_module::expect_answer(script.answers);
    let (source, name) = (script.text, format!("{SCRIPT_NAME}{}>", script.number));
    let ended = execute(vm, source, &name).and_then(|()| {
        let shown = vm.main_namespace()?.pop_item(RESULT, vm)?;
        let shown = match (shown, script.last) {
            (Some(value), Last::Printed) => helper(vm, "_mcm_run", "display", (value,)).map(|_| None)?,
            (shown, _) => shown,
        };
        settle(vm)?;
        Ok(shown)
    });
    let answer = host_module::take_answer();
    let answered = ended.is_ok() && answer.is_some();
    let (diagnostics, body) = match ended {
        Ok(shown) => (None, answer.unwrap_or_else(|| result(vm, shown))),
        Err(error) => (Some(traceback::describe(vm, &error, source, &name)), Vec::new()),
    };
    interrupt::disarm();
    (Finished { answered, diagnostics }, body)
}

/// Ends what a script left running; an answer that comes only now interrupts it, and does not end it.
fn settle(vm: &VirtualMachine) -> PyResult<()> {
    loop {
        match helper(vm, "_mcm_run", "settle", ()) {
            Err(error) if is_clean_exit(vm, &error) => {}
            other => return other.map(drop),
        }
    }
}

fn execute(vm: &VirtualMachine, source: &str, name: &str) -> PyResult<()> {
    let variables = vm.main_namespace()?;
    helper(
        vm,
        "_mcm_run",
        "begin",
        (variables.clone(), vm.ctx.new_str(name), vm.ctx.new_str(source)),
    )?;
    let code = compile(vm, source, name)?;
    let ended = vm
        .run_code_obj(code, Scope::with_builtins(None, variables, vm))
        .and_then(|value| {
            if value.downcast_ref::<PyCoroutine>().is_some() {
                return helper(vm, "_mcm_run", "drive", (value,));
            }
            Ok(value)
        });
    match ended {
        Err(error) if !is_clean_exit(vm, &error) => Err(error),
        _ => Ok(()),
    }
}

/// The code of a script whose last bare expression is kept, as a REPL does.
fn compile(vm: &VirtualMachine, source: &str, name: &str) -> PyResult<PyRef<PyCode>> {
    let mut options = vm.compile_opts();
    options.allow_top_level_await = true;
    if let Ok(parsed) = ruff_python_parser::parse_module(source) {
        let mut module = parsed.into_syntax();
        module.body.last_mut().map(keep);
        let file = SourceFileBuilder::new(name, source).finish();
        let compiled = codegen::compile::compile_top(ast::Mod::Module(module), file, Mode::Exec, options.clone());
        if let Ok(code) = compiled {
            return Ok(PyCode::new_ref_from_bytecode(vm, code));
        }
    }
    // for the words that Python has for what is wrong
    vm.compile_with_opts(source, Mode::Exec, name, options)
        .map_err(|error| error.into_pyexception(vm, Some(source)))
}

/// Makes an assignment to [`RESULT`] of a bare expression.
fn keep(statement: &mut ast::Stmt) {
    let ast::Stmt::Expr(expression) = statement else { return };
    let target = ast::Expr::Name(ast::ExprName {
        node_index: ast::AtomicNodeIndex::default(),
        range: expression.range,
        id: RESULT.into(),
        ctx: ast::ExprContext::Store,
    });
    *statement = ast::Stmt::Assign(ast::StmtAssign {
        node_index: ast::AtomicNodeIndex::default(),
        range: expression.range,
        targets: vec![target],
        value: expression.value.clone(),
        runtime_targets: None,
        runtime_type_comment: None,
        runtime_type_comment_bytes: None,
    });
}

/// `answer(…)`, `sys.exit()`, `sys.exit(0)`, `quit()`.
fn is_clean_exit(vm: &VirtualMachine, error: &PyBaseExceptionRef) -> bool {
    if !error.fast_isinstance(vm.ctx.exceptions.system_exit) {
        return false;
    }
    match error.as_object().get_attr("code", vm) {
        Ok(code) => vm.is_none(&code) || code.is(&vm.ctx.false_value) || matches!(code.try_to_value::<i64>(vm), Ok(0)),
        Err(_) => false,
    }
}

/// The value of the last bare expression as JSON; its `repr` where it has no JSON form.
fn result(vm: &VirtualMachine, shown: Option<PyObjectRef>) -> Vec<u8> {
    let Some(value) = shown.filter(|value| !vm.is_none(value)) else {
        return Vec::new();
    };
    encode::to_json(vm, &value, Purpose::Answer).unwrap_or_else(|_| {
        let text = match value.repr(vm) {
            Ok(text) => text.to_string_lossy().into_owned(),
            Err(_) => format!("<{} object>", value.class().name()),
        };
        let cut = text
            .char_indices()
            .nth(MAX_REPR)
            .map_or(text.clone(), |(at, _)| format!("{}…", &text[..at]));
        serde_json::to_vec(&cut).expect("text into memory")
    })
}
