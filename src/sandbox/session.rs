//! Scripts that share their variables, one after another.
//!
//! A session is a chain of forks: the first script runs in the session's root, each further one in a fork of the
//! link that holds the state. If it succeeds, its link holds the state from then on; if not, it is thrown away.
//! Where earlier states are kept, so are the links that hold them.
//!
//! - A script that failed in any way leaves the session's variables exactly as they were.
//! - What a script's process says is data; whether it ended, and how, is read from the kernel where it matters.

use std::{
    collections::VecDeque,
    io::{self, PipeReader},
    sync::Arc,
};

use super::{
    Error, Execution, Host, Limits, Stop, Template,
    autopsy::LastWords,
    diagnosis::{forbidden, stopped},
    execution::{CallStatus, Code, Diagnostics},
    link::{Asked, Link, is_refused},
    process::no_room,
    running::{End, Running, told},
    state::State,
    template::Root,
};
use crate::wire::{self, Last, ToWorker, ValueKind};

/// A variable that scripts find.
#[derive(Debug, Clone)]
pub struct Binding {
    /// A Python identifier.
    pub name: String,
    /// How `body` is to be read.
    pub kind: ValueKind,
    /// Its value.
    pub body: Vec<u8>,
}

/// Python source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script(pub String);

/// State that scripts share, and the process that holds it.
#[derive(Debug)]
pub struct Session {
    template: Arc<Template>,
    bindings: Vec<Binding>,
    head: State,
    /// States before that of the head, the oldest first.
    earlier: VecDeque<State>,
    /// How many of them are kept.
    kept: usize,
    stderr: PipeReader,
    scripts: u32,
    lost: bool,
}

/// What the link of a script was forked off, which alone can tell how it ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Parent {
    Template,
    Head,
}

