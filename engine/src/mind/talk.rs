//! Small talk, and two answers that are long enough to be interrupted.

use super::words::Words;

/// Answers small talk.
pub(super) fn answer(words: &Words) -> Option<String> {
    if let Some(count) = asked_count(words) {
        return Some(count_to(count));
    }
    if words.says_any(&["about yourself", "about you", "a story", "a long story", "long answer", "talk for a while"]) {
        return Some(ABOUT.into());
    }
    let found = PHRASES.iter().find(|(phrases, _)| words.says_any(phrases));
    if let Some((_, reply)) = found {
        return Some((*reply).into());
    }
    // Alone they are small talk; in a longer sentence they are only its opening.
    let short = words.iter().count() <= 4;
    let alone = ALONE.iter().find(|(phrases, _)| short && words.says_any(phrases));
    if let Some((_, reply)) = alone {
        return Some((*reply).into());
    }
    let lost = words.says_any(&["what can you do", "what can i ask", "what do you do"]) || (short && words.has("help"));
    lost.then(abilities)
}

/// What is said when nobody asked anything.
pub(super) fn welcome() -> String {
    format!("Hello. {WHO} {}", abilities())
}

/// What can be asked.
pub(super) fn abilities() -> String {
    "You can ask me for the time or the date, here or in another city. I remember what you say in this talk, and I can \
     read out what I was given."
        .into()
}

fn asked_count(words: &Words) -> Option<u32> {
    let to = words.after("count to").or_else(|| words.after("count up to"))?;
    let number = |word: &String| {
        word.parse().ok().or_else(|| NUMBERS.iter().position(|n| n == word).and_then(|n| u32::try_from(n).ok()))
    };
    let tens = |word: &String| TENS.iter().find(|(name, _)| name == word).map(|(_, value)| *value);
    let first = to.first()?;
    let value = match tens(first) {
        Some(tens) => tens + to.get(1).and_then(number).filter(|ones| *ones < 10).unwrap_or(0),
        None if first == "a" => 100,
        None => number(first)?,
    };
    Some(value.clamp(1, 100))
}

fn count_to(count: u32) -> String {
    let spelled = |n: u32| match n {
        0..=20 => NUMBERS.get(n as usize).map_or_else(String::new, |word| (*word).to_owned()),
        n => n.to_string(),
    };
    (1..=count)
        .map(|n| {
            let word = spelled(n);
            let mut letters = word.chars();
            let word =
                letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect::<String>());
            format!("{word}.")
        })
        .collect::<Vec<_>>()
        .join(" ")
}

const WHO: &str = "I am the local engine of Colloquy, a small program without a language model.";

const ABOUT: &str = "I am the local engine of Colloquy, a small program that runs on this machine. I have no language \
    model, so I do not think; I match what you say against a few things that I know. A detector listens for the moment \
    when you begin to speak and for the moment when you stop. A recogniser turns your speech into words, if one is \
    installed. Then I look for an answer: the time and the date, something you told me earlier, or something that I \
    was given about your day. A speech program makes sound of it, and the sound travels to your browser in packets of \
    twenty milliseconds. If you talk while I am talking, I stop and listen. When you connect a real language model, it \
    takes my place, and everything else stays as it is.";

type Phrases = &'static [(&'static [&'static str], &'static str)];

const PHRASES: Phrases = &[
    (
        &[
            "who are you",
            "what are you",
            "what is your name",
            "who is this",
            "who am i talking to",
            "are you real",
            "are you human",
        ],
        "I am the local engine of Colloquy, a small program without a language model. I run on this machine, and \
         nothing you say leaves it.",
    ),
    (
        &["how are you", "how do you do", "how is it going"],
        "I am running well, thank you. What would you like to know?",
    ),
    (&["thank you", "thanks"], "You are welcome."),
    (&["good night"], "Good night."),
    (&["goodbye", "good bye", "bye bye", "see you", "bye"], "Goodbye. It was good to talk with you."),
    (&["can you hear me", "do you hear me"], "Yes, I hear you."),
    (
        &["tell me a joke", "a joke"],
        "There are ten kinds of people: those who understand binary, and those who do not.",
    ),
];

const ALONE: Phrases = &[
    (&["hello", "hi", "hey", "good morning", "good afternoon", "good evening"], "Hello. What would you like to know?"),
    (&["stop", "be quiet", "shut up", "never mind", "nevermind", "cancel"], "All right."),
    (
        &["yes", "no", "ok", "okay", "all right", "alright", "i see", "right", "sure", "great"],
        "All right. What would you like to know?",
    ),
    (&["test", "testing"], "I hear you. The test works."),
];

const NUMBERS: [&str; 21] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
];

const TENS: &[(&str, u32)] = &[
    ("twenty", 20),
    ("thirty", 30),
    ("forty", 40),
    ("fifty", 50),
    ("sixty", 60),
    ("seventy", 70),
    ("eighty", 80),
    ("ninety", 90),
    ("hundred", 100),
];
