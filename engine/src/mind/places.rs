//! Where a city is, as far as its clock is concerned.

use jiff::tz::{self, TimeZone};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The longest place that the words begin with: its name as one writes it, and its time zone.
pub(super) fn find(words: &[String]) -> Option<(String, TimeZone)> {
    (1..=words.len().min(MOST_WORDS)).rev().find_map(|count| {
        let place = words.get(..count)?.join(" ");
        let zone = ZONES.get(&place)?;
        Some((written(&place), TimeZone::get(zone).ok()?))
    })
}

/// Places that a recogniser should know: in small letters.
pub(crate) fn spoken_places() -> impl Iterator<Item = &'static str> {
    SPOKEN.iter().copied().chain(ALIASES.iter().map(|(name, _)| *name))
}

fn written(place: &str) -> String {
    if place.len() <= 3 && place != "rio" && place != "goa" {
        return place.to_uppercase();
    }
    let words = place.split(' ').map(|word| {
        let mut letters = word.chars();
        letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect::<String>())
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Every city that names a time zone, and some more.
static ZONES: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let mut zones = BTreeMap::new();
    for name in tz::db().available() {
        let name = name.as_str();
        let Some((region, city)) = name.rsplit_once('/') else { continue };
        // The outdated parts of the database repeat places of others.
        if matches!(region, "Etc" | "SystemV" | "US" | "posix" | "right") || region.starts_with("posix/") {
            continue;
        }
        zones.insert(city.replace(['_', '-'], " ").to_lowercase(), name.to_owned());
    }
    for (alias, zone) in ALIASES {
        zones.insert((*alias).to_owned(), (*zone).to_owned());
    }
    zones
});

const MOST_WORDS: usize = 4;

/// Cities of the database that people ask about by voice.
const SPOKEN: &[&str] = &[
    "tokyo",
    "london",
    "paris",
    "new york",
    "berlin",
    "los angeles",
    "chicago",
    "sydney",
    "moscow",
    "dubai",
    "singapore",
    "hong kong",
    "madrid",
    "rome",
    "vienna",
    "amsterdam",
    "brussels",
    "athens",
    "istanbul",
    "cairo",
    "toronto",
    "vancouver",
    "denver",
    "seoul",
    "shanghai",
    "bangkok",
    "stockholm",
    "oslo",
    "copenhagen",
    "helsinki",
    "warsaw",
    "prague",
    "budapest",
    "lisbon",
    "dublin",
    "zurich",
    "melbourne",
    "auckland",
    "honolulu",
    "mexico city",
    "buenos aires",
    "detroit",
    "phoenix",
    "anchorage",
    "nairobi",
    "lagos",
    "johannesburg",
    "jakarta",
    "manila",
    "taipei",
    "karachi",
    "tehran",
    "baghdad",
    "jerusalem",
    "kiev",
    "havana",
    "lima",
];

/// Places whose name is not their zone's.
const ALIASES: &[(&str, &str)] = &[
    ("san francisco", "America/Los_Angeles"),
    ("seattle", "America/Los_Angeles"),
    ("san diego", "America/Los_Angeles"),
    ("las vegas", "America/Los_Angeles"),
    ("portland", "America/Los_Angeles"),
    ("california", "America/Los_Angeles"),
    ("boston", "America/New_York"),
    ("washington", "America/New_York"),
    ("miami", "America/New_York"),
    ("atlanta", "America/New_York"),
    ("philadelphia", "America/New_York"),
    ("new york city", "America/New_York"),
    ("houston", "America/Chicago"),
    ("dallas", "America/Chicago"),
    ("austin", "America/Chicago"),
    ("texas", "America/Chicago"),
    ("montreal", "America/Toronto"),
    ("ottawa", "America/Toronto"),
    ("rio", "America/Sao_Paulo"),
    ("rio de janeiro", "America/Sao_Paulo"),
    ("brazil", "America/Sao_Paulo"),
    ("beijing", "Asia/Shanghai"),
    ("china", "Asia/Shanghai"),
    ("japan", "Asia/Tokyo"),
    ("kyoto", "Asia/Tokyo"),
    ("osaka", "Asia/Tokyo"),
    ("korea", "Asia/Seoul"),
    ("mumbai", "Asia/Kolkata"),
    ("delhi", "Asia/Kolkata"),
    ("new delhi", "Asia/Kolkata"),
    ("bangalore", "Asia/Kolkata"),
    ("india", "Asia/Kolkata"),
    ("munich", "Europe/Berlin"),
    ("hamburg", "Europe/Berlin"),
    ("frankfurt", "Europe/Berlin"),
    ("cologne", "Europe/Berlin"),
    ("germany", "Europe/Berlin"),
    ("france", "Europe/Paris"),
    ("lyon", "Europe/Paris"),
    ("barcelona", "Europe/Madrid"),
    ("spain", "Europe/Madrid"),
    ("milan", "Europe/Rome"),
    ("venice", "Europe/Rome"),
    ("florence", "Europe/Rome"),
    ("italy", "Europe/Rome"),
    ("geneva", "Europe/Zurich"),
    ("switzerland", "Europe/Zurich"),
    ("austria", "Europe/Vienna"),
    ("portugal", "Europe/Lisbon"),
    ("england", "Europe/London"),
    ("scotland", "Europe/London"),
    ("edinburgh", "Europe/London"),
    ("manchester", "Europe/London"),
    ("ireland", "Europe/Dublin"),
    ("sweden", "Europe/Stockholm"),
    ("norway", "Europe/Oslo"),
    ("denmark", "Europe/Copenhagen"),
    ("finland", "Europe/Helsinki"),
    ("poland", "Europe/Warsaw"),
    ("greece", "Europe/Athens"),
    ("turkey", "Europe/Istanbul"),
    ("russia", "Europe/Moscow"),
    ("egypt", "Africa/Cairo"),
    ("cape town", "Africa/Johannesburg"),
    ("israel", "Asia/Jerusalem"),
    ("abu dhabi", "Asia/Dubai"),
    ("hawaii", "Pacific/Honolulu"),
    ("new zealand", "Pacific/Auckland"),
    ("utc", "UTC"),
    ("gmt", "UTC"),
];
