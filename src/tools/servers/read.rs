//! An entry as typed, from what stands in the file, whichever client it was written for.
//!
//! - Keys are compared without `_`, `-` and capitals, for clients differ in nothing else so often.
//! - A key that means nothing here is kept for `mcm doctor`, and is no fault.

use std::path::Path;

use super::{
    Kind, Place, RawEntry, RawOauth, Results, Sampling, Text, ToolFilter, UnknownKey,
    tree::{File, Found, Member, Node, Value, excerpt},
    values::{Limit, put, time_key},
};

/// Something that is listed as a server.
pub(super) struct Listed<'a> {
    /// Its key; in an array its `name`, or else its position, such as `#3`.
    pub(super) name: String,
    /// Where it stands.
    pub(super) at: usize,
    pub(super) node: &'a Node,
    naming: Naming,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Naming {
    ByKey,
    Inside,
    Missing,
}

impl<'a> Listed<'a> {
    pub(super) fn of(member: &'a Member) -> Self {
        Self {
            name: member.key.clone(),
            at: member.at,
            node: &member.node,
            naming: Naming::ByKey,
        }
    }

    pub(super) fn numbered(number: usize, node: &'a Node) -> Self {
        let name = node.get("name").and_then(Node::text);
        Self {
            name: name.map_or_else(|| format!("#{number}"), str::to_owned),
            at: node.at,
            node,
            naming: name.map_or(Naming::Missing, |_| Naming::Inside),
        }
    }

    /// What it says besides its name.
    pub(super) fn contents(&self) -> serde_json::Value {
        let mut contents = self.node.json();
        if let (Naming::Inside, Some(map)) = (self.naming, contents.as_object_mut()) {
            map.shift_remove("name");
        }
        contents
    }
}

/// Reads an entry.
pub(super) fn entry(file: &File<'_>, listed: &Listed<'_>) -> Found<RawEntry> {
    let Some(members) = listed.node.members() else {
        let message = format!("an entry must be an object, not {}", file.shown(listed.node));
        return Err((listed.node.at, message));
    };
    if listed.naming == Naming::Missing {
        return Err((listed.at, "an entry of an array needs a `name`".into()));
    }
    if listed.name.trim().is_empty() {
        return Err((listed.node.at, "the name is empty".into()));
    }
    let mut reading = Reading {
        entry: RawEntry::named(&listed.name, file.place(listed.at)),
        file,
        said: None,
        command_tail: None,
        args: None,
        http_url: None,
        url: None,
        bearer: None,
    };
    reading.entry.workspace = file.workspace(listed.node)?;
    for member in members {
        reading.field(member)?;
    }
    reading.whole(listed.node.at)
}

impl RawEntry {
    fn named(name: &str, place: Place) -> Self {
        Self {
            name: name.into(),
            place,
            kind: Kind::Stdio,
            command: None,
            args: Vec::new(),
            env: Vec::new(),
            env_file: None,
            cwd: None,
            url: None,
            headers: Vec::new(),
            oauth: RawOauth::default(),
            workspace: None,
            roots: Vec::new(),
            sampling: Sampling::Refused,
            description: None,
            disabled: false,
            required: false,
            start_timeout: None,
            timeout: None,
            filter: ToolFilter::default(),
            results: Results::Json,
            unknown: Vec::new(),
            remarks: Vec::new(),
        }
    }

    /// Whether it would start this program.
    pub(super) fn starts_mcm(&self) -> bool {
        let command = self.command.as_ref().filter(|_| self.kind == Kind::Stdio);
        command.is_some_and(|c| Path::new(&c.value).file_name().is_some_and(|name| name == "mcm"))
    }
}

/// An address, its key, and where it stands.
pub(super) struct Address {
    pub(super) key: String,
    pub(super) at: usize,
    pub(super) text: Text,
}

pub(super) struct Reading<'a> {
    file: &'a File<'a>,
    pub(super) entry: RawEntry,
    pub(super) said: Option<Kind>,
    /// What followed the program in `command`, where that is an array or an object.
    pub(super) command_tail: Option<Vec<Text>>,
    pub(super) args: Option<Vec<Text>>,
    pub(super) http_url: Option<Address>,
    pub(super) url: Option<Address>,
    pub(super) bearer: Option<Text>,
}

