//! What a user is asked for before a server starts: `${input:ID}`, and what VS Code's `inputs` say of it.

use super::{
    RawEntry, Text,
    expand::{Piece, pieces},
    tree::{Node, Value},
};

/// Where a file says more of its inputs.
pub(super) const KEY: &str = "inputs";

/// An input that a file describes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputSpec {
    /// What `${input:…}` calls it.
    pub id: String,
    /// What it is, for the user.
    pub description: Option<String>,
    /// What an empty answer stands for.
    pub default: Option<String>,
    /// What can be chosen from; empty: anything.
    pub options: Vec<String>,
    /// Whether it must not be shown.
    pub secrecy: Secrecy,
}

/// Whether a value must not be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secrecy {
    /// It may.
    Open,
    /// It must not.
    Hidden,
}

/// What stands for an input.
#[derive(Clone, PartialEq, Eq)]
pub struct Input {
    /// As given.
    pub value: String,
    /// Whether it must not be shown.
    pub secrecy: Secrecy,
}

/// The environment's variable that gives an input.
pub fn variable(id: &str) -> String {
    let upper = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_uppercase()
        } else {
            '_'
        }
    };
    format!("MCM_INPUT_{}", id.chars().map(upper).collect::<String>())
}

impl RawEntry {
    /// Ids of the inputs that it needs, each once.
    pub fn inputs(&self) -> Vec<&str> {
        let mut ids: Vec<&str> = Vec::new();
        for text in self.texts() {
            for piece in pieces(&text.value) {
                if let Piece::Variable(inside) = piece
                    && let Some(id) = inside.strip_prefix("input:")
                    && !ids.contains(&id)
                {
                    ids.push(id);
                }
            }
        }
        ids
    }

    /// All that is expanded.
    fn texts(&self) -> impl Iterator<Item = &Text> {
        let named = |pairs| <[(String, Text)]>::iter(pairs).map(|(_, text)| text);
        let of_client = [&self.oauth.id, &self.oauth.secret].into_iter().flatten();
        [&self.command, &self.cwd, &self.url, &self.env_file]
            .into_iter()
            .flatten()
            .chain(&self.args)
            .chain(named(&self.env))
            .chain(named(&self.headers))
            .chain(self.workspace.iter().map(|workspace| &workspace.root))
            .chain(&self.roots)
            .chain(of_client)
            .chain(&self.oauth.scopes)
    }
}

/// The inputs that a root or VS Code's section describes, as they stand there.
pub(super) fn nodes(root: &Node) -> impl Iterator<Item = &Node> {
    let lists = [root.get(KEY), root.get("mcp").and_then(|section| section.get(KEY))];
    lists.into_iter().flatten().flat_map(|list| match &list.value {
        Value::List(items) => items.as_slice(),
        _ => &[],
    })
}

/// What a file says of its inputs; one without an id is nobody's.
pub(super) fn read(root: &Node) -> Vec<InputSpec> {
    let text = |node: &Node, key| Some(node.get(key)?.text()?.to_owned());
    let specs = nodes(root).filter_map(|node| {
        let options = match node.get("options").map(|options| &options.value) {
            Some(Value::List(options)) => options.iter().filter_map(option).collect(),
            _ => Vec::new(),
        };
        Some(InputSpec {
            id: text(node, "id")?,
            description: text(node, "description"),
            default: text(node, "default"),
            options,
            secrecy: match node.get("password").map(|node| &node.value) {
                Some(Value::Bool(true)) => Secrecy::Hidden,
                _ => Secrecy::Open,
            },
        })
    });
    specs.collect()
}

fn option(node: &Node) -> Option<String> {
    let text = node.text().or_else(|| node.get("value")?.text());
    text.map(str::to_owned)
}
