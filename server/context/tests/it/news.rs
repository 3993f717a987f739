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

const LOOSE: &str = r#"<?xml version="1.0"?><rss version="2.0"><channel><title>AT&amp;amp;T &#8212; Blog</title>
<link>https://b.test</link><description>x</description>
<item><title>Tom &amp;amp; Jerry&amp;#8217;s caf&amp;eacute; &lt;b&gt;zebra&lt;/b&gt;</title><guid isPermaLink="false">1</guid>
<description>&lt;p&gt;The zebra&amp;#8217;s &amp;ldquo;home&amp;rdquo; &amp;mdash; caf&amp;eacute; &amp;hellip;&lt;/p&gt;&lt;script&gt;track()&lt;/script&gt;</description>
<pubDate>not a date</pubDate></item></channel></rss>"#;
const LINKED: &str = r#"<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Atom Zebra</title><id>u</id>
<updated>2026-11-20T00:00:00Z</updated><entry><title type="html">Zebra &lt;em&gt;atom&lt;/em&gt; entry</title><id>urn:1</id>
<updated>2026-11-20T00:00:00Z</updated><link rel="replies" href="https://a.test/comments"/>
<link rel="edit" href="https://a.test/edit/1"/><link rel="alternate" href="https://a.test/1"/><summary>zebra sum</summary></entry></feed>"#;
const UNTITLED: &str = r#"{"version":"https://jsonfeed.org/version/1.1","title":"JF","items":[
{"id":"1","url":"https://j.test/1","content_text":"A zebra microblog post without title","date_published":"2026-11-20T00:00:00Z"}]}"#;

async fn lookup(names: &[&str]) -> Lookup {
    let feed =
        |kind: &'static str, body: &'static str| get(move || async move { ([(header::CONTENT_TYPE, kind)], body) });
    let router = Router::new()
        .route("/rss", feed("application/rss+xml", RSS))
        .route("/atom", feed("application/atom+xml; charset=utf-8", ATOM))
        .route("/json", feed("application/feed+json", JSON))
        .route("/loose", feed("application/rss+xml", LOOSE))
        .route("/linked", feed("application/atom+xml", LINKED))
        .route("/untitled", feed("application/feed+json", UNTITLED))
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
async fn html_is_read_as_text_and_what_has_no_date_comes_last() {
    let items = ask(&lookup(&["loose", "untitled", "linked"]).await, "any zebra news").await;
    let titles: Vec<_> = items.iter().map(|item| item.title.as_str()).collect();
    let untitled = "A zebra microblog post without title";
    assert_eq!(titles, [untitled, "Zebra atom entry", "Tom & Jerry’s café zebra"], "two have the same id");
    let items = &items[1..];
    assert_eq!(items[1].text, "Tom & Jerry’s café zebra: The zebra’s “home” — café …");
    assert_eq!(items[1].attribution, "AT&T — Blog");
    assert_eq!(items[1].as_of, 1_795_251_600, "it is what the feed says now");
    let links: Vec<_> = items.iter().map(|item| item.url.as_deref()).collect();
    assert_eq!(links, [Some("https://a.test/1"), Some("https://b.test/")], "the page, else the site");
}

#[tokio::test]
async fn what_has_no_title_is_called_by_its_first_words() {
    let items = ask(&lookup(&["untitled"]).await, "any zebra news").await;
    assert_eq!(items[0].title, "A zebra microblog post without title");
    assert_eq!(items[0].text, "A zebra microblog post without title (20 November 2026)");
}

#[tokio::test]
async fn a_feed_that_is_down_does_not_silence_the_others() {
    assert_eq!(ask(&lookup(&["down", "garbage", "atom"]).await, "the news").await.len(), 1);
    let events = all(&lookup(&["down"]).await, request("t", 1, "the news")).await;
    assert_eq!(failure(&events).as_deref(), Some("it answered with status 503"));
}
