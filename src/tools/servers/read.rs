//! From the text of a configuration file to its entries as typed.

use std::{borrow::Cow, path::Path, time::Duration};

use jsonc_parser::{
    CollectOptions, ParseOptions,
    ast::{Object, ObjectProp, Value},
    common::{Range, Ranged},
    parse_to_ast,
};

use super::{Config, Fault, FileError, Kind, Place, RawEntry, Results, Text, UnknownKey};

const ROOTS: [&str; 2] = ["servers", "mcpServers"];
const EXAMPLE: &str = r#"a file looks like {"servers": {"files": {"command": "npx", "args": ["-y", "a-server"]}}}"#;

/// Reads the text of a configuration file; `path` is for messages.
///
/// # Errors
/// The text is not JSON (with comments and trailing commas), is empty, or has no root of servers.
pub fn read(text: &str, path: &Path) -> Result<Config, FileError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let file = File { text, path };
    let options = ParseOptions {
        allow_comments: true,
        allow_trailing_commas: true,
        allow_loose_object_property_names: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    let tree = parse_to_ast(text, &CollectOptions::default(), &options).map_err(|e| {
        file.error(
            e.range(),
            lower(&e.kind().to_string()),
            "mend the line, or compare it with README.md",
        )
    })?;
    let start = Range::new(0, 0);
    let root = match &tree.value {
        Some(Value::Object(root)) => root,
        Some(other) => return Err(file.error(other.range(), "the file must hold one JSON object".into(), EXAMPLE)),
        None => return Err(file.error(start, "the file is empty".into(), EXAMPLE)),
    };
    let mut config = Config {
        path: path.into(),
        entries: Vec::new(),
        faults: Vec::new(),
        notes: Vec::new(),
    };
    let mut seen: Vec<(&str, &Value<'_>)> = Vec::new();
    let mut found = false;
    for property in root.properties.iter().filter(|p| ROOTS.contains(&p.name.as_str())) {
        found = true;
        let Value::Object(servers) = &property.value else {
            let message = format!("`{}` must be an object of servers by name", property.name.as_str());
            return Err(file.error(property.value.range(), message, EXAMPLE));
        };
        for server in &servers.properties {
            let name = server.name.as_str();
            match seen.iter().find(|(n, _)| *n == name) {
                None => file.entry(server, &mut config),
                Some((_, first)) if json(first) == json(&server.value) => {}
                Some(_) => {
                    config.entries.retain(|e| e.name != name);
                    let message = "the name is used twice with different contents: rename or delete one".into();
                    config
                        .faults
                        .push(Fault::new(name, path, file.place(server.range), message));
                }
            }
            seen.push((name, &server.value));
        }
    }
    if !found {
        let message = "the file has neither `servers` nor `mcpServers`".into();
        return Err(file.error(root.range, message, EXAMPLE));
    }
    Ok(config)
}

pub(super) type Found<T> = Result<T, (Range, String)>;

pub(super) struct File<'a> {
    text: &'a str,
    pub(super) path: &'a Path,
}

