//! Each process of a program is killed in the middle of a call.
//!
//! A session outlives what it was forked off, and what was killed is made again for the next session.

use std::{path::Path, time::Instant};

use super::*;
use crate::support::{
    endpoint::Gate,
    program::{PATIENCE, Started},
};

const CALLING: &str = "kept = 0\ntoy.slow(ms=600_000, mark='called')";

/// What becomes of a script in mid call when `victims` choose what to kill, and of the script after it.
#[track_caller]
fn killed(victims: impl Fn(&Tree) -> Vec<i32>, code: &str) {
    let endpoint = Endpoint::start([script("kept = [1, 2]"), script(CALLING), script("answer(kept)")]);
    let started = ask(&endpoint).arg("--call-timeout").arg("3").start();
    started.wait_for_file("called");
    victims(&Tree::of(&started)).into_iter().for_each(kill);
    let record = started.wait().expect(0).json();
    let execution = &record["steps"][1]["execution"];
    assert_eq!(execution["diagnostics"]["code"], code, "{execution:#}");
    assert_eq!(execution["calls"].as_array().unwrap().len(), 1);
    assert_eq!(record["answer"], json!([1, 2]), "{record:#}");
}

#[test]
fn a_script_that_is_killed_in_mid_call_has_crashed_and_the_session_goes_on() {
    killed(|tree| vec![*tree.chain.last().unwrap()], "CRASHED");
}

#[test]
fn a_session_outlives_the_template_the_zygote_and_the_watcher() {
    // the call ends by its own limit
    killed(|tree| vec![tree.template()], "TOOL_ERROR");
    killed(|tree| vec![tree.zygote()], "TOOL_ERROR");
    killed(|tree| vec![tree.watcher()], "TOOL_ERROR");
    killed(|tree| tree.chain[..3].to_vec(), "TOOL_ERROR");
}

#[test]
fn a_session_that_rests_outlives_the_watcher() {
    let gate = Gate::default();
    let next = script("answer(kept)").after(&gate);
    let endpoint = Endpoint::start([script("kept = [1, 2]"), next]);
    let started = ask(&endpoint).start();
    endpoint.wait_for_requests(2);
    let deadline = Instant::now() + PATIENCE;
    while !started
        .others()
        .iter()
        .any(|(id, _)| state(*id).as_deref() == Some("T"))
    {
        assert!(Instant::now() < deadline, "nothing rests");
        thread::sleep(std::time::Duration::from_millis(5));
    }
    let watcher = Tree::of(&started).watcher();
    kill(watcher);
    while state(watcher).is_some_and(|state| state != "Z") {
        assert!(Instant::now() < deadline, "the watcher lives");
        thread::sleep(std::time::Duration::from_millis(5));
    }
    gate.open();
    assert_eq!(started.wait().expect(0).json()["answer"], json!([1, 2]));
}

#[test]
fn a_server_that_is_killed_in_mid_call_is_an_error_of_the_tool() {
    killed(|tree| tree.servers.clone(), "TOOL_ERROR");
}

#[test]
fn whatever_is_killed_in_mid_call_of_one_task_the_next_ones_are_done() {
    let victims: [fn(&Tree) -> Vec<i32>; 5] = [
        |tree| vec![tree.template()],
        |tree| vec![tree.zygote()],
        |tree| vec![tree.watcher()],
        |tree| vec![tree.zygote(), tree.template()],
        |tree| tree.chain.clone(),
    ];
    for victims in victims {
        let calling = "toy.slow(ms=1_000, mark='called')\nanswer('first')";
        let endpoint = Endpoint::start([
            script(calling).when("first of all"),
            script("answer('next ' + 'one')").when(""),
        ]);
        let program = Program::new(["batch", "tasks.jsonl", "-o", "results.jsonl", "-j", "1", "--quiet"]);
        let tasks = "{\"task\":\"first of all\"}\n{\"task\":\"second\"}\n{\"task\":\"third\"}\n";
        let program = program.file("tasks.jsonl", tasks).model(&endpoint.base_url());
        let program = program.servers(&json!({ "toy": scripted() }));
        // keeps the folder
        let beside = program.again([""; 0]);
        let started = program.start();
        started.wait_for_file("called");
        victims(&Tree::of(&started)).into_iter().for_each(kill);
        let ended = started.wait();
        assert_eq!(ended.leftovers, Vec::<String>::new());
        let answers = answers(&beside.folder().join("results.jsonl"));
        assert_eq!(answers[1..], [json!("next one"), json!("next one")], "{}", ended.stderr);
        assert!(matches!(ended.code, Some(0 | 1)), "{:?}", ended.code);
    }
}

#[test]
fn mcm_that_is_killed_in_mid_call_leaves_nothing() {
    let endpoint = Endpoint::start([script(CALLING)]);
    let started = ask(&endpoint).start();
    started.wait_for_file("called");
    assert!(Tree::of(&started).chain.len() >= 4);
    started.signal(libc::SIGKILL);
    assert_eq!(started.wait().leftovers, Vec::<String>::new());
}

fn answers(results: &Path) -> Vec<Value> {
    let text = fs::read_to_string(results).unwrap();
    let results = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    results.map(|result| result["answer"].clone()).collect()
}

fn kill(process: i32) {
    // SAFETY: the process belongs to the program that this test started, which has not ended.
    unsafe { libc::kill(process, libc::SIGKILL) };
}

/// The processes of a program that waits for a call.
struct Tree {
    /// Watcher, zygote, template and the links of the session, each the child of the one before.
    chain: Vec<i32>,
    servers: Vec<i32>,
}

impl Tree {
    fn of(started: &Started) -> Self {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let others = started.others();
            let ids = |worker: bool| {
                let of_kind = others
                    .iter()
                    .filter(move |(_, command)| command.contains("__worker") == worker);
                of_kind.map(|(id, _)| *id).collect::<Vec<_>>()
            };
            let workers = ids(true);
            let mut chain: Vec<i32> = Vec::new();
            while let Some(next) = workers
                .iter()
                .filter(|id| parent(**id) == Some(*chain.last().unwrap_or(&started.id())))
                // whatever else was forked beside the chain has no child
                .max_by_key(|id| workers.iter().filter(|other| parent(**other) == Some(**id)).count())
            {
                chain.push(*next);
            }
            if chain.len() >= 4 {
                let servers = ids(false);
                return Self { chain, servers };
            }
            assert!(Instant::now() < deadline, "no script came to run: {others:?}");
            thread::sleep(std::time::Duration::from_millis(5));
        }
    }

    fn watcher(&self) -> i32 {
        self.chain[0]
    }

    fn zygote(&self) -> i32 {
        self.chain[1]
    }

    fn template(&self) -> i32 {
        self.chain[2]
    }
}

fn parent(process: i32) -> Option<i32> {
    stat(process, 1)?.parse().ok()
}

/// A letter: `T` for one that was stopped.
fn state(process: i32) -> Option<String> {
    stat(process, 0)
}

/// What the kernel says of a process, counted from behind its name.
fn stat(process: i32, field: usize) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    stat.rsplit_once(')')?
        .1
        .split_whitespace()
        .nth(field)
        .map(str::to_owned)
}
