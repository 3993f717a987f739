//! Searches the web through Brave, Tavily or SearXNG; a page that was found is read when the question asks for it.

use futures::{FutureExt, future::BoxFuture};
use protocol::context::ContextItem;
use reqwest::{
    Url,
    header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::readable::plain;
use crate::{
    Finding, FollowUp, Http, Interests, Known, Limits, Media, Profile, Question, Secret, Source, SourceError, item,
    template::encode_url, words::words,
};

/// Which engine, and its key.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SearchConfig {
    /// The engine.
    pub engine: Engine,
    /// Its address; needed for SearXNG, which one runs oneself.
    pub url: Option<String>,
    /// The key; needed for Brave and Tavily.
    pub key: Option<Secret>,
    /// How many of the pages found are read, always; by default one, and only when the question asks for details.
    pub read_pages: Option<usize>,
    /// The host is allowed to be private: it is one's own.
    #[serde(default)]
    pub allow_private: bool,
}

/// The shape of a search engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// Brave Search.
    Brave,
    /// Tavily.
    Tavily,
    /// SearXNG, with `json` among its formats.
    Searxng,
}

impl Engine {
    fn name(self) -> &'static str {
        match self {
            Self::Brave => "Brave Search",
            Self::Tavily => "Tavily",
            Self::Searxng => "SearXNG",
        }
    }
}

/// A search of the web.
pub struct Search {
    profile: Profile,
    engine: Engine,
    url: Url,
    headers: HeaderMap,
    read_pages: Option<usize>,
    /// What is asked of the world at large, without asking for a search.
    general: Interests,
    http: Http,
}

/// A result, in the words of any of the engines.
#[derive(Deserialize)]
struct Page {
    title: Option<String>,
    url: String,
    #[serde(alias = "description", alias = "content")]
    text: Option<String>,
    #[serde(rename = "extra_snippets")]
    snippets: Option<Vec<String>>,
    #[serde(alias = "page_age", alias = "published_date", alias = "publishedDate")]
    published: Option<String>,
    /// Only Tavily's is between 0 and 1.
    score: Option<f32>,
}

impl Search {
    /// The usual profile under a name.
    pub fn profile(name: &str) -> Profile {
        let topics = ["web", "internet", "online", "website", "google", "news", "search", "look up"];
        Profile::new(name, "search").interested(Interests::in_topics(topics).and_built_in(PATTERNS))
    }

    /// A source with this profile.
    ///
    /// # Errors
    ///
    /// A sentence that names the field.
    pub fn new(profile: Profile, config: &SearchConfig) -> Result<Self, String> {
        let default = match config.engine {
            Engine::Brave => Some("https://api.search.brave.com"),
            Engine::Tavily => Some("https://api.tavily.com"),
            Engine::Searxng => None,
        };
        let url = config.url.as_deref().or(default).ok_or("url: SearXNG needs the address of a server")?;
        let url = Url::parse(url).map_err(|error| format!("url: {error}"))?;
        let mut headers = HeaderMap::new();
        let key = |format: fn(&str) -> String| -> Result<HeaderValue, String> {
            let key = config.key.as_ref().ok_or("key: this engine needs a key")?;
            let mut value = HeaderValue::from_str(&format(key.expose())).map_err(|_| "key: cannot be sent")?;
            value.set_sensitive(true);
            Ok(value)
        };
        match config.engine {
            Engine::Brave => {
                headers.insert(HeaderName::from_static("x-subscription-token"), key(str::to_owned)?);
            }
            Engine::Tavily => {
                headers.insert(AUTHORIZATION, key(|key| format!("Bearer {key}"))?);
            }
            Engine::Searxng => {}
        }
        let limits = Limits { time: profile.limit, ..Limits::default() };
        let http = if config.allow_private { Http::with_own(limits, &url) } else { Http::new(limits) };
        let http = http.map_err(|error| error.to_string())?;
        let general = Interests::default().and_built_in(GENERAL);
        Ok(Self { profile, engine: config.engine, url, headers, read_pages: config.read_pages, general, http })
    }

    async fn ask(&self, question: &Question) -> Result<Finding, SourceError> {
        let query = wanted(&question.query);
        if query.is_empty() {
            return Ok(Finding::default());
        }
        let found = self.found(query).await?;
        let pages = self.read_pages.unwrap_or_else(|| usize::from(asks_for_details(&question.query)));
        let follow_up = |page: &Page| FollowUp { source: "page".to_owned(), query: page.url.clone() };
        let follow_ups = found.iter().take(pages).map(follow_up).collect();
        let most = self.profile.bounds.items;
        let items = found.into_iter().take(most).enumerate().map(|(rank, page)| self.item(rank, page, question));
        Ok(Finding { items: items.collect(), follow_ups })
    }

