//! Putting what is told in a talk where it belongs: what is known already is not stored twice, a person, place or project
//! has one entry, and what comes from a turn is linked with it.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    Batch, Kind, Link, MemoryError, MemoryId, NewMemory, Origin, Relation, UserId,
    archive::{ATTEMPTS, Archive},
    backend::{Backend, NewRow, Record, TurnChange, User, VectorChange},
    error::StorageError,
    term::{Filter, Question, Terms, is_entry, says},
};

impl<B: Backend> Archive<B> {
    /// Takes out of a batch what says the same as a memory of its kind, which is as new as that from now on. Gives the
    /// ids of what was taken out, and what each of them is.
    pub(crate) async fn merge(
        &self,
        user: &UserId,
        batch: &mut Batch,
    ) -> Result<Vec<(MemoryId, MemoryId)>, MemoryError> {
        let mut same: Vec<(MemoryId, MemoryId)> = Vec::new();
        let known = match self.backend.user(user).await? {
            Some(known) => self.said_already(&known, &batch.memories).await?,
            None => BTreeMap::new(),
        };
        let mut said: Vec<(String, MemoryId)> = Vec::new();
        for new in std::mem::take(&mut batch.memories) {
            let says_now = says(new.kind, new.subject.as_deref(), &new.text);
            if new.kind == Kind::Turn {
                batch.memories.push(new);
            } else if let Some((_, id)) = said.iter().find(|(other, id)| *other == says_now && *id != new.id) {
                same.push((new.id, id.clone()));
            } else if let Some(id) = known.get(&says_now).filter(|id| **id != new.id)
                && self.renew(user, id, &new).await?
            {
                said.push((says_now, id.clone()));
                same.push((new.id, id.clone()));
            } else {
                said.push((says_now, new.id.clone()));
                batch.memories.push(new);
            }
        }
        let ids: BTreeMap<&MemoryId, &MemoryId> = same.iter().map(|(id, is)| (id, is)).collect();
        for Link { from, to, .. } in &mut batch.links {
            for end in [from, to] {
                if let Some(is) = ids.get(end) {
                    *end = MemoryId::clone(is);
                }
            }
        }
        batch.links.retain(|link| link.from != link.to);
        Ok(same)
    }

    /// What of this is remembered already, by what it says.
    async fn said_already(&self, user: &User, new: &[NewMemory]) -> Result<BTreeMap<String, MemoryId>, StorageError> {
        let terms = Terms::salted(user.salt);
        let whole = |new: &NewMemory| terms.whole(&says(new.kind, new.subject.as_deref(), &new.text));
        let questions: Vec<Question> =
            new.iter().map(|new| Question::new(terms, vec![whole(new)], &Filter::ALL)).collect();
        let postings = self.backend.postings(user.key, &questions, SAME).await?;
        let records = self.backend.records(user.key, &postings.concat()).await?;
        let said =
            |Record { memory, .. }: Record| (says(memory.kind, memory.subject.as_deref(), &memory.text), memory.id);
        Ok(records.into_iter().map(said).collect())
    }

    /// A memory has been said again; false when it is gone by now. What names something stays with the talk that it
    /// came from first, and is personal only as long as it is never told otherwise.
    async fn renew(&self, user: &UserId, id: &MemoryId, said: &NewMemory) -> Result<bool, MemoryError> {
        for _ in 0..ATTEMPTS {
            let Some((known, record)) = self.known(user, id).await? else { return Ok(false) };
            let mut memory = record.memory.clone();
            memory.updated = memory.updated.max(said.at);
            if is_entry(memory.kind) {
                memory.restricted &= said.restricted;
            } else {
                memory.restricted |= said.restricted;
                memory.origin.clone_from(&said.origin);
            }
            if self.rewrite(&known, &record, &memory, (VectorChange::Keep, TurnChange::Keep)).await? {
                self.indexes.written(user).await;
                return Ok(true);
            }
        }
        Err(StorageError::contended().into())
    }

    /// Links that the turns themselves say: what comes from one is linked with its entry.
    pub(crate) async fn links_of_turns(
        &self,
        user: i64,
        origins: &BTreeSet<Origin>,
        rows: &[NewRow],
    ) -> Result<Vec<Link>, StorageError> {
        let mut links = Vec::new();
        for origin in origins {
            let mut there = self.backend.of_turn(user, origin, TOLD_AT_MOST).await?;
            let new = rows.iter().map(|row| &row.memory).filter(|memory| memory.origin.as_ref() == Some(origin));
            there.extend(new.map(|memory| (memory.id.clone(), memory.kind)));
            let (turns, others): (Vec<_>, Vec<_>) = there.into_iter().partition(|(_, kind)| *kind == Kind::Turn);
            for (turn, _) in &turns {
                let said_in = |(id, _): &(MemoryId, Kind)| Link {
                    from: id.clone(),
                    relation: Relation::MentionedIn,
                    to: turn.clone(),
                };
                links.extend(others.iter().map(said_in));
            }
        }
        Ok(links)
    }
}

/// The most memories that count as told together in a talk.
pub(crate) const TOLD_AT_MOST: usize = 64;
/// How many memories that may say the same are looked at.
const SAME: usize = 4;
