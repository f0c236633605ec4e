//! Keeps what all tasks of a batch ask for together below an endpoint's limits.
//!
//! Two buckets fill evenly, one with requests and one with tokens, and hold what comes in one second, or one
//! request where that is more.
//!
//! - In no 60 seconds more is sent than the limit and what a bucket holds, or one prompt that is larger than that;
//!   what an endpoint's refusals make the client send again is taken off afterwards.
//! - Of those that wait, the oldest task is next: a task that has begun comes to its end.
//! - A [`Turn`] knows how long its task has waited, so that the task's own time can be told from it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{Notify, watch},
    time::{Instant, sleep_until},
};

use super::{Prompt, Usage};

/// Tokens of a reply, as long as none was counted.
const FIRST_GUESS: f64 = 300.0;
/// How much the last reply counts in the mean of all.
const WEIGHT: f64 = 0.1;
/// Far less than a token: what is lost in arithmetic.
const NEARLY: f64 = 1e-6;

/// What an endpoint allows; without a limit nothing is waited for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rates {
    /// Requests in a minute.
    pub requests: Option<u32>,
    /// Tokens in a minute, of prompts and replies.
    pub tokens: Option<u64>,
}

/// Lets requests of many tasks through, one by one.
#[derive(Debug)]
pub struct Limiter {
    state: Mutex<State>,
    changed: Notify,
}

/// The way of one task through a [`Limiter`].
#[derive(Debug)]
pub struct Turn {
    limiter: Arc<Limiter>,
    /// Smaller is older.
    age: u64,
    waited: watch::Sender<Waited>,
}

/// How many tokens were taken for a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct Taken(u64);

/// The age of a request's task, and its place among the requests of that.
type Waiting = (u64, u64);

#[derive(Debug, Clone, Copy, Default)]
struct Waited {
    before: Duration,
    since: Option<Instant>,
    /// Requests of the task that wait at the moment.
    requests: usize,
}

#[derive(Debug)]
struct State {
    requests: Option<Bucket>,
    tokens: Option<Bucket>,
    /// Tokens that each waiting request needs; the first is next.
    queue: BTreeMap<Waiting, u64>,
    /// Requests that have entered the queue so far.
    entered: u64,
    /// Mean tokens of a reply.
    reply: f64,
}

#[derive(Debug)]
struct Bucket {
    level: f64,
    capacity: f64,
    per_second: f64,
    at: Instant,
}

impl Limiter {
    /// Full buckets.
    pub fn new(rates: Rates) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(State {
                requests: rates.requests.map(|n| Bucket::new(f64::from(n))),
                tokens: rates.tokens.map(|n| Bucket::new(n as f64)),
                queue: BTreeMap::new(),
                entered: 0,
                reply: FIRST_GUESS,
            }),
            changed: Notify::new(),
        })
    }

    /// How many requests wait.
    pub fn waiting(&self) -> usize {
        self.state().queue.len()
    }

    /// The way for a task; of two the one with the smaller `age` is let through first. Each has its own.
    pub fn turn(self: &Arc<Self>, age: u64) -> Turn {
        Turn {
            limiter: Arc::clone(self),
            age,
            waited: watch::Sender::new(Waited::default()),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn {
    /// Waits until `prompt` may be sent. Dropping the future gives the place in the queue up.
    pub async fn acquire(&self, prompt: &Prompt) -> Taken {
        let characters: usize = prompt.texts().map(|text| text.chars().count()).sum();
        let (waiting, tokens) = self.limiter.state().join(self.age, characters);
        let mut place = Place {
            turn: self,
            waiting,
            waits: false,
        };
        loop {
            let changed = self.limiter.changed.notified();
            tokio::pin!(changed);
            // from here on nothing is missed
            changed.as_mut().enable();
            let ready = match self.limiter.state().ready(waiting) {
                Ready::Now => break,
                Ready::At(ready) => Some(ready),
                Ready::AfterOthers => None,
            };
            place.wait();
            match ready {
                Some(ready) => tokio::select! {
                    () = sleep_until(ready) => {}
                    () = changed => {}
                },
                None => changed.await,
            }
        }
        drop(place);
        Taken(tokens)
    }

    /// The request that it was is sent again, and counts again.
    pub fn again(&self) {
        self.limiter.state().take(0);
        self.limiter.changed.notify_waiters();
    }

    /// What was taken is replaced by what was used; an endpoint that counts no tokens leaves the estimate.
    pub fn settle(&self, Taken(taken): Taken, usage: Usage) {
        if usage.total_tokens == 0 {
            return;
        }
        let mut state = self.limiter.state();
        state.reply += WEIGHT * (usage.completion_tokens as f64 - state.reply);
        if let Some(tokens) = &mut state.tokens {
            tokens.fill();
            tokens.level = (tokens.level + taken as f64 - usage.total_tokens as f64).min(tokens.capacity);
        }
        drop(state);
        self.limiter.changed.notify_waiters();
    }

    /// How long its task has waited so far.
    pub fn waited(&self) -> Duration {
        let Waited { before, since, .. } = *self.waited.borrow();
        before + since.map_or(Duration::ZERO, |since| since.elapsed())
    }

    /// Returns when a task that began at `start` has used up `limit`, its waiting here not counted.
    pub async fn used_up(&self, start: Instant, limit: Duration) {
        let mut waited = self.waited.subscribe();
        loop {
            let Waited { before, since, .. } = *waited.borrow_and_update();
            let over = async {
                match since {
                    Some(_) => std::future::pending().await,
                    None => sleep_until(start + limit + before).await,
                }
            };
            tokio::select! {
                () = over => return,
                // the sender lives as long as `self`
                _ = waited.changed() => {}
            }
        }
    }
}

/// A place in the queue, given up when dropped.
struct Place<'a> {
    turn: &'a Turn,
    waiting: Waiting,
    /// It is among those that its task waits for.
    waits: bool,
}

impl Place<'_> {
    fn wait(&mut self) {
        if std::mem::replace(&mut self.waits, true) {
            return;
        }
        self.turn.waited.send_if_modified(|waited| {
            waited.requests += 1;
            waited.since.get_or_insert_with(Instant::now);
            waited.requests == 1
        });
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.turn.limiter.state().queue.remove(&self.waiting);
        self.turn.limiter.changed.notify_waiters();
        if !self.waits {
            return;
        }
        self.turn.waited.send_if_modified(|waited| {
            waited.requests -= 1;
            let since = waited.since.take_if(|_| waited.requests == 0);
            waited.before += since.map_or(Duration::ZERO, |since| since.elapsed());
            since.is_some()
        });
    }
}

