//! One process of the worker's tree, as `mcm` holds it: its socket and a handle to kill it by.
//!
//! - A link dies with its [`Link`].
//! - A process that a worker names is believed to be a link only if it is in the worker's process group, and a child
//!   of the link that named it where that has run a script.

use std::{
    io::{self, IoSlice, IoSliceMut},
    mem::MaybeUninit,
    os::{
        fd::{AsFd, BorrowedFd, OwnedFd},
        unix::net::UnixStream as StdStream,
    },
    sync::Arc,
    time::Duration,
};

use rustix::{
    cmsg_space,
    event::{PollFd, PollFlags, Timespec, poll},
    net::{
        RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags,
        recvmsg, sendmsg,
    },
    process::{Pid, PidfdFlags, Resource, Rlimit, Signal, getrlimit, pidfd_open, pidfd_send_signal, prlimit},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, Interest},
    net::UnixStream,
    time::timeout,
};

use super::{guard::Guard, outgoing::Outgoing};
use crate::wire::{self, FromWorker, Incoming, Layer, LayerKind, ToWorker};

/// How long a link may take to do what is no script: fork, compile stubs, read a script.
const PATIENCE: Duration = Duration::from_secs(30);

/// A link's socket, and its process.
#[derive(Debug)]
pub struct Link {
    stream: UnixStream,
    incoming: Incoming<FromWorker>,
    process: Option<OwnedFd>,
    /// Its process, as the link that it was forked off knows it; 0 for the zygote.
    number: i32,
    /// What answers the kernel for this process and its forks; `None` before it is confined.
    guard: Option<Arc<Guard>>,
    /// The root of a session was asked for.
    begins: bool,
    /// Requests that were sent, answers that were read, and the last of those that nobody has come for.
    asked: u64,
    answered: u64,
    kept: Option<(u64, Frame)>,
    /// Forks that were asked for and not answered.
    forks: u32,
}

/// A fork that was asked for and of which nothing was heard yet.
#[derive(Debug)]
pub struct Asked {
    child: Link,
    number: u64,
}

impl Asked {
    /// The same as the root of a session, which is confined as soon as it is there.
    pub async fn beginning(mut self) -> io::Result<Self> {
        self.child.send_in_time(&ToWorker::Begin, &[]).await?;
        self.child.begins = true;
        Ok(self)
    }

    /// The same, made ready for a script before that comes.
    pub async fn warm(mut self) -> Self {
        // whether it is there at all is found out when it is wanted
        let _ = self.child.send_in_time(&ToWorker::Warm, &[]).await;
        self
    }
}

/// A frame of the worker's.
pub type Frame = (FromWorker, Vec<u8>);

impl Link {
    /// The zygote's socket, whose process belongs to the tree and not to the link, and the other end of it.
    pub fn pair() -> io::Result<(Self, OwnedFd)> {
        let (ours, theirs) = StdStream::pair()?;
        ours.set_nonblocking(true)?;
        let link = Self {
            stream: UnixStream::from_std(ours)?,
            incoming: Incoming::new(wire::MAX_FROM_WORKER),
            process: None,
            number: 0,
            guard: None,
            begins: false,
            asked: 0,
            answered: 0,
            kept: None,
            forks: 0,
        };
        Ok((link, theirs.into()))
    }

    /// Forks this link; can be dropped and made again. `group` is the process group of its worker; the fork writes to
    /// `stderr`, or else where this link does.
    pub async fn fork(&mut self, group: Pid, stderr: Option<BorrowedFd<'_>>) -> io::Result<Self> {
        let asked = self.ask_fork(stderr).await?;
        self.forked(asked, group).await
    }

    /// Asks for a fork that is wanted later. If nobody comes for it, it ends by itself.
    pub async fn ask_fork(&mut self, stderr: Option<BorrowedFd<'_>>) -> io::Result<Asked> {
        let (child, theirs) = Self::pair()?;
        let bytes = wire::encode(&ToWorker::Fork, &[])?;
        self.forks += 1;
        if let Some(guard) = &self.guard {
            guard.grant();
        }
        let sending = || send_with(&self.stream, &bytes, &theirs, stderr);
        timeout(PATIENCE, self.stream.async_io(Interest::WRITABLE, sending)).await??;
        self.asked += 1;
        let number = self.asked;
        Ok(Asked { child, number })
    }

    /// The fork that was asked for.
    pub async fn forked(&mut self, Asked { mut child, number }: Asked, group: Pid) -> io::Result<Self> {
        let (FromWorker::Forked { pid }, _) = self.answer(number).await? else {
            return Err(unexpected());
        };
        let pid = Some(pid).filter(|pid| *pid > 0).and_then(Pid::from_raw);
        let pid = pid.ok_or_else(|| io::Error::other("cannot fork"))?;
        let process = pidfd_open(pid, PidfdFlags::empty())?;
        // the zygote and the templates run no script, and need not be doubted
        let doubted = self.guard.is_some();
        let (parent, its_group) = parent_and_group(pid)?;
        if its_group != group.as_raw_nonzero().get() || doubted && parent != self.number {
            return Err(io::Error::other("named a process that is not its own"));
        }
        child.process = Some(process);
        child.guard = self.guard.clone();
        child.number = pid.as_raw_nonzero().get();
        Ok(child)
    }

