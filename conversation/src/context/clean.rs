//! Text from outside made harmless before anybody reads it: nothing that cannot be seen, nothing that looks like our
//! own fences or marks, and no more than there is room for.

use crate::letters::{between, first};

/// One line of at most `most` characters.
pub(crate) fn line(text: &str, most: usize) -> String {
    let mut clean = String::new();
    push_visible(&mut clean, text);
    shorten(&mut clean, most);
    clean
}

/// Lines of at most `most` characters together, none of them empty.
pub(crate) fn lines(text: &str, most: usize) -> String {
    let mut clean = String::new();
    // What is far too long is not even looked at.
    let text = first(text, most.saturating_mul(8));
    for line in text.split(['\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}']) {
        let before = clean.len();
        if before > 0 {
            clean.push('\n');
        }
        let start = clean.len();
        push_visible(&mut clean, line);
        if clean.len() == start {
            clean.truncate(before);
        }
    }
    shorten(&mut clean, most);
    clean
}

/// Appends what can be seen of a line: without fences, with marks such as `[1]` in round brackets, and with one space
/// for any run of white space.
fn push_visible(clean: &mut String, line: &str) {
    let mut seen = String::new();
    for at in line.chars().filter(|at| at.is_whitespace() || !is_hidden(*at)) {
        seen.push(at);
        if seen.ends_with("<<<") || seen.ends_with(">>>") {
            // A space in place of a fence, so that what stood around it does not become one.
            seen.truncate(seen.len() - 3);
            seen.push(' ');
        }
    }
    let start = clean.len();
    for word in seen.split_whitespace() {
        if clean.len() > start {
            clean.push(' ');
        }
        push_unmarked(clean, word);
    }
}

fn push_unmarked(clean: &mut String, word: &str) {
    let mut rest = word;
    while let Some((before, after)) = rest.split_once('[') {
        clean.push_str(before);
        let digits = after.bytes().take_while(u8::is_ascii_digit).count();
        let (label, behind) = after.split_at_checked(digits).unwrap_or_default();
        match behind.strip_prefix(']') {
            Some(behind) if digits > 0 => {
                clean.push('(');
                clean.push_str(label);
                clean.push(')');
                rest = behind;
            }
            _ => {
                clean.push('[');
                rest = after;
            }
        }
    }
    clean.push_str(rest);
}

/// Whether a character shows nothing, turns the direction of text, or can smuggle text that nobody sees.
///
/// The joiners U+200C and U+200D stay: scripts and emoji need them.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
            | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff0}'..='\u{fffb}'
            | '\u{e000}'..='\u{f8ff}' | '\u{e0000}'..='\u{10ffff}')
}

fn shorten(text: &mut String, most: usize) {
    if let Some((end, _)) = text.char_indices().nth(most) {
        let end = text.char_indices().nth(most.saturating_sub(1)).map_or(end, |(end, _)| end);
        text.truncate(end);
        text.truncate(text.trim_end().len());
        if most > 0 {
            text.push('…');
        }
    }
}

/// The beginning of a text, as many whole sentences as fit into `most` characters with a mark that there was more;
/// none, if not even one does.
pub(crate) fn whole_sentences(text: &str, most: usize) -> Option<String> {
    let fits = |end: usize| between(text, 0, end).chars().count() + 2 <= most;
    let (_, end) = sentences(text).take_while(|(_, end)| fits(*end)).last()?;
    Some([between(text, 0, end).trim_end(), " …"].concat())
}

/// Where the sentences of a text begin and end, in bytes, without the space between them.
pub(crate) fn sentences(text: &str) -> impl Iterator<Item = (usize, usize)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = between(text, at, text.len());
        let start = at + rest.len() - rest.trim_start().len();
        let rest = between(text, start, text.len());
        if rest.is_empty() {
            return None;
        }
        let mut characters = rest.char_indices().peekable();
        let mut end = rest.len();
        while let Some((_, character)) = characters.next() {
            let next = characters.peek();
            let over = is_end(character) && next.is_none_or(|(_, next)| next.is_whitespace());
            if over || character == '\n' {
                end = next.map_or(rest.len(), |(next, _)| *next);
                break;
            }
        }
        at = start + end;
        Some((start, start + between(rest, 0, end).trim_end().len()))
    })
}

/// Whether a character ends a sentence.
pub(crate) fn is_end(character: char) -> bool {
    matches!(character, '.' | '!' | '?' | '…' | '。' | '！' | '？')
}

/// The size of a text, estimated at four characters a token.
pub(crate) fn tokens(text: &str) -> u32 {
    u32::try_from(text.chars().count().div_ceil(4)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::{line, lines, sentences, tokens, whole_sentences};
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn nothing_that_cannot_be_seen_is_left() {
        let hidden: String = "obey".chars().filter_map(|c| char::from_u32(0xe0000 + c as u32)).collect();
        assert_eq!(line(&format!(" a\u{0}b\u{202e}c\t\u{1b}[31m{hidden} "), 100), "abc [31m");
        assert_eq!(lines("one\r\n\n \u{7}\ntwo\u{2028}three", 100), "one\ntwo\nthree");
    }

    #[test]
    fn fences_and_marks_are_taken_out_and_none_comes_about_by_it() {
        for text in ["<<<context", "<\u{200b}<<context", "<<<<<<context", "a<<>>><context", ">>>", "<<<<>>>>>>"] {
            let clean = lines(text, 100);
            assert!(!clean.contains("<<<") && !clean.contains(">>>"), "{text} became {clean}");
        }
        assert_eq!(line("[1] rule [x] [12][] a[3]", 100), "(1) rule [x] (12)[] a(3)");
    }

    #[test]
    fn long_text_is_cut_and_says_so() {
        assert_eq!((line("äöüäöü", 4), line("äöü", 3), line("a b", 2)), ("äöü…".into(), "äöü".into(), "a…".into()));
    }

    #[test]
    fn sentences_end_where_they_end() {
        let text = " It is 3.5 degrees. Is it? Yes\nno ";
        let found: Vec<_> = sentences(text).map(|(start, end)| &text[start..end]).collect();
        assert_eq!(found, ["It is 3.5 degrees.", "Is it?", "Yes", "no"]);
        assert_eq!(whole_sentences(text.trim(), 24).as_deref(), Some("It is 3.5 degrees. …"));
        assert_eq!(whole_sentences(text, 5), None);
    }

    #[test]
    fn tokens_are_characters_by_four() {
        assert_eq!((tokens(""), tokens("ä"), tokens("12345")), (0, 1, 2));
    }
}
