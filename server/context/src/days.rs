//! Which days a sentence means: the one place that understands dates and spans of days, for the weather and the
//! calendar alike.
//!
//! Understood are days near today, days of the week and of the month, months, weeks, weekends and years with "this",
//! "next", "last", "coming", so many days or weeks ahead or ago, dates in words or numbers, and "from … to …". What
//! several words say narrows it down: "Friday next week". **What is named and not understood is said to be unclear**,
//! never taken for another day.

use jiff::{
    ToSpan,
    civil::{Date, DateTime, Weekday},
};

use crate::{
    hours::Hours,
    language::{ENGLISH, Language, Meaning, Unit, fold},
};

/// What a sentence says of days, and what else it says.
#[derive(Clone, Debug)]
pub(crate) struct Reading {
    pub(crate) when: When,
    /// The sentence without the words that say when.
    pub(crate) rest: String,
    /// It is about what has been.
    pub(crate) past: bool,
    /// The part of the day that is named.
    pub(crate) hours: Option<Hours>,
    /// It is about this moment.
    pub(crate) now: bool,
}

/// When something is meant to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// No time is named.
    Unsaid,
    Said(Days),
    /// A time is named in these words, which are not understood.
    Unclear(String),
}

/// Days that follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Days {
    pub(crate) first: Date,
    pub(crate) last: Date,
}

impl Days {
    pub(crate) fn one(day: Date) -> Self {
        Self { first: day, last: day }
    }

    pub(crate) fn contains(self, day: Date) -> bool {
        (self.first..=self.last).contains(&day)
    }

    /// Each of them, no more than a long search takes.
    pub(crate) fn each(self) -> impl Iterator<Item = Date> {
        self.first.series(1.day()).take(LONGEST_SEARCH).take_while(move |day| *day <= self.last)
    }

    /// What to call them on a day: "tomorrow (Sunday, 22 November 2026)", "from … to …".
    pub(crate) fn named(self, today: Date) -> String {
        let full = |day: Date| day.strftime("%A, %-d %B %Y").to_string();
        if self.first != self.last {
            return format!("from {} to {}", full(self.first), full(self.last));
        }
        match near(self.first, today) {
            Some(name) => format!("{name} ({})", full(self.first)),
            None => format!("on {}", full(self.first)),
        }
    }
}

/// What a day next to today is called.
pub(crate) fn near(day: Date, today: Date) -> Option<&'static str> {
    match (day - today).get_days() {
        0 => Some("today"),
        1 => Some("tomorrow"),
        -1 => Some("yesterday"),
        _ => None,
    }
}

/// How far a day is from today: "tomorrow", "in 6 days".
pub(crate) fn distance(day: Date, today: Date) -> String {
    if let Some(name) = near(day, today) {
        return name.to_owned();
    }
    match (day - today).get_days() {
        days @ 0.. => format!("in {days} days"),
        days => format!("{} days ago", -days),
    }
}

impl Reading {
    /// Reads a sentence that is said at this date and time.
    pub(crate) fn of(sentence: &str, now: DateTime) -> Self {
        let reader = Reader::new(sentence, now);
        let (mut mentions, mut cut, part, loose) = reader.mentions();
        reader.cut_what_leads(&mentions, &mut cut);
        let when = if mentions.is_empty() {
            part.map_or(When::Unsaid, |part| When::Said(Days::one(reader.day_of(part))))
        } else {
            reader.qualify(&mut mentions);
            let clear = (!loose).then(|| reader.narrow(&mentions)).flatten();
            clear.map_or_else(|| When::Unclear(reader.words(&mentions)), When::Said)
        };
        let kept = |(index, chunk): (usize, &str)| {
            let said = reader.tokens.iter().zip(&cut).any(|(token, cut)| token.chunk == index && *cut);
            (!said).then(|| chunk.to_owned())
        };
        let rest: Vec<String> = sentence.split_whitespace().enumerate().filter_map(kept).collect();
        let now = reader.tokens.iter().any(|token| token.meaning == Some(Meaning::Now));
        let is_today = when == When::Said(Days::one(reader.today));
        let hours = part.filter(|part| !part.is_rest || is_today).map(|part| part.hours);
        Self { when, rest: rest.join(" "), past: reader.past, hours, now }
    }
}

struct Token {
    word: String,
    /// Which of the sentence's words, as they are separated by white space.
    chunk: usize,
    meaning: Option<Meaning>,
    /// Written with a capital inside the sentence.
    capital: bool,
}

/// Days that some of the words name.
#[derive(Clone, Debug)]
struct Mention {
    /// From which word on, and up to which.
    from: usize,
    to: usize,
    what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Days(Days),
    /// The running week, month or year, of which the past is of no interest unless it is asked about.
    Running(Days),
    Weekday(Weekday),
    DayOfMonth(i8),
    Unclear,
    /// Says nothing, but is no longer to be read.
    Nothing,
}

struct Reader {
    tokens: Vec<Token>,
    today: Date,
    hour: i8,
    past: bool,
    /// Another language than English is read as well.
    foreign: bool,
}

type Found = (What, usize);

/// A part of a day.
#[derive(Clone, Copy, Debug)]
struct Part {
    hours: Hours,
    of_today: bool,
    /// What is left of today, which is nothing of other days: "later this week".
    is_rest: bool,
}

