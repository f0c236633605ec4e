//! What all sessions of a program begin with: a fork of the worker that has the tools' functions.
//!
//! A session is forked off it in about a millisecond, however many tools there are.
//!
//! - No script ever runs in a template.
//! - A template that has died is made again, off a worker that is started again if need be.

use std::{
    io::{self, PipeReader},
    os::fd::AsFd,
    sync::Arc,
};

use tokio::sync::Mutex;

use super::{
    Error, Sandbox, Script,
    link::{Asked, Link, is_refused, unexpected},
    process::{no_room, unblocked},
};
use crate::wire::{FromWorker, Interface, ToWorker};

/// A process with everything in it that sessions share.
#[derive(Debug)]
pub struct Template {
    sandbox: Arc<Sandbox>,
    interface: Interface,
    made: Mutex<Made>,
}

#[derive(Debug)]
struct Made {
    link: Link,
    /// Sessions that were begun off it.
    sessions: u64,
    /// The root of the next one; whoever has begun two will begin a third.
    ahead: Option<(Asked, PipeReader)>,
}

/// The root of a session.
pub(super) struct Root {
    pub(super) link: Link,
    /// What the session's processes write to their standard error.
    pub(super) stderr: PipeReader,
}

impl Template {
    /// Forks a template off the worker and gives it its tools.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn new(sandbox: Arc<Sandbox>, interface: Interface) -> Result<Self, Error> {
        let made = make(&sandbox, &interface).await?;
        Ok(Self {
            sandbox,
            interface,
            made: Mutex::new(made),
        })
    }

    /// Forks the root of a session.
    pub(super) async fn root(&self) -> Result<Root, Error> {
        let mut root = self.fork().await?;
        self.sandbox.confine(&mut root.link).await?;
        Ok(root)
    }

    /// Whether a script is Python at all.
    pub(super) async fn parses(&self, script: &Script) -> Result<bool, Error> {
        Ok(self.sandbox.inspect(script, Vec::new()).await?.parses)
    }

    /// Has the root of the next session made, now that nobody waits.
    pub(super) async fn prepare(&self) {
        let mut made = self.made.lock().await;
        if made.sessions > 1 && made.ahead.is_none() {
            made.ahead = made.ask_ahead().await.ok();
        }
    }

    async fn fork(&self) -> Result<Root, Error> {
        let mut made = self.made.lock().await;
        match made.root().await {
            Ok(root) => return Ok(root),
            Err(e) if is_refused(&e) => return Err(no_room()),
            Err(_) => {}
        }
        *made = make(&self.sandbox, &self.interface).await?;
        made.root().await.map_err(|e| Error::Worker {
            what: format!("cannot begin a session: {e}"),
        })
    }

    /// How the root of a session ended, which was killed or has ended by itself.
    pub(super) async fn reap(&self, number: i32) -> Option<i32> {
        self.made.lock().await.link.reap(number).await.ok().flatten()
    }
}

async fn make(sandbox: &Sandbox, interface: &Interface) -> Result<Made, Error> {
    let mut link = sandbox.fork().await?;
    let lost = |e: io::Error| Error::Worker {
        what: format!("did not take its tools: {e}"),
    };
    let install = ToWorker::Interface(interface.clone());
    match link.request(&install, &[]).await.map_err(lost)? {
        (FromWorker::InterfaceReady { error: None }, _) => Ok(Made {
            link,
            sessions: 0,
            ahead: None,
        }),
        (FromWorker::InterfaceReady { error: Some(message) }, _) => Err(Error::Interface { message }),
        _ => Err(lost(unexpected())),
    }
}

impl Made {
    async fn root(&mut self) -> io::Result<Root> {
        let (link, stderr) = match self.ahead.take() {
            Some((asked, stderr)) => match self.link.forked(asked).await {
                Ok(link) if link.lives() => (link, stderr),
                // it has been ended since, or there was no room for it then
                Ok(_) => self.fork().await?,
                Err(e) if is_refused(&e) => self.fork().await?,
                Err(e) => return Err(e),
            },
            None => self.fork().await?,
        };
        self.sessions += 1;
        Ok(Root { link, stderr })
    }

    async fn fork(&mut self) -> io::Result<(Link, PipeReader)> {
        let (asked, stderr) = self.ask().await?;
        Ok((self.link.forked(asked).await?, stderr))
    }

    async fn ask_ahead(&mut self) -> io::Result<(Asked, PipeReader)> {
        let (asked, stderr) = self.ask().await?;
        Ok((asked.warm().await, stderr))
    }

    async fn ask(&mut self) -> io::Result<(Asked, PipeReader)> {
        let (stderr, theirs) = io::pipe()?;
        unblocked(&stderr)?;
        let asked = self.link.ask_fork(Some(theirs.as_fd())).await?;
        Ok((asked.beginning().await?, stderr))
    }
}
