//! Asks the user about a call, one question at a time, and remembers what was said.
//!
//! - A question that an earlier answer settles is not asked, also where it waited for that answer.
//! - A run may have somebody of its own who is asked; its questions then wait for no other run's.
//! - A call that is given up takes its question with it.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures::future::BoxFuture;
use serde_json::Value;

use super::policy::Reason;

/// A call that the user is asked about.
#[derive(Debug, Clone)]
pub struct Question {
    /// The server's name in the configuration.
    pub server: String,
    /// The tool's raw name.
    pub tool: String,
    /// Secrets masked.
    pub arguments: Value,
    /// Why it is asked about.
    pub reason: Reason,
    /// Which of many tasks wants to make it.
    pub task: Option<String>,
}

/// What the user said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Approval {
    /// This call.
    Call,
    /// This tool, for the rest of the run.
    Run,
    /// This tool, from now on.
    Always,
    /// Not this tool, for the rest of the run.
    Never,
}

/// Puts a question to the user; `None` when nobody answered.
pub type Ask = Arc<dyn Fn(Question) -> BoxFuture<'static, Option<Approval>> + Send + Sync>;

/// Whether a call may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The user agreed.
    Permitted,
    /// The user did not.
    Refused,
    /// The user was asked, and gave no answer.
    Unanswered,
    /// There is nobody to be asked.
    Unasked,
}

/// Server and tool.
type Key = (String, String);

/// Puts questions one after another, whichever run they come from.
pub struct Approvals {
    asked: Option<Asked>,
    always: Mutex<HashSet<Key>>,
}

/// Somebody who is asked one thing at a time.
struct Asked {
    ask: Ask,
    turn: tokio::sync::Mutex<()>,
}

/// What the user said in one run, which may be many tasks.
#[derive(Default)]
pub struct Said {
    /// Whether the tool may be called.
    of_tools: Arc<Mutex<HashMap<Key, Verdict>>>,
    task: Option<String>,
    /// Who is asked in this run, if that is not the one whom all runs ask.
    asked: Option<Arc<Asked>>,
}

impl Said {
    /// Nothing yet; questions of this run are put by `ask`.
    pub fn asking(ask: Ask) -> Self {
        Self {
            asked: Some(Arc::new(Asked::by(ask))),
            ..Self::default()
        }
    }

    /// The same, as one of the run's tasks sees it.
    pub fn of_task(&self, id: &str) -> Self {
        Self {
            of_tools: Arc::clone(&self.of_tools),
            task: Some(id.to_owned()),
            asked: self.asked.clone(),
        }
    }
}

impl Asked {
    fn by(ask: Ask) -> Self {
        Self {
            ask,
            turn: tokio::sync::Mutex::default(),
        }
    }
}

impl Approvals {
    /// Without `ask` there is nobody to be asked.
    pub fn new(ask: Option<Ask>) -> Self {
        Self {
            asked: ask.map(Asked::by),
            always: Mutex::default(),
        }
    }

    /// Whether the call may be made.
    pub async fn permits(&self, mut question: Question, said: &Said) -> Verdict {
        let key = (question.server.clone(), question.tool.clone());
        if let Some(verdict) = self.known(&key, said) {
            return verdict;
        }
        let Some(asked) = said.asked.as_deref().or(self.asked.as_ref()) else {
            return Verdict::Unasked;
        };
        // held while the user thinks, so that questions queue
        let _turn = asked.turn.lock().await;
        if let Some(verdict) = self.known(&key, said) {
            return verdict;
        }
        question.task.clone_from(&said.task);
        match (asked.ask)(question).await {
            None => Verdict::Unanswered,
            Some(Approval::Call) => Verdict::Permitted,
            Some(Approval::Always) => {
                lock(&self.always).insert(key);
                Verdict::Permitted
            }
            Some(Approval::Run) => *lock(&said.of_tools).entry(key).or_insert(Verdict::Permitted),
            Some(Approval::Never) => *lock(&said.of_tools).entry(key).or_insert(Verdict::Refused),
        }
    }

    fn known(&self, key: &Key, said: &Said) -> Option<Verdict> {
        if lock(&self.always).contains(key) {
            return Some(Verdict::Permitted);
        }
        lock(&said.of_tools).get(key).copied()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl std::fmt::Debug for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Said").field("task", &self.task).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Approvals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Approvals").finish_non_exhaustive()
    }
}
