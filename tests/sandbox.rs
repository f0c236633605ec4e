//! Hostile and unlucky scripts through `mcm run`: each is stopped or survives, and leaves nothing behind.

use std::{collections::BTreeSet, fmt::Write as _, fs, path::Path, time::Instant};

use serde_json::{Value, json};

use crate::support::{
    program::{PATIENCE, Program, Started},
    servers::scripted,
};

/// `mcm run --json` of a script over the server `toy`.
fn program(source: &str, flags: &[&str]) -> Program {
    let program = Program::new(["run", "--json", "script.py"]).file("script.py", source);
    let program = flags.iter().fold(program, |program, flag| program.arg(flag));
    program.servers(&json!({ "toy": scripted() }))
}

/// The record of a script that succeeds.
#[track_caller]
fn succeeds(source: &str, flags: &[&str]) -> Value {
    program(source, flags).run().expect(0).json()
}

/// The record of a script that fails with this code.
#[track_caller]
fn fails(source: &str, flags: &[&str], code: &str) -> Value {
    let record = program(source, flags).run().expect(1).json();
    assert_eq!(record["diagnostics"]["code"], code, "{record:#}");
    record
}

#[test]
fn twenty_threads_that_wait_for_tools_fit_into_the_default_memory() {
    let record = succeeds(
        "from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor(20) as pool:
    answer(list(pool.map(lambda i: toy.slow(ms=i), range(20))))",
        &[],
    );
    assert_eq!(record["result"], json!((0..20).collect::<Vec<_>>()));
}

#[test]
fn a_thousand_threads_are_an_error_of_the_script_and_leave_nothing() {
    let source = "import threading, time
for _ in range(1000):
    threading.Thread(target=lambda: time.sleep(1000)).start()
answer(1)";
    let ended = program(source, &[]).run().expect(1);
    let record = ended.json();
    let code = record["diagnostics"]["code"].as_str().unwrap();
    assert!(["RUNTIME_ERROR", "MEMORY_LIMIT"].contains(&code), "{record:#}");
}

#[test]
fn a_thread_that_does_not_end_fails_the_script_and_leaves_nothing() {
    let source = "import threading, time
threading.Thread(target=lambda: time.sleep(1000), name='straggler').start()
answer(1)";
    // waited for, as Python does
    fails(source, &["--timeout", "1"], "TIMEOUT");
    let source = source.replace("name=", "daemon=True, name=");
    let record = fails(&source, &[], "RUNTIME_ERROR");
    let message = record["diagnostics"]["message"].as_str().unwrap();
    assert!(message.contains("straggler"), "{message}");
}

#[test]
fn an_executor_left_open_and_tasks_left_pending_end_with_the_script() {
    let source = "from concurrent.futures import ThreadPoolExecutor
pool = ThreadPoolExecutor(4)
futures = [pool.submit(toy.slow, ms=10) for _ in range(8)]
answer(futures[0].result())";
    assert_eq!(succeeds(source, &[])["result"], 10);
    let source = "import asyncio
tasks = [asyncio.create_task(asyncio.sleep(1000)) for _ in range(100)]
calls = [asyncio.create_task(toy.slow.aio(ms=60_000)) for _ in range(5)]
await asyncio.sleep(0)
answer('done')";
    let record = succeeds(source, &[]);
    assert_eq!(record["result"], "done");
    let statuses: BTreeSet<&str> = record["calls"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|call| call["status"].as_str())
        .collect();
    assert!(statuses.is_subset(&BTreeSet::from(["cancelled"])), "{statuses:?}");
}

#[test]
fn an_answer_counts_from_a_thread_from_a_task_and_when_it_is_swallowed() {
    for source in [
        "import threading\nt = threading.Thread(target=lambda: answer(6))\nt.start()\nt.join()\nwhile True: pass",
        "import asyncio\nasync def f(): answer(6)\nasyncio.create_task(f())\nawait asyncio.sleep(1000)",
        "try:\n    answer(6)\nexcept:\n    pass\nanswer(7)",
        "try:\n    answer(6)\nfinally:\n    print('cleared')",
    ] {
        let record = succeeds(source, &[]);
        assert_eq!(record["answered"], true, "{source}");
        assert_eq!(record["result"], 6, "{source}");
    }
}

