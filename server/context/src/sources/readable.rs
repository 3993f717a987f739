//! HTML as text: the readable part of a page, without menus, advertisements and scripts, and the pieces of HTML that
//! feeds, search engines and calendars hand out.
//!
//! The tokenizer is a browser's: what is no tag stays, and what is encoded is decoded. No tree is built, so nothing
//! recurses. The libraries that find the article of a page link code under a copyleft licence; this goes by the page's
//! own marks instead: `main` or `article` where there is one, and nothing of menus, footers, asides and the page's header.

use std::{
    cell::RefCell,
    sync::LazyLock,
    time::{Duration, Instant},
};

use html5ever::{
    Attribute, LocalName,
    tendril::StrTendril,
    tokenizer::{
        BufferQueue, StartTag, Tag, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
        states::{RawKind, State},
    },
};
use regex::Regex;

/// What a page says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Readable {
    pub(crate) title: String,
    /// Markdown.
    pub(crate) text: String,
    /// When it was published or changed, in seconds of Unix time.
    pub(crate) at: Option<i64>,
}

/// Reads a page; called through [`isolated`](crate::isolated::isolated), as its time grows with what is read.
pub(crate) fn readable(html: &str) -> Readable {
    let reading = tokenized(html, Reading { headings: true, ..Reading::default() }, None);
    let texts = [reading.main, reading.article, reading.all].map(|part| part.text.trim().to_owned());
    Readable {
        title: reading.title.text.trim().to_owned(),
        text: texts.into_iter().find(|text| !text.is_empty()).unwrap_or_default(),
        at: reading.at,
    }
}

/// The text of a piece of HTML, or of what may be one; where there are no tags, only encoded characters are decoded.
pub(crate) fn plain(html: &str) -> String {
    if !html.contains(['<', '&']) {
        return html.to_owned();
    }
    // In angle brackets alone, text often has addresses.
    let state = (!MARKUP.is_match(html)).then_some(State::RawData(RawKind::Rcdata));
    let lines = usize::from(state.is_some());
    tokenized(html, Reading { lines, ..Reading::default() }, state).all.text.trim_end().to_owned()
}

fn tokenized(html: &str, reading: Reading, initial_state: Option<State>) -> Reading {
    let options = TokenizerOpts { initial_state, ..TokenizerOpts::default() };
    let (tokenizer, queue) = (Tokenizer::new(Sink(RefCell::new(reading)), options), BufferQueue::default());
    let (mut rest, started) = (html, Instant::now());
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(rest.ceil_char_boundary(PIECE));
        queue.push_back(StrTendril::from_slice(piece));
        let _ = tokenizer.feed(&queue);
        // The time for a tag grows with the square of its attributes.
        if started.elapsed() > LONGEST {
            break;
        }
        rest = after;
    }
    tokenizer.end();
    tokenizer.sink.0.into_inner()
}

struct Sink(RefCell<Reading>);

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut reading = self.0.borrow_mut();
        match token {
            Token::TagToken(tag) => {
                reading.tag(&tag);
                return after(&tag);
            }
            Token::CharacterTokens(text) => reading.words(&text),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

/// What has been read so far.
#[derive(Default)]
struct Reading {
    title: Writing,
    at: Option<i64>,
    /// All that is not silent, what of it is marked as the page's content, and what as an article.
    all: Writing,
    main: Writing,
    article: Writing,
    in_title: bool,
    /// How many of these are open.
    mains: usize,
    articles: usize,
    /// How many are open in which the ends of lines are kept.
    lines: usize,
    /// The element of which nothing is read, and how many of its name are open inside.
    silent: Option<(LocalName, usize)>,
    headings: bool,
}

impl Reading {
    fn words(&mut self, text: &str) {
        let lines = self.lines > 0;
        if self.in_title {
            self.title.words(text, false);
        } else if self.silent.is_none() {
            self.each(|writing| writing.words(text, lines));
        }
    }

    fn tag(&mut self, tag: &Tag) {
        let (name, opens) = (&*tag.name, tag.kind == StartTag);
        if let Some((silent, depth)) = &mut self.silent {
            match (tag.name == *silent, opens) {
                (true, true) => *depth += usize::from(!tag.self_closing),
                (true, false) if *depth > 0 => *depth -= 1,
                (true, false) => self.silent = None,
                // What holds it ends: it was never closed.
                (false, _) if !opens && matches!(name, "main" | "article" | "body") => self.silent = None,
                (false, _) => return,
            }
            if matches!(name, "main" | "article") {
                self.mark(name, opens);
            }
            return;
        }
        match name {
            "title" => {
                self.in_title = opens && self.title.text.is_empty() && !tag.self_closing;
                if opens && !self.in_title && !tag.self_closing {
                    self.silent = Some((tag.name.clone(), 0));
                }
            }
            "meta" if self.at.is_none() => self.at = changed(&tag.attrs),
            "meta" => {}
            "header" if self.mains + self.articles == 0 && opens && !tag.self_closing => {
                self.silent = Some((tag.name.clone(), 0));
            }
            name if opens && SILENT.contains(&name) && !tag.self_closing => self.silent = Some((tag.name.clone(), 0)),
            name if INLINE.contains(&name) => {}
            "main" | "article" => self.mark(name, opens),
            "pre" => {
                self.lines = if opens { self.lines + 1 } else { self.lines.saturating_sub(1) };
                self.each(Writing::paragraph);
            }
            "td" | "th" if opens => self.each(Writing::cell),
            "td" | "th" => {}
            "li" => self.each(|writing| writing.block(opens.then_some("- "), Writing::line)),
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                let level = name.get(1..).and_then(|level| level.parse::<usize>().ok()).unwrap_or(1);
                let mark = MARKS.get(6 - level..).filter(|_| opens && self.headings);
                self.each(|writing| writing.block(mark, Writing::paragraph));
            }
            name if PARAGRAPHS.contains(&name) => self.each(Writing::paragraph),
            _ => self.each(Writing::line),
        }
    }

    fn mark(&mut self, name: &str, opens: bool) {
        self.each(Writing::paragraph);
        let open = if name == "main" { &mut self.mains } else { &mut self.articles };
        *open = if opens { *open + 1 } else { open.saturating_sub(1) };
    }

    /// Writes wherever what comes now belongs.
    fn each(&mut self, write: impl Fn(&mut Writing)) {
        write(&mut self.all);
        if self.mains > 0 {
            write(&mut self.main);
        }
        if self.articles > 0 {
            write(&mut self.article);
        }
    }
}

