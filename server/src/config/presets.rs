//! Named presets: the kinds of talk that this server offers, and what of each a client may choose for itself.
//!
//! `[session]` is the first one, `default`; a block `[presets.NAME]` is another, which differs from it in what it says.

use super::file::{PresetBlock, in_preset};
use super::session::{ALLOW, FIELDS, NONE, Offers};
use super::{ConfigError, SessionChoice, Setting, Sources};
use axum::body::Bytes;
use protocol::api::Talk;
use protocol::context::Budgets;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::{self, Debug, Formatter};
use std::time::Duration;

/// The kinds of talk that this server offers.
#[derive(Clone, Debug)]
pub struct Presets {
    standard: Preset,
    others: Vec<Preset>,
    budgets: Budgets,
}

/// One kind of talk.
#[derive(Clone)]
pub struct Preset {
    name: String,
    session: SessionChoice,
    allow: Vec<&'static Setting>,
    /// What it is made of, to make it again with what a client chooses.
    from: Sources,
    tools: Vec<Value>,
    offers: Offers,
}

/// Why a client does not get the talk that it asked for.
#[derive(Debug, thiserror::Error)]
pub enum ChoiceError {
    /// There is no such preset.
    #[error("There is no preset `{name}` here; there are: {known}.")]
    UnknownPreset {
        /// The name asked for.
        name: String,
        /// Those there are.
        known: String,
    },
    /// The field is not the client's to choose.
    #[error("The preset `{preset}` does not let `{field}` be chosen; {allowed}.")]
    Refused {
        /// The field.
        field: String,
        /// The preset.
        preset: String,
        /// What may be chosen, in words.
        allowed: String,
    },
    /// The value is wrong.
    #[error("The request is malformed: {0}.")]
    Wrong(String),
}

impl Presets {
    pub(super) fn read(from: &Sources, offers: &Offers) -> Result<Self, ConfigError> {
        let tools = from.file().map(|file| file.tools().to_vec()).unwrap_or_default();
        let standard = Preset::read(STANDARD, from.clone(), tools.clone(), offers)?;
        let mut others = Vec::new();
        let blocks = from.file().into_iter().flat_map(|file| file.presets().iter().map(move |block| (file, block)));
        for (file, (name, PresetBlock { values, tools: own })) in blocks {
            if name == STANDARD || !is_name(name) {
                return Err(ConfigError::Invalid {
                    place: file.place(&format!("presets.{name}")),
                    problem: NAMES.into(),
                });
            }
            let (file, block) = (file.clone(), name.clone());
            let from = from.beneath(values.clone(), move |setting| file.place(&in_preset(&block, setting.key)));
            others.push(Preset::read(name, from, own.clone().unwrap_or_else(|| tools.clone()), offers)?);
        }
        Ok(Self { standard, others, budgets: offers.budgets })
    }

    /// The same with what others offer to the model: what can be looked up is set up when the server starts.
    ///
    /// # Errors
    /// A tool has the name of one that is offered.
    pub fn offering_as(mut self, others: &Self) -> Result<Self, ConfigError> {
        self.budgets = others.budgets;
        for preset in std::iter::once(&mut self.standard).chain(&mut self.others) {
            preset.offers = others.standard.offers.clone();
            preset.session = SessionChoice::read(&preset.from, &preset.tools, &preset.offers)?;
        }
        Ok(self)
    }

    /// The longest that an answer of any of them waits for look-ups.
    pub(super) fn longest_deadline(&self) -> Duration {
        let longest = self.all().map(|preset| preset.session.deadline_ms).max();
        Duration::from_millis(longest.unwrap_or_default().into())
    }

    /// Their names, the one that counts unless another is named first.
    pub fn names(&self) -> Vec<String> {
        self.all().map(|preset| preset.name.clone()).collect()
    }

    fn all(&self) -> impl Iterator<Item = &Preset> {
        std::iter::once(&self.standard).chain(&self.others)
    }

    /// The one that counts unless another is named.
    pub fn standard(&self) -> &Preset {
        &self.standard
    }

    /// The one of a name, or the standard one.
    ///
    /// # Errors
    /// There is none of that name.
    pub fn find(&self, name: Option<&str>) -> Result<&Preset, ChoiceError> {
        let Some(name) = name else { return Ok(self.standard()) };
        self.all()
            .find(|preset| preset.name == name)
            .ok_or_else(|| ChoiceError::UnknownPreset { name: shown(name), known: self.names().join(", ") })
    }

    /// What the page is told about a talk of one of them.
    pub fn talk(&self, preset: &Preset) -> Talk {
        let session = &preset.session;
        Talk {
            preset: preset.name.clone(),
            presets: self.names(),
            allow: preset.allow.iter().map(|setting| short(setting).to_owned()).collect(),
            strategy: session.strategy.to_owned(),
            deadline_ms: session.deadline_ms,
            budgets: self.budgets,
            house_rules: session.house_rules.clone(),
            filler: session.filler.clone(),
            filler_after_ms: session.filler_after_ms,
            announce_after_ms: session.announce_after_ms,
            watches: false,
        }
    }
}

