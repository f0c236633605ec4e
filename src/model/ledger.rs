//! What a run has used of the model, and what it may use.
//!
//! - A request is sent only while no budget is used up; the reply that uses one up is taken, and is the last.
//! - A request counts as a call when it is sent, whatever becomes of it; the tries that an endpoint makes of it count once.
//! - What is given up in mid-reply counts in tokens, too, by an estimate.

use std::{
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::{Completion, Cost, Delta, Error, Model, Prices, Prompt, Usage, rate::Turn};

/// Characters that count as a token where the endpoint counts none.
const PER_TOKEN: usize = 4;

/// What a run may use; without a limit it is only counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Budget {
    /// Tokens of prompts and replies (`--max-tokens`).
    pub tokens: Option<u64>,
    /// Requests (`--max-model-calls`).
    pub calls: Option<u64>,
    /// Money (`--max-cost`).
    pub cost: Option<Cost>,
    /// What tokens cost; without it the endpoint's own word counts.
    pub prices: Option<Prices>,
}

/// Completions, and what they took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spent {
    /// How many.
    pub calls: u64,
    /// All together.
    pub usage: Usage,
}

impl Spent {
    /// Counts one more completion.
    pub fn add(&mut self, usage: Usage) {
        self.usage = if self.calls == 0 { usage } else { self.usage.plus(usage) };
        self.calls += 1;
    }
}

/// A budget that is used up, and by how much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reached {
    /// `--max-tokens`
    Tokens {
        /// By the reply that reached it, at least as many as the limit.
        used: u64,
        /// As set.
        limit: u64,
    },
    /// `--max-model-calls`
    Calls {
        /// As set; no more are made.
        limit: u64,
    },
    /// `--max-cost`
    Cost {
        /// With the reply that reached it.
        used: Cost,
        /// As set.
        limit: Cost,
    },
}

impl fmt::Display for Reached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tokens { used, limit } => write!(f, "stopped after {used} tokens (`--max-tokens {limit}`)"),
            Self::Calls { limit: 1 } => f.write_str("stopped after 1 model call (`--max-model-calls 1`)"),
            Self::Calls { limit } => write!(f, "stopped after {limit} model calls (`--max-model-calls {limit}`)"),
            Self::Cost { used, limit } => write!(f, "stopped at a cost of {used} (`--max-cost {limit}`)"),
        }
    }
}

/// Counts what one run uses; shared by its steps and its scripts' queries.
#[derive(Debug, Default)]
pub struct Ledger {
    budget: Budget,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    calls: u64,
    tokens: u64,
    cost: Cost,
    /// A reply came whose cost nobody knows.
    unpriced: bool,
    /// A request was not sent since a budget is used up.
    refused: bool,
}

impl Ledger {
    /// Nothing is used yet.
    pub fn new(budget: Budget) -> Self {
        Self {
            budget,
            state: Mutex::default(),
        }
    }

    /// The budget that is used up, if one is.
    pub fn reached(&self) -> Option<Reached> {
        self.used_up(&self.state())
    }

    /// Asks `model` for one completion, when it is its `turn` where many runs share a limit, and counts it.
    ///
    /// # Errors
    /// The model's; [`Error::Budget`] if nothing was sent because a budget is used up; [`Error::Unpriced`] if there is
    /// a limit of money and nobody says what the reply costs.
    pub async fn complete(
        &self,
        model: &Model,
        turn: Option<&Turn>,
        prompt: &Prompt,
        on: &mut (dyn FnMut(Delta) + Send),
    ) -> Result<Completion, Error> {
        self.check()?;
        let taken = match turn {
            Some(turn) => Some((turn, turn.acquire(prompt).await)),
            None => None,
        };
        self.begin()?;
        let mut sent = Sent {
            ledger: self,
            prompt,
            said: 0,
            is_open: true,
        };
        let mut heard = |delta: Delta| {
            match &delta {
                Delta::Text(text) | Delta::Reasoning(text) => sent.said += text.chars().count(),
                Delta::Retry { .. } => {
                    sent.broken();
                    if let Some(turn) = turn {
                        turn.again();
                    }
                }
            }
            on(delta);
        };
        let completed = model.complete(prompt, &mut heard).await;
        sent.is_open = false;
        if completed.is_err() {
            sent.broken();
        }
        let mut completion = completed?;
        if let Some((turn, taken)) = taken {
            turn.settle(taken, completion.usage);
        }
        if let Some(prices) = self.budget.prices {
            completion.usage.cost = Some(prices.of(completion.usage)).filter(|_| completion.usage.total_tokens > 0);
        }
        self.count(prompt, &completion)?;
        Ok(completion)
    }

