//! Ctrl-C and its like.

use tokio::signal::unix::{SignalKind, signal};

/// Waits until the user or the system wants the program to end: SIGINT, SIGTERM or SIGHUP.
///
/// Listens from the call on, not only once it is waited for: a verb that asks something at once can be interrupted.
pub fn interrupted() -> impl Future<Output = ()> {
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
