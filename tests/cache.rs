//! Lists of tools that are kept from earlier runs, and servers that start when they are needed.

use std::fs;

use serde_json::{Value, json};

use crate::support::{
    endpoint::{Endpoint, Reply},
    program::Program,
    servers::toy_path,
};

/// The toy server, which leaves a line in `started` each time it starts and takes its modes from the file `modes`.
fn counted() -> Value {
    let command = format!("echo >>started; exec '{}' $(cat modes)", toy_path().display());
    json!({ "toy": { "command": "sh", "args": ["-c", command] } })
}

fn mcm<const N: usize>(arguments: [&str; N]) -> Program {
    Program::new(arguments).file("modes", "").servers(&counted())
}

fn starts(of: &Program) -> usize {
    let started = fs::read_to_string(of.folder().join("started"));
    started.map_or(0, |text| text.lines().count())
}

#[test]
fn a_list_that_is_kept_spares_the_start_until_a_script_calls_the_server() {
    let first = mcm(["tools", "list"]);
    let [again, refreshed, prompt, unused, used] = [
        first.again(["tools", "list", "--trust"]),
        first.again(["tools", "list", "--trust", "--refresh"]),
        first.again(["prompt", "echo something", "--trust"]),
        first.again(["tools", "show", "toy.echo", "--trust"]),
        first.again(["run", "--trust", "-c", "answer(toy.echo(text='a'))"]),
    ];
    let look = first.again(["--version"]);
    let listed = first.run().expect(0).stdout;
    assert!(listed.contains("toy (3 tools)") && starts(&look) == 1, "{listed}");
    assert_eq!(again.run().expect(0).stdout, listed);
    assert!(prompt.run().expect(0).stdout.contains("def echo("));
    assert!(unused.run().expect(0).stdout.contains("Gives the text back"));
    assert_eq!(starts(&look), 1, "nothing needed it");
    assert_eq!(refreshed.run().expect(0).stdout, listed);
    assert_eq!(starts(&look), 2);
    assert_eq!(used.run().expect(0).stdout, "a\n");
    assert_eq!(starts(&look), 3);
}

#[test]
fn what_has_changed_is_told_to_user_and_model_and_kept_for_the_next_run() {
    let endpoint = Endpoint::start([
        // long enough for a server that has just started to be asked for its tools
        Reply::text("```python\nimport time\nfor n in range(20):\n    toy.echo(text='a')\n    time.sleep(0.05)\n```"),
        Reply::text("```python\nanswer('done')\n```"),
    ]);
    let first = mcm(["tools", "list"]);
    let task = first.again(["ask", "echo it", "--trust"]).model(&endpoint.base_url());
    let after = first.again(["tools", "list", "--trust"]);
    first.run().expect(0);
    let task = task.file("modes", "all-tools");
    let ended = task.run().expect(0);
    assert!(
        ended.stderr.contains("server `toy`, new: `die`, `sleep`"),
        "{}",
        ended.stderr
    );
    let requests = endpoint.requests();
    let told = requests[1].last_message();
    assert!(
        told.contains("`tool_context` is out of date") && told.contains("new: `die`, `sleep`"),
        "{told}"
    );
    assert!(after.run().expect(0).stdout.contains("toy (12 tools)"));
}

#[test]
fn a_list_that_is_damaged_or_of_another_version_is_written_anew() {
    let first = mcm(["tools", "list"]);
    let [second, third] = [0; 2].map(|_| first.again(["tools", "list", "--trust"]));
    // the folder lives as long as a program that may run in it
    let look = first.again(["--version"]);
    let folder = look.folder().join("../home/.cache/mcm/tools");
    let listed = first.run().expect(0).stdout;
    let spoil = |text: &str| {
        for file in fs::read_dir(&folder).unwrap() {
            fs::write(file.unwrap().path(), text).unwrap();
        }
    };
    for (next, text) in [(second, "{\"version\": 0, \"tools\": []}"), (third, "no list")] {
        spoil(text);
        assert_eq!(next.run().expect(0).stdout, listed);
        let kept = fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
        assert!(fs::read_to_string(kept).unwrap().contains("Gives the text back"));
    }
}

#[test]
fn programs_side_by_side_keep_lists_in_peace() {
    let first = mcm(["tools", "list", "--refresh"]);
    let others: Vec<_> = (0..4)
        .map(|_| first.again(["tools", "list", "--trust", "--refresh"]))
        .collect();
    let started: Vec<_> = others.into_iter().map(Program::start).collect();
    let listed = first.run().expect(0).stdout;
    for program in started {
        assert_eq!(program.wait().expect(0).stdout, listed);
    }
}
