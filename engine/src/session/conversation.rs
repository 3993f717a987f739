//! The items of a talk, in order.

use protocol::{Content, FieldError, ITEM_OBJECT, Item, ItemId, ItemStatus, Message, Role, code};
use std::time::Duration;

/// The items of a talk, and what is known about them beside what they show.
#[derive(Debug, Default)]
pub(crate) struct Conversation {
    entries: Vec<Entry>,
    /// The size of all items, in bytes on the wire.
    size: usize,
}

#[derive(Debug)]
struct Entry {
    item: Item,
    size: usize,
    heard: Heard,
    /// How long an assistant's speech is, once it is made.
    length: Option<Duration>,
}

/// What the recogniser understood of a spoken item, also where the session does not want to be told.
#[derive(Debug)]
enum Heard {
    /// It was not asked.
    NotAsked,
    /// Nothing.
    Nothing,
    /// These words.
    Words(String),
}

impl Conversation {
    /// Every item, in order.
    pub(crate) fn items(&self) -> impl Iterator<Item = &Item> {
        self.entries.iter().map(|entry| &entry.item)
    }

    /// One item.
    pub(crate) fn get(&self, id: &ItemId) -> Option<&Item> {
        self.items().find(|item| item.id() == Some(id))
    }

    /// The item before this one.
    pub(crate) fn previous_of(&self, id: &ItemId) -> Option<ItemId> {
        self.id_at(self.position(id)?.checked_sub(1)?)
    }

    /// Adds an item at the end; gives the id of the item before it. The oldest items go when there is too much.
    pub(crate) fn append(&mut self, item: Item) -> Option<ItemId> {
        let previous = self.entries.len().checked_sub(1).and_then(|at| self.id_at(at));
        self.add(self.entries.len(), item);
        previous
    }

    /// Adds an item where a client wants it; gives the id of the item before it.
    ///
    /// # Errors
    /// The place does not exist, or the id does already.
    pub(crate) fn insert(&mut self, item: Item, after: Option<&ItemId>) -> Result<Option<ItemId>, FieldError> {
        if let Some(id) = item.id().filter(|id| self.get(id).is_some()) {
            return Err(refused("item.id", format!("An item with the id '{id}' already exists.")));
        }
        let at = match after {
            None => self.entries.len(),
            Some(id) if id.as_str() == "root" => 0,
            Some(id) => {
                let missing = || refused("previous_item_id", format!("There is no item with the id '{id}'."));
                self.position(id).ok_or_else(missing)? + 1
            }
        };
        let previous = at.checked_sub(1).and_then(|at| self.id_at(at));
        self.add(at, item);
        Ok(previous)
    }

    /// Removes an item.
    ///
    /// # Errors
    /// There is no such item.
    pub(crate) fn delete(&mut self, id: &ItemId) -> Result<(), FieldError> {
        let at = self.position(id).ok_or_else(|| no_item(id))?;
        self.remove(at);
        Ok(())
    }

    /// Replaces an assistant's item by what became of it, `length` of speech or text.
    pub(crate) fn replace(&mut self, item: Item, length: Duration) {
        let Some(id) = item.id().cloned() else { return };
        let Some(at) = self.position(&id) else { return };
        self.remove(at);
        self.add(at, item);
        // The oldest may have had to make room, so that its place is another one.
        if let Some(entry) = self.position(&id).and_then(|at| self.entries.get_mut(at)) {
            entry.length = Some(length);
        }
    }

    /// How long an assistant's speech is; `None` for every other item.
    pub(crate) fn length_of(&self, id: &ItemId) -> Option<Duration> {
        let entry = self.entries.get(self.position(id)?)?;
        let Item::Message(message) = &entry.item else { return None };
        let spoken = message.content.iter().any(|part| matches!(part, Content::OutputAudio { .. }));
        entry.length.filter(|_| spoken)
    }

    /// Removes the words of an assistant's spoken item, as the service does when audio is cut, and notes what is left.
    pub(crate) fn truncate(&mut self, id: &ItemId, length: Duration) {
        let Some(entry) = self.position(id).and_then(|at| self.entries.get_mut(at)) else { return };
        entry.length = Some(length);
        if let Item::Message(message) = &mut entry.item {
            for part in &mut message.content {
                if let Content::OutputAudio { transcript, .. } = part {
                    *transcript = Some(String::new());
                }
            }
        }
    }

    /// Notes what the recogniser understood of a spoken item. `told` puts it into the item too.
    pub(crate) fn understand(&mut self, id: &ItemId, words: Option<String>, told: bool) {
        let Some(entry) = self.position(id).and_then(|at| self.entries.get_mut(at)) else { return };
        if let (true, Item::Message(message)) = (told, &mut entry.item) {
            for part in &mut message.content {
                if let Content::InputAudio { transcript, .. } = part {
                    transcript.clone_from(&words);
                }
            }
        }
        entry.heard = words.map_or(Heard::Nothing, Heard::Words);
    }

    /// What a message says: `None` for speech that was not understood.
    pub(crate) fn words_of(&self, message: &Message) -> Option<String> {
        let at = message.id.as_ref().and_then(|id| self.position(id));
        match at.and_then(|at| self.entries.get(at)).map_or(&Heard::NotAsked, |entry| &entry.heard) {
            Heard::Words(words) => Some(words.clone()),
            Heard::Nothing => None,
            Heard::NotAsked => {
                let unheard = |part: &Content| matches!(part, Content::InputAudio { transcript: None, .. });
                let said = message.content.is_empty() || !message.content.iter().all(unheard);
                said.then(|| message.words())
            }
        }
    }

