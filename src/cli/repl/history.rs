//! What was typed, on disk.
//!
//! - Any number of sessions write to one file: each adds whole lines under a lock, and none rewrites
//!   what another has added.
//! - The file is its owner's alone; a line that is torn, or no text, harms no other.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use crate::files;

/// Lines that are kept.
pub const MAX_LINES: usize = 2_000;
/// Longest line that is kept, in bytes.
pub const MAX_LINE: usize = 16 << 10;
/// Largest file that is read; a larger one was not written by us.
const MAX_FILE: u64 = 2 * (MAX_LINES * MAX_LINE) as u64;
/// How long to wait for other sessions.
const MAX_WAIT: Duration = Duration::from_secs(1);

/// The file.
#[derive(Debug)]
pub struct History {
    path: PathBuf,
    last: Option<String>,
}

impl History {
    /// Opens `path`, or makes it and its folder, and gives what it holds, oldest first.
    ///
    /// # Errors
    /// It cannot be read, or not written.
    pub fn open(path: &Path) -> io::Result<(Self, Vec<String>)> {
        if let Some(folder) = path.parent() {
            DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        let mut file = locked(path)?;
        let mut bytes = Vec::new();
        (&mut file).take(MAX_FILE).read_to_end(&mut bytes)?;
        let text = String::from_utf8_lossy(&bytes);
        let mut lines: Vec<String> = text.lines().filter(|line| !line.is_empty()).map(decoded).collect();
        let many = lines.len() > 2 * MAX_LINES;
        lines.drain(..lines.len().saturating_sub(MAX_LINES));
        if many {
            shorten(path, &lines)?;
        }
        let last = lines.last().cloned();
        let history = Self {
            path: path.to_owned(),
            last,
        };
        Ok((history, lines))
    }

    /// Adds what was typed, unless it is to be forgotten: empty, long, the same again, or begun with a blank.
    ///
    /// # Errors
    /// The file's.
    pub fn add(&mut self, typed: &str) -> io::Result<()> {
        let forgotten = typed.trim().is_empty()
            || typed.len() > MAX_LINE
            || typed.starts_with(char::is_whitespace)
            || self.last.as_deref() == Some(typed);
        if forgotten {
            return Ok(());
        }
        let mut file = locked(&self.path)?;
        let mut line = encoded(typed) + "\n";
        if is_torn(&mut file)? {
            line.insert(0, '\n');
        }
        file.write_all(line.as_bytes())?;
        self.last = Some(typed.to_owned());
        Ok(())
    }
}

/// The file that is at `path` now, for this process alone until it is closed.
fn locked(path: &Path) -> io::Result<File> {
    loop {
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true).mode(0o600);
        let file = options.custom_flags(libc::O_NONBLOCK).open(path)?;
        let held = file.metadata()?;
        if !held.is_file() {
            return Err(io::Error::other("it is no ordinary file"));
        }
        lock(&file)?;
        if held.permissions().mode() & 0o077 != 0 {
            file.set_permissions(Permissions::from_mode(0o600))?;
        }
        // another session may have put a shorter file there meanwhile
        if fs::metadata(path).is_ok_and(|now| (now.dev(), now.ino()) == (held.dev(), held.ino())) {
            return Ok(file);
        }
    }
}

/// Waits for other sessions, which need the file for a moment only.
fn lock(file: &File) -> io::Result<()> {
    let end = Instant::now() + MAX_WAIT;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) if Instant::now() > end => {
                return Err(io::Error::other("another program holds it"));
            }
            Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(10)),
        }
    }
}

/// Puts a file with these lines only in the place of the one at `path`, which is locked.
fn shorten(path: &Path, lines: &[String]) -> io::Result<()> {
    let text: String = lines.iter().map(|line| encoded(line) + "\n").collect();
    files::replace(path, text.as_bytes())
}

/// Whether the last line has no end.
fn is_torn(file: &mut File) -> io::Result<bool> {
    use std::os::unix::fs::FileExt;
    let length = file.metadata()?.len();
    let mut last = [b'\n'];
    if length > 0 {
        file.read_exact_at(&mut last, length - 1)?;
    }
    Ok(last != [b'\n'])
}

/// As one line.
fn encoded(typed: &str) -> String {
    typed.replace('\\', r"\\").replace('\n', r"\n").replace('\r', "")
}

fn decoded(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n') => text.push('\n'),
                Some(other) => text.push(other),
                None => text.push('\\'),
            },
            c => text.push(c),
        }
    }
    text
}