impl Reader {
    fn new(sentence: &str, now: DateTime) -> Self {
        let languages = Language::of(sentence);
        // In German "was" is "what", in French "mon" is "my".
        let is_other = |word: &str| AMBIGUOUS.contains(&word) || ENGLISH.meaning(word) == Some(Meaning::Was);
        let in_english = |word: &str| if is_other(word) { None } else { ENGLISH.meaning(word) };
        let meaning = |word: &str| languages.first()?.meaning(word).or_else(|| in_english(word));
        let mut tokens = Vec::new();
        for (chunk, text) in sentence.split_whitespace().enumerate() {
            let text = text.trim_end_matches(|c: char| !c.is_alphanumeric());
            let text = text.strip_suffix("'s").or_else(|| text.strip_suffix("’s")).unwrap_or(text);
            let capital = chunk > 0 && text.starts_with(char::is_uppercase);
            let words = fold(text);
            let token = |word: &str| Token { meaning: meaning(word), word: word.to_owned(), chunk, capital };
            tokens.extend(words.split(' ').filter(|word| !word.is_empty()).map(token));
        }
        let past = tokens.iter().any(|token| token.meaning == Some(Meaning::Was));
        Self { tokens, today: now.date(), hour: now.hour(), past, foreign: languages.len() > 1 }
    }

    /// All mentions of days; which words are read; the part of the day; whether a unit of time is left over, which says
    /// more of when than has been understood.
    fn mentions(&self) -> (Vec<Mention>, Vec<bool>, Option<Part>, bool) {
        let (mut mentions, mut cut) = (Vec::new(), vec![false; self.tokens.len()]);
        let (mut part, mut loose, mut at) = (None, false, 0);
        while at < self.tokens.len() {
            let follows = mentions.last().is_some_and(|mention: &Mention| mention.to == at);
            let mut length = 1;
            if let Some((what, words)) = self.mention(at, follows) {
                length = words;
                if what != What::Nothing {
                    // "Last night".
                    part = (at..at + length).find_map(|at| self.part(at, false)).or(part);
                    mentions.push(Mention { from: at, to: at + length, what });
                }
                cut.iter_mut().skip(at).take(length).for_each(|cut| *cut = true);
            } else if let Some(of_day) = self.part(at, follows) {
                part = Some(of_day);
                cut.iter_mut().skip(at).take(1).for_each(|cut| *cut = true);
            } else if matches!(self.unit(at), Some((Unit::Week | Unit::Month | Unit::Year, _))) {
                loose = true;
            }
            at += length;
        }
        (mentions, cut, part, loose)
    }

    fn mention(&self, at: usize, follows: bool) -> Option<Found> {
        self.greeting(at)
            .or_else(|| self.date_in_numbers(at))
            .or_else(|| self.near(at, follows))
            .or_else(|| self.qualified(at))
            .or_else(|| self.distance(at))
            .or_else(|| self.date(at))
            .or_else(|| self.month(at))
            .or_else(|| self.weekday(at))
            .or_else(|| self.day_of_month(at))
            .or_else(|| self.bare_unit(at))
            .or_else(|| (self.meaning(at)? == Meaning::Unclear).then_some((What::Unclear, 1)))
    }

    /// "Good morning", and what says that it is about now.
    fn greeting(&self, at: usize) -> Option<Found> {
        let good = self.meaning(at)? == Meaning::Good
            && matches!(self.meaning(at + 1), Some(Meaning::Part(_) | Meaning::Day(1)));
        if good {
            return Some((What::Nothing, 2));
        }
        (self.meaning(at)? == Meaning::Now).then_some((What::Nothing, 1))
    }

    /// `2026-12-24`, `24.12.2026`, `24/12/2026`; where day and month could be taken for each other it is unclear.
    fn date_in_numbers(&self, at: usize) -> Option<Found> {
        let chunk = self.tokens.get(at)?.chunk;
        let same = |index: usize| self.tokens.get(index).filter(|token| token.chunk == chunk)?.word.parse::<i16>().ok();
        let (one, two, three) = (same(at)?, same(at + 1)?, same(at + 2)?);
        let small = |number: i16| i8::try_from(number).ok();
        let date = |year: i16, month: i16, day: i16| Date::new(year, small(month)?, small(day)?).ok();
        let what = if one > 31 {
            date(one, two, three)?
        } else {
            let year = if three < 100 { three + 2_000 } else { three };
            match (date(year, two, one), date(year, one, two)) {
                (Some(day), Some(other)) if day != other && !self.foreign => return Some((What::Unclear, 3)),
                (Some(day), _) | (None, Some(day)) => day,
                (None, None) => return Some((What::Unclear, 3)),
            }
        };
        Some((What::Days(Days::one(what)), 3))
    }

    /// "Tomorrow", "the day after tomorrow".
    fn near(&self, at: usize, follows: bool) -> Option<Found> {
        for (words, days) in COMPOUND {
            if self.reads(at, words) {
                return Some((What::Days(Days::one(self.day(*days)?)), words.len()));
            }
        }
        let Meaning::Day(days) = self.meaning(at)? else { return None };
        if self.is_morning(at, follows) { None } else { Some((What::Days(Days::one(self.day(days)?)), 1)) }
    }

    /// "Morgen" and "mañana" are the morning behind another day, and behind an article.
    fn is_morning(&self, at: usize, follows: bool) -> bool {
        let ahead = at.checked_sub(1).and_then(|at| self.word(at));
        matches!(self.word(at), Some("morgen" | "manana")) && (follows || matches!(ahead, Some("am" | "la" | "esta")))
    }

