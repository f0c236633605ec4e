//! What is written, where, and what is kept from a terminal.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
    time::Duration,
};

use mcm::{
    agent::event::Event,
    cli::{
        failure::{Exit, Failure},
        ui::{Code, Colour, Detail, Look, Surface, Ui, clean, one_line},
    },
    model::Usage,
    sandbox::execution::{CallStatus, Code as Diagnosis, Diagnostics, Execution},
    wire::Stream,
};
use serde_json::json;

const PLAIN: Look = Look {
    stdout: Surface::Plain,
    stderr: Surface::Plain,
    colour: Colour::Off,
    detail: Detail::Normal,
    code: Code::Hidden,
};

#[derive(Clone, Default)]
struct Screen(Arc<Mutex<Vec<u8>>>);

impl Write for Screen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no test panics here").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Screen {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().expect("no test panics here").clone()).expect("UTF-8")
    }
}

/// What `show` writes to stdout and to stderr.
fn written(look: Look, show: impl FnOnce(&Ui)) -> (String, String) {
    let (stdout, stderr) = (Screen::default(), Screen::default());
    show(&Ui::over(look, Box::new(stdout.clone()), Box::new(stderr.clone())));
    (stdout.text(), stderr.text())
}

fn walk() -> Vec<Event> {
    let (server, tool) = (String::from("files"), String::from("read\x1b]0;title\x07_file"));
    let failed = Diagnostics {
        code: Diagnosis::RuntimeError,
        rule: None,
        message: "Traceback (most recent call last):\n  …\nKeyError: 'a'\n".into(),
        line: Some(3),
        hint: None,
    };
    vec![
        Event::ServerStarting { server: server.clone() },
        Event::ServerReady {
            server: server.clone(),
            tools: 14,
            elapsed: Duration::from_millis(1250),
        },
        Event::ServerFailed {
            server: "git".into(),
            message: "it ended at once\nlast line \x1b[31mred\x1b[0m".into(),
        },
        Event::ModelAsked { step: 1 },
        Event::ModelReasoning { text: "hm".into() },
        Event::ModelRetry {
            reason: "429\ntoo many".into(),
            wait: Duration::from_secs(2),
        },
        Event::ModelText {
            text: "```python".into(),
        },
        Event::ModelReplied {
            elapsed: Duration::from_secs(3),
            usage: Usage {
                total_tokens: 120,
                ..Usage::default()
            },
        },
        Event::ScriptStarted {
            source: "x = 1\nprint(x)\n".into(),
        },
        Event::CallStarted {
            id: 1,
            server: server.clone(),
            tool: tool.clone(),
            arguments: String::new(),
        },
        Event::CallEnded {
            id: 1,
            server,
            tool,
            status: CallStatus::Error,
            elapsed: Duration::from_millis(3),
        },
        Event::ScriptEnded {
            execution: Execution::failed(failed),
        },
        Event::Warning {
            message: "`.env` line 3 is ignored".into(),
        },
    ]
}

#[test]
fn off_a_terminal_each_important_event_is_one_short_line() {
    let (stdout, stderr) = written(PLAIN, |ui| walk().into_iter().for_each(|event| ui.listener()(event)));
    assert_eq!(stdout, "");
    insta::assert_snapshot!(stderr);
}

