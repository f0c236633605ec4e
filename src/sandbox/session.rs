//! Scripts that share their variables, one after another.
//!
//! A session is a chain of forks: each script runs in a fork of the link that holds the state. If it
//! succeeds, the fork holds the state from then on; if not, it is thrown away. Where earlier states are kept,
//! so are the links that hold them.
//!
//! - A script that failed in any way leaves the session's variables exactly as they were.
//! - What a script's process says is data; whether it ended, and how, is read from the kernel where it matters.

use std::{collections::VecDeque, io::PipeReader, sync::Arc, time::Instant};

use futures::{FutureExt, StreamExt, future::BoxFuture, stream::FuturesUnordered};
use rustix::process::Pid;
use serde_json::Value;

use super::{
    Error, Execution, Host, Limits, Stop, Template, ToolCall, ToolReply,
    clock::Clock,
    diagnosis::{crashed, stopped, timed_out},
    execution::{CallStatus, Code, Diagnostics},
    link::{Frame, Link},
    output::Kept,
    process::complaint,
    template::Root,
};
use crate::wire::{self, FromWorker, Last, Stream, ToWorker, ValueKind};

/// Bytes of replies that wait for a script to read them; calls that end meanwhile wait as well.
const MAX_QUEUED: usize = 64 << 20;

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
    group: Pid,
    stderr: PipeReader,
    scripts: u32,
    lost: bool,
}

/// The variables as a script left them.
#[derive(Debug)]
struct State {
    link: Link,
    /// The script's number; 0 for the beginning.
    script: u32,
}

