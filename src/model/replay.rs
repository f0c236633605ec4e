//! Completions written to a file, and read back instead of asking a model.
//!
//! One JSON object per line with a `type`; `completion` lines hold `prompt` and `completion`, and so do `query` lines,
//! for what scripts asked.
//!
//! - The file is created for its owner only; a line is whole on disk before the run goes on.
//! - Secrets are masked in every text before it is written.
//! - Lines of unknown types are passed over on replay.
//! - Completions come back in their order; queries, of which many go on at a time, by what they asked.

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    fs::{File, OpenOptions},
    io::{self, BufRead, BufReader, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use serde::Serialize;
use serde_json::{Value, json};

use super::{Completion, Delta, Error, Prompt};

/// Longest line that is read, in bytes.
const MAX_LINE: u64 = 64 << 20;

/// Takes secrets out of a text.
pub type Mask = Box<dyn Fn(&str) -> String + Send + Sync>;

/// Types of lines.
const COMPLETION: &str = "completion";
const QUERY: &str = "query";

/// Writes events of runs to a file.
pub struct Recorder {
    tape: Arc<Tape>,
    /// The type of lines that hold completions.
    kind: &'static str,
}

/// The file, whoever writes to it.
struct Tape {
    path: PathBuf,
    file: Mutex<File>,
    mask: Mask,
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder")
            .field("path", &self.tape.path)
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
            tape: Arc::new(Tape {
                path: path.to_owned(),
                file: Mutex::new(file),
                mask,
            }),
            kind: COMPLETION,
        })
    }

    /// Writes to the same file, for what scripts ask.
    pub fn of_queries(&self) -> Self {
        Self {
            tape: Arc::clone(&self.tape),
            kind: QUERY,
        }
    }

    /// Writes a line for a completion.
    ///
    /// # Errors
    ///
    /// [`Error::Record`]
    pub fn completion(&self, prompt: &Prompt, completion: &Completion) -> Result<(), Error> {
        self.event(self.kind, json!({ "prompt": prompt, "completion": completion }))
    }

    /// Writes a line of the type `kind` with the fields of `fields`, which serializes to an object.
    ///
    /// # Errors
    ///
    /// [`Error::Record`]
    pub fn event(&self, kind: &str, fields: impl Serialize) -> Result<(), Error> {
        let failed = |source| Error::Record {
            path: self.tape.path.clone(),
            source,
        };
        let mut line = json!({ "type": kind });
        let fields = serde_json::to_value(fields).map_err(|error| failed(error.into()))?;
        if let (Value::Object(line), Value::Object(fields)) = (&mut line, fields) {
            line.extend(fields);
        }
        self.tape.masked(&mut line);
        let mut file = self.tape.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(format!("{line}\n").as_bytes())
            .and_then(|()| file.flush())
            .map_err(failed)
    }
}

impl Tape {
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
            if let Some(event) = event(&line, COMPLETION).map_err(failed)? {
                break completion(&event).map_err(failed)?;
            }
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

/// Gives recorded queries back, each to whoever asks the same.
#[derive(Debug)]
pub struct Queries {
    path: PathBuf,
    /// By their prompts as JSON; read when the first is asked for.
    recorded: Mutex<Option<HashMap<String, VecDeque<Completion>>>>,
}

impl Queries {
    /// Of the record at `path`, which is read when a script asks.
    pub fn of(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            recorded: Mutex::default(),
        }
    }

    /// What was replied to this prompt, which has no secrets; the first time first where it was asked more than once.
    ///
    /// # Errors
    /// [`Error::Replay`] if it was not asked, or not so often, or a line cannot be read; [`Error::Record`]
    pub fn complete(&self, prompt: &Prompt) -> Result<Completion, Error> {
        let mut recorded = self.recorded.lock().unwrap_or_else(PoisonError::into_inner);
        let recorded = match &mut *recorded {
            Some(recorded) => recorded,
            none => none.insert(self.read()?),
        };
        let replies = recorded.get_mut(&key(&json!(prompt)));
        replies.and_then(VecDeque::pop_front).ok_or_else(|| Error::Replay {
            path: self.path.clone(),
            line: 1,
            reason: "it holds no reply to what the script asks by `llm_query`".to_owned(),
        })
    }

    fn read(&self) -> Result<HashMap<String, VecDeque<Completion>>, Error> {
        let unreadable = |source| Error::Record {
            path: self.path.clone(),
            source,
        };
        let mut lines = Lines {
            file: BufReader::new(File::open(&self.path).map_err(unreadable)?),
            number: 0,
        };
        let mut recorded: HashMap<String, VecDeque<Completion>> = HashMap::new();
        while let Some(line) = lines.next().map_err(unreadable)? {
            let failed = |reason| Error::Replay {
                path: self.path.clone(),
                line: lines.number,
                reason,
            };
            if let Some(event) = event(&line, QUERY).map_err(failed)? {
                let completion = completion(&event).map_err(failed)?;
                recorded.entry(key(&event["prompt"])).or_default().push_back(completion);
            }
        }
        Ok(recorded)
    }
}

/// The event of a line, if it is of this kind.
fn event(line: &[u8], kind: &str) -> Result<Option<Value>, String> {
    if line.trim_ascii().is_empty() {
        return Ok(None);
    }
    let event: Value = serde_json::from_slice(line).map_err(|error| format!("no JSON: {error}"))?;
    let named = event.get("type").and_then(Value::as_str);
    let named = named.ok_or_else(|| "no object with a `type`".to_owned())?;
    Ok((named == kind).then_some(event))
}

fn completion(event: &Value) -> Result<Completion, String> {
    let completion = event.get("completion").cloned().unwrap_or_default();
    serde_json::from_value(completion).map_err(|error| format!("no completion: {error}"))
}

/// The same for the same prompt.
fn key(prompt: &Value) -> String {
    prompt.to_string()
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
