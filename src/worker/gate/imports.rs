//! What a script imports, and whether it may.

use ruff_python_ast as ast;
use ruff_text_size::{Ranged, TextSize};

use super::{Finding, Servers, nearest, scopes::Names};
use crate::wire;

/// Functions of the module `tools`, and the builtins of ours that it may be asked for.
pub(super) const TOOLS: &[&str] = &[
    "search",
    "describe",
    "list",
    "call",
    "resources",
    "read_resource",
    "prompts",
    "prompt",
    "complete",
    "answer",
    "ToolError",
    "ToolDenied",
    "Artifact",
];

/// One name of one import statement.
pub(super) struct Import<'a> {
    /// Where it stands.
    pub at: TextSize,
    /// Leading dots.
    pub level: u32,
    /// The dotted module.
    pub module: &'a str,
    /// What is taken from it, `*` included; `None` for `import module`.
    pub member: Option<&'a str>,
    alias: Option<&'a str>,
}

impl<'a> Import<'a> {
    /// The imports of `import a, b.c as d`.
    pub(super) fn plain(statement: &'a ast::StmtImport) -> impl Iterator<Item = Self> {
        statement.names.iter().map(|name| Self {
            at: name.range().start(),
            level: 0,
            module: name.name.id.as_str(),
            member: None,
            alias: name.asname.as_ref().map(|alias| alias.id.as_str()),
        })
    }

    /// The imports of `from a import b, c as d`.
    pub(super) fn from(statement: &'a ast::StmtImportFrom) -> impl Iterator<Item = Self> {
        statement.names.iter().map(|name| Self {
            at: name.range().start(),
            level: statement.level,
            module: statement.module.as_ref().map_or("", |module| module.id.as_str()),
            member: Some(name.name.id.as_str()),
            alias: name.asname.as_ref().map(|alias| alias.id.as_str()),
        })
    }

    /// The variable that is set; `None` for `*`.
    pub(super) fn binds(&self) -> Option<&'a str> {
        match (self.alias, self.member) {
            (Some(alias), _) => Some(alias),
            (None, Some("*")) => None,
            (None, Some(member)) => Some(member),
            (None, None) => self.module.split('.').next(),
        }
    }

    /// Whether this is `from tools import …`.
    pub(super) fn is_from_tools(&self) -> bool {
        self.level == 0 && self.module == "tools" && self.member.is_some()
    }

    /// `Some(None)` where the module `tools` is bound, `Some(Some(x))` where a member of it is.
    pub(super) fn of_tools(&self) -> Option<Option<&'a str>> {
        if self.is_from_tools() {
            return Some(self.member);
        }
        if self.level > 0 || self.member.is_some() {
            return None;
        }
        match (self.module.split_once('.'), self.alias) {
            (None, _) if self.module == "tools" => Some(None),
            (Some(("tools", _)), None) => Some(None),
            (Some(("tools", server)), Some(_)) => Some(Some(server)),
            _ => None,
        }
    }

    /// The server that is named, whether or not it exists.
    pub(super) fn server(&self) -> Option<&'a str> {
        match self.module.strip_prefix("tools") {
            Some("") => self.member,
            Some(rest) => rest.strip_prefix('.'),
            None => None,
        }
    }
}

/// Imports that are not allowed, and servers that do not exist.
pub(super) fn check(names: &Names<'_>, servers: Servers<'_>) -> Vec<Finding> {
    names
        .imports
        .iter()
        .filter_map(|import| finding(import, servers))
        .collect()
}

fn finding(import: &Import<'_>, servers: Servers<'_>) -> Option<Finding> {
    if import.level > 0 {
        let message = "relative imports are not possible, a script is no package".to_owned();
        let hint = "import a module by its name".to_owned();
        return Some(Finding::new(import.at, "import", message, hint));
    }
    if import.module == "tools" || import.module.starts_with("tools.") {
        let name = import.server().filter(|name| *name != "*")?;
        let known = servers.get(name).is_some() || (import.module == "tools" && TOOLS.contains(&name));
        return (!known && !name.starts_with("__")).then(|| unknown_server(import.at, name, servers));
    }
    let member = import.member.map(|member| format!("{}.{member}", import.module));
    let refused = match member {
        _ if is_allowed(import.module) => return None,
        Some(member) if is_prefix(import.module) => {
            if is_allowed(&member) || is_prefix(&member) || import.member == Some("*") {
                return None;
            }
            member
        }
        _ if is_prefix(import.module) => return None,
        _ => import.module.to_owned(),
    };
    let message = format!("module `{refused}` cannot be imported");
    Some(Finding::new(import.at, "import", message, instead(&refused, servers)))
}

