//! A script while it runs: its frames, its calls, its output and its clock.
//!
//! - Neither side waits for the other to read: replies are written while frames are read.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use futures::{FutureExt, StreamExt, future::BoxFuture, stream::FuturesUnordered};
use serde_json::Value;
use tokio::sync::oneshot;

use super::{
    Cancelled, Execution, Host, Limits, ToolCall, ToolReply,
    bounds::bound,
    clock::Clock,
    diagnosis::{crashed, timed_out},
    execution::{Code, Diagnostics},
    link::{Frame, Link},
    outgoing::Outgoing,
    output::Kept,
    overtime::{Due, Overtime},
    session::Script,
};
use crate::wire::{self, FromWorker, Last, Reply, Stream, ToWorker};

/// Bytes of replies that wait for a script to read them; calls that end meanwhile wait as well.
const MAX_QUEUED: usize = 64 << 20;
/// Frames that wait for a script to read them.
const MAX_FRAMES: usize = 100_000;
/// Bytes of one call's arguments.
const MAX_ARGUMENTS: usize = 16 << 20;
/// Values among one call's arguments: each takes some hundred bytes of this process, however short it is.
const MAX_VALUES: usize = 1_000_000;
/// Bytes of arguments of the calls that go on at a time.
const MAX_ARGUMENTS_OF_ALL: usize = 64 << 20;
/// Bytes of a server's or a tool's name.
const MAX_NAME: usize = 1 << 10;
/// What a process may hold beyond what its script may: blocks that are being moved, stacks, the allocator's reserve.
const BESIDES: u64 = 64 << 20;
/// Processor time beyond its own after which the kernel ends a script that should have been ended from here.
const LAST_RESORT: Duration = Duration::from_secs(2);

/// How a script's process came to its end.
pub(super) enum End {
    /// It said so itself.
    Finished(wire::Finished, Vec<u8>),
    /// It was stopped from here.
    Stopped(Diagnostics),
    /// Its socket closed without a word.
    Died,
}

/// The id of a call, the size of its arguments, and what came of it.
type Answer = (u64, usize, ToolReply);

/// A script that runs.
pub(super) struct Running<'a, H: Host> {
    pub(super) link: Link,
    host: &'a H,
    limits: &'a Limits,
    pub(super) calls: FuturesUnordered<BoxFuture<'a, Answer>>,
    /// For each call whose reply is wanted, what tells the host that it no longer is.
    going: HashMap<u64, oneshot::Sender<()>>,
    outgoing: Outgoing,
    /// Bytes of arguments of the calls that go on.
    arguments: usize,
    made: usize,
    replied: u64,
    printed: u64,
    pub(super) stdout: Kept,
    pub(super) stderr: Kept,
    pub(super) started: Instant,
    clock: Clock,
    pub(super) overtime: Option<Overtime>,
}

impl<'a, H: Host> Running<'a, H> {
    pub(super) fn new(link: Link, host: &'a H, limits: &'a Limits) -> Self {
        Self {
            link,
            host,
            limits,
            calls: FuturesUnordered::new(),
            going: HashMap::new(),
            outgoing: Outgoing::default(),
            arguments: 0,
            made: 0,
            replied: 0,
            printed: 0,
            stdout: Kept::default(),
            stderr: Kept::default(),
            started: Instant::now(),
            clock: Clock::new(limits.time),
            overtime: None,
        }
    }

    /// Runs the script to its end. Where it succeeded its process has read all that it was sent, and can be asked
    /// again.
    pub(super) async fn run(&mut self, script: (&Script, Last), number: u32) -> End {
        let end = self.drive(script, number).await;
        let succeeded = matches!(&end, End::Finished(finished, _) if finished.diagnostics.is_none());
        // else the next frame would be taken for the rest of a reply that nobody waited for
        if succeeded && self.link.flush(&mut self.outgoing).await.is_err() {
            return End::Stopped(crashed("the script's process ended its script and reads no more"));
        }
        end
    }

