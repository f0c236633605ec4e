//! What a user hands to scripts: `--input`, piped stdin, and a task or script read from stdin.
//!
//! - stdin is read at most once.
//! - An open pipe into which nobody writes is waited for a short while, then left alone with a warning.
//! - No text is longer than [`MAX_BYTES`].

use std::{
    collections::BTreeSet,
    fs::File,
    io::{self, IsTerminal, Read},
    os::{fd::AsFd, unix::fs::FileTypeExt},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use crate::cli::terminal;

/// Longest input, in bytes.
pub const MAX_BYTES: u64 = 32 << 20;
/// How long piped stdin may take to send its first byte before the program goes on without it.
pub const FIRST_BYTE: Duration = Duration::from_secs(10);
/// The variable that holds piped stdin.
pub const STDIN: &str = "stdin";

/// `--input` as typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputSpec {
    /// The variable.
    pub name: String,
    /// Where its value is.
    pub source: Source,
}

/// Where an input's value is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Typed: `NAME=VALUE`, or `NAME=@@VALUE` for a text that begins with `@`.
    Text(String),
    /// `NAME=@FILE`
    File(PathBuf),
    /// `NAME=@-`
    Stdin,
}

/// A variable that scripts find.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// A Python identifier.
    pub name: String,
    /// Its value.
    pub value: InputValue,
}

/// The value of an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InputValue {
    /// A `str`.
    Text(String),
    /// Checked JSON text: plain Python values.
    Json(String),
}

/// Names that an input cannot have.
#[derive(Debug, Clone, Copy)]
pub struct Taken<'a> {
    /// Python's keywords, builtins, modules and functions of scripts.
    pub reserved: &'a BTreeSet<String>,
    /// Python names of the servers.
    pub servers: &'a BTreeSet<String>,
}

/// What piped stdin holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piped {
    /// A terminal, `/dev/null` or nothing at all.
    Nothing,
    /// A pipe that stayed open and silent; the user is told.
    Silent,
    /// All of a pipe, socket or file, even if that is empty.
    Text(String),
}

/// Why an input cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A name that scripts cannot use, or that something else has.
    #[error("`--input {name}=…`: {problem}")]
    Name {
        /// The name.
        name: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A file that cannot be read.
    #[error("`--input {name}=@{}`: {problem}", path.display())]
    File {
        /// The variable.
        name: String,
        /// Its file.
        path: PathBuf,
        /// Why.
        problem: String,
    },
    /// stdin cannot be read.
    #[error("stdin: {0}")]
    Stdin(String),
    /// stdin is wanted twice.
    #[error("stdin is wanted for {0} and for {1}, and can be read only once")]
    StdinTwice(String, String),
}

impl InputSpec {
    /// Reads `NAME=VALUE`, `NAME=@FILE` or `NAME=@-`.
    ///
    /// # Errors
    /// What it must be.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (name, value) = text
            .split_once('=')
            .ok_or("must be NAME=VALUE, NAME=@FILE or NAME=@-")?;
        if !is_identifier(name) {
            return Err(format!("`{name}` is no Python name: use letters, digits and `_`"));
        }
        let source = match value.strip_prefix('@') {
            None => Source::Text(value.to_owned()),
            Some("") => return Err("`@` needs a file: NAME=@FILE or NAME=@-".into()),
            Some("-") => Source::Stdin,
            Some(rest) if rest.starts_with('@') => Source::Text(rest.to_owned()),
            Some(path) => Source::File(path.into()),
        };
        Ok(Self {
            name: name.to_owned(),
            source,
        })
    }
}

impl Taken<'_> {
    /// Why no input can have this name.
    pub fn problem(&self, name: &str) -> Option<&'static str> {
        if !is_identifier(name) {
            Some("no Python name: it is made of letters, digits and `_`")
        } else if self.servers.contains(name) {
            Some("a server has that name")
        } else if self.reserved.contains(name) {
            Some("Python or scripts have that name for something else")
        } else {
            None
        }
    }
}

/// Refuses names that are given twice or taken.
///
/// # Errors
/// [`Error::Name`].
pub fn check_names(specs: &[InputSpec], taken: Taken<'_>) -> Result<(), Error> {
    let mut seen = BTreeSet::new();
    for InputSpec { name, .. } in specs {
        let twice = (!seen.insert(name)).then_some("the name is given twice");
        let Some(problem) = twice.or_else(|| taken.problem(name)) else {
            continue;
        };
        return Err(Error::Name {
            name: name.clone(),
            problem,
        });
    }
    Ok(())
}