impl Session {
    /// Forks a session off the template, and gives it its variables.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn open(template: Arc<Template>, bindings: Vec<Binding>) -> Result<Self, Error> {
        let Root { link, group, stderr } = begin(&template, &bindings).await?;
        Ok(Self {
            template,
            bindings,
            head: State { link, script: 0 },
            earlier: VecDeque::new(),
            kept: 0,
            group,
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
        self.keep(link).await;
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
        self.keep(link).await;
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
        drop(link);
        self.reap().await;
        Ok(execution)
    }

    /// Takes the variables back to what they were before the last script that succeeded, and gives that
    /// script's number; `None` where no earlier state is kept.
    pub async fn undo(&mut self) -> Option<u32> {
        let before = self.earlier.pop_back()?;
        let undone = std::mem::replace(&mut self.head, before);
        let script = undone.script;
        drop(undone);
        self.reap().await;
        Some(script)
    }

    /// Whether the variables were lost since this was last asked, because their process was ended from outside.
    pub fn take_loss(&mut self) -> bool {
        std::mem::take(&mut self.lost)
    }

    /// What became of a script, and the link in which it succeeded. A link in which it did not is dead, and
    /// wants to be reaped.
    async fn run_in_fork(
        &mut self,
        script: (&Script, Last),
        host: &impl Host,
        limits: &Limits,
        stop: &Stop,
    ) -> Result<(Execution, Option<Link>), Error> {
        let fork = self.fork().await?;
        self.scripts += 1;
        let mut running = Running::new(fork, host, limits);
        let end = tokio::select! {
            end = running.drive(script, self.scripts) => end,
            code = stop.wait() => End::Stopped(stopped(code)),
        };
        let ending = if matches!(end, End::Finished(..)) {
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
        let (mut execution, lives) = match end {
            End::Finished(finished, result) => (told(finished, &result), true),
            End::Stopped(diagnostics) => (Execution::failed(diagnostics), false),
            End::Died => {
                // its socket is closed; should it still live, nobody waits for it
                link.kill();
                (Execution::failed(self.autopsy().await), false)
            }
        };
        execution.duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        execution.stdout = stdout.into_text();
        execution.stderr = stderr.into_text();
        execution.calls = host.take_calls(ending);
        let succeeded = lives && execution.success;
        Ok((execution, succeeded.then_some(link)))
    }

    /// What a script left behind: its state, if it succeeded.
    async fn keep(&mut self, link: Option<Link>) {
        match link {
            Some(link) => self.commit(link),
            None => drop(self.reap().await),
        }
    }

    /// The state that a script left becomes the session's.
    fn commit(&mut self, link: Link) {
        let state = State {
            link,
            script: self.scripts,
        };
        self.earlier.push_back(std::mem::replace(&mut self.head, state));
        while self.earlier.len() > self.kept {
            self.earlier.pop_front();
        }
    }

    /// A fork of the head. If the head is gone, the session begins anew, without its variables.
    async fn fork(&mut self) -> Result<Link, Error> {
        if let Ok(fork) = self.head.link.fork(self.group, None).await {
            return Ok(fork);
        }
        let Root { link, group, stderr } = begin(&self.template, &self.bindings).await?;
        self.lost |= self.head.script > 0;
        self.head = State { link, script: 0 };
        self.earlier.clear();
        (self.group, self.stderr) = (group, stderr);
        self.head.link.fork(self.group, None).await.map_err(|e| Error::Worker {
            what: format!("cannot run scripts: {e}"),
        })
    }

    /// Waits for the head's child, so that it does not stay a zombie; its wait status.
    async fn reap(&mut self) -> Option<i32> {
        match self.head.link.request(&ToWorker::Reap, &[]).await {
            Ok((FromWorker::Reaped { status }, _)) => Some(status),
            _ => None,
        }
    }

    /// Why a script's process ended without a word.
    async fn autopsy(&mut self) -> Diagnostics {
        let status = self.reap().await;
        let complaint = complaint(&mut self.stderr);
        let signal = status.filter(|s| libc::WIFSIGNALED(*s)).map(|s| libc::WTERMSIG(s));
        if signal == Some(libc::SIGXCPU) {
            return timed_out("the script used up its processor time");
        }
        if complaint.contains("memory allocation of") {
            return Diagnostics {
                code: Code::MemoryLimit,
                rule: None,
                message: "the script used up its memory".to_owned(),
                line: None,
                hint: Some("work on smaller pieces, or keep only what the answer needs".to_owned()),
            };
        }
        let how = if complaint.contains("overflowed its stack") || signal == Some(libc::SIGSEGV) {
            "stack overflow".to_owned()
        } else {
            match signal {
                Some(libc::SIGKILL) => "it was killed from outside".to_owned(),
                Some(signal) => format!("signal {signal}"),
                None => "a fault of its own".to_owned(),
            }
        };
        Diagnostics {
            code: Code::Crashed,
            rule: None,
            message: format!("the script ended the interpreter ({how})"),
            line: None,
            hint: Some("avoid deep recursion, deep nesting and very long chains of iterators".to_owned()),
        }
    }
}

async fn begin(template: &Template, bindings: &[Binding]) -> Result<Root, Error> {
    let mut root = template.root().await?;
    for binding in bindings {
        let frame = ToWorker::Bind {
            name: binding.name.clone(),
            value: binding.kind,
        };
        let sent = root.link.send(&frame, &binding.body).await;
        sent.map_err(|e| Error::Worker {
            what: format!("did not take its variables: {e}"),
        })?;
    }
    Ok(root)
}

/// How a script's process came to its end.
enum End {
    /// It said so itself.
    Finished(wire::Finished, Vec<u8>),
    /// It was stopped from here.
    Stopped(Diagnostics),
    /// Its socket closed without a word.
    Died,
}

type Answer = (u64, ToolReply);

/// A script that runs.
struct Running<'a, H: Host> {
    link: Link,
    host: &'a H,
    limits: &'a Limits,
    calls: FuturesUnordered<BoxFuture<'a, Answer>>,
    outgoing: VecDeque<u8>,
    made: usize,
    replied: u64,
    printed: u64,
    stdout: Kept,
    stderr: Kept,
    started: Instant,
    clock: Clock,
}

impl<'a, H: Host> Running<'a, H> {
    fn new(link: Link, host: &'a H, limits: &'a Limits) -> Self {
        Self {
            link,
            host,
            limits,
            calls: FuturesUnordered::new(),
            outgoing: VecDeque::new(),
            made: 0,
            replied: 0,
            printed: 0,
            stdout: Kept::default(),
            stderr: Kept::default(),
            started: Instant::now(),
            clock: Clock::new(limits.time),
        }
    }