    /// Whether the process runs; its handle can be read when it has ended.
    pub fn lives(&self) -> bool {
        self.process.as_ref().is_some_and(|process| {
            let mut polled = [PollFd::new(process, PollFlags::IN)];
            poll(&mut polled, Some(&Timespec::default())) == Ok(0)
        })
    }

    /// Has the process become the root of a session: confined, with random numbers of its own. What holds it.
    pub async fn begin(&mut self) -> io::Result<Vec<Layer>> {
        if !std::mem::take(&mut self.begins) {
            self.send_in_time(&ToWorker::Begin, &[]).await?;
        }
        let (bytes, listener) = timeout(
            PATIENCE,
            self.stream.async_io(Interest::READABLE, || receive_with(&self.stream)),
        )
        .await??;
        self.incoming.room().0.extend_from_slice(&bytes);
        let FromWorker::Begun { layers } = timeout(PATIENCE, self.next()).await??.ok_or_else(ended)?.0 else {
            return Err(unexpected());
        };
        let holds = |layer: &Layer| layer.kind == LayerKind::Forks && layer.missing.is_none();
        if listener.is_none() && layers.iter().any(holds) {
            return Err(io::Error::other("the descriptor by which forks are allowed was lost"));
        }
        self.guard = listener.map(Guard::listen).transpose()?.map(Arc::new);
        Ok(layers)
    }

    /// The forbidden system call that a process of its session tried last.
    pub fn take_tried(&self) -> Option<String> {
        self.guard.as_ref()?.take_tried()
    }

    /// Bounds the address space, in bytes beyond what the link has now, and the processor time from its beginning.
    pub fn limit(pid: Pid, memory: u64, cpu: Duration) -> io::Result<()> {
        let now = address_space(pid)?;
        let set = |resource, value: u64| {
            // the parent's own limit, if it has one, is the most that can be had
            let maximum = getrlimit(resource).maximum;
            let value = maximum.map_or(value, |most| value.min(most));
            prlimit(
                Some(pid),
                resource,
                Rlimit {
                    current: Some(value),
                    maximum,
                },
            )
        };
        set(Resource::As, now.saturating_add(memory))?;
        // rounded up to whole seconds, as the kernel counts
        set(Resource::Cpu, cpu.as_secs() + u64::from(cpu.subsec_nanos() > 0))?;
        Ok(())
    }

    /// Its process, as this process knows it.
    pub fn process(&self) -> Option<Pid> {
        let info = std::fs::read_to_string(format!("/proc/self/fdinfo/{}", raw(self.process.as_ref()?))).ok()?;
        let line = info.lines().find_map(|line| line.strip_prefix("Pid:"))?;
        // -1 when it has ended
        line.trim().parse().ok().filter(|pid| *pid > 0).and_then(Pid::from_raw)
    }

    /// Sends a frame.
    pub async fn send(&mut self, frame: &ToWorker, body: &[u8]) -> io::Result<()> {
        self.stream.write_all(&wire::encode(frame, body)?).await
    }

    /// Sends a frame, within a limit for what is no script.
    pub async fn send_in_time(&mut self, frame: &ToWorker, body: &[u8]) -> io::Result<()> {
        timeout(PATIENCE, self.send(frame, body)).await?
    }

    /// Sends a frame and reads its answer, within a limit for what is no script. Can be dropped and made again.
    pub async fn request(&mut self, frame: &ToWorker, body: &[u8]) -> io::Result<Frame> {
        self.send_in_time(frame, body).await?;
        self.asked += 1;
        self.answer(self.asked).await
    }

    /// The answer to the request of this number. Those before it are of requests that were dropped, or of a fork that
    /// was asked for and is not wanted yet.
    async fn answer(&mut self, number: u64) -> io::Result<Frame> {
        loop {
            if let Some((_, frame)) = self.kept.take_if(|(kept, _)| *kept == number) {
                return Ok(frame);
            }
            if self.answered >= number {
                return Err(unexpected());
            }
            let frame = timeout(PATIENCE, self.next()).await??.ok_or_else(ended)?;
            self.answered += 1;
            if matches!(frame.0, FromWorker::Forked { .. }) {
                self.forks = self.forks.saturating_sub(1);
                self.guard.iter().for_each(|guard| guard.at_most(self.forks));
            }
            self.kept = Some((self.answered, frame));
        }
    }

    /// The next frame; `None` when the link has ended. Loses nothing when it is dropped half-way.
    pub async fn next(&mut self) -> io::Result<Option<Frame>> {
        self.exchange(&mut Outgoing::default()).await
    }

