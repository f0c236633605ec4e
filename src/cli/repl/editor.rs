//! Lines that the user types, one at a time, each when it is asked for.
//!
//! - Reading blocks, so it has a thread of its own; the terminal is raw only while a line is edited.
//! - Where that is no terminal, or one that cannot be drawn on, lines are read as they come.
//! - Ctrl-C clears the line; only Ctrl-D on an empty one, or the end of input, ends it.

use std::{
    io::{self, BufRead, IsTerminal, Read, Write},
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
        mpsc,
    },
    thread,
};

use reedline::{FileBackedHistory, HistoryItem, Reedline, Signal};
use tokio::sync::oneshot;

use super::{
    history::{self, History},
    open::goes_on,
    screen::{self, Prompt},
    words::Words,
};
use crate::cli::{terminal, ui::Colour};

/// Longest input, in bytes.
const MAX_INPUT: usize = 1 << 20;

/// What the user did.
#[derive(Debug, PartialEq, Eq)]
pub enum Typed {
    /// A line, or several that were typed as one.
    Text(String),
    /// Nothing: the line was cleared.
    Cleared,
    /// Too much: the line was dropped.
    TooLong,
    /// There is no more input.
    End,
}

/// How lines are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// With everything.
    Edited,
    /// As the terminal hands them out, behind a prompt.
    Prompted,
    /// As they come: nobody is asked.
    Piped,
}

impl Way {
    /// As the streams allow. The editor draws on stderr, and asks the terminal by stdout where its cursor is.
    pub fn detect(term: Option<&str>) -> Self {
        match (
            io::stdin().is_terminal(),
            io::stdout().is_terminal() && io::stderr().is_terminal(),
        ) {
            (false, _) => Self::Piped,
            (true, true) if !matches!(term, None | Some("dumb" | "")) => Self::Edited,
            (true, _) => Self::Prompted,
        }
    }
}

/// What the editor begins with.
#[derive(Debug)]
pub struct Setup {
    /// How lines are read.
    pub way: Way,
    /// Whether it may use colours.
    pub colour: Colour,
    /// Where history is kept; `None` for nowhere.
    pub history: Option<PathBuf>,
}

/// The reading thread's other end.
pub struct Editor {
    requests: mpsc::Sender<oneshot::Sender<Typed>>,
    words: Arc<Mutex<Words>>,
    forget: Arc<AtomicBool>,
    way: Arc<Mutex<Way>>,
    /// What the user should know: why there is no history.
    pub warnings: Vec<String>,
}

impl Editor {
    /// Starts the thread; nothing is read before [`Editor::line`].
    ///
    /// # Errors
    /// There can be no thread.
    pub fn start(setup: Setup) -> io::Result<Self> {
        let mut warnings = Vec::new();
        let (mut kept, mut lines) = (None, Vec::new());
        if let Some(path) = setup.history.as_ref().filter(|_| setup.way == Way::Edited) {
            match History::open(path) {
                Ok((history, earlier)) => (kept, lines) = (Some(history), earlier),
                Err(e) => warnings.push(format!("no history: cannot keep it in `{}`: {e}", path.display())),
            }
        }
        let words = Arc::default();
        let forget = Arc::default();
        let way = Arc::new(Mutex::new(setup.way));
        let (requests, asked) = mpsc::channel();
        let mut reader = Reader {
            way: Arc::clone(&way),
            editor: (setup.way == Way::Edited)
                .then(|| screen::editor(&words, setup.colour).with_history(in_memory(lines))),
            prompt: Prompt::new(),
            history: kept,
            forget: Arc::clone(&forget),
        };
        thread::Builder::new().name("editor".into()).spawn(move || {
            for answer in asked {
                let answer: oneshot::Sender<Typed> = answer;
                // nobody waits any more when the program ends
                let _ = answer.send(reader.line());
            }
        })?;
        Ok(Self {
            requests,
            words,
            forget,
            way,
            warnings,
        })
    }

    /// Reads a line.
    pub async fn line(&self) -> Typed {
        let (sender, receiver) = oneshot::channel();
        if self.requests.send(sender).is_err() {
            return Typed::End;
        }
        receiver.await.unwrap_or(Typed::End)
    }