impl Reading<'_> {
    fn field(&mut self, member: &Member) -> Found<()> {
        let (file, key, node) = (self.file, member.key.as_str(), &member.node);
        if matches!(node.value, Value::Null) {
            return Ok(());
        }
        let canonical = canonical(key);
        let entry = &mut self.entry;
        match canonical.as_str() {
            "command" => return self.command(node),
            "args" => self.args = Some(file.strings(key, node)?),
            "env" | "environment" => file
                .map(key, node)?
                .into_iter()
                .for_each(|(n, t)| put(&mut entry.env, &n, t)),
            "envvars" => {
                for name in file.strings(key, node)? {
                    put(&mut entry.env, &name.value, variable(&name));
                }
            }
            "envfile" => entry.env_file = Some(file.string(key, node)?),
            "cwd" | "workingdirectory" => entry.cwd = Some(file.string(key, node)?),
            "url" | "serverurl" => self.url = Some(self.address(member)?),
            "httpurl" => self.http_url = Some(self.address(member)?),
            "headers" | "httpheaders" => {
                let headers = file.headers(key, node)?;
                headers.into_iter().for_each(|(n, t)| put(&mut entry.headers, &n, t));
            }
            "envhttpheaders" => {
                for (name, text) in file.map(key, node)? {
                    put(&mut entry.headers, &name, variable(&text));
                }
            }
            "bearertoken" => self.bearer = Some(bearer(file.string(key, node)?)),
            "bearertokenenvvar" => self.bearer = Some(bearer(variable(&file.string(key, node)?))),
            "auth" | "oauth" => return self.oauth(key, node),
            "type" | "transport" | "transporttype" => return self.kind(key, node),
            "roots" => entry.roots = file.strings(key, node)?,
            "sampling" => {
                let allowed = file.switch(key, node)?;
                entry.sampling = if allowed { Sampling::Allowed } else { Sampling::Refused };
            }
            "description" => entry.description = Some(file.prose(key, node)?),
            "disabled" => entry.disabled |= file.switch(key, node)?,
            "enabled" | "isactive" => entry.disabled |= !file.switch(key, node)?,
            "required" => entry.required = file.switch(key, node)?,
            "results" => entry.results = file.results(node)?,
            "builtin" | "root" | "write" if entry.workspace.is_some() => {}
            // of an entry in an array; elsewhere it is for people, as the key is for us
            "name" => {}
            other => return self.limit_or_filter(other, member),
        }
        Ok(())
    }

    fn limit_or_filter(&mut self, canonical: &str, member: &Member) -> Found<()> {
        let (file, key, node) = (self.file, member.key.as_str(), &member.node);
        match (canonical, time_key(canonical)) {
            (_, Some((Limit::Call, unit))) => self.entry.timeout = Some(file.time(key, node, unit)?),
            (_, Some((Limit::Start, unit))) => self.entry.start_timeout = Some(file.time(key, node, unit)?),
            ("allowedtools" | "includetools" | "enabledtools", _) => {
                let globs = file.globs(key, node)?;
                self.entry.filter.allow.get_or_insert_default().extend(globs);
            }
            ("tools", _) if matches!(node.value, Value::List(_)) => {
                let globs = file.globs(key, node)?;
                self.entry.filter.allow.get_or_insert_default().extend(globs);
            }
            ("disabledtools" | "excludetools" | "excludedtools", _) => {
                self.entry.filter.deny.extend(file.globs(key, node)?);
            }
            _ => self.unknown(key, member.at),
        }
        Ok(())
    }

    fn unknown(&mut self, key: &str, at: usize) {
        self.entry.unknown.push(UnknownKey {
            key: key.into(),
            place: self.file.place(at),
        });
    }

    /// A program, a list of it and its arguments, or Zed's object.
    fn command(&mut self, node: &Node) -> Found<()> {
        match &node.value {
            Value::List(_) => {
                let mut words = self.file.strings("command", node)?.into_iter();
                let program = words.next().filter(|program| !program.value.is_empty());
                let none = || (node.at, "`command` is an array without a program".to_owned());
                self.entry.command = Some(program.ok_or_else(none)?);
                self.command_tail = Some(words.collect());
            }
            Value::Map(members) => {
                for member in members {
                    match member.key.as_str() {
                        "path" => self.entry.command = Some(self.file.string("command.path", &member.node)?),
                        "args" => self.command_tail = Some(self.file.strings("command.args", &member.node)?),
                        "env" => {
                            let env = self.file.map("command.env", &member.node)?;
                            env.into_iter().for_each(|(n, t)| put(&mut self.entry.env, &n, t));
                        }
                        other => self.unknown(&format!("command.{other}"), member.at),
                    }
                }
                if self.entry.command.is_none() {
                    return Err((node.at, "`command` is an object without a `path`".into()));
                }
                self.command_tail.get_or_insert_default();
            }
            _ => self.entry.command = Some(self.file.string("command", node)?),
        }
        Ok(())
    }

    fn address(&self, member: &Member) -> Found<Address> {
        Ok(Address {
            key: member.key.clone(),
            at: member.node.at,
            text: self.file.string(&member.key, &member.node)?,
        })
    }

    fn kind(&mut self, key: &str, node: &Node) -> Found<()> {
        if let Some(members) = node.members() {
            // a client that keeps how to reach a server in an object of its own
            return members.iter().try_for_each(|member| self.field(member));
        }
        let said = self.file.string(key, node)?;
        self.said = Some(match canonical(&said.value).as_str() {
            "stdio" | "local" => Kind::Stdio,
            "http" | "streamablehttp" | "streamable" => Kind::Http,
            "remote" => Kind::Remote,
            "sse" => Kind::Sse,
            _ => {
                let known = "`stdio`, `local`, `http`, `streamable-http`, `remote` and `sse`";
                let message = format!("`{key}` is `{}`; known are {known}", excerpt(&said.value));
                return Err((node.at, message));
            }
        });
        Ok(())
    }

    /// What a client says of logging in: that it does, a token, or who it is.
    fn oauth(&mut self, key: &str, node: &Node) -> Found<()> {
        let Some(members) = node.members() else {
            match &node.value {
                Value::Bool(_) => {}
                Value::Text(text) if text == "oauth" => {}
                Value::Text(text) if key == "auth" && !text.is_empty() => {
                    self.bearer = Some(bearer(self.file.placed(text, node)));
                }
                _ => return Err((node.at, format!("`{key}` must be an object, not {}", node.kind()))),
            }
            return Ok(());
        };
        for member in members {
            let (file, node, oauth) = (self.file, &member.node, &mut self.entry.oauth);
            let inside = format!("{key}.{}", member.key);
            match canonical(&member.key).as_str() {
                _ if matches!(node.value, Value::Null) => {}
                "clientid" => oauth.id = Some(file.string(&inside, node)?),
                "clientsecret" => oauth.secret = Some(file.string(&inside, node)?),
                "scopes" | "scope" if node.text().is_some() => {
                    let all = file.string(&inside, node)?;
                    oauth.scopes = all
                        .value
                        .split_whitespace()
                        .map(|scope| file.placed(scope, node))
                        .collect();
                }
                "scopes" | "scope" => oauth.scopes = file.strings(&inside, node)?,
                "enabled" => {}
                _ => self.unknown(&inside, member.at),
            }
        }
        Ok(())
    }
}

/// A key as all clients' spellings of it read alike.
pub fn canonical(key: &str) -> String {
    key.chars()
        .filter(|c| !matches!(c, '_' | '-'))
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

/// What is filled in from the variable of this name.
fn variable(name: &Text) -> Text {
    Text {
        value: format!("${{{}}}", name.value),
        place: name.place,
    }
}

fn bearer(token: Text) -> Text {
    if token.value.starts_with("Bearer ") {
        return token;
    }
    Text {
        value: format!("Bearer {}", token.value),
        place: token.place,
    }
}
