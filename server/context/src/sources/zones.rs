//! The clocks of a place by its name.

use std::{collections::BTreeMap, sync::LazyLock};

use jiff::{
    Timestamp,
    tz::{self, Offset, TimeZone},
};

use crate::{language::fold, place::Place, regions::Region};

/// The clocks of a place, each once; of a place in several zones, those where most people live first. None: it is not
/// known where it is.
pub(crate) fn clocks_of(place: &Place, now: Timestamp) -> Vec<TimeZone> {
    let town = zone_of(place.name());
    if place.regions.is_empty() {
        return town.map_or_else(|| of_regions(&Region::named(place.name()), now), |zone| vec![zone]);
    }
    // A town that is known elsewhere is another one: the region counts, which may have several clocks.
    let of_region = of_regions(place.regions.first().map_or(&[][..], Vec::as_slice), now);
    match town.filter(|town| of_region.iter().any(|zone| offset(zone, now) == offset(town, now))) {
        Some(town) => vec![town],
        None => of_region,
    }
}

/// Whether it is a town whose time zone we know.
pub(crate) fn is_known_town(name: &str) -> bool {
    zone_of(name).is_some()
}

fn of_regions(regions: &[&Region], now: Timestamp) -> Vec<TimeZone> {
    let mut clocks: Vec<TimeZone> = Vec::new();
    for zone in regions.iter().flat_map(|region| &region.zones).filter_map(|name| TimeZone::get(name).ok()) {
        if clocks.iter().all(|other| offset(other, now) != offset(&zone, now)) {
            clocks.push(zone);
        }
    }
    clocks
}

fn offset(zone: &TimeZone, now: Timestamp) -> Offset {
    zone.to_offset(now)
}

/// The zone of a town: an IANA name, a city that a zone is named after, or a well-known city.
fn zone_of(place: &str) -> Option<TimeZone> {
    let place = place.trim();
    let wanted = fold(place);
    let wanted = wanted.strip_prefix("the ").unwrap_or(&wanted);
    if let Some((_, zone)) = PLACES.iter().find(|(names, _)| names.split('|').any(|name| name == wanted)) {
        return TimeZone::get(zone).ok();
    }
    if place.contains('/') || wanted == "utc" || wanted == "gmt" {
        return TimeZone::get(&place.replace(' ', "_")).ok();
    }
    TimeZone::get(CITIES.get(wanted)?).ok()
}

/// The cities that zones are named after, and the names of the zones.
static CITIES: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let city = |name: String| {
        let (area, city) = name.rsplit_once('/')?;
        let city = fold(&city.replace('_', " "));
        let continent = area.split('/').next().is_some_and(|area| CONTINENTS.contains(&area));
        (continent && !POINTS.contains(&city.as_str())).then_some((city, name))
    };
    tz::db().available().map(|name| name.to_string()).filter_map(city).collect()
});

const CONTINENTS: &[&str] =
    &["Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific", "Arctic"];
/// Of Australia's old names of zones.
const POINTS: &[&str] = &["north", "south", "west", "act", "nsw", "center", "easter"];