#[test]
fn leaving_early_is_success_and_leaving_with_a_code_is_not() {
    for source in [
        "import sys\nsys.exit()",
        "import sys\nsys.exit(0)",
        "quit()",
        "raise SystemExit",
    ] {
        let record = succeeds(source, &[]);
        assert_eq!(
            (&record["answered"], &record["result"]),
            (&json!(false), &Value::Null),
            "{source}"
        );
    }
    fails("import sys\nsys.exit(3)", &[], "RUNTIME_ERROR");
}

#[test]
fn what_breaks_the_interpreter_is_a_diagnosis() {
    fails("def f(): f()\nf()", &[], "RUNTIME_ERROR");
    fails(
        "class A:\n    def __getattr__(self, name): return getattr(self, name)\nA().x",
        &[],
        "RUNTIME_ERROR",
    );
    fails(
        "x = []\nwhile True:\n    x.append('x' * 1_000_000 + str(len(x)))",
        &[],
        "MEMORY_LIMIT",
    );
    fails(
        "x = iter([1])\nfor _ in range(1_000_000):\n    x = map(abs, x)\nlist(x)",
        &["--memory", "1024"],
        "CRASHED",
    );
    fails("while True:\n    print('x' * 1_000_000)", &[], "OUTPUT_LIMIT");
}

#[test]
fn answers_without_a_json_form_say_where_and_a_large_one_comes_whole() {
    for (source, part) in [
        ("answer({'a': [1, float('nan')]})", "nan"),
        ("a = []\na.append(a)\nanswer({'a': a})", "contains itself"),
        ("answer({1: 'a', '1': 'b'})", "1"),
        ("answer({'f': print})", "f"),
    ] {
        let record = fails(source, &[], "RUNTIME_ERROR");
        let message = record["diagnostics"]["message"].as_str().unwrap();
        assert!(message.contains("TypeError") && message.contains(part), "{message}");
    }
    let record = succeeds("answer(list(range(1_000_000)))", &[]);
    let elements = record["result"].as_array().unwrap();
    assert_eq!((elements.len(), &elements[999_999]), (1_000_000, &json!(999_999)));
}

#[test]
fn calls_are_counted_and_two_hundred_run_side_by_side() {
    let record = fails(
        "for i in range(20): toy.echo(value=i)",
        &["--max-calls", "10"],
        "CALL_LIMIT",
    );
    assert_eq!(record["calls"].as_array().unwrap().len(), 10);
    let source = "import asyncio
results = await asyncio.gather(*(toy.echo.aio(value=i) for i in range(200)))
answer(results == list(range(200)))";
    assert_eq!(succeeds(source, &[])["result"], true);
}

#[test]
fn a_result_over_the_limit_is_a_tool_error_and_the_server_stays() {
    let source = "try:
    toy.echo(value='x' * 2_000_000)
except ToolError as error:
    print(error)
answer(toy.echo(value=1))";
    let record = succeeds(source, &["--max-result", "1"]);
    assert_eq!(record["result"], 1);
    let printed = record["stdout"].as_str().unwrap();
    assert!(printed.contains("over the limit of 1048576 bytes"), "{printed}");
}

#[test]
fn the_clock_stops_for_a_tool_but_not_for_a_nap_nor_for_a_busy_thread() {
    let record = succeeds("answer(toy.slow(ms=3000))", &["--timeout", "1"]);
    assert_eq!(record["result"], 3000);
    let record = fails("import time\ntime.sleep(1000)", &["--timeout", "1"], "TIMEOUT");
    assert!(record["duration_ms"].as_u64().unwrap() >= 1000);
    fails(
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
        &["--timeout", "1"],
        "TIMEOUT",
    );
    let source = "import threading
def spin():
    while True: pass
threading.Thread(target=spin, daemon=True).start()
answer(toy.slow(ms=600_000))";
    let record = fails(source, &["--timeout", "1", "--call-timeout", "700"], "TIMEOUT");
    assert_eq!(record["calls"][0]["status"], "unknown");
}

