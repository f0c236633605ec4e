//! One process of the worker's tree: reads frames from its socket and does what they say.
//!
//! Every link can fork a further one. A session is a chain of them: a script runs in a fork of
//! the link that holds the session's state, and if it succeeds, that fork holds the state from then on.
//!
//! - A link's socket is its standard input; when that is closed, the link ends.
//! - A fork happens between scripts only, when there is one thread.

mod socket;

use std::{
    collections::VecDeque,
    io,
    os::fd::{AsRawFd, OwnedFd},
    sync::Arc,
};

use rustix::event::Timespec;
use rustpython_vm::{Interpreter, VirtualMachine};
use socket::{readable, receive, send, send_with, socket};

#[cfg(debug_assertions)]
use super::misbehave;
use super::{
    channel::{self, Channel},
    confine::{self, Filters},
    faults, gate, globals,
    interpreter::{self, Source},
};
use crate::wire::{self, FromWorker, Interface, Layer, ToWorker};

/// Children whose end is remembered; more end at a time only in a batch, whose crashes are few.
const MAX_ENDED: usize = 256;

/// Who has heard nothing for so long is idle. A program that runs one short script has ended by then, and what it
/// does not need has not been in its way.
const IDLE: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 100_000_000,
};

/// What a fork hands on.
struct Link {
    channel: Arc<Channel>,
    filters: Filters,
    /// What already holds all of the worker.
    layers: Vec<Layer>,
    interface: Interface,
    role: Role,
    /// How many of the common modules are imported; `None` for all.
    next: Option<usize>,
    /// Children that have ended and of which nobody has asked yet, the last ones, with how they did.
    ended: VecDeque<(i32, i32)>,
}

/// What a link is for; a fork has the next one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Zygote,
    Template,
    Session,
}

/// Ends this process at once, without running anything that was registered for its end.
pub fn exit() -> ! {
    // SAFETY: `_exit` has no preconditions.
    unsafe { libc::_exit(0) }
}

/// Builds the interpreter, then serves forks, importing common modules in between.
/// `layers` hold it already.
pub fn serve_zygote(layers: Vec<Layer>) -> ! {
    ignore_children();
    faults::set_up();
    let interpreter: Interpreter = interpreter::build();
    interpreter.enter(|vm| {
        let mut link = Link {
            channel: channel::attach(socket()),
            filters: Filters::make(),
            layers,
            interface: Interface::default(),
            role: Role::Zygote,
            next: Some(0),
            ended: VecDeque::new(),
        };
        loop {
            link.import_while_idle(vm);
            link.step(vm);
        }
    })
}

impl Link {
    /// Imports common modules as long as nothing is asked, so that later sessions find them. A session's own
    /// processes do not: they would keep a copy each.
    fn import_while_idle(&mut self, vm: &VirtualMachine) {
        if self.role == Role::Session || self.next.is_none() || readable(IDLE) {
            return;
        }
        while let Some(next) = self.next {
            self.next = interpreter::preload(vm, next).then_some(next + 1);
            if readable(Timespec::default()) {
                return;
            }
        }
    }

    /// Does what one frame says.
    fn step(&mut self, vm: &VirtualMachine) {
        let Ok(Some((frame, body, descriptors))) = receive() else {
            exit()
        };
        match frame {
            ToWorker::Fork => self.fork(descriptors),
            ToWorker::Interface(interface) => {
                let error = interpreter::install(vm, &interface).err();
                self.interface = interface;
                send(&FromWorker::InterfaceReady { error }, &[]);
            }
            ToWorker::Begin => self.begin(vm),
            ToWorker::Warm => interpreter::warm(vm, &self.interface),
            ToWorker::Bind { name, value } => {
                // the parent checked name and value
                if interpreter::bind(vm, &name, value, body).is_err() {
                    exit()
                }
            }
            ToWorker::Inspect { servers } => {
                let found = gate::inspect(&String::from_utf8_lossy(&body), &servers);
                let gate::Inspection { servers, all, parses } = found;
                send(&FromWorker::Inspected { servers, all, parses }, &[]);
            }
            ToWorker::Run {
                gate,
                number,
                last,
                seconds,
                memory,
                answers,
            } => {
                let source = String::from_utf8_lossy(&body);
                self.run(
                    vm,
                    &gate,
                    &Source {
                        text: &source,
                        number,
                        last,
                        seconds,
                        memory,
                        answers,
                    },
                );
            }
            ToWorker::Reap { pid } => {
                let status = self.reap(pid);
                send(&FromWorker::Reaped { status }, &[]);
            }
            // late answers to calls of a script that has ended
            ToWorker::Reply { .. } | ToWorker::Woken => {}
        }
    }

