//! From the text of a configuration file to its entries: where in the file they are listed.

use std::{
    collections::{HashMap, hash_map::Entry},
    path::Path,
};

use super::{
    Config, Copied, Fault, FileError, inputs,
    read::{self, Listed},
    tree::{File, Member, Node, Value},
};

/// Keys below which clients list servers.
const ROOTS: [&str; 5] = ["servers", "mcpServers", "mcp_servers", "context_servers", "mcp.servers"];
/// The key below which they list them, or have one of [`ROOTS`].
const OUTER: &str = "mcp";
/// Keys by which an entry without a root is known.
const OF_ENTRY: [&str; 6] = ["command", "url", "httpUrl", "serverUrl", "builtin", "type"];
const EXAMPLE: &str = r#"a file looks like {"servers": {"files": {"command": "npx", "args": ["-y", "a-server"]}}}"#;

/// Reads the text of a configuration file; `path` is for messages, and its extension says what language it is.
///
/// # Errors
/// The text is neither JSON (with comments and trailing commas) nor TOML, is empty, or lists no servers.
pub fn read(text: &str, path: &Path) -> Result<Config, FileError> {
    let file = File {
        text: text.strip_prefix('\u{feff}').unwrap_or(text),
        path,
    };
    let root = tree(&file)?;
    let mut config = Config {
        path: path.into(),
        entries: Vec::new(),
        faults: Vec::new(),
        notes: Vec::new(),
        inputs: inputs::read(&root),
    };
    let all = list(&file, &root)?;
    let mut first: HashMap<&str, &Listed<'_>> = HashMap::new();
    for listed in &all {
        match first.entry(&listed.name) {
            Entry::Vacant(place) => {
                place.insert(listed);
                enter(&file, listed, &mut config);
            }
            Entry::Occupied(known) if known.get().contents() == listed.contents() => {}
            Entry::Occupied(_) => {
                config.entries.retain(|entry| entry.name != listed.name);
                let message = "the name is used twice with different contents: rename or delete one".into();
                config
                    .faults
                    .push(Fault::new(&listed.name, path, file.place(listed.at), message));
            }
        }
    }
    Ok(config)
}

/// The entries of a configuration file as JSON, to be copied into another one; with `project`, also those that
/// Claude Code keeps for this folder.
///
/// # Errors
/// The text is neither JSON nor TOML. A file without a root has no servers.
pub fn copy(text: &str, path: &Path, project: Option<&Path>) -> Result<Copied, FileError> {
    let file = File {
        text: text.strip_prefix('\u{feff}').unwrap_or(text),
        path,
    };
    let mut found = Copied::default();
    let root = tree(&file)?;
    let of_project = |project: &Path| root.get("projects")?.get(project.to_str()?);
    for root in [Some(&root), project.and_then(of_project)].into_iter().flatten() {
        found.inputs.extend(inputs::nodes(root).map(Node::json));
        if !has_root(root) {
            continue;
        }
        let named = list(&file, root)?;
        found
            .entries
            .extend(named.into_iter().map(|listed| (listed.name.clone(), listed.contents())));
    }
    Ok(found)
}

fn has_root(root: &Node) -> bool {
    let members = root.members().unwrap_or_default();
    members
        .iter()
        .any(|m| m.key == OUTER || ROOTS.contains(&m.key.as_str()))
}

/// Its extension, or else how it begins, says what language a file is in.
fn tree(file: &File<'_>) -> Result<Node, FileError> {
    let extension = file.path.extension().and_then(|extension| extension.to_str());
    let begins = file.text.trim_start();
    let as_json = begins.is_empty() || ["{", "//", "/*"].iter().any(|start| begins.starts_with(start));
    let is_toml = match extension {
        Some("toml") => true,
        Some("json" | "jsonc" | "json5") => false,
        _ => !as_json,
    };
    if is_toml {
        let tree = file.toml()?;
        return match tree.members() {
            Some([]) => Err(file.error(0, "the file is empty".into(), EXAMPLE)),
            _ => Ok(tree),
        };
    }
    match file.json()? {
        Some(tree) if tree.members().is_some() => Ok(tree),
        Some(other) => Err(file.error(other.at, "the file must hold one JSON object".into(), EXAMPLE)),
        None => Err(file.error(0, "the file is empty".into(), EXAMPLE)),
    }
}