/// Places that no zone is named after, or whose name several zones share.
const PLACES: &[(&str, &str)] = &[
    (
        "munich|munchen|hamburg|cologne|koln|frankfurt|stuttgart|dusseldorf|leipzig|dresden|nuremberg|bremen|hanover",
        "Europe/Berlin",
    ),
    ("salzburg|graz|innsbruck|linz", "Europe/Vienna"),
    ("geneva|basel|bern|lausanne", "Europe/Zurich"),
    ("lyon|marseille|nice|toulouse|bordeaux|strasbourg", "Europe/Paris"),
    ("barcelona|valencia|seville|bilbao|malaga", "Europe/Madrid"),
    ("porto|faro", "Europe/Lisbon"),
    ("milan|naples|turin|florence|venice|bologna", "Europe/Rome"),
    ("manchester|edinburgh|glasgow|oxford|cambridge|bristol|leeds|liverpool|birmingham", "Europe/London"),
    ("cork|galway", "Europe/Dublin"),
    ("rotterdam|the hague|utrecht|eindhoven", "Europe/Amsterdam"),
    ("antwerp|ghent|bruges", "Europe/Brussels"),
    ("aarhus", "Europe/Copenhagen"),
    ("gothenburg|malmo", "Europe/Stockholm"),
    ("bergen", "Europe/Oslo"),
    ("tampere", "Europe/Helsinki"),
    ("krakow|cracow|gdansk|wroclaw", "Europe/Warsaw"),
    ("brno", "Europe/Prague"),
    ("thessaloniki", "Europe/Athens"),
    ("ankara|izmir", "Europe/Istanbul"),
    ("kiev|kyiv|lviv|odesa", "Europe/Kyiv"),
    ("saint petersburg|st petersburg", "Europe/Moscow"),
    (
        "boston|washington|washington dc|philadelphia|miami|atlanta|orlando|pittsburgh|cleveland|east coast|charlotte|baltimore",
        "America/New_York",
    ),
    (
        "houston|dallas|austin|san antonio|minneapolis|new orleans|st louis|kansas city|nashville|milwaukee",
        "America/Chicago",
    ),
    ("salt lake city|albuquerque", "America/Denver"),
    ("tucson", "America/Phoenix"),
    (
        "san francisco|la|san diego|seattle|portland|las vegas|silicon valley|bay area|san jose|sacramento|oakland|palo alto|west coast",
        "America/Los_Angeles",
    ),
    ("ottawa|montreal", "America/Toronto"),
    ("calgary", "America/Edmonton"),
    ("guadalajara", "America/Mexico_City"),
    ("rio de janeiro|rio|brasilia", "America/Sao_Paulo"),
    ("medellin", "America/Bogota"),
    ("osaka|kyoto|nagoya|sapporo|yokohama|fukuoka", "Asia/Tokyo"),
    ("busan", "Asia/Seoul"),
    ("beijing|shenzhen|guangzhou|hangzhou|chengdu|wuhan", "Asia/Shanghai"),
    ("mumbai|bombay|delhi|new delhi|bangalore|bengaluru|chennai|hyderabad|pune|calcutta|goa|ahmedabad", "Asia/Kolkata"),
    ("lahore|islamabad", "Asia/Karachi"),
    ("kathmandu", "Asia/Kathmandu"),
    ("phuket|chiang mai", "Asia/Bangkok"),
    ("hanoi|saigon|ho chi minh city", "Asia/Ho_Chi_Minh"),
    ("abu dhabi", "Asia/Dubai"),
    ("mecca|jeddah", "Asia/Riyadh"),
    ("tel aviv|haifa", "Asia/Jerusalem"),
    ("bali|denpasar", "Asia/Makassar"),
    ("canberra", "Australia/Sydney"),
    ("gold coast", "Australia/Brisbane"),
    ("wellington|christchurch", "Pacific/Auckland"),
    ("cape town|durban|pretoria", "Africa/Johannesburg"),
    ("alexandria", "Africa/Cairo"),
    ("abuja", "Africa/Lagos"),
    ("marrakesh|marrakech|rabat", "Africa/Casablanca"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn names(place: &str) -> Vec<String> {
        let now = "2026-11-21T03:05:00Z".parse().unwrap();
        clocks_of(&Place::read(place), now).iter().filter_map(|zone| zone.iana_name().map(str::to_owned)).collect()
    }

    #[test]
    fn cities_countries_and_zone_names_are_known() {
        for (place, zone) in [
            ("Tokyo", "Asia/Tokyo"),
            ("new york", "America/New_York"),
            ("America/New_York", "America/New_York"),
            ("São Paulo", "America/Sao_Paulo"),
            ("Munich, Germany", "Europe/Berlin"),
            ("the Netherlands", "Europe/Amsterdam"),
            ("UTC", "UTC"),
            ("Tokio", "Asia/Tokyo"),
            ("Deutschland", "Europe/Berlin"),
            ("the south", ""),
            ("Atlantis", ""),
        ] {
            assert_eq!(names(place).first().map_or("", String::as_str), zone, "{place}");
        }
    }

    #[test]
    fn the_region_says_which_town_is_meant() {
        for (place, zones) in [
            ("Portland, Maine", &["America/New_York"][..]),
            ("Portland Maine", &["America/New_York"]),
            ("Portland, Oregon", &["America/Los_Angeles"]),
            // Montenegro has the same letters.
            ("Portland, ME", &["Europe/Podgorica", "America/New_York"]),
            ("Cambridge, Massachusetts", &["America/New_York"]),
            ("Sydney Australia", &["Australia/Sydney"]),
            ("Athens, Greece", &["Europe/Athens"]),
            ("Toronto, CA", &["America/Toronto"]),
            // Which of the clocks it is, a list of regions does not know.
            ("Athens, Georgia", &["Asia/Tbilisi", "America/New_York"]),
            ("Paris, Texas", &["America/Chicago", "America/Denver"]),
            ("Paris, Grimsby County", &[]),
        ] {
            assert_eq!(names(place), zones, "{place}");
        }
    }

    #[test]
    fn a_large_country_has_all_its_clocks() {
        assert_eq!(names("Canada").len(), 6);
        assert!(names("Australia").contains(&"Australia/Perth".to_owned()));
    }

    #[test]
    fn every_listed_zone_exists() {
        for (places, zone) in PLACES {
            assert!(TimeZone::get(zone).is_ok(), "{places}: {zone}");
        }
    }
}