    fn part(&self, at: usize, follows: bool) -> Option<Part> {
        let ahead = at.checked_sub(1).and_then(|at| self.meaning(at));
        let part = |hours: Hours, of_today: bool| {
            let before = matches!(ahead, Some(Meaning::Before | Meaning::Until));
            Part { hours: if before { hours.before() } else { hours }, of_today, is_rest: false }
        };
        let this = ahead == Some(Meaning::This);
        match self.meaning(at)? {
            Meaning::Part(until) => Some(part(Hours::until(until), this)),
            Meaning::PartOfToday(until) => Some(part(Hours::until(until), true)),
            Meaning::Later => Some(Part { hours: Hours::after(self.hour), of_today: true, is_rest: true }),
            _ => self.is_morning(at, follows).then(|| part(Hours::until(12), this)),
        }
    }

    /// "This", "next" or "last" with a unit, a weekday or a month, on either side of it.
    fn qualified(&self, at: usize) -> Option<Found> {
        if let Some((unit, length)) = self.unit(at)
            && self.meaning(at + length) == Some(Meaning::After)
            && self.meaning(at + length + 1) == Some(Meaning::Next)
        {
            return Some((What::Days(self.units(unit, 2)?), length + 2));
        }
        if let Some(qualifier) = self.qualifier(at) {
            let (number, words) = match self.number(at + 1) {
                Some(number) => (Some(number), 2),
                None if self.word(at + 1) == Some("few") => (Some(FEW), 2),
                // The past week is the last seven days, the last week the one before this.
                None if self.word(at) == Some("past") => (Some(1), 1),
                None => (None, 1),
            };
            if let (Some(number), Some((unit, length))) = (number, self.unit(at + words)) {
                return Some((self.run(qualifier, number, unit)?, words + length));
            }
            let (what, length) = self.apply(qualifier, at + 1)?;
            // "The last Friday of the month" is none that is past.
            let of_a_span = qualifier == Meaning::Last && matches!(self.word(at + 1 + length), Some("of" | "in"));
            return Some((if of_a_span { What::Unclear } else { what }, length + 1));
        }
        // Behind it, and in "que viene" with a word between.
        let length = self.unit(at).map_or(1, |(_, length)| length);
        let gap = usize::from(self.word(at + length) == Some("que") || self.word(at + length) == Some("feira"));
        let qualifier = self.qualifier(at + length + gap).filter(|_| self.foreign)?;
        let (what, length) = self.apply(qualifier, at)?;
        Some((what, length + gap + 1))
    }

    fn apply(&self, qualifier: Meaning, at: usize) -> Option<Found> {
        let running = qualifier == Meaning::This;
        if let Some((unit, length)) = self.unit(at) {
            if unit == Unit::Day {
                return if running { Some((What::Days(Days::one(self.today)), length)) } else { None };
            }
            let days = self.units(unit, offset(qualifier))?;
            return Some((if running { What::Running(days) } else { What::Days(days) }, length));
        }
        match self.meaning(at)? {
            Meaning::Weekday(day) => {
                let day = Weekday::from_monday_zero_offset(day).ok()?;
                let ahead = i32::from(self.today.weekday().until(day));
                let monday = -i32::from(self.today.weekday().to_monday_zero_offset());
                let days = match qualifier {
                    Meaning::Next => monday + 7 + i32::from(day.to_monday_zero_offset()),
                    Meaning::Last => {
                        if ahead == 0 {
                            -7
                        } else {
                            ahead - 7
                        }
                    }
                    _ => ahead,
                };
                Some((What::Days(Days::one(self.day(days)?)), 1))
            }
            Meaning::Month(month) => {
                let this = i32::from(self.today.month());
                let ahead = match (i32::from(month) - this, qualifier) {
                    (ahead, Meaning::Last) => {
                        if ahead >= 0 {
                            ahead - 12
                        } else {
                            ahead
                        }
                    }
                    (ahead, Meaning::Next | Meaning::Coming) => {
                        if ahead <= 0 {
                            ahead + 12
                        } else {
                            ahead
                        }
                    }
                    (ahead, _) => ahead,
                };
                Some((What::Days(self.units(Unit::Month, ahead)?), 1))
            }
            Meaning::Part(_) if qualifier == Meaning::Last => Some((What::Days(Days::one(self.day(-1)?)), 1)),
            _ => None,
        }
    }

    /// "The next three days", "the last two weeks".
    fn run(&self, qualifier: Meaning, number: i32, unit: Unit) -> Option<What> {
        let days = match unit {
            Unit::Day => number,
            Unit::Week => number.checked_mul(7)?,
            Unit::Weekend | Unit::Month | Unit::Year => return Some(What::Unclear),
        };
        Some(What::Days(match qualifier {
            Meaning::Last => Days { first: self.day(-days)?, last: self.day(-1)? },
            _ => Days { first: self.today, last: self.day(days - 1)? },
        }))
    }

    /// "In three days", "two weeks ago".
    fn distance(&self, at: usize) -> Option<Found> {
        let (ahead, mut words) = match self.meaning(at) {
            Some(Meaning::In) => (true, 1),
            Some(Meaning::Before) if self.foreign => (false, 1),
            _ if self.reads(at, &["il", "y", "a"]) => (false, 3),
            _ => (false, 0),
        };
        while words > 0 && self.number(at + words).is_none() && self.meaning(at + words) == Some(Meaning::Small) {
            words += 1;
        }
        let number = self.number(at + words)?;
        let (unit, length) = self.unit(at + words + 1)?;
        let behind = at + words + 1 + length;
        let after = match self.meaning(behind) {
            Some(Meaning::Ago) => 1,
            _ if words > 0 => 0,
            _ if self.reads(behind, &["from", "now"]) => 2,
            _ => return None,
        };
        let ahead = ahead || after == 2;
        let number = if ahead { number } else { -number };
        let days = match unit {
            Unit::Day => Days::one(self.day(number)?),
            other => self.units(other, number)?,
        };
        Some((What::Days(days), words + 1 + length + after))
    }

