//! The sentences that `pocketsphinx` may hear: what the engine can answer by itself, and what it is likely to be asked
//! about the calendar, the memory, the documents and the other things that it is given or can look up.

use crate::mind::spoken_places;

/// Every sentence, with its slots filled.
pub(super) fn sentences() -> Vec<String> {
    let mut all: Vec<String> = SENTENCES.iter().map(|text| (*text).to_owned()).collect();
    let mut fill = |patterns: &[&str], words: &[&str]| {
        for pattern in patterns {
            all.extend(words.iter().map(|word| pattern.replace("{}", word)));
        }
    };
    fill(ABOUT_A_PLACE, &spoken_places().collect::<Vec<_>>());
    fill(ABOUT_A_NAME, NAMES);
    fill(ABOUT_A_DAY, DAYS);
    fill(ABOUT_A_SUBJECT, SUBJECTS);
    fill(ABOUT_A_THING, THINGS);
    fill(&["count to {}"], NUMBERS);
    let polite: Vec<String> = all.iter().map(|text| format!("{text} please")).collect();
    all.extend(polite);
    all
}

const ABOUT_A_PLACE: &[&str] = &[
    "what time is it in {}",
    "what is the time in {}",
    "time in {}",
    "what day is it in {}",
    "what is the weather in {}",
    "how is the weather in {}",
];

const ABOUT_A_NAME: &[&str] =
    &["my name is {}", "hello my name is {}", "what do you remember about {}", "remind me to call {}", "who is {}"];

const ABOUT_A_DAY: &[&str] = &[
    "what is on my calendar {}",
    "do i have a meeting {}",
    "what is my meeting {}",
    "what about my meeting {}",
    "what meetings do i have {}",
    "remember that the deadline is {}",
    "note that we meet {}",
];

const ABOUT_A_SUBJECT: &[&str] = &[
    "what did we decide about the {}",
    "what do you remember about the {}",
    "what do you know about the {}",
    "put the {} on the agenda",
    "what is the {}",
    "when is the {}",
    "how much is the {}",
    "what does the handbook say about the {}",
    "what does the document say about the {}",
    "what do my notes say about the {}",
];

const ABOUT_A_THING: &[&str] = &["where is the {}", "when does the {} open", "when does the {} close"];

const DAYS: &[&str] = &[
    "today",
    "tomorrow",
    "this week",
    "next week",
    "on monday",
    "on tuesday",
    "on wednesday",
    "on thursday",
    "on friday",
    "on saturday",
    "on sunday",
];

const SUBJECTS: &[&str] = &[
    "deadline",
    "budget",
    "project",
    "launch",
    "release",
    "contract",
    "party",
    "trip",
    "price",
    "logo",
    "plan",
    "team",
    "design",
    "website",
    "office",
    "harbor",
    "holidays",
    "vacation",
    "password",
    "address",
    "phone number",
    "status",
    "door code",
    "rent",
    "train",
    "flight",
    "hotel",
    "room",
];

const THINGS: &[&str] = &[
    "harbor",
    "office",
    "library",
    "museum",
    "kitchen",
    "garden",
    "station",
    "hotel",
    "pool",
    "shop",
    "restaurant",
    "meeting",
    "party",
    "key",
    "spare key",
    "printer",
    "first aid kit",
    "conference room",
];

const NUMBERS: &[&str] =
    &["three", "five", "ten", "twelve", "fifteen", "twenty", "thirty", "forty", "fifty", "a hundred", "one hundred"];

const SENTENCES: &[&str] = &[
    "what time is it",
    "what time is it now",
    "what is the time",
    "tell me the time",
    "what is the date",
    "what is the date today",
    "what day is it",
    "what day is it today",
    "what day is it tomorrow",
    "what day was yesterday",
    "what year is it",
    "what month is it",
    "hello",
    "hello there",
    "hi",
    "hi there",
    "good morning",
    "good afternoon",
    "good evening",
    "good night",
    "goodbye",
    "good bye",
    "bye bye",
    "how are you",
    "hello how are you",
    "who are you",
    "what are you",
    "what is your name",
    "are you real",
    "are you human",
    "can you hear me",
    "hello can you hear me",
    "what can you do",
    "what can i ask",
    "help me",
    "help",
    "thank you",
    "thank you very much",
    "thanks",
    "tell me a joke",
    "tell me about yourself",
    "tell me a story",
    "tell me a long story",
    "stop",
    "be quiet",
    "never mind",
    "yes",
    "no",
    "okay",
    "all right",
    "what did i say",
    "what did i just say",
    "what did i type",
    "what did i say first",
    "what did you say",
    "say that again",
    "repeat that",
    "what is my name",
    "do you know my name",
    "who am i",
    "what do you know",
    "what were you told",
    "what is my next meeting",
    "when is my next meeting",
    "where is my next meeting",
    "who is my next meeting with",
    "do i have a meeting",
    "do i have any meetings today",
    "what meetings do i have today",
    "what is on my calendar",
    "what is on my agenda",
    "what is on my schedule",
    "what is my next appointment",
    "when is my next appointment",
    "when is my flight",
    "what is my flight number",
    "when is lunch",
    "when is dinner",
    "what is the weather",
    "what is the weather like",
    "how is the weather",
    "what is the weather today",
    "what is the weather tomorrow",
    "will it rain today",
    "what is the news",
    "what is in the news",
    "do i have new messages",
    "do i have any mail",
    "what are my notes",
    "read my notes",
    "what does the document say",
    "what does my document say",
    "what is on this picture",
    "what do you see",
    "what is on my list",
];

const NAMES: &[&str] = &[
    "ada", "adam", "alan", "alex", "alice", "andrew", "anna", "anne", "ben", "bob", "carlos", "charles", "charlie",
    "chris", "clara", "daniel", "david", "diana", "ed", "emily", "emma", "eric", "eva", "frank", "george", "grace",
    "hannah", "helen", "henry", "ian", "jack", "james", "jane", "john", "julia", "karen", "kate", "laura", "leo",
    "linda", "lisa", "lucy", "marcus", "maria", "mark", "martin", "mary", "max", "michael", "nina", "oliver", "paul",
    "peter", "rachel", "robert", "sam", "sarah", "simon", "sofia", "steve", "susan", "thomas", "tom", "victor",
];
