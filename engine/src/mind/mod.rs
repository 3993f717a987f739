//! What the engine answers: a pure function of what was said, what it was given and the time of day.
//!
//! There is no language model here and no answer pretends that there is one. It can tell the time and the date, make
//! small talk, say what was said earlier in this talk, and answer from what it was given: system items, documents and
//! what its tools gave. News that it is given while nobody asks anything it tells. What it cannot answer it hands to a tool, if it was given one that fits. To everything else it
//! says that it did not understand, and what it can do instead.

mod belongings;
mod clock;
mod given;
mod memory;
mod places;
mod talk;
mod told;
mod tools;
mod words;

pub(crate) use given::without_marks;
pub(crate) use places::spoken_places;
pub(crate) use tools::Call;

use jiff::Zoned;
use protocol::session::{Function, ToolChoice};
use tools::Offer;
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
    /// A system item: something the engine was given.
    System,
    /// The person.
    User,
    /// A text that the person attached.
    Document,
    /// A picture that the person attached.
    Picture,
    /// The engine.
    Assistant,
    /// The engine's call of a function.
    Call,
    /// What a function gave.
    Output,
}

/// One thing that was said; `None` is speech that was not understood, or something without words.
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
    /// What this one response is told to do, beside the session's instructions.
    pub(crate) order: Option<&'a str>,
    /// The functions that may be called.
    pub(crate) tools: &'a [Function],
    /// Which of them may or must be.
    pub(crate) choice: &'a ToolChoice,
}

/// What the engine does.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Act {
    /// Says this, which is never empty. Marks of sources, such as `[1]`, are for the reader and not for the voice.
    Say(String),
    /// Has a function called.
    Call(Call),
}

/// What to do.
pub(crate) fn act(situation: &Situation<'_>) -> Act {
    if situation.prompt == Prompt::Silence {
        return Act::Say("Are you still there? I am listening.".into());
    }
    if let Some(words) = situation.order.and_then(told::to_say) {
        return Act::Say(words);
    }
    let said = situation.said;
    let turn = said.iter().rposition(|said| said.who == Who::Assistant).map_or(said, |at| &said[at + 1..]);
    let has = |who| turn.iter().any(|said| said.who == who);
    if !has(Who::User) && !has(Who::Output) {
        if has(Who::Picture) {
            return Act::Say(BLIND.into());
        }
        if has(Who::Document) {
            return Act::Say("I have what you gave me. Ask me about what is in it.".into());
        }
        if let Some(news) = given::news(turn) {
            return Act::Say(news);
        }
    }
    let Some(at) = said.iter().rposition(|said| said.who == Who::User) else {
        return Act::Say(talk::welcome());
    };
    let before = &said[..at];
    let text = said[at].words.as_deref().unwrap_or_default();
    let words = Words::of(text);
    if words.is_empty() {
        return Act::Say(unheard(situation.hearing, before));
    }
    // Words are handed to tools once: what those gave is the answer. What calls for earlier words gave may come late.
    if let Some(call) = said[at..].iter().position(|said| said.who == Who::Call) {
        let since = &said[at + call..];
        if since.iter().any(|said| said.who == Who::Output) {
            return Act::Say(given::by_tools(&words, since));
        }
        return Act::Say("I am still waiting for what I asked.".into());
    }
    let offer = Offer::new(situation.tools, situation.choice);
    if let Some(call) = offer.forced(&words, text) {
        return Act::Call(call);
    }
    reply(situation, &offer, &words, text, before, has(Who::Picture))
}

fn reply(
    situation: &Situation<'_>,
    offer: &Offer<'_>,
    words: &Words,
    text: &str,
    before: &[Said],
    picture: bool,
) -> Act {
    // What follows the question counts too: facts may arrive after it and before the answer.
    let said = situation.said;
    if let Some(call) = offer.command(words, text) {
        return Act::Call(call);
    }
    let time = clock::answer(situation.now, words);
    let cited = || words.asks().then(|| given::cited(words, said, time.is_some())).flatten();
    if let Some(answer) = talk::answer(words).or_else(cited) {
        return Act::Say(answer);
    }
    let fits = given::answer(words, said);
    if let Some(call) = offer.recall(words, text).filter(|_| fits.is_none()) {
        return Act::Call(call);
    }
    let known = time.or_else(|| memory::answer(words, before)).or(fits);
    if let Some(answer) = known.or_else(|| picture.then(|| BLIND.to_owned())) {
        return Act::Say(answer);
    }
    if let Some(call) = offer.search(words, text) {
        return Act::Call(call);
    }
    Act::Say(memory::admit(words).unwrap_or_else(|| format!("{NOT_UNDERSTOOD} {}", talk::abilities())))
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

const BLIND: &str = "You gave me a picture, but I cannot see: I am a small program without a model for images.";

const DEAF: &str = "I hear you, but I cannot understand speech here";

const NOT_UNDERSTOOD: &str = "I did not understand that.";

#[cfg(test)]
mod tests;