    /// "24 December", "the 24th of December 2026", "December the 24th".
    fn date(&self, at: usize) -> Option<Found> {
        let (day, month, mut end) = if let Some((day, length)) = self.ordinal(at) {
            let end = self.past_small(at + length);
            let Meaning::Month(month) = self.meaning(end)? else { return None };
            (day, month, end + 1)
        } else {
            let Meaning::Month(month) = self.meaning(at)? else { return None };
            let next = self.past_small(at + 1);
            let (day, length) = self.ordinal(next)?;
            (day, month, next + length)
        };
        let year = self.year(self.past_small(end));
        if year.is_some() {
            end = self.past_small(end) + 1;
        }
        let on = |year: i16| Date::new(year, month, day).ok();
        let date = match year {
            Some(year) => on(year),
            None => self.nearest((-5..=5).filter_map(|years| on(self.today.year().checked_add(years)?))),
        };
        Some((date.map_or(What::Unclear, |date| What::Days(Days::one(date))), end - at))
    }

    /// "In December", "December 2027", "in 2027".
    fn month(&self, at: usize) -> Option<Found> {
        let ahead = at.checked_sub(1).and_then(|at| self.meaning(at));
        let in_it = matches!(ahead, Some(Meaning::In | Meaning::Small | Meaning::Until | Meaning::Since));
        if let Some(year) = self.year(at).filter(|_| in_it) {
            let days = Days { first: Date::new(year, 1, 1).ok()?, last: Date::new(year, 12, 31).ok()? };
            return Some((What::Days(days), 1));
        }
        let Meaning::Month(month) = self.meaning(at)? else { return None };
        let token = self.tokens.get(at)?;
        if let Some(year) = self.year(at + 1) {
            let first = Date::new(year, month, 1).ok()?;
            return Some((What::Days(Days { first, last: first.last_of_month() }), 2));
        }
        if AMBIGUOUS.contains(&token.word.as_str()) && !in_it && !token.capital {
            return None;
        }
        if self.past || month != self.today.month() {
            let first = |years: i16| Date::new(self.today.year().checked_add(years)?, month, 1).ok();
            let first = self.nearest((-2..=2).filter_map(first))?;
            return Some((What::Days(Days { first, last: first.last_of_month() }), 1));
        }
        Some((What::Running(self.units(Unit::Month, 0)?), 1))
    }

    fn weekday(&self, at: usize) -> Option<Found> {
        let Meaning::Weekday(day) = self.meaning(at)? else { return None };
        let token = self.tokens.get(at)?;
        let ahead = at.checked_sub(1).and_then(|at| self.meaning(at));
        let feira = self.word(at + 1) == Some("feira");
        let article = at.checked_sub(1).and_then(|at| self.word(at)) == Some("the");
        let led = matches!(ahead, Some(Meaning::Small | Meaning::Until | Meaning::Since | Meaning::Join)) && !article;
        if !feira && AMBIGUOUS.contains(&token.word.as_str()) && !led {
            return None;
        }
        // "Monday week" is said of the week after.
        if self.unit(at + 1).is_some_and(|(unit, _)| unit == Unit::Week) && !self.foreign {
            return Some((What::Unclear, 2));
        }
        let weekday = Weekday::from_monday_zero_offset(day).ok()?;
        Some((What::Weekday(weekday), 1 + usize::from(feira)))
    }

    /// "The 24th", where it is not the 24th of anything else.
    fn day_of_month(&self, at: usize) -> Option<Found> {
        let word = self.word(at)?;
        let ahead = at.checked_sub(1).and_then(|at| self.word(at));
        // "El día 24", "am 24."
        let numbered = self.foreign && matches!(ahead, Some("dia" | "am" | "le" | "el" | "il" | "den"));
        let (day, length) = self.ordinal(at)?;
        if word.chars().all(|digit| digit.is_ascii_digit()) && !numbered {
            return None;
        }
        let behind = at + length;
        let hour = matches!(self.word(behind), Some("uhr" | "heures" | "h" | "ore"));
        let of_days = match self.meaning(behind) {
            Some(Meaning::Small | Meaning::In | Meaning::Until | Meaning::Join | Meaning::Part(_) | Meaning::This) => {
                true
            }
            _ => self.word(behind).is_none_or(|word| word == "please") || numbered,
        };
        let led = numbered || matches!(ahead, Some("the" | "on" | "to" | "and"));
        (of_days && led && !hour).then_some((What::DayOfMonth(day), length))
    }

    /// "My week", "the weekend".
    fn bare_unit(&self, at: usize) -> Option<Found> {
        let (unit, length) = self.unit(at)?;
        let ahead = at.checked_sub(1).and_then(|at| self.word(at)).unwrap_or_default();
        let behind = self.word(at + length).unwrap_or_default();
        let plain = BEFORE_A_UNIT.contains(&ahead) && !["of", "after", "before", "from", "on"].contains(&behind);
        match unit {
            Unit::Weekend => Some((What::Running(self.units(unit, 0)?), length)),
            Unit::Week | Unit::Month | Unit::Year if plain => Some((What::Running(self.units(unit, 0)?), length)),
            Unit::Day if plain && self.is_of_today(at) => Some((What::Days(Days::one(self.today)), length)),
            Unit::Day | Unit::Week | Unit::Month | Unit::Year => None,
        }
    }

    /// "My day", "the rest of the day".
    fn is_of_today(&self, at: usize) -> bool {
        let ahead = |by: usize| at.checked_sub(by).and_then(|at| self.word(at)).unwrap_or_default();
        MY.contains(&ahead(1)) || (ahead(2) == "of" && ahead(1) == "the")
    }

