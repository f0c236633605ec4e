//! A batch that is killed, over and over.

use super::*;

const TASKS: usize = 500;
const KILLS: usize = 10;

#[test]
fn five_hundred_tasks_that_are_killed_ten_times_have_the_results_of_an_undisturbed_run() {
    let case = Case::new(&numbered(TASKS), echo);
    let mut sent = 0;
    for kill in 0..KILLS {
        let started = case.batch("tasks.jsonl -o results.jsonl -j 16 --resume").start();
        // somewhere in the middle of each piece, at another point of a task each time
        sent += 20 + (kill * 7) % 23;
        case.endpoint.wait_for_requests(sent);
        std::thread::sleep(std::time::Duration::from_micros(rand(3_000)));
        started.signal(libc::SIGKILL);
        let ended = started.wait();
        assert_eq!((ended.code, ended.leftovers), (None, Vec::new()));
        sent = case.endpoint.requests().len();
    }
    let before = case.results_so_far();
    assert!(before < TASKS, "the last kill came before the end");
    case.batch("tasks.jsonl -o results.jsonl -j 16 --resume")
        .run()
        .expect(0);
    assert_eq!(outcomes(&case.results()), all_answered(TASKS));
}

impl Case {
    /// Whole lines of the results file, which may end in a torn one.
    fn results_so_far(&self) -> usize {
        self.text("results.jsonl").matches('\n').count()
    }
}

/// Below `limit`; the standard library keys its hashers at random.
fn rand(limit: u64) -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(0) % limit
}
