//! Those who talk, each with a token.

use std::fmt::Write;

/// Somebody who talks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct User(pub(crate) u64);

impl User {
    /// How many there are, so that a day's minute lasts each of them for the whole run.
    pub(crate) const COUNT: u64 = 1_000;
    /// Uses up the day's money.
    pub(crate) const SPENDER: Self = Self(Self::COUNT);
    /// Uses up the day's minutes.
    pub(crate) const TALKER: Self = Self(Self::COUNT + 1);
    /// Keeps a key until after the kill.
    pub(crate) const KEEPER: Self = Self(Self::COUNT + 2);

    pub(crate) fn token(self) -> String {
        format!("soak-token-of-user-number-{}", self.0)
    }

    /// The file of all tokens.
    pub(crate) fn tokens() -> String {
        (0..=Self::KEEPER.0).fold(String::new(), |mut file, number| {
            // Writing to a text does not fail.
            let _ = writeln!(file, "user{number}:{}", Self(number).token());
            file
        })
    }
}
