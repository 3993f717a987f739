//! The time zone of a place by its name.

use jiff::tz::{self, TimeZone};

use crate::words::normalise;

/// The zone of a place: an IANA name, a city that a zone is named after, or a well-known city or country.
pub(crate) fn zone_of(place: &str) -> Option<TimeZone> {
    let place = place.trim();
    let first = place.split(',').next().unwrap_or(place);
    let wanted = fold(first);
    let wanted = wanted.strip_prefix("the ").unwrap_or(&wanted);
    if let Some((_, zone)) = PLACES.iter().find(|(names, _)| names.split('|').any(|name| name == wanted)) {
        return TimeZone::get(zone).ok();
    }
    if place.contains('/') || wanted == "utc" || wanted == "gmt" {
        return TimeZone::get(&place.replace(' ', "_")).ok();
    }
    let names: Vec<String> = tz::db().available().map(|name| name.to_string()).collect();
    let found = names.iter().find(|name| name.rsplit_once('/').is_some_and(|(_, city)| fold(city) == wanted))?;
    TimeZone::get(found).ok()
}

/// Lower case without the accents that are commonest in names of cities.
fn fold(name: &str) -> String {
    let plain: String = name
        .to_lowercase()
        .chars()
        .map(|character| match character {
            'á' | 'à' | 'â' | 'ã' | 'ä' | 'å' => 'a',
            'é' | 'è' | 'ê' | 'ë' => 'e',
            'í' | 'ì' | 'î' | 'ï' => 'i',
            'ó' | 'ò' | 'ô' | 'õ' | 'ö' | 'ø' => 'o',
            'ú' | 'ù' | 'û' | 'ü' => 'u',
            'ç' => 'c',
            'ñ' => 'n',
            '_' => ' ',
            other => other,
        })
        .collect();
    normalise(&plain)
}

