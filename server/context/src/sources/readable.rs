//! The readable part of a web page, without menus, advertisements and scripts.

use regex::Regex;
use std::sync::LazyLock;

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
///
/// The libraries that find the article of a page link code under a copyleft licence, so this one goes by the page's own
/// marks: `main` or `article` where there is one, and nothing of menus, headers, footers and asides.
pub(crate) fn readable(html: &str) -> Option<Readable> {
    if is_too_deep(html) {
        return None;
    }
    let title = TITLE.captures(html).map(|found| all_text(&found[1]).trim().to_owned()).unwrap_or_default();
    let at = CHANGED.captures(html).and_then(|found| found[1].parse::<jiff::Timestamp>().ok());
    let text = all_text(article(html));
    Some(Readable { title, text, at: at.map(jiff::Timestamp::as_second) })
}

/// What the page marks as its content; the whole page where it marks nothing.
fn article(html: &str) -> &str {
    let lower = html.to_ascii_lowercase();
    let marked = ["main", "article"].iter().find_map(|name| {
        let opening = format!("<{name}");
        let mut starts = lower.match_indices(&opening).map(|(at, _)| at + opening.len());
        let start = starts.find(|at| lower[*at..].starts_with(['>', ' ', '\n', '\t']))?;
        let end = lower.rfind(&format!("</{name}>")).filter(|end| *end > start)?;
        html.get(start..end)?.split_once('>').map(|(_, content)| content)
    });
    marked.unwrap_or(html)
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

/// The level of the heading that this tag opens.
fn heading(tag: &str) -> Option<usize> {
    let level = tag.strip_prefix('h')?.chars().next()?.to_digit(10)? as usize;
    ((1..=6).contains(&level) && tag[2..].starts_with(['>', ' '])).then_some(level)
}

/// All text of a page as Markdown, block by block, without scripts, styles and menus.
fn all_text(html: &str) -> String {
    // Lower case of ASCII keeps every position.
    let lower = html.to_ascii_lowercase();
    let mut text = String::new();
    let mut at = 0;
    while let Some(start) = lower.get(at..).and_then(|rest| rest.find('<')).map(|found| at + found) {
        text.push_str(html.get(at..start).unwrap_or_default());
        let tag = lower.get(start + 1..).unwrap_or_default();
        let closing = SILENT.iter().find(|(name, _)| tag.starts_with(name)).map_or(">", |(_, closing)| closing);
        match heading(tag) {
            Some(level) => {
                text.push_str("\n\n");
                text.extend(std::iter::repeat_n('#', level));
                text.push(' ');
            }
            None => text.push(if INLINE.iter().any(|name| tag.starts_with(name)) { ' ' } else { '\n' }),
        }
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
/// Elements of which nothing is read, and where each ends.
const SILENT: [(&str, &str); 9] = [
    ("script", "</script>"),
    ("style", "</style>"),
    ("header", "</header>"),
    ("head>", "</head>"),
    ("nav", "</nav>"),
    ("footer", "</footer>"),
    ("aside", "</aside>"),
    ("form", "</form>"),
    ("!--", "-->"),
];
const INLINE: [&str; 8] = ["b>", "/b>", "i>", "/i>", "a ", "/a>", "span", "/span"];
const ENTITIES: [(&str, &str); 5] = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&nbsp;", " "), ("&amp;", "&")];

static TITLE: LazyLock<Regex> = LazyLock::new(|| expression("(?is)<title[^>]*>(.{0,500}?)</title>"));
static CHANGED: LazyLock<Regex> = LazyLock::new(|| {
    expression(r#"(?i)<meta[^>]{0,200}(?:modified_time|published_time)"[^>]{0,200}content="([^"]{0,40})""#)
});

fn expression(text: &str) -> Regex {
    Regex::new(text).expect("a valid expression")
}

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
        let page = readable(&html).unwrap();
        assert_eq!(page.title, "Ferries");
        assert!(page.text.contains("northern pier") && page.text.contains("# Ferries"), "{}", page.text);
        assert!(!page.text.contains("evil") && !page.text.contains("Home"), "{}", page.text);
    }

    #[test]
    fn a_page_that_is_nested_without_end_is_not_read() {
        assert_eq!(readable(&"<div>".repeat(100_000)), None);
        assert!(!is_too_deep(&"<p>one<br><li>two<div>three</div>".repeat(10_000)));
    }

    #[test]
    fn a_short_page_is_read_too() {
        let page = readable("<title>Note</title><p>The code of the door is <b>4711</b>.<script>x()</script>").unwrap();
        assert!(page.text.contains("4711") && !page.text.contains("x()"), "{page:?}");
    }
}
