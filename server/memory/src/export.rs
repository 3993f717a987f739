//! All that is remembered of a user, as one JSON document that is never held in memory as a whole.

use futures::{StreamExt, stream::BoxStream};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Link, Memory, MemoryError, Timestamp, UserId,
    backend::{Backend, LinkPlace},
};

/// The pieces of an export; together they are one JSON document.
pub type ExportStream = BoxStream<'static, Result<String, MemoryError>>;

/// What the document says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Export {
    /// Always [`EXPORT_FORMAT`].
    pub format: String,
    /// Always [`EXPORT_VERSION`].
    pub version: u32,
    /// Whose memories they are.
    pub user: UserId,
    /// When it was asked for.
    pub exported_at: Timestamp,
    /// The memories, oldest first.
    pub memories: Vec<Memory>,
    /// The links between them.
    pub links: Vec<Link>,
}

/// What an export calls itself.
pub const EXPORT_FORMAT: &str = "colloquy-memory";
/// The version of the document's form.
pub const EXPORT_VERSION: u32 = 1;

/// The document in pieces of at most a few hundred entries.
pub(crate) fn stream<B: Backend>(backend: B, user: UserId, at: Timestamp) -> ExportStream {
    let writer = Writer { backend, key: 0, part: Part::Head { user, at }, first: true };
    futures::stream::try_unfold(writer, Writer::step).boxed()
}

struct Writer<B> {
    backend: B,
    key: i64,
    part: Part,
    /// Whether the list that is being written has no entry yet.
    first: bool,
}

enum Part {
    Head { user: UserId, at: Timestamp },
    Memories { after: i64 },
    Links { after: LinkPlace },
    Done,
}

impl<B: Backend> Writer<B> {
    async fn step(mut self) -> Result<Option<(String, Self)>, MemoryError> {
        let piece = match &self.part {
            Part::Head { user, at } => {
                let head = head(user, *at);
                let known = self.backend.user(user).await?;
                self.key = known.map_or(-1, |user| user.key);
                self.part = Part::Memories { after: -1 };
                head
            }
            Part::Memories { after } => {
                let records = self.backend.oldest_after(self.key, *after, PIECE).await?;
                if let Some(after) = records.last().map(|record| record.seq) {
                    self.part = Part::Memories { after };
                    self.entries(records.iter().map(|record| &record.memory))
                } else {
                    self.part = Part::Links { after: LinkPlace { from: -1, to: -1, relation: String::new() } };
                    self.first = true;
                    "],\"links\":[".to_owned()
                }
            }
            Part::Links { after } => {
                let links = self.backend.links_after(self.key, after, PIECE).await?;
                if let Some(after) = links.last().map(|(place, _)| place.clone()) {
                    self.part = Part::Links { after };
                    self.entries(links.iter().map(|(_, link)| link))
                } else {
                    self.part = Part::Done;
                    "]}".to_owned()
                }
            }
            Part::Done => return Ok(None),
        };
        Ok(Some((piece, self)))
    }

    fn entries<'a, T: Serialize + 'a>(&mut self, entries: impl Iterator<Item = &'a T>) -> String {
        let mut piece = String::new();
        for entry in entries {
            if !std::mem::take(&mut self.first) {
                piece.push(',');
            }
            piece.push_str(&json(entry));
        }
        piece
    }
}

fn head(user: &UserId, at: Timestamp) -> String {
    format!(
        "{{\"format\":{},\"version\":{EXPORT_VERSION},\"user\":{},\"exported_at\":{},\"memories\":[",
        json(&EXPORT_FORMAT),
        json(user),
        json(&at)
    )
}

/// Our own types have only strings for keys and no failing parts, so they can always be written.
fn json<T: Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned())
}

/// Entries in one piece.
const PIECE: usize = 200;
