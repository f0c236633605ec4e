//! The host of a run: the user's policy, who asks the user, and what is shown of calls.

use std::sync::{Arc, Mutex, PoisonError};

use crate::{
    agent::event::Event,
    cli::{
        approval,
        failure::Failure,
        settings::{self, POLICY},
        startup::{Configured, Startup},
        terminal::{Terminal, on_terminal},
        ui::{self, Ui},
    },
    host::{
        self, Approvals, Ask, Host, Running, Toolbox,
        policy::{self, Attendance, Policy, globs},
    },
    mask,
    wire::Stream,
};

/// What becomes of a script's output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prints {
    /// The user sees it as it comes.
    Streamed,
    /// It is in the record only.
    Kept,
    /// The user sees the beginning of it, beside what else goes on.
    Aside,
}

impl Startup {
    /// The servers that run behind the user's rules; what is odd about their names is told.
    ///
    /// # Errors
    /// A rule that is no glob.
    pub fn toolbox(&self, running: Vec<Running>, configured: &Configured) -> Result<Arc<Toolbox>, Failure> {
        let toolbox = self.toolbox_untold(running, configured)?;
        for warning in &toolbox.catalog().warnings {
            self.ui.warning(warning);
        }
        Ok(toolbox)
    }

    /// The same, where what is odd is not told.
    ///
    /// # Errors
    /// A rule that is no glob.
    pub fn toolbox_untold(&self, running: Vec<Running>, configured: &Configured) -> Result<Arc<Toolbox>, Failure> {
        let rules = host::Rules {
            policy: self.policy()?,
            approvals: Approvals::new(self.asker()),
            masker: self.ui.masker().clone(),
            max_result: usize::try_from(self.settings.max_result.value << 20).unwrap_or(usize::MAX),
            max_output: usize::try_from(self.settings.max_output.value).unwrap_or(usize::MAX),
            artifacts: std::env::temp_dir(),
            news: self.news.clone(),
        };
        Ok(Arc::new(Toolbox::new(running, &configured.names, rules)))
    }

    /// One run's way to the servers, whose calls the user sees.
    pub fn host(&self, toolbox: &Arc<Toolbox>, prints: Prints) -> Host {
        Host::new(Arc::clone(toolbox), self.host_listener(prints))
    }

    fn policy(&self) -> Result<Policy, Failure> {
        let rules = &self.settings.rules;
        let set = |rules: &[settings::Rule]| {
            globs(rules.iter().map(|rule| rule.glob.as_str())).map_err(|e| Failure::usage(e.to_string()))
        };
        let default = if self.settings.read_only.value {
            policy::Default::ReadOnly
        } else if on_terminal() {
            policy::Default::AskToWrite
        } else {
            policy::Default::Allow
        };
        let attendance = if self.settings.yes.value {
            Attendance::Yes
        } else {
            Attendance::Asked
        };
        let rules = policy::Rules {
            allow: set(&rules.allow)?,
            ask: set(&rules.ask)?,
            deny: set(&rules.deny)?,
            only: self
                .only
                .as_ref()
                .map(|only| globs(only.iter().map(String::as_str)))
                .transpose()
                .map_err(|e| Failure::usage(e.to_string()))?,
        };
        Ok(Policy {
            rules,
            default,
            attendance,
        })
    }

    /// Puts questions about calls to the user, also where only the controlling terminal is one; `None` without it.
    fn asker(&self) -> Option<Ask> {
        let policy = self.settings.user_directory().map(|folder| folder.join(POLICY));
        Some(approval::on(Terminal::open()?, self.ui.clone(), policy))
    }

    fn host_listener(&self, prints: Prints) -> host::Listener {
        let ui = self.ui.clone();
        let printed = Printed::new(&ui, prints);
        Arc::new(move |event| match event {
            host::Event::CallStarted {
                id,
                server,
                tool,
                arguments,
            } => {
                ui.show(&Event::CallStarted {
                    id,
                    server: server.to_owned(),
                    tool: tool.to_owned(),
                    arguments: ui::arguments(arguments),
                });
            }
            host::Event::CallProgress { id, text } => {
                let text = text.to_owned();
                ui.show(&Event::CallProgress { id, text });
            }
            host::Event::CallEnded {
                id,
                server,
                tool,
                status,
                elapsed,
            } => {
                let (server, tool) = (server.to_owned(), tool.to_owned());
                ui.show(&Event::CallEnded {
                    id,
                    server,
                    tool,
                    status,
                    elapsed,
                });
            }
            host::Event::Output { stream, text } => printed.show(stream, text),
        })
    }
}

/// What scripts print, as the user sees it: stdout, which is the user's own, as it is, and all else without secrets.
struct Printed {
    ui: Ui,
    prints: Prints,
    stdout: Mutex<mask::Stream>,
    stderr: Mutex<mask::Stream>,
}

impl Printed {
    fn new(ui: &Ui, prints: Prints) -> Self {
        Self {
            ui: ui.clone(),
            prints,
            stdout: Mutex::new(ui.masker().stream()),
            stderr: Mutex::new(ui.masker().stream()),
        }
    }

    fn show(&self, stream: Stream, text: &str) {
        match (self.prints, stream) {
            (Prints::Kept, _) => {}
            (Prints::Streamed, Stream::Stdout) => self.write(stream, text),
            _ => {
                let text = self.masked(stream).push(text);
                self.write(stream, &text);
            }
        }
    }

    fn masked(&self, stream: Stream) -> std::sync::MutexGuard<'_, mask::Stream> {
        let masked = match stream {
            Stream::Stdout => &self.stdout,
            Stream::Stderr => &self.stderr,
        };
        masked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, stream: Stream, text: &str) {
        match self.prints {
            // who reads stdout is told by the exit code that something is missing
            Prints::Streamed => drop(self.ui.script_output(stream, text)),
            Prints::Aside => self.ui.aside(text),
            Prints::Kept => {}
        }
    }
}

/// The run is over: what was kept of a stream is no secret.
impl Drop for Printed {
    fn drop(&mut self) {
        for stream in [Stream::Stdout, Stream::Stderr] {
            let rest = self.masked(stream).finish();
            if !rest.is_empty() {
                self.write(stream, &rest);
            }
        }
    }
}
