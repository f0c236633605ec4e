//! Calls to tools, or with arguments, that do not exist.
//!
//! - Only where the namespace is certain; arguments only where the schema is closed.
//! - Arguments behind `*` and `**` are taken to be right.

use ruff_python_ast::{Arguments, Expr, ExprCall};
use ruff_python_parser::parse_module;
use ruff_text_size::{Ranged, TextRange, TextSize};

use super::{Finding, Servers, imports, listed, nearest, scopes::Names};
use crate::wire::{Callable, Namespace};

/// Longest signature in a hint, in characters.
const SIGNATURE: usize = 400;

/// What is wrong with the script's use of its servers.
pub(super) fn check(names: &Names<'_>, servers: Servers<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for used in &names.uses {
        match used.expr {
            Expr::Attribute(attribute) => {
                let (at, name) = (attribute.attr.range.start(), attribute.attr.id.as_str());
                if name.starts_with('_') {
                    continue;
                }
                if let Some(server) = certain(names, servers, &attribute.value, used.scope) {
                    if server.tools.iter().all(|tool| tool.name != name) {
                        findings.push(unknown_tool(at, name, server, servers));
                    }
                } else if names.is_tools(&attribute.value, used.scope)
                    && servers.get(name).is_none()
                    && !imports::TOOLS.contains(&name)
                    && !names.is_patched(name)
                {
                    findings.push(imports::unknown_server(at, name, servers));
                }
            }
            Expr::Call(call) => {
                if let Some((server, tool)) = callee(names, servers, call, used.scope) {
                    findings.extend(arguments(server, tool, call));
                }
            }
            _ => {}
        }
    }
    findings
}

fn certain<'s>(names: &Names<'_>, servers: Servers<'s>, expr: &Expr, scope: usize) -> Option<&'s Namespace> {
    let server = names.namespace(expr, scope)?;
    (!names.is_patched(server)).then(|| servers.get(server)).flatten()
}

/// The tool of `ns.tool(…)` and `ns.tool.aio(…)`.
fn callee<'s>(
    names: &Names<'_>,
    servers: Servers<'s>,
    call: &ExprCall,
    scope: usize,
) -> Option<(&'s Namespace, &'s Callable)> {
    let mut attribute = call.func.as_attribute_expr()?;
    if attribute.attr.id == "aio"
        && let Expr::Attribute(inner) = &*attribute.value
    {
        attribute = inner;
    }
    let server = certain(names, servers, &attribute.value, scope)?;
    let tool = server
        .tools
        .iter()
        .find(|tool| tool.name == attribute.attr.id.as_str())?;
    Some((server, tool))
}

fn arguments(server: &Namespace, tool: &Callable, call: &ExprCall) -> Option<Finding> {
    let given = Given::of(&call.arguments)?;
    if tool.open {
        return None;
    }
    let full = format!("{}.{}", server.name, tool.name);
    let signature = signature(server, tool);
    for (at, name) in &given.keywords {
        if tool.parameters.iter().all(|p| p.name != *name && p.raw != *name) {
            let near = nearest(name, tool.parameters.iter().map(|p| p.name.as_str()));
            let near = near.map(|near| format!("did you mean `{near}`?\n")).unwrap_or_default();
            let message = format!("`{full}` has no argument `{name}`");
            return Some(Finding::new(
                *at,
                "unknown-argument",
                message,
                format!("{near}signature: `{signature}`"),
            ));
        }
    }
    let at = call.func.range().start();
    if given.positional > tool.parameters.len() {
        let message = format!(
            "`{full}` takes {} arguments, {} are given",
            tool.parameters.len(),
            given.positional
        );
        return Some(Finding::new(
            at,
            "unknown-argument",
            message,
            format!("signature: `{signature}`"),
        ));
    }
    let missing: Vec<&str> = tool
        .parameters
        .iter()
        .skip(given.positional)
        .filter(|p| p.required && !given.names(p.name.as_str()) && !given.names(p.raw.as_str()))
        .map(|p| p.name.as_str())
        .collect();
    if missing.is_empty() || given.starred {
        return None;
    }
    let message = format!("`{full}` is called without {}", listed(&missing));
    Some(Finding::new(
        at,
        "missing-argument",
        message,
        format!("signature: `{signature}`"),
    ))
}

