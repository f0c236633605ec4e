//! A script that has taken over its process harms no script after it, and no other process.

use super::*;
use crate::isolation::NO_LISTENER;

/// What the third script finds, after one that left a variable and one that misbehaved.
fn after(orders: &str) -> Outcome {
    case(orders).run(0)
}

fn case(orders: &str) -> Case {
    let misbehaving = script(&format!("# misbehave\n{orders}"));
    Case::new([script("x = 41"), misbehaving, script("answer('x' in globals())")])
}

#[test]
fn one_that_is_ended_at_a_forbidden_call_leaves_the_variables_and_is_named_to_the_model() {
    let outcome = after(&format!("# call {} 2 1 0", libc::SYS_socket));
    outcome.told(2, &["forbidden (`socket`)", "call a tool instead"]);
    assert_eq!(outcome.record["answer"], true);
}

#[test]
fn a_fork_that_was_not_asked_for_is_none() {
    let outcome = after(&format!("# call {} 18874385 0 0 0 0", libc::SYS_clone));
    outcome.told(2, &["forbidden (`clone`)"]);
    assert_eq!(outcome.record["answer"], true);
}

#[test]
fn leave_for_a_fork_is_for_one_and_for_no_other_kind_of_process() {
    // a process without the kernel's word at its end, and a second fork
    for flags in [17, 18_874_385] {
        let outcome = after(&format!("# clone {flags}"));
        assert_eq!(outcome.record["answer"], false, "{flags}: {:#}", outcome.record);
    }
}

#[test]
fn one_that_names_another_process_as_its_fork_loses_the_variables_and_that_process_lives() {
    let systems: [fn(Program) -> Program; 2] = [|program| program, NO_LISTENER.1];
    for system in systems {
        let mut other = std::process::Command::new("sleep").arg("1000").spawn().unwrap();
        for lie in [
            other.id().to_string(),
            "1".to_owned(),
            "parent".to_owned(),
            "-5".to_owned(),
        ] {
            let outcome = case(&format!("# lie {lie}")).program(system).run(0);
            assert_eq!(outcome.record["answer"], false, "lie {lie}: {:#}", outcome.record);
            assert!(other.try_wait().unwrap().is_none(), "lie {lie}");
        }
        other.kill().unwrap();
        other.wait().unwrap();
    }
}