    async fn drive(&mut self, (script, last): (&Script, Last), number: u32) -> End {
        let run = ToWorker::Run {
            gate: self.limits.gate,
            number,
            last,
            seconds: self.limits.time.as_secs_f64(),
            memory: self.limits.memory,
            answers: self.host.answers(),
        };
        if let Some(end) = self.queue(&run, script.0.as_bytes().to_vec()) {
            return end;
        }
        if let Err(e) = self.bound() {
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
                Some((id, size, reply)) = self.calls.next(), if self.outgoing.len() < MAX_QUEUED => {
                    self.arguments -= size;
                    self.reply(id, reply)
                }
                () = self.clock.expired(), if self.overtime.is_none() => {
                    self.overtime = Some(Overtime::begin());
                    None
                }
                due = due(&mut self.overtime) => match due {
                    Due::Word => {
                        self.link.signal(wire::TIME_IS_UP);
                        None
                    }
                    Due::End => Some(End::Stopped(self.timed_out())),
                },
            };
            if let Some(end) = end {
                return end;
            }
        }
    }

    /// What the kernel holds a script to, behind the limits that it is told of.
    fn bound(&mut self) -> std::io::Result<()> {
        let memory = self.limits.memory;
        let most = memory.saturating_add(memory / 2).saturating_add(BESIDES);
        let Some(process) = self.link.process() else {
            return Ok(());
        };
        let used = self.clock.count(process)?;
        bound(process, most, used + self.limits.time + LAST_RESORT)
    }

    /// Its time is used up, and it did not end by itself.
    pub(super) fn timed_out(&self) -> Diagnostics {
        let limit = self.limits.time.as_secs_f64();
        timed_out(&format!("the script used up its {limit} s (`--timeout`)"))
    }

    /// What a script says of its end. One that was told of its time's end has passed the limit, whatever it made of
    /// that: caught the exception and succeeded, or raised another.
    fn ended(&self, finished: wire::Finished) -> wire::Finished {
        if self.overtime.is_none() {
            return finished;
        }
        let timed_out = self.timed_out();
        wire::Finished {
            answered: false,
            diagnostics: Some(match finished.diagnostics {
                Some(told) => Diagnostics {
                    message: told.message,
                    line: told.line,
                    ..timed_out
                },
                None => timed_out,
            }),
        }
    }

    fn take(&mut self, (frame, body): Frame) -> Option<End> {
        match frame {
            FromWorker::Output { stream } => return self.print(stream, &String::from_utf8_lossy(&body)),
            FromWorker::Call {
                id,
                server,
                tool,
                line,
                blocked,
            } => {
                if blocked.is_some_and(|replies| replies == self.replied) {
                    self.clock.stop();
                }
                return self.call(id, (server, tool, body), line);
            }
            FromWorker::Cancel { id } => {
                if let Some(cancel) = self.going.remove(&id) {
                    // a call that has just ended hears nothing
                    let _ = cancel.send(());
                }
            }
            FromWorker::Blocked { replies } if replies == self.replied && !self.going.is_empty() => self.clock.stop(),
            FromWorker::Blocked { .. } => {}
            FromWorker::Running => self.clock.start(),
            FromWorker::Wake => {
                self.clock.start();
                return self.queue(&ToWorker::Woken, Vec::new());
            }
            FromWorker::Finished(finished) => return Some(End::Finished(self.ended(finished), body)),
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

    fn call(
        &mut self,
        id: u64,
        (server, tool, arguments): (String, String, Vec<u8>),
        line: Option<u32>,
    ) -> Option<End> {
        // no call of a tool
        if (server.as_str(), tool.as_str()) != (wire::TOOLS, wire::ANSWER) {
            self.made += 1;
        }
        if self.made > self.limits.calls {
            return Some(End::Stopped(Diagnostics {
                code: Code::CallLimit,
                rule: None,
                message: format!("the script made more than {} tool calls", self.limits.calls),
                line,
                hint: Some("ask for more per call, or for less in all".to_owned()),
            }));
        }
        let (cancel, cancelled) = oneshot::channel();
        self.going.insert(id, cancel);
        let size = arguments.len();
        if let Some(message) = self.refusal(&server, &tool, &arguments) {
            return self.reply(id, failed(message));
        }
        self.arguments += size;
        let call = ToolCall {
            server,
            tool,
            arguments,
            cancelled: Cancelled(cancelled),
        };
        let host = self.host;
        self.calls
            .push(async move { (id, size, host.call(call).await) }.boxed());
        None
    }

    /// Why the host is not asked: what the call would cost this process.
    fn refusal(&self, server: &str, tool: &str, arguments: &[u8]) -> Option<String> {
        let (of_one, of_all) = (MAX_ARGUMENTS >> 20, MAX_ARGUMENTS_OF_ALL >> 20);
        let size = arguments.len();
        if server.len().max(tool.len()) > MAX_NAME {
            Some(format!("the name of a server or tool is longer than {MAX_NAME} bytes"))
        } else if (server, tool) == (wire::TOOLS, wire::ANSWER) {
            // as large as any answer may be
            None
        } else if size > MAX_ARGUMENTS {
            Some(format!(
                "the arguments for `{server}.{tool}` have {size} bytes as JSON, more than {of_one} MiB: give it \
                 less at a time"
            ))
        } else if values(arguments) > MAX_VALUES {
            Some(format!(
                "the arguments for `{server}.{tool}` have more than {MAX_VALUES} values: give it less at a time"
            ))
        } else if self.arguments + size > MAX_ARGUMENTS_OF_ALL {
            Some(format!(
                "the calls that go on have over {of_all} MiB of arguments: wait for some of them first"
            ))
        } else {
            None
        }
    }

    fn reply(&mut self, id: u64, ToolReply { reply, body }: ToolReply) -> Option<End> {
        // nobody waits for the reply to a call that was given up
        self.going.remove(&id)?;
        self.clock.start();
        self.replied += 1;
        self.queue(&ToWorker::Reply { id, reply }, body)
    }

    fn queue(&mut self, frame: &ToWorker, body: Vec<u8>) -> Option<End> {
        if self.outgoing.pieces() > MAX_FRAMES {
            return Some(End::Stopped(crashed(
                "the script's process does not read what it asks for",
            )));
        }
        match wire::front(frame, body.len()) {
            Ok(front) => self.outgoing.push(front),
            Err(e) => return Some(End::Stopped(crashed(&format!("a reply does not fit: {e}")))),
        }
        self.outgoing.push(body);
        None
    }
}

/// Waits for what is due after the end of the time, for ever before it.
async fn due(overtime: &mut Option<Overtime>) -> Due {
    match overtime {
        Some(overtime) => overtime.due().await,
        None => std::future::pending().await,
    }
}

/// How many values a JSON text has at most.
fn values(json: &[u8]) -> usize {
    if json.len() <= MAX_VALUES {
        return json.len();
    }
    let (mut values, mut in_text, mut escaped) = (1, false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => in_text = !in_text,
            b',' | b'[' | b'{' if !in_text => values += 1,
            _ => {}
        }
    }
    values
}

fn failed(message: String) -> ToolReply {
    ToolReply {
        reply: Reply::Failed { message, data: None },
        body: Vec::new(),
    }
}

/// A script as its process tells of it.
pub(super) fn told(finished: wire::Finished, result: &[u8]) -> Execution {
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