    /// What stands between mentions and ahead of them: "from … to", "until", "since".
    fn qualify(&self, mentions: &mut Vec<Mention>) {
        let mut index = 0;
        while index + 1 < mentions.len() {
            let (one, other) = (mentions[index].clone(), mentions[index + 1].clone());
            let between: Vec<Option<Meaning>> = (one.to..other.from).map(|at| self.meaning(at)).collect();
            let joins = |meaning: &Option<Meaning>| matches!(meaning, Some(Meaning::Join | Meaning::Until));
            let small = |meaning: &Option<Meaning>| joins(meaning) || matches!(meaning, Some(Meaning::Small));
            if between.iter().any(joins) && between.iter().all(small) {
                let what = self.hull(one.what, other.what).map_or(What::Unclear, What::Days);
                mentions[index] = Mention { from: one.from, to: other.to, what };
                mentions.remove(index + 1);
            } else {
                index += 1;
            }
        }
        for mention in mentions.iter_mut() {
            let Some(meaning) = self.lead(mention.from).and_then(|at| self.meaning(at)) else { continue };
            let joined =
                (mention.from..mention.to).any(|at| matches!(self.meaning(at), Some(Meaning::Join | Meaning::Until)));
            let past = meaning == Meaning::Since;
            let Some(days) = self.resolve(&[mention.what], past) else { continue };
            mention.what = match meaning {
                _ if joined => What::Days(days),
                Meaning::Until if days.last >= self.today => What::Days(Days { first: self.today, last: days.last }),
                Meaning::Before if days.first > self.today => {
                    days.first.yesterday().map_or(What::Unclear, |last| What::Days(Days { first: self.today, last }))
                }
                Meaning::Since if days.first <= self.today => What::Days(Days { first: days.first, last: self.today }),
                Meaning::Until | Meaning::Before | Meaning::Since | Meaning::After => What::Unclear,
                _ => mention.what,
            };
        }
    }

    fn hull(&self, one: What, other: What) -> Option<Days> {
        let one = self.resolve(&[one], self.past)?;
        let other = match other {
            What::Weekday(_) | What::DayOfMonth(_) => {
                let fits = |day: &Date| fits(other, *day);
                Days::one(one.last.series(1.day()).skip(1).take(LONGEST_SEARCH).find(fits)?)
            }
            other => self.resolve(&[other], self.past)?,
        };
        (one.first <= other.last).then_some(Days { first: one.first, last: other.last })
    }

    /// The days that all mentions agree on.
    fn narrow(&self, mentions: &[Mention]) -> Option<Days> {
        let all: Vec<What> = mentions.iter().map(|mention| mention.what).collect();
        self.resolve(&all, self.past)
    }

    fn resolve(&self, all: &[What], past: bool) -> Option<Days> {
        let (mut days, mut running) = (None::<Days>, false);
        for what in all {
            let (What::Days(span) | What::Running(span)) = what else { continue };
            running |= matches!(what, What::Running(_));
            let span =
                days.map_or(*span, |days| Days { first: days.first.max(span.first), last: days.last.min(span.last) });
            days = Some(span);
        }
        if all.contains(&What::Unclear) || days.is_some_and(|days| days.first > days.last) {
            return None;
        }
        let picks: Vec<What> =
            all.iter().copied().filter(|what| matches!(what, What::Weekday(_) | What::DayOfMonth(_))).collect();
        let picked = |day: &Date| picks.iter().all(|pick| fits(*pick, *day));
        match days {
            Some(days) if picks.is_empty() => {
                let begun = running && !past && days.contains(self.today);
                Some(if begun { Days { first: self.today, ..days } } else { days })
            }
            Some(days) => {
                let mut fitting = days.first.series(1.day()).take_while(|day| *day <= days.last).filter(picked);
                let day = fitting.next()?;
                fitting.next().is_none().then_some(Days::one(day))
            }
            None if past => self.today.series(-1.day()).skip(1).take(LONGEST_SEARCH).find(picked).map(Days::one),
            None => self.today.series(1.day()).take(LONGEST_SEARCH).find(picked).map(Days::one),
        }
    }

    fn day_of(&self, part: Part) -> Date {
        let over = !self.past && !part.of_today && part.hours.are_over_at(self.hour);
        if over { self.day(1).unwrap_or(self.today) } else { self.today }
    }

    /// "In the", "on", "until" ahead of a mention belong to it.
    fn cut_what_leads(&self, mentions: &[Mention], cut: &mut [bool]) {
        let parts = (0..cut.len())
            .filter(|at| cut[*at] && mentions.iter().all(|mention| !(mention.from..mention.to).contains(at)));
        let starts: Vec<usize> = mentions.iter().map(|mention| mention.from).chain(parts).collect();
        for start in starts {
            for at in (0..start).rev().take(LONGEST_LEAD) {
                let meaning = self.meaning(at);
                let leads = matches!(meaning, Some(Meaning::Small | Meaning::In | Meaning::Until | Meaning::This))
                    || matches!(meaning, Some(Meaning::Before | Meaning::Since | Meaning::After))
                    || self.word(at) == Some("right");
                if !leads || cut[at] {
                    break;
                }
                cut[at] = true;
            }
        }
    }

    fn words(&self, mentions: &[Mention]) -> String {
        let from =
            mentions.iter().map(|mention| self.lead(mention.from).unwrap_or(mention.from)).min().unwrap_or_default();
        let to = mentions.iter().map(|mention| mention.to).max().unwrap_or_default();
        let words: Vec<&str> = (from..to).filter_map(|at| self.word(at)).collect();
        words.join(" ")
    }