    /// Whether anything may be sent.
    fn check(&self) -> Result<(), Error> {
        self.may_send(&mut self.state())
    }

    fn begin(&self) -> Result<(), Error> {
        let mut state = self.state();
        self.may_send(&mut state)?;
        state.calls += 1;
        Ok(())
    }

    fn may_send(&self, state: &mut State) -> Result<(), Error> {
        if state.unpriced && self.budget.cost.is_some() {
            return Err(Error::Unpriced);
        }
        if let Some(reached) = self.used_up(state) {
            state.refused = true;
            return Err(Error::Budget(reached));
        }
        Ok(())
    }

    /// Charges for a reply that nobody has, but perhaps somebody has to pay.
    fn charge(&self, usage: Usage) {
        let cost = self.budget.prices.map(|prices| prices.of(usage)).unwrap_or_default();
        let mut state = self.state();
        state.tokens = state.tokens.saturating_add(usage.total_tokens);
        state.cost = state.cost.plus(cost);
    }

    /// Whether a request was refused because a budget is used up.
    pub fn has_refused(&self) -> bool {
        self.state().refused
    }

    fn count(&self, prompt: &Prompt, completion: &Completion) -> Result<(), Error> {
        let usage = completion.usage;
        let counted = if usage.total_tokens > 0 {
            usage
        } else {
            let calls = completion
                .calls
                .iter()
                .map(|call| call.name.len() + call.arguments.len());
            let reasoning = completion.reasoning.as_deref().map_or(0, |text| text.chars().count());
            let said = completion.text.chars().count() + reasoning + calls.sum::<usize>();
            estimated(prompt, said)
        };
        let cost = usage.cost.or(self.budget.prices.map(|prices| prices.of(counted)));
        let mut state = self.state();
        state.tokens = state.tokens.saturating_add(counted.total_tokens);
        state.cost = state.cost.plus(cost.unwrap_or_default());
        state.unpriced |= cost.is_none();
        if state.unpriced && self.budget.cost.is_some() {
            return Err(Error::Unpriced);
        }
        Ok(())
    }

    fn used_up(&self, state: &State) -> Option<Reached> {
        let Budget {
            tokens, calls, cost, ..
        } = self.budget;
        let (used, spent) = (state.tokens, state.cost);
        let tokens = tokens.filter(|limit| used >= *limit);
        let calls = calls.filter(|limit| state.calls >= *limit);
        let cost = cost.filter(|limit| spent >= *limit);
        tokens
            .map(|limit| Reached::Tokens { used, limit })
            .or(calls.map(|limit| Reached::Calls { limit }))
            .or(cost.map(|limit| Reached::Cost { used: spent, limit }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request that is under way; one that is dropped was given up, and is charged.
struct Sent<'a> {
    ledger: &'a Ledger,
    prompt: &'a Prompt,
    /// Characters that have come of its reply.
    said: usize,
    /// Nobody knows yet what becomes of it.
    is_open: bool,
}

impl Sent<'_> {
    /// What has come is void; an endpoint that has said something has begun to count.
    fn broken(&mut self) {
        let said = std::mem::take(&mut self.said);
        if said > 0 {
            self.ledger.charge(estimated(self.prompt, said));
        }
    }
}

impl Drop for Sent<'_> {
    fn drop(&mut self) {
        if self.is_open {
            self.ledger.charge(estimated(self.prompt, self.said));
        }
    }
}

/// For an endpoint that counts no tokens: of a prompt, and of so many characters of its reply.
fn estimated(prompt: &Prompt, said: usize) -> Usage {
    let tokens = |characters: usize| characters.div_ceil(PER_TOKEN) as u64;
    let prompt_tokens = tokens(prompt.texts().map(|text| text.chars().count()).sum());
    let completion_tokens = tokens(said);
    Usage {
        prompt_tokens,
        completion_tokens,
        total_tokens: prompt_tokens + completion_tokens,
        cost: None,
    }
}
