//! Runs that are stopped, and processes that are killed: nothing stays behind.

use std::time::{Duration, Instant};

use super::*;
use crate::support::{endpoint::Gate, program::PATIENCE};

/// Tells the test that it runs by a file, and never ends.
const LOOP: &str = "toy.sleep(ms=0, mark='mark')\nwhile True:\n    pass";
/// The same in a tool call.
const CALL: &str = "toy.sleep(ms=100_000, mark='mark')";

pub fn kill(id: i32) {
    // SAFETY: it only sends a signal.
    assert_eq!(unsafe { libc::kill(id, libc::SIGKILL) }, 0, "process {id} is there");
}

/// Interrupts it when it is `ready`; it ends long before what it waits for would.
fn interrupted(case: Case, ready: impl FnOnce(&Endpoint, &Started)) -> Outcome {
    let (endpoint, started) = case.start();
    ready(&endpoint, &started);
    let asked = Instant::now();
    started.signal(libc::SIGINT);
    let ended = started.wait();
    let took = asked.elapsed();
    assert!(took < Duration::from_secs(20), "it took {took:?}");
    let outcome = Outcome::new(&endpoint, ended.expect(130));
    outcome.failed("cancelled", &["interrupted"]);
    outcome
}

#[test]
fn an_interrupt_in_mid_script_ends_the_run_with_its_record() {
    for code in [LOOP, CALL] {
        let case = Case::new([script("print('looked')"), script(code)]);
        let outcome = interrupted(case, |_, started| drop(started.wait_for_file("mark")));
        assert_eq!(outcome.execution(0)["stdout"], "looked\n");
    }
}

#[test]
fn an_interrupt_in_mid_model_call_ends_the_run_with_its_record() {
    let gate = Gate::default();
    let replies = [script("answer('too late')").after(&gate)];
    interrupted(Case::new(replies), |endpoint, _| drop(endpoint.wait_for_requests(1)));
    gate.open();
}

#[test]
fn an_interrupt_while_servers_start_ends_them() {
    let case = Case::new([]).servers(|_| json!({ "slow": { "command": "sh", "args": ["-c", ">mark; sleep 1000"] } }));
    let (endpoint, started) = case.start();
    started.wait_for_file("mark");
    started.signal(libc::SIGINT);
    holds(&started.wait().expect(130).stderr, &["mcm: interrupted"]);
    assert!(endpoint.requests().is_empty());
}

#[test]
fn a_run_that_takes_too_long_ends_as_over_its_budget() {
    let outcome = Case::script(CALL).args(["--max-time", "1"]).run(4);
    outcome.failed("budget", &["1 s", "--max-time"]);
    assert!(outcome.ended.elapsed < Duration::from_secs(30));
}

#[test]
fn when_mcm_is_killed_nothing_of_its_tree_stays() {
    for code in [LOOP, CALL] {
        let (_endpoint, started) = Case::script(code).start();
        started.wait_for_file("mark");
        assert!(started.others().len() >= 2, "a worker and a server run");
        started.signal(libc::SIGKILL);
        let ended = started.wait();
        assert_eq!((ended.code, ended.leftovers), (None, Vec::new()));
    }
}

#[test]
fn a_worker_that_is_killed_is_a_crash_and_the_next_script_runs() {
    let (endpoint, started) = Case::script(LOOP).start();
    started.wait_for_file("mark");
    kill(busiest(&started));
    let outcome = Outcome::new(&endpoint, started.wait().expect(0));
    assert_eq!(outcome.record["answer"], "done");
    assert_eq!(outcome.diagnostics(0), [&json!("CRASHED"), &Value::Null, &Value::Null]);
    assert_eq!(outcome.calls(0), json!([["sleep", "ok"]]));
}

#[test]
fn a_sandbox_that_is_killed_whole_is_a_crash_and_the_next_script_runs() {
    let (endpoint, started) = Case::script(LOOP).start();
    let server: i32 = started.wait_for_file("mark").parse().expect("an id");
    let mut others = started.others();
    others.retain(|(id, _)| *id != server);
    for (id, _) in others {
        // SAFETY: it only sends a signal; the end of one may have ended another.
        unsafe { libc::kill(id, libc::SIGKILL) };
    }
    let outcome = Outcome::new(&endpoint, started.wait().expect(0));
    assert_eq!(outcome.record["answer"], "done");
    assert_eq!(outcome.diagnostics(0)[0], "CRASHED");
}

/// The process of its session that goes on using the processor, longer than whoever imports a module: the one that loops.
fn busiest(started: &Started) -> i32 {
    let deadline = Instant::now() + PATIENCE;
    let time = |id: i32| {
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        fields.get(11).and_then(|ticks| ticks.parse::<u64>().ok()).unwrap_or(0)
    };
    let first: Vec<(i32, u64)> = started.others().into_iter().map(|(id, _)| (id, time(id))).collect();
    loop {
        if let Some((id, _)) = first.iter().find(|(id, before)| time(*id) > before + 200) {
            return *id;
        }
        assert!(Instant::now() < deadline, "nothing loops");
        std::thread::sleep(Duration::from_millis(5));
    }
}
