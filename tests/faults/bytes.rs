//! What a large result, and large arguments, cost the parent.

use super::*;

/// By how many times a result the parent's memory may grow at most.
const MOST: u64 = 4;

/// The peak of the parent's memory in KiB, before and after a call that gives so much of this kind.
fn peaks(mib: u64, kind: &str) -> [u64; 2] {
    let code = format!(
        "toy.giant(mib=1, kind='{kind}')
before = toy.peak()
value = toy.giant(mib={mib}, kind='{kind}')
answer([before, toy.peak()])"
    );
    let program = Program::new(["run", "-c", &code, "--max-result", "1024", "--memory", "8192"]);
    let program = program.arg("--timeout").arg("120").arg("--call-timeout").arg("120");
    let answer = program.servers(&json!({ "toy": scripted() })).run().expect(0).json();
    [0, 1].map(|nth| answer[nth].as_u64().unwrap())
}

#[test]
fn the_parent_grows_by_less_than_four_times_a_result() {
    let sizes = [
        (10, "text"),
        (100, "text"),
        (10, "json"),
        (100, "json"),
        (10, "numbers"),
        (50, "both"),
    ];
    for (mib, kind) in sizes {
        let [before, after] = peaks(mib, kind);
        assert!(
            after - before < MOST * mib * 1024,
            "{kind} of {mib} MiB: the parent grew from {before} to {after} KiB"
        );
    }
}

#[test]
fn large_arguments_cost_the_parent_little_and_its_record_less() {
    let code = "before = toy.peak()
answer([before, toy.peak(value=[0] * 900_000), toy.peak(value='x' * 16_000_000)])";
    let program = Program::new(["run", "-c", code, "--json", "--memory", "1024", "--timeout", "60"]);
    let record = program.servers(&json!({ "toy": scripted() })).run().expect(0).json();
    let peak = |nth: usize| record["result"][nth].as_u64().unwrap();
    let grown = peak(1).max(peak(2)) - peak(0);
    assert!(grown < 512 * 1024, "the parent grew by {grown} KiB");
    for call in record["calls"].as_array().unwrap() {
        let size = call["arguments"].to_string().len();
        assert!(size < 512 << 10, "the record of a call has {size} bytes");
    }
}
