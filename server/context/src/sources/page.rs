//! A page of the web, read for what it says: when its address is spoken or a search names it.

use futures::{FutureExt, future::BoxFuture};
use protocol::context::ContextItem;
use reqwest::{Url, header::HeaderMap};
use serde::Deserialize;

use super::readable::readable;
use crate::{
    Finding, Http, Interests, Limits, Media, Profile, Question, Source, SourceError, isolated::isolated, item,
};

/// How pages are fetched.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PageConfig {
    /// An address whose host is allowed to be private: one's own.
    pub own: Option<String>,
}

/// Reads pages.
pub struct Page {
    profile: Profile,
    http: Http,
}

impl Page {
    /// The usual profile under a name.
    pub fn profile(name: &str) -> Profile {
        let mut profile = Profile::new(name, "page").interested(Interests::default().and_built_in(&[r"https?://\S+"]));
        profile.bounds.characters = 2_400;
        profile
    }

    /// A source with this profile.
    ///
    /// # Errors
    ///
    /// A sentence that names the field.
    pub fn new(profile: Profile, config: &PageConfig) -> Result<Self, String> {
        let limits = Limits { time: profile.limit, ..Limits::default() };
        let http = match &config.own {
            Some(own) => Http::with_own(limits, &Url::parse(own).map_err(|error| format!("own: {error}"))?),
            None => Http::new(limits),
        };
        Ok(Self { profile, http: http.map_err(|error| error.to_string())? })
    }

    async fn ask(&self, question: &Question) -> Result<Finding, SourceError> {
        let address = question.query.split_whitespace().find(|word| word.starts_with("http"));
        let Some(url) = address.and_then(|address| Url::parse(address.trim_end_matches(['.', ',', '?', '!'])).ok())
        else {
            return Ok(Finding::default());
        };
        let body = self.http.get(url, &HeaderMap::new(), Media::Page).await?;
        let (html, url) = (body.text(), body.url.to_string());
        if body.kind.starts_with("text/plain") {
            return Ok(vec![said(&url, "", html, None, question)].into());
        }
        let page = isolated(move || readable(&html)).await;
        let page = page.ok_or(SourceError::Garbage("a page without readable text"))?;
        Ok(vec![said(&url, &page.title, page.text, page.at, question)].into())
    }
}

impl Source for Page {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Addresses differ in more than words.
    fn cache_key(&self, question: &Question) -> Option<String> {
        Some(question.query.trim().to_owned())
    }

    fn look_up<'a>(&'a self, question: &'a Question) -> BoxFuture<'a, Result<Finding, SourceError>> {
        self.ask(question).boxed()
    }
}

fn said(url: &str, title: &str, text: String, at: Option<i64>, question: &Question) -> ContextItem {
    let host = Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
    ContextItem {
        url: Some(url.to_owned()),
        as_of: at.unwrap_or_else(|| question.now.as_second()),
        relevance: 0.85,
        attribution: host.clone(),
        ..item(url, if title.is_empty() { &host } else { title }, text)
    }
}