/// What a call passes, as far as it can be read.
struct Given<'a> {
    positional: usize,
    starred: bool,
    keywords: Vec<(TextSize, &'a str)>,
    literal: Vec<&'a str>,
}

impl<'a> Given<'a> {
    /// `None` where `**` has anything but a dict of literal keys behind it.
    fn of(arguments: &'a Arguments) -> Option<Self> {
        let mut given = Self {
            positional: 0,
            starred: false,
            keywords: Vec::new(),
            literal: Vec::new(),
        };
        for argument in &arguments.args {
            match argument {
                Expr::Starred(_) => given.starred = true,
                _ => given.positional += 1,
            }
        }
        for keyword in &arguments.keywords {
            match (&keyword.arg, &keyword.value) {
                (Some(name), _) => given.keywords.push((name.range.start(), name.id.as_str())),
                (None, Expr::Dict(dict)) => {
                    for item in &dict.items {
                        let Some(Expr::StringLiteral(key)) = &item.key else {
                            return None;
                        };
                        given.literal.push(key.value.to_str());
                    }
                }
                (None, _) => return None,
            }
        }
        Some(given)
    }

    fn names(&self, parameter: &str) -> bool {
        self.literal.contains(&parameter) || self.keywords.iter().any(|(_, name)| *name == parameter)
    }
}

fn unknown_tool(at: TextSize, name: &str, server: &Namespace, servers: Servers<'_>) -> Finding {
    let message = format!("`{}` has no tool `{name}`", server.name);
    let elsewhere = servers.0.iter().find_map(|other| {
        let tool = other.tools.iter().find(|tool| tool.name == name)?;
        Some((other, tool))
    });
    let near = nearest(name, server.tools.iter().map(|tool| tool.name.as_str()));
    let near = near
        .and_then(|near| server.tools.iter().find(|tool| tool.name == near))
        .map(|tool| (server, tool));
    let hint = match elsewhere.or(near) {
        Some((server, tool)) => format!(
            "did you mean `{}.{}`?\nsignature: `{}`",
            server.name,
            tool.name,
            signature(server, tool)
        ),
        None => {
            let all: Vec<&str> = server.tools.iter().map(|tool| tool.name.as_str()).collect();
            format!("its tools are {}", listed(&all))
        }
    };
    Finding::new(at, "unknown-tool", message, hint)
}

/// A tool's signature as its stub has it, in one line; without types where there is no stub.
pub(super) fn signature(server: &Namespace, tool: &Callable) -> String {
    let text = match stub(&server.source, &tool.name) {
        Some(text) => text,
        None => {
            let one = |p: &crate::wire::Parameter| {
                if p.required {
                    p.name.clone()
                } else {
                    format!("{}=None", p.name)
                }
            };
            let parameters: Vec<String> = tool.parameters.iter().map(one).collect();
            format!("({})", parameters.join(", "))
        }
    };
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = format!("{}.{}{line}", server.name, tool.name);
    match line.char_indices().nth(SIGNATURE) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

fn stub(source: &str, name: &str) -> Option<String> {
    let parsed = parse_module(source).ok()?;
    let function = parsed
        .suite()
        .iter()
        .find_map(|stmt| stmt.as_function_def_stmt().filter(|f| f.name.id == name))?;
    let start = function.parameters.range().start();
    let end = function
        .returns
        .as_ref()
        .map_or(function.parameters.range().end(), |returns| returns.range().end());
    Some(source[TextRange::new(start, end)].to_owned())
}