impl Preset {
    fn read(name: &str, from: Sources, tools: Vec<Value>, offers: &Offers) -> Result<Self, ConfigError> {
        let session = SessionChoice::read(&from, &tools, offers)?;
        let find = |word: String| {
            let setting =
                SessionChoice::SETTINGS.iter().find(|setting| short(setting) == word && setting.key != ALLOW.key);
            setting.ok_or_else(|| from.invalid(&ALLOW, format!("`{word}` is none of {}", choosable())))
        };
        let allow = from.list(&ALLOW).into_iter().map(find).collect::<Result<_, _>>()?;
        Ok(Self { name: name.to_owned(), session, allow, from, tools, offers: offers.clone() })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What a key is minted with.
    pub fn session(&self) -> &SessionChoice {
        &self.session
    }

    /// The body of a request for a key.
    pub fn mint_body(&self) -> Bytes {
        self.session.mint.clone()
    }

    /// The same with what a client chooses, by the names of the settings.
    ///
    /// # Errors
    /// A field that is not the client's to choose, or a value that cannot be.
    pub fn with(&self, chosen: &serde_json::Map<String, Value>) -> Result<Self, ChoiceError> {
        let mut values = BTreeMap::new();
        for (name, value) in chosen {
            let setting = self.allow.iter().find(|setting| short(setting) == name);
            let setting = setting.ok_or_else(|| self.refusal(name))?;
            values.insert(setting.key.to_owned(), plain(name, value)?);
        }
        self.remade(values)
    }

    /// The same with what the body of a `POST /realtime/client_secrets` asks for. What is as it would be anyway needs no
    /// leave.
    ///
    /// # Errors
    /// As [`Preset::with`], with the field's path.
    pub fn with_request(&self, body: &Value) -> Result<Self, ChoiceError> {
        let mut asked = Vec::new();
        leaves("", body, &mut asked);
        let mut values = BTreeMap::new();
        for (path, value) in asked {
            if matches!(
                (path.as_str(), value.as_str()),
                ("session.type", Some("realtime")) | (ANCHOR, Some("created_at"))
            ) {
                continue;
            }
            let (_, setting) = FIELDS.iter().find(|(field, _)| *field == path).ok_or_else(|| self.refusal(&path))?;
            let text = if value.is_null() { NONE.to_owned() } else { plain(&path, value)? };
            if self.from.text(setting).trim() == text.trim() {
                continue;
            }
            if !self.allow.iter().any(|allowed| allowed.key == setting.key) {
                return Err(self.refusal(&path));
            }
            values.insert(setting.key.to_owned(), text);
        }
        self.remade(values)
    }

    fn remade(&self, values: BTreeMap<String, String>) -> Result<Self, ChoiceError> {
        if values.is_empty() {
            return Ok(self.clone());
        }
        let from = self.from.beneath(values, |setting| format!("`{}`", short(setting)));
        let session = SessionChoice::read(&from, &self.tools, &self.offers);
        let session = session.map_err(|error| ChoiceError::Wrong(error.to_string()))?;
        Ok(Self { session, ..self.clone() })
    }

    fn refusal(&self, field: &str) -> ChoiceError {
        let allowed: Vec<_> = self.allow.iter().map(|setting| short(setting)).collect();
        let allowed = match allowed.as_slice() {
            [] => "it is all chosen by whoever runs the server".to_owned(),
            names => format!("this may be: {}", names.join(", ")),
        };
        ChoiceError::Refused { field: shown(field), preset: self.name.clone(), allowed }
    }
}

impl Debug for Preset {
    /// Without where it came from: that holds variables, and these may hold keys.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let allow: Vec<_> = self.allow.iter().map(|setting| short(setting)).collect();
        f.debug_struct("Preset")
            .field("name", &self.name)
            .field("session", &self.session)
            .field("allow", &allow)
            .finish_non_exhaustive()
    }
}

/// The fields of a request with their paths; a list of one word counts as the word.
fn leaves<'a>(path: &str, value: &'a Value, into: &mut Vec<(String, &'a Value)>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                leaves(&path, value, into);
            }
        }
        Value::Array(values) => match values.as_slice() {
            [word @ Value::String(_)] => into.push((path.to_owned(), word)),
            _ => into.push((path.to_owned(), value)),
        },
        _ => into.push((path.to_owned(), value)),
    }
}

/// A value as it would be written in a variable.
fn plain(name: &str, value: &Value) -> Result<String, ChoiceError> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(switch) => Ok(switch.to_string()),
        _ => Err(ChoiceError::Wrong(format!("`{}` is a text, a number, true or false", shown(name)))),
    }
}

/// A stranger's word, fit to be repeated.
fn shown(text: &str) -> String {
    text.chars().filter(|char| !char.is_control()).take(80).collect()
}

/// A setting's name within its table.
fn short(setting: &Setting) -> &'static str {
    setting.key.rsplit('.').next().unwrap_or_default()
}

fn choosable() -> String {
    let names = SessionChoice::SETTINGS.iter().filter(|setting| setting.key != ALLOW.key).map(short);
    names.collect::<Vec<_>>().join(", ")
}

fn is_name(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte))
}

const STANDARD: &str = "default";
const ANCHOR: &str = "expires_after.anchor";
const NAMES: &str = "a preset's name is of small letters, digits, - and _; the one called default is [session]";