    /// Where the word is that says how a mention is meant, if there is one.
    fn lead(&self, from: usize) -> Option<usize> {
        let mut ahead = (0..from).rev().skip_while(|at| self.meaning(*at) == Some(Meaning::Small));
        let is_lead = |at: &usize| {
            matches!(self.meaning(*at), Some(Meaning::Until | Meaning::Before | Meaning::Since | Meaning::After))
        };
        ahead.next().filter(is_lead)
    }

    fn meaning(&self, at: usize) -> Option<Meaning> {
        self.tokens.get(at)?.meaning
    }

    fn word(&self, at: usize) -> Option<&str> {
        self.tokens.get(at).map(|token| token.word.as_str())
    }

    fn reads(&self, at: usize, words: &[&str]) -> bool {
        words.iter().enumerate().all(|(index, word)| self.word(at + index) == Some(word))
    }

    fn past_small(&self, at: usize) -> usize {
        if self.meaning(at) == Some(Meaning::Small) { at + 1 } else { at }
    }

    fn qualifier(&self, at: usize) -> Option<Meaning> {
        self.meaning(at)
            .filter(|meaning| matches!(meaning, Meaning::This | Meaning::Next | Meaning::Coming | Meaning::Last))
    }

    fn unit(&self, at: usize) -> Option<(Unit, usize)> {
        if let Some(words) = WEEKENDS.iter().find(|words| self.reads(at, words)) {
            return Some((Unit::Weekend, words.len()));
        }
        match self.meaning(at)? {
            Meaning::Unit(unit) => Some((unit, 1)),
            _ => None,
        }
    }

    fn number(&self, at: usize) -> Option<i32> {
        match self.meaning(at) {
            Some(Meaning::Number(number)) => Some(number),
            _ => self.word(at)?.parse().ok().filter(|number| (1..=400).contains(number)),
        }
    }

    /// A day of the month as a number or an ordinal, and how many words it takes.
    fn ordinal(&self, at: usize) -> Option<(i8, usize)> {
        let word = self.word(at)?;
        let digits = ["st", "nd", "rd", "th", "er", "o", "a"]
            .iter()
            .find_map(|ending| word.strip_suffix(ending))
            .unwrap_or(word);
        if let Ok(day) = digits.parse::<i8>() {
            return (1..=31).contains(&day).then_some((day, 1));
        }
        let nth = |word: &str| ORDINALS.iter().position(|other| *other == word).and_then(|at| i8::try_from(at).ok());
        let tens = match word {
            "twenty" => 20,
            "thirty" => 30,
            _ => return Some((nth(word)? + 1, 1)),
        };
        let ones = nth(self.word(at + 1)?)? + 1;
        (ones < 10 && tens + ones <= 31).then_some((tens + ones, 2))
    }

    fn year(&self, at: usize) -> Option<i16> {
        let word = self.word(at).filter(|word| word.len() == 4)?;
        word.parse().ok().filter(|year| (1900..2200).contains(year))
    }

    fn day(&self, days: i32) -> Option<Date> {
        self.today.checked_add(i64::from(days).days()).ok()
    }

    /// The week, weekend, month or year that is so many after this one.
    fn units(&self, unit: Unit, ahead: i32) -> Option<Days> {
        let monday = self.day(-i32::from(self.today.weekday().to_monday_zero_offset()))?;
        let week = |days: i32| {
            let of_this = i64::from(ahead).checked_mul(7)?;
            monday.checked_add((of_this + i64::from(days)).days()).ok()
        };
        match unit {
            Unit::Day => self.day(ahead).map(Days::one),
            Unit::Week => Some(Days { first: week(0)?, last: week(6)? }),
            Unit::Weekend => Some(Days { first: week(5)?, last: week(6)? }),
            Unit::Month => {
                let first = self.today.first_of_month().checked_add(i64::from(ahead).months()).ok()?;
                Some(Days { first, last: first.last_of_month() })
            }
            Unit::Year => {
                let first = self.today.first_of_year().checked_add(i64::from(ahead).years()).ok()?;
                Some(Days { first, last: first.last_of_year() })
            }
        }
    }

    /// The first date from today on, or the last one up to today when it is about the past.
    fn nearest(&self, dates: impl Iterator<Item = Date>) -> Option<Date> {
        if self.past {
            dates.filter(|date| *date <= self.today).max()
        } else {
            dates.filter(|date| *date >= self.today).min()
        }
    }
}

fn fits(what: What, day: Date) -> bool {
    match what {
        What::Weekday(weekday) => day.weekday() == weekday,
        What::DayOfMonth(number) => day.day() == number,
        What::Days(days) | What::Running(days) => days.contains(day),
        What::Unclear | What::Nothing => false,
    }
}

/// How many units ahead of this one.
fn offset(qualifier: Meaning) -> i32 {
    match qualifier {
        Meaning::Next | Meaning::Coming => 1,
        Meaning::Last => -1,
        _ => 0,
    }
}

