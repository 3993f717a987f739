//! A call that goes on: whose it is, since when, and whether anybody sees it.

use crate::{Identity, Visitor};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// A call that goes on.
#[derive(Clone, Debug)]
pub(crate) struct Running {
    pub(crate) visitor: Visitor,
    /// What its seats are taken as.
    pub(crate) member: String,
    pub(crate) since: u64,
    /// Until when its time is counted.
    counted: u64,
    pub(crate) sight: Sight,
}

/// Whether anybody sees that a call goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sight {
    /// Nobody does. The last sign of it was then.
    Lost(u64),
    /// The upstream lets it be watched.
    Watched,
    /// The upstream itself says what it costs.
    Metered,
}

/// As it is kept in the store.
#[derive(Serialize, Deserialize)]
struct Written {
    who: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mail: Option<String>,
    address: IpAddr,
    member: String,
    since: u64,
}

impl Running {
    pub(crate) fn new(visitor: Visitor, member: String, now: u64) -> Self {
        Self { visitor, member, since: now, counted: now, sight: Sight::Lost(now) }
    }

    /// One that another server or an earlier process wrote down. What it has used until now is counted already, or lost.
    pub(crate) fn read(word: &str, now: u64) -> Option<Self> {
        let Written { who, mail, address, member, since } = serde_json::from_str(word).ok()?;
        let visitor = Visitor { address, identity: who.map(Identity::written), mail };
        Some(Self { since, ..Self::new(visitor, member, now) })
    }

    pub(crate) fn written(&self) -> String {
        let written = Written {
            who: self.visitor.identity.as_ref().map(|identity| identity.as_str().to_owned()),
            mail: self.visitor.mail.clone(),
            address: self.visitor.address,
            member: self.member.clone(),
            since: self.since,
        };
        // Texts and numbers always are JSON.
        serde_json::to_string(&written).unwrap_or_default()
    }

    /// Whether it is older than any call can be.
    pub(crate) fn is_over(&self, now: u64) -> bool {
        now.saturating_sub(self.since) > LONGEST
    }

    /// Whether there is reason to believe that it still goes on.
    pub(crate) fn is_believed(&self, now: u64) -> bool {
        match self.sight {
            Sight::Lost(at) => now <= at + UNSEEN,
            Sight::Watched | Sight::Metered => true,
        }
    }

    /// Marks its time as counted for as long as it is believed, and says how much that was.
    pub(crate) fn settle(&mut self, now: u64) -> u64 {
        let until = match self.sight {
            Sight::Lost(at) => now.min(at + UNSEEN),
            Sight::Watched | Sight::Metered => now,
        };
        let seconds = until.saturating_sub(self.counted);
        self.counted += seconds;
        seconds
    }
}

/// A session ends after an hour by itself.
const LONGEST: u64 = 61 * 60;

/// How long a call of which there is no sign is believed to go on. A page that is closed without a word leaves one.
const UNSEEN: u64 = 300;
