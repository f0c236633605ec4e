//! Ctrl-C and its like.
//!
//! - A verb that has something to say of its end takes over by [`handled`]; the second signal ends it all the same.

use std::{
    future::Future,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    time::Duration,
};

use tokio::{
    signal::unix::{SignalKind, signal},
    time::{Instant, sleep, sleep_until},
};

use crate::{cli::failure::Exit, sandbox::Stop, tools::connection::kill_all, wire::Code};

/// How long the program may take to end in good order after a signal.
const LAST_WORDS: Duration = Duration::from_millis(900);

/// Whether the verb itself deals with the first signal.
static TAKEN_OVER: AtomicBool = AtomicBool::new(false);

/// Does `work`, and asks `stop` to end it at a signal or at the deadline.
pub async fn handled<T>(work: impl Future<Output = T>, stop: &Stop, deadline: Instant) -> T {
    TAKEN_OVER.store(true, Relaxed);
    let watch = async {
        tokio::select! {
            () = interrupted() => stop.ask(Code::Cancelled),
            () = sleep_until(deadline) => stop.ask(Code::Timeout),
        }
        std::future::pending().await
    };
    tokio::select! {
        result = work => result,
        result = watch => result,
    }
}

/// Ends the program some time after a signal, whatever it waits for, be it for a reader of its stdout.
/// The worker ends with it, since a socket closes.
pub async fn at_the_latest() {
    interrupted().await;
    sleep(LAST_WORDS).await;
    kill_all();
    std::process::exit(i32::from(Exit::Interrupted as u8));
}

/// Waits for a signal that no verb deals with: any before [`handled`], the second after it. Listens
/// from the call on.
pub fn unhandled() -> impl Future<Output = ()> {
    let first = interrupted();
    async move {
        first.await;
        if TAKEN_OVER.load(Relaxed) {
            interrupted().await;
        }
    }
}

/// Waits until the user or the system wants the program to end: SIGINT, SIGTERM or SIGHUP.
///
/// Listens from the call on, not only once it is waited for: a verb that asks something at once can be interrupted.
fn interrupted() -> impl Future<Output = ()> {
    let signals = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
    let waits = signals
        .into_iter()
        .filter_map(|kind| signal(kind).ok())
        .map(|mut signal| {
            Box::pin(async move {
                signal.recv().await;
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