    async fn drive(&mut self, (script, last): (&Script, Last), number: u32) -> End {
        let run = ToWorker::Run {
            gate: self.limits.gate,
            number,
            last,
        };
        let Ok(bytes) = wire::encode(&run, script.0.as_bytes()) else {
            return End::Died;
        };
        self.outgoing = bytes.into();
        if let Err(e) = self.link.limit(self.limits.memory, self.limits.time) {
            return End::Stopped(crashed(&format!("the script's limits cannot be set: {e}")));
        }
        self.clock.start();
        loop {
            let end = tokio::select! {
                frame = self.link.exchange(&mut self.outgoing) => match frame {
                    Ok(Some(frame)) => self.take(frame),
                    Ok(None) => Some(End::Died),
                    Err(e) => Some(End::Stopped(crashed(&format!("the script's process broke the protocol: {e}")))),
                },
                Some((id, reply)) = self.calls.next(), if self.outgoing.len() < MAX_QUEUED => self.reply(id, reply),
                () = self.clock.expired() => {
                    let limit = self.limits.time.as_secs_f64();
                    Some(End::Stopped(timed_out(&format!("the script used up its {limit} s (`--timeout`)"))))
                }
            };
            if let Some(end) = end {
                return end;
            }
        }
    }

    fn take(&mut self, (frame, body): Frame) -> Option<End> {
        match frame {
            FromWorker::Output { stream } => return self.print(stream, &String::from_utf8_lossy(&body)),
            FromWorker::Call { id, server, tool, .. } => return self.call(id, server, tool, body),
            FromWorker::Blocked { replies } if replies == self.replied => self.clock.stop(),
            FromWorker::Blocked { .. } => {}
            FromWorker::Running => self.clock.start(),
            FromWorker::Wake => {
                self.clock.start();
                return self.queue(&ToWorker::Woken, &[]);
            }
            FromWorker::Finished(finished) => return Some(End::Finished(finished, body)),
            _ => return Some(End::Stopped(crashed("the script's process broke the protocol"))),
        }
        None
    }

    fn print(&mut self, stream: Stream, text: &str) -> Option<End> {
        self.printed += text.len() as u64;
        if self.printed > self.limits.output {
            let limit = self.limits.output >> 20;
            return Some(End::Stopped(Diagnostics {
                code: Code::OutputLimit,
                rule: None,
                message: format!("the script printed more than {limit} MiB"),
                line: None,
                hint: Some("print a summary or a sample, not everything".to_owned()),
            }));
        }
        self.host.output(stream, text);
        match stream {
            Stream::Stdout => self.stdout.push(text),
            Stream::Stderr => self.stderr.push(text),
        }
        None
    }

    fn call(&mut self, id: u64, server: String, tool: String, arguments: Vec<u8>) -> Option<End> {
        self.made += 1;
        if self.made > self.limits.calls {
            return Some(End::Stopped(Diagnostics {
                code: Code::CallLimit,
                rule: None,
                message: format!("the script made more than {} tool calls", self.limits.calls),
                line: None,
                hint: Some("ask for more per call, or for less in all".to_owned()),
            }));
        }
        let host = self.host;
        self.calls.push(
            async move {
                (
                    id,
                    host.call(ToolCall {
                        server,
                        tool,
                        arguments,
                    })
                    .await,
                )
            }
            .boxed(),
        );
        None
    }

    fn reply(&mut self, id: u64, ToolReply { reply, body }: ToolReply) -> Option<End> {
        self.clock.start();
        self.replied += 1;
        self.queue(&ToWorker::Reply { id, reply }, &body)
    }

    fn queue(&mut self, frame: &ToWorker, body: &[u8]) -> Option<End> {
        match wire::encode(frame, body) {
            Ok(bytes) => self.outgoing.extend(bytes),
            Err(e) => return Some(End::Stopped(crashed(&format!("a reply does not fit: {e}")))),
        }
        None
    }
}

fn told(finished: wire::Finished, result: &[u8]) -> Execution {
    let failed = Execution::failed(crashed(""));
    let result = if result.is_empty() {
        Ok(Value::Null)
    } else {
        serde_json::from_slice(result)
    };
    match (finished.diagnostics, result) {
        (None, Ok(result)) => Execution {
            success: true,
            answered: finished.answered,
            result,
            diagnostics: None,
            ..failed
        },
        (Some(diagnostics), _) => Execution::failed(diagnostics),
        (None, Err(_)) => Execution::failed(crashed("the script's process gave a result that is no JSON")),
    }
}
