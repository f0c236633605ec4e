//! One process of the worker's tree, as `mcm` holds it: its socket and a handle to kill it by.
//!
//! - A link dies with its [`Link`]; the zygote, whose process is the tree's, does with the tree.
//! - A process that a worker names is believed to be a link only if it is in the worker's process group, and a child
//!   of the link that named it where that has run a script.

use std::{
    io::{self, IoSlice},
    os::{
        fd::{AsRawFd, BorrowedFd, OwnedFd},
        unix::net::UnixStream as StdStream,
    },
    sync::Arc,
    time::Duration,
};

use rustix::process::{Pid, Signal, pidfd_send_signal};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, Interest},
    net::UnixStream,
    runtime::Handle,
    time::timeout,
};

use super::{
    descriptors::{receive_with, send_with},
    family::{self, Family},
    guard::Guard,
    outgoing::Outgoing,
    rest::Rest,
};
use crate::wire::{self, FromWorker, Incoming, Layer, LayerKind, ToWorker};

/// How long a link may take to do what is no script: fork, compile stubs, read a script.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long it may take to fork, or to say how a fork ended, where a script may have made it silent.
const PATIENCE_WITH_SCRIPTS: Duration = Duration::from_secs(3);

/// A link's socket, and its process.
#[derive(Debug)]
pub struct Link {
    stream: UnixStream,
    incoming: Incoming<FromWorker>,
    process: Option<OwnedFd>,
    /// Its process, as the link that it was forked off knows it; 0 for the zygote.
    number: i32,
    /// The tree that it is of; `None` only while the zygote is being started.
    family: Option<Arc<Family>>,
    /// What answers the kernel for this process and its forks; `None` before it is confined, and where nothing can.
    guard: Option<Arc<Guard>>,
    /// It is of a session, so a script may have taken it over.
    doubted: bool,
    /// It was let fork.
    granted: bool,
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
            family: None,
            guard: None,
            doubted: false,
            granted: false,
            begins: false,
            asked: 0,
            answered: 0,
            kept: None,
            forks: 0,
        };
        Ok((link, theirs.into()))
    }

    /// Says of which tree the zygote is.
    pub fn belong(&mut self, family: Arc<Family>) {
        self.family = Some(family);
    }

    /// Forks this link; can be dropped and made again. The fork writes to `stderr`, or else where this link does.
    ///
    /// # Errors
    /// Of the kind of [`is_refused`] where the system has no room for one more process; all others are the link's end.
    pub async fn fork(&mut self, stderr: Option<BorrowedFd<'_>>) -> io::Result<Self> {
        let asked = self.ask_fork(stderr).await?;
        self.forked(asked).await
    }

    /// Asks for a fork that is wanted later. If nobody comes for it, it ends when its socket closes, or is killed after
    /// this link.
    pub async fn ask_fork(&mut self, stderr: Option<BorrowedFd<'_>>) -> io::Result<Asked> {
        let (child, theirs) = Self::pair()?;
        let bytes = wire::encode(&ToWorker::Fork, &[])?;
        // before it is asked for, since the kernel may ask at once
        self.forks += 1;
        self.granted = true;
        if let Some(guard) = &self.guard {
            guard.grant(self.number);
        }
        let sending = || send_with(&self.stream, &bytes, &theirs, stderr);
        let sent = timeout(self.patience(), self.stream.async_io(Interest::WRITABLE, sending)).await;
        if let Err(e) = sent.map_err(io::Error::from).flatten() {
            self.fork_done();
            return Err(e);
        }
        self.asked += 1;
        let number = self.asked;
        Ok(Asked { child, number })
    }

    /// The fork that was asked for.
    ///
    /// # Errors
    /// As [`fork`](Self::fork).
    pub async fn forked(&mut self, Asked { mut child, number }: Asked) -> io::Result<Self> {
        let (FromWorker::Forked { pid }, _) = self.answer(number, self.patience()).await? else {
            return Err(unexpected());
        };
        if pid == 0 {
            return Err(io::ErrorKind::ResourceBusy.into());
        }
        let pid = Some(pid).filter(|pid| *pid > 0).and_then(Pid::from_raw);
        let pid = pid.ok_or_else(unexpected)?;
        let family = self.family.as_ref().ok_or_else(unexpected)?;
        // the zygote and the templates run no script, and need not be doubted
        let (process, parent) = family.adopt(pid, self.doubted.then_some(self.number))?;
        if self.number == 0 {
            family.know(parent);
        }
        child.process = Some(process);
        child.family = self.family.clone();
        child.guard = self.guard.clone();
        child.doubted = self.doubted;
        child.number = pid.as_raw_nonzero().get();
        Ok(child)
    }

    /// A fork was made, or will not be.
    fn fork_done(&mut self) {
        self.forks = self.forks.saturating_sub(1);
        if let Some(guard) = &self.guard {
            guard.at_most(self.number, self.forks);
        }
    }

    /// For an answer that takes it no time.
    fn patience(&self) -> Duration {
        if self.doubted { PATIENCE_WITH_SCRIPTS } else { PATIENCE }
    }

    /// Whether the process runs.
    pub fn lives(&self) -> bool {
        self.process.as_ref().is_some_and(family::lives)
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
        self.doubted = true;
        Ok(layers)
    }

    /// The forbidden system call that a process of its session tried last.
    pub fn take_tried(&self) -> Option<String> {
        self.guard.as_ref()?.take_tried()
    }

    /// Its process, as this process knows it.
    pub fn process(&self) -> Option<Pid> {
        let info = std::fs::read_to_string(format!("/proc/self/fdinfo/{}", self.process.as_ref()?.as_raw_fd())).ok()?;
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
        self.answer(self.asked, PATIENCE).await
    }

    /// The answer to the request of this number. Those before it are of requests that were dropped, or of a fork that
    /// was asked for and is not wanted yet.
    async fn answer(&mut self, number: u64, patience: Duration) -> io::Result<Frame> {
        loop {
            if let Some((_, frame)) = self.kept.take_if(|(kept, _)| *kept == number) {
                return Ok(frame);
            }
            if self.answered >= number {
                return Err(unexpected());
            }
            let frame = timeout(patience, self.next()).await??.ok_or_else(ended)?;
            self.answered += 1;
            if matches!(frame.0, FromWorker::Forked { .. }) {
                self.fork_done();
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

    /// The wait status of a link that was forked off this one and has ended; `None` where it knows of none.
    pub async fn reap(&mut self, number: i32) -> io::Result<Option<i32>> {
        self.send_in_time(&ToWorker::Reap { pid: number }, &[]).await?;
        self.asked += 1;
        match self.answer(self.asked, self.patience()).await? {
            (FromWorker::Reaped { status }, _) => Ok(Some(status).filter(|status| *status >= 0)),
            _ => Err(unexpected()),
        }
    }

    /// Kills the process and waits until the kernel has ended it.
    pub async fn end(&self) {
        self.kill();
        if let Some(process) = &self.process {
            family::ended(process).await;
        }
    }

    /// Has the process rest until it is asked for something again.
    pub fn rest(&self) -> Option<Rest> {
        let process = self.process.as_ref()?.try_clone().ok()?;
        Some(Rest::begin(process, self.number, Arc::clone(self.family.as_ref()?)))
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
        let (Some(family), Some(process)) = (self.family.take(), self.process.take()) else {
            return;
        };
        family.forget(self.number);
        if let Some(guard) = &self.guard {
            guard.at_most(self.number, 0);
        }
        // a fork that nobody came for is left behind; one that a script has taken over does not end by itself
        if self.doubted
            && (self.granted || self.guard.is_none())
            && let Ok(runtime) = Handle::try_current()
        {
            runtime.spawn(async move {
                family::ended(&process).await;
                family.sweep().await;
            });
        }
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

fn ended() -> io::Error {
    io::ErrorKind::UnexpectedEof.into()
}

/// The error for a worker that breaks the protocol.
pub fn unexpected() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "answered with a frame that does not fit")
}

/// Whether a fork failed because the system has no room for one more process, so that all others go on.
pub fn is_refused(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::ResourceBusy
}