impl Session {
    /// Forks a session off the template, and gives it its variables.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn open(template: Arc<Template>, bindings: Vec<Binding>) -> Result<Self, Error> {
        let Root { link, stderr } = begin(&template, &bindings).await?;
        Ok(Self {
            template,
            bindings,
            head: State::beginning(Some(link)),
            earlier: VecDeque::new(),
            kept: 0,
            stderr,
            scripts: 0,
            lost: false,
        })
    }

    /// The same, able to [`undo`](Self::undo) so many scripts; each costs a sleeping process.
    #[must_use]
    pub fn keeping(mut self, states: usize) -> Self {
        self.kept = states;
        self
    }

    /// Whether a script is Python at all.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn parses(&self, script: &Script) -> Result<bool, Error> {
        self.template.parses(script).await
    }

    /// Runs a script, until `stop` at the latest. Dropping the future kills it. If it does not succeed,
    /// the session is as it was before.
    ///
    /// # Errors
    /// See [`Error`]; whatever the script does is an [`Execution`].
    pub async fn run(
        &mut self,
        script: &Script,
        host: &impl Host,
        limits: &Limits,
        stop: &Stop,
    ) -> Result<Execution, Error> {
        let (execution, link) = self.run_in_fork((script, Last::Result), host, limits, stop).await?;
        if let Some(link) = link {
            self.commit(link).await;
        }
        Ok(execution)
    }

    /// Runs a script like [`run`](Self::run), but prints the value of a last bare expression as Python's own
    /// prompt does, instead of having it as the result.
    ///
    /// # Errors
    /// See [`Error`]; whatever the script does is an [`Execution`].
    pub async fn show(
        &mut self,
        script: &Script,
        host: &impl Host,
        limits: &Limits,
        stop: &Stop,
    ) -> Result<Execution, Error> {
        let (execution, link) = self.run_in_fork((script, Last::Printed), host, limits, stop).await?;
        if let Some(link) = link {
            self.commit(link).await;
        }
        Ok(execution)
    }

    /// Runs a script that leaves the session as it was, also when it succeeds.
    ///
    /// # Errors
    /// See [`Error`]; whatever the script does is an [`Execution`].
    pub async fn peek(
        &mut self,
        script: &Script,
        host: &impl Host,
        limits: &Limits,
        stop: &Stop,
    ) -> Result<Execution, Error> {
        let (execution, link) = self.run_in_fork((script, Last::Result), host, limits, stop).await?;
        if let Some(link) = link {
            self.end(link).await;
        }
        Ok(execution)
    }

    /// Takes the variables back to what they were before the last script that succeeded, and gives that
    /// script's number; `None` where no earlier state is kept.
    pub async fn undo(&mut self) -> Option<u32> {
        let before = self.earlier.pop_back()?;
        let undone = std::mem::replace(&mut self.head, before);
        if let Some(link) = undone.link {
            self.end(link).await;
        }
        Some(undone.script)
    }

    /// Whether the variables were lost since this was last asked, because their process was ended from outside.
    pub fn take_loss(&mut self) -> bool {
        std::mem::take(&mut self.lost)
    }

    /// What became of a script, and the link in which it succeeded; there is none where it did not.
    async fn run_in_fork(
        &mut self,
        script: (&Script, Last),
        host: &impl Host,
        limits: &Limits,
        stop: &Stop,
    ) -> Result<(Execution, Option<Link>), Error> {
        let (fork, parent) = tokio::select! {
            fork = self.fork() => fork?,
            code = stop.wait() => {
                self.head.rest();
                return Ok((Execution::failed(stopped(code)), None));
            }
        };
        self.scripts += 1;
        // of earlier scripts
        drop((LastWords::read(&mut self.stderr), fork.take_tried()));
        let mut running = Running::new(fork, host, limits);
        let end = tokio::select! {
            end = running.run(script, self.scripts) => end,
            code = stop.wait() => End::Stopped(stopped(code)),
        };
        let late = running.overtime.is_some().then(|| running.timed_out());
        let ending = if matches!(end, End::Finished(..)) && late.is_none() {
            CallStatus::Cancelled
        } else {
            CallStatus::Unknown
        };
        running.calls.clear();
        let Running {
            link,
            stdout,
            stderr,
            started,
            ..
        } = running;
        let mut execution = match end {
            End::Finished(finished, result) => {
                let mut execution = told(finished, &result);
                if let (Some(_), Some(diagnostics)) = (late.as_ref(), execution.diagnostics.as_mut()) {
                    // where it was when it was told
                    diagnostics.line = diagnostics.line.or(LastWords::read(&mut self.stderr).line());
                }
                execution
            }
            End::Stopped(diagnostics) => {
                if late.is_none() {
                    link.signal(wire::WHERE);
                }
                Execution::failed(self.located(diagnostics).await)
            }
            End::Died => {
                // its socket is closed; should it still live, nobody waits for it
                link.end().await;
                let mut found = self.autopsy(link.number(), parent).await;
                if let Some(call) = link.take_tried() {
                    found = Diagnostics {
                        line: found.line,
                        ..forbidden(&call)
                    };
                }
                let line = found.line;
                Execution::failed(late.map_or(found, |late| Diagnostics { line, ..late }))
            }
        };
        if self.scripts == 1 {
            let template = Arc::clone(&self.template);
            tokio::spawn(async move { template.prepare().await });
        }
        execution.duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        execution.stdout = stdout.into_text();
        execution.stderr = stderr.into_text();
        execution.calls = host.take_calls(ending);
        if execution.success {
            return Ok((execution, Some(link)));
        }
        self.end(link).await;
        Ok((execution, None))
    }

    /// The state that a script left becomes the session's.
    async fn commit(&mut self, mut link: Link) {
        // who has given two scripts will give a third
        let ahead = if self.scripts > 1 {
            ahead_of(&mut link).await.ok()
        } else {
            None
        };
        let state = State::after(self.scripts, link, ahead);
        self.earlier.push_back(std::mem::replace(&mut self.head, state));
        while self.earlier.len() > self.kept {
            self.earlier.pop_front();
        }
    }

    /// A link for a script: a fork of the head, or a root that no script has used. If the head is gone, the
    /// session begins anew, without its variables.
    async fn fork(&mut self) -> Result<(Link, Parent), Error> {
        if self.head.script > 0 {
            let fork = self.fork_head().await;
            self.head.rest();
            if let Some(fork) = fork? {
                return Ok((fork, Parent::Head));
            }
            self.lose();
        }
        if let Some(root) = self.head.link.take() {
            return Ok((root, Parent::Template));
        }
        let Root { link, stderr } = begin(&self.template, &self.bindings).await?;
        self.stderr = stderr;
        Ok((link, Parent::Template))
    }

    /// `None` where the head is gone.
    async fn fork_head(&mut self) -> Result<Option<Link>, Error> {
        let ahead = self.head.ahead.take();
        let Some(head) = self.head.wake() else {
            return Ok(None);
        };
        if let Some(asked) = ahead {
            match head.forked(asked).await {
                Ok(fork) if fork.lives() => return Ok(Some(fork)),
                // it has been ended since, or there was no room for it then
                Ok(_) => {}
                Err(e) if is_refused(&e) => {}
                Err(_) => return Ok(None),
            }
        }
        match head.fork(None).await {
            Ok(fork) => Ok(Some(fork).filter(Link::lives)),
            Err(e) if is_refused(&e) => Err(no_room()),
            Err(_) => Ok(None),
        }
    }

    /// The variables are lost with the process that held them.
    fn lose(&mut self) {
        self.lost = true;
        self.earlier.clear();
        self.head = State::beginning(None);
    }

    /// Ends a link that was forked off the head, and has it reaped; what a template forked it collects later.
    async fn end(&mut self, link: Link) {
        link.end().await;
        if self.head.link.is_some() {
            self.reap(link.number()).await;
        }
    }

    /// How a fork of the head ended. A head that does not say so is none any more.
    async fn reap(&mut self, number: i32) -> Option<i32> {
        let status = self.head.wake()?.reap(number).await;
        if status.is_ok() {
            self.head.rest();
        } else {
            self.lose();
        }
        status.ok().flatten()
    }

    /// The same, with the line where the script is that is to be ended, and that was asked where it is.
    async fn located(&mut self, mut diagnostics: Diagnostics) -> Diagnostics {
        if diagnostics.line.is_none() && diagnostics.code != Code::Crashed {
            diagnostics.line = LastWords::wait(&mut self.stderr).await.line();
        }
        diagnostics
    }

    /// Why a script's process ended without a word.
    async fn autopsy(&mut self, number: i32, parent: Parent) -> Diagnostics {
        let status = match parent {
            Parent::Head => self.reap(number).await,
            Parent::Template => self.template.reap(number).await,
        };
        LastWords::read(&mut self.stderr).diagnosis(status)
    }
}

async fn ahead_of(head: &mut Link) -> io::Result<Asked> {
    Ok(head.ask_fork(None).await?.warm().await)
}

async fn begin(template: &Template, bindings: &[Binding]) -> Result<Root, Error> {
    let mut root = template.root().await?;
    for binding in bindings {
        let frame = ToWorker::Bind {
            name: binding.name.clone(),
            value: binding.kind,
        };
        let sent = root.link.send_in_time(&frame, &binding.body).await;
        sent.map_err(|e| Error::Worker {
            what: format!("did not take its variables: {e}"),
        })?;
    }
    Ok(root)
}
