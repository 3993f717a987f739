//! The configuration file: plain settings by key, and the blocks that are more than that (`[context]`, `[[sources]]`,
//! `[presets.…]` and tools).

use super::{ConfigError, Setting, nearest};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// What a configuration file says.
#[derive(Clone)]
pub(super) struct File {
    path: String,
    values: BTreeMap<String, String>,
    /// The parts that are read by the sources of context themselves.
    context: toml::Table,
    presets: BTreeMap<String, PresetBlock>,
    tools: Vec<Value>,
}

/// One block `[presets.…]`.
#[derive(Clone, Default)]
pub(super) struct PresetBlock {
    /// By the keys of the settings of `[session]`.
    pub(super) values: BTreeMap<String, String>,
    /// What the model may call; the same as without the block if it does not say.
    pub(super) tools: Option<Vec<Value>>,
}

impl File {
    pub(super) fn read(path: &Path, known: &[Setting]) -> Result<Self, ConfigError> {
        let path_name = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map_err(|source| ConfigError::Unreadable { path: path_name.clone(), source })?;
        let table: toml::Table = text.parse().map_err(|error| not_toml(&path_name, &text, &error))?;
        Self::of(path_name, table, known)
    }

    fn of(path: String, mut table: toml::Table, known: &[Setting]) -> Result<Self, ConfigError> {
        let at = |path: &str, (key, problem): (String, &str)| ConfigError::Invalid {
            place: format!("`{key}` in {path}"),
            problem: problem.to_owned(),
        };
        let context = take_context(&mut table).map_err(|(key, problem)| at(&path, (key.to_owned(), problem)))?;
        let presets = take_presets(&mut table).map_err(|fault| at(&path, fault))?;
        let tools = match table.get_mut("session") {
            Some(toml::Value::Table(session)) => take_tools(session, "session").map_err(|fault| at(&path, fault))?,
            _ => None,
        };
        let mut values = BTreeMap::new();
        flatten("", table, &mut values);
        let file = Self { path, values, context, presets, tools: tools.unwrap_or_default() };
        match file.unknown(known) {
            Some(name) => Err(ConfigError::Unknown { hint: nearest(&name, known), path: file.path, name }),
            None => Ok(file),
        }
    }

    /// A plain setting's value, as it would be written in a variable.
    pub(super) fn value(&self, key: &str) -> Option<&str> {
        self.values.get(key).map(String::as_str)
    }

    /// Where the file lies.
    pub(super) fn folder(&self) -> &Path {
        Path::new(&self.path).parent().unwrap_or(Path::new(""))
    }

    /// Where a key stands, for errors.
    pub(super) fn place(&self, key: &str) -> String {
        format!("`{key}` in {}", self.path)
    }

    /// What is said about sources of context, with its blocks as `sources`.
    pub(super) fn context(&self) -> toml::Table {
        self.context.clone()
    }

    /// The blocks `[presets.…]` by name.
    pub(super) fn presets(&self) -> &BTreeMap<String, PresetBlock> {
        &self.presets
    }

    /// The blocks `[[session.tools]]`.
    pub(super) fn tools(&self) -> &[Value] {
        &self.tools
    }

    fn unknown(&self, known: &[Setting]) -> Option<String> {
        let is_known = |key: &str| known.iter().any(|setting| setting.key == key);
        let of_presets = self.presets.iter().flat_map(|(name, block)| {
            block.values.keys().filter(|key| !is_known(key)).map(move |key| in_preset(name, key))
        });
        self.values.keys().filter(|key| !is_known(key)).cloned().chain(of_presets).next()
    }
}

fn not_toml(path: &str, text: &str, error: &toml::de::Error) -> ConfigError {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let start_of_line = before.rfind('\n').map_or(0, |end| end + 1);
    ConfigError::NotToml {
        path: path.to_owned(),
        line: before.matches('\n').count() + 1,
        column: before.get(start_of_line..).map_or(0, |line| line.chars().count()) + 1,
        problem: error.message().replace('\n', "; "),
    }
}

/// The name of a setting of `[session]` as a block `[presets.…]` has it.
pub(super) fn in_preset(preset: &str, key: &str) -> String {
    format!("presets.{preset}.{}", key.strip_prefix("session.").unwrap_or(key))
}

/// Takes out `[context]` and `[[sources]]`, which are no lists of plain settings, as one table.
fn take_context(file: &mut toml::Table) -> Result<toml::Table, (&'static str, &'static str)> {
    let mut context = match file.remove("context") {
        None => toml::Table::new(),
        Some(toml::Value::Table(context)) => context,
        Some(_) => return Err(("context", "it is a table: [context]")),
    };
    match file.remove("sources") {
        None => {}
        Some(toml::Value::Array(_)) if context.contains_key("sources") => {
            return Err(("context.sources", "give the blocks either as [[sources]] or as [[context.sources]]"));
        }
        Some(blocks @ toml::Value::Array(_)) => {
            context.insert("sources".to_owned(), blocks);
        }
        Some(_) => return Err(("sources", "these are blocks: [[sources]]")),
    }
    Ok(context)
}

fn take_presets(file: &mut toml::Table) -> Result<BTreeMap<String, PresetBlock>, (String, &'static str)> {
    let blocks = match file.remove("presets") {
        None => return Ok(BTreeMap::new()),
        Some(toml::Value::Table(blocks)) => blocks,
        Some(_) => return Err(("presets".to_owned(), "these are tables: [presets.NAME]")),
    };
    let read = |(name, block): (String, toml::Value)| {
        let place = format!("presets.{name}");
        let toml::Value::Table(mut block) = block else { return Err((place, "it is a table: [presets.NAME]")) };
        let tools = take_tools(&mut block, &place)?;
        let mut values = BTreeMap::new();
        flatten("session", block, &mut values);
        Ok((name, PresetBlock { values, tools }))
    };
    blocks.into_iter().map(read).collect()
}

fn take_tools(block: &mut toml::Table, place: &str) -> Result<Option<Vec<Value>>, (String, &'static str)> {
    let fault = (format!("{place}.tools"), "these are blocks: [[….tools]], each as the service takes a tool");
    match block.remove("tools") {
        None => Ok(None),
        Some(toml::Value::Array(tools)) => {
            tools.into_iter().map(|tool| serde_json::to_value(tool).ok()).collect::<Option<_>>().ok_or(fault).map(Some)
        }
        Some(_) => Err(fault),
    }
}

fn flatten(prefix: &str, table: toml::Table, into: &mut BTreeMap<String, String>) {
    for (key, value) in table {
        let key = if prefix.is_empty() { key } else { format!("{prefix}.{key}") };
        match value {
            toml::Value::Table(inner) => flatten(&key, inner, into),
            other => {
                into.insert(key, written(other));
            }
        }
    }
}

/// A value of the file as it would be written in a variable.
fn written(value: toml::Value) -> String {
    match value {
        toml::Value::String(text) => text,
        toml::Value::Array(values) => values.into_iter().map(written).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}
