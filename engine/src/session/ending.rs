//! How a response ends: what was opened is closed, in order, and what it cost is told.

use super::Session;
use super::response::{Active, Stage, assistant_item, is_aside, part};
use protocol::session::Modality;
use protocol::{
    ConversationItemDone, InputTokenDetails, Item, ItemStatus, OutputTokenDetails, ResponseContentPartDone,
    ResponseDone, ResponseOutputAudioDone, ResponseOutputAudioTranscriptDone, ResponseOutputItemDone,
    ResponseOutputTextDone, ResponseStatus, ServiceError, StatusDetails, Usage,
};
use std::time::Duration;

/// How a response ends.
pub(super) enum Ending {
    Completed,
    Cancelled(&'static str),
    Incomplete(&'static str),
    Failed(String),
}

impl Session {
    /// Closes what was opened, and the response.
    pub(super) fn end_response(&mut self, active: &Active, ending: &Ending) {
        let (status, details) = ending.status();
        let output = match &active.stage {
            Stage::Thinking { .. } => Vec::new(),
            Stage::Calling(call) => vec![Item::FunctionCall(call.clone())],
            Stage::Delivering(delivery) => {
                let told = delivery.told();
                vec![self.close_item(active, &told, status == ResponseStatus::Completed)]
            }
        };
        let usage = self.usage(active);
        let mut response = self.shown(active, status, details);
        response.output = output;
        response.usage = Some(usage);
        self.send(ResponseDone { response });
    }

    fn close_item(&mut self, active: &Active, told: &str, whole: bool) -> Item {
        let (response_id, item_id) = (active.id.clone(), active.item.clone());
        if active.modality == Modality::Text {
            self.send(ResponseOutputTextDone {
                response_id: response_id.clone(),
                item_id: item_id.clone(),
                output_index: 0,
                content_index: 0,
                text: told.to_owned(),
            });
        } else {
            self.send(ResponseOutputAudioDone {
                response_id: response_id.clone(),
                item_id: item_id.clone(),
                output_index: 0,
                content_index: 0,
            });
            self.send(ResponseOutputAudioTranscriptDone {
                response_id: response_id.clone(),
                item_id: item_id.clone(),
                output_index: 0,
                content_index: 0,
                transcript: told.to_owned(),
            });
        }
        self.send(ResponseContentPartDone {
            response_id: response_id.clone(),
            item_id,
            output_index: 0,
            content_index: 0,
            part: part(active.modality, told),
        });
        let status = if whole { ItemStatus::Completed } else { ItemStatus::Incomplete };
        let item = assistant_item(active, told, status);
        self.send(ResponseOutputItemDone { response_id, output_index: 0, item: item.clone() });
        if !is_aside(active) {
            let length = match &active.stage {
                Stage::Delivering(delivery) => delivery.length(),
                Stage::Thinking { .. } | Stage::Calling(_) => Duration::ZERO,
            };
            self.talk.replace(item.clone(), length);
            let previous_item_id = self.talk.previous_of(&active.item);
            self.send(ConversationItemDone { item: item.clone(), previous_item_id });
        }
        item
    }

    /// An estimate: four characters are a token, and a second of speech is twenty.
    fn usage(&self, active: &Active) -> Usage {
        let characters: usize =
            self.said(&active.config).iter().filter_map(|said| said.words.as_ref()).map(String::len).sum();
        let (told, length) = match &active.stage {
            Stage::Thinking { .. } => (0, Duration::ZERO),
            Stage::Calling(call) => (call.arguments.len(), Duration::ZERO),
            Stage::Delivering(delivery) => (delivery.told().len(), delivery.length()),
        };
        let input = characters.div_ceil(4) as u64;
        let text = told.div_ceil(4) as u64;
        let audio = (length.as_millis() / 50) as u64;
        Usage {
            total_tokens: input + text + audio,
            input_tokens: input,
            output_tokens: text + audio,
            input_token_details: Some(InputTokenDetails { text_tokens: input, ..InputTokenDetails::default() }),
            output_token_details: Some(OutputTokenDetails { text_tokens: text, audio_tokens: audio }),
        }
    }
}

impl Ending {
    fn status(&self) -> (ResponseStatus, Option<StatusDetails>) {
        let details = |kind: &str, reason: Option<&str>, error| {
            Some(StatusDetails { kind: Some(kind.into()), reason: reason.map(Into::into), error })
        };
        match self {
            Self::Completed => (ResponseStatus::Completed, None),
            Self::Cancelled(reason) => (ResponseStatus::Cancelled, details("cancelled", Some(reason), None)),
            Self::Incomplete(reason) => (ResponseStatus::Incomplete, details("incomplete", Some(reason), None)),
            Self::Failed(message) => {
                let error = ServiceError {
                    kind: "server_error".into(),
                    code: Some("speech_failed".into()),
                    message: message.clone(),
                    ..ServiceError::default()
                };
                (ResponseStatus::Failed, details("failed", None, Some(error)))
            }
        }
    }
}