    /// Becomes the root of a session.
    fn begin(&mut self, vm: &VirtualMachine) {
        self.role = Role::Session;
        interpreter::reseed(vm);
        let layers = std::mem::take(&mut self.layers);
        let confined = confine::confine(&self.filters, self.channel.descriptor(), layers, |layers, listener| {
            let begun = FromWorker::Begun { layers };
            let Some(listener) = listener else {
                return send(&begun, &[]);
            };
            if send_with(&begun, listener).is_err() {
                exit()
            }
        });
        if confined.is_err() {
            exit()
        }
    }

    fn fork(&mut self, descriptors: Vec<OwnedFd>) {
        let mut descriptors = descriptors.into_iter();
        let Some(descriptor) = descriptors.next() else { exit() };
        #[cfg(debug_assertions)]
        misbehave::clone();
        #[cfg(debug_assertions)]
        if let Some(pid) = misbehave::lie() {
            send(&FromWorker::Forked { pid }, &[]);
            return;
        }
        let stderr = descriptors.next();
        self.collect();
        match fork_process() {
            0 => {
                // SAFETY: no handler is installed; a link waits for its children itself.
                unsafe { libc::signal(libc::SIGCHLD, libc::SIG_DFL) };
                // SAFETY: both descriptors are open, and nothing else holds standard input.
                if unsafe { libc::dup2(descriptor.as_raw_fd(), 0) } != 0 {
                    exit()
                }
                if let Some(stderr) = stderr {
                    for stream in [libc::STDOUT_FILENO, libc::STDERR_FILENO] {
                        // SAFETY: both descriptors are open, and nothing is buffered for either stream.
                        unsafe { libc::dup2(stderr.as_raw_fd(), stream) };
                    }
                }
                self.channel = channel::attach(socket());
                self.ended.clear();
                self.role = match self.role {
                    Role::Zygote => Role::Template,
                    Role::Template | Role::Session => Role::Session,
                };
            }
            pid => {
                // the number may have been that of a child of whose end nobody has asked
                self.ended.retain(|(child, _)| *child != pid);
                send(&FromWorker::Forked { pid: pid.max(0) }, &[]);
            }
        }
    }

    /// Reaps children that have ended, so that no zombies gather.
    fn collect(&mut self) {
        while let Some(child) = wait_for(-1, libc::WNOHANG) {
            self.ended.push_back(child);
        }
        let surplus = self.ended.len().saturating_sub(MAX_ENDED);
        self.ended.drain(..surplus);
    }

    /// The status of a child, once it has ended; -1 where nothing is known of it.
    fn reap(&mut self, pid: i32) -> i32 {
        let known = self.ended.iter().position(|(child, _)| *child == pid);
        let child = known.and_then(|at| self.ended.remove(at)).or_else(|| wait_for(pid, 0));
        child.map_or(-1, |(_, status)| status)
    }

    fn run(&mut self, vm: &VirtualMachine, limits: &wire::GateLimits, source: &Source<'_>) {
        #[cfg(debug_assertions)]
        if let Some(results) = misbehave::ordered(source.text) {
            let finished = wire::Finished {
                answered: !results.is_empty(),
                diagnostics: None,
            };
            let results = serde_json::to_vec(&results).expect("numbers into memory");
            return send(&FromWorker::Finished(finished), &results);
        }
        let globals = globals::names(vm);
        let (finished, result) = match gate::check(source.text, limits, &self.interface, &globals) {
            Err(diagnostics) => (
                wire::Finished {
                    answered: false,
                    diagnostics: Some(diagnostics),
                },
                Vec::new(),
            ),
            Ok(()) => interpreter::run(vm, source, &self.channel),
        };
        send(&FromWorker::Finished(finished), &result);
    }
}

/// As `fork` does, but for a signal that comes while the kernel asks for leave.
fn fork_process() -> i32 {
    loop {
        // SAFETY: scripts' threads have ended, so there is one thread and the child may do whatever it likes.
        let pid = unsafe { libc::fork() };
        if pid >= 0 || io::Error::last_os_error().kind() != io::ErrorKind::Interrupted {
            return pid;
        }
    }
}

/// Has the kernel reap children: nobody asks how a template ended.
fn ignore_children() {
    // SAFETY: no handler is installed; ignored children are reaped by the kernel.
    unsafe { libc::signal(libc::SIGCHLD, libc::SIG_IGN) };
}

/// Waits for a child, or for any with -1: its number and status; `None` where there is none to be had.
fn wait_for(pid: i32, options: i32) -> Option<(i32, i32)> {
    let mut status = 0;
    // SAFETY: `status` is a valid place for the result.
    let ended = unsafe { libc::waitpid(pid, &raw mut status, options) };
    (ended > 0).then_some((ended, status))
}