impl File<'_> {
    fn place(&self, range: Range) -> Place {
        let before = &self.text[..range.start.min(self.text.len())];
        let line_start = before.rfind('\n').map_or(0, |i| i + 1);
        Place {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }

    fn error(&self, range: Range, message: String, hint: &str) -> FileError {
        let place = self.place(range);
        let line = self.text.lines().nth(place.line - 1).unwrap_or_default().trim();
        // a line that may hold a secret is not repeated
        let shown = if line.is_empty() || line.contains(':') {
            String::new()
        } else {
            format!(": {}", excerpt(line))
        };
        FileError {
            path: self.path.into(),
            place,
            message: message + &shown,
            hint: hint.into(),
        }
    }

    fn entry(&self, property: &ObjectProp<'_>, config: &mut Config) {
        let name = property.name.as_str();
        let place = self.place(property.range);
        let read = match &property.value {
            Value::Object(object) => self.fields(name, place, object),
            other => Err((
                other.range(),
                format!("an entry must be an object, not {}", self.shown(other)),
            )),
        };
        match read {
            Ok(entry) if starts_mcm(&entry) => {
                config
                    .notes
                    .push(format!("server `{name}` is left out: its command is `mcm` itself"));
            }
            Ok(entry) => config.entries.push(entry),
            Err((range, message)) => config
                .faults
                .push(Fault::new(name, self.path, self.place(range), message)),
        }
    }

    fn fields(&self, name: &str, place: Place, object: &Object<'_>) -> Found<RawEntry> {
        if name.trim().is_empty() {
            return Err((object.range, "the name is empty".into()));
        }
        let mut entry = RawEntry {
            name: name.into(),
            place,
            kind: Kind::Stdio,
            command: None,
            args: Vec::new(),
            env: Vec::new(),
            cwd: None,
            url: None,
            headers: Vec::new(),
            workspace: self.workspace(object)?,
            description: None,
            disabled: false,
            required: false,
            timeout: None,
            results: Results::Json,
            unknown: Vec::new(),
        };
        let mut kind = None;
        for property in &object.properties {
            let (key, value) = (property.name.as_str(), &property.value);
            match key {
                "command" => entry.command = Some(self.string(key, value)?),
                "args" => entry.args = self.strings(key, value)?,
                "env" => entry.env = self.map(key, value)?,
                "cwd" => entry.cwd = Some(self.string(key, value)?),
                "url" => entry.url = Some(self.string(key, value)?),
                "headers" => entry.headers = self.map(key, value)?,
                "type" | "transport" => kind = Some(self.kind(key, value)?),
                "description" => entry.description = Some(self.string(key, value)?.value),
                "disabled" => entry.disabled = self.switch(key, value)?,
                "required" => entry.required = self.switch(key, value)?,
                "timeout" => entry.timeout = Some(self.timeout(value)?),
                "results" => entry.results = self.results(value)?,
                "builtin" | "root" | "write" if entry.workspace.is_some() => {}
                _ => entry.unknown.push(UnknownKey {
                    key: key.into(),
                    place: self.place(property.range),
                }),
            }
        }
        entry.kind = kind_of_entry(kind, &entry).map_err(|message| (object.range, message.into()))?;
        Ok(entry)
    }

    pub(super) fn string(&self, key: &str, value: &Value<'_>) -> Found<Text> {
        match value {
            Value::StringLit(text)
                if !text.value.contains('\0') && (key == "description" || !text.value.is_empty()) =>
            {
                Ok(Text {
                    value: text.value.to_string(),
                    place: self.place(text.range),
                })
            }
            other => Err((
                other.range(),
                format!("`{key}` must be a string, not {}", self.shown(other)),
            )),
        }
    }

    fn strings(&self, key: &str, value: &Value<'_>) -> Found<Vec<Text>> {
        let Value::Array(array) = value else {
            return Err((
                value.range(),
                format!("`{key}` must be an array of strings, not {}", self.shown(value)),
            ));
        };
        array
            .elements
            .iter()
            .map(|element| {
                let wrong = || format!("`{key}` must hold strings, not {}", self.shown(element));
                self.scalar(element).ok_or_else(|| (element.range(), wrong()))
            })
            .collect()
    }

    fn map(&self, key: &str, value: &Value<'_>) -> Found<Vec<(String, Text)>> {
        let Value::Object(object) = value else {
            return Err((
                value.range(),
                format!("`{key}` must be an object of strings, not {}", kind_of(value)),
            ));
        };
        let mut map: Vec<(String, Text)> = Vec::new();
        for property in &object.properties {
            let name = property.name.as_str();
            if name.is_empty() || name.contains(['=', '\0', '\n', '\r']) {
                return Err((property.range, format!("`{key}` has a name that cannot be used")));
            }
            let wrong = || format!("`{key}.{name}` must be a string, not {}", kind_of(&property.value));
            let text = self
                .scalar(&property.value)
                .ok_or_else(|| (property.value.range(), wrong()))?;
            map.retain(|(n, _)| n != name);
            map.push((name.into(), text));
        }
        Ok(map)
    }

    fn scalar(&self, value: &Value<'_>) -> Option<Text> {
        let text = match value {
            Value::StringLit(s) if !s.value.contains('\0') => s.value.clone(),
            Value::NumberLit(n) => Cow::Borrowed(n.value),
            Value::BooleanLit(b) => Cow::Borrowed(if b.value { "true" } else { "false" }),
            _ => return None,
        };
        Some(Text {
            value: text.into_owned(),
            place: self.place(value.range()),
        })
    }

    fn kind(&self, key: &str, value: &Value<'_>) -> Found<Kind> {
        match self.string(key, value)?.value.as_str() {
            "stdio" => Ok(Kind::Stdio),
            "http" | "streamable-http" | "streamableHttp" => Ok(Kind::Http),
            other => {
                let message = format!(
                    "`{key}` is `{}`; known are `stdio`, `http` and `streamable-http`",
                    excerpt(other)
                );
                Err((value.range(), message))
            }
        }
    }

    pub(super) fn switch(&self, key: &str, value: &Value<'_>) -> Found<bool> {
        match value {
            Value::BooleanLit(b) => Ok(b.value),
            other => Err((
                other.range(),
                format!("`{key}` must be true or false, not {}", self.shown(other)),
            )),
        }
    }

    fn timeout(&self, value: &Value<'_>) -> Found<Duration> {
        let wrong = || {
            (
                value.range(),
                format!("`timeout` must be a number above 0, not {}", self.shown(value)),
            )
        };
        let Value::NumberLit(number) = value else {
            return Err(wrong());
        };
        let number: f64 = number.value.parse().map_err(|_| wrong())?;
        let seconds = if number >= 1000.0 { number / 1000.0 } else { number };
        match Duration::try_from_secs_f64(seconds) {
            Ok(time) if !time.is_zero() => Ok(time),
            _ => Err(wrong()),
        }
    }

    fn results(&self, value: &Value<'_>) -> Found<Results> {
        let is_text = |value: &Value<'_>| value.as_string_lit().is_some_and(|s| s.value == "text");
        let wrong = |value: &Value<'_>| {
            let message = format!(
                "`results` must be \"text\", whole or by tool, not {}",
                self.shown(value)
            );
            (value.range(), message)
        };
        match value {
            value if is_text(value) => Ok(Results::Text),
            Value::Object(object) => match object.properties.iter().find(|p| !is_text(&p.value)) {
                Some(property) => Err(wrong(&property.value)),
                None => Ok(Results::TextOf(
                    object.properties.iter().map(|p| p.name.as_str().into()).collect(),
                )),
            },
            other => Err(wrong(other)),
        }
    }

    fn shown(&self, value: &Value<'_>) -> String {
        match value {
            Value::Object(_) => "an object".into(),
            other => format!("`{}`", excerpt(other.text(self.text))),
        }
    }
}

