//! What a server says or asks by itself, and who hears and answers it.
//!
//! - Whoever hears must not block; whoever answers may take as long as the server waits.
//! - Without anybody to answer, an elicitation is declined and sampling refused.

use std::{fmt, sync::Arc};

use futures::future::BoxFuture;
use serde_json::{Map, Value};

/// Something that a server says, or that becomes of it.
#[derive(Debug, Clone, PartialEq)]
pub enum Notice {
    /// A line of its log (`notifications/message`).
    Log {
        /// As the server names it: `debug` to `emergency`.
        level: String,
        /// Which part of the server says it.
        logger: Option<String>,
        /// What it says.
        text: String,
    },
    /// Its tools are others than those that were listed.
    ToolsChanged,
    /// It had ended and is started again.
    Restarting {
        /// What was known of its end.
        message: String,
    },
    /// It asked for something and was told no.
    Declined {
        /// What it wanted, in its own words.
        message: String,
        /// Why not.
        reason: &'static str,
    },
}

/// How far a call has come (`notifications/progress`).
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// Of `total`, or of nobody knows how much.
    pub done: f64,
    /// Where it ends.
    pub total: Option<f64>,
    /// What the server says besides.
    pub message: Option<String>,
}

/// A question of a server to the user (`elicitation/create`).
#[derive(Debug, Clone, PartialEq)]
pub struct Elicitation {
    /// The server's name in the configuration.
    pub server: String,
    /// Its words.
    pub message: String,
    /// What is wanted.
    pub wanted: Wanted,
}

/// What an [`Elicitation`] wants.
#[derive(Debug, Clone, PartialEq)]
pub enum Wanted {
    /// An object of this JSON Schema, whose properties are plain values.
    Form(Value),
    /// That the user visits this address.
    Visit(String),
}

/// What the user said to an [`Elicitation`].
#[derive(Debug, Clone, PartialEq)]
pub enum Elicited {
    /// The values of a form; empty for a visit.
    Accepted(Map<String, Value>),
    /// No.
    Declined,
    /// Neither yes nor no.
    Cancelled,
}

/// Text that a server wants the user's model to go on with (`sampling/createMessage`).
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// The server's name in the configuration.
    pub server: String,
    /// What stands before all messages.
    pub system: Option<String>,
    /// Role (`user` or `assistant`) and text.
    pub messages: Vec<(String, String)>,
    /// The longest reply that is wanted.
    pub max_tokens: Option<u64>,
}

/// What a model wrote for a server.
#[derive(Debug, Clone, PartialEq)]
pub struct Sampled {
    /// Its name.
    pub model: String,
    /// Its words.
    pub text: String,
}

/// Hears notices of the server that is named.
pub type Hear = Arc<dyn Fn(&str, Notice) + Send + Sync>;
/// Puts a server's question to the user.
pub type Elicit = Arc<dyn Fn(Elicitation) -> BoxFuture<'static, Elicited> + Send + Sync>;
/// Has the user's model write for a server; `Err` says why not.
pub type Write = Arc<dyn Fn(Sample) -> BoxFuture<'static, Result<Sampled, String>> + Send + Sync>;

/// The side of the connection that a server can speak to.
#[derive(Clone)]
pub struct Counterpart {
    /// Hears what the server says.
    pub hear: Hear,
    /// `None`: nobody can be asked.
    pub elicit: Option<Elicit>,
    /// `None`: there is no model.
    pub write: Option<Write>,
}

impl Counterpart {
    /// Nobody.
    pub fn none() -> Self {
        Self {
            hear: Arc::new(|_, _| {}),
            elicit: None,
            write: None,
        }
    }
}

impl fmt::Debug for Counterpart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Counterpart")
            .field("elicit", &self.elicit.is_some())
            .field("write", &self.write.is_some())
            .finish_non_exhaustive()
    }
}