/// Places that no zone is named after, or whose name several zones share.
const PLACES: &[(&str, &str)] = &[
    (
        "germany|munich|munchen|hamburg|cologne|koln|frankfurt|stuttgart|dusseldorf|leipzig|dresden|nuremberg|bremen|hanover",
        "Europe/Berlin",
    ),
    ("austria|salzburg|graz|innsbruck|linz", "Europe/Vienna"),
    ("switzerland|geneva|basel|bern|lausanne", "Europe/Zurich"),
    ("france|lyon|marseille|nice|toulouse|bordeaux|strasbourg", "Europe/Paris"),
    ("spain|barcelona|valencia|seville|bilbao|malaga", "Europe/Madrid"),
    ("portugal|porto|faro", "Europe/Lisbon"),
    ("italy|milan|naples|turin|florence|venice|bologna", "Europe/Rome"),
    (
        "england|uk|united kingdom|britain|scotland|wales|manchester|edinburgh|glasgow|oxford|cambridge|bristol|leeds|liverpool|birmingham",
        "Europe/London",
    ),
    ("ireland|cork|galway", "Europe/Dublin"),
    ("netherlands|holland|rotterdam|the hague|utrecht|eindhoven", "Europe/Amsterdam"),
    ("belgium|antwerp|ghent|bruges", "Europe/Brussels"),
    ("denmark|aarhus", "Europe/Copenhagen"),
    ("sweden|gothenburg|malmo", "Europe/Stockholm"),
    ("norway|bergen", "Europe/Oslo"),
    ("finland|tampere", "Europe/Helsinki"),
    ("poland|krakow|cracow|gdansk|wroclaw", "Europe/Warsaw"),
    ("czechia|czech republic|brno", "Europe/Prague"),
    ("hungary", "Europe/Budapest"),
    ("romania", "Europe/Bucharest"),
    ("greece|thessaloniki", "Europe/Athens"),
    ("turkey|ankara|izmir", "Europe/Istanbul"),
    ("ukraine|kiev|kyiv|lviv|odesa", "Europe/Kyiv"),
    ("russia|saint petersburg|st petersburg", "Europe/Moscow"),
    ("iceland", "Atlantic/Reykjavik"),
    (
        "new york city|nyc|boston|washington|washington dc|philadelphia|miami|atlanta|orlando|pittsburgh|cleveland|east coast|charlotte|baltimore",
        "America/New_York",
    ),
    (
        "texas|houston|dallas|austin|san antonio|minneapolis|new orleans|st louis|kansas city|nashville|milwaukee",
        "America/Chicago",
    ),
    ("colorado|salt lake city|albuquerque", "America/Denver"),
    ("arizona|tucson", "America/Phoenix"),
    (
        "california|san francisco|la|san diego|seattle|portland|las vegas|silicon valley|san jose|sacramento|oakland|palo alto|west coast",
        "America/Los_Angeles",
    ),
    ("hawaii", "Pacific/Honolulu"),
    ("alaska", "America/Anchorage"),
    ("quebec|ottawa|montreal", "America/Toronto"),
    ("calgary", "America/Edmonton"),
    ("mexico|guadalajara", "America/Mexico_City"),
    ("brazil|rio de janeiro|rio|brasilia", "America/Sao_Paulo"),
    ("argentina", "America/Argentina/Buenos_Aires"),
    ("chile", "America/Santiago"),
    ("colombia|medellin", "America/Bogota"),
    ("peru", "America/Lima"),
    ("japan|osaka|kyoto|nagoya|sapporo|yokohama|fukuoka", "Asia/Tokyo"),
    ("korea|south korea|busan", "Asia/Seoul"),
    ("china|beijing|shenzhen|guangzhou|hangzhou|chengdu|wuhan", "Asia/Shanghai"),
    ("taiwan", "Asia/Taipei"),
    (
        "india|mumbai|bombay|delhi|new delhi|bangalore|bengaluru|chennai|hyderabad|pune|calcutta|goa|ahmedabad",
        "Asia/Kolkata",
    ),
    ("pakistan|lahore|islamabad", "Asia/Karachi"),
    ("bangladesh", "Asia/Dhaka"),
    ("nepal|kathmandu", "Asia/Kathmandu"),
    ("sri lanka", "Asia/Colombo"),
    ("thailand|phuket|chiang mai", "Asia/Bangkok"),
    ("vietnam|hanoi|saigon|ho chi minh city", "Asia/Ho_Chi_Minh"),
    ("philippines", "Asia/Manila"),
    ("malaysia", "Asia/Kuala_Lumpur"),
    ("uae|emirates|abu dhabi", "Asia/Dubai"),
    ("saudi arabia|mecca|jeddah", "Asia/Riyadh"),
    ("israel|tel aviv|haifa", "Asia/Jerusalem"),
    ("iran", "Asia/Tehran"),
    ("bali|denpasar", "Asia/Makassar"),
    ("canberra", "Australia/Sydney"),
    ("gold coast", "Australia/Brisbane"),
    ("new zealand|wellington|christchurch", "Pacific/Auckland"),
    ("south africa|cape town|durban|pretoria", "Africa/Johannesburg"),
    ("egypt|alexandria", "Africa/Cairo"),
    ("nigeria|abuja", "Africa/Lagos"),
    ("kenya", "Africa/Nairobi"),
    ("ghana", "Africa/Accra"),
    ("ethiopia", "Africa/Addis_Ababa"),
    ("morocco|marrakesh|marrakech|rabat", "Africa/Casablanca"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn name(place: &str) -> Option<String> {
        zone_of(place).and_then(|zone| zone.iana_name().map(str::to_owned))
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
        ] {
            assert_eq!(name(place).as_deref(), Some(zone), "{place}");
        }
        assert_eq!(name("Atlantis"), None);
    }

    #[test]
    fn every_listed_zone_exists() {
        for (places, zone) in PLACES {
            assert!(TimeZone::get(zone).is_ok(), "{places}: {zone}");
        }
    }
}
