//! Any HTTP service that answers in JSON: an address with places to fill in, and pointers into the answer.

use futures::{FutureExt, future::BoxFuture};
use protocol::context::ContextItem;
use reqwest::{
    Url,
    header::{HeaderMap, HeaderName, HeaderValue},
};
use serde::Deserialize;
use serde_json::Value;
use std::{
    collections::BTreeMap,
    hash::{DefaultHasher, Hash, Hasher},
};

use crate::{Finding, Http, Limits, Media, Profile, Question, Secret, Source, SourceError, item, template};

/// How the service is asked and read.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndpointConfig {
    /// The address; `{query}`, `{place}`, `{zone}`, `{date}` and `{user}` are filled in, percent-encoded, behind the host.
    /// With `{place}`, it is asked only where there is one.
    pub url: String,
    /// Where the answer, or the list of answers, stands: a JSON pointer such as `/results`.
    #[serde(default)]
    pub pointer: String,
    /// Within each answer: where its title stands.
    pub title: Option<String>,
    /// Within each answer: where its text stands; without it the answer itself is the text.
    pub text: Option<String>,
    /// Within each answer: where its link stands, in full or from the address on. Or the address of a page that shows
    /// the answer, in which the same is filled in as in `url`.
    pub link: Option<String>,
    /// Within each answer: where the time at which it was true stands, in seconds or as RFC 3339.
    pub as_of: Option<String>,
    /// Whom to credit; the host when not given.
    pub attribution: Option<String>,
    /// Headers to send, in which `{key}` stands for the key.
    #[serde(default)]
    pub headers: BTreeMap<String, Secret>,
    /// The key.
    pub key: Option<Secret>,
    /// The host is allowed to be private: it is one's own.
    #[serde(default)]
    pub allow_private: bool,
}

/// A service described by its configuration.
pub struct Endpoint {
    profile: Profile,
    config: EndpointConfig,
    http: Http,
    headers: HeaderMap,
    url: Url,
}

impl Endpoint {
    /// The usual profile under a name.
    pub fn profile(name: &str) -> Profile {
        Profile::new(name, "http")
    }

    /// A source with this profile.
    ///
    /// # Errors
    ///
    /// A sentence that names the field.
    pub fn new(profile: Profile, config: EndpointConfig) -> Result<Self, String> {
        let url = Url::parse(&plain(&config.url)).map_err(|error| format!("url: {error}"))?;
        url.host_str().ok_or("url: names no host")?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err("url: must begin with http:// or https://".to_owned());
        }
        for (field, pointer) in
            [("pointer", Some(&config.pointer)), ("title", config.title.as_ref()), ("text", config.text.as_ref())]
        {
            if pointer.is_some_and(|pointer| !pointer.is_empty() && !pointer.starts_with('/')) {
                return Err(format!("{field}: a JSON pointer begins with /"));
            }
        }
        if config.link.as_ref().is_some_and(|link| !link.starts_with('/') && !is_page(link)) {
            return Err("link: a JSON pointer begins with /, and an address with http:// or https://".to_owned());
        }
        let headers = headers(&config)?;
        let limits = Limits { time: profile.limit, ..Limits::default() };
        let http = if config.allow_private { Http::with_own(limits, &url) } else { Http::new(limits) };
        let http = http.map_err(|error| error.to_string())?;
        Ok(Self { profile, config, http, headers, url })
    }

    async fn ask(&self, question: &Question) -> Result<Finding, SourceError> {
        if template::lacks_place(&self.config.url, question) {
            return Ok(Finding::default());
        }
        let url = Url::parse(&template::fill_url(&self.config.url, question)).map_err(|_| SourceError::Forbidden)?;
        // Whatever was filled in must not have moved the host, nor climbed up the path.
        if url.host_str() != self.url.host_str() || steps(&url) != steps(&self.url) {
            return Err(SourceError::Forbidden);
        }
        let body = self.http.get(url, &self.headers, Media::Json).await?;
        let answer: Value = body.json()?;
        let found = answer.pointer(&self.config.pointer);
        let all: Vec<&Value> = match found {
            Some(Value::Array(all)) => all.iter().take(self.profile.bounds.items).collect(),
            Some(Value::Null) | None => Vec::new(),
            Some(one) => vec![one],
        };
        let count = all.len().max(1) as f32;
        let read = |(place, value)| self.read(value, 0.8 - 0.3 * place as f32 / count, question);
        Ok(told_apart(all.into_iter().enumerate().filter_map(read).collect()).into())
    }

    fn read(&self, value: &Value, relevance: f32, question: &Question) -> Option<ContextItem> {
        let config = &self.config;
        let at = |pointer: &Option<String>| pointer.as_deref().and_then(|pointer| value.pointer(pointer));
        let text = if config.text.is_some() { written(at(&config.text)?) } else { written(value) };
        let title = at(&config.title).map_or_else(|| self.profile.name.clone(), written);
        let own = at(&config.link).and_then(Value::as_str).filter(|link| link.starts_with('/') || is_page(link));
        let own = own.and_then(|link| self.url.join(link).ok()).map(String::from);
        let id = own.clone().unwrap_or_else(|| format!("{}:{title}", self.profile.name));
        let page = || config.link.as_deref().filter(|link| is_page(link));
        let link = own.or_else(|| page().map(|page| template::fill_url(page, question)));
        Some(ContextItem {
            url: link,
            attribution: config
                .attribution
                .clone()
                .unwrap_or_else(|| self.url.host_str().unwrap_or_default().to_owned()),
            as_of: at(&config.as_of).and_then(seconds).unwrap_or_else(|| question.now.as_second()),
            relevance,
            ..item(id, title, text)
        })
    }
}

