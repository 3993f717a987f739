//! Reads what the model may call.

use crate::fields::Place;
use crate::session::{Function, McpServer, Tool, ToolChoice};
use crate::{FieldError, Patch};
use serde_json::Value;

pub(crate) fn tools(place: &Place) -> Result<Vec<Tool>, FieldError> {
    place.list()?.iter().map(tool).collect()
}

fn tool(place: &Place) -> Result<Tool, FieldError> {
    let kind = place.open_fields()?.need("type")?;
    if kind.word(&[("function", true), ("mcp", false)])? {
        function(place).map(Tool::Function)
    } else {
        mcp_server(place).map(Tool::Mcp)
    }
}

fn function(place: &Place) -> Result<Function, FieldError> {
    let fields = place.fields(&["type", "name", "description", "parameters"])?;
    fields.read("parameters", Place::open_fields)?;
    Ok(Function {
        name: fields.need("name")?.string()?,
        description: fields.read("description", Place::string)?,
        parameters: fields.get("parameters").map(|place| place.value().clone()),
    })
}

fn mcp_server(place: &Place) -> Result<McpServer, FieldError> {
    let fields = place.fields(MCP_KEYS)?;
    let server_label = fields.need("server_label")?.string()?;
    let addresses = MCP_ADDRESSES.iter().filter_map(|key| fields.get(key)).collect::<Vec<_>>();
    match addresses.as_slice() {
        [] => return Err(place.invalid("one of 'server_url', 'tunnel_id' and 'connector_id' is required.")),
        [one] => one.text()?,
        [_, second, ..] => {
            return Err(second.invalid("only one of 'server_url', 'tunnel_id' and 'connector_id' can be given."));
        }
    };
    fields.read("server_description", Place::text)?;
    fields.read("authorization", Place::text)?;
    fields.patch("headers", |place| place.open_fields()?.places().try_for_each(|(_, value)| value.text().map(drop)))?;
    fields.patch("allowed_tools", allowed_tools)?;
    fields.patch("require_approval", require_approval)?;
    fields.read("defer_loading", Place::boolean)?;
    let mut settings = fields.map().clone();
    settings.retain(|key, _| key != "type" && key != "server_label");
    Ok(McpServer { server_label, settings })
}

fn allowed_tools(place: &Place) -> Result<(), FieldError> {
    match place.value() {
        Value::Array(_) => place.strings().map(drop),
        Value::Object(_) => tool_filter(place),
        _ => Err(place.wrong_type("an array or an object")),
    }
}

fn require_approval(place: &Place) -> Result<(), FieldError> {
    match place.value() {
        Value::String(_) => place.word(&[("always", ()), ("never", ())]),
        Value::Object(_) => {
            let fields = place.fields(&["always", "never"])?;
            fields.read("always", tool_filter)?;
            fields.read("never", tool_filter)?;
            Ok(())
        }
        _ => Err(place.wrong_type("a string or an object")),
    }
}

fn tool_filter(place: &Place) -> Result<(), FieldError> {
    let fields = place.fields(&["tool_names", "read_only"])?;
    fields.read("tool_names", Place::strings)?;
    fields.read("read_only", Place::boolean)?;
    Ok(())
}

pub(crate) fn tool_choice(place: &Place) -> Result<ToolChoice, FieldError> {
    match place.value() {
        Value::String(text) => match text.as_str() {
            "auto" => Ok(ToolChoice::Auto),
            "none" => Ok(ToolChoice::None),
            "required" => Ok(ToolChoice::Required),
            _ => Err(place.unsupported(["none", "auto", "required"].into_iter())),
        },
        Value::Object(_) => chosen_tool(place),
        _ => Err(place.wrong_type("a string or an object")),
    }
}

fn chosen_tool(place: &Place) -> Result<ToolChoice, FieldError> {
    let kind = place.open_fields()?.need("type")?;
    if kind.word(&[("function", true), ("mcp", false)])? {
        let fields = place.fields(&["type", "name"])?;
        return Ok(ToolChoice::Function { name: fields.need("name")?.string()? });
    }
    let fields = place.fields(&["type", "server_label", "name"])?;
    let name = match fields.patch("name", Place::string)? {
        Patch::Set(name) => Some(name),
        Patch::Keep | Patch::Clear => None,
    };
    Ok(ToolChoice::Mcp { server_label: fields.need("server_label")?.string()?, name })
}

const MCP_ADDRESSES: &[&str] = &["server_url", "tunnel_id", "connector_id"];

const MCP_KEYS: &[&str] = &[
    "type",
    "server_label",
    "server_url",
    "tunnel_id",
    "connector_id",
    "server_description",
    "authorization",
    "headers",
    "allowed_tools",
    "require_approval",
    "allowed_callers",
    "defer_loading",
];
