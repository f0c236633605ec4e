//! `mcm` on a terminal of its own: what the screen shows, and what the user types.
//!
//! - The terminal has 40 lines of 120 columns and is the program's controlling one.

use std::{
    fs::File,
    io::{Read, Write},
    os::fd::{AsRawFd, FromRawFd, OwnedFd},
    process::{Child, Command, ExitStatus},
    sync::{Arc, Condvar, Mutex},
    time::{Duration, Instant},
};

use super::program::{PATIENCE, Program, processes_of};

/// A program on a terminal of its own.
pub struct OnTerminal {
    child: Child,
    keyboard: File,
    screen: Arc<Screen>,
    reader: Option<std::thread::JoinHandle<()>>,
    folder: Arc<tempfile::TempDir>,
    /// The program's side, where the program itself may not hold it yet.
    held: Option<OwnedFd>,
}

#[derive(Default)]
struct Screen {
    text: Mutex<String>,
    changed: Condvar,
}

/// What became of it.
pub struct Ended {
    pub status: ExitStatus,
    /// All that was ever written to it.
    pub screen: String,
    /// What became of stdout where that is no terminal.
    pub answer: String,
}

/// What stdout is.
#[derive(Clone, Copy, PartialEq)]
pub enum Stdout {
    Terminal,
    File,
    /// A file, and neither stdin nor stderr is the terminal, which is still the controlling one.
    FileLikeAllElse,
}

impl OnTerminal {
    /// Starts it; stdin and stderr are the terminal.
    pub fn start(program: Program, stdout: Stdout) -> Self {
        let (mut command, folder) = program.into_parts();
        let (keyboard, terminal) = open_terminal();
        command
            .env("TERM", "xterm-256color")
            .stdin(terminal.try_clone().unwrap())
            .stderr(terminal.try_clone().unwrap());
        match stdout {
            Stdout::Terminal => command.stdout(terminal.try_clone().unwrap()),
            Stdout::File | Stdout::FileLikeAllElse => {
                command.stdout(File::create(folder.path().join("answer")).unwrap())
            }
        };
        if stdout == Stdout::FileLikeAllElse {
            let errors = File::create(folder.path().join("errors")).unwrap();
            command.stdin(std::process::Stdio::null()).stderr(errors);
        }
        take_terminal(&mut command, terminal.as_raw_fd());
        let child = command.spawn().unwrap();
        drop(command);
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
            folder,
            held: (stdout == Stdout::FileLikeAllElse).then_some(terminal),
        }
    }

    /// Waits until the screen has shown this `times` times.
    #[track_caller]
    pub fn sees(&self, part: &str, times: usize) {
        let text = self.screen.text.lock().unwrap();
        let lacks = |text: &mut String| text.matches(part).count() < times;
        let (text, waited) = self.screen.changed.wait_timeout_while(text, PATIENCE, lacks).unwrap();
        assert!(!waited.timed_out(), "the screen lacks {part:?}:\n{text}");
    }

    pub fn types(&mut self, text: &str) {
        self.keyboard.write_all(text.as_bytes()).unwrap();
    }

    /// Waits for its end, and that it leaves no process behind.
    pub fn end(mut self) -> Ended {
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
        self.held = None;
        self.reader.take().unwrap().join().unwrap();
        let screen = self.screen.text.lock().unwrap().clone();
        let answer = std::fs::read_to_string(self.folder.path().join("answer")).unwrap_or_default();
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

/// Makes this terminal the program's controlling one.
fn take_terminal(command: &mut Command, terminal: i32) {
    use std::os::unix::process::CommandExt;
    // SAFETY: both calls are safe between fork and exec.
    unsafe {
        command.pre_exec(move || {
            if libc::setsid() == -1 || libc::ioctl(terminal, libc::TIOCSCTTY, 0) == -1 {
                return Err(std::io::Error::last_os_error());
            }
            Ok(())
        })
    };
}