/// How the tokenizer goes on: in these, nothing but their own end is a tag.
fn after(tag: &Tag) -> TokenSinkResult<()> {
    if tag.kind != StartTag || tag.self_closing {
        return TokenSinkResult::Continue;
    }
    match &*tag.name {
        "title" | "textarea" => TokenSinkResult::RawData(RawKind::Rcdata),
        "style" | "xmp" | "iframe" | "noembed" | "noframes" => TokenSinkResult::RawData(RawKind::Rawtext),
        "script" => TokenSinkResult::RawData(RawKind::ScriptData),
        _ => TokenSinkResult::Continue,
    }
}

/// When a page was changed, where its `meta` says it.
fn changed(attributes: &[Attribute]) -> Option<i64> {
    let value = |names: &[&str]| attributes.iter().find(|one| names.contains(&&*one.name.local)).map(|one| &*one.value);
    let subject = value(&["property", "name", "itemprop"])?;
    let says = ["modified_time", "published_time"].iter().any(|ending| subject.ends_with(ending));
    let at = value(&["content"]).filter(|_| says)?;
    at.trim().parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_second)
}

/// A text that grows block by block.
#[derive(Default)]
struct Writing {
    text: String,
    /// Where the mark of a heading or of a list begins that has no words yet.
    mark: Option<usize>,
}

impl Writing {
    fn words(&mut self, words: &str, lines: bool) {
        for character in words.chars() {
            if lines && character == '\n' {
                self.text.push('\n');
            } else if !character.is_whitespace() {
                self.text.push(character);
                self.mark = None;
            } else if !self.text.is_empty() && !self.text.ends_with([' ', '\n']) {
                self.text.push(' ');
            }
        }
    }

    fn line(&mut self) {
        if self.mark.is_none() {
            self.text.truncate(self.text.trim_end_matches(' ').len());
            if !self.text.is_empty() && !self.text.ends_with('\n') {
                self.text.push('\n');
            }
        }
    }

