//! Countries and their states by the names they have in the languages that are understood, with their clocks.

use std::sync::LazyLock;

use crate::language::fold;

/// A country, or a state of one.
#[derive(Debug)]
pub(crate) struct Region {
    /// As in ISO 3166: `US`, `US-TX`.
    code: &'static str,
    /// Folded, the English one first.
    names: Vec<&'static str>,
    /// The names of its time zones, those where most people live first.
    pub(crate) zones: Vec<&'static str>,
}

impl Region {
    /// All that are called so: "Georgia" is a country and a state. Names of two letters must be written as such.
    pub(crate) fn named(name: &str) -> Vec<&'static Self> {
        let folded = fold(name);
        let wanted = folded.strip_prefix("the ").unwrap_or(&folded);
        let is_code = wanted.len() == 2 && name.trim().chars().filter(|c| c.is_alphabetic()).all(char::is_uppercase);
        let spoken = wanted.len() > 2 || wanted == "uk" || folded == "the us";
        let is_called = |region: &&Self| {
            let coded = is_code && region.code.eq_ignore_ascii_case(wanted);
            coded || ((is_code || spoken) && region.names.contains(&wanted))
        };
        REGIONS.iter().filter(is_called).collect()
    }

    /// Whether a place lies in it, by its country's code and name and by its state's name.
    pub(crate) fn holds(&self, country_code: Option<&str>, country: Option<&str>, state: Option<&str>) -> bool {
        let (own, of_state) = match self.code.split_once('-') {
            Some((country, _)) => (country, true),
            None => (self.code, false),
        };
        let is_called = |name: &str| self.names.contains(&fold(name).as_str());
        let by_code = country_code.map(|code| code.eq_ignore_ascii_case(own));
        if of_state {
            return by_code != Some(false) && state.is_some_and(is_called);
        }
        by_code.unwrap_or_else(|| country.is_some_and(is_called))
    }
}

/// Countries with the names that Unicode's CLDR has for them, then the states of some large ones.
static REGIONS: LazyLock<Vec<Region>> = LazyLock::new(|| {
    let region = |line: &'static str| {
        let mut fields = line.split('\t');
        let (code, names, zones) = (fields.next()?, fields.next()?, fields.next()?);
        Some(Region { code, names: names.split('|').collect(), zones: zones.split(' ').collect() })
    };
    include_str!("regions.txt").lines().filter_map(region).collect()
});

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    fn codes(name: &str) -> Vec<&str> {
        Region::named(name).iter().map(|region| region.code).collect()
    }

    #[test]
    fn countries_and_states_are_known_by_their_names() {
        for (name, expected) in [
            ("Deutschland", &["DE"][..]),
            ("the Netherlands", &["NL"]),
            ("États-Unis", &["US"]),
            ("Texas", &["US-TX"]),
            ("Georgia", &["GE", "US-GA"]),
            ("CA", &["CA", "US-CA"]),
            ("me", &[]),
            ("Atlantis", &[]),
        ] {
            assert_eq!(codes(name), expected, "{name}");
        }
    }

    #[test]
    fn a_state_is_told_from_a_country_of_the_same_name() {
        let regions = Region::named("Georgia");
        assert!(regions[1].holds(Some("US"), Some("United States"), Some("Georgia")));
        assert!(!regions[0].holds(Some("US"), Some("United States"), Some("Georgia")));
        assert!(!Region::named("Texas")[0].holds(Some("FR"), Some("France"), Some("Île-de-France")));
    }

    #[test]
    fn every_listed_zone_exists() {
        for region in REGIONS.iter() {
            for zone in &region.zones {
                assert!(TimeZone::get(zone).is_ok(), "{}: {zone}", region.code);
            }
        }
    }
}
