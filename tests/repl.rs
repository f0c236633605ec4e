//! `mcm repl`: what a line is, what goes on in another one, what Tab completes, what is kept.

mod on_terminal;
mod piped;
mod session;
mod shown;

use std::os::unix::fs::PermissionsExt;

use mcm::cli::repl::{
    commands::{self, Command, Input, read},
    history::{History, MAX_LINES},
    open::goes_on,
    words::{ServerWords, Words, complete},
};

fn task(text: &str) -> Input {
    Input::Task(text.into())
}

fn python(code: &str) -> Input {
    Input::Python(code.into())
}

#[test]
fn a_line_is_a_task_python_or_a_command() {
    for (typed, read_as) in [
        ("", Input::Nothing),
        (" \t\n ", Input::Nothing),
        ("count the files", task("count the files")),
        ("  count\nthem  ", task("count\nthem")),
        ("one \\\ntwo", task("one \ntwo")),
        ("/etc/passwd: how many lines?", task("/etc/passwd: how many lines?")),
        ("!x = 1", python("x = 1")),
        ("! x = 1", python("x = 1")),
        ("!\nfor x in y:\n    print(x)\n", python("for x in y:\n    print(x)")),
        (
            "!if x:\n    y()\nelse:\n    z()",
            python("if x:\n    y()\nelse:\n    z()"),
        ),
        ("/help", Input::Command(Command::Help)),
        (" /UNDO ", Input::Command(Command::Undo)),
        (
            "/t read  file",
            Input::Command(Command::Tools(Some("read  file".into()))),
        ),
        ("/tools", Input::Command(Command::Tools(None))),
        ("/mod gpt-5", Input::Command(Command::Model(Some("gpt-5".into())))),
        ("/exit", Input::Command(Command::Quit)),
        ("/?", Input::Command(Command::Help)),
    ] {
        assert_eq!(read(typed), read_as, "{typed:?}");
    }
}

