//! Whether scripts run, how fast, and whether they are stopped.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tokio::time::timeout;

use super::finding::{Area, Finding};
use crate::{
    cli::failure::Failure,
    sandbox::{
        self, Execution, Limits, Sandbox, Script, Session, Stop, Template, ToolCall, ToolReply,
        execution::{Call, CallStatus, Code},
    },
    wire::{Interface, Reply, Stream},
};

const AREA: Area = Area::Sandbox;
/// What a script may use in bytes.
pub(super) const MEMORY: u64 = 256 << 20;
/// The same in the check that it gets no more.
const LITTLE: u64 = 64 << 20;
const FAULT: &str = "this is a fault of the program or of the machine: please report it with this list";

/// The worker cannot be started.
pub(super) fn cannot_start(failure: &Failure) -> Finding {
    Finding::problem(AREA, "worker", &failure.message, FAULT)
}

/// Runs a script, another one, and one that wants too much.
pub(super) async fn check(sandbox: &Arc<Sandbox>, limit: Duration) -> Vec<Finding> {
    let started = Instant::now();
    let late = || {
        let message = format!("no script ran within {} s", limit.as_secs_f64());
        vec![Finding::problem(AREA, "first script", message, FAULT).took(started.elapsed())]
    };
    timeout(limit, scripts(sandbox, started))
        .await
        .unwrap_or_else(|_| late())
}

async fn scripts(sandbox: &Arc<Sandbox>, mut started: Instant) -> Vec<Finding> {
    let mut findings = layers(sandbox).await;
    let mut session = match session(sandbox).await {
        Ok(session) => session,
        Err(error) => {
            findings.push(Finding::problem(AREA, "worker", error.to_string(), FAULT));
            return findings;
        }
    };
    let runs = [
        ("first script", "a script ran; this includes the start of the worker"),
        ("second script", "another one ran"),
    ];
    for (name, good) in runs {
        let execution = run(&mut session, "answer(sum(n * n for n in range(1, 21)))", MEMORY).await;
        let finding = match execution {
            Ok(execution) if execution.result == json!(2870) => Finding::ok(AREA, name, good),
            Ok(execution) => Finding::problem(AREA, name, format!("it failed: {}", why(&execution)), FAULT),
            Err(error) => Finding::problem(AREA, name, error.to_string(), FAULT),
        };
        findings.push(finding.took(started.elapsed()));
        started = Instant::now();
    }
    findings.push(memory(&mut session).await.took(started.elapsed()));
    findings
}

/// The layers of the wall.
async fn layers(sandbox: &Sandbox) -> Vec<Finding> {
    let layers = match sandbox.layers().await {
        Ok(layers) => layers,
        Err(error) => return vec![Finding::problem(AREA, "layers", error.to_string(), FAULT)],
    };
    let found = layers.into_iter().map(|layer| {
        let (name, effect) = (layer.kind.name(), layer.effect());
        match &layer.missing {
            None => Finding::ok(AREA, name, effect),
            Some(reason) if layer.is_needed() => {
                let message = format!("missing ({reason}); with it, {effect}");
                let fix = "use Linux 5.19 or later and a container that permits it; with `--require-isolation` nothing runs without";
                Finding::warning(AREA, name, message, fix)
            }
            Some(reason) => Finding::ok(AREA, name, format!("missing ({reason}), which the other layers make up for")),
        }
    });
    found.collect()
}

async fn memory(session: &mut Session) -> Finding {
    let name = "memory limit";
    let greedy = "answer(len(bytearray(512 << 20)))";
    match run(session, greedy, LITTLE).await {
        Ok(execution) => match &execution.diagnostics {
            Some(diagnostics) if diagnostics.code == Code::MemoryLimit => {
                Finding::ok(AREA, name, "a script that wanted 512 MiB was stopped at 64 MiB")
            }
            _ => {
                let message = format!(
                    "a script that wanted 512 MiB was not stopped at 64 MiB: {}",
                    why(&execution)
                );
                Finding::problem(AREA, name, message, FAULT)
            }
        },
        Err(error) => Finding::problem(AREA, name, error.to_string(), FAULT),
    }
}

/// A session without tools.
pub(super) async fn session(sandbox: &Arc<Sandbox>) -> Result<Session, sandbox::Error> {
    let none = Interface { servers: Vec::new() };
    let template = Template::new(Arc::clone(sandbox), none).await?;
    Session::open(Arc::new(template), Vec::new()).await
}

/// Runs a script that has no tools.
pub(super) async fn run(session: &mut Session, source: &str, memory: u64) -> Result<Execution, sandbox::Error> {
    let limits = Limits {
        time: Duration::from_secs(5),
        memory,
        calls: 0,
        output: Limits::OUTPUT,
        gate: Limits::MODEL_SCRIPT,
    };
    session
        .run(&Script(source.to_owned()), &NoTools, &limits, &Stop::new())
        .await
}

/// Why a script did not give what it should, on one line.
pub(super) fn why(execution: &Execution) -> String {
    match &execution.diagnostics {
        // the last line of a traceback says what happened
        Some(diagnostics) => diagnostics
            .message
            .trim_end()
            .lines()
            .last()
            .unwrap_or_default()
            .to_owned(),
        None if execution.result == Value::Null => "it gave nothing".to_owned(),
        None => format!("it gave {}", execution.result),
    }
}

/// Answers for a script that has no tools to call.
struct NoTools;

impl sandbox::Host for NoTools {
    async fn call(&self, _: ToolCall) -> ToolReply {
        ToolReply {
            reply: Reply::Failed {
                message: "there are no tools here".to_owned(),
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