/// What to say about a server that does not exist.
pub(super) fn unknown_server(at: TextSize, name: &str, servers: Servers<'_>) -> Finding {
    let message = format!("there is no server `{name}` in `tools`");
    let all: Vec<&str> = servers.0.iter().map(|server| server.name.as_str()).collect();
    let owner = servers
        .0
        .iter()
        .find(|server| server.tools.iter().any(|tool| tool.name == name));
    let hint = match (owner, nearest(name, all.iter().copied().chain(TOOLS.iter().copied()))) {
        (Some(owner), _) => format!(
            "`{name}` is a tool of `{0}`: `from tools import {0}`, then `{0}.{name}(…)`",
            owner.name
        ),
        (None, Some(near)) => format!("did you mean `{near}`?"),
        (None, None) if all.is_empty() => "no server is configured".to_owned(),
        (None, None) => format!("the servers are {}", super::listed(&all)),
    };
    Finding::new(at, "unknown-server", message, hint)
}

fn is_allowed(module: &str) -> bool {
    module == "__future__"
        || wire::MODULES.iter().any(|allowed| {
            module
                .strip_prefix(allowed)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
}

/// Whether `module` is the package of an allowed module, as `urllib` is of `urllib.parse`.
fn is_prefix(module: &str) -> bool {
    wire::MODULES
        .iter()
        .any(|allowed| allowed.strip_prefix(module).is_some_and(|rest| rest.starts_with('.')))
}

fn instead(module: &str, servers: Servers<'_>) -> String {
    let top = module.split('.').next().unwrap_or(module);
    if servers.get(top).is_some() {
        return format!("`{top}` is a server: `from tools import {top}`");
    }
    let advice = match top {
        "os" | "pathlib" | "shutil" | "glob" | "tempfile" | "fileinput" | "pickle" | "shelve" | "sqlite3" => {
            return super::names::no_files(servers);
        }
        "requests" | "httpx" | "aiohttp" | "urllib" | "urllib3" | "http" | "socket" | "ssl" | "ftplib" | "smtplib"
        | "websockets" => "there is no network: call the servers' tools instead",
        "subprocess" | "multiprocessing" | "signal" | "pty" => {
            "no programs can be started: call the servers' tools instead"
        }
        "threading" | "queue" | "_thread" => {
            "use `concurrent.futures.ThreadPoolExecutor`, or `asyncio.gather` with the tools' `.aio(…)`"
        }
        "numpy" | "pandas" | "scipy" | "polars" | "sklearn" | "matplotlib" => {
            "no third-party packages: use plain Python with `statistics`, `math`, `csv` and `collections`"
        }
        "yaml" | "toml" | "tomllib" => "parse the text with `re` or `str` methods; `json` and `csv` are available",
        "bs4" | "lxml" | "xml" => "use `html.parser` or `re`",
        "typing_extensions" => "use `typing`",
        "pytz" | "dateutil" | "tzdata" => "use `datetime` and `zoneinfo`",
        "importlib" | "builtins" | "ctypes" | "inspect" | "ast" | "gc" => "do without it: write the code directly",
        "logging" | "warnings" => "use `print(…, file=sys.stderr)`",
        "mcp" | "fastmcp" => "the servers are namespaces of the module `tools`: `import tools`",
        _ => return allowed(top),
    };
    advice.to_owned()
}

fn allowed(module: &str) -> String {
    let near = nearest(module, wire::MODULES.iter().copied());
    let near = near.map(|near| format!("did you mean `{near}`?\n")).unwrap_or_default();
    format!("{near}modules that can be imported: {}", wire::MODULES.join(" "))
}