#[test]
fn a_wrong_command_says_what_is_right() {
    let said = ["/hepl", "/xyzzy", "/", "/undo now", "/reset x", "!", "! \n"].map(|typed| match read(typed) {
        Input::Wrong(wrong) => format!("{typed:?}\n{}\n  {}\n", wrong.message, wrong.hint),
        other => panic!("{typed:?} is {other:?}"),
    });
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn help_names_every_command() {
    let help = commands::help();
    assert!(commands::TABLE.iter().all(|entry| help.contains(entry.name)));
    insta::assert_snapshot!(help);
}

#[test]
fn what_is_open_goes_on_in_another_line() {
    for open in [
        "a task \\",
        "!print(",
        "!x = [1,\n2,",
        "!x = {'a': [1]",
        "!s = \"\"\"text",
        "!s = '''it\"s \\''' still",
        "!x = 1 + \\",
        "!for x in y:",
        "!for x in y:  # each",
        "!for x in y:\n    print(x)",
        "!if a:\n    b()\nelse:",
    ] {
        assert!(goes_on(open), "{open:?} is complete");
    }
    for complete in [
        "a task (with an open bracket",
        "a task that ends in two \\\\",
        "!print(1)",
        "!s = 'never closed",
        "!s = '('",
        "!x = {1: 2}",
        "!x: int = 1",
        "!f(lambda: 0)",
        "!s = \"\"\"text (\"\"\"",
        "!x = 1  # (",
        "!print(']')",
        "!for x in y:\n    print(x)\n",
        "!x = 1)",
        "!",
    ] {
        assert!(!goes_on(complete), "{complete:?} goes on");
    }
}

fn words() -> Words {
    let server = |name: &str, tools: &[&str]| ServerWords {
        name: name.into(),
        tools: tools.iter().map(|tool| ((*tool).into(), format!("{tool}s"))).collect(),
    };
    Words {
        models: vec!["gpt-5".into(), "gpt-5-mini".into(), "qwen3:8b".into()],
        servers: vec![
            server("files", &["read", "read_lines", "write"]),
            server("git", &["log"]),
        ],
    }
}

#[test]
fn tab_completes_commands_models_servers_and_tools() {
    let at_end = |line: &str| {
        let found = complete(&words(), line, line.len());
        let ends = found
            .into_iter()
            .map(|found| format!("{}{}", &line[..found.start], found.text));
        ends.collect::<Vec<_>>()
    };
    for (line, ends) in [
        ("/", commands::TABLE.len()),
        ("", 0),
        ("count the ", 0),
        ("nothing.", 0),
        ("/undo ", 0),
    ] {
        assert_eq!(at_end(line).len(), ends, "{line:?}");
    }
    for (line, ends) in [
        ("/un", &["/undo"][..]),
        (" /T", &[" /tools "]),
        ("/model gpt", &["/model gpt-5", "/model gpt-5-mini"]),
        ("/m q", &["/m qwen3:8b"]),
        ("/tools fi", &["/tools files"]),
        ("fi", &["files"]),
        ("use gi", &["use git"]),
        (
            "read it with files.re",
            &["read it with files.read", "read it with files.read_lines"],
        ),
        ("!x = len(git.", &["!x = len(git.log"]),
        ("ünï files.W", &["ünï files.write"]),
        ("!for x in y:\n", &["!for x in y:\n    "]),
        ("!if x:\n    if y:\n    ", &["!if x:\n    if y:\n        "]),
    ] {
        assert_eq!(at_end(line), ends, "{line:?}");
    }
    let line = "!files.r(1)";
    assert_eq!(
        complete(&words(), line, 8).len(),
        2,
        "what is behind the cursor does not count"
    );
}

#[test]
fn history_is_kept_for_its_owner_line_by_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("state/mcm/history");
    let (mut history, lines) = History::open(&path).expect("it is made");
    assert_eq!(lines, Vec::<String>::new());
    let block = "!for x in y:\n    print('a\\n')";
    for typed in ["one", "one", " forgotten", "", block, "three", &"x".repeat(20_000)] {
        history.add(typed).expect("it takes a line");
    }
    let (_, lines) = History::open(&path).expect("it opens");
    assert_eq!(lines, ["one", block, "three"]);
    let mode = |path: &std::path::Path| std::fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    assert_eq!((mode(&path), mode(path.parent().expect("a folder"))), (0o600, 0o700));
}

#[test]
fn sessions_that_go_on_at_once_keep_all_that_each_typed() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("history");
    std::thread::scope(|scope| {
        for session in 0..8 {
            let path = &path;
            scope.spawn(move || {
                for round in 0..5 {
                    let (mut history, _) = History::open(path).expect("it opens");
                    for n in 0..20 {
                        history.add(&format!("{session} {round} {n}")).expect("it takes a line");
                    }
                }
            });
        }
    });
    let (_, mut lines) = History::open(&path).expect("it opens");
    lines.sort_unstable();
    lines.dedup();
    assert_eq!(lines.len(), 8 * 5 * 20);
}

#[test]
fn a_history_that_is_long_torn_or_no_text_is_still_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("history");
    let mut bytes: Vec<u8> = (0..3 * MAX_LINES).flat_map(|n| format!("{n}\n").into_bytes()).collect();
    bytes.extend(b"caf\xff\ntorn");
    std::fs::write(&path, bytes).expect("a file");
    let (mut history, lines) = History::open(&path).expect("it opens");
    assert_eq!(lines.len(), MAX_LINES);
    assert_eq!(lines[lines.len() - 2..], ["caf\u{fffd}", "torn"]);
    history.add("next").expect("it takes a line");
    let (_, lines) = History::open(&path).expect("it opens");
    assert_eq!(lines[lines.len() - 2..], ["torn", "next"]);
    let long = std::fs::read_to_string(&path).expect("text by now").lines().count();
    assert_eq!(long, MAX_LINES + 1, "it was shortened");
}
