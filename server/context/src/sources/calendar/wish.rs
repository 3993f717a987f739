//! What a question asks of the calendar.

use std::collections::BTreeMap;

use jiff::Zoned;
use regex::Regex;
use std::sync::LazyLock;

use super::ics::Event;
use crate::{
    days::{Reading, When},
    language::{Language, Meaning, fold},
    words::{is_filler, stem, terms, words},
};

/// What is asked.
#[derive(Clone, Debug)]
pub(super) struct Wish {
    pub(super) when: When,
    pub(super) past: bool,
    /// Words that may name an event, by their stems.
    pub(super) names: BTreeMap<String, String>,
    /// Words for kinds of events: a birthday is not named by them as long as there is a name.
    kinds: BTreeMap<String, String>,
    /// Only what comes next.
    pub(super) next: bool,
    /// One certain event is asked about: that there is none of this name is an answer.
    pub(super) particular: bool,
}

impl Wish {
    pub(super) fn of(query: &str, now: &Zoned) -> Self {
        let reading = Reading::of(query, now.datetime());
        let languages = Language::of(query);
        // What is not understood as a time may be part of a name: "the Easter party".
        let rest = if matches!(reading.when, When::Unclear(_)) { query } else { &reading.rest };
        let words = words(&fold(rest));
        let means_next = |word: &String| {
            let meanings = languages.iter().filter_map(|language| language.meaning(word));
            meanings.into_iter().any(|meaning| matches!(meaning, Meaning::Next | Meaning::Coming))
        };
        let asks_when = words.iter().any(|word| WHEN.contains(&word.as_str())) || AT_WHAT_TIME.is_match(query);
        let is_empty = |word: &&String| {
            is_filler(word)
                || languages
                    .iter()
                    .any(|language| language.is_common(word) || language.determiners.contains(&word.as_str()))
                || WHEN.contains(&word.as_str())
                || means_next(word)
        };
        let stems = words.iter().filter(|word| !is_empty(word)).map(|word| (stem(word), word.clone()));
        let (kinds, names): (BTreeMap<_, _>, BTreeMap<_, _>) = stems
            .filter(|(stem, _)| !GENERAL.contains(&stem.as_str()))
            .partition(|(stem, _)| KINDS.contains(&stem.as_str()));
        let with_somebody = words.iter().any(|word| WITH.contains(&word.as_str()));
        Self {
            past: reading.past,
            next: asks_when || words.iter().any(means_next),
            particular: asks_when || with_somebody || !kinds.is_empty(),
            when: reading.when,
            names,
            kinds,
        }
    }

    pub(super) fn names_something(&self) -> bool {
        !self.names.is_empty() || !self.kinds.is_empty()
    }

    /// How well an event is named; 0 for not at all.
    pub(super) fn fit(&self, event: &Event) -> usize {
        let own = own_terms(event);
        let common = |words: &BTreeMap<String, String>| words.keys().filter(|stem| own.contains(stem)).count();
        match (common(&self.names), common(&self.kinds)) {
            (0, _) if !self.names.is_empty() => 0,
            (names, kinds) => names * (KINDS.len() + 1) + kinds,
        }
    }

    /// The words for a certain event that this one does not mention.
    pub(super) fn unmentioned(&self, event: &Event) -> Vec<&str> {
        let own = own_terms(event);
        let names = self.names.iter().filter(|(stem, _)| self.particular && !own.contains(stem));
        names.map(|(_, word)| word.as_str()).collect()
    }

    /// How the event is called that is asked about.
    pub(super) fn words(&self) -> String {
        let words: Vec<&str> = self.names.values().chain(self.kinds.values()).map(String::as_str).collect();
        words.join(" ")
    }
}

fn own_terms(event: &Event) -> Vec<String> {
    terms(&fold(&format!("{} {} {}", event.summary, event.location, event.people.join(" "))))
}

/// Whether a question with a time in it is about what is planned then.
pub(super) fn asks_what_is_planned(query: &str) -> bool {
    PLANNED.is_match(query) && !OBLIGED.is_match(query)
}

