//! One table of the configuration file: the settings of the engine and a block for each source.
//!
//! Everything is parsed and checked before anything starts, and an error names the field it is about. In a block of a
//! source, any field can be given as `<field>_env` instead, naming the variable that holds its value: for keys.

use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

use protocol::context::{Budgets, Lane};
use regex::RegexBuilder;
use serde::{Deserialize, de::DeserializeOwned};
use toml::{Table, Value};

use crate::{
    Bounds, Builder, Lookup, Profile, Rest, Settings, Source, Standing, Threshold,
    sources::{Calendar, Documents, DocumentsConfig, Endpoint, Mcp, News, Page, PageConfig, Search, Time, Weather},
};

/// What is wrong with the configuration; `Display` names the field. No value is ever in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}")]
pub struct ConfigError {
    /// Which field, for example `sources[2].url`.
    pub field: String,
    /// What is wrong with it.
    pub reason: String,
}

/// The configuration, read and checked.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// What holds for all sources.
    pub settings: Settings,
    /// The sources in their order; the first of equal fit is asked first.
    pub sources: Vec<SourceConfig>,
}

/// One block `[[sources]]`.
#[derive(Clone)]
pub struct SourceConfig {
    /// Its name.
    pub name: String,
    kind: Kind,
    common: Common,
    own: Table,
    field: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Time,
    Weather,
    Search,
    Page,
    News,
    Calendar,
    Documents,
    Mcp,
    Http,
    Subscription,
}

impl Kind {
    fn named(name: &str) -> Option<Self> {
        KINDS.iter().find(|(other, _)| *other == name).map(|(_, kind)| *kind)
    }
}

