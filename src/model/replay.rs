//! Completions written to a file, and read back instead of asking a model.
//!
//! One JSON object per line with a `type`; `completion` lines hold `prompt` and `completion`.
//!
//! - The file is created for its owner only; a line is whole on disk before the run goes on.
//! - Secrets are masked in every text before it is written.
//! - Lines of unknown types are passed over on replay.

use std::{
    fmt,
    fs::{File, OpenOptions},
    io::{self, BufRead, BufReader, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use serde::Serialize;
use serde_json::{Value, json};

use super::{Completion, Delta, Error, Prompt};

/// Longest line that is read, in bytes.
const MAX_LINE: u64 = 64 << 20;

/// Takes secrets out of a text.
pub type Mask = Box<dyn Fn(&str) -> String + Send + Sync>;

/// Writes events of runs to a file.
pub struct Recorder {
    path: PathBuf,
    file: Mutex<File>,
    mask: Mask,
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl Recorder {
    /// Opens `path` to append to it; a new file gets mode 0600.
    ///
    /// # Errors
    ///
    /// [`Error::Record`]
    pub fn append(path: &Path, mask: Mask) -> Result<Self, Error> {
        let file = OpenOptions::new().append(true).create(true).mode(0o600).open(path);
        let file = file.map_err(|source| Error::Record {
            path: path.to_owned(),
            source,
        })?;
        Ok(Self {
            path: path.to_owned(),
            file: Mutex::new(file),
            mask,
        })
    }

    /// Writes a `completion` line.
    ///
    /// # Errors
    ///
    /// [`Error::Record`]
    pub fn completion(&self, prompt: &Prompt, completion: &Completion) -> Result<(), Error> {
        self.event("completion", json!({ "prompt": prompt, "completion": completion }))
    }

    /// Writes a line of the type `kind` with the fields of `fields`, which serializes to an object.
    ///
    /// # Errors
    ///
    /// [`Error::Record`]
    pub fn event(&self, kind: &str, fields: impl Serialize) -> Result<(), Error> {
        let failed = |source| Error::Record {
            path: self.path.clone(),
            source,
        };
        let mut line = json!({ "type": kind });
        let fields = serde_json::to_value(fields).map_err(|error| failed(error.into()))?;
        if let (Value::Object(line), Value::Object(fields)) = (&mut line, fields) {
            line.extend(fields);
        }
        self.masked(&mut line);
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(format!("{line}\n").as_bytes())
            .and_then(|()| file.flush())
            .map_err(failed)
    }

    /// Masks every text in `value`, the names of fields included.
    fn masked(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = (self.mask)(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.masked(item)),
            Value::Object(fields) => {
                *fields = std::mem::take(fields)
                    .into_iter()
                    .map(|(name, mut value)| {
                        self.masked(&mut value);
                        ((self.mask)(&name), value)
                    })
                    .collect();
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

/// Gives recorded completions back, in order, whatever is asked.
#[derive(Debug)]
pub struct Replay {
    path: PathBuf,
    lines: Mutex<Lines>,
}

#[derive(Debug)]
struct Lines {
    file: BufReader<File>,
    /// Lines read so far.
    number: u64,
}

impl Replay {
    /// Opens a record.
    ///
    /// # Errors
    ///
    /// [`Error::Record`]
    pub fn open(path: &Path) -> Result<Self, Error> {
        let file = File::open(path).map_err(|source| Error::Record {
            path: path.to_owned(),
            source,
        })?;
        Ok(Self {
            path: path.to_owned(),
            lines: Mutex::new(Lines {
                file: BufReader::new(file),
                number: 0,
            }),
        })
    }

    /// The next recorded completion; `on` gets its text at once.
    ///
    /// # Errors
    ///
    /// [`Error::Replay`] if there is none left or a line cannot be read, with the line's number.
    pub fn complete(&self, on: &mut (dyn FnMut(Delta) + Send)) -> Result<Completion, Error> {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let completion = loop {
            let line = lines.next().map_err(|source| Error::Record {
                path: self.path.clone(),
                source,
            })?;
            let failed = |reason: String| Error::Replay {
                path: self.path.clone(),
                line: lines.number,
                reason,
            };
            let Some(line) = line else {
                return Err(failed(
                    "it ends here, and the run asks for one more completion".to_owned(),
                ));
            };
            if line.trim_ascii().is_empty() {
                continue;
            }
            let event: Value = serde_json::from_slice(&line).map_err(|error| failed(format!("no JSON: {error}")))?;
            match event.get("type").and_then(Value::as_str) {
                Some("completion") => {}
                Some(_) => continue,
                None => return Err(failed("no object with a `type`".to_owned())),
            }
            let completion = event.get("completion").cloned().unwrap_or_default();
            break serde_json::from_value::<Completion>(completion)
                .map_err(|error| failed(format!("no completion: {error}")))?;
        };
        drop(lines);
        if let Some(reasoning) = &completion.reasoning {
            on(Delta::Reasoning(reasoning.clone()));
        }
        if !completion.text.is_empty() {
            on(Delta::Text(completion.text.clone()));
        }
        Ok(completion)
    }
}

impl Lines {
    /// The next line; counts one past the last line at the end.
    fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        self.number += 1;
        let read = self.file.by_ref().take(MAX_LINE).read_until(b'\n', &mut line)?;
        if line.len() as u64 == MAX_LINE {
            return Err(io::Error::other(format!(
                "line {} is longer than {} MiB",
                self.number,
                MAX_LINE >> 20
            )));
        }
        Ok((read > 0).then_some(line))
    }
}
