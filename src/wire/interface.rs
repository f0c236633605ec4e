//! What scripts may call, as the worker is told.

use serde::{Deserialize, Serialize};

/// Everything a session's scripts may call.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Interface {
    /// One namespace each.
    pub servers: Vec<Namespace>,
}

/// One server, as a script sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Namespace {
    /// Its Python name, unique among servers.
    pub name: String,
    /// Its name in the configuration.
    pub raw: String,
    /// One line for `help()`.
    pub doc: String,
    /// Python source: one decorated function per tool.
    ///
    /// Each reads `@_tool("raw name", {"python_argument": "raw argument", …})` and then
    /// `def name(a: T, b: U = None) -> R:`, a docstring, and `return locals()`. An optional argument
    /// that is left at its default is not sent. An open schema has `**extra` last. `_tool` is
    /// supplied by the worker, and annotations are never evaluated.
    pub source: String,
    /// The same functions for the gate.
    pub tools: Vec<Callable>,
}

/// One tool, as the gate checks calls to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Callable {
    /// Its Python name, unique within the namespace.
    pub name: String,
    /// The name its server knows.
    pub raw: String,
    /// In the order of the signature: required ones first.
    pub parameters: Vec<Parameter>,
    /// Whether arguments that are not listed may be given.
    pub open: bool,
}

/// One argument of a tool.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Parameter {
    /// Its Python name.
    pub name: String,
    /// The name its server knows.
    pub raw: String,
    /// Whether a call without it is an error.
    pub required: bool,
}
