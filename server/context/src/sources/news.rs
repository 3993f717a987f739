//! The news of chosen feeds: RSS, Atom or JSON feed.

use std::collections::BTreeSet;

use feed_rs::model::{Entry, Feed, Link};
use futures::{FutureExt, future::BoxFuture, future::join_all};
use jiff::{Timestamp, Zoned};
use protocol::context::ContextItem;
use reqwest::{Url, header::HeaderMap};
use serde::Deserialize;

use super::readable::plain;
use crate::{
    Finding, Http, Interests, Limits, Media, Profile, Question, Source, SourceError, clean_line, isolated::isolated,
    item, words::terms,
};

/// Which feeds.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewsConfig {
    /// Their addresses.
    pub feeds: Vec<String>,
    /// The host of the first feed is allowed to be private: it is one's own.
    #[serde(default)]
    pub allow_private: bool,
}

/// The news.
pub struct News {
    profile: Profile,
    feeds: Vec<Url>,
    http: Http,
}

/// What a feed tells, and when it was published, if the feed says so.
struct Story {
    at: Option<i64>,
    item: ContextItem,
}

impl News {
    /// The usual profile under a name.
    pub fn profile(name: &str) -> Profile {
        let topics = ["news", "headline", "current events", "happening in the world"];
        let interests = Interests::in_topics(topics).and_built_in(PATTERNS);
        Profile::new(name, "news").interested(interests)
    }

    /// A source with this profile.
    ///
    /// # Errors
    ///
    /// A sentence that names the field.
    pub fn new(profile: Profile, config: &NewsConfig) -> Result<Self, String> {
        let parse =
            |(index, feed): (usize, &String)| Url::parse(feed).map_err(|error| format!("feeds[{index}]: {error}"));
        let feeds = config.feeds.iter().enumerate().map(parse).collect::<Result<Vec<_>, _>>()?;
        let first = feeds.first().ok_or("feeds: there is none")?;
        let limits = Limits { bytes: 2 << 20, time: profile.limit, ..Limits::default() };
        let http = if config.allow_private { Http::with_own(limits, first) } else { Http::new(limits) };
        Ok(Self { profile, http: http.map_err(|error| error.to_string())?, feeds })
    }

    /// All feeds at once; one that fails is left out as long as another answers.
    async fn ask(&self, question: &Question) -> Result<Finding, SourceError> {
        let answers = join_all(self.feeds.iter().map(|feed| self.fetch(feed, question.local()))).await;
        let mut news: Vec<Story> = Vec::new();
        let mut failed = None;
        for answer in answers {
            match answer {
                Ok(stories) => news.extend(stories),
                Err(error) => failed = Some(error),
            }
        }
        if let (true, Some(error)) = (news.is_empty(), failed) {
            return Err(error);
        }
        Ok(best(news, &question.query, self.profile.bounds.items).into())
    }

    async fn fetch(&self, feed: &Url, now: Zoned) -> Result<Vec<Story>, SourceError> {
        let body = self.http.get(feed.clone(), &HeaderMap::new(), Media::Feed).await?;
        let host = body.url.host_str().unwrap_or_default().to_owned();
        let read = move || feed_rs::parser::parse(body.bytes.as_slice()).ok().map(|feed| read(feed, &host, &now));
        isolated(read).await.flatten().ok_or(SourceError::Garbage("not a feed"))
    }
}

impl Source for News {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn look_up<'a>(&'a self, question: &'a Question) -> BoxFuture<'a, Result<Finding, SourceError>> {
        self.ask(question).boxed()
    }
}

fn read(feed: Feed, host: &str, now: &Zoned) -> Vec<Story> {
    let name = feed.title.map(|title| plain(&title.content)).filter(|title| !title.trim().is_empty());
    let name = name.unwrap_or_else(|| host.to_owned());
    let site = page(&feed.links);
    feed.entries.into_iter().take(MOST_ENTRIES).filter_map(|entry| one(entry, &name, site.as_deref(), now)).collect()
}

