//! Workers that break the protocol, as one could that a script has taken over.

use std::{
    os::unix::fs::PermissionsExt,
    sync::Arc,
    time::{Duration, Instant},
};

use crate::support::program::PATIENCE;
use mcm::{
    sandbox::{
        Error, Execution, Host, Isolation, Limits, Sandbox, Script, Session, Stop, Template, ToolCall, ToolReply,
        WorkerProgram,
        execution::{Call, CallStatus},
    },
    wire::{Code, Interface, Reply, Stream},
};

/// Never answers a call.
struct Silent;

impl Host for Silent {
    async fn call(&self, _: ToolCall) -> ToolReply {
        tokio::time::sleep(Duration::from_secs(600)).await;
        ToolReply {
            reply: Reply::Failed {
                message: "too late".to_owned(),
                data: None,
            },
            body: Vec::new(),
        }
    }

    fn output(&self, _: Stream, _: &str) {}

    fn take_calls(&self, _: CallStatus) -> Vec<Call> {
        Vec::new()
    }
}

/// A program whose worker is forged.
struct Forged {
    folder: tempfile::TempDir,
    sandbox: Arc<Sandbox>,
    template: Arc<Template>,
}

impl Forged {
    async fn start(mode: &str) -> Self {
        Self::isolated(mode, Isolation::Required).await
    }