impl Source for Endpoint {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    /// What is filled in makes another question.
    fn cache_key(&self, question: &Question) -> Option<String> {
        Some(template::fill_key(&self.config.url, question))
    }

    fn look_up<'a>(&'a self, question: &'a Question) -> BoxFuture<'a, Result<Finding, SourceError>> {
        self.ask(question).boxed()
    }
}

/// Whether a setting is an address rather than a pointer.
fn is_page(link: &str) -> bool {
    link.starts_with("https://") || link.starts_with("http://")
}

/// Items without anything of their own to be known by are known by what they say.
pub(super) fn told_apart(mut items: Vec<ContextItem>) -> Vec<ContextItem> {
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for item in &items {
        *times.entry(item.id.clone()).or_default() += 1;
    }
    for item in &mut items {
        if times.get(&item.id).is_some_and(|times| *times > 1) {
            let mut said = DefaultHasher::new();
            item.text.hash(&mut said);
            item.id = format!("{}:{:x}", item.id, said.finish());
        }
    }
    items
}

fn steps(url: &Url) -> usize {
    url.path_segments().map_or(0, Iterator::count)
}

/// The address with something harmless in its places.
fn plain(url: &str) -> String {
    template::fill_url(url, &Question::new("x", jiff::Timestamp::UNIX_EPOCH))
}

fn headers(config: &EndpointConfig) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    for (name, value) in &config.headers {
        let value = value.expose();
        let key = config.key.as_ref().map(Secret::expose).unwrap_or_default();
        let secret = value.contains("{key}");
        if secret && key.is_empty() {
            return Err(format!("headers.{name}: there is no key"));
        }
        let parsed = name.parse::<HeaderName>().map_err(|_| format!("headers.{name}: is no name of a header"))?;
        let mut value = HeaderValue::from_str(&value.replace("{key}", key))
            .map_err(|_| format!("headers.{name}: cannot be sent"))?;
        value.set_sensitive(true);
        headers.insert(parsed, value);
    }
    Ok(headers)
}

/// A value as text: a list of names and values for an object, one line each.
fn written(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(fields) => {
            let line = |(name, value): (&String, &Value)| match value {
                Value::String(text) => format!("{name}: {text}"),
                other => format!("{name}: {other}"),
            };
            fields.iter().filter(|(_, value)| !value.is_null()).map(line).collect::<Vec<_>>().join("\n")
        }
        other => other.to_string(),
    }
}

fn seconds(value: &Value) -> Option<i64> {
    match value {
        Value::String(text) => text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_second),
        other => other.as_i64(),
    }
}
