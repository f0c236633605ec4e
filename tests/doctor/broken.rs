//! Files and settings that cannot be used.

use std::os::unix::fs::PermissionsExt;

use super::*;

const STORE: &str = "../home/.config/mcm/trust.json";
const POLICY: &str = "../home/.config/mcm/policy.json";

#[test]
fn a_broken_configuration_is_named_with_its_place_and_the_rest_is_looked_at() {
    for (text, part, fix) in [
        (
            "{\n  \"servers\": {\n    \"a\": oops\n  }\n}",
            "mcp_servers.json:3:10",
            "mend the line",
        ),
        ("", "the file is empty", "a file looks like"),
        ("[]", "must hold one JSON object", "a file looks like"),
        ("{}", "has none of `servers`, `mcpServers`", "a file looks like"),
    ] {
        let report = Report::of(doctor().file("mcp_servers.json", text), 2);
        report.says("problem", "configuration", "file", part, fix);
        report.is_ok("sandbox", "first script", "a script ran");
    }
}

#[test]
fn a_configuration_that_is_not_there_or_not_readable_is_named() {
    let report = Report::of(doctor().arg("--config").arg("nowhere.json"), 2);
    report.says(
        "problem",
        "configuration",
        "file",
        "cannot read `nowhere.json`",
        "`nowhere.json`",
    );
    let report = Report::of(doctor().file("mcp_servers.json/inside", ""), 2);
    report.says(
        "problem",
        "configuration",
        "file",
        "cannot read `mcp_servers.json`",
        "`mcp_servers.json`",
    );
}

#[test]
fn faults_of_entries_unknown_keys_and_disabled_entries_are_named_each() {
    let text = r#"{"servers": {
  "none": {"args": ["x"]},
  "unset": {"command": "x", "env": {"TOKEN": "${NOT_SET_ANYWHERE}"}},
  "off": {"command": "no-such-program", "disabled": true},
  "self": {"command": "mcm"},
  "odd": {"command": "no-such-program", "comand": "x"}
}}"#;
    let report = Report::of(doctor().file("mcp_servers.json", text).arg("--trust"), 2);
    report.says("problem", "configuration", "none", "it needs a", "line 2");
    let unset = "the variable `NOT_SET_ANYWHERE` is not set";
    report.says(
        "problem",
        "configuration",
        "unset",
        unset,
        "set the variable in the environment or in `.env`",
    );
    report.is_ok("configuration", "off", "disabled");
    report.says(
        "warning",
        "configuration",
        "file",
        "its command is `mcm` itself",
        "take that entry out",
    );
    report.says(
        "warning",
        "configuration",
        "odd",
        "the key `comand` means nothing here",
        "line 6",
    );
    report.says(
        "problem",
        "servers",
        "odd",
        "`no-such-program` was not found",
        "install it",
    );
    assert!(
        !report
            .findings
            .iter()
            .any(|finding| finding["area"] == "servers" && finding["name"] == "off")
    );
}

#[test]
fn a_broken_dotenv_is_left_out_and_named_without_its_text() {
    let report = Report::of(
        doctor().file(".env", "MCM_MAX_STEPS=3\nsecret words without sense\n"),
        2,
    );
    report.says("problem", "settings", ".env", "line 2", "edit `.env` line 2");
    report.is_ok("settings", "max-steps", "8, the default");
    assert!(!report.ended.stdout.contains("secret words"), "{}", report.ended.stdout);
}

#[test]
fn values_that_make_no_sense_are_named_each_and_the_others_hold() {
    let program = doctor()
        .env("MCM_MAX_STEPS", "many")
        .env("MCM_YES", "perhaps")
        .env("MCM_DENY", "a.{b")
        .env("MCM_MEMORY", "512")
        .file(
            ".env",
            "MCM_TIMEOUT=soon\nMCM_MAX_CALLS=5\nOPENAI_API_KEY='two words'\n",
        );
    let report = Report::of(program, 2);
    for (name, fix) in [
        ("MCM_MAX_STEPS", "correct `MCM_MAX_STEPS` in the environment"),
        ("MCM_YES", "correct `MCM_YES` in the environment"),
        ("MCM_DENY", "correct `MCM_DENY` in the environment"),
        ("MCM_TIMEOUT", "correct `MCM_TIMEOUT` in `.env` line 1"),
        ("OPENAI_API_KEY", "correct `OPENAI_API_KEY` in `.env` line 3"),
    ] {
        report.says("problem", "settings", name, name, fix);
    }
    report.is_ok("settings", "memory", "512 MiB");
    report.is_ok("settings", "max-calls", "5, from `MCM_MAX_CALLS` in `.env` line 2");
    report.is_ok("settings", "timeout", "30 s, the default");
    report.is_ok("settings", "api-key", "not set");
}