    async fn isolated(mode: &str, isolation: Isolation) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("worker");
        let text = include_str!("forger.py").replace("@MODE@", mode);
        let text = text.replace("@FOLDER@", folder.path().to_str().unwrap());
        std::fs::write(&program, format!("#!/usr/bin/env python3\n{text}")).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
        let sandbox = Arc::new(Sandbox::start(&WorkerProgram::Path(program), isolation).unwrap());
        let template = Template::new(Arc::clone(&sandbox), Interface::default());
        let template = Arc::new(template.await.unwrap());
        Self {
            folder,
            sandbox,
            template,
        }
    }

    /// The fork that nobody came for, once there is one.
    async fn stray(&self) -> Option<i32> {
        for _ in 0..500 {
            if let Ok(number) = std::fs::read_to_string(self.folder.path().join("stray")) {
                return Some(number.parse().unwrap());
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        None
    }

    async fn session(&self) -> Result<Session, Error> {
        Session::open(Arc::clone(&self.template), Vec::new()).await
    }
}

async fn run(session: &mut Session, script: &str, seconds: u64) -> Result<Execution, Error> {
    let limits = Limits {
        time: Duration::from_secs(seconds),
        memory: 256 << 20,
        calls: 12,
        output: 1 << 20,
        gate: Limits::MODEL_SCRIPT,
    };
    let (script, stop) = (Script(script.to_owned()), Stop::new());
    session.run(&script, &Silent, &limits, &stop).await
}

/// That this script succeeds.
async fn obeys(session: &mut Session) {
    let execution = run(session, "obey", 60).await.unwrap();
    assert!(execution.success, "{execution:?}");
}

#[tokio::test]
async fn a_worker_that_breaks_the_protocol_is_ended_and_said_to_have() {
    for (mode, code, part) in [
        ("garbage", Code::Crashed, "broke the protocol"),
        ("no json", Code::Crashed, "broke the protocol"),
        ("long head", Code::Crashed, "broke the protocol"),
        ("long body", Code::Crashed, "broke the protocol"),
        ("wrong frame", Code::Crashed, "broke the protocol"),
        ("no result", Code::Crashed, "no JSON"),
        ("wakes", Code::Crashed, "does not read"),
        ("announced", Code::Timeout, "used up its 1 s"),
        ("blocked", Code::Timeout, "used up its 1 s"),
        ("stderr", Code::Timeout, "used up its 1 s"),
        ("arguments", Code::CallLimit, "more than 12 tool calls"),
    ] {
        let forged = Forged::start(mode).await;
        let seconds = if code == Code::Timeout { 1 } else { 60 };
        let execution = run(&mut forged.session().await.unwrap(), "x = 1", seconds)
            .await
            .unwrap();
        let diagnostics = execution.diagnostics.expect(mode);
        assert_eq!(diagnostics.code, code, "{mode}: {diagnostics:?}");
        assert!(diagnostics.message.contains(part), "{mode}: {diagnostics:?}");
    }
}

#[tokio::test]
async fn a_worker_that_does_not_say_what_holds_it_is_not_isolated() {
    let forged = Forged::start("no layers").await;
    let error = forged.session().await.expect_err("it said nothing").to_string();
    for layer in ["privileges", "landlock", "seccomp", "forks"] {
        assert!(error.contains(layer), "{error}");
    }
}

#[tokio::test]
async fn a_fork_that_nobody_came_for_does_not_outlive_its_session() {
    for mode in ["stray", "orphan"] {
        let forged = Forged::start(mode).await;
        let deadline = Instant::now() + PATIENCE;
        let (session, stray) = loop {
            let mut session = forged.session().await.unwrap();
            obeys(&mut session).await;
            // whoever has given two scripts has the third one's fork made
            obeys(&mut session).await;
            match forged.stray().await {
                Some(stray) => break (session, stray),
                // on a slow machine the session is stopped before it has forked
                None => assert!(Instant::now() < deadline, "{mode}: no fork was made"),
            }
        };
        drop(session);
        while std::fs::exists(format!("/proc/{stray}")).unwrap() {
            assert!(Instant::now() < deadline, "{mode}: it lives on");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        // others have not been ended with it
        obeys(&mut forged.session().await.unwrap()).await;
    }
}

#[tokio::test]
async fn a_fork_that_fails_leaves_all_that_there_is_alone() {
    // of the head: the script can be given again, and finds the variables
    let forged = Forged::start("refuses 2 1").await;
    let mut session = forged.session().await.unwrap();
    obeys(&mut session).await;
    let error = run(&mut session, "obey", 60)
        .await
        .expect_err("no process could be had");
    assert!(error.to_string().contains("cannot fork now"), "{error}");
    obeys(&mut session).await;
    assert!(!session.take_loss());
    // of the template, and of the zygote: other sessions go on
    for mode in ["refuses 1 2", "refuses 0 2"] {
        let forged = Forged::start(mode).await;
        let mut session = forged.session().await.unwrap();
        obeys(&mut session).await;
        let error = match mode {
            "refuses 1 2" => forged.session().await.err(),
            _ => forged.sandbox.layers().await.err(),
        };
        let error = error.expect("no process could be had").to_string();
        assert!(error.contains("cannot fork now"), "{error}");
        obeys(&mut session).await;
        assert!(!session.take_loss(), "{mode}");
        obeys(&mut forged.session().await.unwrap()).await;
    }
}

#[tokio::test]
async fn a_head_that_is_silent_is_given_up_soon() {
    for (mode, script) in [("silent", "obey"), ("silent to reap", "fail")] {
        let forged = Forged::start(mode).await;
        let mut session = forged.session().await.unwrap();
        obeys(&mut session).await;
        let started = Instant::now();
        run(&mut session, script, 60).await.unwrap();
        assert!(session.take_loss(), "{mode}");
        obeys(&mut session).await;
        let took = started.elapsed();
        assert!(took < Duration::from_secs(20), "{mode}: {took:?}");
    }
}

#[tokio::test]
async fn who_holds_variables_and_has_nothing_to_do_is_stopped() {
    let forged = Forged::start("none").await;
    let mut session = forged.session().await.unwrap();
    for round in 0..3 {
        obeys(&mut session).await;
        let head = std::fs::read_to_string(forged.folder.path().join("obey")).unwrap();
        let deadline = Instant::now() + PATIENCE;
        loop {
            let children = std::fs::read_to_string(format!("/proc/{head}/task/{head}/children")).unwrap();
            let all: Vec<&str> = children.split_whitespace().chain([&*head]).collect();
            let is_stopped = |process: &&&str| {
                let stat = std::fs::read_to_string(format!("/proc/{process}/stat"));
                stat.unwrap().contains(") T ")
            };
            // from the second one on there is a fork for the next script
            if all.len() == 1 + usize::from(round > 0) && all.iter().filter(is_stopped).count() == all.len() {
                break;
            }
            assert!(Instant::now() < deadline, "one of {all:?} runs on");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    assert!(!session.take_loss());
}

#[tokio::test]
async fn where_forks_are_free_a_process_is_still_believed_only_to_name_its_own() {
    let forged = Forged::isolated("lies", Isolation::Preferred(Box::new(|_| {}))).await;
    let mut session = forged.session().await.unwrap();
    obeys(&mut session).await;
    // the next one's head names the template, which would be killed with the script
    obeys(&mut session).await;
    assert!(session.take_loss());
    let named = std::fs::read_to_string(forged.folder.path().join("named")).unwrap();
    drop(session);
    let other = forged.session().await.unwrap();
    assert!(std::fs::exists(format!("/proc/{named}")).unwrap());
    drop(other);
}

#[tokio::test]
async fn names_that_are_longer_than_any_are_refused_before_they_reach_the_host() {
    let forged = Forged::start("names").await;
    let execution = run(&mut forged.session().await.unwrap(), "x = 1", 60).await.unwrap();
    let reply = execution.result.to_string();
    assert!(reply.contains("longer than 1024 bytes"), "{reply}");
}
