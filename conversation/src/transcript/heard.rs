//! How much of a spoken answer was heard when it was cut.
//!
//! **The rule**: the words that fit into the time it was audible, at the pace learnt from answers that were heard to
//! their end (at first an ordinary one), at most what had arrived, and never part of a word.

use crate::letters::between;
use crate::time::Ms;

/// The pace of the present voice, in characters a second.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace(f32);

impl Pace {
    /// How many characters are heard in this time.
    pub(crate) fn chars(self, heard: Ms) -> usize {
        (heard.0 as f32 * self.0 / 1000.0) as usize
    }

    /// How long it takes to hear this many characters.
    pub(crate) fn time(self, chars: usize) -> Ms {
        Ms((chars as f32 * 1000.0 / self.0) as u64 + 1)
    }

    /// An answer of so many characters was heard whole in this time.
    pub(crate) fn learn(&mut self, chars: usize, heard: Ms) {
        if heard >= LEARN_FROM && chars > 0 {
            let pace = chars as f32 * 1000.0 / heard.0 as f32;
            self.0 += (pace.clamp(SLOWEST, FASTEST) - self.0) * 0.3;
        }
    }
}

impl Default for Pace {
    fn default() -> Self {
        Self(FIRST_PACE)
    }
}

/// Where the last whole word within the first `chars` characters ends, in bytes.
pub(crate) fn whole_words(text: &str, chars: usize) -> usize {
    let Some((end, next)) = text.char_indices().nth(chars) else { return text.len() };
    let heard = between(text, 0, end);
    let whole = if next.is_whitespace() { end } else { heard.rfind(char::is_whitespace).unwrap_or(0) };
    between(heard, 0, whole).trim_end().len()
}

/// Characters a second of an ordinary voice.
const FIRST_PACE: f32 = 15.0;
const SLOWEST: f32 = 4.0;
const FASTEST: f32 = 40.0;
/// Shorter answers teach nothing.
const LEARN_FROM: Ms = Ms(1_000);

#[cfg(test)]
mod tests {
    use super::{Pace, whole_words};
    use crate::time::Ms;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn heard_text_ends_with_a_whole_word() {
        for (chars, heard) in [(0, ""), (2, ""), (3, "äöü"), (4, "äöü"), (6, "äöü"), (99, "äöü äöü")] {
            let text = "äöü äöü";
            assert_eq!(&text[..whole_words(text, chars)], heard, "{chars}");
        }
    }

    #[test]
    fn the_pace_is_learnt_from_answers_that_were_heard_whole() {
        let mut pace = Pace::default();
        (0..20).for_each(|_| pace.learn(18, Ms(3_600)));
        assert_eq!(pace.chars(Ms(10_000)), 50);
        pace.learn(1_000_000, Ms(900));
        assert_eq!(pace.chars(Ms(10_000)), 50, "too short to teach anything");
    }
}
