//! `mcm ask` on a real terminal: the questions, the ways to answer them, Ctrl-C, spinners and colour.

use std::{
    fs::File,
    io::{Read, Write},
    os::fd::{FromRawFd, OwnedFd},
    process::{Child, Command, ExitStatus},
    sync::{Arc, Condvar, Mutex},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::support::{
    endpoint::{Endpoint, Reply},
    program::{PATIENCE, processes_of},
    servers::toy,
};

/// A program on a terminal of its own.
struct OnTerminal {
    child: Child,
    keyboard: File,
    screen: Arc<Screen>,
    reader: Option<std::thread::JoinHandle<()>>,
    _folder: tempfile::TempDir,
}

#[derive(Default)]
struct Screen {
    text: Mutex<String>,
    changed: Condvar,
}

struct Ended {
    status: ExitStatus,
    screen: String,
    /// What became of stdout where that is no terminal.
    answer: String,
}

/// What stdout is.
#[derive(PartialEq)]
enum Stdout {
    Terminal,
    File,
}

impl OnTerminal {
    /// `mcm ask` with these arguments over the toy server.
    fn ask(endpoint: &Endpoint, arguments: &[&str], environment: &[(&str, &str)], stdout: &Stdout) -> Self {
        Self::ask_over(&json!({ "toy": toy(&[]) }), endpoint, arguments, environment, stdout)
    }

    /// The same over other servers.
    fn ask_over(
        servers: &Value,
        endpoint: &Endpoint,
        arguments: &[&str],
        environment: &[(&str, &str)],
        stdout: &Stdout,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let servers = json!({ "servers": servers }).to_string();
        std::fs::write(folder.path().join("mcp_servers.json"), servers).unwrap();
        let (keyboard, terminal) = open_terminal();
        let mut command = Command::new(env!("CARGO_BIN_EXE_mcm"));
        command.args(["ask", "Write it"]).args(arguments);
        command
            .current_dir(folder.path())
            .env_clear()
            .env("HOME", folder.path());
        command
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("TERM", "xterm-256color");
        command
            .env("OPENAI_BASE_URL", endpoint.base_url())
            .env("OPENAI_API_KEY", "sk-nobody");
        command.env("MCM_MODEL", "scripted").envs(environment.iter().copied());
        command
            .stdin(terminal.try_clone().unwrap())
            .stderr(terminal.try_clone().unwrap());
        match stdout {
            Stdout::Terminal => command.stdout(terminal.try_clone().unwrap()),
            Stdout::File => command.stdout(File::create(folder.path().join("answer")).unwrap()),
        };
        take_terminal(&mut command);
        let child = command.spawn().unwrap();
        drop((command, terminal));
        let screen = Arc::new(Screen::default());
        let shown = Arc::clone(&screen);
        let mut from = keyboard.try_clone().unwrap();
        let reader = std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            // an error is how a terminal says that nobody holds it any more
            while let Ok(count @ 1..) = from.read(&mut bytes) {
                shown
                    .text
                    .lock()
                    .unwrap()
                    .push_str(&String::from_utf8_lossy(&bytes[..count]));
                shown.changed.notify_all();
            }
        });
        Self {
            child,
            keyboard,
            screen,
            reader: Some(reader),
            _folder: folder,
        }
    }

    /// Waits until the screen has shown this `times` times.
    #[track_caller]
    fn sees(&self, part: &str, times: usize) {
        let text = self.screen.text.lock().unwrap();
        let lacks = |text: &mut String| text.matches(part).count() < times;
        let (text, waited) = self.screen.changed.wait_timeout_while(text, PATIENCE, lacks).unwrap();
        assert!(!waited.timed_out(), "the screen lacks {part:?}:\n{text}");
    }

    fn types(&mut self, text: &str) {
        self.keyboard.write_all(text.as_bytes()).unwrap();
    }

    /// Waits for its end, and that it leaves no process behind.
    fn end(mut self) -> Ended {
        let session = self.child.id().cast_signed();
        let deadline = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            if Instant::now() > deadline {
                self.child.kill().unwrap();
                panic!("it did not end:\n{}", self.screen.text.lock().unwrap());
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        while !processes_of(session).is_empty() {
            assert!(Instant::now() < deadline, "left behind: {:?}", processes_of(session));
            std::thread::sleep(Duration::from_millis(5));
        }
        self.reader.take().unwrap().join().unwrap();
        let screen = self.screen.text.lock().unwrap().clone();
        let answer = std::fs::read_to_string(self._folder.path().join("answer")).unwrap_or_default();
        Ended { status, screen, answer }
    }
}

