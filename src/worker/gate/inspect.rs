//! Which servers a script may reach, before any of them has been started.

use std::collections::HashSet;

use ruff_python_ast::{Expr, ExprCall, ExprName};
use ruff_python_parser::parse_module;
use ruff_source_file::SourceFileBuilder;
use ruff_text_size::{Ranged, TextSize};
use rustpython_vm::compiler::pre_parse_source_error;

use super::{
    meaning::Meaning,
    scopes::{Names, Use},
};

/// What a script names of the configured servers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inspection {
    /// Configured servers that it names, in the order they were given.
    pub servers: Vec<String>,
    /// It may reach any server.
    pub all: bool,
    /// Whether it is Python at all.
    pub parses: bool,
}

/// Reads a script for the servers it needs. A server too many is possible, one too few is not
/// for a script that names its servers.
pub fn inspect(source: &str, servers: &[String]) -> Inspection {
    let source = super::text(source);
    let file = SourceFileBuilder::new("<script>", source).finish();
    if pre_parse_source_error(&file).is_err() {
        return Inspection::default();
    }
    let Ok(parsed) = parse_module(source) else {
        return Inspection::default();
    };
    let known: Vec<&str> = servers.iter().map(String::as_str).collect();
    let names = Names::of(parsed.suite(), &known, &[]);
    let mut reach = Reach {
        names: &names,
        servers: HashSet::new(),
        all: names.too_deep,
        done: HashSet::new(),
    };
    reach.imports();
    // calls first: they explain the attributes and names inside them
    for used in &names.uses {
        if let Expr::Call(call) = used.expr {
            reach.call(call, used.scope);
        }
    }
    for used in &names.uses {
        reach.attribute(used);
    }
    for used in &names.uses {
        if let Expr::Name(name) = used.expr {
            reach.name(name, used.scope);
        }
    }
    let (named, all) = (reach.servers, reach.all);
    Inspection {
        servers: servers.iter().filter(|s| named.contains(s.as_str())).cloned().collect(),
        all,
        parses: true,
    }
}

struct Reach<'n, 'a> {
    names: &'n Names<'a>,
    servers: HashSet<&'a str>,
    all: bool,
    /// Starts of the names that need no further look.
    done: HashSet<TextSize>,
}

impl Reach<'_, '_> {
    fn imports(&mut self) {
        for import in &self.names.imports {
            if let Some(name) = import.server().filter(|_| import.level == 0) {
                self.member(name);
            }
        }
    }

    fn member(&mut self, name: &str) {
        match self.names.server(name) {
            Some(server) => {
                self.servers.insert(server);
            }
            None => self.all |= !matches!(name, "answer" | "ToolError" | "ToolDenied" | "Artifact"),
        }
    }

    /// `tools.call("server", …)`, its like, and `getattr(tools, "server")`.
    fn call(&mut self, call: &ExprCall, scope: usize) {
        let arguments = &call.arguments.args;
        match &*call.func {
            Expr::Attribute(attribute)
                if attribute.attr.as_str() == "call" && self.names.is_tools(&attribute.value, scope) =>
            {
                self.literal(&attribute.value, arguments.first());
            }
            Expr::Name(function) if matches!(function.id.as_str(), "getattr" | "hasattr") => {
                if let [tools, name, ..] = &**arguments
                    && self.names.is_tools(tools, scope)
                {
                    self.literal(tools, Some(name));
                }
            }
            _ => {}
        }
    }

    fn literal(&mut self, tools: &Expr, name: Option<&Expr>) {
        self.done.insert(tools.range().start());
        match name {
            Some(Expr::StringLiteral(name)) => self.member(name.value.to_str()),
            _ => self.all = true,
        }
    }

    fn attribute(&mut self, used: &Use<'_>) {
        if let Expr::Attribute(attribute) = used.expr
            && self.names.is_tools(&attribute.value, used.scope)
            && self.done.insert(attribute.value.range().start())
            && !attribute.attr.starts_with("__")
        {
            self.member(attribute.attr.as_str());
        }
    }

    fn name(&mut self, name: &ExprName, scope: usize) {
        let unsure = match self.names.meaning(scope, &name.id) {
            Meaning::Server(server) => {
                self.servers.insert(server);
                return;
            }
            Meaning::Tools => {
                self.all |= !self.done.contains(&name.range().start());
                return;
            }
            Meaning::Local => return,
            Meaning::Builtin => {
                self.all |= name.id == "globals" || name.id == "__builtins__";
                return;
            }
            Meaning::Unsure => name.id.as_str(),
        };
        self.servers.extend(self.names.server(unsure));
        self.all |= unsure == "tools";
    }
}
