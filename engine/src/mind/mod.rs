//! What the engine answers: a pure function of what was said, what it was given and the time of day.
//!
//! There is no language model here and no answer pretends that there is one. It can tell the time and the date, make
//! small talk, say what was said earlier in this talk, and read out what it was given in a system item. To everything
//! else it says that it did not understand, and what it can do instead.

mod clock;
mod memory;
mod places;
mod talk;
mod words;

pub(crate) use places::spoken_places;

use jiff::Zoned;
use words::Words;

/// Whether the engine can turn speech into words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hearing {
    /// There is a recogniser.
    Understands,
    /// There is none: only typed words are understood.
    Deaf,
}

/// Why an answer is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Prompt {
    /// The user said or wrote something.
    Turn,
    /// The user has said nothing for long.
    Silence,
}

/// Who said something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    /// The session's instructions.
    Instructions,
    /// A system item or a function's output: something the engine was given.
    System,
    /// The person.
    User,
    /// The engine.
    Assistant,
}

/// One thing that was said; `None` is speech that was not understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) who: Who,
    pub(crate) words: Option<String>,
}

/// Everything an answer depends on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Situation<'a> {
    /// The time of day, in the engine's zone.
    pub(crate) now: &'a Zoned,
    /// Whether speech can be understood.
    pub(crate) hearing: Hearing,
    /// What was said, in order.
    pub(crate) said: &'a [Said],
    /// Why an answer is wanted.
    pub(crate) prompt: Prompt,
}

/// The answer; never empty.
pub(crate) fn answer(situation: &Situation<'_>) -> String {
    if situation.prompt == Prompt::Silence {
        return "Are you still there? I am listening.".into();
    }
    let Some(at) = situation.said.iter().rposition(|said| said.who == Who::User) else {
        return talk::welcome();
    };
    let before = &situation.said[..at];
    match &situation.said[at].words {
        None => unheard(situation.hearing, before),
        Some(text) => {
            let words = Words::of(text);
            if words.is_empty() {
                return unheard(situation.hearing, before);
            }
            reply(situation, &words, before)
        }
    }
}

fn reply(situation: &Situation<'_>, words: &Words, before: &[Said]) -> String {
    // What follows the question counts too: facts may arrive after it and before the answer.
    let given = situation.said;
    clock::answer(situation.now, words)
        .or_else(|| memory::answer(words, before))
        .or_else(|| talk::answer(words))
        .or_else(|| memory::recall(words, given))
        .or_else(|| memory::admit(words))
        .unwrap_or_else(|| format!("{NOT_UNDERSTOOD} {}", talk::abilities()))
}

fn unheard(hearing: Hearing, before: &[Said]) -> String {
    let said_before = |text: &str| {
        before.iter().any(|said| said.who == Who::Assistant && said.words.as_deref().is_some_and(|w| w.contains(text)))
    };
    match hearing {
        Hearing::Deaf if said_before(DEAF) => "I still hear you without understanding. Please type to me.".into(),
        Hearing::Deaf => format!(
            "{DEAF}, because no speech recogniser is installed. Please type to me; I can answer what you write."
        ),
        Hearing::Understands if said_before(NOT_UNDERSTOOD) => NOT_UNDERSTOOD.into(),
        Hearing::Understands => format!("{NOT_UNDERSTOOD} {}", talk::abilities()),
    }
}

const DEAF: &str = "I hear you, but I cannot understand speech here";

const NOT_UNDERSTOOD: &str = "I did not understand that.";

#[cfg(test)]
mod tests;
