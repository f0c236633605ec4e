//! `mcm repl` on a terminal of its own, which answers what a terminal is asked, and a user who types.

use std::{
    io::{self, Read, Write},
    os::fd::{AsRawFd, RawFd},
    path::PathBuf,
    process::Command,
    sync::Arc,
    time::Instant,
};

use expectrl::{
    Expect, Session,
    process::{
        NonBlocking, Process,
        unix::{PtyStream, UnixProcess, WaitStatus},
    },
};
use serde_json::{Value, json};

use crate::support::{
    endpoint::Endpoint,
    program::{PATIENCE, processes_of},
    servers::toy,
};

/// Asks a terminal where its cursor is.
const WHERE: &[u8] = b"\x1b[6n";

/// What the program is started with.
pub struct Setup {
    pub arguments: Vec<String>,
    pub environment: Vec<(&'static str, String)>,
    pub servers: Value,
    pub size: (u16, u16),
    pub cursor: Cursor,
    folder: Arc<tempfile::TempDir>,
}

/// Whether the terminal says where its cursor is.
#[derive(Clone, Copy, PartialEq)]
pub enum Cursor {
    Told,
    Secret,
}

/// A program that runs on a terminal.
pub struct OnTerminal {
    session: Session<UnixProcess, Answering>,
    folder: Arc<tempfile::TempDir>,
    before: Modes,
    edits: bool,
}

/// How it ended.
pub struct Ended {
    /// Its exit code.
    pub code: Option<i32>,
    /// All that was ever written to the terminal.
    pub screen: String,
}

impl Setup {
    /// The toy server, this endpoint's model, and a new home.
    pub fn new(endpoint: &Endpoint) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("work")).unwrap();
        Self {
            arguments: vec!["--trust".into(), "--yes".into()],
            environment: vec![
                ("TERM", "xterm-256color".into()),
                ("OPENAI_BASE_URL", endpoint.base_url()),
                ("OPENAI_API_KEY", "sk-nobody".into()),
                ("MCM_MODEL", "scripted".into()),
            ],
            servers: json!({ "toy": toy(&["all-tools"]) }),
            size: (100, 30),
            cursor: Cursor::Told,
            folder: Arc::new(folder),
        }
    }

    pub fn env(mut self, name: &'static str, value: &str) -> Self {
        self.environment.retain(|(known, _)| *known != name);
        self.environment.push((name, value.into()));
        self
    }

    pub fn args(mut self, arguments: &[&str]) -> Self {
        self.arguments = arguments.iter().map(ToString::to_string).collect();
        self
    }

    /// Starts `mcm repl`.
    pub fn start(&self) -> OnTerminal {
        let work = self.folder.path().join("work");
        std::fs::write(
            work.join("mcp_servers.json"),
            json!({ "servers": self.servers }).to_string(),
        )
        .unwrap();
        // it begins when the terminal has its size, and was looked at
        let mut command = Command::new("sh");
        command
            .args([
                "-c",
                "read -r _ && exec \"$0\" \"$@\"",
                env!("CARGO_BIN_EXE_mcm"),
                "repl",
            ])
            .args(&self.arguments)
            .current_dir(&work)
            .env_clear()
            .env("HOME", self.folder.path())
            .env("PATH", std::env::var_os("PATH").unwrap())
            .envs(self.environment.iter().map(|(name, value)| (*name, value)));
        let mut process = UnixProcess::spawn_command(command).unwrap();
        process.set_window_size(self.size.0, self.size.1).unwrap();
        let stream = process.open_stream().unwrap();
        let before = Modes::of(stream.as_raw_fd());
        let answering = Answering {
            stream,
            cursor: self.cursor,
            seen: Vec::new(),
        };
        let mut session = Session::new(process, answering).unwrap();
        session.set_expect_timeout(Some(PATIENCE));
        session.send("\n").unwrap();
        OnTerminal {
            session,
            folder: Arc::clone(&self.folder),
            before,
            edits: self.cursor == Cursor::Told && !self.environment.contains(&("TERM", "dumb".into())),
        }
    }
}

impl OnTerminal {
    /// Waits until this is written, after what was waited for before.
    #[track_caller]
    pub fn sees(&mut self, part: &str) {
        if let Err(e) = self.session.expect(part) {
            panic!("the screen lacks {part:?} ({e}):\n{}", self.screen());
        }
    }

    /// Waits for a new prompt.
    #[track_caller]
    pub fn prompt(&mut self) {
        // an editor paints the same one again and again
        if self.edits {
            self.sees("\x1b[?2004h");
        }
        self.sees("mcm> ");
    }

