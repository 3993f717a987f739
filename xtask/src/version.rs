//! Versions of tools, as the tools print them.

use std::fmt;

/// Up to three numbers; what is missing counts as zero, what follows them is ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version(pub(crate) u32, pub(crate) u32, pub(crate) u32);

impl Version {
    /// The first word that starts with a digit, such as `132` in `wasm-opt version 132 (version_132)`.
    pub(crate) fn find(text: &str) -> Option<Self> {
        text.split_whitespace()
            .map(|word| word.trim_start_matches('v'))
            .find(|word| word.starts_with(|first: char| first.is_ascii_digit()))
            .and_then(Self::parse)
    }

    /// `1`, `1.2`, `1.2.3`, or one of these followed by `-…` or `+…`.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        let numbers = word.split(['-', '+']).next()?;
        let mut parts = numbers.split('.').map(str::parse::<u32>);
        let first = parts.next()?.ok()?;
        let second = parts.next().transpose().ok()?.unwrap_or(0);
        let third = parts.next().transpose().ok()?.unwrap_or(0);
        Some(Self(first, second, third))
    }

    /// Same first and second number.
    pub(crate) fn is_same_series(self, other: Self) -> bool {
        (self.0, self.1) == (other.0, other.1)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}.{}", self.0, self.1, self.2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found_in_what_tools_print() {
        assert_eq!(Version::find("trunk 0.21.14"), Some(Version(0, 21, 14)));
        assert_eq!(Version::find("wasm-opt version 132 (version_132)"), Some(Version(132, 0, 0)));
        assert_eq!(Version::find("Chromium 156.0.8078.79 built on Debian"), Some(Version(156, 0, 8078)));
        assert_eq!(Version::find("v20.19.2"), Some(Version(20, 19, 2)));
        assert_eq!(Version::find("no number here"), None);
    }

    #[test]
    fn later_versions_are_greater_number_by_number() {
        assert!(Version(0, 21, 14) > Version(0, 21, 9));
        assert!(Version(116, 0, 0) < Version(132, 0, 0));
        assert!(Version(1, 0, 0) > Version(0, 99, 99));
    }

    #[test]
    fn what_follows_the_numbers_is_ignored() {
        assert_eq!(Version::parse("0.22.0-beta.1"), Some(Version(0, 22, 0)));
        assert_eq!(Version::parse("1.x"), None);
    }

    #[test]
    fn a_series_is_the_first_two_numbers() {
        assert!(Version(0, 21, 3).is_same_series(Version(0, 21, 14)));
        assert!(!Version(0, 22, 1).is_same_series(Version(0, 21, 14)));
    }
}
