//! Workers that break the protocol, as one could that a script has taken over.

use std::{os::unix::fs::PermissionsExt, sync::Arc, time::Duration};

use mcm::{
    sandbox::{
        Execution, Host, Isolation, Limits, Sandbox, Script, Session, Stop, Template, ToolCall, ToolReply,
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

/// What becomes of a script whose worker does so.
async fn forged(mode: &str, seconds: u64) -> Execution {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("worker");
    let text = include_str!("forger.py").replace("@MODE@", mode);
    std::fs::write(&program, format!("#!/usr/bin/env python3\n{text}")).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
    let sandbox = Arc::new(Sandbox::start(&WorkerProgram::Path(program), Isolation::Required).unwrap());
    let template = Template::new(sandbox, Interface::default());
    let template = Arc::new(template.await.unwrap());
    let limits = Limits {
        time: Duration::from_secs(seconds),
        memory: 256 << 20,
        calls: 12,
        output: 1 << 20,
        gate: Limits::MODEL_SCRIPT,
    };
    let mut session = Session::open(template, Vec::new()).await.unwrap();
    let (script, stop) = (Script("x = 1".to_owned()), Stop::new());
    session.run(&script, &Silent, &limits, &stop).await.unwrap()
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
        ("arguments", Code::CallLimit, "more than 12 tool calls"),
    ] {
        let execution = forged(mode, if code == Code::Timeout { 1 } else { 60 }).await;
        let diagnostics = execution.diagnostics.expect(mode);
        assert_eq!(diagnostics.code, code, "{mode}: {diagnostics:?}");
        assert!(diagnostics.message.contains(part), "{mode}: {diagnostics:?}");
    }
}
