//! Finds the place that a sentence names, and reads it: the town, and the state and country it is said to lie in.
//!
//! The one place that understands "Paris, Texas" and "Sydney Australia", for the time and the weather alike.

use jiff::civil::DateTime;

use crate::{
    days::Reading,
    language::{Language, fold},
    regions::Region,
    sources::is_known_town,
    words::words,
};

/// A place as it was named.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// What was named but for regions, the widest last: of an address the town, or a region if it is all that is named.
    pub(crate) parts: Vec<String>,
    /// What it is said to lie in; a name may have several meanings, of which one must hold.
    pub(crate) regions: Vec<Vec<&'static Region>>,
}

impl Place {
    /// Reads a name, an address, or a name with its region, with or without commas.
    pub(crate) fn read(text: &str) -> Self {
        let without_digits = |part: &str| {
            let words = part.split_whitespace().filter(|word| !word.contains(|c: char| c.is_ascii_digit()));
            words.collect::<Vec<_>>().join(" ")
        };
        let parts = text.split(',').map(without_digits).filter(|part| part.chars().count() > 1);
        let mut parts: Vec<String> = parts.collect();
        let mut regions = Vec::new();
        while parts.len() > 1
            && let Some(named) = parts.last().map(|part| Region::named(part)).filter(|named| !named.is_empty())
        {
            regions.push(named);
            parts.pop();
        }
        if let [only] = parts.as_slice()
            && regions.is_empty()
            && !is_known(only)
            && let Some((town, named)) = with_region(only)
        {
            (parts, regions) = (vec![town], vec![named]);
        }
        let parts = parts.iter().map(|part| in_english(part).map_or_else(|| part.clone(), str::to_owned)).collect();
        Self { parts, regions }
    }

    /// The town, or the region if it is all that is named.
    pub(crate) fn name(&self) -> &str {
        self.parts.last().map_or("", String::as_str)
    }
}

/// "Portland Maine".
fn with_region(text: &str) -> Option<(String, Vec<&'static Region>)> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let split = |at: usize| {
        let (town, region) = (words.get(..at)?.join(" "), words.get(at..)?.join(" "));
        Some((town, Region::named(&region))).filter(|(_, named)| !named.is_empty())
    };
    (words.len().saturating_sub(LONGEST_REGION).max(1)..words.len()).find_map(split)
}

/// Whether it is the name of a town or a region that we have in a list.
fn is_known(name: &str) -> bool {
    in_english(name).is_some() || is_known_town(name) || !Region::named(name).is_empty()
}

/// The English name of a city that is called otherwise in another language.
fn in_english(name: &str) -> Option<&'static str> {
    let folded = fold(name);
    EXONYMS.iter().find(|(_, names)| names.split('|').any(|other| other == folded)).map(|(english, _)| *english)
}

/// The places named in a sentence: what follows the last "in", "at", "near" or "to" and is no thing and no time, and what
/// "and", "or" and "than" add to it; else a name next to "time" or "weather" ("Tokyo weather").
pub(crate) fn all_named_in(sentence: &str) -> Vec<String> {
    // Which day it is does not matter to what is no day.
    let rest = Reading::of(sentence, DateTime::ZERO).rest;
    let chunks: Vec<&str> = rest.split_whitespace().filter(|chunk| chunk.contains(char::is_alphanumeric)).collect();
    let sentence = Sentence {
        languages: Language::of(sentence),
        words: chunks.iter().map(|chunk| fold(chunk)).collect(),
        has_capitals: chunks.iter().skip(1).any(|chunk| starts_large(chunk) && !OWN.contains(chunk)),
        chunks,
    };
    let after = sentence.after_prepositions();
    if !after.is_empty() {
        return after;
    }
    sentence.beside_a_subject().into_iter().collect()
}

