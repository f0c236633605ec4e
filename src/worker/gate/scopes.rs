//! Where a script binds and reads each name, from the syntax tree alone.
//!
//! - Python's scopes: functions, lambdas, comprehensions, classes, type parameters, `global`, `nonlocal`, `:=`.
//! - Annotations, bounds of type parameters and `type` values are evaluated lazily and are not looked at.

use std::collections::{HashMap, HashSet};

use ruff_python_ast::{
    self as ast, Expr, ExprContext, Pattern, Stmt,
    visitor::{self, Visitor},
};

use super::{imports::Import, meaning::Meaning};

/// Levels of the syntax tree that are looked at; RustPython's compiler has the same limit.
const MAX_DEPTH: usize = 1_000;

/// An expression that is read, and where.
pub(super) struct Use<'a> {
    pub expr: &'a Expr,
    pub scope: usize,
}

/// A script's names.
pub(super) struct Names<'a> {
    /// Names, attributes and calls that are read, in no particular order.
    pub uses: Vec<Use<'a>>,
    /// Every import.
    pub imports: Vec<Import<'a>>,
    /// The tree is deeper than [`MAX_DEPTH`], and what lies below was not looked at.
    pub too_deep: bool,
    pub(super) scopes: Vec<Scope<'a>>,
    pub(super) servers: &'a [&'a str],
    pub(super) globals: &'a [String],
    pub(super) patched: Vec<Use<'a>>,
    pub(super) star: bool,
    current: usize,
    depth: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Module,
    Function,
    Comprehension,
    TypeParameters,
    Class,
}

/// One scope, its parent by index; the module is its own.
pub(super) struct Scope<'a> {
    pub kind: Kind,
    pub parent: usize,
    pub bindings: HashMap<&'a str, Vec<Meaning<'a>>>,
    pub globals: HashSet<&'a str>,
    nonlocals: HashSet<&'a str>,
}

impl<'a> Names<'a> {
    /// Reads a script's tree. `servers` are builtins; `globals` may already mean something else.
    pub(super) fn of(body: &'a [Stmt], servers: &'a [&'a str], globals: &'a [String]) -> Self {
        let mut names = Self {
            uses: Vec::new(),
            imports: Vec::new(),
            too_deep: false,
            scopes: vec![Scope::new(Kind::Module, 0)],
            servers,
            globals,
            patched: Vec::new(),
            star: false,
            current: 0,
            depth: 0,
        };
        names.visit_body(body);
        names
    }

    fn bind(&mut self, name: &'a str, meaning: Meaning<'a>) {
        self.bind_in(self.current, name, meaning);
    }

    fn bind_in(&mut self, scope: usize, name: &'a str, meaning: Meaning<'a>) {
        let here = &self.scopes[scope];
        if here.globals.contains(name) {
            self.scopes[0].bindings.entry(name).or_default().push(meaning);
        } else if here.nonlocals.contains(name) {
            let mut at = here.parent;
            while at != 0 {
                self.scopes[at].bindings.entry(name).or_default().push(Meaning::Unsure);
                at = self.scopes[at].parent;
            }
        } else {
            self.scopes[scope].bindings.entry(name).or_default().push(meaning);
        }
    }

    /// `:=` binds outside of the comprehensions it stands in.
    fn bind_named(&mut self, name: &'a str) {
        let mut at = self.current;
        while self.scopes[at].kind == Kind::Comprehension {
            at = self.scopes[at].parent;
        }
        self.bind_in(at, name, Meaning::Unsure);
    }

    fn within(&mut self, kind: Kind, walk: impl FnOnce(&mut Self)) {
        let outer = self.current;
        self.scopes.push(Scope::new(kind, outer));
        self.current = self.scopes.len() - 1;
        walk(self);
        self.current = outer;
    }

    fn within_type_parameters(&mut self, parameters: Option<&'a ast::TypeParams>, walk: impl FnOnce(&mut Self)) {
        let Some(parameters) = parameters else {
            return walk(self);
        };
        self.within(Kind::TypeParameters, |names| {
            for parameter in &parameters.type_params {
                names.bind(parameter.name().id.as_str(), Meaning::Unsure);
            }
            walk(names);
        });
    }

    fn descend(&mut self, walk: impl FnOnce(&mut Self)) {
        if self.depth >= MAX_DEPTH {
            self.too_deep = true;
            return;
        }
        self.depth += 1;
        walk(self);
        self.depth -= 1;
    }

    fn defaults(&mut self, parameters: &'a ast::Parameters) {
        for parameter in parameters.iter_non_variadic_params() {
            if let Some(default) = &parameter.default {
                self.visit_expr(default);
            }
        }
    }

    fn bind_parameters(&mut self, parameters: &'a ast::Parameters) {
        for parameter in parameters {
            self.bind(parameter.name().id.as_str(), Meaning::Unsure);
        }
    }

    fn function(&mut self, function: &'a ast::StmtFunctionDef) {
        for decorator in &function.decorator_list {
            self.visit_decorator(decorator);
        }
        self.defaults(&function.parameters);
        self.bind(function.name.id.as_str(), Meaning::Unsure);
        self.within_type_parameters(function.type_params.as_deref(), |names| {
            names.within(Kind::Function, |names| {
                names.bind_parameters(&function.parameters);
                names.visit_body(&function.body);
            });
        });
    }

    fn class(&mut self, class: &'a ast::StmtClassDef) {
        for decorator in &class.decorator_list {
            self.visit_decorator(decorator);
        }
        self.bind(class.name.id.as_str(), Meaning::Unsure);
        self.within_type_parameters(class.type_params.as_deref(), |names| {
            if let Some(arguments) = &class.arguments {
                names.visit_arguments(arguments);
            }
            names.within(Kind::Class, |names| names.visit_body(&class.body));
        });
    }

    fn comprehension(&mut self, generators: &'a [ast::Comprehension], elements: &[&'a Expr]) {
        if let Some(first) = generators.first() {
            self.visit_expr(&first.iter);
        }
        self.within(Kind::Comprehension, |names| {
            for (i, generator) in generators.iter().enumerate() {
                if i > 0 {
                    names.visit_expr(&generator.iter);
                }
                names.visit_expr(&generator.target);
                for condition in &generator.ifs {
                    names.visit_expr(condition);
                }
            }
            for element in elements {
                names.visit_expr(element);
            }
        });
    }

