//! What a conversation looks like while it goes on.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
    time::Duration,
};

use mcm::{
    agent::event::Event,
    cli::ui::{Code, Colour, Detail, Look, Surface, Ui, arguments, clean},
    model::Usage,
    sandbox::execution::{CallStatus, Code as Diagnosis, Diagnostics, Execution},
};
use serde_json::json;

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

/// What `show` leaves on a terminal without colours.
fn screen(columns: fn() -> usize, show: impl FnOnce(&Ui)) -> String {
    shown(columns, Colour::Off, show)
}

fn shown(columns: fn() -> usize, colour: Colour, show: impl FnOnce(&Ui)) -> String {
    let look = Look {
        stdout: Surface::Terminal,
        stderr: Surface::Terminal,
        colour,
        detail: Detail::Normal,
        code: Code::Hidden,
    };
    let stderr = Screen::default();
    let ui = Ui::over(look, Box::new(Screen::default()), Box::new(stderr.clone()));
    ui.converse(columns);
    show(&ui);
    String::from_utf8(stderr.0.lock().expect("no test panics here").clone()).expect("UTF-8")
}

/// A reply that comes in pieces of `size` characters.
fn reply(ui: &Ui, text: &str, size: usize) {
    ui.show(&Event::ModelAsked { step: 1 });
    let characters: Vec<char> = text.chars().collect();
    for piece in characters.chunks(size) {
        ui.show(&Event::ModelText {
            text: piece.iter().collect(),
        });
    }
    ui.show(&Event::ModelReplied {
        elapsed: Duration::from_secs(1),
        usage: Usage::default(),
    });
}

fn called(ui: &Ui, id: u64, tool: &str, arguments: &str, status: CallStatus) {
    let (server, tool) = ("files".to_owned(), tool.to_owned());
    ui.show(&Event::CallStarted {
        id,
        server: server.clone(),
        tool: tool.clone(),
        arguments: arguments.into(),
    });
    ui.show(&Event::CallEnded {
        id,
        server,
        tool,
        status,
        elapsed: Duration::from_millis(3),
    });
}

fn succeeded() -> Event {
    let mut execution = Execution::no_code("");
    execution.success = true;
    execution.diagnostics = None;
    Event::ScriptEnded { execution }
}

const REPLY: &str = "<think>Well, ```python\nhm</think>\nI read all files and count their lines, which takes one call for \
                     each of them.\n\n- then I sort\n```python\nimport asyncio\nfor path in files.list():\n\tprint(path)\n\n\
                     answer(1)\n```\nThat is it.";

#[test]
fn a_reply_is_the_same_however_it_is_cut_into_pieces() {
    let whole = screen(|| 60, |ui| reply(ui, REPLY, usize::MAX));
    for size in [1, 2, 3, 7, 50] {
        assert_eq!(screen(|| 60, |ui| reply(ui, REPLY, size)), whole, "in pieces of {size}");
    }
    insta::assert_snapshot!(whole);
}

#[test]
fn a_narrow_terminal_breaks_prose_between_words() {
    let narrow = screen(|| 20, |ui| reply(ui, REPLY, 4));
    assert!(
        narrow
            .lines()
            .filter(|line| !line.contains('│'))
            .all(|line| line.chars().count() <= 20)
    );
    insta::assert_snapshot!(narrow);
}

#[test]
fn a_line_shows_as_soon_as_it_is_whole() {
    let text = |ui: &Ui, text: &str| ui.show(&Event::ModelText { text: text.into() });
    let so_far = screen(
        || 40,
        |ui| {
            ui.show(&Event::ModelAsked { step: 1 });
            text(ui, "```python\nx = 1\ny = ");
        },
    );
    assert_eq!(so_far, "  │ x = 1\n");
    let so_far = screen(
        || 20,
        |ui| {
            ui.show(&Event::ModelAsked { step: 1 });
            text(ui, "a long line of prose that ");
        },
    );
    assert_eq!(so_far, "  a long line of\n");
}

#[test]
fn code_has_colours_where_there_are_any_and_says_the_same() {
    let coloured = shown(|| 60, Colour::On, |ui| reply(ui, REPLY, 5));
    assert_eq!(clean(&coloured), screen(|| 60, |ui| reply(ui, REPLY, 5)));
    assert!(coloured.contains("\x1b[2m  │ \x1b[0m\x1b["), "{coloured:?}");
}

#[test]
fn a_reply_that_broke_off_is_said_to_be_void() {
    let shown = screen(
        || 60,
        |ui| {
            ui.show(&Event::ModelAsked { step: 1 });
            ui.show(&Event::ModelText {
                text: "```python\nx = 1\ny".into(),
            });
            ui.show(&Event::ModelRetry {
                reason: "the connection\nbroke".into(),
                wait: Duration::from_millis(500),
            });
            ui.show(&Event::ModelRetry {
                reason: "503".into(),
                wait: Duration::from_secs(1),
            });
            reply(ui, "Better.", 3);
        },
    );
    insta::assert_snapshot!(shown);
}

#[test]
fn calls_have_a_line_each_until_they_are_too_many() {
    let shown = screen(
        || 40,
        |ui| {
            ui.show(&Event::ScriptStarted {
                source: "go()\n".into(),
            });
            for n in 0..40 {
                called(ui, n, "read", &format!("path=\"{n}.txt\""), CallStatus::Ok);
            }
            called(
                ui,
                90,
                "write",
                &format!("text=\"{}\"", "x".repeat(90)),
                CallStatus::Denied,
            );
            called(ui, 91, "re\x1b[2Jad", "", CallStatus::Error);
            ui.aside("one\ntwo \x1b[31mred\nthr");
            ui.aside("ee\n4\n5\n6\n7\n8\nnine");
            ui.show(&succeeded());
        },
    );
    insta::assert_snapshot!(shown);
}

#[test]
fn a_failed_script_says_where_and_why() {
    let shown = screen(
        || 60,
        |ui| {
            ui.show(&Event::ScriptStarted { source: "x\n".into() });
            ui.show(&Event::ScriptEnded {
                execution: Execution::failed(Diagnostics {
                    code: Diagnosis::RuntimeError,
                    rule: None,
                    message: "Traceback (most recent call last):\n  …\nKeyError: 'a'\n".into(),
                    line: Some(3),
                    hint: None,
                }),
            });
        },
    );
    insta::assert_snapshot!(shown);
}

#[test]
fn arguments_are_as_python_writes_them_and_short() {
    let shown = arguments(&json!({
        "path": "a\n.txt", "n": 3, "on": true, "none": null, "list": [1, 2], "map": {"a": 1}, "empty": [],
        "text": "y".repeat(100), "more": 1, "and_more": 2,
    }));
    insta::assert_snapshot!(shown);
}