struct Sentence<'a> {
    languages: Vec<&'static Language>,
    chunks: Vec<&'a str>,
    /// Folded.
    words: Vec<String>,
    /// A sentence without any was written by a recogniser, or in haste.
    has_capitals: bool,
}

/// How surely a place follows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lead {
    Surely,
    Perhaps,
    /// Only one that is known.
    Hardly,
}

impl Sentence<'_> {
    fn after_prepositions(&self) -> Vec<String> {
        let (mut all, mut from) = (Vec::new(), 0);
        for at in (0..self.words.len()).rev() {
            let Some(lead) = self.lead(at) else { continue };
            let Some((names, end)) = self.names(at + 1, lead) else { continue };
            // "In Porto or in Lisbon", "in Porto and what about in Lisbon".
            let between = self.words.get(end..from).unwrap_or_default();
            let joined = between
                .split_first()
                .is_some_and(|(and, rest)| is_in(AND, and) && rest.iter().all(|word| is_in(ASKING_ON, word)));
            if all.is_empty() || joined {
                all.splice(0..0, names);
                from = at;
            }
        }
        all
    }

    /// The names that begin here with nothing but "and" between them, and where they end.
    fn names(&self, at: usize, lead: Lead) -> Option<(Vec<String>, usize)> {
        let (name, mut end) = self.name(at, lead)?;
        let mut names = vec![name];
        while self.joins(end)
            && let Some((name, next)) = self.name(end + 1, Lead::Perhaps)
        {
            names.push(name);
            end = next;
        }
        Some((names, end))
    }

    fn joins(&self, at: usize) -> bool {
        self.words.get(at).is_some_and(|word| is_in(AND, word))
    }

    fn lead(&self, at: usize) -> Option<Lead> {
        let word = self.words.get(at)?.as_str();
        let behind_a_part = at.checked_sub(1).and_then(|at| self.words.get(at)).is_some_and(|part| is_in(PARTS, part));
        if behind_a_part && is_in(OF, word) {
            return Some(Lead::Surely);
        }
        let any = |list: fn(&Language) -> &'static [&'static str]| {
            self.languages.iter().any(|language| list(language).contains(&word))
        };
        if any(|language| language.at) || BETWEEN.contains(&word) {
            return Some(Lead::Surely);
        }
        let after_subject = at.checked_sub(1).is_some_and(|at| self.is_subject(at));
        let perhaps = any(|language| language.perhaps_at);
        let lead = if after_subject || TOWARDS.contains(&word) { Lead::Perhaps } else { Lead::Hardly };
        perhaps.then_some(lead)
    }

    /// The name that begins here, and where it ends.
    fn name(&self, at: usize, lead: Lead) -> Option<(String, usize)> {
        let first = self.words.get(at)?.as_str();
        if self.languages.iter().any(|language| language.determiners.contains(&first)) {
            return None;
        }
        let large = self.large(at);
        let known = self.known(at);
        // "Southern France".
        let inner = if large.is_some() { self.known(at + 1) } else { self.known(at + 1).max(self.large(at + 1)) };
        if known.is_none()
            && is_in(DIRECTIONS, first)
            && let Some(end) = inner
        {
            return Some((self.written(at + 1, end), end));
        }
        if let Some(end) = known
            && large.is_none_or(|large| large <= end)
        {
            return Some((self.written(at, end), end));
        }
        if let Some(end) = large.filter(|_| lead != Lead::Hardly && !self.is_no_place(at)) {
            return Some((self.written(at, end), end));
        }
        if self.is_article(at) {
            let end = self.large(at + 1).filter(|_| lead != Lead::Hardly && !self.is_no_place(at + 1));
            let end = self.known(at + 1).max(end)?;
            return Some((self.written(at + 1, end), end));
        }
        if self.has_capitals || lead == Lead::Hardly || self.is_no_place(at) {
            return None;
        }
        // Numbers are no places, and "in bed" is none either.
        let is_part = |at: &usize| {
            let ended = at.checked_sub(1).is_some_and(|before| *at > 0 && self.ends(before));
            !self.is_stop(*at) && !ended
        };
        let end = at + 1 + (at + 1..self.words.len()).take(LONGEST_NAME - 1).take_while(is_part).count();
        let is_word = first.chars().any(char::is_alphabetic) && !first.starts_with(|c: char| c.is_ascii_digit());
        let is_meant = lead == Lead::Surely || at.checked_sub(2).is_some_and(|at| self.is_subject(at));
        (is_word && is_meant && !self.is_stop(at)).then(|| (self.written(at, end), end))
    }

    /// Where a name ends that is written with capitals, and may have small words within and numbers of an address.
    fn large(&self, at: usize) -> Option<usize> {
        let is_name = |at: usize| self.chunks.get(at).is_some_and(|chunk| starts_large(chunk) && !OWN.contains(chunk));
        if !is_name(at) || self.is_common(at) {
            return None;
        }
        let mut end = at + 1;
        let mut address = self.chunks.get(at)?.ends_with(',');
        while end < at + LONGEST_NAME && !self.ends(end - 1) {
            let chunk = self.chunks.get(end).copied().unwrap_or_default();
            let number = chunk.starts_with(|c: char| c.is_ascii_digit()) && (address || chunk.ends_with(','));
            let within = WITHIN.contains(&self.words.get(end).map_or("", String::as_str)) && is_name(end + 1);
            if !number && !within && !is_name(end) {
                break;
            }
            address |= chunk.ends_with(',');
            end += 1;
        }
        Some(end)
    }

    /// Where a known name ends that begins here, with the region behind it.
    fn known(&self, at: usize) -> Option<usize> {
        let longest = |at: usize, fits: fn(&str) -> bool| {
            let mut ends = (at + 1..=(at + LONGEST_KNOWN).min(self.words.len())).rev();
            ends.find(|end| (at..end - 1).all(|inner| !self.ends(inner)) && fits(&self.written(at, *end)))
        };
        let end = longest(at, |name| is_known(name) && !CONFUSED.contains(&fold(name).as_str()))?;
        // "La" is a town where it is no article.
        if end == at + 1 && self.is_article(at) {
            return None;
        }
        Some(longest(end, |name| !Region::named(name).is_empty()).filter(|_| !self.ends(end - 1)).unwrap_or(end))
    }

    /// "Tokyo's weather", "weather Tokyo".
    fn beside_a_subject(&self) -> Option<String> {
        let subject = (0..self.words.len()).rev().find(|at| self.is_subject(*at))?;
        let before = (subject.saturating_sub(LONGEST_KNOWN)..subject).find(|start| {
            let is_name = |at: usize| {
                self.chunks.get(at).is_some_and(|chunk| starts_large(chunk))
                    && !self.is_common(at)
                    && !OPENERS.contains(&self.words[at].as_str())
            };
            (*start..subject).all(is_name) && *start > 0
                || self.known(*start) == Some(subject)
                || (*start == 0 && (*start..subject).all(is_name) && self.has_capitals_before(subject))
        });
        if let Some(start) = before {
            return Some(self.written(start, subject));
        }
        let after = subject + 1;
        let end = self.known(after).max(self.large(after).filter(|_| !self.is_no_place(after)))?;
        Some(self.written(after, end))
    }

    /// The first word of a sentence has a capital that says nothing, unless the subject stands right behind the name.
    fn has_capitals_before(&self, subject: usize) -> bool {
        subject > 0
            && self.chunks.first().is_some_and(|chunk| starts_large(chunk))
            && self.words.first().is_some_and(|word| !OPENERS.contains(&word.as_str()))
    }

    /// As it was written, without what marks the end of a sentence or an owner.
    fn written(&self, from: usize, to: usize) -> String {
        let clean = |chunk: &&str| {
            let whole = chunk;
            let chunk = chunk.trim_matches(|c: char| !c.is_alphanumeric() && !matches!(c, ',' | '/' | '_'));
            let bare = chunk.strip_suffix("'s").or_else(|| chunk.strip_suffix("’s")).unwrap_or(chunk);
            // As names of places are written in full.
            if is_abbreviation(whole) && bare.len() > 1 { (*whole).to_owned() } else { bare.to_owned() }
        };
        let chunks: Vec<String> = self.chunks.get(from..to).unwrap_or_default().iter().map(clean).collect();
        chunks.join(" ").trim_end_matches(',').to_owned()
    }

    fn is_article(&self, at: usize) -> bool {
        let word = self.words.get(at).map_or("", String::as_str);
        self.languages.iter().any(|language| language.articles.contains(&word))
    }

    fn is_subject(&self, at: usize) -> bool {
        let word = self.words.get(at).map_or("", String::as_str);
        self.languages.iter().any(|language| language.subjects.contains(&word))
    }

    fn is_common(&self, at: usize) -> bool {
        let word = self.words.get(at).map_or("", String::as_str);
        self.languages.iter().any(|language| language.is_common(word) || language.determiners.contains(&word))
    }

    fn is_stop(&self, at: usize) -> bool {
        self.is_common(at) || STOPS.contains(&self.words.get(at).map_or("", String::as_str)) || self.is_subject(at)
    }

    /// Whether it is a thing or a time that begins here; in "Office, Lisbon" it is a place all the same.
    fn is_no_place(&self, at: usize) -> bool {
        if self.large(at).is_some_and(|end| end > at + 1) {
            return false;
        }
        let word = self.words.get(at).map_or("", String::as_str);
        NO_PLACES.contains(&word) || word.ends_with("ing") && !self.has_capitals
    }

    fn ends(&self, at: usize) -> bool {
        let ends = |chunk: &&str| chunk.ends_with(['.', '?', '!', ';', ':']) && !is_abbreviation(chunk);
        self.chunks.get(at).is_none_or(ends)
    }
}