#[test]
fn quiet_leaves_warnings_and_errors() {
    let (_, stderr) = written(
        Look {
            detail: Detail::Quiet,
            ..PLAIN
        },
        |ui| {
            walk().iter().for_each(|event| ui.show(event));
            ui.failure(&Failure::new(Exit::Budget, "the time is used up").hint("raise `--max-time`"));
        },
    );
    insta::assert_snapshot!(stderr, @r"
    mcm: warning: server `git` is left out: it ended at once
    last line red
    mcm: warning: `.env` line 3 is ignored
    mcm: the time is used up
      raise `--max-time`
    ");
}

#[test]
fn a_script_is_shown_on_demand_and_coloured_on_a_terminal_only() {
    let event = Event::ScriptStarted {
        source: "x = 'a'  # b\nprint(x)\n".into(),
    };
    let look = Look {
        code: Code::Shown,
        detail: Detail::Quiet,
        ..PLAIN
    };
    let (_, plain) = written(look, |ui| ui.show(&event));
    assert_eq!(plain, "  | x = 'a'  # b\n  | print(x)\n");
    let (_, coloured) = written(
        Look {
            colour: Colour::On,
            stderr: Surface::Terminal,
            ..look
        },
        |ui| ui.show(&event),
    );
    assert!(coloured.contains("\x1b["), "{coloured:?}");
    assert_eq!(clean(&coloured), plain);
}

#[test]
fn an_answer_is_a_string_as_it_is_or_json() {
    let terminal = Look {
        stdout: Surface::Terminal,
        ..PLAIN
    };
    for (look, answer, shown) in [
        (PLAIN, json!("a\x1b[1mb"), "a\x1b[1mb\n"),
        (terminal, json!("a\x1b[1mb"), "ab\n"),
        (
            PLAIN,
            json!({"b": [1, null], "a": "x"}),
            "{\"b\":[1,null],\"a\":\"x\"}\n",
        ),
        (terminal, json!({"b": [1]}), "{\n  \"b\": [\n    1\n  ]\n}\n"),
        (PLAIN, json!(null), "null\n"),
    ] {
        let (stdout, stderr) = written(look, |ui| ui.answer(&answer).expect("it takes all"));
        assert_eq!((stdout.as_str(), stderr.as_str()), (shown, ""));
    }
}

#[test]
fn what_a_script_writes_goes_to_its_own_stream_unshortened() {
    let (stdout, stderr) = written(PLAIN, |ui| {
        ui.script_output(Stream::Stdout, "no end").expect("it takes all");
        ui.script_output(Stream::Stderr, "err\n").expect("it takes all");
        ui.script_output(Stream::Stdout, &"x".repeat(100_000))
            .expect("it takes all");
    });
    assert_eq!((stdout.len(), stderr.as_str()), (100_006, "err\n"));
}

#[test]
fn a_reader_that_has_gone_is_no_failure_and_a_full_disk_is_one() {
    struct Broken(io::ErrorKind);
    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let answer = |kind| Ui::over(PLAIN, Box::new(Broken(kind)), Box::new(Screen::default())).answer(&json!(1));
    assert!(answer(io::ErrorKind::BrokenPipe).is_ok());
    assert!(answer(io::ErrorKind::StorageFull).is_err());
}

#[test]
fn what_happens_during_a_question_is_shown_after_it() {
    let (_, stderr) = written(PLAIN, |ui| {
        let question = ui.pause();
        ui.note("first");
        ui.warning("second");
        ui.script_output(Stream::Stderr, "script\n").expect("it takes all");
        drop(question);
        ui.note("third");
    });
    assert_eq!(stderr, "script\nfirst\nmcm: warning: second\nthird\n");
}

#[test]
fn nothing_that_acts_on_a_terminal_comes_through() {
    for (text, cleaned) in [
        ("plain ä\tb\n", "plain ä\tb\n"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("a\rb\x08c\x07\x7f", "abc"),
        ("\x1b]0;title\x07x", "x"),
        ("\x1b]8;;http://e\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1bPq data\x1b\\x", "x"),
        ("\x1b]never ended\nnext", "\nnext"),
        ("\u{9b}2Jx\u{9d}t\u{9c}y", "xy"),
        ("\x1b(B\x1bcx\x1b", "x"),
        ("\x1b\x1b[31mx", "x"),
        ("a\u{202e}b\u{2066}c", "abc"),
    ] {
        assert_eq!(clean(text), cleaned, "{text:?}");
    }
    assert_eq!(one_line(" a\n\tb\x1b[1m c ", 4), "a b …");
}