    /// How lines are read.
    pub fn way(&self) -> Way {
        *self.way.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes what Tab completes.
    pub fn learn(&self, change: impl FnOnce(&mut Words)) {
        change(&mut self.words.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Ctrl-C where no editor takes it: what was typed so far is dropped, and the prompt shown again.
    pub fn clear(&self) {
        self.forget.store(true, Relaxed);
        if self.way() == Way::Prompted {
            say(&format!("\n{}", screen::PROMPT));
        }
    }
}

/// The thread's own.
struct Reader {
    way: Arc<Mutex<Way>>,
    editor: Option<Reedline>,
    prompt: Prompt,
    history: Option<History>,
    forget: Arc<AtomicBool>,
}

impl Reader {
    fn line(&mut self) -> Typed {
        match self.edited() {
            Some(typed) => typed,
            None => self.plain(),
        }
    }

    /// With the editor, as long as the terminal goes along with it.
    fn edited(&mut self) -> Option<Typed> {
        let editor = self.editor.as_mut()?;
        let editing = terminal::Editing::begin();
        let signal = editor.read_line(&self.prompt);
        drop(editing);
        Some(match signal {
            Ok(Signal::Success(text)) if text.len() > MAX_INPUT => Typed::TooLong,
            Ok(Signal::Success(text)) => {
                // a full disk takes nothing from the session
                let _ = self.history.as_mut().map(|history| history.add(&text));
                Typed::Text(text)
            }
            Ok(Signal::CtrlD) => Typed::End,
            Ok(_) => Typed::Cleared,
            Err(_) => {
                // a terminal that does not say where its cursor is
                self.editor = None;
                *self.way.lock().unwrap_or_else(PoisonError::into_inner) = Way::Prompted;
                return None;
            }
        })
    }

    fn plain(&mut self) -> Typed {
        let mut text = String::new();
        self.ask(screen::PROMPT);
        loop {
            let line = match read_line() {
                Ok(Some(Line::Text(line))) => line,
                Ok(Some(Line::TooLong)) => return Typed::TooLong,
                Ok(None) | Err(_) if text.is_empty() => return Typed::End,
                // what is not complete is somebody else's to complain about
                Ok(None) | Err(_) => return Typed::Text(text),
            };
            if self.forget.swap(false, Relaxed) {
                text.clear();
            }
            if text.len() + line.len() > MAX_INPUT {
                return Typed::TooLong;
            }
            text.push_str(&line);
            if !goes_on(&text) {
                return Typed::Text(text);
            }
            text.push('\n');
            self.ask(screen::CONTINUATION);
        }
    }

    fn ask(&self, prompt: &str) {
        if *self.way.lock().unwrap_or_else(PoisonError::into_inner) == Way::Prompted {
            say(prompt);
        }
    }
}

enum Line {
    Text(String),
    TooLong,
}

/// A line of stdin without its end; `None` at the end of input.
fn read_line() -> io::Result<Option<Line>> {
    let mut stdin = io::stdin().lock();
    let mut bytes = Vec::new();
    let limit = u64::try_from(MAX_INPUT).unwrap_or(u64::MAX);
    if (&mut stdin).take(limit + 1).read_until(b'\n', &mut bytes)? == 0 {
        return Ok(None);
    }
    if bytes.len() > MAX_INPUT && !bytes.ends_with(b"\n") {
        while !skip(&mut stdin)? {}
        return Ok(Some(Line::TooLong));
    }
    let line = String::from_utf8_lossy(&bytes);
    Ok(Some(Line::Text(line.trim_end_matches(['\n', '\r']).to_owned())))
}

/// Drops what is there of a line; whether that was its end.
fn skip(stdin: &mut impl BufRead) -> io::Result<bool> {
    let there = stdin.fill_buf()?;
    let end = there.iter().position(|byte| *byte == b'\n');
    let (count, done) = (end.map_or(there.len(), |at| at + 1), end.is_some() || there.is_empty());
    stdin.consume(count);
    Ok(done)
}

/// Earlier lines, for the editor to walk through.
fn in_memory(lines: Vec<String>) -> Box<FileBackedHistory> {
    use reedline::History as _;
    // room for what this session adds
    let mut history = FileBackedHistory::new(2 * history::MAX_LINES).unwrap_or_default();
    for line in lines {
        // one in memory takes all
        let _ = history.save(HistoryItem::from_command_line(line));
    }
    Box::new(history)
}

fn say(text: &str) {
    let mut err = io::stderr();
    // nobody is left to be asked
    let _ = err.write_all(text.as_bytes()).and_then(|()| err.flush());
}
