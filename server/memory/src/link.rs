//! How memories hang together: who decided what about which project, and in which turn it was said.

use serde::{Deserialize, Serialize};

use crate::{Kind, MemoryId, Origin, Timestamp};

/// What a link says of its two ends, read "from … to".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// A decision was taken by a person.
    DecidedBy,
    /// Something is about a project, person, place or fact.
    About,
    /// Something was said in a turn.
    MentionedIn,
    /// A person takes part in something.
    Involves,
    /// A to-do is to be done by a person.
    AssignedTo,
    /// A newer memory replaces an older one.
    Replaces,
    /// They belong together in some other way.
    RelatedTo,
}

impl Relation {
    /// All relations.
    pub const ALL: [Self; 7] = [
        Self::DecidedBy,
        Self::About,
        Self::MentionedIn,
        Self::Involves,
        Self::AssignedTo,
        Self::Replaces,
        Self::RelatedTo,
    ];

    /// The name that is stored and sent.
    pub const fn name(self) -> &'static str {
        match self {
            Self::DecidedBy => "decided_by",
            Self::About => "about",
            Self::MentionedIn => "mentioned_in",
            Self::Involves => "involves",
            Self::AssignedTo => "assigned_to",
            Self::Replaces => "replaces",
            Self::RelatedTo => "related_to",
        }
    }

    /// The relation with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|relation| relation.name() == name)
    }
}

/// A link between two memories of one user.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Link {
    /// The memory it goes out from.
    pub from: MemoryId,
    /// What it says.
    pub relation: Relation,
    /// The memory it points to.
    pub to: MemoryId,
}

/// Which end of a link one looks from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// The link goes out from the memory that is looked at.
    Outgoing,
    /// The link points to the memory that is looked at.
    Incoming,
}

/// A memory seen through a link of another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Linked {
    /// What the link says.
    pub relation: Relation,
    /// Which way the link goes.
    pub direction: Direction,
    /// The memory at the other end.
    pub id: MemoryId,
    /// What sort of thing it is.
    pub kind: Kind,
    /// Its text.
    pub text: String,
    /// The turn it comes from.
    pub origin: Option<Origin>,
    /// When it was said.
    pub created: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_relation_is_found_by_its_name_and_is_sent_by_it() {
        for relation in Relation::ALL {
            assert_eq!(Relation::from_name(relation.name()), Some(relation));
            assert_eq!(serde_json::to_string(&relation).unwrap(), format!("\"{}\"", relation.name()));
        }
    }
}