#[test]
fn a_thread_that_naps_while_the_main_thread_waits_for_a_tool_is_no_time_out() {
    let source = "import threading, time
napping = threading.Thread(target=lambda: time.sleep(2))
napping.start()
answer(toy.slow(ms=3000))";
    succeeds(source, &["--timeout", "30"]);
}

/// Attempts to get out; each must raise.
const ATTEMPTS: &str = r#"
import sys
builtins = len.__self__
load = builtins.__dict__["__imp" + "ort__"]
OBJECT = ().__class__.__base__
got = {}
def attempt(name, function):
    try:
        got[name] = repr(function())[:200]
    except Exception:
        pass
def subclass(name):
    return next(c for c in OBJECT.__subclasses__() if c.__name__ == name)
attempt("open", lambda: builtins.__dict__["op" + "en"]("/etc/passwd"))
attempt("open via getattr", lambda: getattr(builtins, "nepo"[::-1])("/etc/passwd"))
attempt("open via globals", lambda: answer.__globals__["__builtins__"]["open"]("/etc/passwd"))
attempt("io.open", lambda: getattr(load("io"), "op" + "en")("/etc/passwd"))
attempt("io.open_code", lambda: load("io").open_code("/etc/passwd"))
attempt("io.FileIO", lambda: load("io").FileIO("/etc/passwd"))
attempt("_io.FileIO", lambda: load("_io").FileIO(0))
attempt("loader", lambda: subclass("FileLoader")("x", "/etc/passwd").get_data("/etc/passwd"))
attempt("finder", lambda: subclass("FileFinder")("/etc").find_spec("passwd").name)
for function, arguments in {
    "open": ("/etc/passwd", 0), "listdir": ("/",), "stat": ("/etc/passwd",), "remove": ("/x",), "system": ("id",),
    "popen": ("id",), "fork": (), "kill": (1, 0), "read": (0, 1), "write": (0, b"x"), "execv": ("/bin/sh", ["sh"]),
    "getcwd": (), "scandir": ("/",), "posix_spawn": ("/bin/sh", ["sh"], {}),
}.items():
    attempt("os." + function, lambda: getattr(load("os"), function)(*arguments))
    attempt("modules os." + function, lambda: getattr(sys.modules["os"], function)(*arguments))
    attempt("posix." + function, lambda: getattr(load("posix"), function)(*arguments))
attempt("importlib", lambda: load("importlib").import_module("os").listdir("/"))
attempt("subprocess.Popen", lambda: load("subprocess").Popen(["id"]))
attempt("subprocess.run", lambda: load("subprocess").run(["id"]))
attempt("Popen by its class", lambda: subclass("Popen")(["id"]))
attempt("socket", lambda: load("socket").socket())
attempt("create_connection", lambda: load("socket").create_connection(("127.0.0.1", 1)))
attempt("socket by its class", lambda: subclass("socket")())
attempt("exec", lambda: builtins.__dict__["ex" + "ec"]("import os; os.listdir('/')"))
attempt("eval", lambda: builtins.__dict__["ev" + "al"]("__import__('os').listdir('/')"))
for module in ["ctypes", "_ctypes", "_socket", "_posixsubprocess", "mmap", "fcntl", "resource", "_signal", "pty", "ssl",
               "multiprocessing", "sqlite3", "faulthandler", "readline", "termios", "nt", "_winapi", "syslog"]:
    attempt(module, lambda: load(module))
answer({"got": got, "environ": dict(load("os").environ), "names": sys.argv[1:]})
"#;

#[test]
fn nothing_leads_out_of_the_sandbox_at_run_time() {
    let record = succeeds(ATTEMPTS, &[]);
    assert_eq!(record["result"], json!({ "got": {}, "environ": {}, "names": [] }));
}

#[test]
fn the_gate_names_what_is_forbidden_before_anything_runs() {
    for source in [
        "toy.echo(value=1)\nimport os",
        "toy.echo(value=1)\nopen('x')",
        "toy.echo(value=1)\neval('1')",
    ] {
        let record = fails(source, &[], "POLICY_VIOLATION");
        assert_eq!(record["calls"], json!([]), "{source}");
    }
}

