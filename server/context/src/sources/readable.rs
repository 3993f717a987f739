//! The readable part of a web page, without menus, advertisements and scripts.

use dom_smoothie::{Config, Readability, TextMode};

/// What a page says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Readable {
    pub(crate) title: String,
    /// Markdown.
    pub(crate) text: String,
    /// When it was published or changed, in seconds of Unix time.
    pub(crate) at: Option<i64>,
}

/// Reads a page; may panic or recurse deeply on hostile input, so it is called through
/// [`isolated`](crate::isolated::isolated).
pub(crate) fn readable(html: &str, url: Option<&str>) -> Option<Readable> {
    if is_too_deep(html) {
        return None;
    }
    let config = Config { max_elements_to_parse: 50_000, text_mode: TextMode::Markdown, ..Config::default() };
    let mut reader = Readability::new(html, url, Some(config)).ok()?;
    let title = reader.get_article_title().to_string();
    match reader.parse() {
        Ok(article) => {
            let at = article.modified_time.or(article.published_time);
            let at = at.and_then(|at| at.parse::<jiff::Timestamp>().ok()).map(jiff::Timestamp::as_second);
            Some(Readable { title: article.title, text: article.text_content.to_string(), at })
        }
        // Too little for an article: a short page is all text.
        Err(dom_smoothie::ReadabilityError::GrabFailed) => Some(Readable { title, text: all_text(html), at: None }),
        Err(_) => None,
    }
}

/// Whether tags are nested deeper than any honest page: the time to read it grows with the square of the depth.
fn is_too_deep(html: &str) -> bool {
    let mut depth = 0_usize;
    for tag in html.split('<').skip(1) {
        let name: String = tag.chars().take_while(char::is_ascii_alphanumeric).take(10).collect();
        if tag.starts_with('/') {
            depth = depth.saturating_sub(1);
        } else if !name.is_empty() && !UNCLOSED.contains(&name.to_ascii_lowercase().as_str()) {
            depth += 1;
        }
        if depth > DEEPEST {
            return true;
        }
    }
    false
}

/// All text of a page, block by block, without scripts and styles.
fn all_text(html: &str) -> String {
    // Lower case of ASCII keeps every position.
    let lower = html.to_ascii_lowercase();
    let mut text = String::new();
    let mut at = 0;
    while let Some(start) = lower.get(at..).and_then(|rest| rest.find('<')).map(|found| at + found) {
        text.push_str(html.get(at..start).unwrap_or_default());
        let tag = lower.get(start + 1..).unwrap_or_default();
        let closing = SILENT.iter().find(|(name, _)| tag.starts_with(name)).map_or(">", |(_, closing)| closing);
        text.push(if INLINE.iter().any(|name| tag.starts_with(name)) { ' ' } else { '\n' });
        // What is opened and never closed hides the rest.
        at = tag.find(closing).map_or(html.len(), |end| start + 1 + end + closing.len());
    }
    text.push_str(html.get(at..).unwrap_or_default());
    for (entity, character) in ENTITIES {
        text = text.replace(entity, character);
    }
    text
}

const DEEPEST: usize = 500;
/// Elements that have no end, or whose end may be left out.
const UNCLOSED: [&str; 24] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr", "p",
    "li", "dt", "dd", "tr", "td", "th", "option", "path", "use",
];
const SILENT: [(&str, &str); 4] =
    [("script", "</script>"), ("style", "</style>"), ("head>", "</head>"), ("!--", "-->")];
const INLINE: [&str; 8] = ["b>", "/b>", "i>", "/i>", "a ", "/a>", "span", "/span"];
const ENTITIES: [(&str, &str); 5] = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&nbsp;", " "), ("&amp;", "&")];

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
        let page = readable(&html, Some("https://example.org/ferries")).unwrap();
        assert_eq!(page.title, "Ferries");
        assert!(page.text.contains("northern pier") && !page.text.contains("evil"), "{}", page.text);
    }

    #[test]
    fn a_page_that_is_nested_without_end_is_not_read() {
        assert_eq!(readable(&"<div>".repeat(100_000), None), None);
        assert!(!is_too_deep(&"<p>one<br><li>two<div>three</div>".repeat(10_000)));
    }

    #[test]
    fn a_short_page_is_read_too() {
        let page =
            readable("<title>Note</title><p>The code of the door is <b>4711</b>.<script>x()</script>", None).unwrap();
        assert!(page.text.contains("4711") && !page.text.contains("x()"), "{page:?}");
    }
}
