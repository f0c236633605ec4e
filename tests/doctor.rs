//! `mcm doctor`: it goes on after whatever fails, each fault has its fix, and no secret gets out.

use serde_json::{Value, json};

use crate::support::{
    endpoint::{Endpoint, Reply},
    program::{Ended, Program},
    servers::toy,
};

mod broken;
mod looks;
mod model;
mod secrets;
mod servers;

/// The areas of a report, in its order.
const AREAS: [&str; 7] = [
    "settings",
    "folders",
    "configuration",
    "trust",
    "servers",
    "sandbox",
    "model",
];

/// A doctor that leaves the model out.
fn doctor() -> Program {
    Program::new(["doctor", "--json", "--no-model"])
}

/// What it found.
struct Report {
    findings: Vec<Value>,
    ended: Ended,
}

impl Report {
    /// Of a program that ends with this exit code. Whatever is not well has a fix, and the record is whole.
    #[track_caller]
    fn of(program: Program, code: i32) -> Self {
        let ended = program.run().expect(code);
        let record = ended.json();
        assert_eq!(record["ok"], code == 0, "{record:#}");
        let findings = record["findings"].as_array().expect("findings").clone();
        let members = ["area", "name", "level", "message", "fix", "duration_ms"];
        let mut last = 0;
        for finding in &findings {
            let keys: Vec<&String> = finding.as_object().expect("an object").keys().collect();
            assert_eq!(keys, members);
            let area = AREAS
                .iter()
                .position(|area| finding["area"] == *area)
                .expect("a known area");
            assert!(area >= last, "the areas are in order");
            last = area;
            assert!(
                finding["message"].as_str().is_some_and(|message| !message.is_empty()),
                "{finding}"
            );
            let fix = finding["fix"].as_str();
            match finding["level"].as_str().expect("a level") {
                "ok" => assert_eq!(fix, None, "{finding}"),
                "warning" | "problem" => assert!(fix.is_some_and(|fix| fix.len() > 5), "{finding}"),
                other => panic!("the level {other}"),
            }
        }
        Self { findings, ended }
    }

    /// The one finding of this area and name whose message holds `part`.
    #[track_caller]
    fn finding(&self, area: &str, name: &str, part: &str) -> &Value {
        let fits = |finding: &&Value| {
            finding["area"] == area
                && finding["name"] == name
                && finding["message"]
                    .as_str()
                    .is_some_and(|message| message.contains(part))
        };
        let all: Vec<&Value> = self.findings.iter().filter(fits).collect();
        let [one] = all.as_slice() else {
            panic!(
                "{} findings on {name} with {part:?}:\n{:#}",
                all.len(),
                json!(self.findings)
            )
        };
        one
    }

    /// That finding has this level, and its fix holds `fix`.
    #[track_caller]
    fn says(&self, level: &str, area: &str, name: &str, part: &str, fix: &str) {
        let finding = self.finding(area, name, part);
        assert_eq!(finding["level"], level, "{finding:#}");
        let told = finding["fix"].as_str().unwrap_or_default();
        assert!(told.contains(fix), "the fix lacks {fix:?}: {finding:#}");
    }

    #[track_caller]
    fn is_ok(&self, area: &str, name: &str, part: &str) {
        self.says("ok", area, name, part, "");
    }
}

#[test]
fn where_all_is_well_it_says_so_and_how_long_things_took() {
    let endpoint = Endpoint::start([Reply::text("```python\nanswer(sum(n * n for n in range(1, 21)))\n```")]);
    let program = Program::new(["doctor", "--json"])
        .model(&endpoint.base_url())
        .env("MCM_MODEL", "test-model")
        .servers(&json!({ "toy": toy(&[]), "other": toy(&["pages"]) }));
    let report = Report::of(program, 0);
    assert!(report.findings.iter().all(|finding| finding["level"] == "ok"));
    report.is_ok("servers", "toy", "3 tools");
    report.is_ok("servers", "other", "4 tools");
    report.is_ok("sandbox", "memory limit", "was stopped at 64 MiB");
    report.is_ok("model", "endpoint", "1 model: test-model");
    report.is_ok("model", "script", "the right answer");
    for (area, name) in [
        ("servers", "toy"),
        ("sandbox", "first script"),
        ("sandbox", "second script"),
        ("model", "endpoint"),
        ("model", "script"),
    ] {
        assert!(report.finding(area, name, "")["duration_ms"].is_u64(), "{area} {name}");
    }
    assert_eq!(report.ended.stderr, "");
}

#[test]
fn in_an_empty_folder_it_names_the_first_step() {
    let report = Report::of(doctor(), 0);
    report.says(
        "warning",
        "configuration",
        "file",
        "no `mcp_servers.json` here",
        "mcm init",
    );
    report.is_ok("sandbox", "first script", "a script ran");
}

#[test]
fn each_setting_is_shown_with_who_gave_it() {
    let program = doctor()
        .env("MCM_MAX_STEPS", "12")
        .env("MCM_DENY", "*.delete_* x.*")
        .env("MCM_RPM", "60")
        .env(
            "OPENAI_BASE_URL",
            "https://user:secret-pass@models.example/v1?key=secret-query",
        )
        .file(".env", "\nMCM_TIMEOUT=7\nMCM_MODEL=mine\nMCM_MAX_STEPS=3\n")
        .file("../home/.config/mcm/policy.json", r#"{"ask": ["files.write"]}"#)
        .arg("--model")
        .arg("typed");
    let report = Report::of(program, 0);
    report.is_ok("settings", "max-steps", "12, from `MCM_MAX_STEPS` in the environment");
    report.is_ok("settings", "timeout", "7 s, from `MCM_TIMEOUT` in `.env` line 2");
    report.is_ok("settings", "model", "typed, from `--model`");
    report.is_ok(
        "settings",
        "base-url",
        "models.example/v1, from `OPENAI_BASE_URL` in the environment",
    );
    report.is_ok("settings", "memory", "256 MiB, the default");
    report.is_ok("settings", "rpm", "60 a minute, from `MCM_RPM` in the environment");
    report.is_ok("settings", "tpm", "no limit, the default");
    report.is_ok("settings", "deny", "*.delete_*, from `MCM_DENY`");
    report.is_ok("settings", "deny", "x.*, from `MCM_DENY`");
    report.is_ok("settings", "ask", "files.write, from");
    report.is_ok("settings", "json", "yes, from `--json`");
    assert!(!report.ended.stdout.contains("secret-"), "{}", report.ended.stdout);
}
