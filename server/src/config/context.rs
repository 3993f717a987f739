//! What can be looked up while somebody speaks: the blocks `[[sources]]` and the table `[context]` of the file, and a
//! folder of documents without a file.

use super::{ConfigError, File, Setting, Sources};
use ::context::{Config, Lookup, Source};
use protocol::context::Budgets;
use std::collections::BTreeMap;
use std::fmt::{self, Debug, Formatter};
use std::sync::Arc;
use std::time::Duration;
use toml::{Table, Value};

/// What can be looked up while somebody speaks.
#[derive(Clone)]
pub struct ContextChoice {
    config: Config,
    /// Some sources are given variables; they may hold keys.
    variables: Arc<BTreeMap<String, String>>,
    /// Where the blocks stand, for errors.
    from: Sources,
}

impl ContextChoice {
    pub(super) const SETTINGS: &[Setting] = &[DOCUMENTS];

    pub(super) fn read(from: &Sources) -> Result<Self, ConfigError> {
        let mut table = from.file().map(File::context).unwrap_or_default();
        put_beside(&mut table, from);
        if let Some(folder) = from.path(&DOCUMENTS) {
            add_documents(&mut table, &folder.to_string_lossy());
        }
        if table.contains_key("deadline_ms") {
            let problem = "`session.deadline_ms` says how long answers and look-ups wait".to_owned();
            return Err(invalid(from, "deadline_ms", problem));
        }
        let variables = Arc::new(from.variables().clone());
        let config = Config::from_table(table, &|name| variables.get(name).cloned())
            .map_err(|error| invalid(from, &error.field, error.reason))?;
        if config.sources.iter().any(|source| source.name == MEMORY) {
            let problem = "the name `memory` belongs to the long-term memory; choose another".to_owned();
            return Err(invalid(from, "sources", problem));
        }
        Ok(Self { config, variables, from: from.clone() })
    }

    /// How much of what is found the model is given.
    pub(super) fn budgets(&self) -> Budgets {
        self.config.settings.budgets
    }

    /// How long answers wait for look-ups, which is one number for the page and for the look-ups.
    pub(super) fn answer_within(&mut self, deadline: Duration) {
        self.config.settings.deadline = deadline;
    }

    /// The names of all sources, the built-in time included.
    pub(super) fn names(&self) -> Vec<String> {
        self.config.sources.iter().map(|source| source.name.clone()).collect()
    }

    /// What is no fault, but surely not meant: folders and files to be read that are not there.
    pub fn warnings(&self) -> Vec<String> {
        let missing = self.config.missing_paths().into_iter();
        missing.map(|(field, path)| format!("{}: {} is not there", place(&self.from, &field), path.display())).collect()
    }

    /// Makes the sources, and starts what runs in the background; must be called inside a tokio runtime.
    ///
    /// # Errors
    /// The first field at fault, by name.
    pub fn open(&self, further: Vec<Arc<dyn Source>>) -> Result<Lookup, ConfigError> {
        self.config
            .open_with(further, &|name| self.variables.get(name).cloned())
            .map_err(|error| invalid(&self.from, &error.field, error.reason))
    }
}

impl Debug for ContextChoice {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContextChoice").field("config", &self.config).finish_non_exhaustive()
    }
}

/// What the blocks of the file are to read is found from where the file lies.
fn put_beside(table: &mut Table, from: &Sources) {
    let blocks = table.get_mut("sources").and_then(Value::as_array_mut).into_iter().flatten();
    for block in blocks.filter_map(Value::as_table_mut) {
        for key in ["folder", "file"] {
            if let Some(Value::String(path)) = block.get_mut(key) {
                *path = from.beside(path).to_string_lossy().into_owned();
            }
        }
    }
}

/// The setting is short for a block; after the others, so that they keep their numbers in errors.
fn add_documents(table: &mut Table, folder: &str) {
    let text = |text: &str| Value::String(text.to_owned());
    let block = [("kind", text("documents")), ("name", text("documents")), ("folder", text(folder))];
    let block = Value::Table(block.map(|(key, value)| (key.to_owned(), value)).into_iter().collect());
    match table.get_mut("sources") {
        Some(Value::Array(blocks)) => blocks.push(block),
        Some(_) => {}
        None => {
            table.insert("sources".to_owned(), Value::Array(vec![block]));
        }
    }
}

fn invalid(from: &Sources, field: &str, problem: String) -> ConfigError {
    ConfigError::Invalid { place: place(from, field), problem }
}

fn place(from: &Sources, field: &str) -> String {
    from.file().map_or_else(|| field.to_owned(), |file| file.place(field))
}

/// The name of the source that the long-term memory is.
pub(crate) const MEMORY: &str = "memory";

const DOCUMENTS: Setting = Setting {
    key: "documents",
    flag: "documents",
    variables: &["COLLOQUY_DOCUMENTS"],
    value: "FOLDER",
    default: "",
    help: "A folder of your documents that answers may use: Markdown, text, HTML and PDF",
};
