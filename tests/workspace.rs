//! The built-in server `workspace`, as a script calls it.

mod attacks;
mod configuration;
mod odd_files;
mod writing;

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use serde_json::{Value, json};

use crate::support::program::{Ended, Program};

/// What every script here begins with: `t` gives a tool's result or its error as text.
const PRELUDE: &str = "def t(tool, *args, **kwargs):
    try:
        return tool(*args, **kwargs)
    except ToolError as e:
        return 'error: ' + e.message
w = workspace
";

/// A script over a workspace whose root is the folder `files`; beside it lies what must not be reached.
struct Case {
    program: Program,
}

impl Case {
    /// Over a workspace that may only read, which nobody has to trust.
    fn reading(code: &str) -> Self {
        Self::over(code, &json!({ "builtin": "workspace", "root": "files" }))
    }

    /// Over a workspace that may write.
    fn writing(code: &str) -> Self {
        let mut case = Self::over(code, &json!({ "builtin": "workspace", "root": "files", "write": true }));
        case.program = case.program.arg("--trust");
        case
    }

    fn over(code: &str, entry: &Value) -> Self {
        let config = json!({ "servers": { "workspace": entry } }).to_string();
        let program = Program::new(["run", "script.py"])
            .file("script.py", &format!("{PRELUDE}{code}"))
            .file("mcp_servers.json", &config)
            .file("secret.txt", "SECRET");
        let case = Self { program };
        fs::create_dir(case.root()).unwrap();
        case
    }

    fn root(&self) -> PathBuf {
        self.program.folder().join("files")
    }

