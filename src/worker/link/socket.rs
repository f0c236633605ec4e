//! The socket of a link, which is its standard input: frames, and descriptors beside them.

use std::{
    io::{self, IoSlice, IoSliceMut, Read, Write},
    mem::MaybeUninit,
    os::{
        fd::{AsFd, BorrowedFd, OwnedFd},
        unix::net::UnixStream,
    },
};

use rustix::{
    cmsg_space,
    event::{PollFd, PollFlags, Timespec, poll},
    net::{
        RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags,
        recvmsg, sendmsg,
    },
};

use super::exit;
use crate::wire::{self, FromWorker, ToWorker};

/// The socket, for a thread that reads it.
pub fn socket() -> UnixStream {
    io::stdin()
        .as_fd()
        .try_clone_to_owned()
        .map_or_else(|_| exit(), UnixStream::from)
}

/// A frame; without a reader this process has no use.
pub fn send(frame: &FromWorker, body: &[u8]) {
    let sent = wire::encode(frame, body).and_then(|bytes| Socket(io::stdin().as_fd()).write_all(&bytes));
    if sent.is_err() {
        exit()
    }
}

/// A frame with a descriptor.
pub fn send_with(frame: &FromWorker, descriptor: BorrowedFd<'_>) -> io::Result<()> {
    let bytes = wire::encode(frame, &[])?;
    let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    let descriptors = [descriptor];
    control.push(SendAncillaryMessage::ScmRights(&descriptors));
    let sent = sendmsg(
        io::stdin().as_fd(),
        &[IoSlice::new(&bytes)],
        &mut control,
        SendFlags::NOSIGNAL,
    )?;
    // so short a frame fits into an idle socket's buffer
    if sent == bytes.len() {
        Ok(())
    } else {
        Err(io::ErrorKind::WriteZero.into())
    }
}

/// Whether something comes within this time.
pub fn readable(within: Timespec) -> bool {
    let socket = io::stdin();
    let mut polled = [PollFd::from_borrowed_fd(socket.as_fd(), PollFlags::IN)];
    poll(&mut polled, Some(&within)).map_or(true, |ready| ready > 0)
}

/// A frame, its body, and the descriptors that came with it.
pub type Received = (ToWorker, Vec<u8>, Vec<OwnedFd>);

/// The next frame and the descriptors that came with it; `None` at the end of the stream.
pub fn receive() -> io::Result<Option<Received>> {
    let mut prefix = [0; wire::PREFIX];
    let (n, descriptors) = receive_prefix(&mut prefix)?;
    if n == 0 {
        return Ok(None);
    }
    let stdin = io::stdin();
    let mut socket = Socket(stdin.as_fd());
    socket.read_exact(&mut prefix[n..])?;
    let (head_len, body_len) = wire::lengths(prefix, wire::MAX_TO_WORKER)?;
    let mut head = vec![0; head_len];
    socket.read_exact(&mut head)?;
    let head = wire::decode(&head)?;
    let mut body = Vec::new();
    if matches!(head, ToWorker::Reply { .. }) {
        // nobody waits for it, and memory may not hold it
        io::copy(&mut socket.take(body_len as u64), &mut io::sink())?;
    } else {
        body.resize(body_len, 0);
        socket.read_exact(&mut body)?;
    }
    Ok(Some((head, body, descriptors)))
}

fn receive_prefix(prefix: &mut [u8; wire::PREFIX]) -> io::Result<(usize, Vec<OwnedFd>)> {
    let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(2))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let socket = io::stdin();
    let received = loop {
        match recvmsg(
            socket.as_fd(),
            &mut [IoSliceMut::new(prefix)],
            &mut control,
            RecvFlags::CMSG_CLOEXEC,
        ) {
            Err(rustix::io::Errno::INTR) => {}
            other => break other?,
        }
    };
    let mut descriptors = Vec::new();
    for message in control.drain() {
        if let RecvAncillaryMessage::ScmRights(sent) = message {
            descriptors.extend(sent);
        }
    }
    Ok((received.bytes, descriptors))
}

/// Standard input, both ways and without a buffer.
struct Socket<'a>(BorrowedFd<'a>);

impl Read for Socket<'_> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        Ok(rustix::io::read(self.0, to)?)
    }
}

impl Write for Socket<'_> {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        Ok(rustix::io::write(self.0, from)?)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