    pub fn types(&mut self, text: &str) {
        self.session.write_all(text.as_bytes()).unwrap();
        self.session.flush().unwrap();
    }

    /// Types a line at the prompt.
    #[track_caller]
    pub fn enters(&mut self, line: &str) {
        self.prompt();
        self.types(&format!("{line}\r"));
    }

    /// Waits for a file in the folder that it runs in.
    #[track_caller]
    pub fn wait_for_file(&mut self, name: &str) -> PathBuf {
        let (path, deadline) = (self.folder.path().join("work").join(name), Instant::now() + PATIENCE);
        while !path.exists() {
            assert!(Instant::now() < deadline, "there is no `{name}`:\n{}", self.screen());
            // what is written must be read, or the program waits
            let _ = self.session.is_empty();
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        path
    }

    /// A file below its home.
    pub fn at_home(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub fn signal(&self, signal: i32) {
        // SAFETY: the child has not been waited for, so its id is its own.
        unsafe { libc::kill(self.id(), signal) };
    }

    /// How the terminal is set now.
    pub fn modes(&self) -> Modes {
        Modes::of(self.session.get_stream().stream.as_raw_fd())
    }

    /// Leaves by Ctrl-D at the prompt.
    #[track_caller]
    pub fn leaves(mut self) -> Ended {
        self.prompt();
        self.types("\x04");
        let ended = self.end();
        assert_eq!(ended.code, Some(0), "{}", ended.screen);
        ended
    }

    /// Waits for its end: the terminal is as it was, and no process is left.
    #[track_caller]
    pub fn end(mut self) -> Ended {
        let at_end = self.session.expect(expectrl::Eof);
        assert!(at_end.is_ok(), "it does not end:\n{}", self.screen());
        let status = self.session.get_process().wait().unwrap();
        let (deadline, id) = (Instant::now() + PATIENCE, self.id());
        while !processes_of(id).is_empty() {
            assert!(Instant::now() < deadline, "left behind: {:?}", processes_of(id));
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        let screen = self.screen();
        assert_eq!(self.modes(), self.before, "the terminal is not as it was:\n{screen}");
        let pastes = screen.rfind("\x1b[?2004h").unwrap_or(0);
        assert!(
            screen[pastes..].contains("\x1b[?2004l") || !screen.contains("\x1b[?2004"),
            "it still brackets what is pasted:\n{screen:?}"
        );
        let code = match status {
            WaitStatus::Exited(_, code) => Some(code),
            _ => None,
        };
        Ended { code, screen }
    }

    fn id(&self) -> i32 {
        self.session.get_process().pid().as_raw()
    }

    pub fn screen(&self) -> String {
        String::from_utf8_lossy(&self.session.get_stream().seen).into_owned()
    }
}

/// How a terminal is set.
#[derive(Debug, PartialEq, Eq)]
pub struct Modes([u32; 4], Vec<u8>);

impl Modes {
    fn of(terminal: RawFd) -> Self {
        // SAFETY: all zeros are a valid structure, which the call fills.
        let modes = unsafe {
            let mut modes: libc::termios = std::mem::zeroed();
            assert_eq!(libc::tcgetattr(terminal, &raw mut modes), 0, "it is a terminal");
            modes
        };
        Self(
            [modes.c_iflag, modes.c_oflag, modes.c_cflag, modes.c_lflag],
            modes.c_cc.to_vec(),
        )
    }

    /// Lines are handed over when they are whole.
    pub fn takes_lines(&self) -> bool {
        self.0[3] & libc::ICANON != 0
    }
}

/// The terminal's own answers.
struct Answering {
    stream: PtyStream,
    cursor: Cursor,
    seen: Vec<u8>,
}

impl Read for Answering {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.stream.read(buffer)?;
        // a question may come in two pieces
        let from = self.seen.len().saturating_sub(WHERE.len() - 1);
        self.seen.extend_from_slice(&buffer[..count]);
        let questions = self.seen[from..].windows(WHERE.len()).filter(|part| *part == WHERE);
        if self.cursor == Cursor::Told {
            for _ in questions {
                self.stream.write_all(b"\x1b[30;1R")?;
            }
        }
        Ok(count)
    }
}

impl Write for Answering {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

impl NonBlocking for Answering {
    fn set_blocking(&mut self, on: bool) -> io::Result<()> {
        self.stream.set_blocking(on)
    }
}