    fn file(self, path: &str, text: impl AsRef<[u8]>) -> Self {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    fn link(self, target: &str, path: &str) -> Self {
        self.with(|root| std::os::unix::fs::symlink(target, root.join(path)).unwrap())
    }

    fn with(self, arrange: impl FnOnce(&Path)) -> Self {
        arrange(&self.root());
        self
    }

    fn arg(mut self, argument: &str) -> Self {
        self.program = self.program.arg(argument);
        self
    }

    #[track_caller]
    fn run(self) -> Ended {
        self.program.run().expect(0)
    }

    /// What the script answered.
    #[track_caller]
    fn answer(self) -> Value {
        self.run().json()
    }

    /// The same, and what the root then holds.
    #[track_caller]
    fn answer_and(self, look: impl FnOnce(&Path)) -> Value {
        let again = self.program.again(["--version"]);
        let answer = self.program.run().expect(0).json();
        look(&again.folder().join("files"));
        answer
    }
}

/// Sets when a file was changed last, in seconds since 1970.
fn touch(path: &Path, seconds: i64) {
    let age = Duration::from_secs(seconds.unsigned_abs());
    let time = if seconds < 0 {
        SystemTime::UNIX_EPOCH - age
    } else {
        SystemTime::UNIX_EPOCH + age
    };
    fs::File::options()
        .append(true)
        .open(path)
        .unwrap()
        .set_modified(time)
        .unwrap();
}

#[test]
fn a_folder_is_listed_by_name_with_kind_size_and_time() {
    let answer = Case::reading("answer([w.list(), w.list(path='b/../b//'), w.stat(path='b/c.txt')])")
        .file("a.txt", "12345")
        .file(".hidden", "")
        .file("b/c.txt", "é")
        .link("a.txt", "l")
        .with(|root| {
            touch(&root.join("a.txt"), 981_173_106);
            touch(&root.join(".hidden"), -1);
            touch(&root.join("b/c.txt"), 1_709_251_199);
        })
        .answer();
    let mut listed = answer[0].clone();
    for entry in listed.as_array_mut().unwrap() {
        if ["folder", "link"].contains(&entry["kind"].as_str().unwrap()) {
            entry["modified"] = json!("");
        }
    }
    let c = |path: &str| json!({ "name": "c.txt", "path": path, "kind": "file", "size": 2, "modified": "2024-02-29T23:59:59Z" });
    assert_eq!(
        listed,
        json!([
            { "name": ".hidden", "path": ".hidden", "kind": "file", "size": 0, "modified": "1969-12-31T23:59:59Z" },
            { "name": "a.txt", "path": "a.txt", "kind": "file", "size": 5, "modified": "2001-02-03T04:05:06Z" },
            { "name": "b", "path": "b", "kind": "folder", "size": 0, "modified": "" },
            { "name": "l", "path": "l", "kind": "link", "size": 0, "modified": "" },
        ])
    );
    assert_eq!(answer[1], json!([c("b/../b/c.txt")]));
    assert_eq!(answer[2], c("b/c.txt"));
}

#[test]
fn glob_finds_files_by_pattern_and_leaves_out_hidden_and_ignored_ones() {
    let patterns = [
        ("**/*", json!(["a.py", "sub/b.py", "sub/deep/c.rs", "sub/keep.log"])),
        ("*", json!(["a.py"])),
        ("**/*.py", json!(["a.py", "sub/b.py"])),
        ("./sub/*.py", json!(["sub/b.py"])),
        ("sub/**", json!(["sub/b.py", "sub/deep/c.rs", "sub/keep.log"])),
        ("*/*/*.rs", json!(["sub/deep/c.rs"])),
        ("**/*.{rs,py}", json!(["a.py", "sub/b.py", "sub/deep/c.rs"])),
        ("**/[bc].*", json!(["sub/b.py", "sub/deep/c.rs"])),
        // what a pattern names is meant
        (".hidden/*", json!([".hidden/h.py"])),
        ("**/.*", json!([".gitignore", "sub/.gitignore"])),
        ("out/*.py", json!(["out/o.py"])),
        ("skip.log", json!(["skip.log"])),
        // its links are resolved
        ("out/../sub/*.py", json!(["sub/b.py"])),
        ("gone/*", json!([])),
        ("a.py/*", json!([])),
    ];
    let code = format!(
        "answer([w.glob(pattern=p) for p in {}] + [w.glob(pattern='**/*', all=True)])",
        json!(patterns.iter().map(|(pattern, _)| pattern).collect::<Vec<_>>())
    );
    let answer = Case::reading(&code)
        .file("a.py", "")
        .file("sub/b.py", "")
        .file("sub/deep/c.rs", "")
        .file("sub/keep.log", "")
        .file("skip.log", "")
        .file("sub/skip.log", "")
        .file("out/o.py", "")
        .file(".hidden/h.py", "")
        .file(".gitignore", "*.log\n/out/\n[broken\n")
        .file("sub/.gitignore", "!keep.log\n")
        .link("a.py", "link.py")
        .answer();
    for (n, (pattern, paths)) in patterns.iter().enumerate() {
        assert_eq!(answer[n], *paths, "{pattern}");
    }
    assert_eq!(
        answer[patterns.len()],
        json!([
            ".gitignore",
            ".hidden/h.py",
            "a.py",
            "out/o.py",
            "skip.log",
            "sub/.gitignore",
            "sub/b.py",
            "sub/deep/c.rs",
            "sub/keep.log",
            "sub/skip.log"
        ])
    );
}

#[test]
fn a_file_is_read_whole_or_by_lines() {
    let answer = Case::reading(
        "def r(**k): return w.read(path='a.txt', **k)
answer([r(), r(start_line=2), r(limit=1), r(start_line=2, limit=1), r(start_line=3, limit=9), r(start_line=4), r(limit=0),
    w.read(path='empty'), w.read(path='empty', start_line=2)])",
    )
    .file("a.txt", "eins\r\nzwei é\ndrei")
    .file("empty", "")
    .answer();
    assert_eq!(
        answer,
        json!([
            "eins\r\nzwei é\ndrei",
            "zwei é\ndrei",
            "eins\r\n",
            "zwei é\n",
            "drei",
            "",
            "",
            "",
            ""
        ])
    );
}

#[test]
fn search_gives_lines_with_context_and_counts_what_it_leaves_out() {
    let code = "def s(pattern, **k):
    found = w.search(pattern=pattern, **k)
    places = [[m['path'], m['line'], m['text']] + ([m['before'], m['after']] if 'before' in m else []) for m in found['matches']]
    return [places, found['total'], found['truncated'], found['skipped']]
answer([s('b'), s('^B$', ignore_case=True, path='sub'), s('b', glob='*.rs'), s('b', glob='!sub/**'), s('b', limit=1),
    s('b', per_file=1), s('b', path='a.txt', context=1), s('b', all=True, glob='*.log'), s('b', limit=0), s(r'\\bxyz')])";
    let answer = Case::reading(code)
        .file("a.txt", "a\nb1\nb2\r\nc\nd\nb3\n")
        .file("sub/x.rs", "b\n")
        .file("sub/deep/y.txt", "B")
        .file("x.log", "b")
        .file(".gitignore", "*.log\n")
        .file("binary", "b\0b")
        .answer();
    let skipped = json!(["binary: binary"]);
    let a = [
        json!(["a.txt", 2, "b1"]),
        json!(["a.txt", 3, "b2"]),
        json!(["a.txt", 6, "b3"]),
    ];
    let x = json!(["sub/x.rs", 1, "b"]);
    let expected = json!([
        [[a[0], a[1], a[2], x], 4, false, skipped],
        [[x, ["sub/deep/y.txt", 1, "B"]], 2, false, []],
        [[x], 1, false, []],
        [[a[0], a[1], a[2]], 3, false, skipped],
        [[a[0]], 4, true, skipped],
        [[a[0], x], 4, true, skipped],
        [
            [
                ["a.txt", 2, "b1", ["a"], ["b2"]],
                ["a.txt", 3, "b2", ["b1"], ["c"]],
                ["a.txt", 6, "b3", ["d"], []]
            ],
            3,
            false,
            []
        ],
        [[["x.log", 1, "b"]], 1, false, []],
        [[], 4, true, skipped],
        [[], 0, false, skipped],
    ]);
    assert_eq!(answer, expected);
}

#[test]
fn long_lines_are_cut_in_what_search_gives() {
    let answer = Case::reading("answer([m['text'] for m in w.search(pattern='é$')['matches']])")
        .file("a.txt", format!("{0}\n{0}é\n", "é".repeat(1_000)))
        .answer();
    assert_eq!(answer, json!(["é".repeat(1_000), "é".repeat(1_000) + "…"]));
}

#[test]
fn arguments_that_make_no_sense_say_what_to_mend() {
    let answer = Case::reading(
        "answer([t(w.read, path='gone'), t(w.read, path='.'), t(w.list, path='a.txt'), t(w.read, path='a.txt/b'), t(w.read, path=''),
    t(w.glob, pattern='[a'), t(w.search, pattern='a('), t(w.search, pattern='a', path='gone'), t(w.stat, path='gone')])",
    )
    .file("a.txt", "")
    .answer();
    let answer: Vec<&str> = answer.as_array().unwrap().iter().map(|e| e.as_str().unwrap()).collect();
    insta::assert_snapshot!(answer.join("\n"));
}
