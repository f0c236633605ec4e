//! A short run of each target of `fuzz/`; `.ci/soak` makes the long ones.

use std::{
    path::PathBuf,
    process::{Child, Command, Stdio},
};

const INPUTS: &str = "2000";

#[test]
fn no_frame_script_value_or_schema_makes_its_reader_panic_or_give_what_does_not_hold() {
    let started = ["frames", "gate", "converter", "stubs"].map(|target| (target, fuzz(target)));
    for (target, program) in started {
        let ended = program.wait_with_output().unwrap();
        let (stdout, stderr) = (
            String::from_utf8_lossy(&ended.stdout),
            String::from_utf8_lossy(&ended.stderr),
        );
        assert!(ended.status.success(), "{target}: {}\n{stdout}{stderr}", ended.status);
        assert!(stdout.contains(&format!("and {INPUTS} inputs in ")), "{stdout}");
    }
}

/// Cargo builds the example along with the tests, and puts it beside them.
fn fuzz(target: &str) -> Child {
    let tests = std::env::current_exe().unwrap();
    let program: PathBuf = tests.ancestors().nth(2).unwrap().join("examples/fuzz");
    let mut command = Command::new(&program);
    command.args([target, INPUTS]).stdin(Stdio::null());
    let started = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    started.unwrap_or_else(|e| panic!("{}: {e}; `cargo build --example fuzz` makes it", program.display()))
}
