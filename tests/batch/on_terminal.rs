//! A batch on a real terminal: the bar, questions and Ctrl-C.

use super::*;
use crate::support::{
    endpoint::Gate,
    terminal::{OnTerminal, Stdout},
};

#[test]
fn a_bar_shows_where_it_is_and_is_gone_at_the_end() {
    let gate = Gate::default();
    let held = gate.clone();
    let case = Case::new(&numbered(9), move |request| match number(request) {
        4 => script("1/0"),
        n if n > 6 => echo(request).after(&held),
        _ => echo(request),
    });
    let program = case.batch("tasks.jsonl -o results.jsonl --max-retries 1");
    let running = OnTerminal::start(program, Stdout::File);
    running.sees("task `t4` gave up: 1 step failed in a row; last: ZeroDivisionError", 1);
    running.sees("6/9", 1);
    running.sees("tokens, 1 failed", 1);
    gate.open();
    let ended = running.end();
    assert_eq!(
        (ended.status.code(), ended.answer.as_str()),
        (Some(1), ""),
        "{}",
        ended.screen
    );
    let last = ended.screen.rsplit("9 tasks in ").next().unwrap();
    holds(last, &[": 8 answered, 1 gave up", "results: results.jsonl"]);
    assert!(!last.contains("/9"), "{last}");
}

#[test]
fn questions_queue_and_an_answer_for_the_run_holds_for_all_tasks() {
    let case = Case::new(&numbered(5), |_| script("answer(toy.write())"));
    let mut running = OnTerminal::start(case.batch("tasks.jsonl -o results.jsonl -j 5"), Stdout::File);
    running.sees("task `t", 1);
    running.sees(
        "` wants to call toy.write\r\n  without arguments\r\ny this call, r this run, a always, n never: ",
        1,
    );
    running.types("yes\n");
    running.sees(
        "` wants to call toy.write\r\n  without arguments\r\ny this call, r this run, a always, n never: ",
        2,
    );
    running.types("run\n");
    let ended = running.end();
    assert_eq!(ended.status.code(), Some(0), "{}", ended.screen);
    assert_eq!(
        ended.screen.matches("wants to call toy.write").count(),
        2,
        "{}",
        ended.screen
    );
    let answers: Vec<Value> = case.results().iter().map(|result| result["answer"].clone()).collect();
    assert_eq!(answers, vec![json!("written"); 5]);
}

#[test]
fn ctrl_c_finishes_what_runs_and_typed_again_stops_it() {
    for again in [false, true] {
        let gate = Gate::default();
        let held = gate.clone();
        let case = Case::new(&numbered(6), move |request| echo(request).after(&held));
        let mut running = OnTerminal::start(case.batch("tasks.jsonl -o results.jsonl -j 2"), Stdout::File);
        case.endpoint.wait_for_requests(2);
        running.types("\u{3}");
        running.sees("finishing 2 running tasks; Ctrl-C again stops them", 1);
        if again {
            running.types("\u{3}");
        } else {
            gate.open();
        }
        let ended = running.end();
        gate.open();
        assert_eq!(ended.status.code(), Some(130), "{}", ended.screen);
        let done = if again { 0 } else { 2 };
        assert_eq!(outcomes(&case.results()), all_answered(done));
        holds(
            &ended.screen,
            &[&format!("{done} of 6 tasks are done; the same with `--resume` goes on")],
        );
    }
}
