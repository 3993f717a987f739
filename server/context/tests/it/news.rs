//! The news in all three forms of feeds.

use axum::{
    Router,
    http::{StatusCode, header},
    routing::get,
};
use context::Lookup;

use crate::support::{all, ask, configured, failure, request, serve};

const RSS: &str = r#"<?xml version="1.0"?><rss version="2.0"><channel><title>The Daily</title><link>https://daily.test/</link>
<description>News</description>
<item><title>Harbour closed</title><link>https://daily.test/harbour</link><guid>h1</guid>
<pubDate>Fri, 20 Nov 2026 10:00:00 GMT</pubDate><description>&lt;p&gt;The &lt;b&gt;harbour&lt;/b&gt; is closed &amp;amp; quiet.&lt;/p&gt;</description></item>
<item><title>Old news</title><link>https://daily.test/old</link><guid>h2</guid><pubDate>Mon, 02 Nov 2026 10:00:00 GMT</pubDate><description>Old.</description></item>
</channel></rss>"#;
const ATOM: &str = r#"<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Science</title><id>urn:s</id>
<updated>2026-11-21T08:00:00Z</updated><entry><title>A comet is near</title><id>urn:c</id><link href="https://science.test/comet"/>
<updated>2026-11-21T08:00:00Z</updated><summary>Visible at dawn.</summary></entry></feed>"#;
const JSON: &str = r#"{"version":"https://jsonfeed.org/version/1.1","title":"Village","items":[
{"id":"1","url":"https://village.test/1","title":"Bakery opens","content_text":"Fresh bread.","date_published":"2026-11-19T08:00:00Z"}]}"#;

async fn lookup(names: &[&str]) -> Lookup {
    let feed =
        |kind: &'static str, body: &'static str| get(move || async move { ([(header::CONTENT_TYPE, kind)], body) });
    let router = Router::new()
        .route("/rss", feed("application/rss+xml", RSS))
        .route("/atom", feed("application/atom+xml; charset=utf-8", ATOM))
        .route("/json", feed("application/feed+json", JSON))
        .route("/garbage", feed("text/xml", "<rss><chan"))
        .route("/down", get(|| async { StatusCode::SERVICE_UNAVAILABLE }));
    let url = serve(router).await;
    let feeds: Vec<String> = names.iter().map(|name| format!("\"{url}{name}\"")).collect();
    configured(&format!("[[sources]]\nkind = \"news\"\nallow_private = true\nfeeds = [{}]\n", feeds.join(", ")))
}

#[tokio::test]
async fn all_forms_are_read_and_the_newest_comes_first() {
    let items = ask(&lookup(&["rss", "atom", "json"]).await, "what are the latest news today").await;
    let titles: Vec<_> = items.iter().map(|item| item.title.as_str()).collect();
    assert_eq!(titles, ["A comet is near", "Harbour closed", "Bakery opens", "Old news"]);
    assert_eq!(items[1].text, "Harbour closed (20 November 2026): The harbour is closed & quiet.");
    assert_eq!(items[1].url.as_deref(), Some("https://daily.test/harbour"));
    assert_eq!((items[1].attribution.as_str(), items[1].as_of), ("The Daily", 1_795_168_800));
}

#[tokio::test]
async fn news_about_something_are_about_it() {
    let items = ask(&lookup(&["rss", "atom", "json"]).await, "any news about the harbour").await;
    assert_eq!(items.iter().map(|item| item.title.as_str()).collect::<Vec<_>>(), ["Harbour closed"]);
}

#[tokio::test]
async fn a_feed_that_is_down_does_not_silence_the_others() {
    assert_eq!(ask(&lookup(&["down", "garbage", "atom"]).await, "the news").await.len(), 1);
    let events = all(&lookup(&["down"]).await, request("t", 1, "the news")).await;
    assert_eq!(failure(&events).as_deref(), Some("it answered with status 503"));
}