/// All that is listed as a server, in the order of the file.
fn list<'a>(file: &File<'_>, root: &'a Node) -> Result<Vec<Listed<'a>>, FileError> {
    let members = root.members().unwrap_or_default();
    let has_other_root = members.iter().any(|member| ROOTS.contains(&member.key.as_str()));
    let mut listed = Vec::new();
    let mut found = false;
    for member in members {
        let key = member.key.as_str();
        if ROOTS.contains(&key) {
            found = true;
            below(file, key, &member.node, &mut listed)?;
        } else if key == OUTER {
            found = true;
            let mut inside = Vec::new();
            outer(file, &member.node, &mut inside)?;
            if has_other_root {
                // there it is a section of settings
                inside.retain(|listed| listed.node.members().is_some());
            }
            listed.extend(inside);
        }
    }
    if found {
        return Ok(listed);
    }
    if is_entry(root) {
        let message = "the file holds one server, and no name for it".into();
        return Err(file.error(root.at, message, EXAMPLE));
    }
    if !members.iter().any(|member| is_entry(&member.node)) {
        let message = "the file has none of `servers`, `mcpServers`, `mcp_servers`, `mcp` and `context_servers`".into();
        return Err(file.error(root.at, message, EXAMPLE));
    }
    let bare = |member: &&Member| !["$schema", inputs::KEY].contains(&member.key.as_str());
    listed.extend(members.iter().filter(bare).map(Listed::of));
    Ok(listed)
}

/// A client's whole section: VS Code has a root in it, others have the servers, or settings besides.
fn outer<'a>(file: &File<'_>, section: &'a Node, listed: &mut Vec<Listed<'a>>) -> Result<(), FileError> {
    let Some(members) = section.members() else {
        return below(file, OUTER, section, listed);
    };
    let inner = |member: &&Member| ROOTS.contains(&member.key.as_str()) && !is_entry(&member.node);
    if let Some(root) = members.iter().find(inner) {
        return below(file, &format!("{OUTER}.{}", root.key), &root.node, listed);
    }
    let servers = members.iter().filter(|member| member.key != inputs::KEY);
    listed.extend(servers.map(Listed::of));
    Ok(())
}

fn below<'a>(file: &File<'_>, key: &str, node: &'a Node, listed: &mut Vec<Listed<'a>>) -> Result<(), FileError> {
    match &node.value {
        Value::Map(members) => listed.extend(members.iter().map(Listed::of)),
        Value::List(items) => listed.extend(
            items
                .iter()
                .enumerate()
                .map(|(at, node)| Listed::numbered(at + 1, node)),
        ),
        _ => {
            let message = format!("`{key}` must be an object of servers by name, or an array of servers");
            return Err(file.error(node.at, message, EXAMPLE));
        }
    }
    Ok(())
}

fn is_entry(node: &Node) -> bool {
    let members = node.members().unwrap_or_default();
    members
        .iter()
        .any(|member| OF_ENTRY.contains(&member.key.as_str()) && !matches!(member.node.value, Value::Null))
}

fn is_required(listed: &Listed<'_>) -> bool {
    let required = listed.node.get("required");
    required.is_some_and(|required| matches!(required.value, Value::Bool(true)))
}

fn enter(file: &File<'_>, listed: &Listed<'_>, config: &mut Config) {
    match read::entry(file, listed) {
        Ok(entry) if entry.starts_mcm() => {
            let note = format!("server `{}` is left out: its command is `mcm` itself", listed.name);
            config.notes.push(note);
        }
        Ok(entry) => config.entries.push(entry),
        Err((at, message)) => config
            .faults
            .push(Fault::new(&listed.name, file.path, file.place(at), message).required(is_required(listed))),
    }
}
