//! Takes apart what asks several things in one sentence, so that each source is asked what it can answer.

use std::sync::LazyLock;

use regex::Regex;

/// The questions of a text, each beginning with a word that asks: "what time is it, and how warm is it in Lisbon".
pub(crate) fn clauses(text: &str) -> Vec<&str> {
    let (mut clauses, mut from) = (Vec::new(), 0);
    for joint in JOINT.captures_iter(text) {
        let (Some(between), Some(opener)) = (joint.get(0), joint.name("opener")) else { continue };
        clauses.extend(text.get(from..between.start()));
        from = opener.start();
    }
    clauses.extend(text.get(from..));
    clauses
}

static JOINT: LazyLock<Regex> = LazyLock::new(|| {
    let openers = OPENERS.join("|");
    let pattern = format!(r"(?i)(?:[?!.,;]?\s+(?:and|und|et|y|e|en)|[?!.;])\s+(?P<opener>{openers})\b");
    Regex::new(&pattern).expect("a valid expression")
});
/// English, German, French, Spanish, Portuguese, Italian, Dutch.
const OPENERS: [&str; 7] = [
    "whats|what|how|when|where|who|which|will|is|are|do|does|tell",
    "wie|was|wann|wo|wer|wird",
    "quelle?s?|quand|où|qui|comment",
    "qué|cómo|cuándo|dónde|quién",
    "que|qual|como|quando|onde|quem",
    "che|dove|chi|come",
    "wat|hoe|wanneer|waar",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_where_another_question_begins() {
        for (text, expected) in [
            (
                "what time is it in Lisbon and what's the weather in Berlin",
                &["what time is it in Lisbon", "what's the weather in Berlin"][..],
            ),
            ("How warm is it? And when is my flight?", &["How warm is it", "when is my flight?"]),
            ("Wie spät ist es und wie wird das Wetter", &["Wie spät ist es", "wie wird das Wetter"]),
            ("meetings with Anna and Bert", &["meetings with Anna and Bert"]),
            ("", &[""]),
        ] {
            assert_eq!(clauses(text), expected);
        }
    }
}
