//! Questions to the user, on the controlling terminal.
//!
//! - A question is asked on `/dev/tty`, so it works while stdin and stdout are pipes.
//! - What was typed before the question appeared is no answer to it.
//! - No secret of the program is shown, and nothing that acts on the terminal.
//! - Dropping a question ends it: nothing goes on reading, and the program can end.
//! - How the terminal was set when the program began is how [`restore`] leaves it.

use std::{
    fs::File,
    io::{self, IsTerminal, PipeReader, Read, Write},
    os::fd::{AsFd, AsRawFd, BorrowedFd},
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread,
    time::Duration,
};

use tokio::sync::{Mutex, MutexGuard, oneshot};

use crate::cli::ui;

/// Longest line that is read as an answer, in bytes.
const MAX_LINE: usize = 64 << 10;

/// Held by whoever has several things to ask that belong together.
static DIALOGUE: Mutex<()> = Mutex::const_new(());

/// The controlling terminal.
#[derive(Debug)]
pub struct Terminal {
    device: File,
    turn: Mutex<()>,
}

/// Whether an answer shows while it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Echo {
    /// It shows.
    Shown,
    /// It is a secret.
    Hidden,
}

/// Whether the terminal is left to the program that has started this one.
static LEFT_ALONE: AtomicBool = AtomicBool::new(false);

/// From now on there is no terminal for this program: another one has started it to talk to it.
pub fn leave_alone() {
    LEFT_ALONE.store(true, Relaxed);
}

