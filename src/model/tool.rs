//! Tools that a model may call by itself, and its calls, in the form of OpenAI's chat completions.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A tool that a model is told of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(into = "wire::Tool")]
pub struct Tool {
    /// At most 64 characters of `[A-Za-z0-9_-]`, unique in its prompt.
    pub name: String,
    /// What it does.
    pub description: Option<String>,
    /// JSON Schema of its arguments.
    pub parameters: Value,
}

/// A model calls a tool.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "wire::Call", from = "wire::Call")]
pub struct ToolCall {
    /// Unique in its reply; the result names it.
    pub id: String,
    /// As the model wrote it, which may be no tool's name.
    pub name: String,
    /// As the model wrote it, which may be no JSON.
    pub arguments: String,
}

/// What is sent, and what recordings hold.
mod wire {
    use super::{Deserialize, Serialize, Value};

    #[derive(Serialize)]
    pub struct Tool {
        r#type: Kind,
        function: Function,
    }

    #[derive(Serialize, Deserialize)]
    pub struct Call {
        id: String,
        r#type: Kind,
        function: Called,
    }

    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Kind {
        Function,
    }

    #[derive(Serialize)]
    struct Function {
        name: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        description: Option<String>,
        parameters: Value,
    }

    #[derive(Serialize, Deserialize)]
    struct Called {
        name: String,
        arguments: String,
    }

    impl From<super::Tool> for Tool {
        fn from(tool: super::Tool) -> Self {
            Self {
                r#type: Kind::Function,
                function: Function {
                    name: tool.name,
                    description: tool.description,
                    parameters: tool.parameters,
                },
            }
        }
    }

    impl From<super::ToolCall> for Call {
        fn from(call: super::ToolCall) -> Self {
            Self {
                id: call.id,
                r#type: Kind::Function,
                function: Called {
                    name: call.name,
                    arguments: call.arguments,
                },
            }
        }
    }

    impl From<Call> for super::ToolCall {
        fn from(Call { id, function, .. }: Call) -> Self {
            Self {
                id,
                name: function.name,
                arguments: function.arguments,
            }
        }
    }
}
