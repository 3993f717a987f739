//! What of the talk the mind is to know: the items, as things that somebody said.

use super::Session;
use crate::mind::{Said, Who};
use protocol::{Content, Item, Message, ResponseConfig, Role};

impl Session {
    /// Everything an answer may depend on, in order.
    pub(super) fn said(&self, config: &ResponseConfig) -> Vec<Said> {
        let context: Vec<&Item> = match &config.input {
            Some(input) => input.iter().collect(),
            None => self.talk.items().collect(),
        };
        let resolved = context.into_iter().filter_map(|item| match item {
            Item::Reference(reference) => self.talk.get(&reference.id),
            other => Some(other),
        });
        let instructions = config.instructions.as_deref().unwrap_or_else(|| self.effective.instructions());
        let told = Said { who: Who::Instructions, words: Some(instructions.to_owned()) };
        std::iter::once(told).chain(resolved.flat_map(|item| self.heard(item))).collect()
    }

    fn heard(&self, item: &Item) -> Vec<Said> {
        let one = |who, words| vec![Said { who, words }];
        match item {
            Item::Message(message) => match message.role {
                Role::System => one(Who::System, self.talk.words_of(message)),
                Role::Assistant => one(Who::Assistant, self.talk.words_of(message)),
                Role::User => self.heard_of_user(message),
            },
            Item::FunctionCall(call) => one(Who::Call, Some(call.arguments.clone())),
            Item::FunctionCallOutput(output) => one(Who::Output, Some(output.output.clone())),
            Item::McpListTools(_)
            | Item::McpCall(_)
            | Item::McpApprovalRequest(_)
            | Item::McpApprovalResponse(_)
            | Item::Reference(_)
            | Item::Unknown { .. } => Vec::new(),
        }
    }

    /// A user's message may bring documents and pictures beside words.
    fn heard_of_user(&self, message: &Message) -> Vec<Said> {
        let is_spoken = message.content.iter().any(|part| matches!(part, Content::InputAudio { .. }));
        let spoken = is_spoken.then(|| Said { who: Who::User, words: self.talk.words_of(message) });
        let shown = message.content.iter().filter_map(|part| match part {
            Content::InputImage { .. } => Some(Said { who: Who::Picture, words: None }),
            Content::InputText { text } if !is_spoken => {
                let who = if is_document(text) { Who::Document } else { Who::User };
                Some(Said { who, words: Some(text.clone()) })
            }
            _ => None,
        });
        shown.chain(spoken).collect()
    }
}

/// Whether a text is rather to be read than answered: it has several lines, or it is long.
fn is_document(text: &str) -> bool {
    text.trim().lines().filter(|line| !line.trim().is_empty()).count() > 2 || text.chars().count() > LONGEST_SENTENCE
}

/// The longest text, in characters, that is taken for something one says.
const LONGEST_SENTENCE: usize = 400;