#[test]
fn variables_of_a_dotenv_without_effect_are_named_with_why() {
    let dotenv = "MCM_TRUST=1\nMCM_MAX_STEP=3\nOPENAI_BASE_URL=http://h/v1\nTOKEN=abcdefghij\n";
    let servers = json!({ "servers": { "toy": { "command": "no-such-program", "env": { "T": "${TOKEN}" } } } });
    let program = doctor()
        .file(".env", dotenv)
        .file("mcp_servers.json", &servers.to_string());
    let report = Report::of(program, 2);
    let real = "`MCM_TRUST` in `.env` line 1 is ignored: it counts on the command line and in the real environment";
    report.says("warning", "settings", ".env", real, "set it in the environment");
    report.says(
        "warning",
        "settings",
        ".env",
        "`MCM_MAX_STEP` in `.env` line 2 is ignored",
        "check its spelling",
    );
    report.says(
        "warning",
        "settings",
        ".env",
        "`OPENAI_BASE_URL` in `.env` line 3 is ignored",
        "the same place",
    );
    assert!(!report.ended.stdout.contains("`TOKEN`"), "{}", report.ended.stdout);
}

#[test]
fn broken_files_of_the_users_own_are_named() {
    let report = Report::of(doctor().file(POLICY, "{\n  \"alow\": []\n}"), 2);
    report.says(
        "problem",
        "folders",
        "policy file",
        "policy.json` line 2",
        "it reads `{\"allow\"",
    );
    let report = Report::of(doctor().file(STORE, "{"), 2);
    report.says(
        "problem",
        "folders",
        "trust store",
        "cannot be understood",
        "mend or delete that file",
    );
    let program = doctor().file("../home/.config/mcm", "a file");
    let report = Report::of(program, 2);
    report.says("problem", "folders", "your folder", "is no folder", "move");
    let report = Report::of(doctor().env("MCM_PROMPTS", "nowhere"), 2);
    report.says("problem", "folders", "prompts", "cannot read the template", "");
    let program = doctor().file("mine/user.j2", "{{ nothing").env("MCM_PROMPTS", "mine");
    Report::of(program, 2).says("problem", "folders", "prompts", "mine/user.j2", "edit that line");
}

#[test]
fn a_policy_file_that_is_no_text_is_named() {
    let program = doctor().file(POLICY, "");
    std::fs::write(program.folder().join(POLICY), [0xff, 0xfe]).expect("a file");
    Report::of(program, 2).says("problem", "folders", "policy file", "not UTF-8", "who may read");
}

#[test]
fn files_that_may_not_be_read_are_named() {
    let program = doctor().obeying_permissions().file(".env", "A=1").file(POLICY, "{}");
    for file in [".env", POLICY] {
        let locked = std::fs::Permissions::from_mode(0o000);
        std::fs::set_permissions(program.folder().join(file), locked).expect("it is ours");
    }
    let report = Report::of(program, 2);
    report.says("problem", "settings", ".env", "cannot read `.env`", "who may read");
    report.says("problem", "folders", "policy file", "cannot read", "who may read");
}

#[test]
fn everything_broken_at_once_is_a_finding_each_and_the_sandbox_still_works() {
    let program = Program::new(["doctor", "--json"])
        .file("mcp_servers.json", "{")
        .file(".env", "no value\n")
        .file(POLICY, "[")
        .file(STORE, "[")
        .env("MCM_MAX_STEPS", "0")
        .env("MCM_PROMPTS", "nowhere")
        .env("OPENAI_BASE_URL", "http://127.0.0.1:1/v1")
        .env("MCM_MODEL", "m");
    let report = Report::of(program, 2);
    for (area, name) in [
        ("configuration", "file"),
        ("settings", ".env"),
        ("folders", "policy file"),
        ("folders", "trust store"),
        ("settings", "MCM_MAX_STEPS"),
        ("folders", "prompts"),
        ("model", "endpoint"),
    ] {
        assert_eq!(report.finding(area, name, "")["level"], "problem", "{area} {name}");
    }
    report.is_ok("sandbox", "second script", "ran");
}
