//! What the user gives besides words: a picture, a document, a table. It becomes an item of the conversation at once,
//! or with the next call, and is part of the turn that follows.

use super::Conversation;
use crate::context::{fence_word, injection};
use crate::input::{Attachment, AttachmentKind};
use crate::notice::{self, Trouble};
use crate::wire::Ask;
use protocol::{EventId, ItemId};
use std::sync::Arc;

impl Conversation {
    pub(super) fn attach(&mut self, attachment: Attachment) {
        if !self.link.is_wanted() {
            return;
        }
        self.notices.clear(Trouble::Attachment);
        if let AttachmentKind::Image { data_url } = &attachment.kind
            && (data_url.len() > self.context.policy.largest_picture || !is_picture(data_url))
        {
            return self.notices.set(Trouble::Attachment, notice::picture_refused(is_picture(data_url)));
        }
        let attachment = Arc::new(attachment);
        let item = ItemId::new(self.out.fresh_id("item"));
        let connected = self.link.is_connected();
        self.transcript.attached(item.clone(), Arc::clone(&attachment), connected);
        if connected {
            self.give_attachment(item, &attachment);
        }
    }

    /// Gives what the user attached, and tells the user if it is not all of it.
    pub(super) fn give_attachment(&mut self, item: ItemId, attachment: &Attachment) {
        if !self.tell_attachment(item, attachment) {
            self.notices.set(Trouble::Attachment, notice::text_cut());
        }
    }

    /// Adds an attachment to the service's conversation; an error about it will name the item. Says whether all of it
    /// could be told.
    pub(super) fn tell_attachment(&mut self, item: ItemId, attachment: &Attachment) -> bool {
        let id = EventId::new(item.as_str());
        let mut all = true;
        let ask = match &attachment.kind {
            AttachmentKind::Image { data_url } => Ask::Picture { item, data_url: data_url.clone() },
            AttachmentKind::Text { text } => {
                let word = fence_word(&mut self.out);
                let budget = self.context.policy.budgets.turn;
                let (text, whole) = injection::attached(&attachment.name, text, &word, budget);
                all = whole;
                Ask::Text { item, speaker: crate::view::Speaker::User, text }
            }
        };
        self.out.ask_as(&id, ask);
        all
    }
}

/// Whether a text is a data URI of a picture that the service takes.
fn is_picture(data_url: &str) -> bool {
    let data =
        ["data:image/png;base64,", "data:image/jpeg;base64,"].iter().find_map(|kind| data_url.strip_prefix(kind));
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    data.is_some_and(|data| !data.is_empty() && data.bytes().all(is_base64))
}