    /// What the engine finds, best first. The engines differ in how they are asked, and in where their results stand.
    async fn found(&self, query: &str) -> Result<Vec<Page>, SourceError> {
        let (most, encoded) = (self.profile.bounds.items, encode_url(query));
        let (path, results) = match self.engine {
            Engine::Brave => (format!("/res/v1/web/search?q={encoded}&count={most}"), "/web/results"),
            Engine::Tavily => ("/search".to_owned(), "/results"),
            Engine::Searxng => (format!("/search?q={encoded}&format=json"), "/results"),
        };
        let url = self.at(&path)?;
        let body = match self.engine {
            Engine::Tavily => {
                let asked = json!({ "query": query, "search_depth": "basic", "max_results": most });
                self.http.post(url, &self.headers, &asked, Media::Json).await?
            }
            Engine::Brave | Engine::Searxng => self.http.get(url, &self.headers, Media::Json).await?,
        };
        let mut answer: Value = body.json()?;
        match answer.pointer_mut(results).map(Value::take) {
            // One that cannot be read does not lose the others.
            Some(Value::Array(results)) => {
                Ok(results.into_iter().filter_map(|result| serde_json::from_value(result).ok()).collect())
            }
            None => Ok(Vec::new()),
            Some(_) => Err(SourceError::Garbage("not the results of a search")),
        }
    }

    fn at(&self, path: &str) -> Result<Url, SourceError> {
        let base = self.url.as_str().trim_end_matches('/');
        Url::parse(&format!("{base}{path}")).map_err(|_| SourceError::Forbidden)
    }

    fn item(&self, rank: usize, page: Page, question: &Question) -> ContextItem {
        let plain = |text: &str| if self.engine == Engine::Brave { plain(text) } else { text.to_owned() };
        let by_rank = (0.8 - 0.08 * rank as f32).max(0.3);
        let score = page.score.filter(|_| self.engine == Engine::Tavily);
        let host = Url::parse(&page.url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
        let title = page.title.map(|title| plain(&title)).filter(|title| !title.trim().is_empty());
        let title = title.unwrap_or_else(|| host.clone());
        let texts = page.text.iter().chain(page.snippets.iter().flatten().take(2)).map(|text| plain(text));
        let text = texts.filter(|text| !text.trim().is_empty()).collect::<Vec<_>>().join("\n");
        let text = if text.is_empty() { title.clone() } else { text };
        ContextItem {
            attribution: format!("{host} via {}", self.engine.name()),
            as_of: page.published.as_deref().and_then(seconds).unwrap_or_else(|| question.now.as_second()),
            relevance: score.map_or(by_rank, |score| score.clamp(0.0, 0.9)),
            ..ContextItem { url: Some(page.url.clone()), ..item(page.url, title, text) }
        }
    }
}

impl Source for Search {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    /// What the world may know, and nothing of the user's own: nobody has asked for it to be told to an engine.
    fn knows(&self, question: &Question) -> Option<Known> {
        let own = words(&question.query).iter().any(|word| OWN.contains(&word.as_str()));
        let general = !own && !question.onset && self.general.match_query(&question.query);
        general.then(|| Known { score: 0.4, because: "is asked about the world at large".to_owned() })
    }

    fn look_up<'a>(&'a self, question: &'a Question) -> BoxFuture<'a, Result<Finding, SourceError>> {
        self.ask(question).boxed()
    }
}

/// The question without the words that only ask for a search.
fn wanted(query: &str) -> &str {
    let query = query.trim();
    let start = OPENINGS.iter().find_map(|opening| {
        let head = query.get(..opening.len())?;
        head.eq_ignore_ascii_case(opening).then_some(opening.len())
    });
    query.get(start.unwrap_or(0)..).unwrap_or(query).trim()
}

fn asks_for_details(query: &str) -> bool {
    words(query).iter().any(|word| DETAILS.contains(&word.as_str()))
}

/// RFC 3339, a date and time without a zone, a date, or the form of mail headers.
fn seconds(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Ok(at) = text.parse::<jiff::Timestamp>() {
        return Some(at.as_second());
    }
    let civil = text.parse::<jiff::civil::DateTime>().ok();
    let civil = civil.and_then(|at| jiff::tz::TimeZone::UTC.to_zoned(at).ok()).map(|at| at.timestamp().as_second());
    civil.or_else(|| jiff::fmt::rfc2822::parse(text).ok().map(|at| at.timestamp().as_second()))
}

const OPENINGS: &[&str] = &[
    "search the web for ",
    "search for ",
    "search ",
    "google ",
    "look up ",
    "find out ",
    "please search for ",
    "can you look up ",
    "can you search for ",
];
const DETAILS: &[&str] = &["read", "details", "detail", "article", "page", "summarise", "summarize", "explain", "open"];
const PATTERNS: &[&str] = &[r"\b(search|google|look up|find out)\b"];
/// Who says so speaks of what is theirs.
const OWN: &[&str] = &["i", "im", "ive", "id", "ill", "me", "my", "mine", "we", "our", "ours"];
const GENERAL: &[&str] = &[
    r"\b(latest|price of)\b",
    r"\bwho (is|was|won|invented|wrote|founded|discovered)\b",
    r"\bwhat (is|was) the (latest|newest|current|price|population|capital)\b",
    r"\b(latest|newest|current) (version|release|news|price|score|results?)\b",
    r"\bhow (much|many) (does|do|is|are|did) .{2,40} (cost|weigh|live|worth)\b",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_that_ask_for_a_search_are_not_searched_for() {
        assert_eq!(wanted("Search the web for ferries to Hvar"), "ferries to Hvar");
        assert_eq!(wanted("who won the cup"), "who won the cup");
    }

    #[test]
    fn dates_of_all_three_engines_are_read() {
        for text in ["2026-11-20T10:00:00Z", "2026-11-20T10:00:00", "Fri, 20 Nov 2026 10:00:00 GMT"] {
            assert_eq!(seconds(text), Some(1_795_168_800), "{text}");
        }
        assert_eq!(seconds("yesterday"), None);
    }
}
