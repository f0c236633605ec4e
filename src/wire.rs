//! The frames between `mcm` and its worker: all that either side knows of the other.
//!
//! A frame is a JSON head and raw bytes: `u32` length of the head, `u32` length of the body
//! (both little endian), head, body. Whatever may be large (source, output, arguments, results)
//! travels in the body and is never escaped.
//!
//! - The parent trusts nothing it reads here: lengths are capped before memory is taken.
//! - A head is at most [`MAX_HEAD`] bytes; each reader sets its own limit for the body.

mod frame;
mod incoming;
mod interface;
mod mark;
mod modules;

pub use frame::{decode, encode, front, lengths, read, write};
pub use incoming::Incoming;
pub use interface::{Callable, Interface, Namespace, Parameter};
pub use mark::{Mark, Marked, TIME_IS_UP, WHERE, last_mark};
use serde::{Deserialize, Serialize};

pub use modules::MODULES;

/// Longest head of a frame, in bytes.
pub const MAX_HEAD: usize = 16 << 20;
/// Longest body that the parent sends, in bytes: an input or a tool's result, whose own limits are lower.
pub const MAX_TO_WORKER: usize = (1 << 30) + (64 << 10);
/// Longest body that a worker sends, in bytes: an answer or the arguments of a call.
pub const MAX_FROM_WORKER: usize = 64 << 20;
/// What the names of all scripts begin with, as tracebacks show them.
pub const SCRIPT_NAME: &str = "<script ";
/// Bytes before the head: the two lengths.
pub const PREFIX: usize = 8;

/// The server's name under which a script reaches the functions of the module `tools` itself.
pub const TOOLS: &str = "tools";
/// Of these, the one that looks at an answer, see [`Answers`].
pub const ANSWER: &str = "answer";

/// Names that every script has besides Python's own and its servers.
pub const BUILTINS: &[&str] = &["answer", "ToolError", "ToolDenied", "Artifact", "llm_query", "tools"];

/// The server's name under which `llm_query` is called, and failures and records show it; no server takes it.
pub const LLM: &str = "llm";

/// Functions of the module `tools`, now or later; no server takes one of these names.
pub const FUNCTIONS: &[&str] = &[
    "search",
    "describe",
    "list",
    "call",
    "resources",
    "read_resource",
    "prompts",
    "prompt",
    "complete",
];

/// Parent → worker. A link is one process of the worker's tree: the zygote, the root of a
/// session, or a script's process. Closing a link's socket ends it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ToWorker {
    /// Fork. One descriptor comes with the frame, the new link's end of a socket pair; a second one
    /// becomes its standard error. Answered by [`FromWorker::Forked`] on this socket.
    Fork,
    /// What scripts may call. Once, to a template.
    Interface(Interface),
    /// Be the root of a session: take new random numbers, since a fork would repeat its siblings', and be confined.
    /// Answered by [`FromWorker::Begun`].
    Begin,
    /// Do once what every script has done, so that the memory it touches is this process's own before one comes. To a
    /// fork that was made ahead of its script.
    Warm,
    /// A variable for scripts to find. The body holds its value.
    Bind {
        /// A Python identifier.
        name: String,
        /// How the body is to be read.
        value: ValueKind,
    },
    /// Read the script in the body without running it. Answered by [`FromWorker::Inspected`].
    Inspect {
        /// Python names of all configured servers.
        servers: Vec<String>,
    },
    /// Run the script in the body. Ends with [`FromWorker::Finished`].
    Run {
        /// What the gate refuses by size.
        gate: GateLimits,
        /// Number of this script within its session, from 1; shown as `<script N>` in tracebacks.
        number: u32,
        /// What becomes of the value of a last bare expression.
        last: Last,
        /// Its time, for the message when [`TIME_IS_UP`] comes; the parent holds the clock.
        seconds: f64,
        /// Bytes that it may hold beyond what its session holds.
        memory: u64,
        /// Whether any answer will do.
        answers: Answers,
    },
    /// The answer to the call with this id. The body holds the value of [`Reply::Value`].
    Reply {
        /// The id of [`FromWorker::Call`].
        id: u64,
        /// What came of it.
        reply: Reply,
    },
    /// Answers [`FromWorker::Wake`].
    Woken,
    /// Wait for this forked child. Answered by [`FromWorker::Reaped`].
    Reap {
        /// As in [`FromWorker::Forked`].
        pid: i32,
    },
}

