//! Where settings come from: flags, then variables, then the file. Every value remembers its place, so that an error
//! can name it.

use super::{ConfigError, Setting};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::Path;

/// All values given, by place.
#[derive(Clone, Default)]
pub struct Sources {
    flags: BTreeMap<&'static str, String>,
    variables: BTreeMap<String, String>,
    file: Option<File>,
}

#[derive(Clone)]
struct File {
    path: String,
    values: BTreeMap<String, String>,
    /// The parts that are read by the sources of context themselves.
    context: toml::Table,
}

impl Sources {
    /// Flags by setting's flag name, and variables by name.
    pub fn new(flags: BTreeMap<&'static str, String>, variables: BTreeMap<String, String>) -> Self {
        Self { flags, variables, file: None }
    }

    /// Adds a file in TOML. `known` are the keys that may be in it.
    ///
    /// # Errors
    /// The file cannot be read, is not TOML, or has a key that is no setting.
    pub fn with_file(mut self, path: &Path, known: &[Setting]) -> Result<Self, ConfigError> {
        let name = path.display().to_string();
        let text =
            std::fs::read_to_string(path).map_err(|source| ConfigError::Unreadable { path: name.clone(), source })?;
        let mut table: toml::Table =
            text.parse().map_err(|source| ConfigError::NotToml { path: name.clone(), source: Box::new(source) })?;
        let context = take_context(&mut table).map_err(|(key, problem)| ConfigError::Invalid {
            place: format!("`{key}` in {name}"),
            problem: problem.to_owned(),
        })?;
        let mut values = BTreeMap::new();
        flatten("", table, &mut values);
        if let Some(unknown) = values.keys().find(|key| !known.iter().any(|setting| setting.key == key.as_str())) {
            return Err(ConfigError::unknown(name, unknown, known));
        }
        self.file = Some(File { path: name, values, context });
        Ok(self)
    }

    /// A variable that is no setting of the table, such as a key.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.trim().is_empty())
    }

    /// Every variable, for what names variables itself.
    pub(super) fn variables(&self) -> &BTreeMap<String, String> {
        &self.variables
    }

    /// The file's part about sources of context, with its blocks as `sources`; empty without a file.
    pub(super) fn context(&self) -> toml::Table {
        self.file.as_ref().map(|file| file.context.clone()).unwrap_or_default()
    }

    /// Where a field of that part stands.
    pub(super) fn place_of_context(&self, field: &str) -> String {
        match &self.file {
            Some(file) => format!("`{field}` in {}", file.path),
            None => field.to_owned(),
        }
    }

    /// The value given for a setting, if one was.
    pub fn given(&self, setting: &Setting) -> Option<&str> {
        let variable = || setting.variables.iter().find_map(|name| self.variable(name));
        let file = || self.file.as_ref()?.values.get(setting.key).map(String::as_str);
        self.flags.get(setting.flag).map(String::as_str).or_else(variable).or_else(file)
    }

    /// The value of a setting, or its default.
    pub fn text<'a>(&'a self, setting: &'a Setting) -> &'a str {
        self.given(setting).unwrap_or(setting.default)
    }

    /// The parts of a setting that is a list, separated by commas.
    pub fn list(&self, setting: &Setting) -> Vec<String> {
        self.text(setting).split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
    }

    /// A setting that is on or off.
    ///
    /// # Errors
    /// The value is neither.
    pub fn switch(&self, setting: &Setting) -> Result<bool, ConfigError> {
        match self.text(setting).trim().to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "on" => Ok(true),
            "false" | "0" | "no" | "off" | "" => Ok(false),
            other => Err(self.invalid(setting, format!("`{other}` is neither true nor false"))),
        }
    }

    /// A whole number within a range.
    ///
    /// # Errors
    /// The value is no whole number, or out of the range.
    pub fn number(&self, setting: &Setting, range: RangeInclusive<u64>) -> Result<u64, ConfigError> {
        let text = self.text(setting).trim();
        let (low, high) = (range.start(), range.end());
        match text.parse() {
            Ok(number) if range.contains(&number) => Ok(number),
            _ => Err(self.invalid(setting, format!("`{text}` is not a whole number from {low} to {high}"))),
        }
    }

    /// A decimal number; its range is checked where it is used.
    ///
    /// # Errors
    /// The value is no finite number.
    pub fn decimal(&self, setting: &Setting) -> Result<f64, ConfigError> {
        let text = self.text(setting).trim();
        text.parse()
            .ok()
            .filter(|number: &f64| number.is_finite())
            .ok_or_else(|| self.invalid(setting, format!("`{text}` is not a number")))
    }

    /// An error about a setting that names the place it was given at.
    pub fn invalid(&self, setting: &Setting, problem: impl Into<String>) -> ConfigError {
        ConfigError::Invalid { place: self.place(setting), problem: problem.into() }
    }

    fn place(&self, setting: &Setting) -> String {
        if self.flags.contains_key(setting.flag) {
            return format!("--{}", setting.flag);
        }
        if let Some(name) = setting.variables.iter().find(|name| self.variable(name).is_some()) {
            return (*name).to_owned();
        }
        match &self.file {
            Some(file) if file.values.contains_key(setting.key) => format!("`{}` in {}", setting.key, file.path),
            _ => format!("--{} ({})", setting.flag, setting.variables.first().unwrap_or(&setting.key)),
        }
    }
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
