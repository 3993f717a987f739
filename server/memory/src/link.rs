//! How memories hang together: who decided what about which project, and in which turn it was said.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Kind, MemoryId, Origin, Relation, Timestamp};

/// A link between two memories of one user.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ExportedLink")]
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