/// Whether the program runs on a terminal: stdin and stderr are terminals.
pub fn on_terminal() -> bool {
    !LEFT_ALONE.load(Relaxed) && io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// From now on stdin holds nothing.
///
/// # Errors
/// The system's.
pub fn close_stdin() -> io::Result<()> {
    let nothing = File::open("/dev/null")?;
    // SAFETY: both descriptors are open; nothing has been read into a buffer yet.
    match unsafe { libc::dup2(nothing.as_raw_fd(), libc::STDIN_FILENO) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

/// How stdin's terminal was set.
static BEFORE: OnceLock<libc::termios> = OnceLock::new();
/// Whether a line is being edited.
static EDITING: AtomicBool = AtomicBool::new(false);

/// Keeps how the terminal is set, for [`restore`]; the first call counts.
pub fn remember() {
    if let Some(before) = attributes(libc::STDIN_FILENO) {
        let _ = BEFORE.set(before);
    }
}

/// Leaves the terminal as [`remember`] found it; nothing where it did not. For every way out, however rough.
pub fn restore() {
    let Some(before) = BEFORE.get() else { return };
    // SAFETY: both only ask; a program in the background would be stopped for changing its terminal
    if unsafe { libc::tcgetpgrp(libc::STDIN_FILENO) != libc::getpgrp() } {
        return;
    }
    // SAFETY: the structure is whole
    unsafe { libc::tcsetattr(libc::STDIN_FILENO, libc::TCSANOW, before) };
    if EDITING.swap(false, Relaxed) {
        let _ = io::stderr().write_all(b"\x1b[?2004l\x1b[?25h\x1b[0m\r\n");
    }
}

/// A line is being edited while it lives; what is pasted is told from what is typed.
#[must_use]
pub struct Editing(());

impl Editing {
    /// From now on.
    pub fn begin() -> Self {
        EDITING.store(true, Relaxed);
        // the editor would write it to stdout, which is for answers
        let _ = io::stderr().write_all(b"\x1b[?2004h");
        Self(())
    }
}

impl Drop for Editing {
    fn drop(&mut self) {
        if EDITING.swap(false, Relaxed) {
            let _ = io::stderr().write_all(b"\x1b[?2004l");
        }
    }
}

/// Columns of the terminal that stderr is; 80 where nobody knows.
pub fn columns() -> usize {
    size(libc::STDERR_FILENO).0
}

/// Columns and rows of a terminal; 80 and 24 where nobody knows.
fn size(descriptor: libc::c_int) -> (usize, usize) {
    // SAFETY: all zeros are a valid size
    let mut size: libc::winsize = unsafe { std::mem::zeroed() };
    // SAFETY: the structure is there to be filled; a descriptor that is not open is refused
    let known = unsafe { libc::ioctl(descriptor, libc::TIOCGWINSZ, &raw mut size) } == 0;
    let or = |count: u16, usual| if known && count > 0 { usize::from(count) } else { usual };
    (or(size.ws_col, 80), or(size.ws_row, 24))
}

fn attributes(descriptor: libc::c_int) -> Option<libc::termios> {
    let mut attributes = std::mem::MaybeUninit::uninit();
    // SAFETY: the structure is read only if the call has filled it; a descriptor that is not open is refused
    unsafe { (libc::tcgetattr(descriptor, attributes.as_mut_ptr()) == 0).then(|| attributes.assume_init()) }
}

impl Terminal {
    /// The controlling terminal; `None` where there is none.
    pub fn open() -> Option<Self> {
        if LEFT_ALONE.load(Relaxed) {
            return None;
        }
        File::options()
            .read(true)
            .write(true)
            .open("/dev/tty")
            .ok()
            .map(Self::over)
    }

    /// The same over another device.
    pub fn over(device: File) -> Self {
        Self {
            device,
            turn: Mutex::new(()),
        }
    }

    /// Waits for its turn to ask several things that belong together; it lasts until the guard is dropped, whoever
    /// opened the terminal besides.
    pub async fn dialogue(&self) -> MutexGuard<'static, ()> {
        DIALOGUE.lock().await
    }

    /// Its columns and rows, as far as they are known.
    pub fn size(&self) -> (usize, usize) {
        size(self.device.as_raw_fd())
    }

    /// Asks until one of `choices` is typed, in full or shortened, and gives its index;
    /// `None` at the end of input. Questions wait for each other.
    ///
    /// # Errors
    /// The terminal's.
    pub async fn choose(&self, question: &str, choices: &[&str]) -> io::Result<Option<usize>> {
        let mut question = format!("{question} [{}] ", choices.join("/"));
        loop {
            let Some(line) = self.line(&question, Echo::Shown).await? else {
                return Ok(None);
            };
            if let Some(index) = pick(&line, choices) {
                return Ok(Some(index));
            }
            question = format!("one of {}: ", choices.join(", "));
        }
    }

    /// Says something between two questions.
    ///
    /// # Errors
    /// The terminal's.
    pub async fn say(&self, text: &str) -> io::Result<()> {
        let _turn = self.turn.lock().await;
        writeln!(&self.device, "{}", ui::clean(&ui::masked(text)))
    }

    /// Asks for one line; `None` at the end of input. Questions wait for each other.
    ///
    /// # Errors
    /// The terminal's.
    pub async fn line(&self, question: &str, echo: Echo) -> io::Result<Option<String>> {
        let _turn = self.turn.lock().await;
        // dropped with this future, whereupon the reading thread sees the end of its pipe
        let (stop, _goes_on) = io::pipe()?;
        let _echoing = Echoing::set(&self.device, echo);
        flush_typed(&self.device);
        let mut device = self.device.try_clone()?;
        write!(device, "{}", ui::clean(&ui::masked(question)))?;
        let (sender, receiver) = oneshot::channel();
        // no task of the runtime, which would be waited for at the end
        thread::Builder::new().name("question".into()).spawn(move || {
            let _ = sender.send(read_line(&mut device, &stop));
        })?;
        let mut open = OpenLine(Some(&self.device));
        let line = receiver
            .await
            .unwrap_or_else(|_| Err(io::ErrorKind::BrokenPipe.into()))?;
        if echo == Echo::Shown && line.is_some() {
            open.0 = None;
        }
        Ok(line)
    }
}

/// The only choice that begins with what was typed, or is it.
fn pick(typed: &str, choices: &[&str]) -> Option<usize> {
    let typed = typed.trim().to_lowercase();
    if let Some(exact) = choices.iter().position(|choice| *choice == typed) {
        return Some(exact);
    }
    let mut fitting = choices
        .iter()
        .enumerate()
        .filter(|(_, choice)| !typed.is_empty() && choice.starts_with(&typed));
    match (fitting.next(), fitting.next()) {
        (Some((index, _)), None) => Some(index),
        _ => None,
    }
}

fn read_line(device: &mut File, stop: &PipeReader) -> io::Result<Option<String>> {
    let mut line = Vec::new();
    loop {
        let [typed, stopped] = poll([device.as_fd(), stop.as_fd()], None)?;
        let mut byte = [0];
        if stopped || (typed && device.read(&mut byte)? == 0) {
            return Ok(None);
        }
        match byte[0] {
            b'\n' => return Ok(Some(String::from_utf8_lossy(&line).trim_end_matches('\r').to_owned())),
            _ if line.len() == MAX_LINE => return Err(io::Error::other("the answer is too long")),
            byte => line.push(byte),
        }
    }
}

/// Waits until `file` can be read or has ended; false when `limit` has passed.
///
/// # Errors
/// The system's.
pub fn wait_readable(file: BorrowedFd<'_>, limit: Duration) -> io::Result<bool> {
    poll([file], Some(limit)).map(|[ready]| ready)
}

/// Which of `files` can be read, have ended or failed; none when `limit` has passed.
fn poll<const N: usize>(files: [BorrowedFd<'_>; N], limit: Option<Duration>) -> io::Result<[bool; N]> {
    let mut asked = files.map(|file| libc::pollfd {
        fd: file.as_raw_fd(),
        events: libc::POLLIN,
        revents: 0,
    });
    let end = limit.map(|limit| std::time::Instant::now() + limit);
    loop {
        let left = end.map(|end| end.saturating_duration_since(std::time::Instant::now()));
        let millis = left.map_or(-1, |left| i32::try_from(left.as_millis()).unwrap_or(i32::MAX));
        // SAFETY: the array holds N entries and lives through the call; the descriptors are borrowed
        let ready = unsafe { libc::poll(asked.as_mut_ptr(), N as libc::nfds_t, millis) };
        if ready >= 0 {
            return Ok(asked.map(|file| file.revents != 0));
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
}

/// Forgets what was typed before the question; harmless where that is not a terminal.
fn flush_typed(device: &File) {
    // SAFETY: the descriptor is open
    unsafe { libc::tcflush(device.as_raw_fd(), libc::TCIFLUSH) };
}

/// A question whose line nobody has ended; what follows begins a new one.
struct OpenLine<'a>(Option<&'a File>);

impl Drop for OpenLine<'_> {
    fn drop(&mut self) {
        if let Some(mut device) = self.0 {
            // a terminal that is gone shows nothing more
            let _ = device.write_all(b"\n");
        }
    }
}

/// Has a terminal show what is typed, or not, until dropped.
#[must_use]
pub struct Echoing {
    device: File,
    before: libc::termios,
}

impl Echoing {
    /// Of stdin; `None` where that is no terminal, or one that another program holds.
    pub fn off() -> Option<Self> {
        // SAFETY: both only ask; a program in the background would be stopped for changing its terminal
        let ours = unsafe { libc::tcgetpgrp(libc::STDIN_FILENO) == libc::getpgrp() };
        let device = io::stdin().as_fd().try_clone_to_owned().ok()?;
        ours.then(|| Self::set(&File::from(device), Echo::Hidden))?
    }

    fn set(device: &File, echo: Echo) -> Option<Self> {
        let before = attributes(device.as_raw_fd())?;
        let mut wanted = before;
        match echo {
            Echo::Shown => wanted.c_lflag |= libc::ECHO,
            Echo::Hidden => wanted.c_lflag &= !libc::ECHO,
        }
        let device = device.try_clone().ok()?;
        // SAFETY: the descriptor is open and the structure is whole
        unsafe { libc::tcsetattr(device.as_raw_fd(), libc::TCSANOW, &wanted) };
        Some(Self { device, before })
    }
}

impl Drop for Echoing {
    fn drop(&mut self) {
        // SAFETY: as in `set`
        unsafe { libc::tcsetattr(self.device.as_raw_fd(), libc::TCSANOW, &self.before) };
    }
}