/// The fields that every source has.
#[derive(Clone, Debug, Default, Deserialize)]
struct Common {
    lane: Option<Lane>,
    topics: Option<Vec<String>>,
    #[serde(default)]
    patterns: Vec<String>,
    limit_ms: Option<u64>,
    concurrency: Option<usize>,
    cache_s: Option<u64>,
    max_items: Option<usize>,
    max_characters: Option<usize>,
    max_tokens: Option<u32>,
    #[serde(default)]
    at_onset: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Whole {
    deadline_ms: Option<u64>,
    cache_s: Option<u64>,
    cache_negative_s: Option<u64>,
    keep_late_s: Option<u64>,
    max_sources: Option<usize>,
    max_follow_ups: Option<usize>,
    concurrency: Option<usize>,
    watch_every_s: Option<u64>,
    #[serde(default)]
    rest: RestConfig,
    #[serde(default)]
    budgets: BudgetsConfig,
    time: Option<bool>,
    #[serde(default)]
    sources: Vec<Table>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RestConfig {
    failures: Option<u32>,
    first_s: Option<u64>,
    longest_s: Option<u64>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct BudgetsConfig {
    policy: Option<u32>,
    turn: Option<u32>,
    memory: Option<u32>,
    hint: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SubscriptionConfig {
    watch: String,
    query: String,
    every_s: u64,
    change: Option<f64>,
    change_percent: Option<f64>,
    number: Option<String>,
}

impl Config {
    /// Reads the table. `variable` reads the environment, for the fields that name one.
    ///
    /// # Errors
    ///
    /// The first field that is wrong. Nothing has been started, and no source's own fields have been used yet; what is
    /// wrong with those, [`open`](Self::open) says.
    pub fn from_table(table: Table, variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let whole: Whole = read(table, "context")?;
        let mut blocks = whole.sources.clone();
        let has_time = blocks.iter().any(|block| block.get("kind").and_then(Value::as_str) == Some("time"));
        if whole.time != Some(false) && !has_time {
            blocks.insert(0, Table::from_iter([("kind".to_owned(), Value::String("time".to_owned()))]));
        }
        // Counted as they are written: the built-in one has no place in the file.
        let shift = blocks.len() - whole.sources.len();
        let block = |(index, table): (usize, Table)| {
            let field = if index < shift { "time".to_owned() } else { format!("sources[{}]", index - shift) };
            SourceConfig::read(table, field, variable)
        };
        let sources = blocks.into_iter().enumerate().map(block).collect::<Result<Vec<_>, _>>()?;
        for (index, source) in sources.iter().enumerate() {
            if sources.iter().take(index).any(|other| other.name == source.name) {
                return Err(error(format!("{}.name", source.field), format!("`{}` is taken", source.name)));
            }
        }
        Ok(Self { settings: whole.settings(), sources })
    }

    /// The folders and files that are to be read and are not there, each with its field. They may come later.
    pub fn missing_paths(&self) -> Vec<(String, PathBuf)> {
        let fields = self.sources.iter().flat_map(|source| ["folder", "file"].map(|key| (source, key)));
        let named =
            fields.filter_map(|(source, key)| Some((source, key, PathBuf::from(source.own.get(key)?.as_str()?))));
        let missing = named.filter(|(_, key, path)| if *key == "folder" { !path.is_dir() } else { !path.is_file() });
        missing.map(|(source, key, path)| (format!("{}.{key}", source.field), path)).collect()
    }

    /// Makes the sources and starts what runs in the background; must be called inside a tokio runtime.
    ///
    /// # Errors
    ///
    /// The first field that is wrong.
    pub fn open(&self, variable: &dyn Fn(&str) -> Option<String>) -> Result<Lookup, ConfigError> {
        self.open_with(Vec::new(), variable)
    }

    /// The same with further sources, made elsewhere.
    ///
    /// # Errors
    ///
    /// The first field that is wrong.
    pub fn open_with(
        &self,
        further: Vec<Arc<dyn Source>>,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Lookup, ConfigError> {
        Ok(self.builder(further, variable)?.build())
    }

    /// The same, to be completed: with another clock or embedding.
    ///
    /// # Errors
    ///
    /// The first field that is wrong.
    pub fn builder(
        &self,
        further: Vec<Arc<dyn Source>>,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Builder, ConfigError> {
        let mut sources: Vec<Arc<dyn Source>> = further;
        for config in self.sources.iter().filter(|config| config.kind != Kind::Subscription) {
            sources.push(config.open(variable)?);
        }
        let searches = sources.iter().any(|source| source.profile().kind == "search");
        let reads = sources.iter().any(|source| source.profile().kind == "page");
        if searches && !reads {
            // A search names pages to be read.
            let page = Page::new(Page::profile("page"), &PageConfig::default());
            sources.push(Arc::new(page.map_err(|reason| error("page", reason))?));
        }
        let mut builder = Lookup::builder(self.settings.clone());
        for config in self.sources.iter().filter(|config| config.kind == Kind::Subscription) {
            builder = builder.standing(config.subscribe(&sources)?);
        }
        Ok(sources.into_iter().fold(builder, Builder::source))
    }
}

impl fmt::Debug for SourceConfig {
    /// Without the source's own fields, of which some are secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SourceConfig").field("name", &self.name).field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl SourceConfig {
    fn read(mut table: Table, field: String, variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let text = |table: &mut Table, name: &str| match table.remove(name) {
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(error(format!("{field}.{name}"), "must be a text")),
            None => Ok(None),
        };
        let kind_name = text(&mut table, "kind")?.ok_or_else(|| error(format!("{field}.kind"), "is missing"))?;
        let kind = Kind::named(&kind_name).ok_or_else(|| {
            let known: Vec<&str> = KINDS.iter().map(|(name, _)| *name).collect();
            error(format!("{field}.kind"), format!("must be one of {}", known.join(", ")))
        })?;
        let name = text(&mut table, "name")?.unwrap_or(kind_name);
        if name.trim().is_empty() {
            return Err(error(format!("{field}.name"), "is empty"));
        }
        let mut common = Table::new();
        for shared in COMMON {
            if let Some(value) = table.remove(*shared) {
                common.insert((*shared).to_owned(), value);
            }
        }
        let common: Common = read(common, &field)?;
        from_environment(&mut table, &field, variable)?;
        Ok(Self { name, kind, common, own: table, field })
    }

    /// The kind's usual profile with what the block says differently.
    fn profile(&self, mut profile: Profile) -> Result<Profile, ConfigError> {
        let common = &self.common;
        if let Some(topics) = &common.topics {
            profile.interests = crate::Interests::in_topics(topics.clone());
        }
        let patterns = std::mem::take(&mut profile.interests).and_patterns(&common.patterns);
        profile.interests = patterns.map_err(|wrong| error(format!("{}.patterns", self.field), wrong.to_string()))?;
        if common.at_onset {
            profile.interests = profile.interests.and_onset();
        }
        let bounds = profile.bounds;
        profile.bounds = Bounds {
            items: common.max_items.unwrap_or(bounds.items),
            characters: common.max_characters.unwrap_or(bounds.characters),
            tokens: common.max_tokens.unwrap_or(bounds.tokens),
        };
        if common.lane == Some(Lane::Policy) {
            let reason = "what is found is data and never a rule; `session.house_rules` are rules".to_owned();
            return Err(error(format!("{}.lane", self.field), reason));
        }
        profile.lane = common.lane.unwrap_or(profile.lane);
        profile.limit = common.limit_ms.map_or(profile.limit, Duration::from_millis);
        profile.concurrency = common.concurrency.unwrap_or(profile.concurrency);
        profile.keep = common.cache_s.map(Duration::from_secs).or(profile.keep);
        Ok(profile)
    }

    fn own<T: DeserializeOwned>(&self) -> Result<T, ConfigError> {
        read(self.own.clone(), &self.field)
    }

    fn open(&self, variable: &dyn Fn(&str) -> Option<String>) -> Result<Arc<dyn Source>, ConfigError> {
        let wrong = |reason: String| {
            // The sentence names the field first.
            let (name, reason) = reason.split_once(": ").unwrap_or(("", reason.as_str()));
            error(format!("{}.{name}", self.field).trim_end_matches('.').to_owned(), reason)
        };
        let name = self.name.as_str();
        Ok(match self.kind {
            Kind::Time => {
                let _: Nothing = self.own()?;
                let profile = Profile { name: name.to_owned(), ..Time::profile() };
                Arc::new(Time::new(self.profile(profile)?))
            }
            Kind::Weather => Arc::new(Weather::new(self.profile(Weather::profile(name))?, self.own()?).map_err(wrong)?),
            Kind::Search => Arc::new(Search::new(self.profile(Search::profile(name))?, &self.own()?).map_err(wrong)?),
            Kind::Page => Arc::new(Page::new(self.profile(Page::profile(name))?, &self.own()?).map_err(wrong)?),
            Kind::News => Arc::new(News::new(self.profile(News::profile(name))?, &self.own()?).map_err(wrong)?),
            Kind::Calendar => {
                Arc::new(Calendar::new(self.profile(Calendar::profile(name))?, self.own()?).map_err(wrong)?)
            }
            Kind::Documents => {
                let own: DocumentsConfig = self.own()?;
                Arc::new(Documents::open(self.profile(Documents::profile(name))?, own))
            }
            Kind::Mcp => {
                let source = Mcp::new(self.profile(Mcp::profile(name))?, self.own()?, variable).map_err(wrong)?;
                source.warm_up();
                Arc::new(source)
            }
            Kind::Http => Arc::new(Endpoint::new(self.profile(Endpoint::profile(name))?, self.own()?).map_err(wrong)?),
            Kind::Subscription => return Err(error(self.field.clone(), "is no source")),
        })
    }

    fn subscribe(&self, sources: &[Arc<dyn Source>]) -> Result<Standing, ConfigError> {
        let own: SubscriptionConfig = self.own()?;
        let watched = sources.iter().find(|source| source.profile().name == own.watch);
        let watched =
            watched.ok_or_else(|| error(format!("{}.watch", self.field), "there is no source of this name"))?;
        let pattern = own.number.as_deref().map(|pattern| RegexBuilder::new(pattern).case_insensitive(true).build());
        let pattern = pattern.transpose();
        let pattern = pattern.map_err(|_| error(format!("{}.number", self.field), "is no regular expression"))?;
        let threshold = match (own.change, own.change_percent) {
            (Some(_), Some(_)) => {
                return Err(error(format!("{}.change", self.field), "give either change or change_percent"));
            }
            (Some(by), None) => Threshold::Number { pattern, by },
            (None, Some(by)) => Threshold::Percent { pattern, by },
            (None, None) => Threshold::Text,
        };
        let every = Duration::from_secs(own.every_s);
        Ok(Standing::new(self.name.clone(), Arc::clone(watched), own.query, every, threshold))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

impl Whole {
    fn settings(&self) -> Settings {
        let default = Settings::default();
        let (rest, budgets) = (default.rest, default.budgets);
        let seconds = |value: Option<u64>, default: Duration| value.map_or(default, Duration::from_secs);
        Settings {
            deadline: self.deadline_ms.map_or(default.deadline, Duration::from_millis),
            keep: seconds(self.cache_s, default.keep),
            keep_negative: seconds(self.cache_negative_s, default.keep_negative),
            keep_late: seconds(self.keep_late_s, default.keep_late),
            sources: self.max_sources.unwrap_or(default.sources),
            follow_ups: self.max_follow_ups.unwrap_or(default.follow_ups),
            concurrency: self.concurrency.unwrap_or(default.concurrency),
            watch_every: seconds(self.watch_every_s, default.watch_every),
            rest: Rest {
                failures: self.rest.failures.unwrap_or(rest.failures).max(1),
                first: seconds(self.rest.first_s, rest.first),
                longest: seconds(self.rest.longest_s, rest.longest),
            },
            budgets: Budgets {
                policy: self.budgets.policy.unwrap_or(budgets.policy),
                turn: self.budgets.turn.unwrap_or(budgets.turn),
                memory: self.budgets.memory.unwrap_or(budgets.memory),
                hint: self.budgets.hint.unwrap_or(budgets.hint),
            },
        }
    }
}

/// Puts the values of variables in the place of the fields that name them.
fn from_environment(
    table: &mut Table,
    field: &str,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<(), ConfigError> {
    let named: Vec<String> =
        table.keys().filter(|name| name.ends_with("_env") && *name != "pass_env").cloned().collect();
    for name in named {
        let at = format!("{field}.{name}");
        let Some(Value::String(from)) = table.remove(&name) else {
            return Err(error(at, "must be the name of a variable"));
        };
        let value = variable(&from).filter(|value| !value.trim().is_empty());
        let value = value.ok_or_else(|| error(at.clone(), format!("the variable {from} is not set")))?;
        let plain = name.trim_end_matches("_env").to_owned();
        if table.insert(plain.clone(), Value::String(value.trim().to_owned())).is_some() {
            return Err(error(at, format!("give either {plain} or {name}")));
        }
    }
    Ok(())
}

/// Reads a table; the error names the table and what is wrong, and repeats no text of it, which may be a key.
fn read<T: DeserializeOwned>(table: Table, field: &str) -> Result<T, ConfigError> {
    Value::Table(table).try_into().map_err(|wrong: toml::de::Error| {
        let message = wrong.message();
        // `unknown variant `sk-…`, expected` would repeat the value, …
        let message = match message.strip_prefix("unknown variant `").and_then(|rest| rest.split_once('`')) {
            Some((_, rest)) => format!("an unknown word{rest}"),
            None => message.to_owned(),
        };
        // … and so would `invalid type: string "sk-…", expected u64`.
        let reason = match (message.find('"'), message.rfind('"')) {
            (Some(start), Some(end)) if start < end => {
                let (before, after) = (message.get(..start), message.get(end + 1..));
                format!("{}…{}", before.unwrap_or_default(), after.unwrap_or_default())
            }
            _ => message,
        };
        let path = wrong.to_string();
        let inside = path.split("in `").nth(1).and_then(|rest| rest.split('`').next());
        let field = inside.map_or_else(|| field.to_owned(), |inside| format!("{field}.{inside}"));
        error(field, reason)
    })
}

fn error(field: impl Into<String>, reason: impl Into<String>) -> ConfigError {
    ConfigError { field: field.into(), reason: reason.into() }
}

const KINDS: [(&str, Kind); 10] = [
    ("time", Kind::Time),
    ("weather", Kind::Weather),
    ("search", Kind::Search),
    ("page", Kind::Page),
    ("news", Kind::News),
    ("calendar", Kind::Calendar),
    ("documents", Kind::Documents),
    ("mcp", Kind::Mcp),
    ("http", Kind::Http),
    ("subscription", Kind::Subscription),
];
const COMMON: &[&str] = &[
    "lane",
    "topics",
    "patterns",
    "limit_ms",
    "concurrency",
    "cache_s",
    "max_items",
    "max_characters",
    "max_tokens",
    "at_onset",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(text: &str) -> String {
        let table = text.parse::<Table>().unwrap();
        let environment = |name: &str| (name == "SET").then(|| "sk-secret".to_owned());
        let result = Config::from_table(table, &environment).and_then(|config| config.open(&environment).map(|_| ()));
        result.expect_err(text).to_string()
    }

    #[tokio::test]
    async fn an_error_names_its_field() {
        for (text, expected) in [
            ("deadline = 1", "context: unknown field `deadline`"),
            ("deadline_ms = -1", "context.deadline_ms: "),
            ("[[sources]]\nkind = \"weather\"\nlane = \"policy\"", "sources[0].lane: what is found is data"),
            ("[[sources]]\nname = \"x\"", "sources[0].kind: is missing"),
            ("[[sources]]\nkind = \"wether\"", "sources[0].kind: must be one of"),
            ("[[sources]]\nkind = \"weather\"\nhme = 1", "sources[0]: unknown field `hme`"),
            ("[[sources]]\nkind = \"weather\"\nlimit_ms = \"x\"", "sources[0].limit_ms: "),
            ("[[sources]]\nkind = \"weather\"\npatterns = [\"(\"]", "sources[0].patterns: `(` is no regular"),
            ("[[sources]]\nkind = \"search\"\nengine = \"brave\"", "sources[0].key: this engine needs a key"),
            (
                "[[sources]]\nkind = \"search\"\nengine = \"brave\"\nkey_env = \"NOT\"",
                "sources[0].key_env: the variable NOT",
            ),
            ("[[sources]]\nkind = \"http\"\nurl = \"ftp://x/\"", "sources[0].url: must begin with http"),
            ("[[sources]]\nkind = \"news\"\nfeeds = [\"https://a.test/\", \"x\"]", "sources[0].feeds[1]: "),
            ("[[sources]]\nkind = \"calendar\"", "sources[0].url: give either url or file"),
            ("[[sources]]\nkind = \"subscription\"\nwatch = \"x\"\nquery = \"q\"\nevery_s = 9", "sources[0].watch: "),
            ("[[sources]]\nkind = \"weather\"\n[[sources]]\nkind = \"weather\"", "sources[1].name: `weather` is taken"),
        ] {
            let message = wrong(text);
            assert!(message.starts_with(expected), "{text}\n{message}");
        }
    }

    #[tokio::test]
    async fn no_error_and_no_debug_output_repeats_a_secret() {
        let message =
            wrong("[[sources]]\nkind = \"search\"\nengine = \"brave\"\nkey_env = \"SET\"\nread_pages = \"sk-other\"");
        assert!(!message.contains("sk-"), "{message}");
        let message = wrong("[[sources]]\nkind = \"search\"\nengine = \"sk-misplaced\"\nkey_env = \"SET\"");
        assert!(!message.contains("sk-"), "{message}");
    }

    #[tokio::test]
    async fn the_example_is_a_configuration() {
        let environment = |name: &str| match name {
            "CALENDAR_URL" => Some("https://example.org/my.ics".to_owned()),
            _ => Some("sk-secret".to_owned()),
        };
        let table = include_str!("../sources.example.toml").parse::<Table>().unwrap();
        let config = Config::from_table(table, &environment).unwrap();
        assert!(!format!("{config:?}").contains("sk-secret"), "{config:?}");
        let lookup = config.open(&environment).unwrap();
        let kinds: Vec<String> = lookup.status("").into_iter().map(|status| status.kind).collect();
        for (kind, _) in KINDS {
            assert!(kinds.iter().any(|other| other == kind), "{kind} is missing in {kinds:?}");
        }
    }

    #[tokio::test]
    async fn time_is_there_without_being_named_and_can_be_left_out() {
        let names = |text: &str| {
            let config = Config::from_table(text.parse().unwrap(), &|_| None).unwrap();
            config.sources.iter().map(|source| source.name.clone()).collect::<Vec<_>>()
        };
        assert_eq!(names(""), ["time"]);
        assert_eq!(names("time = false"), Vec::<String>::new());
        assert_eq!(names("[[sources]]\nkind = \"time\"\nname = \"clock\""), ["clock"]);
    }
}
