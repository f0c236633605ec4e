//! A script while it runs: its frames, its calls, its output and its clock.
//!
//! - Neither side waits for the other to read: replies are written while frames are read.

use std::{
    collections::{HashMap, VecDeque},
    time::Instant,
};

use futures::{FutureExt, StreamExt, future::BoxFuture, stream::FuturesUnordered};
use serde_json::Value;
use tokio::sync::oneshot;

use super::{
    Cancelled, Execution, Host, Limits, ToolCall, ToolReply,
    clock::Clock,
    diagnosis::{crashed, timed_out},
    execution::{Code, Diagnostics},
    link::{Frame, Link},
    output::Kept,
    session::Script,
};
use crate::wire::{self, FromWorker, Last, Stream, ToWorker};

/// Bytes of replies that wait for a script to read them; calls that end meanwhile wait as well.
const MAX_QUEUED: usize = 64 << 20;

/// How a script's process came to its end.
pub(super) enum End {
    /// It said so itself.
    Finished(wire::Finished, Vec<u8>),
    /// It was stopped from here.
    Stopped(Diagnostics),
    /// Its socket closed without a word.
    Died,
}

type Answer = (u64, ToolReply);

/// A script that runs.
pub(super) struct Running<'a, H: Host> {
    pub(super) link: Link,
    host: &'a H,
    limits: &'a Limits,
    pub(super) calls: FuturesUnordered<BoxFuture<'a, Answer>>,
    /// For each call whose reply is wanted, what tells the host that it no longer is.
    going: HashMap<u64, oneshot::Sender<()>>,
    outgoing: VecDeque<u8>,
    made: usize,
    replied: u64,
    printed: u64,
    pub(super) stdout: Kept,
    pub(super) stderr: Kept,
    pub(super) started: Instant,
    clock: Clock,
}

impl<'a, H: Host> Running<'a, H> {
    pub(super) fn new(link: Link, host: &'a H, limits: &'a Limits) -> Self {
        Self {
            link,
            host,
            limits,
            calls: FuturesUnordered::new(),
            going: HashMap::new(),
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

    pub(super) async fn drive(&mut self, (script, last): (&Script, Last), number: u32) -> End {
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
            FromWorker::Cancel { id } => {
                if let Some(cancel) = self.going.remove(&id) {
                    // a call that has just ended hears nothing
                    let _ = cancel.send(());
                }
            }
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
        let (cancel, cancelled) = oneshot::channel();
        self.going.insert(id, cancel);
        let call = ToolCall {
            server,
            tool,
            arguments,
            cancelled: Cancelled(cancelled),
        };
        let host = self.host;
        self.calls.push(async move { (id, host.call(call).await) }.boxed());
        None
    }

    fn reply(&mut self, id: u64, ToolReply { reply, body }: ToolReply) -> Option<End> {
        if self.going.remove(&id).is_none() {
            return None;
        }
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
