//! Asks the user about a call, one question at a time, and remembers what was said for the run.

use std::{collections::HashMap, sync::Arc};

use futures::future::BoxFuture;
use serde_json::Value;
use tokio::sync::Mutex;

/// A call that the user is asked about.
#[derive(Debug, Clone)]
pub struct Question {
    /// The server's name in the configuration.
    pub server: String,
    /// The tool's raw name.
    pub tool: String,
    /// Secrets masked.
    pub arguments: Value,
}

/// What the user said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Approval {
    /// This call.
    Call,
    /// This tool, for the rest of the run.
    Run,
    /// Not this tool, for the rest of the run.
    Never,
}

/// Puts a question to the user; `None` when nobody answered.
pub type Ask = Arc<dyn Fn(Question) -> BoxFuture<'static, Option<Approval>> + Send + Sync>;

/// Puts questions one after another, whichever run they come from.
pub struct Approvals {
    ask: Option<Ask>,
    turn: Mutex<()>,
}

/// What the user said in one run.
#[derive(Debug, Default)]
pub struct Said(Mutex<HashMap<(String, String), Approval>>);

impl Approvals {
    /// Without `ask` there is nobody to be asked.
    pub fn new(ask: Option<Ask>) -> Self {
        Self {
            ask,
            turn: Mutex::default(),
        }
    }

    /// Whether the call may be made; `None` when nobody could be asked.
    pub async fn permits(&self, question: Question, said: &Said) -> Option<bool> {
        let ask = self.ask.as_ref()?;
        // held while the user thinks, so that questions queue, and what was said meanwhile is known
        let _turn = self.turn.lock().await;
        let mut said = said.0.lock().await;
        let key = (question.server.clone(), question.tool.clone());
        let approval = match said.get(&key) {
            Some(approval) => *approval,
            None => ask(question).await?,
        };
        if approval != Approval::Call {
            said.insert(key, approval);
        }
        Some(approval != Approval::Never)
    }
}

impl std::fmt::Debug for Approvals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Approvals").finish_non_exhaustive()
    }
}
