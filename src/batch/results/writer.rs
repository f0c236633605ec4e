//! Writes lines on a thread of its own, and makes them survive a loss of power on another.
//!
//! - A line is at the system's when [`Writer::append`] returns: no kill takes it away.
//! - The disk is told behind, once for all lines that were written meanwhile.

use std::{
    fs::File,
    io,
    sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    thread::{self, JoinHandle},
};

use tokio::sync::{mpsc, oneshot};

use super::ResultsFile;

/// Takes lines one after another.
#[derive(Debug)]
pub struct Writer {
    lines: mpsc::UnboundedSender<Line>,
    writing: JoinHandle<()>,
    syncing: Option<JoinHandle<io::Result<()>>>,
}

struct Line {
    text: Vec<u8>,
    written: oneshot::Sender<io::Result<()>>,
}

impl Writer {
    /// Appends to a file.
    ///
    /// # Errors
    /// No thread can be started.
    pub fn to_file(mut file: ResultsFile) -> io::Result<Self> {
        let to_sync = file.file.0.try_clone()?;
        // one wish is enough for all that was written before it
        let (wish, wishes) = sync_channel(1);
        let syncing = thread::Builder::new()
            .name("results-sync".into())
            .spawn(move || sync(&to_sync, &wishes))?;
        let mut writer = Self::to(move |line| {
            file.append(line)?;
            wish_for_sync(&wish)
        })?;
        writer.syncing = Some(syncing);
        Ok(writer)
    }

    /// Hands lines to `write`, which may block.
    ///
    /// # Errors
    /// No thread can be started.
    pub fn to(mut write: impl FnMut(&[u8]) -> io::Result<()> + Send + 'static) -> io::Result<Self> {
        let (lines, mut waiting) = mpsc::unbounded_channel::<Line>();
        let writing = thread::Builder::new().name("results".into()).spawn(move || {
            while let Some(Line { text, written }) = waiting.blocking_recv() {
                // whoever has stopped waiting is not told
                let _ = written.send(write(&text));
            }
        })?;
        Ok(Self {
            lines,
            writing,
            syncing: None,
        })
    }

    /// Writes a line; afterwards no end of this program takes it away.
    ///
    /// # Errors
    /// The system's: nothing of the line is there, or lines before it could not be put on the disk.
    pub async fn append(&self, text: Vec<u8>) -> io::Result<()> {
        let (written, answer) = oneshot::channel();
        // without the thread there is no answer either
        let _ = self.lines.send(Line { text, written });
        answer
            .await
            .unwrap_or_else(|_| Err(io::Error::other("the thread that writes results has ended")))
    }

    /// Waits until all lines are on the disk.
    ///
    /// # Errors
    /// The system's: some lines may not survive a loss of power.
    pub async fn finish(self) -> io::Result<()> {
        let Self {
            lines,
            writing,
            syncing,
        } = self;
        drop(lines);
        let ended = tokio::task::spawn_blocking(move || {
            let _ = writing.join();
            syncing.map_or(Ok(Ok(())), JoinHandle::join)
        });
        match ended.await {
            Ok(Ok(result)) => result,
            _ => Err(io::Error::other("the thread that writes results has ended")),
        }
    }
}

fn wish_for_sync(wish: &SyncSender<()>) -> io::Result<()> {
    match wish.try_send(()) {
        Ok(()) | Err(TrySendError::Full(())) => Ok(()),
        Err(TrySendError::Disconnected(())) => Err(io::Error::other("earlier results could not be put on the disk")),
    }
}

fn sync(file: &File, wishes: &Receiver<()>) -> io::Result<()> {
    while wishes.recv().is_ok() {
        file.sync_data()?;
    }
    Ok(())
}