const FEW: i32 = 5;
/// Days.
const LONGEST_SEARCH: usize = 800;
const LONGEST_LEAD: usize = 3;
const COMPOUND: &[(&[&str], i32)] = &[
    (&["day", "after", "tomorrow"], 2),
    (&["day", "before", "yesterday"], -2),
    (&["apres", "demain"], 2),
    (&["avant", "hier"], -2),
    (&["pasado", "manana"], 2),
    (&["antes", "de", "ayer"], -2),
    (&["depois", "de", "amanha"], 2),
    (&["antes", "de", "ontem"], -2),
];
const WEEKENDS: &[&[&str]] = &[
    &["week", "end"],
    &["fin", "de", "semana"],
    &["fim", "de", "semana"],
    &["fine", "settimana"],
    &["fin", "de", "semaine"],
];
/// Ahead of these words a unit without "this" is the running one.
const BEFORE_A_UNIT: &[&str] = &[
    "the", "my", "our", "die", "mein", "meine", "unsere", "la", "ma", "mi", "a", "minha", "meu", "mia", "de", "mijn",
    "het",
];
const MY: &[&str] = &["my", "our", "mein", "ma", "mi", "meu", "mijn"];
/// Months and days that are other words, too.
const AMBIGUOUS: &[&str] = &[
    "may", "march", "mars", "mai", "jan", "sept", "dec", "mar", "apr", "mon", "tue", "tues", "wed", "thu", "thurs",
    "fri", "sat", "sun", "segunda", "terca", "quarta", "quinta", "sexta",
];
const ORDINALS: [&str; 31] = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
    "twentieth",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "thirtieth",
    "",
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Saturday.
    fn reading(sentence: &str) -> Reading {
        Reading::of(sentence, "2026-11-21T15:00".parse().unwrap())
    }

    fn dates(sentence: &str) -> String {
        match reading(sentence).when {
            When::Said(days) if days.first == days.last => days.first.to_string(),
            When::Said(days) => format!("{} {}", days.first, days.last),
            When::Unsaid => "-".to_owned(),
            When::Unclear(words) => format!("? {words}"),
        }
    }

    #[test]
    fn spoken_days_are_understood() {
        for (sentence, expected) in [
            ("what is on my calendar today", "2026-11-21"),
            ("do I have anything tomorrow", "2026-11-22"),
            ("what about the day after tomorrow", "2026-11-23"),
            ("what did I do the day before yesterday", "2026-11-19"),
            ("am I free on Wednesday?", "2026-11-25"),
            ("what's on this Saturday", "2026-11-21"),
            ("what did I have on Wednesday", "2026-11-18"),
            ("meetings last Wednesday", "2026-11-18"),
            ("last Saturday", "2026-11-14"),
            ("next Monday", "2026-11-23"),
            ("next Sunday", "2026-11-29"),
            ("what is in my calendar in 3 days", "2026-11-24"),
            ("two days ago", "2026-11-19"),
            ("last night", "2026-11-20"),
            ("this afternoon", "2026-11-21"),
            ("will it rain in the afternoon", "2026-11-21"),
            ("anything in the morning", "2026-11-22"),
            ("tomorrow's meetings", "2026-11-22"),
            ("what do I have at 3 tomorrow", "2026-11-22"),
            ("next Friday afternoon", "2026-11-27"),
            ("Friday the week after next", "2026-12-04"),
            ("what does my day look like", "2026-11-21"),
            ("my last appointment of the day", "2026-11-21"),
            ("who was at the stand-up this morning", "2026-11-21"),
            ("what is on this morning", "2026-11-21"),
        ] {
            assert_eq!(dates(sentence), expected, "{sentence}");
        }
    }

    #[test]
    fn dates_are_understood_in_words_and_numbers() {
        for (sentence, expected) in [
            ("on December 24", "2026-12-24"),
            ("on the 24th of December", "2026-12-24"),
            ("on December the twenty-fourth 2027", "2027-12-24"),
            ("the first of March", "2027-03-01"),
            ("what did I do on March 3rd", "2026-03-03"),
            ("meetings on the 3rd", "2026-12-03"),
            ("on 2026-12-24", "2026-12-24"),
            ("on 24.12.2026", "2026-12-24"),
            ("on Thursday, December 24", "2026-12-24"),
            ("on the 3rd of next month", "2026-12-03"),
            ("February 30", "? february 30"),
            ("on Monday, December 24", "? monday december 24"),
            ("on 3/4/2027", "? 3 4 2027"),
        ] {
            assert_eq!(dates(sentence), expected, "{sentence}");
        }
    }

    #[test]
    fn spans_are_understood() {
        for (sentence, expected) in [
            ("meetings last week", "2026-11-09 2026-11-15"),
            ("this week", "2026-11-21 2026-11-22"),
            ("what did I do this week", "2026-11-16 2026-11-22"),
            ("next week", "2026-11-23 2026-11-29"),
            ("the week after next", "2026-11-30 2026-12-06"),
            ("this weekend", "2026-11-21 2026-11-22"),
            ("next weekend", "2026-11-28 2026-11-29"),
            ("last weekend", "2026-11-14 2026-11-15"),
            ("next month", "2026-12-01 2026-12-31"),
            ("last month", "2026-10-01 2026-10-31"),
            ("in December", "2026-12-01 2026-12-31"),
            ("in May", "2027-05-01 2027-05-31"),
            ("last December", "2025-12-01 2025-12-31"),
            ("December 2027", "2027-12-01 2027-12-31"),
            ("next year", "2027-01-01 2027-12-31"),
            ("the next three days", "2026-11-21 2026-11-23"),
            ("in two weeks", "2026-11-30 2026-12-06"),
            ("from Monday to Wednesday", "2026-11-23 2026-11-25"),
            ("from 3 December to 5 December", "2026-12-03 2026-12-05"),
            ("today and tomorrow", "2026-11-21 2026-11-22"),
            ("until Friday", "2026-11-21 2026-11-27"),
            ("before Friday", "2026-11-21 2026-11-26"),
            ("since Monday", "2026-11-16 2026-11-21"),
            ("Friday next week", "2026-11-27"),
            ("in the past week", "2026-11-14 2026-11-20"),
            ("how is my week", "2026-11-21 2026-11-22"),
        ] {
            assert_eq!(dates(sentence), expected, "{sentence}");
        }
    }

    #[test]
    fn what_is_not_understood_is_said_to_be_unclear() {
        for sentence in [
            "at Easter",
            "the second Tuesday in December",
            "the first week of December",
            "after Friday",
            "a week from Monday",
            "Monday week",
            "the last Friday of the month",
            "the last Friday in December",
            "three weeks from Friday",
            "the week of December 7",
            "this summer",
            "next quarter",
            "Monday or Tuesday in December",
        ] {
            assert!(matches!(reading(sentence).when, When::Unclear(_)), "{sentence}: {}", dates(sentence));
        }
    }

    #[test]
    fn what_names_no_day_is_none() {
        for sentence in [
            "what is my next meeting",
            "travel allowance per day",
            "you may march on",
            "the sun is out",
            "good morning",
            "the second meeting",
            "my 5th floor meeting",
            "what time is it right now",
            "a meeting every week",
            "Guten Morgen",
        ] {
            assert_eq!(dates(sentence), "-", "{sentence}");
        }
    }

    #[test]
    fn other_languages_are_understood() {
        for (sentence, expected) in [
            ("Wie wird das Wetter morgen?", "2026-11-22"),
            ("Wie wird das Wetter übermorgen?", "2026-11-23"),
            ("Was habe ich heute Morgen vor?", "2026-11-21"),
            ("Was habe ich am Mittwochabend?", "2026-11-25"),
            ("Was habe ich nächste Woche vor?", "2026-11-23 2026-11-29"),
            ("Was war letzten Mittwoch?", "2026-11-18"),
            ("Was ist am 24. Dezember?", "2026-12-24"),
            ("Wie ist das Wetter in drei Tagen?", "2026-11-24"),
            ("Was habe ich vor zwei Tagen gehabt", "2026-11-19"),
            ("Quel temps fera-t-il demain ?", "2026-11-22"),
            ("Quel temps fera-t-il après-demain ?", "2026-11-23"),
            ("Qu'est-ce que j'ai la semaine prochaine ?", "2026-11-23 2026-11-29"),
            ("Qu'est-ce que j'ai lundi prochain ?", "2026-11-23"),
            ("Quel temps fait-il aujourd'hui ?", "2026-11-21"),
            ("¿Qué tiempo hará mañana?", "2026-11-22"),
            ("¿Qué tiempo hará pasado mañana?", "2026-11-23"),
            ("¿Qué tengo mañana por la mañana?", "2026-11-22"),
            ("¿Qué tengo la semana que viene?", "2026-11-23 2026-11-29"),
            ("¿Qué tengo el miércoles?", "2026-11-25"),
            ("¿Qué tengo el fin de semana?", "2026-11-21 2026-11-22"),
            ("O que tenho amanhã?", "2026-11-22"),
            ("Como vai estar o tempo na quarta-feira?", "2026-11-25"),
            ("O que tenho na próxima semana?", "2026-11-23 2026-11-29"),
            ("Che tempo farà domani?", "2026-11-22"),
            ("Che cosa ho la settimana prossima?", "2026-11-23 2026-11-29"),
            ("Che tempo fa tra tre giorni?", "2026-11-24"),
            ("Hoe wordt het weer morgen?", "2026-11-22"),
            ("Wat heb ik volgende week?", "2026-11-23 2026-11-29"),
            ("Wat heb ik vanavond?", "2026-11-21"),
        ] {
            assert_eq!(dates(sentence), expected, "{sentence}");
        }
    }

    #[test]
    fn the_part_of_the_day_is_kept() {
        for (sentence, hours) in [
            ("what is on this afternoon", "from 12:00 to 18:00"),
            ("is there anything tonight", "from 17:00 to 24:00"),
            ("am I free on Friday morning", "from 04:00 to 12:00"),
            ("what did I do last night", "from 17:00 to 24:00"),
            ("anything later", "from 15:00 to 24:00"),
            ("anything before noon tomorrow", "from 00:00 to 12:00"),
            ("Che cosa ho stamattina?", "from 04:00 to 12:00"),
            ("Wat heb ik vanmiddag?", "from 12:00 to 18:00"),
            ("Was habe ich heute Morgen vor?", "from 04:00 to 12:00"),
        ] {
            assert_eq!(reading(sentence).hours.map(Hours::named).as_deref(), Some(hours), "{sentence}");
        }
        assert_eq!(reading("good morning, what is on today").hours, None);
        assert_eq!(reading("what is on later this week").hours, None);
        assert!(reading("what am I doing right now").now && !reading("what am I doing today").now);
    }

    #[test]
    fn what_is_left_is_said_without_the_time() {
        for (sentence, rest) in [
            ("weather in Lisbon on Friday, please", "weather in Lisbon please"),
            ("will it rain in the afternoon in Tokyo", "will it rain in Tokyo"),
            ("weather in Paris, Texas in 2 days", "weather in Paris, Texas"),
            ("forecast for the Black Forest this weekend", "forecast for the Black Forest"),
            ("weather in Tokyo right now", "weather in Tokyo"),
        ] {
            assert_eq!(reading(sentence).rest, rest, "{sentence}");
        }
    }

    #[test]
    fn days_are_named_with_their_date() {
        let today = "2026-11-21".parse().unwrap();
        let When::Said(tomorrow) = reading("tomorrow").when else { panic!() };
        assert_eq!(tomorrow.named(today), "tomorrow (Sunday, 22 November 2026)");
        let When::Said(week) = reading("next week").when else { panic!() };
        assert_eq!(week.named(today), "from Monday, 23 November 2026 to Sunday, 29 November 2026");
    }
}
