//! A session's processes while they hold variables and nothing else: they are stopped, so that one that a script has
//! taken over cannot go on computing.
//!
//! - It is after a moment, so whoever gives one script after another does not notice.

use std::{
    os::fd::OwnedFd,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rustix::process::{Signal, pidfd_send_signal};
use tokio::task::JoinHandle;

use super::family::Family;

/// How long a process may do what is left to do: make the next script's fork.
const MOMENT: Duration = Duration::from_secs(1);

/// A process that rests until this is ended.
#[derive(Debug)]
pub struct Rest {
    held: Arc<Mutex<Held>>,
    task: JoinHandle<()>,
}

#[derive(Debug)]
enum Held {
    /// It runs, and will be stopped.
    Soon,
    /// These were stopped: itself, and its forks that nobody has come for.
    Stopped(Vec<OwnedFd>),
    /// It runs again.
    Over,
}

impl Rest {
    /// Has a process of this number rest.
    pub fn begin(process: OwnedFd, number: i32, family: Arc<Family>) -> Self {
        let held = Arc::new(Mutex::new(Held::Soon));
        let shared = Arc::clone(&held);
        let task = tokio::spawn(async move {
            tokio::time::sleep(MOMENT).await;
            let mut held = shared.lock().unwrap_or_else(PoisonError::into_inner);
            if matches!(*held, Held::Soon) {
                let mut all = vec![process];
                all.extend(family.unknown_children(number));
                send(&all, Signal::STOP);
                *held = Held::Stopped(all);
            }
        });
        Self { held, task }
    }

    /// Has it run again.
    pub fn end(self) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Held::Stopped(all) = std::mem::replace(&mut *held, Held::Over) {
            send(&all, Signal::CONT);
        }
    }
}

impl Drop for Rest {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn send(processes: &[OwnedFd], signal: Signal) {
    for process in processes {
        // one that has ended needs nothing
        let _ = pidfd_send_signal(process, signal);
    }
}
