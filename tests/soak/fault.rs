//! What goes wrong at the vendor, and how often.

use crate::dice::Dice;

/// One thing that goes wrong with one request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
    /// 429 with this `retry-after`, in seconds.
    Busy(&'static str),
    /// 429, because the account is empty.
    NoCredit,
    /// This status.
    Fails(u16),
    /// No answer at all.
    Hangs,
    /// What was asked is done, and the answer trickles.
    Slow,
    /// What was asked is done, and the answer is not what it should be.
    Malformed,
    /// What was asked is done, and the answer breaks off in the middle.
    Closes,
}

impl Fault {
    /// One request in five meets one.
    pub(crate) fn draw(dice: &mut Dice) -> Option<Self> {
        match dice.roll(200) {
            0..=3 => Some(Self::Busy("0")),
            4..=7 => Some(Self::Busy("1")),
            8..=10 => Some(Self::Busy("30")),
            11 => Some(Self::NoCredit),
            12..=16 => Some(Self::Fails(500)),
            17..=20 => Some(Self::Fails(503)),
            21..=22 => Some(Self::Hangs),
            23..=30 => Some(Self::Slow),
            31..=35 => Some(Self::Malformed),
            36..=39 => Some(Self::Closes),
            _ => None,
        }
    }

    /// What the table calls it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Busy(_) => "busy (429)",
            Self::NoCredit => "no credit (429)",
            Self::Fails(500) => "failed (500)",
            Self::Fails(_) => "failed (503)",
            Self::Hangs => "no answer",
            Self::Slow => "slow answer",
            Self::Malformed => "malformed answer",
            Self::Closes => "answer broken off",
        }
    }
}