#[test]
fn a_scripts_process_has_its_socket_and_stderr_open_and_no_environment() {
    let secret = "what-a-script-must-not-see";
    let program = program(WAITING, &["--call-timeout", "700"]).env("MCM_TEST_SECRET", secret);
    let started = program.start();
    let workers = wait_for_script(&started);
    let mut seen = String::new();
    for (id, _) in &workers {
        let process = Path::new("/proc").join(id.to_string());
        let environment = fs::read(process.join("environ")).unwrap();
        let environment = String::from_utf8_lossy(&environment);
        for variable in environment.split_terminator('\0') {
            assert!(
                variable.starts_with("MIMALLOC_") || variable.starts_with("MALLOC_"),
                "{variable}"
            );
        }
        assert_eq!(fs::read_link(process.join("cwd")).unwrap(), Path::new("/"));
        let descriptors = descriptors(&process);
        writeln!(seen, "{id}: {descriptors:?}").unwrap();
        let kinds: BTreeSet<&str> = descriptors.iter().filter_map(|to| to.split(':').next()).collect();
        assert!(kinds.is_subset(&BTreeSet::from(["socket", "pipe"])), "{seen}");
        let distinct: BTreeSet<&String> = descriptors.iter().collect();
        assert_eq!(
            distinct.len(),
            2,
            "a socket, and the stderr of the worker or of its session: {seen}"
        );
    }
    assert!(workers.len() >= 4, "watcher, zygote, template and script:\n{seen}");
    started.signal(libc::SIGKILL);
    assert_eq!(started.wait().leftovers, Vec::<String>::new());
}

#[test]
fn killed_at_any_moment_of_a_busy_script_it_leaves_nothing() {
    let source = "import threading
def spin():
    while True: pass
for _ in range(3):
    threading.Thread(target=spin).start()
toy.slow(ms=600_000)";
    let started = program(source, &["--call-timeout", "700", "--timeout", "600"]).start();
    wait_for_script(&started);
    started.signal(libc::SIGKILL);
    assert_eq!(started.wait().leftovers, Vec::<String>::new());
}

#[test]
fn a_worker_that_is_killed_is_a_failed_script_and_no_hang() {
    let started = program(WAITING, &["--call-timeout", "700"]).start();
    let workers = wait_for_script(&started);
    started.wait_for_file("called");
    let script = with_threads(&workers).unwrap();
    // SAFETY: the process belongs to the program that this test started, which has not ended.
    unsafe { libc::kill(script, libc::SIGKILL) };
    let record = started.wait().expect(1).json();
    assert_eq!(record["diagnostics"]["code"], "CRASHED");
    assert_eq!(record["calls"][0]["status"], "unknown");
}

/// A script with two threads that wait for calls; a file tells that the first one has reached its server.
const WAITING: &str = "import asyncio, threading
call = asyncio.create_task(toy.slow.aio(ms=600_000, mark='called'))
await asyncio.sleep(0)
threading.Thread(target=lambda: toy.slow(ms=600_000)).start()
await call";

/// The worker's processes, once a script with threads runs in them.
fn wait_for_script(started: &Started) -> Vec<(i32, String)> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let all = started.others();
        let workers: Vec<_> = all
            .iter()
            .filter(|(_, command)| command.contains("__worker"))
            .cloned()
            .collect();
        if workers.len() >= 4 && all.len() > workers.len() && with_threads(&workers).is_some() {
            return workers;
        }
        assert!(Instant::now() < deadline, "no script came to run: {all:?}");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

/// The process of a script with threads; numbers of processes begin anew when they are used up, so age is no sign.
fn with_threads(workers: &[(i32, String)]) -> Option<i32> {
    let has_threads = |id: &i32| fs::read_dir(format!("/proc/{id}/task")).is_ok_and(|threads| threads.count() > 1);
    workers.iter().map(|(id, _)| *id).find(has_threads)
}

fn descriptors(process: &Path) -> Vec<String> {
    let entries = fs::read_dir(process.join("fd")).unwrap();
    let links = entries.map(|entry| fs::read_link(entry.unwrap().path()).unwrap());
    links.map(|link| link.to_string_lossy().into_owned()).collect()
}