/// Whether the place is meant that was spoken of before: "there", but not as in "is there".
pub(crate) fn points_there(sentence: &str) -> bool {
    let words = words(sentence);
    let word = |at: Option<usize>| at.and_then(|at| words.get(at)).map_or("", String::as_str);
    let points = |at: usize| {
        let before = |words: usize| word(at.checked_sub(words));
        let exists = is_in(IS, word(Some(at + 1))) || (is_in(IS, before(1)) && !is_in(PRONOUNS, before(2)));
        is_in(THERE, word(Some(at))) && !exists
    };
    (0..words.len()).any(points)
}

/// Whether this may be how a place is called: it is known, or written as names are.
pub(crate) fn is_name_of_place(text: &str) -> bool {
    let small = |word: &str| is_in(WITHIN, &fold(word));
    let is_large = starts_large(text) && text.split_whitespace().all(|word| starts_large(word) || small(word));
    let place = Place::read(text);
    !place.regions.is_empty() || is_known(place.name()) || (is_large && !is_in(OWN, text))
}

fn is_in(list: &[&str], word: &str) -> bool {
    list.contains(&word)
}

/// "St.", "D.C.": with a dot that ends no sentence.
fn is_abbreviation(chunk: &str) -> bool {
    let is_letter = |part: &str| part.chars().count() == 1;
    chunk.strip_suffix('.').is_some_and(|word| word.split('.').all(is_letter) || is_in(ABBREVIATED, &fold(word)))
}

