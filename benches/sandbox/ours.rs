//! `mcm`: the library in this process, its worker in another.

use std::{process::Command, sync::Arc, time::Duration};

use futures::future::join_all;
use mcm::{
    host::interface::interface,
    sandbox::{
        Execution, Host, Isolation, Limits, Sandbox, Script, Session, Stop, Template, ToolCall, ToolReply,
        WorkerProgram,
        execution::{Call, CallStatus},
    },
    tools::{
        RawTool,
        catalog::{Catalog, ListedServer},
    },
    wire::{Reply, Stream, ValueKind},
};
use serde_json::{Value, json};

use super::{Cell, SESSIONS, Side, What, memory, milliseconds};

const PROGRAM: &str = env!("CARGO_BIN_EXE_mcm");
const LIMITS: Limits = Limits {
    time: Duration::from_secs(60),
    memory: 512 << 20,
    calls: 100_000,
    output: Limits::OUTPUT,
    gate: Limits::ANY_LENGTH,
};

/// Answers at once, or after the time that is asked for.
struct Ready;

impl Host for Ready {
    async fn call(&self, call: ToolCall) -> ToolReply {
        let arguments: Value = serde_json::from_slice(&call.arguments).unwrap();
        let (kind, body) = match call.tool.as_str() {
            "slow" => {
                tokio::time::sleep(Duration::from_millis(arguments["ms"].as_u64().unwrap())).await;
                (ValueKind::Json, b"null".to_vec())
            }
            "text" => {
                let size = usize::try_from(arguments["size"].as_u64().unwrap()).unwrap();
                (ValueKind::Text, vec![b'x'; size])
            }
            _ => (ValueKind::Json, arguments["value"].to_string().into_bytes()),
        };
        let reply = Reply::Value(kind);
        ToolReply { reply, body }
    }

    fn output(&self, _: Stream, _: &str) {}

    fn take_calls(&self, _: CallStatus) -> Vec<Call> {
        Vec::new()
    }
}

/// The side of the table.
pub struct Mcm {
    runtime: tokio::runtime::Runtime,
    template: Arc<Template>,
    session: Option<Session>,
    folder: tempfile::TempDir,
}

impl Mcm {
    pub fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .unwrap();
        let (template, session) = runtime.block_on(async {
            let sandbox = Sandbox::start(&WorkerProgram::Path(PROGRAM.into()), Isolation::Required).unwrap();
            let tools = interface(&Catalog::new(vec![toy()], &[]));
            let template = Template::new(Arc::new(sandbox), tools).await.unwrap();
            let template = Arc::new(template);
            let session = Session::open(Arc::clone(&template), Vec::new()).await.unwrap();
            (template, session)
        });
        Self {
            runtime,
            template,
            session: Some(session),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// Does work as `mcm` does, in a task of the runtime.
    fn task<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> T {
        self.runtime.block_on(self.runtime.spawn(work)).unwrap()
    }

    /// Runs a script in a new session.
    fn fresh(&self, source: &str) -> Execution {
        let (template, source) = (Arc::clone(&self.template), source.to_owned());
        self.task(async move {
            let mut session = Session::open(template, Vec::new()).await.unwrap();
            run(&mut session, &source).await
        })
    }

    /// What a script in a new session ends with.
    fn value(&self, source: &str) -> Cell {
        let execution = self.fresh(&format!("{source}\nelapsed"));
        Cell::from(execution.result.as_f64().ok_or_else(|| execution.result.to_string()))
    }

    fn sessions(&self) -> Vec<Session> {
        let one = || async {
            let mut session = Session::open(Arc::clone(&self.template), Vec::new()).await.unwrap();
            run(&mut session, "x = 1\nx").await;
            session
        };
        self.runtime.block_on(join_all((0..SESSIONS).map(|_| one())))
    }

    /// Memory of the processes that `started` adds, by `of`.
    fn added<T>(of: fn(u32) -> u64, started: impl FnOnce() -> T) -> Cell {
        let before = memory::descendants();
        let kept = started();
        let bytes = memory::descendants()
            .difference(&before)
            .map(|process| of(*process))
            .sum();
        drop(kept);
        Cell::Figure(super::megabytes(bytes))
    }
}

impl Side for Mcm {
    fn name(&self) -> &'static str {
        "mcm"
    }

    fn measure(&mut self, what: &What) -> Cell {
        match what {
            What::Fresh => milliseconds(|| drop(self.fresh("print(1 + 1)"))),
            What::Same => {
                let mut session = self.session.take().expect("it is given back");
                let mut given_back = None;
                let took = milliseconds(|| {
                    given_back = Some(self.task(async move {
                        run(&mut session, "print(1 + 1)").await;
                        session
                    }));
                });
                self.session = given_back;
                took
            }
            What::Cold => milliseconds(|| {
                let mut command = Command::new(PROGRAM);
                command.args(["run", "-c", "print(1)"]).current_dir(self.folder.path());
                let output = command.env_clear().env("HOME", self.folder.path()).output().unwrap();
                assert_eq!(output.stdout, b"1\n", "{}", String::from_utf8_lossy(&output.stderr));
            }),
            What::Calls => self.value(&super::timed("for i in range(1000):\n    toy.echo(value=i)")),
            What::Parallel => {
                let calls = "await asyncio.gather(*(toy.slow.aio(ms=100) for _ in range(20)))";
                self.value(&super::timed(&format!("import asyncio\n{calls}")))
            }
            What::Result(size) => self.value(&super::timed(&format!("len(toy.text(size={size}))"))),
            What::Growth(size) => growth_of(*size),
            What::Script(source) => self.value(source),
            // of one session of many, since the process of the next one is made ahead
            What::Private => match Self::added(memory::private, || self.sessions()) {
                Cell::Figure(all) => Cell::Figure(all / SESSIONS as f64),
                other => other,
            },
            What::Sessions => {
                let mut opened = Vec::new();
                let took = milliseconds(|| opened = self.sessions());
                drop(opened);
                took
            }
            What::SessionsMemory => Self::added(memory::share, || self.sessions()),
        }
    }
}

/// By how many times its size a result makes this process larger, in a process of its own: an allocator keeps memory.
fn growth_of(size: usize) -> Cell {
    let output = super::bare::this_program("growth")
        .arg(size.to_string())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Cell::from(text.trim().parse().map_err(|_| text.clone()))
}

/// As a process: prints the growth.
pub fn growth(size: usize) {
    let mcm = Mcm::new();
    let call = |size: usize| drop(mcm.value(&super::timed(&format!("len(toy.text(size={size}))"))));
    call(1000);
    memory::forget_peak();
    let before = memory::own();
    call(size);
    println!("{}", (memory::own_peak() - before) as f64 / size as f64);
}

async fn run(session: &mut Session, source: &str) -> Execution {
    let execution = session
        .run(&Script(source.to_owned()), &Ready, &LIMITS, &Stop::new())
        .await
        .unwrap();
    assert!(execution.success, "{:?}", execution.diagnostics);
    execution
}

fn toy() -> ListedServer {
    let tool = |name: &str, argument: &str| RawTool {
        name: name.to_owned(),
        title: None,
        description: None,
        input_schema: json!({ "type": "object", "properties": { argument: { "type": "integer" } }, "required": [argument] }),
        output_schema: None,
        read_only: true,
    };
    ListedServer {
        raw: "toy".to_owned(),
        description: None,
        tools: vec![tool("echo", "value"), tool("slow", "ms"), tool("text", "size")],
    }
}
