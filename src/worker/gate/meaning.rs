//! What a name means where a script reads it.
//!
//! - A name that may mean two things is [`Meaning::Unsure`]; it is never guessed.

use ruff_python_ast::Expr;

use super::scopes::{Kind, Names};

/// What a name stands for where it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning<'a> {
    /// A builtin of Python, or nothing.
    Builtin,
    /// The module `tools`.
    Tools,
    /// The namespace of the server with this Python name.
    Server(&'a str),
    /// Something else, in a function's own scope.
    Local,
    /// Something else, or one of several things.
    Unsure,
}

impl<'a> Names<'a> {
    /// What `name` means when it is read in `scope`.
    pub(super) fn meaning(&self, scope: usize, name: &str) -> Meaning<'a> {
        let start = &self.scopes[scope];
        let mut at = scope;
        while at != 0 {
            let here = &self.scopes[at];
            let visible =
                here.kind != Kind::Class || at == scope || (start.kind == Kind::TypeParameters && start.parent == at);
            if visible && here.globals.contains(name) {
                break;
            }
            if visible && let Some(bound) = here.bindings.get(name) {
                let other = if here.kind == Kind::Class {
                    Meaning::Unsure
                } else {
                    Meaning::Local
                };
                return agreed(bound).unwrap_or(other);
            }
            at = here.parent;
        }
        self.module_meaning(name)
    }

    /// The server whose namespace an expression is, if that is certain.
    pub(super) fn namespace(&self, expr: &Expr, scope: usize) -> Option<&'a str> {
        match expr {
            Expr::Name(name) => match self.meaning(scope, &name.id) {
                Meaning::Server(server) => Some(server),
                _ => None,
            },
            Expr::Attribute(attribute) if self.is_tools(&attribute.value, scope) => self.server(&attribute.attr),
            _ => None,
        }
    }

    /// Whether an expression is certainly the module `tools`.
    pub(super) fn is_tools(&self, expr: &Expr, scope: usize) -> bool {
        matches!(expr, Expr::Name(name) if self.meaning(scope, &name.id) == Meaning::Tools)
    }

    /// Whether the script gives attributes of `server`, or of `tools`, new values.
    pub(super) fn is_patched(&self, server: &str) -> bool {
        self.patched
            .iter()
            .any(|p| self.is_tools(p.expr, p.scope) || self.namespace(p.expr, p.scope) == Some(server))
    }

    /// The known server of this name.
    pub(super) fn server(&self, name: &str) -> Option<&'a str> {
        self.servers.iter().find(|server| **server == name).copied()
    }

    fn module_meaning(&self, name: &str) -> Meaning<'a> {
        let builtin = self.builtin(name);
        if self.star {
            return Meaning::Unsure;
        }
        match self.scopes[0].bindings.get(name) {
            None if self.globals.iter().any(|global| global == name) => Meaning::Unsure,
            None => builtin,
            Some(bound) => match agreed(bound) {
                Some(meaning) if builtin == Meaning::Builtin || builtin == meaning => meaning,
                _ => Meaning::Unsure,
            },
        }
    }

    fn builtin(&self, name: &str) -> Meaning<'a> {
        match self.server(name) {
            Some(server) => Meaning::Server(server),
            None if name == "tools" => Meaning::Tools,
            None => Meaning::Builtin,
        }
    }
}

/// The one certain meaning that all bindings of a name share.
fn agreed<'a>(bound: &[Meaning<'a>]) -> Option<Meaning<'a>> {
    let first = *bound.first()?;
    (first != Meaning::Unsure && bound.iter().all(|other| *other == first)).then_some(first)
}
