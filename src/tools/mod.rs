//! MCP servers as one catalog of tools.

pub mod cache;
pub mod catalog;
pub mod client;
pub mod connection;
pub mod context;
pub mod estimate;
pub mod names;
pub mod object;
pub mod observations;
pub mod python;
pub mod schema;
pub mod search;
pub mod servers;
pub mod shape;
pub mod stub;
mod workspace;

use crate::mask::Masker;

/// A tool as its server describes it, read leniently.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct RawTool {
    /// The name the server knows.
    pub name: String,
    /// A title for people.
    pub title: Option<String>,
    /// What it does.
    pub description: Option<String>,
    /// JSON Schema of its arguments; `{}` when there is none.
    pub input_schema: serde_json::Value,
    /// JSON Schema of `structuredContent`.
    pub output_schema: Option<serde_json::Value>,
    /// `readOnlyHint`: a claim of the server's, not a promise.
    pub read_only: bool,
}

impl RawTool {
    /// Whether whoever can call one can call the other.
    fn is_called_like(&self, other: &Self) -> bool {
        self.input_schema == other.input_schema
            && self.output_schema == other.output_schema
            && self.read_only == other.read_only
    }

    /// The schema of its results, if it says anything.
    fn declared_result(&self) -> Option<&serde_json::Value> {
        let says = |schema: &&serde_json::Value| schema.as_object().is_some_and(|map| !map.is_empty());
        self.output_schema.as_ref().filter(says)
    }

    /// The same without secrets in what is said of it.
    pub fn masked(&self, masker: &Masker) -> Self {
        let text = |text: &Option<String>| text.as_deref().map(|text| masker.text(text));
        Self {
            name: self.name.clone(),
            title: text(&self.title),
            description: text(&self.description),
            input_schema: masker.value(self.input_schema.clone()),
            output_schema: self.output_schema.clone().map(|schema| masker.value(schema)),
            read_only: self.read_only,
        }
    }
}

/// What a tool gave back.
#[derive(Debug, Clone, PartialEq)]
pub struct CallResult {
    /// The tool says that it failed.
    pub is_error: bool,
    /// `structuredContent`, as JSON text.
    pub structured: Option<String>,
    /// `content`, in order.
    pub content: Vec<Content>,
}

/// One block of a tool's content.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// Text, or an embedded text resource.
    Text(String),
    /// An image, audio or binary resource, decoded.
    Blob {
        /// Its media type; `application/octet-stream` when not said.
        mime: String,
        /// Its bytes.
        data: Vec<u8>,
    },
    /// A block of any other kind, as it came (resource links among them).
    Other(serde_json::Value),
}