fn starts_large(chunk: &str) -> bool {
    chunk.trim_start_matches(|c: char| !c.is_alphanumeric()).starts_with(char::is_uppercase)
}

const LONGEST_NAME: usize = 10;
const LONGEST_KNOWN: usize = 5;
const LONGEST_REGION: usize = 4;
/// Written with a capital without being a name.
const OWN: &[&str] = &["I", "I'm", "I’m", "I'll", "I’ll", "I'd", "I’d", "I've", "I’ve", "AM", "PM", "OK"];
const AND: &[&str] = &["and", "or", "than", "und", "oder", "als", "et", "ou", "y", "o", "e", "en", "of", "dan"];
const ASKING_ON: &[&str] = &["what", "how", "about"];
const BETWEEN: &[&str] = &["between", "zwischen", "entre", "tussen"];
const TOWARDS: &[&str] = &["to", "around", "nach", "naar", "vers", "rond"];
/// Of a place that is named behind it: "the south of France".
const PARTS: &[&str] = &[
    "north",
    "south",
    "east",
    "west",
    "centre",
    "center",
    "middle",
    "heart",
    "outskirts",
    "norden",
    "suden",
    "osten",
    "westen",
    "zentrum",
    "nord",
    "sud",
    "ouest",
    "norte",
    "sur",
    "sul",
    "oeste",
    "leste",
    "centro",
    "ovest",
    "noorden",
    "zuiden",
    "oosten",
];
const OF: &[&str] = &["of", "von", "de", "du", "da", "do", "del", "della", "di", "van"];
const DIRECTIONS: &[&str] = &["northern", "southern", "eastern", "western", "central", "downtown"];
/// Not folded, because without its accent one of them is an article.
const THERE: &[&str] = &["there", "dort", "dorthin", "là", "allí", "allá", "ahí", "lá", "lì", "daar"];
const IS: &[&str] = &["is", "are", "was", "were", "will", "would", "be", "isnt", "arent", "wasnt"];
const PRONOUNS: &[&str] = &["i", "it", "we", "you", "they"];
const ABBREVIATED: &[&str] = &["st", "ste", "mt", "ft"];
/// Small words inside of names.
const WITHIN: &[&str] = &[
    "de", "do", "da", "dos", "del", "di", "du", "of", "la", "le", "les", "the", "am", "an", "der", "den", "upon", "sur",
];
const OPENERS: &[&str] = &[
    "what", "whats", "the", "is", "tell", "how", "and", "local", "current", "show", "wie", "quel", "quelle", "que",
    "che", "hoe", "was",
];
/// Known names that are other words more often.
const CONFUSED: &[&str] = &[
    "mobile", "nice", "reading", "bath", "cork", "turkey", "chad", "jersey", "male", "split", "linz", "central",
    "pacific", "eastern", "mountain",
];
/// Words after which a name is over, and which are no name themselves.
const STOPS: &[&str] = &[
    "after",
    "again",
    "any",
    "at",
    "before",
    "but",
    "by",
    "can",
    "compared",
    "currently",
    "day",
    "days",
    "during",
    "hour",
    "hours",
    "if",
    "is",
    "know",
    "like",
    "minute",
    "minutes",
    "moment",
    "over",
    "or",
    "rain",
    "snow",
    "than",
    "thanks",
    "then",
    "when",
    "with",
    "would",
    "you",
    "us",
    "hi",
    "hello",
    "so",
    "from",
    "about",
    "today",
    "week",
    "year",
    "go",
    "see",
    "get",
    "take",
    "bring",
    "wear",
];
/// What is done, measured or meant in, at and for, and is no place.
const NO_PLACES: &[&str] = &[
    "fahrenheit",
    "celsius",
    "kelvin",
    "degrees",
    "grad",
    "grados",
    "graus",
    "gradi",
    "graden",
    "degres",
    "general",
    "case",
    "advance",
    "home",
    "work",
    "school",
    "office",
    "bed",
    "town",
    "area",
    "here",
    "there",
    "once",
    "least",
    "most",
    "all",
    "full",
    "total",
    "fact",
    "detail",
    "short",
    "time",
    "meeting",
    "order",
    "mind",
    "lunch",
    "dinner",
    "breakfast",
    "english",
    "german",
    "french",
    "spanish",
    "portuguese",
    "italian",
    "dutch",
    "outside",
    "present",
    "date",
    "mph",
    "miles",
    "kilometers",
    "kilometres",
    "words",
    "vacation",
    "holiday",
    "church",
    "university",
    "utc",
    "gmt",
    "hause",
    "urlaub",
    "deutsch",
    "casa",
    "maison",
    "huis",
    "spring",
    "summer",
    "autumn",
    "winter",
    "fall",
    "sun",
    "o'clock",
    "uhr",
    "bike",
    "walk",
    "run",
];
/// Cities as they are called in other languages, folded.
const EXONYMS: &[(&str, &str)] = &[
    ("Amsterdam", "amsterdao"),
    ("Athens", "athen|athenes|atenas|atene|athene"),
    ("Auckland", "aucklandia"),
    ("Bangkok", "bangcoc|bangkok"),
    ("Barcelona", "barcelone|barcellona"),
    ("Basel", "bale|basilea|bazel"),
    ("Beijing", "peking|pekin|pequim|pechino"),
    ("Belgrade", "belgrad|belgrado"),
    ("Berlin", "berlim|berlino|berlijn"),
    ("Bern", "berne|berna"),
    ("Brussels", "brussel|bruxelles|bruselas|bruxelas"),
    ("Bucharest", "bukarest|bucarest|bucareste|boekarest"),
    ("Budapest", "budapeste"),
    ("Cairo", "kairo|le caire|el cairo|il cairo|caire"),
    ("Cape Town", "kapstadt|le cap|ciudad del cabo|cidade do cabo|citta del capo|kaapstad"),
    ("Cologne", "koln|colonia|keulen"),
    ("Copenhagen", "kopenhagen|copenhague|copenaghen"),
    ("Damascus", "damaskus|damas|damasco"),
    ("Dublin", "dublim|dublino"),
    ("Edinburgh", "edimbourg|edimburgo"),
    ("Florence", "florenz|florencia|florenca|firenze"),
    ("Frankfurt", "francfort|francoforte|frankfurt am main"),
    ("Geneva", "genf|geneve|ginebra|genebra|ginevra"),
    ("Genoa", "genua|genes|genova"),
    ("Hamburg", "hambourg|hamburgo|amburgo"),
    ("Hanoi", "hanoi"),
    ("Havana", "havanna|la havane|la habana|avana|habana"),
    ("Helsinki", "helsinque"),
    ("Hong Kong", "hongkong"),
    ("Istanbul", "estambul|istambul"),
    ("Jakarta", "djakarta|giacarta|yakarta"),
    ("Jerusalem", "gerusalemme|jeruzalem"),
    ("Johannesburg", "johannesburgo|joanesburgo"),
    ("Kyiv", "kiew|kiev"),
    ("Lisbon", "lissabon|lisbonne|lisboa|lisbona"),
    ("London", "londres|londra|londen"),
    ("Los Angeles", "los angeles"),
    ("Lyon", "lione"),
    ("Madrid", "madri"),
    ("Marseille", "marsella|marselha|marsiglia"),
    ("Melbourne", "melburne"),
    ("Mexico City", "mexiko stadt|mexico stadt|ciudad de mexico|cidade do mexico|citta del messico|mexico stad"),
    ("Milan", "mailand|milano|milaan|milao"),
    ("Montreal", "montreal"),
    ("Moscow", "moskau|moscou|moscu|mosca|moskou|moscovo"),
    ("Munich", "munchen|munique|monaco di baviera"),
    ("Naples", "neapel|napoles|napoli|napels"),
    ("New Delhi", "neu delhi|nueva delhi|nova deli|nuova delhi|nieuw delhi"),
    ("New York", "nueva york|nova york|nova iorque|new york city|nyc|new york stadt"),
    ("Nice", "nizza|niza"),
    ("Nuremberg", "nurnberg|norimberga"),
    ("Paris", "parigi|parijs"),
    ("Porto", "oporto"),
    ("Prague", "prag|praga|praag"),
    ("Rio de Janeiro", "rio"),
    ("Rome", "rom|roma"),
    (
        "Saint Petersburg",
        "sankt petersburg|saint petersbourg|san petersburgo|sao petersburgo|san pietroburgo|sint petersburg|st petersburg",
    ),
    ("San Francisco", "sao francisco|san francisco"),
    ("Seoul", "seul|soul"),
    ("Seville", "sevilla|sevilha|siviglia"),
    ("Singapore", "singapur|singapour|singapura|cingapura"),
    ("Stockholm", "estocolmo|stoccolma"),
    ("Strasbourg", "strassburg|estrasburgo|strasburgo"),
    ("Sydney", "sidney"),
    ("Tehran", "teheran|teera"),
    ("The Hague", "den haag|la haye|la haya|haia|laia|laja"),
    ("Tokyo", "tokio|toquio"),
    ("Turin", "torino"),
    ("Venice", "venedig|venise|venecia|veneza|venezia|venetie"),
    ("Vienna", "wien|vienne|viena|wenen"),
    ("Warsaw", "warschau|varsovie|varsovia|varsavia"),
    ("Zurich", "zurigo|zurique"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn named_in(sentence: &str) -> Option<String> {
        all_named_in(sentence).into_iter().next()
    }

    #[test]
    fn a_place_after_a_preposition_is_found() {
        for (sentence, place) in [
            ("what time is it in Tokyo", "Tokyo"),
            ("What's the weather like in New York right now?", "New York"),
            ("will it rain in São Paulo tomorrow", "São Paulo"),
            ("time in America/New_York please", "America/New_York"),
            ("weather at Lisbon, Portugal on Friday", "Lisbon, Portugal"),
            ("weather in Rua Augusta 5, 1100-048 Lisbon, Portugal today", "Rua Augusta 5, 1100-048 Lisbon, Portugal"),
            ("weather in Office, Lisbon in 2 days", "Office, Lisbon"),
            ("forecast for the Black Forest this weekend", "Black Forest"),
            ("what time is it in Sydney Australia", "Sydney Australia"),
            ("what time is it in sydney australia", "sydney australia"),
            ("what's the weather in paris texas tomorrow", "paris texas"),
            ("weather in garmisch please", "garmisch"),
            ("What's the weather in garmisch?", "garmisch"),
            ("will it rain in Lisbon in the afternoon", "Lisbon"),
            ("do I need an umbrella in lisbon for the wedding", "lisbon"),
            ("time in the us", "the us"),
            ("how do I get to Porto", "Porto"),
            ("Wie spät ist es in Tokio?", "Tokio"),
            ("wie ist das wetter in garmisch gerade", "garmisch"),
            ("Quelle heure est-il à Londres ?", "Londres"),
            ("quelle heure est-il aux États-Unis", "États-Unis"),
            ("¿Qué hora es en Nueva York?", "Nueva York"),
            ("Que horas são em Nova Iorque?", "Nova Iorque"),
            ("Che tempo fa a Roma domani?", "Roma"),
            ("Hoe laat is het in Londen?", "Londen"),
            ("what's the weather in St. Louis tomorrow", "St. Louis"),
            ("Weather in St. Petersburg Florida, please", "St. Petersburg Florida"),
            ("will it rain in Mt. Vernon. I have no umbrella", "Mt. Vernon"),
            ("What's the weather in Washington D.C. today?", "Washington D.C."),
            ("what's the weather in the south of France", "France"),
            ("what's the weather in the south of france", "france"),
            ("Will it rain in the North of Portugal?", "Portugal"),
            ("is it warm in southern France", "France"),
            ("weather in Northern Ireland", "Northern Ireland"),
            ("is it cold in downtown Garmisch", "Garmisch"),
            ("Wie ist das Wetter im Süden von Frankreich?", "Frankreich"),
            ("Quel temps fait-il dans le sud de la France ?", "France"),
        ] {
            assert_eq!(named_in(sentence).as_deref(), Some(place), "{sentence}");
        }
    }

    #[test]
    fn a_name_beside_the_subject_is_found() {
        for (sentence, place) in [
            ("What's Tokyo's weather?", "Tokyo"),
            ("New York time", "New York"),
            ("tokyo weather", "tokyo"),
            ("Wetter Berlin morgen", "Berlin"),
            ("weather Lisbon", "Lisbon"),
        ] {
            assert_eq!(named_in(sentence).as_deref(), Some(place), "{sentence}");
        }
    }

    #[test]
    fn several_places_are_found() {
        assert_eq!(all_named_in("time difference between Lisbon and Tokyo"), ["Lisbon", "Tokyo"]);
        assert_eq!(all_named_in("what time is it in new york and london"), ["new york", "london"]);
        assert_eq!(all_named_in("is it warmer in Porto or in Lisbon"), ["Porto", "Lisbon"]);
        assert_eq!(all_named_in("is it warmer in Porto than Lisbon"), ["Porto", "Lisbon"]);
        assert_eq!(all_named_in("weather at the Office in Lisbon"), ["Lisbon"]);
    }

    #[test]
    fn a_place_is_called_by_a_known_name_or_by_one_with_capitals() {
        for name in ["Porto", "porto", "Rio de Janeiro", "Ponta Delgada", "paris texas", "Castro Verde, Portugal"] {
            assert!(is_name_of_place(name), "{name}");
        }
        for other in ["my phone", "the printer", "the Falcon review", "garmisch", "it"] {
            assert!(!is_name_of_place(other), "{other}");
        }
    }

    #[test]
    fn there_is_a_place_unless_something_is_there() {
        for sentence in [
            "what's the weather there",
            "how warm is it there tomorrow",
            "tell me how cold it is there",
            "what will the weather be like there when we are there",
            "wie ist das Wetter dort",
            "quel temps fait-il là-bas",
            "¿qué tiempo hace allí?",
        ] {
            assert!(points_there(sentence), "{sentence}");
        }
        for sentence in ["is there rain today", "will there be snow", "there is a storm", "quel temps fait la France"] {
            assert!(!points_there(sentence), "{sentence}");
        }
    }

    #[test]
    fn no_place_is_made_up() {
        for sentence in [
            "what time is it",
            "what's the weather like today",
            "will it rain in the next hour",
            "in 5 minutes",
            "will it rain in the afternoon",
            "do I need an umbrella for my walk",
            "Do I need an umbrella for my walk?",
            "temperature in Fahrenheit",
            "temperature in fahrenheit please",
            "What's the weather at home?",
            "is it going to rain",
            "what is the weather for running",
            "What Time Is It",
            "will it be cold in the evening for the party",
            "Wie wird das Wetter im Garten?",
            "Will it be cold at night?",
        ] {
            assert_eq!(named_in(sentence), None, "{sentence}");
        }
    }

    #[test]
    fn a_place_is_read_with_its_regions() {
        for (text, name, regions) in [
            ("Paris, Texas", "Paris", 1),
            ("Portland Maine", "Portland", 1),
            ("sydney australia", "sydney", 1),
            ("New Mexico", "New Mexico", 0),
            ("New York", "New York", 0),
            ("new york new york", "new york", 1),
            ("Tokio", "Tokyo", 0),
            ("Londres, Angleterre", "London", 1),
            ("Rua Augusta 5, 1100-048 Lisbon, Portugal", "Lisbon", 1),
            ("Office, Lisbon", "Lisbon", 0),
            ("Portugal", "Portugal", 0),
            ("Austin, Texas, USA", "Austin", 2),
        ] {
            let place = Place::read(text);
            assert_eq!((place.name(), place.regions.len()), (name, regions), "{text}");
        }
    }
}