    fn import(&mut self, import: Import<'a>) {
        match import.binds() {
            None if !import.is_from_tools() => self.star = true,
            None => {}
            Some(name) => {
                let meaning = match import.of_tools() {
                    Some(None) => Meaning::Tools,
                    Some(Some(server)) => self.server(server).map_or(Meaning::Unsure, Meaning::Server),
                    None => Meaning::Unsure,
                };
                self.bind(name, meaning);
            }
        }
        self.imports.push(import);
    }

    fn record(&mut self, expr: &'a Expr) {
        self.uses.push(Use {
            expr,
            scope: self.current,
        });
    }

    fn expression(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Name(name) if name.ctx == ExprContext::Load => self.record(expr),
            Expr::Name(name) => self.bind(name.id.as_str(), Meaning::Unsure),
            Expr::Named(named) => {
                self.visit_expr(&named.value);
                if let Expr::Name(name) = &*named.target {
                    self.bind_named(name.id.as_str());
                }
            }
            Expr::Lambda(lambda) => {
                if let Some(parameters) = &lambda.parameters {
                    self.defaults(parameters);
                }
                self.within(Kind::Function, |names| {
                    if let Some(parameters) = &lambda.parameters {
                        names.bind_parameters(parameters);
                    }
                    names.visit_expr(&lambda.body);
                });
            }
            Expr::ListComp(c) => self.comprehension(&c.generators, &[&c.elt]),
            Expr::SetComp(c) => self.comprehension(&c.generators, &[&c.elt]),
            Expr::Generator(c) => self.comprehension(&c.generators, &[&c.elt]),
            Expr::DictComp(c) => {
                let elements: Vec<&Expr> = c.key.iter().map(|key| &**key).chain([&*c.value]).collect();
                self.comprehension(&c.generators, &elements);
            }
            Expr::Attribute(attribute) => {
                if attribute.ctx == ExprContext::Load {
                    self.record(expr);
                } else {
                    self.patched.push(Use {
                        expr: &attribute.value,
                        scope: self.current,
                    });
                }
                visitor::walk_expr(self, expr);
            }
            Expr::Call(call) => {
                self.record(expr);
                if let (Expr::Name(name), Some(target)) = (&*call.func, call.arguments.args.first())
                    && matches!(name.id.as_str(), "setattr" | "delattr" | "vars")
                {
                    self.patched.push(Use {
                        expr: target,
                        scope: self.current,
                    });
                }
                visitor::walk_expr(self, expr);
            }
            _ => visitor::walk_expr(self, expr),
        }
    }

    fn statement(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::FunctionDef(function) => self.function(function),
            Stmt::ClassDef(class) => self.class(class),
            Stmt::TypeAlias(alias) => self.visit_expr(&alias.name),
            Stmt::Import(import) => Import::plain(import).for_each(|import| self.import(import)),
            Stmt::ImportFrom(import) => Import::from(import).for_each(|import| self.import(import)),
            Stmt::Global(global) => {
                let names = global.names.iter().map(|name| name.id.as_str());
                self.scopes[self.current].globals.extend(names);
            }
            Stmt::Nonlocal(nonlocal) => {
                let names = nonlocal.names.iter().map(|name| name.id.as_str());
                self.scopes[self.current].nonlocals.extend(names);
            }
            _ => visitor::walk_stmt(self, stmt),
        }
    }
}

impl Scope<'_> {
    fn new(kind: Kind, parent: usize) -> Self {
        Self {
            kind,
            parent,
            bindings: HashMap::new(),
            globals: HashSet::new(),
            nonlocals: HashSet::new(),
        }
    }
}

impl<'a> Visitor<'a> for Names<'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        self.descend(|names| names.statement(stmt));
    }

    fn visit_annotation(&mut self, _: &'a Expr) {}

    fn visit_expr(&mut self, expr: &'a Expr) {
        self.descend(|names| names.expression(expr));
    }

    fn visit_except_handler(&mut self, handler: &'a ast::ExceptHandler) {
        let ast::ExceptHandler::ExceptHandler(inner) = handler;
        if let Some(name) = &inner.name {
            self.bind(name.id.as_str(), Meaning::Unsure);
        }
        visitor::walk_except_handler(self, handler);
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        let name = match pattern {
            Pattern::MatchAs(p) => p.name.as_ref(),
            Pattern::MatchStar(p) => p.name.as_ref(),
            Pattern::MatchMapping(p) => p.rest.as_ref(),
            _ => None,
        };
        if let Some(name) = name {
            self.bind(name.id.as_str(), Meaning::Unsure);
        }
        self.descend(|names| visitor::walk_pattern(names, pattern));
    }
}
