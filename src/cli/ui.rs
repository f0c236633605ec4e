//! The only writer: the answer to stdout, all else to stderr.
//!
//! - stdout carries the answer (or a script's own output) and nothing else.
//! - Spinners and colour appear only on a terminal; off it, one short line per important event.
//! - Text of servers, scripts and models is [`clean`] before a terminal sees it.
//! - No secret that [`Ui::masker`] knows goes to stderr. stdout is the user's own.
//! - A reader that closes stdout early is no failure.
//! - In a conversation ([`Ui::converse`]) a reply is shown while it is written, and one spinner says the rest.

mod clean;
mod conversation;
mod highlight;
mod lines;
mod look;
mod output;
mod progress;
mod reading;
mod stream;
mod tally;
mod tint;
mod width;

use std::{
    io::{self, Write},
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

use serde_json::Value;

pub use clean::{clean, one_line, visible};
pub use lines::arguments;
use lines::{Level, Line};
pub(in crate::cli) use lines::{plural, time};
pub use look::{Code, Colour, Detail, Look, Surface};
use look::{for_surface, paint};
use output::{Err, Out};
use progress::Progress;
pub use tally::Standing;
pub use tint::Tint;
pub(in crate::cli) use width::{columns, cut, pieces, wrap};

use crate::{
    agent::{
        event::{Event, Listener},
        run::Status,
    },
    batch::Tally,
    cli::failure::Failure,
    mask::Masker,
    wire::Stream,
};

/// The secrets of the program, for [`last_words`] and what is asked on the terminal.
static SECRETS: OnceLock<Masker> = OnceLock::new();

/// The writer; its clones write to the same place.
#[derive(Clone)]
pub struct Ui {
    look: Look,
    masker: Masker,
    stdout: Arc<Mutex<Out>>,
    stderr: Arc<Mutex<Err>>,
}

/// Keeps stderr still while it lives; what happens meanwhile is shown afterwards.
#[must_use]
pub struct Pause(Ui);

impl Ui {
    /// Over the program's own streams.
    pub fn new(look: Look) -> Self {
        let masker = SECRETS.get_or_init(Masker::default).clone();
        let spinners = look.stderr == Surface::Terminal && look.detail != Detail::Quiet;
        Self::build(
            look,
            Box::new(io::stdout()),
            Box::new(io::stderr()),
            spinners.then(Progress::new),
            masker,
        )
    }

    /// Over other streams, without spinners.
    pub fn over(look: Look, stdout: Box<dyn Write + Send>, stderr: Box<dyn Write + Send>) -> Self {
        Self::build(look, stdout, stderr, None, Masker::default())
    }

    fn build(
        look: Look,
        stdout: Box<dyn Write + Send>,
        stderr: Box<dyn Write + Send>,
        progress: Option<Progress>,
        masker: Masker,
    ) -> Self {
        let stdout = Out::new(stdout);
        let stderr = Err::new(stderr, progress, masker.clone());
        Self {
            look,
            masker,
            stdout: Arc::new(Mutex::new(stdout)),
            stderr: Arc::new(Mutex::new(stderr)),
        }
    }

    /// Hides secrets in what goes to stderr; whoever learns of one tells it.
    pub fn masker(&self) -> &Masker {
        &self.masker
    }

    /// Shows events, from any thread.
    pub fn listener(&self) -> Listener {
        let ui = self.clone();
        Arc::new(move |event| ui.show(&event))
    }

    /// Shows that something goes on, or no longer does, and leaves no line behind.
    pub fn spin(&self, event: &Event) {
        if let Some(progress) = &mut self.stderr().progress {
            progress.update(event);
        }
    }

    /// Shows one event.
    pub fn show(&self, event: &Event) {
        if let Event::ServerSays { server, text } = event {
            return self.says(server, text);
        }
        if self.stderr().streamed(event) {
            return;
        }
        self.spin(event);
        if let Some(Line { level, text }) = lines::line(event) {
            match level {
                Level::Warning => self.warning(&text),
                Level::Progress => self.note(&text),
            }
        }
        if let Event::ScriptStarted { source } = event
            && self.look.code == Code::Shown
        {
            self.stderr().line(self.code(source));
        }
    }

    /// What a server says of itself: with `--verbose` only.
    fn says(&self, server: &str, text: &str) {
        if self.look.detail == Detail::Verbose {
            self.note(&format!("server `{}`: {}", lines::name(server), clean(text).trim_end()));
        }
    }

    /// Whether what goes on is drawn, and not only told.
    pub fn draws(&self) -> bool {
        self.stderr().progress.is_some()
    }

    /// Shows where a batch is: moves a bar, or else writes a line.
    pub fn standing(&self, standing: &Standing) {
        let mut stderr = self.stderr();
        if let Some(progress) = &mut stderr.progress {
            progress.standing(standing);
            return;
        }
        drop(stderr);
        self.note(&tally::line(standing));
    }

    /// A task of a batch has no answer.
    pub fn unanswered(&self, id: &str, status: Status, error: &str) {
        let (id, error) = (one_line(id, 80), one_line(error, lines::MAX_TEXT));
        self.warning(&format!("task `{id}` {}: {error}", tally::word(status)));
    }

    /// What a batch did, and what earlier ones did `before` it.
    pub fn summary(&self, standing: &Standing, before: Tally, left: usize) {
        self.note(&tally::summary(standing));
        if before.all() > 0 {
            self.note(&format!("done before: {}", tally::tally(before)));
        }
        if left > 0 {
            self.note(&format!("still to be done: {left}"));
        }
    }

    /// A line that `--quiet` leaves out.
    pub fn note(&self, text: &str) {
        if self.look.detail != Detail::Quiet {
            self.tell(text);
        }
    }

    /// What a command was asked for: said with `--quiet`, too.
    pub fn tell(&self, text: &str) {
        self.stderr().line(self.painted("2", &clean(text)));
    }

    /// Something the user should know.
    pub fn warning(&self, text: &str) {
        self.stderr()
            .line(format!("mcm: {}: {}", self.painted("33", "warning"), clean(text)));
    }

    /// Python that was asked for: in colour where a person reads it, as it is for a program.
    ///
    /// # Errors
    /// stdout's; that nobody reads it is none.
    pub fn source(&self, source: &str) -> io::Result<()> {
        match self.look.stdout {
            Surface::Terminal => {
                let bar = self.painted("2", "  │ ");
                let lines = self.coloured(source);
                let lines: Vec<String> = lines.lines().map(|line| format!("{bar}{line}")).collect();
                self.stderr().line(lines.join("\n"));
                Ok(())
            }
            Surface::Plain => self.print(&format!("{}\n", source.trim_end())),
        }
    }

    /// A line that is neither warning nor failure, such as a traceback; `--quiet` leaves it.
    pub fn say(&self, text: &str) {
        self.stderr().line(clean(text.trim_end()).into_owned());
    }

    /// Whether stdout may have colours or is for programs, and so on.
    pub fn look(&self) -> Look {
        self.look
    }

    /// Why there is no answer.
    pub fn failure(&self, failure: &Failure) {
        self.stderr().line(failure.to_string());
    }

    /// The answer: a string as it is, anything else as JSON, pretty on a terminal.
    ///
    /// # Errors
    /// stdout's; that nobody reads it is none.
    pub fn answer(&self, value: &Value) -> io::Result<()> {
        match value {
            Value::String(text) => self.print(&format!("{text}\n")),
            value => self.json(value),
        }
    }

    /// A value as JSON, pretty on a terminal.
    ///
    /// # Errors
    /// As for [`answer`](Self::answer).
    pub fn json(&self, value: &Value) -> io::Result<()> {
        let text = match self.look.stdout {
            Surface::Terminal => serde_json::to_string_pretty(value)?,
            Surface::Plain => value.to_string(),
        };
        self.print(&(text + "\n"))
    }

    /// What a script of `mcm run` writes: all of it, as it comes; who calls it has hidden what is secret.
    ///
    /// Waits while the stream does not take it.
    ///
    /// # Errors
    /// The stream's; that nobody reads stdout is none.
    pub fn script_output(&self, stream: Stream, text: &str) -> io::Result<()> {
        match stream {
            Stream::Stdout => self.print(text),
            Stream::Stderr => {
                let text = for_surface(self.look.stderr, text);
                self.stderr().write(&text)
            }
        }
    }

    /// Text for stdout that is no answer, such as a list or help; nothing is added.
    ///
    /// # Errors
    /// stdout's; that nobody reads it is none.
    pub fn print(&self, text: &str) -> io::Result<()> {
        self.print_as_it_is(&for_surface(self.look.stdout, text))
    }

    fn print_as_it_is(&self, text: &str) -> io::Result<()> {
        let write = || self.stdout.lock().unwrap_or_else(PoisonError::into_inner).write(text);
        // only a terminal shows both streams in one place; a stalled pipe must not stall stderr
        match self.look.stdout {
            Surface::Terminal => self.stderr().beside_progress(text, |_| write()),
            Surface::Plain => write(),
        }
    }

    /// Whether somebody still reads stdout, as far as writing to it has shown.
    pub fn is_read(&self) -> bool {
        self.stdout.lock().unwrap_or_else(PoisonError::into_inner).open
    }

    /// Keeps stderr still for a question on the terminal.
    pub fn pause(&self) -> Pause {
        self.stderr().pause();
        Pause(self.clone())
    }

    /// Takes the spinners away; before the answer, and before the program ends.
    pub fn finish(&self) {
        if let Some(mut progress) = self.stderr().progress.take() {
            progress.clear();
        }
    }

    fn stderr(&self) -> MutexGuard<'_, Err> {
        self.stderr.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn painted(&self, colour: &str, text: &str) -> String {
        paint(self.look.colour, colour, text)
    }

    fn coloured(&self, source: &str) -> String {
        let source = clean(source);
        match self.look.colour {
            Colour::On => highlight::python(source.trim_end()),
            Colour::Off => source.trim_end().to_owned(),
        }
    }

    fn code(&self, source: &str) -> String {
        self.coloured(source)
            .lines()
            .map(|line| format!("  | {line}"))
            .collect::<Vec<_>>()
            .join("\n")
    }
}

impl Drop for Pause {
    fn drop(&mut self) {
        self.0.stderr().resume();
    }
}

/// A failure of which no [`Ui`] can speak: before there is one, or in a panic.
pub fn last_words(failure: &Failure) {
    let _ = writeln!(io::stderr(), "{}", masked(&failure.to_string()));
}

/// `text` without the secrets of the program.
pub(in crate::cli) fn masked(text: &str) -> String {
    SECRETS
        .get()
        .map_or_else(|| text.to_owned(), |masker| masker.text(text))
}
