//! One response that is told what to say, such as a word to bridge a wait.
//!
//! Without a language model only two forms are understood: a sentence in quotation marks after "say" or "tell", which
//! is said as it stands, and "say that you are …", which is said of oneself.

use super::words::Words;

/// What an order wants said, if it is one of that kind.
pub(super) fn to_say(order: &str) -> Option<String> {
    if order.chars().count() > LONGEST_ORDER {
        return None;
    }
    quoted(order).or_else(|| of_oneself(order))
}

fn quoted(order: &str) -> Option<String> {
    let (before, rest) = order.split_once(['"', '“', '”'])?;
    let (quote, _) = rest.split_once(['"', '“', '”'])?;
    let quote = quote.trim();
    (is_order(before) && quote.chars().any(char::is_alphanumeric)).then(|| quote.to_owned())
}

fn of_oneself(order: &str) -> Option<String> {
    let lower = order.to_ascii_lowercase();
    let at = lower.find("you are ")?;
    let rest = order.get(at + "you are ".len()..)?;
    let clause = rest.split(['.', '!', '?', ';', '\n']).next().unwrap_or(rest).trim();
    (is_order(lower.get(..at)?) && !clause.is_empty()).then(|| format!("I am {clause}."))
}

/// Whether this is the beginning of an order to say something, rather than a rule for some other time.
fn is_order(before: &str) -> bool {
    let words = Words::of(before);
    !before.contains(['.', '!', '?', '\n']) && (words.has("say") || words.has("tell")) && !words.has("when")
}

/// Longer instructions are a character, not an order.
const LONGEST_ORDER: usize = 400;

#[cfg(test)]
mod tests {
    use super::to_say;

    #[test]
    fn a_quoted_sentence_is_said_as_it_stands() {
        assert_eq!(to_say("Say only: \"One moment, I am looking.\"").as_deref(), Some("One moment, I am looking."));
        assert_eq!(to_say("Tell the user “Just a second.” and nothing else").as_deref(), Some("Just a second."));
    }

    #[test]
    fn what_one_is_to_say_of_oneself_is_said_in_the_first_person() {
        let order = "Say in one short sentence that you are looking it up in the calendar. Do not answer yet.";
        assert_eq!(to_say(order).as_deref(), Some("I am looking it up in the calendar."));
    }

    #[test]
    fn instructions_of_another_kind_are_not_read_out() {
        for order in [
            "You are a helpful assistant. Say \"hello\" to greet.",
            "When the user leaves, say \"goodbye\".",
            "Be brief.",
            "Say \"\"",
            "say you are ",
            "\"",
        ] {
            assert_eq!(to_say(order), None, "{order}");
        }
    }
}
