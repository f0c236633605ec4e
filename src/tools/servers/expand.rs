//! Puts values in the place of `${…}`.
//!
//! - One pass: what a variable holds is not looked at again.
//! - `$X` without braces, and `${` without an end, stay as they are.

use std::path::Path;

use super::{Fault, Input, RawEntry, Secrecy, Text, inputs, secrets};

/// What the variables of a configuration stand for.
pub struct Surroundings<'a> {
    /// `${workspaceFolder}`: the folder the program runs in; absolute.
    pub folder: &'a Path,
    /// `${userHome}`.
    pub home: Option<&'a Path>,
    /// Values of `${X}` and `${env:X}`.
    pub variable: &'a dyn Fn(&str) -> Option<String>,
    /// Values of `${input:ID}`.
    pub input: &'a dyn Fn(&str) -> Option<Input>,
}

/// Whether the text names a variable.
pub(super) fn names_variable(text: &str) -> bool {
    pieces(text).iter().any(|piece| matches!(piece, Piece::Variable(_)))
}

/// Expands the strings of one entry.
pub(super) struct Expander<'a> {
    pub(super) entry: &'a RawEntry,
    pub(super) path: &'a Path,
    pub(super) surroundings: &'a Surroundings<'a>,
    /// What must not be shown.
    pub(super) hidden: Vec<String>,
}

impl Expander<'_> {
    pub(super) fn text(&mut self, what: &str, text: &Text) -> Result<String, Fault> {
        let mut out = String::new();
        for piece in pieces(&text.value) {
            match piece {
                Piece::Plain(plain) => out.push_str(plain),
                Piece::Variable(inside) => match self.value(inside) {
                    Ok(value) => out.push_str(&value),
                    Err(message) => {
                        return Err(self.fault(text, format!("{message}, which `{what}` needs")));
                    }
                },
            }
        }
        Ok(out)
    }

    pub(super) fn fault(&self, text: &Text, message: String) -> Fault {
        Fault::new(&self.entry.name, self.path, text.place, message)
    }

    fn value(&mut self, inside: &str) -> Result<String, String> {
        let path = |path: &Path| path.to_string_lossy().into_owned();
        let folder = self.surroundings.folder;
        match inside {
            "workspaceFolder" => return Ok(path(folder)),
            "workspaceFolderBasename" => {
                return Ok(folder.file_name().map_or(String::new(), |name| path(name.as_ref())));
            }
            "pathSeparator" | "/" => return Ok("/".into()),
            "userHome" => {
                let home = self.surroundings.home.map(path);
                return home.ok_or_else(|| "no home folder is known".into());
            }
            _ => {}
        }
        if let Some(id) = inside.strip_prefix("input:") {
            return self.input(id);
        }
        let named = inside.strip_prefix("env://").or_else(|| inside.strip_prefix("env:"));
        let named = named.unwrap_or(inside);
        let (name, default) = match named.split_once(":-") {
            Some((name, default)) => (name, Some(default)),
            None => (named, None),
        };
        if name.is_empty() || !name.chars().all(|c| c == '_' || c.is_ascii_alphanumeric()) {
            return Err(format!("`${{{inside}}}` is no variable that is known here"));
        }
        match ((self.surroundings.variable)(name), default) {
            (Some(value), default) if default.is_none() || !value.is_empty() => {
                secrets::of_variable(name, &value, &mut self.hidden);
                Ok(value)
            }
            (_, Some(default)) => Ok(default.into()),
            (_, None) => Err(format!("the variable `{name}` is not set")),
        }
    }

    fn input(&mut self, id: &str) -> Result<String, String> {
        let Some(input) = (self.surroundings.input)(id) else {
            let variable = inputs::variable(id);
            return Err(format!(
                "the input `{id}` is not given, neither on a terminal nor by `{variable}`"
            ));
        };
        if input.secrecy == Secrecy::Hidden {
            secrets::of_secret(&input.value, &mut self.hidden);
        }
        Ok(input.value)
    }
}

/// A part of a string: as it is, or what stands in `${…}`.
pub(super) enum Piece<'a> {
    Plain(&'a str),
    Variable(&'a str),
}

pub(super) fn pieces(mut text: &str) -> Vec<Piece<'_>> {
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
