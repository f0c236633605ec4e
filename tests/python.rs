//! Scripts and what must come of them: every `.py` file below `tests/python` is a case, see `python/expected.rs`.
//!
//! - `language/`, `modules/`, `errors/`: plain Python. CPython runs them as well and must print the same, and end with
//!   the same last line of its traceback; a file that begins with `# needs Python 3.14` only where it is that new.
//! - `tools/`: what only `mcm` has. They call a server `toy` whose tools are `echo(value)`, `add(a, b=1)`,
//!   `raw(x-id, from=…, **extra)` (gives its arguments), `slow(ms)` (gives `ms` after that time), `meet(of)` (gives `of`
//!   when so many calls are there at once), `fail(message)`, `json-text(text)` (gives the text), `blocks` (the text `hello`, a resource link that holds `{"a": {"b": 1}}`,
//!   an image), `image` (four bytes, `image/png`), `cancelled(wanted)` (comes back when so many calls
//!   were cancelled), `giant(mib, kind)` (a large text, JSON or list of numbers) and `peak` (the most memory that
//!   `mcm` has held, in KiB).
//! - `tests/corpus`: scripts that were found elsewhere, unchanged, with what CPython prints beside them.

mod expected;

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::{
        Mutex, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use serde_json::{Value, json};

use crate::support::{program::Program, servers::scripted};
use expected::Expected;

/// Programs that run at once.
const SIDE_BY_SIDE: usize = 4;

#[test]
fn every_script_ends_as_its_last_lines_say() {
    let files = scripts(Path::new("tests/python"));
    assert!(files.len() > 200, "the cases are where they were");
    check(&files, |file| Expected::read(file).differences(&record(file)));
}

#[test]
fn cpython_does_what_plain_scripts_say() {
    let folders = ["language", "modules", "errors"].map(|folder| Path::new("tests/python").join(folder));
    let files: Vec<_> = folders.iter().flat_map(|folder| scripts(folder)).collect();
    check(&files, |file| {
        let expected = Expected::read(file);
        if expected.needs > cpython_version() {
            return Vec::new();
        }
        expected.differences_to_cpython(&cpython(file))
    });
}

#[test]
fn every_script_of_the_corpus_prints_what_it_prints_in_cpython() {
    let files = scripts(Path::new("tests/corpus"));
    assert_eq!(files.len(), 20);
    check(&files, |file| {
        let wanted = fs::read_to_string(file.with_extension("out")).unwrap();
        let program = Program::new(["run", "script.py"]).file("script.py", &fs::read_to_string(file).unwrap());
        let ended = program.run();
        if ended.code == Some(0) && ended.stdout == wanted {
            return Vec::new();
        }
        vec![format!(
            "code {:?}, printed {:?}, not {wanted:?}",
            ended.code, ended.stdout
        )]
    });
}

/// Runs the files side by side and fails with all that differs.
fn check(files: &[PathBuf], differences: impl Fn(&Path) -> Vec<String> + Sync) {
    let next = AtomicUsize::new(0);
    let wrong = Mutex::new(String::new());
    thread::scope(|scope| {
        for _ in 0..SIDE_BY_SIDE {
            scope.spawn(|| {
                while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    for difference in differences(file) {
                        writeln!(wrong.lock().unwrap(), "{}: {difference}", file.display()).unwrap();
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// The scripts in a folder and those below it.
fn scripts(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    let mut files = Vec::new();
    for path in entries {
        if path.is_dir() {
            files.extend(scripts(&path));
        } else if path.extension().is_some_and(|extension| extension == "py") {
            files.push(path);
        }
    }
    files
}

/// The record that the program gives of a script.
fn record(file: &Path) -> Value {
    let source = fs::read_to_string(file).unwrap();
    let program = Program::new(["run", "--json", "script.py"]).file("script.py", &source);
    program.servers(&json!({ "toy": scripted() })).run().json()
}

/// What becomes of a script in CPython.
fn cpython(file: &Path) -> Output {
    Command::new("python3").arg("-I").arg(file).output().unwrap()
}

/// The minor version of the installed Python 3.
fn cpython_version() -> u32 {
    static VERSION: OnceLock<u32> = OnceLock::new();
    *VERSION.get_or_init(|| {
        let version = ["-c", "import sys; print(sys.version_info.minor)"];
        let ended = Command::new("python3").args(version).output().unwrap();
        String::from_utf8(ended.stdout).unwrap().trim().parse().unwrap()
    })
}