    /// The next frame, writing `outgoing` meanwhile, so that neither side waits for the other to read.
    /// Loses nothing when it is dropped half-way.
    pub async fn exchange(&mut self, outgoing: &mut Outgoing) -> io::Result<Option<Frame>> {
        loop {
            if let Some(frame) = self.incoming.take()? {
                return Ok(Some(frame));
            }
            let (reader, writer) = self.stream.split();
            let (buffer, most) = self.incoming.room();
            let mut reader = reader.take(most as u64);
            let pieces = outgoing.slices();
            tokio::select! {
                read = reader.read_buf(buffer) => match read {
                    Ok(0) => return Ok(None),
                    Ok(_) => {}
                    Err(e) if e.kind() == io::ErrorKind::ConnectionReset => return Ok(None),
                    Err(e) => return Err(e),
                },
                written = write(writer.as_ref(), &pieces), if !pieces.is_empty() => match written {
                    Ok(n) => outgoing.advance(n),
                    // it has ended; what it said before can still be read
                    Err(_) => outgoing.clear(),
                },
            }
        }
    }

    /// Writes out what waits, so that the next frame is not taken for the rest of one that was begun.
    pub async fn flush(&mut self, outgoing: &mut Outgoing) -> io::Result<()> {
        let write_out = async {
            while outgoing.len() > 0 {
                let written = write(&self.stream, &outgoing.slices()).await?;
                outgoing.advance(written);
            }
            Ok(())
        };
        timeout(PATIENCE, write_out).await?
    }

    /// Its process's number.
    pub fn number(&self) -> i32 {
        self.number
    }

    /// Waits for the end of a link that was forked off this one, which was killed or has ended: its wait status.
    pub async fn reap(&mut self, number: i32) -> Option<i32> {
        match self.request(&ToWorker::Reap { pid: number }, &[]).await {
            Ok((FromWorker::Reaped { status }, _)) if status >= 0 => Some(status),
            _ => None,
        }
    }

    /// Sends the process a signal of ours, if it still runs.
    pub fn signal(&self, signal: i32) {
        if let (Some(process), Some(signal)) = (&self.process, Signal::from_named_raw(signal)) {
            let _ = pidfd_send_signal(process, signal);
        }
    }

    /// Kills the process, if it still runs.
    pub fn kill(&self) {
        if let Some(process) = &self.process {
            let _ = pidfd_send_signal(process, Signal::KILL);
        }
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.kill();
    }
}

async fn write(stream: &UnixStream, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
    loop {
        stream.writable().await?;
        match stream.try_write_vectored(pieces) {
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => {}
            other => return other,
        }
    }
}

fn raw(descriptor: &OwnedFd) -> i32 {
    std::os::fd::AsRawFd::as_raw_fd(descriptor)
}

fn send_with(stream: &UnixStream, bytes: &[u8], socket: &OwnedFd, stderr: Option<BorrowedFd<'_>>) -> io::Result<()> {
    let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(2))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    let descriptors: Vec<_> = [socket.as_fd()].into_iter().chain(stderr).collect();
    control.push(SendAncillaryMessage::ScmRights(&descriptors));
    let sent = sendmsg(stream, &[IoSlice::new(bytes)], &mut control, SendFlags::NOSIGNAL)?;
    // so short a frame fits into an idle socket's buffer
    if sent == bytes.len() {
        Ok(())
    } else {
        Err(io::ErrorKind::WriteZero.into())
    }
}

/// A link's first bytes as the root of a session, and the descriptor that came with them.
fn receive_with(stream: &UnixStream) -> io::Result<(Vec<u8>, Option<OwnedFd>)> {
    let mut bytes = [0; 4096];
    let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(1))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let parts = &mut [IoSliceMut::new(&mut bytes)];
    let received = recvmsg(stream, parts, &mut control, RecvFlags::CMSG_CLOEXEC)?.bytes;
    let descriptors = control.drain().filter_map(|message| match message {
        RecvAncillaryMessage::ScmRights(sent) => Some(sent),
        _ => None,
    });
    Ok((bytes[..received].to_vec(), descriptors.flatten().next()))
}

fn ended() -> io::Error {
    io::ErrorKind::UnexpectedEof.into()
}

/// The process that a process was forked off, and its group.
fn parent_and_group(pid: Pid) -> io::Result<(i32, i32)> {
    let text = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero()))?;
    // the name of the program may hold anything
    let (_, fields) = text.rsplit_once(')').ok_or_else(unexpected)?;
    let mut numbers = fields.split_whitespace().skip(1).map_while(|field| field.parse().ok());
    numbers.next().zip(numbers.next()).ok_or_else(unexpected)
}

/// Bytes of address space that a process has.
fn address_space(pid: Pid) -> io::Result<u64> {
    let text = std::fs::read_to_string(format!("/proc/{}/statm", pid.as_raw_nonzero()))?;
    let pages: u64 = text
        .split(' ')
        .next()
        .and_then(|n| n.parse().ok())
        .ok_or_else(unexpected)?;
    Ok(pages * rustix::param::page_size() as u64)
}

/// The error for a worker that breaks the protocol.
pub fn unexpected() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "answered with a frame that does not fit")
}