static PLANNED: LazyLock<Regex> = LazyLock::new(|| {
    let english = r"\b(do|did|am|are|will|was|were) (i|we) (have|got|be|free|busy|meet|meeting|doing|seeing|available|up to)\b|\bwhat('s| is|s| was)? (on|planned|happening|up)\b|\bwhat (do|did|am|are|will) (i|we)\b|\bhow (busy|full|is my|does my)\b";
    let german = r"\b(habe|hatte|haben|bin) (ich|wir)\b|\bwas (steht|ist|war|liegt) .*\b(an|los|geplant)\b";
    let french =
        r"\b(j['’]ai|ai-je|avons-nous|nous avons|suis-je|je suis)\b|\bqu['’]est-ce qu['’]?(e|il y a)\b.*\bpr[ée]vu\b";
    let spanish = r"\b(qué|que) (tengo|tenemos|hay|hago)\b|\btengo (algo|alguna|algún|una|cita|citas|reuni\w*|libre)\b|\bestoy libre\b";
    let portuguese =
        r"\bo que (tenho|temos|há)\b|\btenho (algo|alguma|algum|uma|reuni\w*|compromissos?)\b|\bestou livre\b";
    let italian = r"\b(che|cosa|che cosa) (ho|abbiamo|impegni)\b|\bho (qualcosa|impegni|riunion\w|appuntament\w)\b|\bsono liber[oa]\b";
    let dutch = r"\bwat (heb|hebben|staat|doe)\b|\b(heb ik|hebben we|ben ik)\b";
    let all = [english, german, french, spanish, portuguese, italian, dutch].join("|");
    Regex::new(&format!("(?i){all}")).expect("a valid expression")
});
static OBLIGED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)\b(have|need|got) to\b").expect("a valid expression"));
static AT_WHAT_TIME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\bwhat time\b|\bwie viel uhr\b|\bquelle heure\b|\bqué hora\b|\bque horas\b|\bche ora\b|\bhoe laat\b",
    )
    .expect("a valid expression")
});

const WHEN: &[&str] = &["when", "whens", "wann", "quand", "cuando", "quando", "wanneer"];
const WITH: &[&str] = &["with", "mit", "avec", "con", "com", "met"];
/// Stems.
const KINDS: &[&str] = &[
    "birthday",
    "anniversary",
    "lunch",
    "dinner",
    "breakfast",
    "coffee",
    "party",
    "trip",
    "flight",
    "review",
    "interview",
    "wedd",
    "wedding",
    "geburtstag",
    "feier",
    "flug",
    "mittagessen",
    "abendessen",
    "hochzeit",
    "anniversaire",
    "dejeuner",
    "diner",
    "vol",
    "fete",
    "mariage",
    "cumpleano",
    "cumple",
    "almuerzo",
    "cena",
    "fiesta",
    "vuelo",
    "boda",
    "aniversario",
    "almoco",
    "jantar",
    "festa",
    "voo",
    "casamento",
    "compleanno",
    "pranzo",
    "volo",
    "matrimonio",
    "verjaardag",
    "feest",
    "vlucht",
    "bruiloft",
];
/// Stems of words that say that it is about a calendar, and nothing about which event is meant.
const GENERAL: &[&str] = &[
    "agenda",
    "anyth",
    "anything",
    "appointment",
    "busy",
    "calendar",
    "call",
    "come",
    "com",
    "diary",
    "event",
    "free",
    "happen",
    "list",
    "meet",
    "meeting",
    "plan",
    "planned",
    "schedul",
    "schedule",
    "scheduled",
    "show",
    "someth",
    "something",
    "start",
    "begin",
    "time",
    "there",
    "place",
    "weather",
    "way",
    "up",
    "see",
    "got",
    "read",
    "open",
    "date",
    "first",
    "later",
    "late",
    "coming",
    "kalender",
    "termin",
    "termine",
    "besprechung",
    "besprechungen",
    "treffen",
    "geplant",
    "vor",
    "frei",
    "calendrier",
    "rendez",
    "vou",
    "reunion",
    "prevu",
    "libre",
    "cita",
    "calendario",
    "reunione",
    "reunioe",
    "compromisso",
    "livre",
    "appuntamento",
    "appuntamenti",
    "riunione",
    "riunioni",
    "impegni",
    "impegno",
    "libero",
    "afspraak",
    "afspraken",
    "vergader",
    "vergadering",
    "vergaderingen",
    "vrij",
    "steht",
    "quelque",
    "chose",
    "algo",
    "qualcosa",
    "iets",
    "etwa",
    "reuniao",
];
