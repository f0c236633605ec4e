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

use rustix::process::Pid;
use tokio::sync::Mutex;

use super::{
    Error, Sandbox,
    link::{Link, unexpected},
    process::unblocked,
};
use crate::wire::{FromWorker, Interface, ToWorker};

/// A process with everything in it that sessions share.
#[derive(Debug)]
pub struct Template {
    sandbox: Arc<Sandbox>,
    interface: Interface,
    made: Mutex<(Link, Pid)>,
}

/// The root of a session.
pub(super) struct Root {
    pub(super) link: Link,
    pub(super) group: Pid,
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

    async fn fork(&self) -> Result<Root, Error> {
        let mut made = self.made.lock().await;
        if let Ok(root) = root(&mut made).await {
            return Ok(root);
        }
        *made = make(&self.sandbox, &self.interface).await?;
        root(&mut made).await.map_err(|e| Error::Worker {
            what: format!("cannot begin a session: {e}"),
        })
    }

    /// How the root of a session ended, which was killed or has ended by itself.
    pub(super) async fn reap(&self, number: i32) -> Option<i32> {
        self.made.lock().await.0.reap(number).await
    }
}

async fn make(sandbox: &Sandbox, interface: &Interface) -> Result<(Link, Pid), Error> {
    let (mut link, group) = sandbox.fork().await?;
    let lost = |e: io::Error| Error::Worker {
        what: format!("did not take its tools: {e}"),
    };
    let install = ToWorker::Interface(interface.clone());
    match link.request(&install, &[]).await.map_err(lost)? {
        (FromWorker::InterfaceReady { error: None }, _) => Ok((link, group)),
        (FromWorker::InterfaceReady { error: Some(message) }, _) => Err(Error::Interface { message }),
        _ => Err(lost(unexpected())),
    }
}

async fn root((template, group): &mut (Link, Pid)) -> io::Result<Root> {
    let (stderr, theirs) = io::pipe()?;
    unblocked(&stderr)?;
    let link = template.fork(*group, Some(theirs.as_fd())).await?;
    Ok(Root {
        link,
        group: *group,
        stderr,
    })
}
