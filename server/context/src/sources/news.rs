//! The news of chosen feeds: RSS, Atom or JSON feed.

use std::collections::BTreeSet;

use feed_rs::model::{Entry, Feed};
use futures::{FutureExt, future::BoxFuture, future::join_all};
use protocol::context::ContextItem;
use reqwest::{Url, header::HeaderMap};
use serde::Deserialize;

use crate::{
    Finding, Http, Interests, Limits, Media, Profile, Question, Source, SourceError, isolated::isolated, item,
    words::terms,
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

impl News {
    /// The usual profile under a name.
    pub fn profile(name: &str) -> Profile {
        let topics = ["news", "headline", "current events", "happening in the world"];
        let interests = Interests::in_topics(topics).and_built_in(&[r"\bwhat('s| is|s)? (new|happening|going on)\b"]);
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
        let answers = join_all(self.feeds.iter().map(|feed| self.fetch(feed))).await;
        let mut news: Vec<ContextItem> = Vec::new();
        let mut failed = None;
        for answer in answers {
            match answer {
                Ok((feed, url)) => news.extend(read(feed, &url, question)),
                Err(error) => failed = Some(error),
            }
        }
        if let (true, Some(error)) = (news.is_empty(), failed) {
            return Err(error);
        }
        Ok(best(news, &question.query, self.profile.bounds.items).into())
    }

    async fn fetch(&self, feed: &Url) -> Result<(Feed, Url), SourceError> {
        let body = self.http.get(feed.clone(), &HeaderMap::new(), Media::Feed).await?;
        let bytes = body.bytes;
        let feed = isolated(move || feed_rs::parser::parse(bytes.as_slice()).ok()).await.flatten();
        Ok((feed.ok_or(SourceError::Garbage("not a feed"))?, body.url))
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

fn read(feed: Feed, url: &Url, question: &Question) -> Vec<ContextItem> {
    let name = feed.title.map(|title| title.content).filter(|title| !title.trim().is_empty());
    let name = name.unwrap_or_else(|| url.host_str().unwrap_or_default().to_owned());
    let entries = feed.entries.into_iter().take(MOST_ENTRIES);
    entries.filter_map(|entry| one(entry, &name, question)).collect()
}

fn one(entry: Entry, feed: &str, question: &Question) -> Option<ContextItem> {
    let title = entry.title.map(|title| title.content)?;
    let body = entry.summary.map(|summary| summary.content).or_else(|| entry.content.and_then(|content| content.body));
    let at = entry.published.or(entry.updated).map(|at| at.timestamp());
    let now = question.now.as_second();
    let date = at.and_then(|at| jiff::Timestamp::from_second(at).ok());
    let date = date.map(|at| format!(" ({})", at.to_zoned(question.zone.clone()).strftime("%-d %B %Y")));
    let text = match body.map(|body| plain(&body)).filter(|body| !body.trim().is_empty()) {
        Some(body) => format!("{title}{}: {}", date.unwrap_or_default(), body.chars().take(500).collect::<String>()),
        None => format!("{title}{}.", date.unwrap_or_default()),
    };
    let link = entry.links.into_iter().next().map(|link| link.href);
    Some(ContextItem {
        url: link,
        attribution: feed.to_owned(),
        // A date in the future is a mistake, not a scoop.
        as_of: at.unwrap_or(0).min(now),
        ..item(entry.id, title, text)
    })
}

/// Those that share words with the question, else the newest.
fn best(mut news: Vec<ContextItem>, query: &str, most: usize) -> Vec<ContextItem> {
    let wanted: BTreeSet<String> = terms(query).into_iter().filter(|term| !GENERAL.contains(&term.as_str())).collect();
    for item in &mut news {
        let has: BTreeSet<String> = terms(&format!("{} {}", item.title, item.text)).into_iter().collect();
        let shared = wanted.intersection(&has).count() as f32;
        item.relevance = if wanted.is_empty() { 0.6 } else { 0.3 + 0.6 * shared / wanted.len() as f32 };
    }
    if news.iter().any(|item| item.relevance > 0.3) {
        news.retain(|item| item.relevance > 0.3);
    }
    news.sort_by(|one, other| other.relevance.total_cmp(&one.relevance).then(other.as_of.cmp(&one.as_of)));
    news.truncate(most);
    for (rank, item) in news.iter_mut().enumerate() {
        item.relevance -= 0.01 * rank as f32;
    }
    news
}

/// Text without tags; feeds carry pieces of HTML.
fn plain(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut tag = false;
    for character in html.chars() {
        match character {
            '<' => {
                tag = true;
                text.push(' ');
            }
            '>' if tag => tag = false,
            other if !tag => text.push(other),
            _ => {}
        }
    }
    [("&nbsp;", " "), ("&quot;", "\""), ("&#39;", "'"), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")]
        .iter()
        .fold(text, |text, (entity, character)| text.replace(entity, character))
}

const MOST_ENTRIES: usize = 100;
/// Stems that ask for news and say nothing about them.
const GENERAL: &[&str] =
    &["new", "news", "headline", "today", "latest", "happen", "happening", "world", "current", "event", "read", "top"];
