//! `llm_query`: a script asks the model about a text.
//!
//! - Only so many requests of a run go on at a time; the others queue.
//! - A reply that came is counted, whatever becomes of the call; what is given up before counts in the budget only.

mod typed;

use std::{
    fmt,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use serde_json::{Map, Value};
use tokio::sync::Semaphore;

use super::{Masker, toolbox::Refusal};
use crate::{
    model::{
        Completion, Delta, Error, Message, Model, Prompt, Role,
        ledger::{Ledger, Spent},
        rate::Turn,
    },
    wire::ValueKind,
};
use typed::Shape;

/// Requests of a run that go on at a time.
const AT_A_TIME: usize = 8;
/// Bytes of what is asked.
const MAX_PROMPT: usize = 4 << 20;

/// Makes the model when the first script asks it, or says what the user has to set.
pub type Source = Box<dyn FnOnce() -> Result<Arc<Model>, String> + Send>;

/// One run's way to the model.
pub struct Queries {
    model: LazyLock<Result<Arc<Model>, String>, Source>,
    ledger: Arc<Ledger>,
    turn: Option<Arc<Turn>>,
    places: Semaphore,
    spent: Mutex<Spent>,
}

impl Queries {
    /// What is asked counts in `ledger`, and waits for its `turn` where many runs share a limit.
    pub fn new(model: Source, ledger: Arc<Ledger>, turn: Option<Arc<Turn>>) -> Self {
        Self {
            model: LazyLock::new(model),
            ledger,
            turn,
            places: Semaphore::new(AT_A_TIME),
            spent: Mutex::default(),
        }
    }

    /// What was used since this was last asked.
    pub(super) fn take_spent(&self) -> Spent {
        std::mem::take(&mut *self.spent.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Answers `llm_query(prompt, schema=…, system=…)`. What is sent and recorded has no secrets.
    pub(super) async fn answer(
        &self,
        arguments: &Map<String, Value>,
        masker: &Masker,
        on_progress: &mut (dyn FnMut(&str) + Send),
    ) -> Result<(ValueKind, Vec<u8>), Refusal> {
        let text = |name: &str| match arguments.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str())),
            Some(_) => Err(Refusal::failed(format!("`{name}` must be a text"))),
        };
        let prompt = text("prompt")?.ok_or_else(|| Refusal::failed("`prompt` must be a text"))?;
        let system = text("system")?;
        let size = prompt.len() + system.map_or(0, str::len);
        if size > MAX_PROMPT {
            return Err(Refusal::failed(format!(
                "the prompt has {size} bytes, more than {} MiB; ask about shorter pieces",
                MAX_PROMPT >> 20
            )));
        }
        let shape = match arguments.get("schema") {
            None | Some(Value::Null) => None,
            Some(schema) => Some(Shape::new(schema).map_err(Refusal::failed)?),
        };
        let model = self.model.as_ref().map_err(Refusal::failed)?;
        let _place = self.places.acquire().await.expect("it is never closed");
        let mut messages = Vec::new();
        let mut say = |role, content: String| messages.push(Message::new(role, content));
        if let Some(system) = system {
            say(Role::System, system.to_owned());
        }
        let Some(shape) = shape else {
            say(Role::User, prompt.to_owned());
            let completion = self.ask(model, messages, masker, on_progress).await?;
            return Ok((ValueKind::Text, completion.visible().into_bytes()));
        };
        say(Role::User, shape.asked(prompt));
        let first = self.ask(model, messages.clone(), masker, on_progress).await?;
        let mismatch = match shape.read(&first.visible()).await {
            Ok(value) => return Ok((ValueKind::ToolJson, value)),
            Err(mismatch) => mismatch,
        };
        on_progress("the reply does not fit, asking once more");
        let mut say = |role, content: String| messages.push(Message::new(role, content));
        let said = first.visible();
        // endpoints refuse a message without a word
        say(
            Role::Assistant,
            if said.is_empty() {
                "(empty reply)".to_owned()
            } else {
                said
            },
        );
        say(Role::User, mismatch.asked_again());
        let second = self.ask(model, messages, masker, on_progress).await?;
        match shape.read(&second.visible()).await {
            Ok(value) => Ok((ValueKind::ToolJson, value)),
            Err(mismatch) => Err(Refusal::Failed {
                message: mismatch.to_string(),
                data: Some(mismatch.data()),
            }),
        }
    }

    async fn ask(
        &self,
        model: &Model,
        messages: Vec<Message>,
        masker: &Masker,
        on_progress: &mut (dyn FnMut(&str) + Send),
    ) -> Result<Completion, Refusal> {
        // a record knows a query by its text, which is the same with other secrets
        let prompt = Prompt {
            messages,
            ..Prompt::default()
        };
        let prompt = prompt.masked(masker);
        let mut on = |delta: Delta| {
            if let Delta::Retry { reason, wait } = delta {
                on_progress(&format!("again in {:.1} s: {reason}", wait.as_secs_f64()));
            }
        };
        let asked = self.ledger.complete(model, self.turn.as_deref(), &prompt, &mut on);
        let completion = asked.await.map_err(|error| refusal(&error))?;
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        spent.add(completion.usage);
        Ok(completion)
    }
}

impl fmt::Debug for Queries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queries").finish_non_exhaustive()
    }
}

/// What a script reads; hints in the model's errors are for the user.
fn refusal(error: &Error) -> Refusal {
    Refusal::failed(match error {
        Error::ContextTooLong { message, .. } => {
            format!("the prompt is too long for the model: {message}; ask about shorter pieces")
        }
        Error::Budget(reached) => format!("the run may ask no model any more: {reached}"),
        other => other.to_string().lines().next().unwrap_or_default().to_owned(),
    })
}