fn one(entry: Entry, feed: &str, site: Option<&str>, now: &Zoned) -> Option<Story> {
    let body = entry.summary.map(|summary| summary.content).or_else(|| entry.content.and_then(|content| content.body));
    let text = |html: String| Some(plain(&html).trim().to_owned()).filter(|text| !text.is_empty());
    let (title, body) = (entry.title.and_then(|title| text(title.content)), body.and_then(text));
    // A date in the future is a mistake, not a scoop.
    let at = entry.published.or(entry.updated).map(|at| at.timestamp().min(now.timestamp().as_second()));
    let date = at.and_then(|at| Timestamp::from_second(at).ok());
    let date = date.map(|at| format!(" ({})", at.to_zoned(now.time_zone().clone()).strftime("%-d %B %Y")));
    let (date, body) = (date.unwrap_or_default(), body.map(|body| body.chars().take(500).collect::<String>()));
    let (title, text) = match (title, body) {
        (Some(title), Some(body)) => (title.clone(), format!("{title}{date}: {body}")),
        (Some(title), None) => (title.clone(), format!("{title}{date}.")),
        (None, Some(body)) => (clean_line(&body, LONGEST_TITLE), format!("{body}{date}")),
        (None, None) => return None,
    };
    // An id is often the address itself, and often one of this feed alone.
    let link = page(&entry.links).or_else(|| entry.id.starts_with("http").then(|| entry.id.clone()));
    let id = link.clone().unwrap_or_else(|| format!("{feed}: {}", entry.id));
    let item = ContextItem {
        url: link.or_else(|| site.map(str::to_owned)),
        attribution: feed.to_owned(),
        // Without a date, it is at least what the feed says now.
        as_of: at.unwrap_or_else(|| now.timestamp().as_second()),
        ..item(id, title, text)
    };
    Some(Story { at, item })
}

/// The page to be read: feeds name others, too, for comments and for editing.
fn page(links: &[Link]) -> Option<String> {
    let page = links.iter().find(|link| link.rel.as_deref().is_none_or(|rel| rel == "alternate"));
    page.map(|link| link.href.clone())
}

/// Those that share words with the question, else the newest.
fn best(mut news: Vec<Story>, query: &str, most: usize) -> Vec<ContextItem> {
    let wanted: BTreeSet<String> = terms(query).into_iter().filter(|term| !GENERAL.contains(&term.as_str())).collect();
    for Story { item, .. } in &mut news {
        let has: BTreeSet<String> = terms(&format!("{} {}", item.title, item.text)).into_iter().collect();
        let shared = wanted.intersection(&has).count() as f32;
        item.relevance = if wanted.is_empty() { 0.6 } else { 0.3 + 0.6 * shared / wanted.len() as f32 };
    }
    if news.iter().any(|story| story.item.relevance > 0.3) {
        news.retain(|story| story.item.relevance > 0.3);
    }
    // What has no date comes last.
    news.sort_by(|one, other| other.item.relevance.total_cmp(&one.item.relevance).then_with(|| other.at.cmp(&one.at)));
    let items = news.into_iter().take(most).enumerate();
    items
        .map(|(rank, Story { item, .. })| ContextItem { relevance: item.relevance - 0.01 * rank as f32, ..item })
        .collect()
}

/// Behind "new" nothing may follow that is new, as in "what's New York time".
const PATTERNS: &[&str] = &[
    r"\bwhat('s| is|s)? (happening|going on)\b",
    r"\b(what('s| is|s)?|anything) new(\W*$| (about|at|for|from|in|on|this|today|with)\b)",
];
const MOST_ENTRIES: usize = 100;
/// Of a title that is made of the text.
const LONGEST_TITLE: usize = 80;
/// Stems that ask for news and say nothing about them.
const GENERAL: &[&str] =
    &["new", "news", "headline", "today", "latest", "happen", "happening", "world", "current", "event", "read", "top"];
