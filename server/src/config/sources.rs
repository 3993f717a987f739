//! Where settings come from: what a preset or a request says of its own, then flags, then variables, then the file.
//! Every value remembers its place, so that an error can name it.

use super::{ConfigError, File, Setting};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// All values given, by place. Cloning it is cheap.
#[derive(Clone, Default)]
pub struct Sources {
    /// The last one wins.
    overlays: Vec<Arc<Overlay>>,
    given: Arc<Given>,
}

#[derive(Clone, Default)]
struct Given {
    flags: BTreeMap<&'static str, String>,
    variables: BTreeMap<String, String>,
    file: Option<File>,
}

struct Overlay {
    values: BTreeMap<String, String>,
    place: Box<dyn Fn(&Setting) -> String + Send + Sync>,
}

impl Sources {
    /// Flags by setting's flag name, and variables by name.
    pub fn new(flags: BTreeMap<&'static str, String>, variables: BTreeMap<String, String>) -> Self {
        Self { overlays: Vec::new(), given: Arc::new(Given { flags, variables, file: None }) }
    }

    /// Adds a file in TOML. `known` are the keys that may be in it.
    ///
    /// # Errors
    /// The file cannot be read, is not TOML, or has a key that is no setting.
    pub fn with_file(self, path: &Path, known: &[Setting]) -> Result<Self, ConfigError> {
        let mut given = Arc::unwrap_or_clone(self.given);
        given.file = Some(File::read(path, known)?);
        Ok(Self { overlays: self.overlays, given: Arc::new(given) })
    }

    /// The same with some values put over all others, by key; `place` names where a setting's value then stands.
    pub(super) fn beneath(
        &self,
        values: BTreeMap<String, String>,
        place: impl Fn(&Setting) -> String + Send + Sync + 'static,
    ) -> Self {
        let overlay = Arc::new(Overlay { values, place: Box::new(place) });
        Self { overlays: self.overlays.iter().cloned().chain([overlay]).collect(), given: Arc::clone(&self.given) }
    }

    /// A variable that is no setting of the table, such as a key.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.given.variable(name)
    }

    /// Every variable, for what names variables itself.
    pub(super) fn variables(&self) -> &BTreeMap<String, String> {
        &self.given.variables
    }

    /// The file, for what is no list of plain settings.
    pub(super) fn file(&self) -> Option<&File> {
        self.given.file.as_ref()
    }

    /// The value given for a setting, if one was. An empty one where the default is empty, too, says nothing.
    pub fn given(&self, setting: &Setting) -> Option<&str> {
        let overlay = || self.overlay(setting).and_then(|overlay| overlay.values.get(setting.key));
        overlay()
            .map(String::as_str)
            .or_else(|| self.given.value(setting))
            .filter(|text| !(text.trim().is_empty() && setting.default.is_empty()))
    }

    /// The value of a setting, or its default.
    pub fn text<'a>(&'a self, setting: &'a Setting) -> &'a str {
        self.given(setting).unwrap_or(setting.default)
    }

    /// The value of a setting without white space around it, if there is one.
    pub fn word<'a>(&'a self, setting: &'a Setting) -> Option<&'a str> {
        Some(self.text(setting).trim()).filter(|text| !text.is_empty())
    }

    /// The path that a setting gives, if one does. Where it stands in the file, it is [beside](Self::beside) it.
    pub(super) fn path(&self, setting: &Setting) -> Option<PathBuf> {
        self.word(setting).map(|path| self.located(setting, path))
    }

    /// The same for the value of a setting that is known to be a path.
    pub(super) fn located(&self, setting: &Setting, path: &str) -> PathBuf {
        let elsewhere = self.overlay(setting).is_some() || self.given.outside(setting).is_some();
        if elsewhere { PathBuf::from(path) } else { self.beside(path) }
    }

    /// The text of the file that a setting names, if it names one.
    ///
    /// # Errors
    /// It cannot be read.
    pub(super) fn contents(&self, setting: &Setting) -> Result<Option<String>, ConfigError> {
        let Some(path) = self.path(setting) else { return Ok(None) };
        let text = std::fs::read_to_string(&path);
        text.map(Some).map_err(|error| self.invalid(setting, format!("{}: {error}", path.display())))
    }

    /// A path that the file names: it begins where the file lies, wherever the server was started.
    pub(super) fn beside(&self, path: &str) -> PathBuf {
        self.file().map_or_else(|| PathBuf::from(path), |file| file.folder().join(path))
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

    /// One word of several, as what it stands for.
    ///
    /// # Errors
    /// The value is none of them.
    pub fn choice<T: Copy>(&self, setting: &Setting, words: &[(&str, T)]) -> Result<T, ConfigError> {
        let text = self.text(setting).trim();
        words.iter().find(|(word, _)| *word == text).map(|(_, meaning)| *meaning).ok_or_else(|| {
            let words: Vec<_> = words.iter().map(|(word, _)| *word).collect();
            self.invalid(setting, format!("`{text}` is none of {}", words.join(", ")))
        })
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
        let place = self.overlay(setting).map_or_else(|| self.given.place(setting), |over| (over.place)(setting));
        ConfigError::Invalid { place, problem: problem.into() }
    }

    fn overlay(&self, setting: &Setting) -> Option<&Overlay> {
        self.overlays.iter().rev().find(|overlay| overlay.values.contains_key(setting.key)).map(Arc::as_ref)
    }
}

impl Given {
    fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.trim().is_empty())
    }

    fn value(&self, setting: &Setting) -> Option<&str> {
        self.outside(setting).or_else(|| self.file.as_ref()?.value(setting.key))
    }

    /// The value that is not the file's.
    fn outside(&self, setting: &Setting) -> Option<&str> {
        let variable = || setting.variables.iter().find_map(|name| self.variable(name));
        self.flags.get(setting.flag).map(String::as_str).or_else(variable)
    }

    fn place(&self, setting: &Setting) -> String {
        if self.flags.contains_key(setting.flag) {
            return format!("--{}", setting.flag);
        }
        if let Some(name) = setting.variables.iter().find(|name| self.variable(name).is_some()) {
            return (*name).to_owned();
        }
        match self.file.as_ref().filter(|file| file.value(setting.key).is_some()) {
            Some(file) => file.place(setting.key),
            None => format!("--{} ({})", setting.flag, setting.variables.first().unwrap_or(&setting.key)),
        }
    }
}