    fn paragraph(&mut self) {
        self.line();
        if self.mark.is_none() && !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    /// Begins or ends what stands behind a mark; one that has no words goes with its end.
    fn block(&mut self, mark: Option<&str>, separate: impl Fn(&mut Self)) {
        if mark.is_none()
            && let Some(start) = self.mark.take()
        {
            self.text.truncate(start);
        }
        separate(self);
        if let (Some(mark), None) = (mark, self.mark) {
            self.mark = Some(self.text.len());
            self.text.push_str(mark);
        }
    }

    fn cell(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with('\n') && self.mark.is_none() {
            self.text.truncate(self.text.trim_end_matches(' ').len());
            self.text.push_str(" | ");
        }
    }
}

/// How much is read at a time, in bytes, and how long at most.
const PIECE: usize = 16 << 10;
const LONGEST: Duration = Duration::from_secs(2);
const MARKS: &str = "###### ";
/// Elements of which nothing is read.
const SILENT: [&str; 11] =
    ["script", "style", "nav", "footer", "aside", "template", "svg", "iframe", "select", "datalist", "textarea"];
/// Elements that stand within a line; what is no element of HTML stands for itself.
const INLINE: [&str; 38] = [
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "button", "cite", "code", "data", "del", "dfn", "em", "font",
    "i", "img", "input", "ins", "kbd", "label", "link", "mark", "q", "ruby", "s", "samp", "small", "span", "strike",
    "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
];
const PARAGRAPHS: [&str; 13] =
    ["p", "blockquote", "table", "ul", "ol", "dl", "hr", "figure", "section", "header", "form", "fieldset", "details"];

static MARKUP: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)</[a-z][a-z0-9]*\s*>|<(?:br|hr|img|p|li)(?:\s[^>]*)?/?>").expect("a valid expression")
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_article_is_read_without_its_menu() {
        let paragraph = "The ferry to the island leaves every morning at nine from the northern pier. ".repeat(8);
        let html = format!(
            "<html><head><title>Ferries</title><script>evil()</script></head><body><nav><a href='/'>Home</a></nav>\
             <article><h1>Ferries</h1><p>{paragraph}</p><p>{paragraph}</p></article></body></html>"
        );
        let page = readable(&html);
        assert_eq!(page.title, "Ferries");
        assert!(
            page.text.starts_with("# Ferries\n\nThe ferry") && page.text.contains("northern pier"),
            "{}",
            page.text
        );
        assert!(!page.text.contains("evil") && !page.text.contains("Home"), "{}", page.text);
    }

    #[test]
    fn a_page_that_is_nested_without_end_is_read_to_its_end() {
        assert_eq!(readable(&format!("{}at last", "<div>".repeat(100_000))).text, "at last");
    }

    #[test]
    fn a_tag_of_endless_attributes_takes_no_endless_time() {
        let names: String =
            (0..200_000).fold("<p>Before <a ".to_owned(), |html, number| html + &format!("a{number:x} "));
        let started = Instant::now();
        assert!(readable(&format!("{names}>")).text.starts_with("Before"));
        assert!(started.elapsed() < Duration::from_secs(60));
    }

    #[test]
    fn a_short_page_is_read_too() {
        let page = readable("<title>Note</title><p>The code of the door is <b>4711</b>.<script>x()</script>");
        assert_eq!((page.title.as_str(), page.text.as_str()), ("Note", "The code of the door is 4711."));
    }

    #[test]
    fn a_page_within_a_form_is_read() {
        let page = readable(
            "<html><head><title>Travel</title></head><body><form id=\"aspnetForm\" action=\"/\">\
             <p>The travel allowance is 42 euro per day.</p></form></body></html>",
        );
        assert_eq!(page.text, "The travel allowance is 42 euro per day.");
    }

    #[test]
    fn the_header_of_an_article_is_read_and_the_pages_own_is_not() {
        let page = readable(
            "<header>Menu</header><article><header><h1>Badgers</h1><p>By Anna.</p></header>They dig.</article>",
        );
        assert_eq!(page.text, "# Badgers\n\nBy Anna.\n\nThey dig.");
    }

    #[test]
    fn what_is_no_tag_stays_and_what_is_encoded_is_decoded() {
        let page = readable(
            "<title>M&uuml;ller &amp; S&ouml;hne</title><p>The giraffe&rsquo;s caf&eacute; &#8212; opens at 5 &lt; 6.</p>\
             <p>If weight < 5 kg then gorilla shipping is free.</p>",
        );
        assert_eq!(page.title, "Müller & Söhne");
        assert_eq!(
            page.text,
            "The giraffe’s café — opens at 5 < 6.\n\nIf weight < 5 kg then gorilla shipping is free."
        );
    }

    #[test]
    fn lists_tables_and_lines_keep_their_shape() {
        let page = readable(
            "<ul><li><p>One</p></li><li></li><li>H<sub>2</sub>O</li></ul><h2></h2>\
             <table><tr><th>Day<th>Open</tr>\n<tr><td>Monday</td> <td>9–17</td></tr></table><pre>a\n  b</pre>c<br>d",
        );
        assert_eq!(page.text, "- One\n\n- H2O\n\nDay | Open\nMonday | 9–17\n\na\nb\n\nc\nd");
    }

    #[test]
    fn what_is_never_closed_hides_no_more_than_what_holds_it() {
        let page = readable("<article>Before<aside>Buy!</article><article>After</article>");
        assert_eq!(page.text, "Before\n\nAfter");
        assert_eq!(readable("<script>x</script><svg/><p>Seen").text, "Seen");
    }

    #[test]
    fn a_page_says_when_it_was_changed() {
        let page = readable("<meta property=\"article:modified_time\" content=\"2026-11-20T10:00:00Z\">x");
        assert_eq!(page.at, Some(1_795_168_800));
    }

    #[test]
    fn a_piece_of_html_is_plain_text() {
        for (html, text) in [
            ("Zebra <em>atom</em> entry", "Zebra atom entry"),
            ("Tom &amp; Jerry&#8217;s caf&eacute;", "Tom & Jerry’s café"),
            ("<p>The &ldquo;home&rdquo; &mdash; &hellip;</p><script>track()</script>", "The “home” — …"),
            ("Gazelle&#x27;s &quot;run&quot;", "Gazelle's \"run\""),
            ("One<br>two<br/>three", "One\ntwo\nthree"),
            ("Agenda:\nR&D\nJoin <https://meet.test/1> if a<b", "Agenda:\nR&D\nJoin <https://meet.test/1> if a<b"),
        ] {
            assert_eq!(plain(html), text, "{html}");
        }
    }
}
