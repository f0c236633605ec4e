//! Ctrl-C and its like.
//!
//! - A verb that has something to say of its end takes over by [`handled`]; the second signal ends it all the same.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use tokio::signal::unix::{SignalKind, signal};

/// Whether the verb itself deals with the first signal.
static TAKEN_OVER: AtomicBool = AtomicBool::new(false);

/// Waits for a signal, which from now on is the caller's to deal with.
pub async fn handled() {
    TAKEN_OVER.store(true, Relaxed);
    interrupted().await;
}

/// Waits for a signal that no verb deals with: any before [`handled`], the second after it.
pub async fn unhandled() {
    interrupted().await;
    if TAKEN_OVER.load(Relaxed) {
        interrupted().await;
    }
}

/// Waits until the user or the system wants the program to end: SIGINT, SIGTERM or SIGHUP.
async fn interrupted() {
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
    if waits.is_empty() {
        std::future::pending::<()>().await;
    }
    futures::future::select_all(waits).await;
}