/// Who wants stdin: at most one input, and no input if the task or script is `-`.
///
/// # Errors
/// [`Error::StdinTwice`]; `positional` names what `-` stood for, if it was given.
pub fn check_stdin(specs: &[InputSpec], positional: Option<&str>) -> Result<(), Error> {
    let inputs = specs
        .iter()
        .filter(|spec| spec.source == Source::Stdin)
        .map(|spec| format!("`--input {}=@-`", spec.name));
    let mut wanted = positional.map(str::to_owned).into_iter().chain(inputs);
    match (wanted.next(), wanted.next()) {
        (Some(first), Some(second)) => Err(Error::StdinTwice(first, second)),
        _ => Ok(()),
    }
}

/// Reads all inputs, in order. Waits for stdin as long as it takes.
///
/// # Errors
/// A file or stdin that cannot be read, is too long, is not UTF-8, or is not the JSON it should be.
pub fn read(specs: &[InputSpec]) -> Result<Vec<Input>, Error> {
    specs
        .iter()
        .map(|InputSpec { name, source }| {
            let value = match source {
                Source::Text(text) => InputValue::Text(text.clone()),
                Source::Stdin => InputValue::Text(read_stdin()?),
                Source::File(path) => read_file(path).map_err(|problem| Error::File {
                    name: name.clone(),
                    path: path.clone(),
                    problem,
                })?,
            };
            Ok(Input {
                name: name.clone(),
                value,
            })
        })
        .collect()
}

/// All of stdin: for a task or script given as `-`.
///
/// # Errors
/// [`Error::Stdin`].
pub fn read_stdin() -> Result<String, Error> {
    let file = stdin_file().map_err(|e| Error::Stdin(e.to_string()))?;
    text(file).map_err(Error::Stdin)
}

/// Piped stdin, when nothing on the command line asked for it. See [`piped`].
///
/// # Errors
/// [`Error::Stdin`].
pub fn piped_stdin(whole: Duration) -> Result<Piped, Error> {
    if io::stdin().is_terminal() {
        return Ok(Piped::Nothing);
    }
    match stdin_file() {
        Ok(file) => piped(file, FIRST_BYTE, whole),
        // closed: there is nothing to read
        Err(_) => Ok(Piped::Nothing),
    }
}

/// What `file` holds, if it is a pipe, a socket or a regular file. Of a pipe or socket the first
/// byte, or the end, must come within `first`; all of it within `whole`.
///
/// # Errors
/// [`Error::Stdin`].
pub fn piped(file: File, first: Duration, whole: Duration) -> Result<Piped, Error> {
    let error = |e: io::Error| Error::Stdin(e.to_string());
    let kind = file.metadata().map_err(error)?.file_type();
    if kind.is_file() {
        return text(file).map(Piped::Text).map_err(Error::Stdin);
    }
    if !kind.is_fifo() && !kind.is_socket() {
        return Ok(Piped::Nothing);
    }
    if !terminal::wait_readable(file.as_fd(), first).map_err(error)? {
        return Ok(Piped::Silent);
    }
    let file = UntilDeadline {
        file,
        deadline: Instant::now() + whole,
    };
    text(file).map(Piped::Text).map_err(Error::Stdin)
}

/// A pipe that must end in time.
struct UntilDeadline {
    file: File,
    deadline: Instant,
}

impl Read for UntilDeadline {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if terminal::wait_readable(self.file.as_fd(), left)? {
            self.file.read(buffer)
        } else {
            Err(io::Error::new(io::ErrorKind::TimedOut, "it did not end in time"))
        }
    }
}

fn stdin_file() -> io::Result<File> {
    io::stdin().as_fd().try_clone_to_owned().map(File::from)
}

fn read_file(path: &Path) -> Result<InputValue, String> {
    let file = File::open(path).map_err(|e| words(&e))?;
    let text = text(file)?;
    if !path.extension().is_some_and(|e| e.eq_ignore_ascii_case("json")) {
        return Ok(InputValue::Text(text));
    }
    match serde_json::from_str::<serde::de::IgnoredAny>(&text) {
        Ok(_) => Ok(InputValue::Json(text)),
        Err(e) => Err(format!("not JSON: {e}")),
    }
}

/// UTF-8 without a byte order mark.
fn text(from: impl Read) -> Result<String, String> {
    let mut bytes = Vec::new();
    from.take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|e| words(&e))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(format!("longer than {} MiB", MAX_BYTES >> 20));
    }
    let text = String::from_utf8(bytes).map_err(|e| {
        format!(
            "not UTF-8 text (byte {} does not fit)",
            e.utf8_error().valid_up_to() + 1
        )
    })?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

fn words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such file".into(),
        io::ErrorKind::IsADirectory => "a folder, not a file".into(),
        io::ErrorKind::PermissionDenied => "not readable for you".into(),
        _ => error.to_string(),
    }
}

/// ASCII only, so that Python's normal form of the name is the name itself.
fn is_identifier(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
