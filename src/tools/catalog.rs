//! All servers' tools under their Python names: a snapshot that stays as it is.
//!
//! - The same lists give the same catalog, and so the same prompt.
//! - Every server, tool and argument can be reached, whatever it is called.

use super::{
    RawTool,
    names::{self, Names},
    python,
    shape::Observed,
    stub::{ShownClasses, Stub},
};

/// Characters of a server's description that are shown.
const MAX_SERVER_DOC: usize = 120;
/// Names that an error suggests.
const SUGGESTIONS: usize = 3;

/// A server with the tools it listed.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedServer {
    /// Its name in the configuration.
    pub raw: String,
    /// What it is for.
    pub description: Option<String>,
    /// As listed.
    pub tools: Vec<RawTool>,
}

/// All that scripts may call.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Catalog {
    /// In the order given.
    pub servers: Vec<Server>,
    /// What the user should know of the names; one line each.
    pub warnings: Vec<String>,
}

/// A server of a [`Catalog`].
#[derive(Debug, Clone, PartialEq)]
pub struct Server {
    /// Its Python name.
    pub name: String,
    /// Its name in the configuration.
    pub raw: String,
    /// One line, or empty.
    pub description: String,
    /// In the order listed.
    pub tools: Vec<Tool>,
}

/// A tool of a [`Server`].
#[derive(Debug, Clone, PartialEq)]
pub struct Tool {
    /// Its Python name.
    pub name: String,
    /// As its server describes it.
    pub raw: RawTool,
    /// As Python sees it.
    pub stub: Stub,
    /// The only member of the declared result, to which it is unwrapped.
    pub unwrap: Option<String>,
    /// In the order of the signature: required ones first.
    pub parameters: Vec<Parameter>,
    /// Whether arguments that are not listed may be given.
    pub open: bool,
}

/// An argument of a [`Tool`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Its Python name.
    pub name: String,
    /// The name its server knows.
    pub raw: String,
    /// Whether a call without it is an error.
    pub required: bool,
}

impl Catalog {
    /// The catalog of servers that are all there are. `reserved` as for [`names::servers`].
    pub fn new(servers: Vec<ListedServer>, reserved: &[&str]) -> Self {
        let raw: Vec<&str> = servers.iter().map(|server| server.raw.as_str()).collect();
        let names = names::servers(&raw, reserved);
        Self::named(servers, &names)
    }

    /// The catalog of those servers that could be listed, under the names given to all configured ones.
    /// A server without a name there is left out.
    pub fn named(servers: Vec<ListedServer>, names: &Names) -> Self {
        let mut catalog = Self {
            servers: Vec::with_capacity(servers.len()),
            warnings: names.warnings.clone(),
        };
        for server in servers {
            match names.get(&server.raw) {
                Some(name) if catalog.servers.iter().all(|known| known.raw != server.raw) => {
                    let server = catalog.read(server, name);
                    catalog.servers.push(server);
                }
                _ => {}
            }
        }
        catalog
    }

    fn read(&mut self, server: ListedServer, name: &str) -> Server {
        let raw: Vec<&str> = server.tools.iter().map(|tool| tool.name.as_str()).collect();
        let names = names::tools(&raw);
        self.warnings.extend(
            names
                .warnings
                .iter()
                .map(|warning| format!("server `{name}`: {warning}")),
        );
        let mut tools: Vec<Tool> = Vec::with_capacity(names.pairs.len());
        let mut seen = std::collections::HashSet::new();
        let kept = server.tools.into_iter().filter(|tool| seen.insert(tool.name.clone()));
        for (tool, (_, tool_name)) in kept.zip(names.pairs) {
            let (stub, warnings) = Stub::new(&tool, &tool_name);
            self.warnings.extend(
                warnings
                    .iter()
                    .map(|warning| format!("tool `{name}.{tool_name}`: {warning}")),
            );
            tools.push(Tool::new(tool, stub));
        }
        let description = python::first_sentence(server.description.as_deref().unwrap_or_default(), MAX_SERVER_DOC);
        Server {
            name: name.to_owned(),
            raw: server.raw,
            description,
            tools,
        }
    }

    /// Says of a tool, by its server's Python name and its own raw one, what its results looked like; nothing where
    /// there is no such tool.
    pub fn observe(&mut self, server: &str, tool: &str, observed: Observed) {
        let server = self.servers.iter_mut().find(|known| known.name == server);
        let mut tools = server.into_iter().flat_map(|server| &mut server.tools);
        if let Some(found) = tools.find(|known| known.raw.name == tool) {
            found.stub.observe(observed);
        }
    }