    fn position(&self, id: &ItemId) -> Option<usize> {
        self.items().position(|item| item.id() == Some(id))
    }

    fn id_at(&self, at: usize) -> Option<ItemId> {
        self.entries.get(at)?.item.id().cloned()
    }

    fn add(&mut self, at: usize, item: Item) {
        let size = serde_json::to_string(&item).map_or(0, |text| text.len());
        self.size += size;
        self.entries.insert(at, Entry { item, size, heard: Heard::NotAsked, length: None });
        while self.entries.len() > MAX_ITEMS || (self.size > MAX_SIZE && self.entries.len() > 1) {
            self.remove(0);
        }
    }

    fn remove(&mut self, at: usize) {
        self.size -= self.entries.remove(at).size;
    }
}

/// An item as the service shows it: with its id, and complete.
pub(crate) fn completed(item: Item, id: ItemId) -> Item {
    let (id, object, status) = (Some(id), Some(ITEM_OBJECT.to_owned()), Some(ItemStatus::Completed));
    match item {
        Item::Message(item) => Item::Message(Message { id, object, status, ..item }),
        Item::FunctionCall(item) => Item::FunctionCall(protocol::FunctionCall { id, object, status, ..item }),
        Item::FunctionCallOutput(item) => {
            Item::FunctionCallOutput(protocol::FunctionCallOutput { id, object, status, ..item })
        }
        Item::McpListTools(item) => Item::McpListTools(protocol::McpItem { id, ..item }),
        Item::McpCall(item) => Item::McpCall(protocol::McpItem { id, ..item }),
        Item::McpApprovalRequest(item) => Item::McpApprovalRequest(protocol::McpItem { id, ..item }),
        Item::McpApprovalResponse(item) => Item::McpApprovalResponse(protocol::McpItem { id, ..item }),
        other @ (Item::Reference(_) | Item::Unknown { .. }) => other,
    }
}

/// A user's spoken item, whose words are not known yet.
pub(crate) fn spoken(id: ItemId) -> Item {
    message(id, Role::User, ItemStatus::Completed, vec![Content::InputAudio { audio: None, transcript: None }])
}

/// A message of the service's own making.
pub(crate) fn message(id: ItemId, role: Role, status: ItemStatus, content: Vec<Content>) -> Item {
    Item::Message(Message { id: Some(id), object: Some(ITEM_OBJECT.into()), status: Some(status), role, content })
}

/// There is no such item.
pub(crate) fn no_item(id: &ItemId) -> FieldError {
    refused("item_id", format!("There is no item with the id '{id}'."))
}

/// A value that cannot be used.
pub(crate) fn refused(param: &str, message: String) -> FieldError {
    FieldError { code: code::INVALID_VALUE, param: param.into(), message }
}

/// The most items a talk keeps.
const MAX_ITEMS: usize = 1000;

/// The most bytes that its items may be on the wire.
const MAX_SIZE: usize = 2 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_goes_where_the_client_wants_it() {
        let mut talk = Conversation::default();
        assert_eq!(talk.insert(item("a"), None), Ok(None));
        assert_eq!(talk.insert(item("b"), None), Ok(Some("a".into())));
        assert_eq!(talk.insert(item("c"), Some(&"root".into())), Ok(None));
        assert_eq!(talk.insert(item("d"), Some(&"a".into())), Ok(Some("a".into())));
        assert_eq!(order(&talk), ["c", "a", "d", "b"]);
    }

    #[test]
    fn an_unknown_place_and_a_known_id_are_refused_and_change_nothing() {
        let mut talk = Conversation::default();
        talk.append(item("a"));
        let place = talk.insert(item("b"), Some(&"x".into())).map_err(|e| e.param);
        assert_eq!(place, Err("previous_item_id".into()));
        assert_eq!(talk.insert(item("a"), None).map_err(|e| e.param), Err("item.id".into()));
        assert_eq!(order(&talk), ["a"]);
    }

    #[test]
    fn words_of_speech_are_known_even_where_they_are_not_told() {
        let mut talk = Conversation::default();
        talk.append(spoken("a".into()));
        assert_eq!(words(&talk), None);
        talk.understand(&"a".into(), Some("hello".into()), false);
        assert_eq!(words(&talk), Some("hello".into()));
        let shown = serde_json::to_string(&talk.items().collect::<Vec<_>>()).expect("JSON");
        assert!(!shown.contains("hello"), "{shown}");
    }

    #[test]
    fn a_talk_is_bounded() {
        let mut talk = Conversation::default();
        for n in 0..MAX_ITEMS + 5 {
            talk.append(item(&n.to_string()));
        }
        assert_eq!(talk.items().count(), MAX_ITEMS);
        assert_eq!(order(&talk).last().copied(), Some((MAX_ITEMS + 4).to_string().as_str()));
        let large = "x".repeat(MAX_SIZE / 3);
        for n in 0..5 {
            talk.append(Item::text(ItemId::new(format!("large{n}")), Role::User, large.as_str()));
        }
        assert_eq!(order(&talk), ["large3", "large4"]);
        talk.delete(&"large3".into()).expect("it is there");
        talk.delete(&"large4".into()).expect("it is there");
        assert_eq!(talk.size, 0);
    }

    fn item(id: &str) -> Item {
        completed(Item::text(id.into(), Role::User, "text"), id.into())
    }

    fn order(talk: &Conversation) -> Vec<&str> {
        talk.items().filter_map(|item| Some(item.id()?.as_str())).collect()
    }

    fn words(talk: &Conversation) -> Option<String> {
        match talk.items().next() {
            Some(Item::Message(message)) => talk.words_of(message),
            _ => unreachable!("the only item is a message"),
        }
    }
}
