//! What a question asks of the calendar.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use jiff::Zoned;
use regex::Regex;

use super::{super::zones::clocks_of, ics::Event};
use crate::{
    days::{Days, Reading, When},
    hours::{Hours, is_clock},
    language::{Language, Meaning, fold},
    place::{Place, all_named_in},
    words::{is_filler, stem, terms, words},
};

/// What is asked.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "a question may say each of them, whatever it says of the others")]
pub(super) struct Wish {
    pub(super) when: When,
    pub(super) past: bool,
    /// Which hours of the days are meant.
    pub(super) hours: Option<Hours>,
    /// This moment is meant.
    pub(super) now: bool,
    /// Only what is still to come of the days.
    pub(super) still: bool,
    pub(super) end: Option<End>,
    /// Words that may name an event, by their stems.
    names: BTreeMap<String, Name>,
    /// Words for kinds of events: a birthday is not named by them as long as there is a name.
    kinds: BTreeMap<String, String>,
    /// Stems of the towns that are named, which name no event by themselves.
    towns: BTreeSet<String>,
    /// Only what comes next.
    pub(super) next: bool,
    /// It is said to be the next one, whatever it is called.
    pub(super) comes_next: bool,
    /// One certain event is asked about: that there is none of this name is an answer.
    pub(super) particular: bool,
    /// What is planned is asked about, so that it is the calendar's if it has a time in it.
    pub(super) planned: bool,
    /// It may be a question about an event.
    asks_of_event: bool,
    pub(super) asks_where: bool,
}

/// Which one of several is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    First,
    Last,
}

#[derive(Clone, Debug)]
struct Name {
    word: String,
    /// It stands where the name of something stands: behind "my" or "with", or with a capital. Other words may be verbs.
    surely: bool,
}

impl Wish {
    pub(super) fn of(query: &str, now: &Zoned) -> Self {
        let reading = Reading::of(query, now.datetime());
        let languages = Language::of(query);
        // What is not understood as a time may be part of a name: "the Easter party".
        let rest = if matches!(reading.when, When::Unclear(_)) { query } else { &reading.rest };
        let words = words(&fold(rest));
        let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
        let means = |wanted: &[Meaning]| {
            let means = |word: &String| {
                wanted.iter().any(|meaning| languages.iter().any(|l| l.meaning(word) == Some(*meaning)))
            };
            words.iter().any(means)
        };
        let (names, kinds) = names(rest, &languages);
        let comes_next = means(&[Meaning::Next, Meaning::Coming]);
        let asks_when = has(WHEN) || AT_WHAT_TIME.is_match(query);
        let planned = asks_what_is_planned(query, &reading.rest);
        let clock = Hours::by_the_clock(query, reading.hours);
        let day = now.date();
        let when = match (reading.when, clock) {
            // An hour alone is one of today, unless it is over: then it is of tomorrow.
            (When::Unsaid, Some(hours)) if names.is_empty() && kinds.is_empty() => {
                let over = !reading.past && hours.are_over_at(now.hour());
                When::Said(Days::one(if over { day.tomorrow().unwrap_or(day) } else { day }))
            }
            (when, _) => when,
        };
        let end = if means(&[Meaning::Last]) { Some(End::Last) } else { has(FIRST).then_some(End::First) };
        Self {
            past: reading.past,
            hours: clock.or(reading.hours),
            now: reading.now,
            still: has(STILL),
            end,
            next: asks_when || comes_next,
            comes_next,
            particular: asks_when || has(WITH) || !kinds.is_empty(),
            planned,
            asks_of_event: asks_when
                || !SAID.is_match(query) && (matches!(when, When::Said(_)) || ASKS.is_match(query)),
            asks_where: has(WHERE),
            when,
            towns: towns(query, now),
            names,
            kinds,
        }
    }

    pub(super) fn names_something(&self) -> bool {
        !self.names.is_empty() || !self.kinds.is_empty()
    }

    /// Whether there is a name of which it can be said that nothing is called so.
    pub(super) fn surely_names_something(&self) -> bool {
        self.names.values().any(|name| name.surely) || !self.kinds.is_empty()
    }

    /// The stems by which an event is called, if one may be asked about.
    pub(super) fn subject(&self) -> Option<Vec<&str>> {
        let stems = self.names.keys().chain(self.kinds.keys()).map(String::as_str);
        let subject: Vec<&str> = stems.filter(|stem| !self.towns.contains(*stem)).collect();
        (self.asks_of_event && !subject.is_empty()).then_some(subject)
    }