    /// The same with at most so many characters of what the results of each tool looked like.
    pub(super) fn with_observed_room(&self, most: usize) -> Self {
        let mut catalog = self.clone();
        for tool in catalog.servers.iter_mut().flat_map(|server| &mut server.tools) {
            tool.stub.set_observed_room(most);
        }
        catalog
    }

    /// The server of this Python or raw name.
    pub fn server(&self, name: &str) -> Option<&Server> {
        let exact = self.servers.iter().find(|server| server.name == name);
        exact.or_else(|| self.servers.iter().find(|server| server.raw == name))
    }

    /// The tool of `server.tool`, each by its Python or raw name.
    ///
    /// # Errors
    /// The names nearest to it, as `server.tool`, when there is none.
    pub fn tool(&self, path: &str) -> Result<(&Server, &Tool), Vec<String>> {
        // either name may hold a dot
        let splits = path.match_indices('.').map(|(at, _)| (&path[..at], &path[at + 1..]));
        splits
            .filter_map(|(server, tool)| self.server(server).and_then(|s| Some((s, s.tool(tool)?))))
            .next()
            .ok_or_else(|| self.near(path))
    }

    /// What the model is told of all tools.
    pub fn prompt_text(&self) -> String {
        self.prompt_text_of(|_, _| true)
    }

    /// What the model is told of the chosen tools; a server without any is left out.
    pub fn prompt_text_of(&self, chosen: impl Fn(&Server, &Tool) -> bool) -> String {
        let texts = self.servers.iter().filter_map(|server| {
            let tools: Vec<&Tool> = server.tools.iter().filter(|tool| chosen(server, tool)).collect();
            (!tools.is_empty()).then(|| server.prompt_text(&tools))
        });
        texts.collect::<Vec<_>>().join("\n")
    }

    /// The Python source of a server's namespace; `None` when there is no such server.
    pub fn source(&self, server: &str) -> Option<String> {
        self.server(server).map(Server::source)
    }

    fn near(&self, path: &str) -> Vec<String> {
        let wanted = path.to_lowercase();
        let wanted_tool = wanted.rsplit('.').next().unwrap_or_default();
        let mut found: Vec<(usize, String)> = Vec::new();
        for server in &self.servers {
            for tool in &server.tools {
                let full = format!("{}.{}", server.name, tool.name);
                let name = tool.name.to_lowercase();
                let whole = distance(&wanted, &full.to_lowercase());
                let part = distance(wanted_tool, &name) + usize::from(!wanted.starts_with(&server.name.to_lowercase()));
                let inside = wanted_tool.len() > 3 && (name.contains(wanted_tool) || wanted_tool.contains(&name));
                let far = whole.min(part);
                if inside || far <= 1 + wanted_tool.chars().count() / 3 {
                    found.push((far, full));
                }
            }
        }
        found.sort();
        found.into_iter().take(SUGGESTIONS).map(|(_, name)| name).collect()
    }
}

impl Server {
    /// The tool of this Python or raw name.
    pub fn tool(&self, name: &str) -> Option<&Tool> {
        let exact = self.tools.iter().find(|tool| tool.name == name);
        exact.or_else(|| self.tools.iter().find(|tool| tool.raw.name == name))
    }

    /// Python source: one decorated function per tool.
    pub fn source(&self) -> String {
        let mut source = "from __future__ import annotations\n".to_owned();
        for tool in &self.tools {
            source.push_str(&tool.stub.source());
        }
        source
    }

    fn prompt_text(&self, tools: &[&Tool]) -> String {
        let mut text = format!("class {}:", self.name);
        if !self.description.is_empty() {
            text.push_str("  # ");
            text.push_str(&self.description);
        }
        text.push('\n');
        let mut shown = ShownClasses::default();
        for line in tools.iter().flat_map(|tool| tool.stub.prompt(&mut shown)) {
            text.push_str("    ");
            text.push_str(&line);
            text.push('\n');
        }
        text
    }
}

impl Tool {
    fn new(raw: RawTool, stub: Stub) -> Self {
        let parameters = stub.arguments.iter().map(|argument| Parameter {
            name: argument.name.clone(),
            raw: argument.raw.clone(),
            required: argument.default.is_none(),
        });
        Self {
            name: stub.name.clone(),
            parameters: parameters.collect(),
            unwrap: stub.unwrap.clone(),
            open: stub.open,
            raw,
            stub,
        }
    }
}

/// How many characters differ (Levenshtein); texts are cut at 100 characters.
pub(crate) fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().take(100).collect(), b.chars().take(100).collect());
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let changed = corner + usize::from(x != y);
            corner = row[j + 1];
            row[j + 1] = changed.min(corner + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}
