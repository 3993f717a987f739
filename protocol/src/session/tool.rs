//! What the model may call.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Something the model may call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Tool {
    /// A function of the client's.
    Function(Function),
    /// The tools of a remote server, which the service calls by itself.
    Mcp(McpServer),
}

/// A function of the client's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// When to call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// A JSON schema of its arguments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameters: Option<Value>,
}

/// The tools of a remote server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct McpServer {
    /// Names the server in items and choices.
    pub server_label: String,
    /// Where it is, who may call what: kept as given, its keys checked when read.
    #[serde(flatten)]
    pub settings: Map<String, Value>,
}

/// Which tool may or must be called.
#[derive(Clone, Debug, PartialEq)]
pub enum ToolChoice {
    /// The model decides.
    Auto,
    /// None.
    None,
    /// At least one.
    Required,
    /// This function.
    Function {
        /// Its name.
        name: String,
    },
    /// This remote server, or one tool of it.
    Mcp {
        /// Which server.
        server_label: String,
        /// Which tool.
        name: Option<String>,
    },
}
