//! A batch that is killed, over and over.

use std::{
    hash::{BuildHasher, RandomState},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use super::*;
use crate::support::endpoint::Gate;

const TASKS: usize = 500;
const KILLS: usize = 10;

#[test]
fn five_hundred_tasks_that_are_killed_ten_times_have_the_results_of_an_undisturbed_run() {
    // a batch that is slow to be killed does not get to its end: beyond `most` requests none is answered
    let (asked, most) = (AtomicUsize::new(0), Arc::new(AtomicUsize::new(0)));
    let (holding, gate) = (Arc::clone(&most), Arc::new(Mutex::new(Gate::default())));
    let held = Arc::clone(&gate);
    let case = Case::new(&numbered(TASKS), move |request| {
        let more = asked.fetch_add(1, Relaxed) >= holding.load(Relaxed);
        if request.body.is_null() {
            return Reply::error(400, "whoever sent this was killed before its end");
        }
        let reply = echo(request);
        if more {
            reply.after(&held.lock().unwrap())
        } else {
            reply
        }
    });
    let mut torn = 0;
    for _ in 0..KILLS {
        let before = case.endpoint.requests().len();
        // one more than can be under way, so that at least one task has been done
        let wanted = before + 17 + below(12);
        most.store(wanted + 20, Relaxed);
        let started = case.batch("tasks.jsonl -o results.jsonl -j 16 --resume").start();
        case.endpoint.wait_for_requests(wanted);
        std::thread::sleep(Duration::from_micros(below(30_000) as u64));
        started.signal(libc::SIGKILL);
        let ended = started.wait();
        assert_eq!((ended.code, ended.leftovers), (None, Vec::new()));
        // who waits there is gone
        std::mem::take(&mut *gate.lock().unwrap()).open();
        torn += usize::from(!case.text("results.jsonl").is_empty() && !case.text("results.jsonl").ends_with('\n'));
    }
    let results = case.text("results.jsonl").matches('\n').count();
    assert!((1..TASKS).contains(&results), "{results} results, {torn} torn");
    most.store(usize::MAX, Relaxed);
    let ended = case
        .batch("tasks.jsonl -o results.jsonl -j 16 --resume")
        .run()
        .expect(0);
    holds(&ended.stderr, &[&format!("done before: {results} answered")]);
    assert_eq!(outcomes(&case.results()), all_answered(TASKS));
}

/// A number below `limit`; the standard library keys its hashers at random.
fn below(limit: u64) -> usize {
    usize::try_from(RandomState::new().hash_one(0) % limit).expect("it is small")
}