/// Worker → parent.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FromWorker {
    /// A fork was made.
    Forked {
        /// Its process id; 0 when the fork failed.
        pid: i32,
    },
    /// A session can begin. A descriptor comes with the frame where forks have to be asked for: `mcm` answers there.
    Begun {
        /// What holds the session's processes, and what does not.
        layers: Vec<Layer>,
    },
    /// The interface was compiled, or why not.
    InterfaceReady {
        /// Python's message about the first namespace that did not compile.
        error: Option<String>,
    },
    /// What [`ToWorker::Inspect`] found.
    Inspected {
        /// Configured servers that the script names.
        servers: Vec<String>,
        /// The script may reach any server (`tools.search`, `tools.list`, a name that is no literal).
        all: bool,
        /// Whether the text is Python at all.
        parses: bool,
    },
    /// Something was printed; the body is UTF-8.
    Output {
        /// Where to.
        stream: Stream,
    },
    /// A tool is called. The body holds the arguments, a JSON object under their raw names.
    /// `server` is `tools` for the functions of the module itself: `search` (`query`, `limit`),
    /// `describe` (`name`), `list`, `artifact` (`id`; its bytes), and [`ANSWER`].
    Call {
        /// Unique within the script; the reply carries it.
        id: u64,
        /// The server's Python name, or `tools`.
        server: String,
        /// The tool's raw name.
        tool: String,
        /// The line of the script that made the call, where known.
        line: Option<u32>,
        /// As [`FromWorker::Blocked`] besides, with its replies, where nothing else goes on.
        blocked: Option<u64>,
    },
    /// Nobody waits for the reply to this call any more; none is sent from now on.
    Cancel {
        /// The id of [`FromWorker::Call`].
        id: u64,
    },
    /// The script now waits for replies and does nothing else: its clock stops until one is sent.
    Blocked {
        /// Replies that it has read. If more were sent, it is about to go on.
        replies: u64,
    },
    /// The script goes on although no reply came: a wait of its own is over.
    Running,
    /// Asks for [`ToWorker::Woken`], so that a thread waiting for replies looks up.
    Wake,
    /// The script ended. The body holds its result as JSON (empty: none).
    Finished(Finished),
    /// Answers [`ToWorker::Reap`] with the status that `waitpid` gave.
    Reaped {
        /// The raw wait status; -1 when there was no child.
        status: i32,
    },
}

/// A layer of the wall around a session's processes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layer {
    /// Which one.
    pub kind: LayerKind,
    /// Why this system does not have it; `None` where it holds.
    pub missing: Option<String>,
    /// Some of its rules hold, and some this kernel does not know.
    #[serde(default)]
    pub partial: bool,
}

/// The layers that there are, from the outermost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LayerKind {
    /// Users of its own: rights that a process might gain are none outside.
    UserNamespace,
    /// A network of its own, with nothing in it.
    NetworkNamespace,
    /// No capabilities, and no way to more rights.
    Privileges,
    /// Landlock: no files, and no reach to processes outside.
    Files,
    /// Seccomp: only the system calls that an interpreter needs.
    SystemCalls,
    /// A new process only by leave of `mcm`.
    Forks,
}

/// Whether a script's answer is looked at before it ends the script.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answers {
    /// Any value will do.
    #[default]
    Any,
    /// `tools.answer` is called with `value` first; where it fails, `answer` raises a `TypeError`.
    Checked,
}

/// What becomes of the value of a last bare expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Last {
    /// It is the script's result.
    Result,
    /// It is printed, as at Python's own prompt.
    Printed,
}

/// Standard output or standard error of a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stream {
    /// `sys.stdout`
    Stdout,
    /// `sys.stderr`
    Stderr,
}

/// How the bytes of a value are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ValueKind {
    /// UTF-8 text: a `str`.
    Text,
    /// JSON: plain Python values.
    Json,
    /// JSON from a tool: dicts whose `KeyError` names the keys that exist.
    ToolJson,
    /// UTF-8 text that is one JSON object or array: such a dict or list, with `.text`.
    JsonText,
    /// A JSON array of `{"text": …}`, `{"json": …}` and `{"artifact": Artifact}`: a list in that order.
    Blocks,
    /// A JSON object `{"id", "path", "mime", "size"}`: an `Artifact`.
    Artifact,
    /// Raw bytes: `bytes`.
    Bytes,
}

/// What came of a call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// It succeeded; the frame's body holds the value.
    Value(ValueKind),
    /// `ToolError`: the tool, or the way to it, failed.
    Failed {
        /// What happened and what to do, for the model.
        message: String,
        /// Whatever the server gave besides.
        data: Option<serde_json::Value>,
    },
    /// `ToolDenied`: policy or the user refused it.
    Denied {
        /// Who refused, and the flag that allows it.
        message: String,
    },
}

/// The longest script that the gate lets through.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct GateLimits {
    /// Characters; `None` for no limit.
    pub chars: Option<usize>,
    /// Lines; `None` for no limit.
    pub lines: Option<usize>,
}

/// How a script ended, as it says itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finished {
    /// Whether `answer(…)` was called.
    pub answered: bool,
    /// What went wrong; `None` after success.
    pub diagnostics: Option<Diagnostics>,
}

/// What went wrong with a script, where, and what to do about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Diagnostics {
    /// The kind of failure.
    pub code: Code,
    /// The gate's rule that it broke, such as `import` or `unknown-tool`.
    pub rule: Option<String>,
    /// The traceback, or one line where there is none.
    pub message: String,
    /// Line of the script, from 1.
    pub line: Option<u32>,
    /// How to mend it.
    pub hint: Option<String>,
}

/// Kinds of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Code {
    /// The gate refused it; nothing ran.
    PolicyViolation,
    /// It does not parse; nothing ran.
    SyntaxError,
    /// An exception of Python.
    RuntimeError,
    /// A `ToolError` or `ToolDenied` that it did not catch.
    ToolError,
    /// Its time was used up.
    Timeout,
    /// Its memory was used up.
    MemoryLimit,
    /// It wrote more than it may.
    OutputLimit,
    /// It called tools more often than it may.
    CallLimit,
    /// Its process ended by a fault of the interpreter.
    Crashed,
    /// It was ended from outside.
    Cancelled,
    /// The reply held no script.
    NoCode,
}