/// Both sides of a new terminal: the user's and the program's.
fn open_terminal() -> (File, OwnedFd) {
    let (mut ours, mut theirs) = (-1, -1);
    let size = libc::winsize {
        ws_row: 40,
        ws_col: 120,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    let none = std::ptr::null_mut();
    // SAFETY: the places for the descriptors and the size are valid; name and settings may be null.
    let made = unsafe { libc::openpty(&raw mut ours, &raw mut theirs, none, none.cast(), &raw const size) };
    assert_eq!(made, 0, "a terminal");
    for descriptor in [ours, theirs] {
        // SAFETY: just opened.
        assert_eq!(unsafe { libc::fcntl(descriptor, libc::F_SETFD, libc::FD_CLOEXEC) }, 0);
    }
    // SAFETY: both were just opened, and nothing else owns them.
    unsafe { (File::from_raw_fd(ours), OwnedFd::from_raw_fd(theirs)) }
}

/// Makes the program's stdin its controlling terminal.
fn take_terminal(command: &mut Command) {
    use std::os::unix::process::CommandExt;
    // SAFETY: both calls are safe between fork and exec.
    unsafe {
        command.pre_exec(|| {
            if libc::setsid() == -1 || libc::ioctl(0, libc::TIOCSCTTY, 0) == -1 {
                return Err(std::io::Error::last_os_error());
            }
            Ok(())
        })
    };
}

fn script(code: &str) -> Endpoint {
    Endpoint::start([Reply::text(format!("```python\n{code}\n```"))])
}

const TWO_WRITES: &str = "first = toy.write(name='a')\nsecond = toy.write(name='b')\nanswer([first, second])";
const DENIED: &str = "try:\n    toy.write(name='a')\nexcept ToolDenied:\n    answer('denied')";

fn two_writes() -> Value {
    json!(["written", "written"])
}

#[test]
fn trust_is_asked_with_the_command_shown_and_kept() {
    let endpoint = script("answer(toy.echo(text='hi'))");
    let mut running = OnTerminal::ask(&endpoint, &[], &[], &Stdout::File);
    running.sees("trust it? [yes/no]", 1);
    running.sees("toy_server", 1);
    assert_eq!(endpoint.requests().len(), 0);
    running.types("yes\n");
    let ended = running.end();
    assert_eq!(
        (ended.status.code(), ended.answer.as_str()),
        (Some(0), "hi\n"),
        "{}",
        ended.screen
    );
}

#[test]
fn a_server_that_is_declined_is_named_and_left_out() {
    let endpoint = script("answer(tools.list())");
    let mut running = OnTerminal::ask(&endpoint, &[], &[], &Stdout::File);
    running.sees("trust it?", 1);
    running.types("n\n");
    let ended = running.end();
    assert!(ended.screen.contains("`toy` is not trusted"), "{}", ended.screen);
    assert_eq!(
        (ended.status.code(), ended.answer.as_str()),
        (Some(0), "[]\n"),
        "{}",
        ended.screen
    );
}

#[test]
fn a_write_is_asked_for_each_time_with_the_call_shown() {
    let endpoint = script(TWO_WRITES);
    let mut running = OnTerminal::ask(&endpoint, &["--trust"], &[], &Stdout::File);
    running.sees(r#"call toy.write({"name":"a"})? [yes/run/never]"#, 1);
    running.types("yes\n");
    running.sees(r#"call toy.write({"name":"b"})?"#, 1);
    running.types("y\n");
    let ended = running.end();
    assert_eq!(ended.answer, format!("{}\n", two_writes()), "{}", ended.screen);
}

#[test]
fn a_write_allowed_for_the_run_is_asked_for_once() {
    let endpoint = script(TWO_WRITES);
    let mut running = OnTerminal::ask(&endpoint, &["--trust"], &[], &Stdout::File);
    running.sees("[yes/run/never]", 1);
    running.types("run\n");
    let ended = running.end();
    assert_eq!(ended.answer, format!("{}\n", two_writes()), "{}", ended.screen);
    assert_eq!(ended.screen.matches("[yes/run/never]").count(), 1, "{}", ended.screen);
}

#[test]
fn a_writing_workspace_is_approved_and_a_rule_can_still_ask() {
    let servers = json!({ "workspace": { "builtin": "workspace", "root": ".", "write": true } });
    let code = "answer(workspace.write(path='a', text='abc'))";
    let endpoint = script(code);
    let ended = OnTerminal::ask_over(&servers, &endpoint, &["--trust"], &[], &Stdout::File).end();
    assert_eq!(ended.answer, "3\n", "{}", ended.screen);
    let rule = ["--trust", "--ask", "workspace.write"];
    let endpoint = script(code);
    let mut running = OnTerminal::ask_over(&servers, &endpoint, &rule, &[], &Stdout::File);
    running.sees("call workspace.write(", 1);
    running.types("yes\n");
    let ended = running.end();
    assert_eq!(ended.answer, "3\n", "{}", ended.screen);
}

#[test]
fn a_workspace_that_may_write_is_asked_about_with_its_folder_before_it_is_trusted() {
    let servers = json!({ "workspace": { "builtin": "workspace", "root": ".", "write": true } });
    let endpoint = script("answer(workspace.write(path='a', text='abc'))");
    let mut running = OnTerminal::ask_over(&servers, &endpoint, &[], &[], &Stdout::File);
    running.sees("workspace: reads and writes the files in the folder .", 1);
    running.sees("trust it? [yes/no]", 1);
    assert_eq!(endpoint.requests().len(), 0);
    running.types("yes\n");
    let ended = running.end();
    assert_eq!(ended.answer, "3\n", "{}", ended.screen);
}

#[test]
fn a_write_refused_is_tool_denied() {
    let endpoint = script(DENIED);
    let mut running = OnTerminal::ask(&endpoint, &["--trust"], &[], &Stdout::File);
    running.sees("[yes/run/never]", 1);
    running.types("never\n");
    let ended = running.end();
    assert_eq!(ended.answer, "denied\n", "{}", ended.screen);
}

#[test]
fn a_question_waits_longer_than_a_scripts_own_time() {
    // the time is what is tested: the script would have been stopped
    let endpoint = script(TWO_WRITES);
    let mut running = OnTerminal::ask(&endpoint, &["--trust", "--timeout", "1"], &[], &Stdout::File);
    running.sees("[yes/run/never]", 1);
    std::thread::sleep(Duration::from_millis(1500));
    running.types("run\n");
    let ended = running.end();
    assert_eq!(ended.answer, format!("{}\n", two_writes()), "{}", ended.screen);
}

#[test]
fn ctrl_c_at_a_question_ends_it_at_once_and_leaves_nothing() {
    for (arguments, question) in [(&["--trust"][..], "[yes/run/never]"), (&[][..], "trust it?")] {
        let endpoint = script(TWO_WRITES);
        let mut running = OnTerminal::ask(&endpoint, arguments, &[], &Stdout::File);
        running.sees(question, 1);
        let pressed = Instant::now();
        running.types("\x03");
        let ended = running.end();
        assert_eq!(ended.status.code(), Some(130), "{}", ended.screen);
        assert!(pressed.elapsed() < Duration::from_secs(5), "{:?}", pressed.elapsed());
        assert_eq!(ended.answer, "");
    }
}

#[test]
fn spinners_are_gone_when_the_answer_is_printed() {
    let endpoint = script("toy.echo(text='x')\nanswer('the one answer')");
    let running = OnTerminal::ask(&endpoint, &["--trust"], &[], &Stdout::Terminal);
    let ended = running.end();
    assert_eq!(ended.status.code(), Some(0), "{}", ended.screen);
    let (before, after) = ended
        .screen
        .split_once("the one answer")
        .expect("the answer on the screen");
    assert!(before.ends_with(['\n', '\r', 'K', 'J', 'h', 'm', 'G']), "{before:?}");
    let after = after
        .strip_prefix("\r\n")
        .unwrap_or_else(|| panic!("the answer's line goes on: {after:?}"));
    let printed = after.chars().filter(|c| c.is_alphanumeric()).count();
    assert!(printed < 20, "something is drawn over the answer: {after:?}");
}

#[test]
fn no_color_means_no_colour_even_on_a_terminal() {
    for (environment, coloured) in [(&[("NO_COLOR", "1")][..], false), (&[][..], true)] {
        let endpoint = script("answer(toy.echo(text='x'))");
        let running = OnTerminal::ask(&endpoint, &["--trust", "--show-code"], environment, &Stdout::File);
        let ended = running.end();
        assert_eq!(ended.status.code(), Some(0), "{}", ended.screen);
        assert_eq!(has_colour(&ended.screen), coloured, "{:?}", ended.screen);
    }
}

/// Whether a sequence that chooses a colour was written.
fn has_colour(screen: &str) -> bool {
    screen.split("\x1b[").skip(1).any(|rest| {
        let end = rest.find(|c: char| c.is_ascii_alphabetic());
        end.is_some_and(|end| rest.as_bytes()[end] == b'm' && end > 0)
    })
}
