//! What goes on in a script or a task, as progress notifications to the client that wants them.
//!
//! - Whoever reports never waits; what a slow client does not take is left out.

use std::time::Duration;

use rmcp::{
    RoleServer,
    model::{ProgressNotificationParam, ProgressToken},
    service::{Peer, RequestContext},
};
use tokio::sync::mpsc::{self, error::TryRecvError};

use super::text::word;
use crate::{agent::event, host};

/// Reports that wait to be sent.
const MOST: usize = 256;
/// Characters of one.
const LENGTH: usize = 300;
/// How long the last ones may take.
const AT_END: Duration = Duration::from_secs(1);

/// Takes reports.
#[derive(Debug, Clone)]
pub(super) struct Reporter(Option<mpsc::Sender<String>>);

/// Sends them.
pub(super) struct Relay {
    reports: mpsc::Receiver<String>,
    to: Option<(Peer<RoleServer>, ProgressToken)>,
    sent: u32,
}

/// Both ends, for the client's request; where it wants no progress, nothing is kept.
pub(super) fn of(context: &RequestContext<RoleServer>) -> (Reporter, Relay) {
    let (sender, reports) = mpsc::channel(MOST);
    let token = context.meta.get_progress_token();
    let relay = Relay {
        reports,
        to: token.map(|token| (context.peer.clone(), token)),
        sent: 0,
    };
    (Reporter(relay.to.is_some().then_some(sender)), relay)
}

impl Reporter {
    /// Reports a call of a script.
    pub(super) fn call(&self, event: &host::Event<'_>, names: &mut CallNames) {
        if self.0.is_none() {
            return;
        }
        match event {
            host::Event::CallStarted { id, server, tool, .. } => {
                let name = format!("{server}.{tool}");
                self.say(format!("{name}: called"));
                names.started(*id, name);
            }
            host::Event::CallProgress { id, text } => self.say(format!("{}: {text}", names.of(*id))),
            host::Event::CallEnded {
                id, status, elapsed, ..
            } => {
                let (name, status) = (names.ended(*id), word(*status));
                self.say(format!("{name}: {status} after {} ms", elapsed.as_millis()));
            }
            host::Event::Output { .. } => {}
        }
    }

    /// Reports what goes on in a task.
    pub(super) fn task(&self, event: &event::Event) {
        match event {
            event::Event::ModelAsked { step } => self.say(format!("step {step}: the model is asked")),
            event::Event::ModelRetry { reason, .. } => self.say(format!("the model is asked again: {reason}")),
            event::Event::ScriptStarted { .. } => self.say("the script runs".to_owned()),
            event::Event::ScriptEnded { execution } if !execution.success => self.say("the script failed".to_owned()),
            _ => {}
        }
    }

    fn say(&self, report: String) {
        let Some(sender) = &self.0 else { return };
        let end = report.char_indices().nth(LENGTH).map_or(report.len(), |(at, _)| at);
        // a client that is slower than its script misses some
        let _ = sender.try_send(report[..end].to_owned());
    }
}

impl Relay {
    /// Sends what is reported while `work` is done, and what is left then.
    pub(super) async fn during<T>(mut self, work: impl Future<Output = T>) -> T {
        let done = {
            let sending = async {
                while let Some(report) = self.reports.recv().await {
                    self.send(report).await;
                }
                std::future::pending::<()>().await;
            };
            tokio::select! {
                done = work => done,
                () = sending => unreachable!("it goes on until the work is done"),
            }
        };
        let rest = async {
            loop {
                match self.reports.try_recv() {
                    Ok(report) => self.send(report).await,
                    Err(TryRecvError::Empty | TryRecvError::Disconnected) => return,
                }
            }
        };
        let _ = tokio::time::timeout(AT_END, rest).await;
        done
    }

    async fn send(&mut self, report: String) {
        let Some((peer, token)) = &self.to else { return };
        self.sent += 1;
        let progress = ProgressNotificationParam::new(token.clone(), f64::from(self.sent)).with_message(report);
        // a client that is gone is noticed elsewhere
        let _ = peer.notify_progress(progress).await;
    }
}

/// Names of the calls under way.
#[derive(Debug, Default)]
pub(super) struct CallNames(Vec<(u64, String)>);

impl CallNames {
    fn started(&mut self, id: u64, name: String) {
        self.0.push((id, name));
    }

    fn of(&self, id: u64) -> &str {
        let known = self.0.iter().find(|(known, _)| *known == id);
        known.map_or("a call", |(_, name)| name)
    }

    fn ended(&mut self, id: u64) -> String {
        let at = self.0.iter().position(|(known, _)| *known == id);
        at.map_or_else(|| "a call".to_owned(), |at| self.0.swap_remove(at).1)
    }
}