    /// How well an event is named; 0 for not at all.
    pub(super) fn fit(&self, event: &Event) -> usize {
        let own = own_terms(event);
        let names = self.names.keys().filter(|stem| own.contains(stem)).count();
        let kinds = self.kinds.keys().filter(|stem| own.contains(stem)).count();
        if names == 0 && self.names.values().any(|name| name.surely) { 0 } else { names * (KINDS.len() + 1) + kinds }
    }

    /// The words for a certain event that this one does not mention.
    pub(super) fn unmentioned(&self, event: &Event) -> Vec<&str> {
        let own = own_terms(event);
        let missing = |(stem, name): &(&String, &Name)| self.particular && name.surely && !own.contains(stem);
        self.names.iter().filter(missing).map(|(_, name)| name.word.as_str()).collect()
    }

    /// How the event is called that is asked about.
    pub(super) fn words(&self) -> String {
        let names = self.names.values().filter(|name| name.surely).map(|name| name.word.as_str());
        let words: Vec<&str> = names.chain(self.kinds.values().map(String::as_str)).collect();
        words.join(" ")
    }
}

fn own_terms(event: &Event) -> Vec<String> {
    terms(&fold(&format!("{} {} {}", event.summary, event.location, event.people.join(" "))))
}

/// The words that may name an event, and those for kinds of events, by their stems.
fn names(text: &str, languages: &[&'static Language]) -> (BTreeMap<String, Name>, BTreeMap<String, String>) {
    let (mut names, mut kinds) = (BTreeMap::<String, Name>::new(), BTreeMap::new());
    let (mut surely, mut before) = (false, None::<String>);
    for (index, chunk) in text.split_whitespace().enumerate() {
        let bare = chunk.trim_end_matches(|c: char| !c.is_alphanumeric());
        let large = index > 0 && bare.starts_with(char::is_uppercase);
        let owner = bare.ends_with("'s") || bare.ends_with("’s");
        for word in words(&fold(chunk)) {
            let stem = stem(&word);
            let list = [WITH].into_iter().chain(languages.iter().flat_map(|l| [l.determiners, l.articles]));
            surely |= list.flatten().any(|lead| *lead == word) && !WHICH.contains(&word.as_str());
            let general = is_empty(&word, languages) || GENERAL.contains(&stem.as_str());
            if general {
                before = None;
            } else if KINDS.contains(&stem.as_str()) {
                // "Sarahs birthday".
                if let Some(name) = before.take().and_then(|before| names.get_mut(&before)) {
                    name.surely = true;
                }
                kinds.insert(stem, word);
            } else {
                before = Some(stem.clone());
                names.insert(stem, Name { word, surely: surely || large || owner });
                surely |= owner;
            }
        }
    }
    (names, kinds)
}

/// Whether a word says nothing of how an event is called: words of no subject and those of time, but for days and
/// seasons ("the Easter party").
fn is_empty(word: &str, languages: &[&'static Language]) -> bool {
    let is_of_time = |meaning: Meaning| {
        !matches!(meaning, Meaning::Day(_) | Meaning::Weekday(_) | Meaning::Month(_) | Meaning::Unclear)
    };
    let says_nothing = |language: &&'static Language| {
        language.is_common(word)
            || language.determiners.contains(&word)
            || language.meaning(word).is_some_and(is_of_time)
    };
    let lists = [WHEN, WHERE, STILL];
    is_filler(word)
        || word.len() == 1
        || is_clock(word)
        || lists.iter().any(|list| list.contains(&word))
        || languages.iter().any(says_nothing)
}

/// The stems of the words that name towns and countries.
fn towns(query: &str, now: &Zoned) -> BTreeSet<String> {
    let is_known = |name: &str| !clocks_of(&Place::read(name), now.timestamp()).is_empty();
    let named = all_named_in(query).into_iter().filter(|name| is_known(name)).flat_map(|name| terms(&fold(&name)));
    let alone = words(&fold(query)).into_iter().filter(|word| is_known(word)).map(|word| stem(&word));
    named.chain(alone).collect()
}

/// Whether a question with a time in it is about what is planned then.
fn asks_what_is_planned(query: &str, without_time: &str) -> bool {
    (PLANNED.is_match(query) || OPEN.is_match(without_time)) && !OBLIGED.is_match(query) && !SAID.is_match(query)
}

static PLANNED: LazyLock<Regex> = LazyLock::new(|| {
    let english = r"\b(do|did|am|are|will|was|were) (i|we) (have|got|be|free|busy|meet|meeting|doing|seeing|available|up to)\b|\bwhat('s| is|s| was)? (on|planned|happening|up)\b|\bwhat (do|did|am|are|will|have|had) (i|we)\b|\b(have|had) (i|we) got\b|\bwhat('s| is|s| are) (my|our|the) plans?\b|\bhow (busy|full|is my|does my)\b";
    let german = r"\b(habe|hatte|haben|bin) (ich|wir)\b|\bwas (mache|machen|tue|tun) (ich|wir)\b|\bwas (steht|ist|war|liegt) .*\b(an|los|geplant)\b";
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
/// Of a question without its time: nothing else is asked about.
static OPEN: LazyLock<Regex> = LazyLock::new(|| {
    let look = r"\b(how|what) (does|do|did|is|will|was) (my |our |the )?(look|looking|be|going)( like)?\W*$|\bwhat('s|s| is| was) (my|our) (looking )?like\W*$|\bwie sieht( mein| meine| unser| unsere)? aus\W*$";
    let anything = r"^\W*((is|are|was|were) there |and )?(anything|something)( else| on| up| planned| scheduled| happening| left)*\W*$|\bwhat('s|s| is)? (still )?left\W*$";
    Regex::new(&format!("(?i){look}|{anything}")).expect("a valid expression")
});
/// What was said is nothing that was planned.
static SAID: LazyLock<Regex> = LazyLock::new(|| {
    let english = "(i|we|he|she|they) (tell|say|talk|speak|discuss|decide|agree)|told|said|talked|talking|spoke|discussed|decided|agreed";
    let german = "gesagt|erzählt|gesprochen|geredet|besprochen|entschieden|beschlossen";
    let french = "dit|raconté|parlé|discuté|décidé";
    let spanish = "dij[eo]|dijimos|dicho|contado|habl(é|amos|ado)|decidi(mos|do)";
    let portuguese = "disse|dissemos|dito|fal(ei|amos|ado)|decidi(mos|do)";
    let italian = "detto|raccontato|parlato|deciso";
    let dutch = "gezegd|verteld|gepraat|gesproken|besproken|besloten";
    let all = [english, german, french, spanish, portuguese, italian, dutch].join("|");
    Regex::new(&format!(r"(?i)\b({all})\b")).expect("a valid expression")
});
/// A question that may be about an event, if it has the name of one. Who somebody is, is none.
static ASKS: LazyLock<Regex> = LazyLock::new(|| {
    let english = r"\b(where|wheres|how long)\b|\bwho\b.* (at|in|on|to|with|coming|joins?|joining|attends?|attending|invited)\b|\bwhat('s|s| is| are| was| were) (the|my|our)\b";
    let others = r"\b(wo|wie lange|où|dónde|donde|onde|dove|waar|hoe lang)\b";
    Regex::new(&format!("(?i){english}|{others}")).expect("a valid expression")
});
static OBLIGED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)\b(have|need|got) to\b").expect("a valid expression"));
static AT_WHAT_TIME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\bwhat time\b|\bhow (long|many \w+) (until|till|to|before)\b|\bwie viel uhr\b|\bquelle heure\b|\bqué hora\b|\bque horas\b|\bche ora\b|\bhoe laat\b",
    )
    .expect("a valid expression")
});

const WHEN: &[&str] = &["when", "whens", "wann", "quand", "cuando", "quando", "wanneer"];
const WHERE: &[&str] = &["where", "wheres", "wo", "ou", "donde", "onde", "dove", "waar"];
/// Determiners that ask.
const WHICH: &[&str] = &["what", "which", "quel", "quelle"];
const STILL: &[&str] = &["left", "remaining", "rest", "still", "noch", "encore", "todavia", "ainda", "ancora", "nog"];
const FIRST: &[&str] = &[
    "first", "erste", "ersten", "erster", "premier", "premiere", "primer", "primera", "primeira", "primeiro", "prima",
    "primo", "eerste",
];
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
    "late",
    "coming",
    "end",
    "finish",
    "leave",
    "land",
    "arrive",
    "depart",
    "look",
    "long",
    "many",
    "whose",
    "session",
    "new",
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
