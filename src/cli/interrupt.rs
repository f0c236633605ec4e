//! Ctrl-C and its like.
//!
//! - A verb that has something to say of its end takes over by [`handled`]; the second signal ends it all the same.
//! - A verb that goes on after Ctrl-C takes it over by [`own`].

use std::{
    future::Future,
    io,
    sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    time::Duration,
};

use futures::FutureExt;
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    time::{Instant, sleep, sleep_until},
};

use crate::{
    cli::{failure::Exit, terminal},
    sandbox::Stop,
    tools::connection::kill_all,
    wire::Code,
};

/// Milliseconds that the program may take to end in good order after a signal.
static LAST_WORDS: AtomicU64 = AtomicU64::new(900);

/// Whether the verb itself deals with the first signal.
static TAKEN_OVER: AtomicBool = AtomicBool::new(false);
/// Whether Ctrl-C is the verb's own affair, however often.
static OWNED: AtomicBool = AtomicBool::new(false);

/// Does `work`, and asks `stop` to end it at a signal or at the deadline.
pub async fn handled<T>(work: impl Future<Output = T>, stop: &Stop, deadline: Instant) -> T {
    TAKEN_OVER.store(true, Relaxed);
    let watch = async {
        tokio::select! {
            () = ending() => stop.ask(Code::Cancelled),
            () = sleep_until(deadline) => stop.ask(Code::Timeout),
        }
        std::future::pending().await
    };
    tokio::select! {
        result = work => result,
        result = watch => result,
    }
}

/// A signal, as a verb that goes on after Ctrl-C sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// SIGINT: to stop what is under way.
    Interrupt,
    /// SIGTERM or SIGHUP: to end; the program does so soon in any case.
    End,
}

/// From now on Ctrl-C is the verb's own affair; SIGTERM and SIGHUP still end the program, soon after the
/// verb has seen them.
///
/// # Errors
/// The system's.
pub fn own() -> io::Result<Signals> {
    OWNED.store(true, Relaxed);
    TAKEN_OVER.store(true, Relaxed);
    Ok(Signals {
        interrupt: signal(SignalKind::interrupt())?,
        terminate: signal(SignalKind::terminate())?,
        hangup: signal(SignalKind::hangup())?,
        interrupted: false,
        ending: false,
    })
}

/// From now on the program may take so long to end in good order after a signal.
pub fn take_time(limit: Duration) {
    LAST_WORDS.store(u64::try_from(limit.as_millis()).unwrap_or(u64::MAX), Relaxed);
}

/// The signals since [`own`].
pub struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hangup: Signal,
    interrupted: bool,
    ending: bool,
}

impl Signals {
    /// The next one. Loses none when it is dropped.
    pub async fn next(&mut self) -> Asked {
        let asked = tokio::select! {
            biased;
            _ = self.terminate.recv() => Asked::End,
            _ = self.hangup.recv() => Asked::End,
            _ = self.interrupt.recv() => Asked::Interrupt,
        };
        self.interrupted |= asked == Asked::Interrupt;
        self.ending |= asked == Asked::End;
        asked
    }

    /// Whether one of those that were seen was an interrupt.
    pub fn interrupted(&self) -> bool {
        self.interrupted
    }

    /// Takes what was seen for the wish to end.
    pub fn end(&mut self) {
        self.ending = true;
    }

    /// Whether one of those that were seen wants the program to end.
    pub fn ending(&self) -> bool {
        self.ending
    }

    /// Does `work`, and asks `stop` to end it at a signal, or when the limit is reached that `over` waits for.
    /// An interrupt from before it is forgotten.
    pub async fn handled<T>(
        &mut self,
        work: impl Future<Output = T>,
        stop: &Stop,
        over: impl Future<Output = ()>,
    ) -> T {
        while self.interrupt.recv().now_or_never().is_some() {}
        let watch = async {
            tokio::select! {
                _ = self.next() => stop.ask(Code::Cancelled),
                () = over => stop.ask(Code::Timeout),
            }
            std::future::pending().await
        };
        tokio::select! {
            result = work => result,
            result = watch => result,
        }
    }
}

/// Ends the program some time after a signal, whatever it waits for, be it for a reader of its stdout.
/// The worker ends with it, since a socket closes.
pub async fn at_the_latest() {
    ending().await;
    end_soon().await;
}

/// Ends the program after a short while, in which it may end by itself.
pub async fn end_soon() {
    sleep(Duration::from_millis(LAST_WORDS.load(Relaxed))).await;
    kill_all();
    terminal::restore();
    std::process::exit(i32::from(Exit::Interrupted as u8));
}

/// Waits for a signal that no verb deals with: any before [`handled`], the second after it. Listens
/// from the call on.
pub fn unhandled() -> impl Future<Output = ()> {
    let first = ending();
    async move {
        first.await;
        if TAKEN_OVER.load(Relaxed) {
            ending().await;
        }
    }
}

/// Waits until the user or the system wants the program to end: SIGTERM, SIGHUP, or SIGINT where no verb
/// [owns](own) it.
///
/// Listens from the call on, not only once it is waited for: a verb that asks something at once can be interrupted.
fn ending() -> impl Future<Output = ()> {
    let signals = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
    let waits = signals
        .into_iter()
        .filter_map(|kind| Some((kind, signal(kind).ok()?)))
        .map(|(kind, mut signal)| {
            Box::pin(async move {
                signal.recv().await;
                while kind == SignalKind::interrupt() && OWNED.load(Relaxed) {
                    signal.recv().await;
                }
            })
        });
    let waits: Vec<_> = waits.collect();
    async {
        if waits.is_empty() {
            std::future::pending::<()>().await;
        }
        futures::future::select_all(waits).await;
    }
}
