//! Servers that are not trusted, do not start, or say what they should not.

use super::*;

#[test]
fn a_server_that_nobody_trusts_is_not_started_and_the_line_to_type_is_given() {
    let servers = json!({ "servers": { "toy": { "command": "touch", "args": ["started"] } } });
    let program = doctor().file("mcp_servers.json", &servers.to_string());
    let mark = program.folder().join("started");
    let report = Report::of(program, 2);
    report.says("problem", "trust", "toy", "it runs touch started", "mcm trust");
    assert!(!mark.exists());
    assert!(!report.findings.iter().any(|finding| finding["area"] == "servers"));
}

#[test]
fn after_mcm_trust_it_is_started() {
    let servers = json!({ "servers": { "toy": toy(&[]) } });
    let program = doctor().file("mcp_servers.json", &servers.to_string());
    let doctor_again = program.again(["doctor", "--json", "--no-model"]);
    program.again(["trust"]).run().expect(0);
    let report = Report::of(doctor_again, 0);
    report.is_ok("trust", "toy", "trusted");
    report.is_ok("servers", "toy", "3 tools");
}

#[test]
fn servers_that_cannot_be_used_say_how_they_ended_and_the_others_are_listed() {
    let servers = json!({
        "toy": toy(&[]),
        "gone": { "command": "no-such-program" },
        "dies": toy(&["die-at-start"]),
        "away": { "url": "http://127.0.0.1:1/mcp" },
    });
    let report = Report::of(doctor().servers(&servers), 3);
    report.is_ok("servers", "toy", "3 tools");
    report.says(
        "problem",
        "servers",
        "gone",
        "`no-such-program` was not found",
        "install it",
    );
    report.says("problem", "servers", "dies", "exit code 3", "by hand");
    report.finding("servers", "dies", "cannot open the database");
    report.says(
        "problem",
        "servers",
        "away",
        "it cannot be reached",
        "check the address",
    );
}

#[test]
fn a_silent_server_costs_its_limit_and_no_more() {
    let servers = json!({ "silent": toy(&["silent"]), "toy": toy(&[]) });
    let program = doctor().servers(&servers).arg("--check-timeout").arg("6");
    let report = Report::of(program, 3);
    report.says(
        "problem",
        "servers",
        "silent",
        "did not answer `initialize` within 6 s",
        "by hand",
    );
    report.is_ok("servers", "toy", "3 tools");
}

#[test]
fn what_a_server_does_against_the_protocol_is_a_warning() {
    let servers = json!({ "loud": toy(&["garbage"]), "bad": toy(&["bad-tool"]), "toy": toy(&[]) });
    let report = Report::of(doctor().servers(&servers), 0);
    report.is_ok("servers", "loud", "3 tools");
    report.says(
        "warning",
        "servers",
        "loud",
        "that are no messages of MCP",
        "standard error",
    );
    report.says(
        "warning",
        "servers",
        "bad",
        "a tool without a name is left out",
        "the other tools work",
    );
    report.says(
        "warning",
        "servers",
        "bad",
        "the tool `broken` is left out",
        "the other tools work",
    );
}

#[test]
fn ctrl_c_ends_it_at_once_and_leaves_no_server_behind() {
    let servers = json!({ "silent": toy(&["silent", "child"]) });
    let started = Program::new(["doctor", "--no-model"]).servers(&servers).start();
    started.wait_for_process("toy_server silent");
    started.signal(libc::SIGINT);
    let ended = started.wait().expect(130);
    assert_eq!(ended.stdout, "");
}

#[test]
fn each_entry_is_explained_with_its_place_its_limits_and_what_has_no_effect() {
    let mut entry = toy(&[]);
    let more = json!({ "timeout": 5, "startup_timeout_sec": 20, "enabledTools": ["echo", "no-such-*"], "alwaysAllow": ["echo"] });
    entry.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let one =
        json!({ "mcpServers": { "toy": { "command": "x" }, "asks": { "command": "x", "args": ["${input:a-b}"] } } });
    let two = json!({ "servers": { "toy": entry, "away": { "url": "http://127.0.0.1:1/sse?key=hidden-value-1" } } });
    let program = doctor()
        .file("one.json", &one.to_string())
        .file("two.json", &two.to_string());
    let report = Report::of(
        program.arg("--config").arg("one.json").arg("--config").arg("two.json"),
        3,
    );
    report.is_ok(
        "configuration",
        "toy",
        "`one.json` line 1: a later file has another entry",
    );
    report.is_ok("configuration", "toy", "its start may take 20 s, a call 5 s");
    report.is_ok(
        "configuration",
        "away",
        "by SSE; its start may take 60 s (the default), a call 60 s",
    );
    report.says(
        "warning",
        "configuration",
        "toy",
        "`alwaysAllow` has no effect",
        "--allow GLOB",
    );
    report.says("warning", "configuration", "asks", "asks for `a-b`", "MCM_INPUT_A_B");
    report.is_ok("servers", "toy", "1 tool, and 2 that its entry hides");
    report.says(
        "warning",
        "servers",
        "toy",
        "the filter `no-such-*` matches none",
        "mcm tools list",
    );
    assert!(
        !report.ended.stdout.contains("hidden-value-1"),
        "{}",
        report.ended.stdout
    );
}
