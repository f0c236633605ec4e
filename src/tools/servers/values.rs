//! Single values of an entry, and what is said about one that is wrong.

use std::time::Duration;

use super::{
    Results, Text, filter,
    tree::{File, Found, Node, Value},
};

impl File<'_> {
    fn wrong<T>(&self, node: &Node, what: &str) -> Found<T> {
        Err((node.at, format!("{what}, not {}", self.shown(node))))
    }

    /// A string that is not empty.
    pub(super) fn string(&self, key: &str, node: &Node) -> Found<Text> {
        match node.text() {
            Some(text) if !text.is_empty() && !text.contains('\0') => Ok(self.placed(text, node)),
            _ => self.wrong(node, &format!("`{key}` must be a string")),
        }
    }

    /// A string that may be empty.
    pub(super) fn prose(&self, key: &str, node: &Node) -> Found<String> {
        match node.text() {
            Some(text) => Ok(text.into()),
            None => self.wrong(node, &format!("`{key}` must be a string")),
        }
    }

    pub(super) fn strings(&self, key: &str, node: &Node) -> Found<Vec<Text>> {
        let Value::List(items) = &node.value else {
            return self.wrong(node, &format!("`{key}` must be an array of strings"));
        };
        let item = |item: &Node| match self.scalar(item) {
            Some(text) => Ok(text),
            None => self.wrong(item, &format!("`{key}` must hold strings")),
        };
        items.iter().map(item).collect()
    }

    /// Strings by name; the message about one that is none does not show it.
    pub(super) fn map(&self, key: &str, node: &Node) -> Found<Vec<(String, Text)>> {
        let Some(members) = node.members() else {
            let message = format!("`{key}` must be an object of strings, not {}", node.kind());
            return Err((node.at, message));
        };
        let mut map = Vec::new();
        for member in members {
            let name = member.key.as_str();
            let Some(text) = self.scalar(&member.node) else {
                let message = format!("`{key}.{name}` must be a string, not {}", member.node.kind());
                return Err((member.node.at, message));
            };
            check_name(key, name, member.at)?;
            put(&mut map, name, text);
        }
        Ok(map)
    }

    /// Headers: strings by name, or a list of `Name: value`.
    pub(super) fn headers(&self, key: &str, node: &Node) -> Found<Vec<(String, Text)>> {
        let Value::List(items) = &node.value else {
            return self.map(key, node);
        };
        let mut map = Vec::new();
        for item in items {
            let Some((name, value)) = item.text().and_then(|text| text.split_once(':')) else {
                let message = format!(
                    "`{key}` must hold strings such as `Name: value`, and holds {}",
                    item.kind()
                );
                return Err((item.at, message));
            };
            check_name(key, name.trim(), item.at)?;
            put(&mut map, name.trim(), self.placed(value.trim(), item));
        }
        Ok(map)
    }

    pub(super) fn switch(&self, key: &str, node: &Node) -> Found<bool> {
        match node.value {
            Value::Bool(value) => Ok(value),
            _ => self.wrong(node, &format!("`{key}` must be true or false")),
        }
    }

    /// Globs on names of tools.
    pub(super) fn globs(&self, key: &str, node: &Node) -> Found<Vec<String>> {
        let globs = self.strings(key, node)?;
        if let Value::List(items) = &node.value
            && let Some((item, problem)) = items
                .iter()
                .zip(&globs)
                .find_map(|(item, glob)| Some((item, filter::problem(&glob.value)?)))
        {
            return self.wrong(item, &format!("`{key}` must hold globs ({problem})"));
        }
        Ok(globs.into_iter().map(|glob| glob.value).collect())
    }

    pub(super) fn time(&self, key: &str, node: &Node, unit: Unit) -> Found<Duration> {
        let what = format!("`{key}` must be a number above 0");
        let Value::Number(number) = &node.value else {
            return self.wrong(node, &what);
        };
        let number: f64 = number.parse().unwrap_or(f64::NAN);
        let seconds = match unit {
            Unit::Milliseconds => number / 1000.0,
            Unit::Seconds => number,
            Unit::Guessed if number >= 1000.0 => number / 1000.0,
            Unit::Guessed => number,
        };
        match Duration::try_from_secs_f64(seconds) {
            Ok(time) if !time.is_zero() => Ok(time),
            _ => self.wrong(node, &what),
        }
    }

    pub(super) fn results(&self, node: &Node) -> Found<Results> {
        let is_text = |node: &Node| node.text() == Some("text");
        let what = "`results` must be \"text\", whole or by tool";
        match node.members() {
            _ if is_text(node) => Ok(Results::Text),
            Some(members) => match members.iter().find(|member| !is_text(&member.node)) {
                Some(member) => self.wrong(&member.node, what),
                None => Ok(Results::TextOf(
                    members.iter().map(|member| member.key.clone()).collect(),
                )),
            },
            None => self.wrong(node, what),
        }
    }

    /// A string, or a number or boolean as it was typed.
    pub(super) fn scalar(&self, node: &Node) -> Option<Text> {
        let text = match &node.value {
            Value::Text(text) if !text.contains('\0') => text.as_str(),
            Value::Number(number) => number.as_str(),
            Value::Bool(true) => "true",
            Value::Bool(false) => "false",
            _ => return None,
        };
        Some(self.placed(text, node))
    }

    pub(super) fn placed(&self, text: &str, node: &Node) -> Text {
        Text {
            value: text.into(),
            place: self.place(node.at),
        }
    }
}

/// What a number of time counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Milliseconds,
    Seconds,
    /// Milliseconds from 1000 on, else seconds.
    Guessed,
}

/// Which limit a key sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Limit {
    /// Of one call.
    Call,
    /// Of the start.
    Start,
}

/// What a key in its canonical form says of time.
pub(super) fn time_key(key: &str) -> Option<(Limit, Unit)> {
    let units = [
        ("milliseconds", Unit::Milliseconds),
        ("millis", Unit::Milliseconds),
        ("ms", Unit::Milliseconds),
        ("seconds", Unit::Seconds),
        ("secs", Unit::Seconds),
        ("sec", Unit::Seconds),
        ("", Unit::Guessed),
    ];
    let (base, unit) = units
        .iter()
        .find_map(|(end, unit)| Some((key.strip_suffix(end)?, *unit)))?;
    match base {
        "timeout" | "tooltimeout" | "calltimeout" | "toolcalltimeout" | "requesttimeout" => Some((Limit::Call, unit)),
        "startuptimeout" | "starttimeout" | "inittimeout" | "connecttimeout" | "connectiontimeout" => {
            Some((Limit::Start, unit))
        }
        _ => None,
    }
}

/// The words of a shell's command line, without any expansion; `None` where a quote is not closed.
pub(super) fn words(line: &str) -> Option<Vec<String>> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match (c, quote) {
            (c, Some(end)) if c == end => quote = None,
            ('\\', None | Some('"')) => word.get_or_insert_default().push(chars.next()?),
            ('"' | '\'', None) => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (c, None) if c.is_whitespace() => words.extend(word.take()),
            (c, _) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

/// The last one of a name counts.
pub(super) fn put(map: &mut Vec<(String, Text)>, name: &str, text: Text) {
    map.retain(|(n, _)| n != name);
    map.push((name.into(), text));
}

fn check_name(key: &str, name: &str, at: usize) -> Found<()> {
    if name.is_empty() || name.contains(['=', '\0', '\n', '\r']) {
        return Err((at, format!("`{key}` has a name that cannot be used")));
    }
    Ok(())
}