enum Ready {
    /// It was taken off the buckets.
    Now,
    At(Instant),
    AfterOthers,
}

impl State {
    /// Enters the queue; its place there, and how many tokens the request is thought to need.
    fn join(&mut self, age: u64, characters: usize) -> (Waiting, u64) {
        // no estimate is below 0 or near the largest number
        let tokens = (characters as f64 / 4.0 + self.reply).ceil() as u64;
        self.entered += 1;
        let waiting = (age, self.entered);
        self.queue.insert(waiting, tokens);
        (waiting, tokens)
    }

    fn ready(&mut self, waiting: Waiting) -> Ready {
        let Some((&first, &tokens)) = self.queue.first_key_value() else {
            return Ready::Now;
        };
        if self.requests.is_none() && self.tokens.is_none() {
            return Ready::Now;
        }
        if first != waiting {
            return Ready::AfterOthers;
        }
        let waits = [
            self.requests.as_mut().map(|bucket| bucket.holds(1.0)),
            self.tokens.as_mut().map(|bucket| bucket.holds(tokens as f64)),
        ];
        let wait = waits.into_iter().flatten().max().unwrap_or_default();
        if wait > Duration::ZERO {
            return Ready::At(Instant::now() + wait);
        }
        self.take(tokens);
        Ready::Now
    }

    fn take(&mut self, tokens: u64) {
        for (bucket, amount) in [(&mut self.requests, 1.0), (&mut self.tokens, tokens as f64)] {
            if let Some(bucket) = bucket {
                bucket.fill();
                bucket.level -= amount;
            }
        }
    }
}

impl Bucket {
    fn new(per_minute: f64) -> Self {
        let per_second = per_minute / 60.0;
        let capacity = per_second.max(1.0);
        Self {
            level: capacity,
            capacity,
            per_second,
            at: Instant::now(),
        }
    }

    /// How long until it holds `amount`, or as much as it can hold; what is more becomes a debt.
    fn holds(&mut self, amount: f64) -> Duration {
        self.fill();
        let missing = amount.min(self.capacity) - self.level;
        if missing <= NEARLY {
            return Duration::ZERO;
        }
        // at most years: rates begin at 1 a minute, and a level is lowered by what was really used
        Duration::try_from_secs_f64(missing / self.per_second).unwrap_or(Duration::from_secs(3_600))
    }

    fn fill(&mut self) {
        let now = Instant::now();
        let since = now.saturating_duration_since(self.at).as_secs_f64();
        self.level = (self.level + since * self.per_second).min(self.capacity);
        self.at = now;
    }
}
