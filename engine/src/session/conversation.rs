//! The items of a talk, in order.

use protocol::{Content, FieldError, ITEM_OBJECT, Item, ItemId, ItemStatus, Message, Role, code};
use std::collections::BTreeMap;

/// The items of a talk, and what the recogniser understood of the spoken ones.
#[derive(Debug, Default)]
pub(crate) struct Conversation {
    items: Vec<Item>,
    /// Words of spoken items, also where the session does not want to be told them.
    words: BTreeMap<ItemId, Option<String>>,
}

impl Conversation {
    /// Every item, in order.
    pub(crate) fn items(&self) -> &[Item] {
        &self.items
    }

    /// One item.
    pub(crate) fn get(&self, id: &ItemId) -> Option<&Item> {
        self.items.iter().find(|item| item.id() == Some(id))
    }

    /// The item at the end.
    pub(crate) fn last_id(&self) -> Option<ItemId> {
        self.items.last().and_then(|item| item.id().cloned())
    }

    /// Adds an item at the end; gives the id of the item before it. The oldest item goes when there are too many.
    pub(crate) fn append(&mut self, item: Item) -> Option<ItemId> {
        let previous = self.last_id();
        self.items.push(item);
        self.prune();
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
            None => self.items.len(),
            Some(id) if id.as_str() == "root" => 0,
            Some(id) => {
                let missing = || refused("previous_item_id", format!("There is no item with the id '{id}'."));
                self.position(id).ok_or_else(missing)? + 1
            }
        };
        let previous = at.checked_sub(1).and_then(|at| self.items.get(at)).and_then(|item| item.id().cloned());
        self.items.insert(at, item);
        self.prune();
        Ok(previous)
    }

    /// Removes an item.
    ///
    /// # Errors
    /// There is no such item.
    pub(crate) fn delete(&mut self, id: &ItemId) -> Result<(), FieldError> {
        let at = self.position(id).ok_or_else(|| no_item(id))?;
        self.items.remove(at);
        self.words.remove(id);
        Ok(())
    }

    /// Replaces an item by what became of it.
    pub(crate) fn replace(&mut self, item: Item) {
        if let Some(at) = item.id().and_then(|id| self.position(id)) {
            self.items[at] = item;
        }
    }

    /// Removes the words of an assistant's spoken item, as the service does when audio is cut.
    pub(crate) fn forget_transcript(&mut self, id: &ItemId) {
        let at = self.position(id);
        if let Some(Item::Message(message)) = at.map(|at| &mut self.items[at]) {
            for part in &mut message.content {
                if let Content::OutputAudio { transcript, .. } = part {
                    *transcript = Some(String::new());
                }
            }
        }
    }

    /// Notes what the recogniser understood of a spoken item. `told` puts it into the item too.
    pub(crate) fn understand(&mut self, id: &ItemId, words: Option<String>, told: bool) {
        let at = self.position(id);
        if let (true, Some(Item::Message(message))) = (told, at.map(|at| &mut self.items[at])) {
            for part in &mut message.content {
                if let Content::InputAudio { transcript, .. } = part {
                    transcript.clone_from(&words);
                }
            }
        }
        if at.is_some() {
            self.words.insert(id.clone(), words);
        }
    }

    /// What an item says: `None` for speech that was not understood.
    pub(crate) fn words_of(&self, message: &Message) -> Option<String> {
        let understood = message.id.as_ref().and_then(|id| self.words.get(id));
        if let Some(words) = understood {
            return words.clone();
        }
        let spoken_only =
            message.content.iter().all(|part| matches!(part, Content::InputAudio { transcript: None, .. }));
        if spoken_only && !message.content.is_empty() { None } else { Some(message.words()) }
    }

    fn position(&self, id: &ItemId) -> Option<usize> {
        self.items.iter().position(|item| item.id() == Some(id))
    }

    fn prune(&mut self) {
        while self.items.len() > MAX_ITEMS {
            let oldest = self.items.remove(0);
            if let Some(id) = oldest.id() {
                self.words.remove(id);
            }
        }
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
        let shown = serde_json::to_string(talk.items()).expect("JSON");
        assert!(!shown.contains("hello"), "{shown}");
    }

    #[test]
    fn a_talk_is_bounded() {
        let mut talk = Conversation::default();
        for n in 0..MAX_ITEMS + 5 {
            talk.append(item(&n.to_string()));
        }
        assert_eq!(talk.items().len(), MAX_ITEMS);
        assert_eq!(talk.last_id(), Some((MAX_ITEMS + 4).to_string().as_str().into()));
    }

    fn item(id: &str) -> Item {
        completed(Item::text(id.into(), Role::User, "text"), id.into())
    }

    fn order(talk: &Conversation) -> Vec<&str> {
        talk.items().iter().filter_map(|item| Some(item.id()?.as_str())).collect()
    }

    fn words(talk: &Conversation) -> Option<String> {
        match &talk.items()[0] {
            Item::Message(message) => talk.words_of(message),
            _ => unreachable!("the only item is a message"),
        }
    }
}
