//! Puts values in the place of `${…}` and turns an entry as typed into one that can be started.
//!
//! - One pass: what a variable holds is not looked at again.
//! - `$X` without braces, and `${` without an end, stay as they are.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use super::{Fault, Kind, OauthClient, RawEntry, Reach, Sampling, ServerEntry, Text, ToolFilter, Transport, secrets};

/// What the variables of a configuration stand for.
pub struct Surroundings<'a> {
    /// `${workspaceFolder}`: the folder the program runs in; absolute.
    pub folder: &'a Path,
    /// `${userHome}`.
    pub home: Option<&'a Path>,
    /// Values of `${X}` and `${env:X}`.
    pub variable: &'a dyn Fn(&str) -> Option<String>,
}

impl RawEntry {
    /// What this entry means; `path` is its file, for messages.
    ///
    /// # Errors
    /// A variable is unset and has no default, or the address is none.
    pub fn resolve(&self, path: &Path, surroundings: &Surroundings<'_>) -> Result<ServerEntry, Fault> {
        let mut expander = Expander {
            entry: self,
            path,
            surroundings,
            expands: false,
        };
        let mut hidden = Vec::new();
        let transport = match self.kind {
            Kind::Stdio => expander.stdio(&mut hidden)?,
            Kind::Http => expander.http(&mut hidden)?,
            Kind::Workspace => expander.workspace()?,
        };
        Ok(ServerEntry {
            name: self.name.clone(),
            transport,
            description: self.description.clone(),
            required: self.required,
            start_timeout: None,
            call_timeout: self.timeout,
            filter: ToolFilter::default(),
            roots: Vec::new(),
            sampling: Sampling::Refused,
            results: self.results.clone(),
            line: self.place.line,
            expands: expander.expands,
            secrets: secrets::longest_first(hidden),
        })
    }
}

/// Whether the text names a variable.
pub(super) fn names_variable(text: &str) -> bool {
    pieces(text).iter().any(|piece| matches!(piece, Piece::Variable(_)))
}

struct Expander<'a> {
    entry: &'a RawEntry,
    path: &'a Path,
    surroundings: &'a Surroundings<'a>,
    expands: bool,
}

impl Expander<'_> {
    fn stdio(&mut self, hidden: &mut Vec<String>) -> Result<Transport, Fault> {
        let entry = self.entry;
        let command = entry
            .command
            .as_ref()
            .expect("an entry of this kind was read with a command");
        let mut env = BTreeMap::new();
        for (name, text) in &entry.env {
            let value = self.text(&format!("env.{name}"), text)?;
            secrets::of_env(&value, names_variable(&text.value), hidden);
            env.insert(name.clone(), value);
        }
        let cwd = match &entry.cwd {
            Some(cwd) => self.surroundings.folder.join(self.text("cwd", cwd)?),
            None => PathBuf::from(self.surroundings.folder),
        };
        let command = self.text("command", command)?;
        let args = entry
            .args
            .iter()
            .map(|arg| self.text("args", arg))
            .collect::<Result<Vec<String>, _>>()?;
        secrets::of_args(&args, hidden);
        Ok(Transport::Stdio {
            command,
            args,
            env,
            cwd,
        })
    }

    fn http(&mut self, hidden: &mut Vec<String>) -> Result<Transport, Fault> {
        let entry = self.entry;
        let typed = entry.url.as_ref().expect("an entry of this kind was read with a url");
        let url = self.text("url", typed)?;
        let lower = url.to_ascii_lowercase();
        if !lower.starts_with("http://") && !lower.starts_with("https://") {
            let message = "`url` must begin with `http://` or `https://`".into();
            return Err(Fault::new(&entry.name, self.path, typed.place, message));
        }
        secrets::of_url(&url, hidden);
        let mut headers = Vec::new();
        for (name, text) in &entry.headers {
            let value = self.text(&format!("headers.{name}"), text)?;
            secrets::of_header(&value, hidden);
            headers.push((name.clone(), value));
        }
        Ok(Transport::Http {
            url,
            headers,
            oauth: OauthClient::default(),
        })
    }

    /// A relative root is one in the folder of the file.
    fn workspace(&mut self) -> Result<Transport, Fault> {
        let entry = self.entry;
        let workspace = entry
            .workspace
            .as_ref()
            .expect("an entry of this kind was read with a root");
        let permission = workspace.permission;
        if let Reach::Inside { folder, root } = &workspace.reach {
            return Ok(Transport::Workspace {
                root: root.clone(),
                inside: Some(folder.clone()),
                permission,
            });
        }
        let root = self.text("root", &workspace.root)?;
        if root.is_empty() {
            let message = "`root` is empty once its variables are filled in".into();
            return Err(Fault::new(&entry.name, self.path, workspace.root.place, message));
        }
        Ok(Transport::Workspace {
            root: self.path.parent().unwrap_or(Path::new("")).join(root),
            inside: None,
            permission,
        })
    }

    fn text(&mut self, what: &str, text: &Text) -> Result<String, Fault> {
        let mut out = String::new();
        for piece in pieces(&text.value) {
            match piece {
                Piece::Plain(plain) => out.push_str(plain),
                Piece::Variable(inside) => {
                    self.expands = true;
                    match self.value(inside) {
                        Ok(value) => out.push_str(&value),
                        Err(message) => {
                            let message = format!("{message}, which `{what}` needs");
                            return Err(Fault::new(&self.entry.name, self.path, text.place, message));
                        }
                    }
                }
            }
        }
        Ok(out)
    }

    fn value(&self, inside: &str) -> Result<String, String> {
        let path = |path: &Path| path.to_string_lossy().into_owned();
        match inside {
            "workspaceFolder" => return Ok(path(self.surroundings.folder)),
            "userHome" => {
                return self
                    .surroundings
                    .home
                    .map(path)
                    .ok_or_else(|| "no home folder is known".into());
            }
            _ => {}
        }
        let named = inside.strip_prefix("env:").unwrap_or(inside);
        let (name, default) = match named.split_once(":-") {
            Some((name, default)) => (name, Some(default)),
            None => (named, None),
        };
        if name.is_empty() || !name.chars().all(|c| c == '_' || c.is_ascii_alphanumeric()) {
            return Err(format!("`${{{inside}}}` is no variable that is known here"));
        }
        match ((self.surroundings.variable)(name), default) {
            (Some(value), None) => Ok(value),
            (Some(value), Some(_)) if !value.is_empty() => Ok(value),
            (_, Some(default)) => Ok(default.into()),
            (None, None) => Err(format!("the variable `{name}` is not set")),
        }
    }
}

enum Piece<'a> {
    Plain(&'a str),
    Variable(&'a str),
}

fn pieces(mut text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    while let Some((plain, rest)) = text.split_once("${") {
        let Some((inside, after)) = rest.split_once('}') else {
            break;
        };
        pieces.push(Piece::Plain(plain));
        pieces.push(Piece::Variable(inside));
        text = after;
    }
    pieces.push(Piece::Plain(text));
    pieces
}
