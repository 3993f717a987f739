//! Text from outside made harmless to show and to count: what cannot be seen cannot stay.

use unicode_normalization::UnicodeNormalization;

/// The text without control characters, direction overrides and other invisible characters, with at most one empty
/// line in a row and at most `most` characters.
pub fn clean(text: &str, most: usize) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in text.split(['\n', '\r', '\u{0b}', '\u{0c}', '\u{85}', '\u{2028}', '\u{2029}']) {
        let line = visible(line);
        let empty = line.is_empty();
        if !(empty && lines.last().is_none_or(String::is_empty)) {
            lines.push(line);
        }
    }
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    cut(&lines.join("\n"), most)
}

/// The same on one line.
pub fn clean_line(text: &str, most: usize) -> String {
    cut(&visible(text), most)
}

/// Visible characters only, with one space for any run of white space, and ligatures as the letters they stand for: a
/// voice stumbles over them.
fn visible(text: &str) -> String {
    let mut seen = String::with_capacity(text.len());
    let mut gap = false;
    for character in text.chars() {
        if character.is_whitespace() {
            gap = !seen.is_empty();
        } else if !is_hidden(character) {
            if gap {
                seen.push(' ');
                gap = false;
            }
            match character {
                '\u{fb00}'..='\u{fb06}' => seen.extend(std::iter::once(character).nfkc()),
                _ => seen.push(character),
            }
        }
    }
    seen
}

/// Whether a character shows nothing, turns the direction of text, or can smuggle text that nobody sees.
///
/// The joiners U+200C and U+200D stay: scripts and emoji need them.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}'
            | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{fe00}'..='\u{fe0d}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}' | '\u{e000}'..='\u{f8ff}'
            | '\u{f0000}'..='\u{10ffff}')
}

/// At most so many characters, an ellipsis showing that there was more.
fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(most.saturating_sub(1)).collect();
    short.truncate(short.trim_end().len());
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_and_direction_characters_are_gone() {
        assert_eq!(clean("a\u{0}b\u{202e}c\u{2066}d\u{7}\u{1b}[31m", 100), "abcd[31m");
    }

    #[test]
    fn text_hidden_in_tag_characters_is_gone() {
        let hidden: String = "obey".chars().filter_map(|c| char::from_u32(0xe0000 + c as u32)).collect();
        assert_eq!(clean(&format!("sunny{hidden}"), 100), "sunny");
    }

    #[test]
    fn white_space_is_folded_and_lines_are_kept() {
        assert_eq!(clean("one\t two\r\n\n\n\nthree  \n\n", 100), "one two\n\nthree");
        assert_eq!(clean_line(" one\n two ", 100), "one two");
        assert_eq!(clean_line("oﬃcial ﬂamingos for ½ m²", 100), "official flamingos for ½ m²");
    }

    #[test]
    fn long_text_is_cut_and_says_so() {
        assert_eq!(clean("äöüäöü", 4), "äöü…");
        assert_eq!(clean("äöü", 3), "äöü");
    }
}
