//! The keys of a program's front matter.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};
use serde_saphyr::Spanned;

/// What stands between the two lines of `---`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Front {
    /// For people.
    #[serde(default, rename = "description")]
    _description: Option<String>,
    pub(super) signature: Option<Spanned<String>>,
    pub(super) servers: Option<Vec<Spanned<String>>>,
    pub(super) tools: Option<Vec<Spanned<String>>>,
    pub(super) model: Option<Spanned<Value>>,
    #[serde(rename = "sub-model")]
    pub(super) sub_model: Option<Spanned<Value>>,
    pub(super) module: Option<Spanned<Value>>,
    /// Flags without `--`.
    #[serde(default)]
    pub(super) limits: BTreeMap<String, Spanned<Value>>,
    #[serde(default)]
    pub(super) demonstrations: Vec<Spanned<Shown>>,
}

/// A task that was done well.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Shown {
    /// What the user said besides the instructions.
    pub(super) task: Option<String>,
    #[serde(default)]
    pub(super) inputs: Map<String, Value>,
    /// The only script; or else `steps`.
    pub(super) script: Option<String>,
    #[serde(default)]
    pub(super) steps: Vec<Step>,
    #[serde(default)]
    pub(super) answer: Present,
}

/// A value that may be null, or is not there.
#[derive(Debug, Clone, Default)]
pub(super) enum Present {
    #[default]
    No,
    Yes(Value),
}

impl<'de> Deserialize<'de> for Present {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Value::deserialize(from).map(Self::Yes)
    }
}

/// A script that looked, or the last one.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Step {
    pub(super) script: String,
    #[serde(default)]
    pub(super) output: String,
}
