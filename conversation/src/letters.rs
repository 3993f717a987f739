//! Letters without the tables of Unicode, which whoever opens the page would have to download: exact for the scripts
//! that have two cases in one row, and near enough for telling words from what stands between them.

/// Whether it is part of a word: a letter or a digit.
pub(crate) fn is_letter(at: char) -> bool {
    match at {
        '0'..='9' | 'A'..='Z' | 'a'..='z' | '\u{aa}' | '\u{b5}' | '\u{ba}' => true,
        // Signs, spaces, marks, dashes and drawings, row by row.
        '\0'..='\u{bf}'
        | '\u{d7}'
        | '\u{f7}'
        | '\u{2000}'..='\u{206f}'
        | '\u{20a0}'..='\u{20cf}'
        | '\u{2190}'..='\u{2bff}'
        | '\u{2e00}'..='\u{2e7f}'
        | '\u{3000}'..='\u{3004}'
        | '\u{3007}'..='\u{3020}'
        | '\u{30fb}'
        | '\u{e000}'..='\u{f8ff}'
        | '\u{fe00}'..='\u{fe6f}'
        | '\u{feff}'..='\u{ff0f}'
        | '\u{ff1a}'..='\u{ff20}'
        | '\u{ff3b}'..='\u{ff40}'
        | '\u{ff5b}'..='\u{ff65}'
        | '\u{fff0}'..='\u{ffff}'
        | '\u{1f000}'..='\u{1faff}'
        | '\u{e0000}'..='\u{10ffff}' => false,
        _ => true,
    }
}

/// The beginning of a text: as many whole characters as fit into `most` bytes.
pub(crate) fn first(text: &str, most: usize) -> &str {
    between(text, 0, text.floor_char_boundary(most))
}

/// A part of a text, in bytes; empty where there is none. Nobody downloads the words for a slice that cannot be.
#[inline(never)]
pub(crate) fn between(text: &str, start: usize, end: usize) -> &str {
    text.get(start..end).unwrap_or_default()
}

/// The text with small letters, so that it can be compared.
pub(crate) fn lower(text: &str) -> String {
    text.chars().map(small).collect()
}

fn small(at: char) -> char {
    let distance = match at {
        'A'..='Z' | 'À'..='Ö' | 'Ø'..='Þ' | 'Α'..='Ϋ' | 'А'..='Я' => 0x20,
        'Ѐ'..='Џ' => 0x50,
        // Large and small take turns.
        'Ā'..='ķ' | 'Ŋ'..='ŷ' | 'Ѡ'..='ҁ' | 'Ḁ'..='ẕ' | 'Ạ'..='ỿ' => {
            u32::from((at as u32).is_multiple_of(2))
        }
        'Ĺ'..='ň' | 'Ź'..='ž' => u32::from(!(at as u32).is_multiple_of(2)),
        _ => 0,
    };
    char::from_u32(at as u32 + distance).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::{is_letter, lower};
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn letters_of_many_scripts_are_letters_and_what_stands_between_words_is_none() {
        for at in "aZ9éßñÅłжΩאكनไ中ひカ한".chars() {
            assert!(is_letter(at), "{at}");
        }
        for at in " \n.,!?\u{a0}¿×«»–—“”…€→★、。「」！？\u{200b}😀\u{fe0f}".chars() {
            assert!(!is_letter(at), "{at:?}");
        }
    }

    #[test]
    fn small_letters_are_those_of_unicode_in_the_scripts_of_europe() {
        for text in
            ["ZÜRICH Straße", "ŁÓDŹ Šibenik ŽIŽKA Ňuf", "ΑΘΗΝΑ μΕ", "МОСКВА Ёлка ЂОРЂЕ", "ĐÀ NẴNG", "ĲSSEL Œuvre"]
        {
            // A large sigma at the end of a word is the one that would differ.
            assert_eq!(lower(text), text.to_lowercase());
        }
        assert_eq!(lower("abc žluťoučký 中文 123"), "abc žluťoučký 中文 123");
    }
}
