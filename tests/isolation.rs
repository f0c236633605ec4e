//! Systems that lack a layer of the sandbox's wall: simulated by a filter under which `mcm` itself runs.

use mcm::sandbox::isolation::{Layer, LayerKind};
use serde_json::Value;

use crate::support::program::{Ended, Program};

/// The layer's name for the user, and how a system is made that has none.
pub type Lack = (&'static str, fn(Program) -> Program);

const NO_LANDLOCK: Lack = ("landlock", |program| {
    program.on_a_system_without(libc::SYS_landlock_create_ruleset, 0, libc::ENOSYS)
});
/// One where something else listens already.
pub const NO_LISTENER: Lack = ("forks", |program| {
    let listener = u32::try_from(libc::SECCOMP_FILTER_FLAG_NEW_LISTENER).unwrap();
    program.on_a_system_without(libc::SYS_seccomp, listener, libc::EBUSY)
});
const NO_SECCOMP: Lack = ("seccomp", |program| {
    program.on_a_system_without(libc::SYS_seccomp, 0, libc::EINVAL)
});

fn run((_, change): Lack, arguments: &[&str], code: i32) -> Ended {
    let arguments = ["run", "-c", "print(1)"].iter().chain(arguments);
    change(Program::new(arguments)).run().expect(code)
}

#[test]
fn a_missing_layer_is_told_once_and_scripts_run() {
    for lack in [NO_LANDLOCK, NO_LISTENER, NO_SECCOMP] {
        let ended = run(lack, &[], 0);
        assert_eq!(ended.stdout, "1\n");
        let told = format!("the sandbox does without {}", lack.0);
        assert_eq!(
            ended.stderr.matches("the sandbox does without").count(),
            1,
            "{}",
            ended.stderr
        );
        if lack.0 == "seccomp" {
            assert!(
                ended.stderr.contains("seccomp (") && ended.stderr.contains("forks ("),
                "{}",
                ended.stderr
            );
        } else {
            assert!(ended.stderr.contains(&told), "{}", ended.stderr);
        }
    }
}

#[test]
fn where_isolation_is_required_a_missing_layer_is_an_error_and_nothing_runs() {
    for lack in [NO_LANDLOCK, NO_LISTENER, NO_SECCOMP] {
        let ended = run(lack, &["--require-isolation"], 2);
        assert_eq!(ended.stdout, "");
        for part in ["the sandbox lacks", lack.0, "`--require-isolation`", "mcm doctor"] {
            assert!(ended.stderr.contains(part), "{}", ended.stderr);
        }
    }
    let all = |program: Program| program;
    assert_eq!(run(("", all), &["--require-isolation"], 0).stdout, "1\n");
}

#[test]
fn namespaces_are_no_matter_where_a_system_forbids_them() {
    let without = |program: Program| program.on_a_system_without(libc::SYS_unshare, 0, libc::EPERM);
    let ended = run(("", without), &["--require-isolation"], 0);
    assert_eq!(ended.stdout, "1\n");
    assert!(!ended.stderr.contains("the sandbox"), "{}", ended.stderr);
}

#[test]
fn without_a_listener_sessions_go_on_and_the_kernel_ends_who_tries_a_forbidden_call() {
    let order = format!("# misbehave\n# call {} 2 1 0\n", libc::SYS_socket);
    let program = Program::new(["run", "--json", "script.py"]).file("script.py", &order);
    let record = NO_LISTENER.1(program).run().expect(1).json();
    assert_eq!(record["diagnostics"]["code"], "CRASHED", "{record:#}");
    assert!(
        record["diagnostics"]["message"].as_str().unwrap().contains("forbidden"),
        "{record:#}"
    );
}

#[test]
fn the_doctor_lists_the_layers_and_warns_of_a_missing_one() {
    let report = |change: fn(Program) -> Program| {
        let program = Program::new(["doctor", "--no-model", "--json"]);
        let findings: Value = change(program).run().expect(0).json();
        findings
    };
    let layer = |report: &Value, name: &str| {
        let findings = report["findings"].as_array().unwrap().clone();
        let found = findings
            .into_iter()
            .find(|finding| finding["area"] == "sandbox" && finding["name"] == name);
        found.unwrap_or_else(|| panic!("no {name}: {report:#}"))
    };
    let whole = report(|program| program);
    for name in ["users", "network", "privileges", "landlock", "seccomp", "forks"] {
        assert_eq!(layer(&whole, name)["level"], "ok", "{name}");
    }
    let lacking = layer(&report(NO_LANDLOCK.1), "landlock");
    assert_eq!(lacking["level"], "warning", "{lacking:#}");
    assert!(
        lacking["fix"].as_str().unwrap().contains("--require-isolation"),
        "{lacking:#}"
    );
}

#[test]
fn a_layer_that_holds_in_part_is_said_to_do_so() {
    let layer = |partial| Layer {
        kind: LayerKind::Files,
        missing: None,
        partial,
    };
    assert!(layer(true).effect().contains("in part only"));
    assert!(!layer(false).effect().contains("in part"));
}