/// How the server is reached, by what is said or else by what is there.
fn kind_of_entry(said: Option<Kind>, entry: &RawEntry) -> Result<Kind, &'static str> {
    match (said, &entry.command, &entry.url) {
        (None, None, None) if entry.workspace.is_some() => Ok(Kind::Workspace),
        _ if entry.workspace.is_some() => Err("`builtin` stands alone, without `command`, `url` and `type`"),
        (Some(Kind::Stdio), None, _) => Err("a stdio server needs a `command`"),
        (Some(Kind::Http), _, None) => Err("an http server needs a `url`"),
        (Some(kind), _, _) => Ok(kind),
        (None, Some(_), _) => Ok(Kind::Stdio),
        (None, None, Some(_)) => Ok(Kind::Http),
        (None, None, None) => Err("it needs a `command`, a `url` or a `builtin`"),
    }
}

fn starts_mcm(entry: &RawEntry) -> bool {
    let command = entry.command.as_ref().filter(|_| entry.kind == Kind::Stdio);
    command.is_some_and(|c| Path::new(&c.value).file_name().is_some_and(|name| name == "mcm"))
}

fn kind_of(value: &Value<'_>) -> &'static str {
    match value {
        Value::StringLit(_) => "a string",
        Value::NumberLit(_) => "a number",
        Value::BooleanLit(_) => "a boolean",
        Value::Object(_) => "an object",
        Value::Array(_) => "an array",
        Value::NullKeyword(_) => "null",
    }
}

fn json(value: &Value<'_>) -> serde_json::Value {
    use serde_json::Value as Json;
    match value {
        Value::StringLit(s) => Json::String(s.value.to_string()),
        Value::NumberLit(n) => serde_json::from_str(n.value).unwrap_or_else(|_| Json::String(n.value.into())),
        Value::BooleanLit(b) => Json::Bool(b.value),
        Value::Object(o) => Json::Object(
            o.properties
                .iter()
                .map(|p| (p.name.as_str().into(), json(&p.value)))
                .collect(),
        ),
        Value::Array(a) => Json::Array(a.elements.iter().map(json).collect()),
        Value::NullKeyword(_) => Json::Null,
    }
}

pub(super) fn excerpt(text: &str) -> String {
    let mut short: String = text
        .chars()
        .take(60)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

fn lower(message: &str) -> String {
    let mut chars = message.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_lowercase().collect::<String>() + chars.as_str()
    })
}
