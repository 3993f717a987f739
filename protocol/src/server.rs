//! Events from the service to the client: forty-six types.

use crate::event::{Opened, events};
use crate::reader::readable;
use crate::{
    ConversationId, EventId, Item, ItemId, ParseError, Part, RateLimit, Response, ResponseId, ServiceError, Session,
    TranscriptionUsage,
};
use serde::{Serialize, Serializer};
use serde_json::Value;

/// A server event with its identifier.
#[derive(Clone, Debug, PartialEq)]
pub struct ServerMessage {
    /// Given by the service; absent only on the telephone-key event.
    pub event_id: Option<EventId>,
    /// What happened.
    pub event: ServerEvent,
}

impl ServerMessage {
    /// Reads one event.
    ///
    /// # Errors
    /// The text is not a JSON object with a `type`, or a known event has a missing or wrong field.
    /// An unknown `type` is not an error.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let Opened { kind, event_id, raw } = Opened::parse(text)?;
        Ok(Self { event_id, event: ServerEvent::read(kind.ok_or(ParseError::NoType)?, raw)? })
    }

    /// The event as it stands on the wire.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl Serialize for ServerMessage {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.event.write(self.event_id.as_ref(), serializer)
    }
}

/// A conversation as `conversation.created` names it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ConversationRef {
    /// Its identifier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<ConversationId>,
    /// Always `realtime.conversation`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
}

readable! {
    ConversationRef { id, object }
}

events! {
    /// What the service tells a client.
    enum ServerEvent;

    /// The first event of any connection.
    "session.created" => SessionCreated {
        /// The effective session.
        session: Session,
    }
    /// A `session.update` took effect.
    "session.updated" => SessionUpdated {
        /// The effective session.
        session: Session,
    }
    /// Something was refused or went wrong; the session normally stays open.
    "error" => ErrorEvent {
        /// What went wrong.
        error: ServiceError,
    }
    /// What is left of the rate limits.
    "rate_limits.updated" => RateLimitsUpdated {
        /// One entry a limit.
        rate_limits: Vec<RateLimit>,
    }
    /// The conversation exists.
    "conversation.created" => ConversationCreated {
        /// Which one.
        conversation: ConversationRef,
    }
    /// An item was added; its content may still grow.
    "conversation.item.added" => ConversationItemAdded {
        /// The item.
        item: Item,
        /// The item before it.
        previous_item_id: Option<ItemId>,
    }
    /// An item is complete.
    "conversation.item.done" => ConversationItemDone {
        /// The item.
        item: Item,
        /// The item before it.
        previous_item_id: Option<ItemId>,
    }
    /// The legacy name of `conversation.item.added`.
    "conversation.item.created" => ConversationItemCreated {
        /// The item.
        item: Item,
        /// The item before it.
        previous_item_id: Option<ItemId>,
    }
    /// The answer to `conversation.item.retrieve`.
    "conversation.item.retrieved" => ConversationItemRetrieved {
        /// The item, with audio where it has any.
        item: Item,
    }
    /// An assistant's item was shortened to what was heard.
    "conversation.item.truncated" => ConversationItemTruncated {
        /// Which item.
        item_id: ItemId,
        /// Which part.
        content_index: u32,
        /// What is left, in milliseconds.
        audio_end_ms: u32,
    }
    /// An item was removed.
    "conversation.item.deleted" => ConversationItemDeleted {
        /// Which item.
        item_id: ItemId,
    }
    /// More of the user's words.
    "conversation.item.input_audio_transcription.delta" => InputTranscriptionDelta {
        /// The user's item.
        item_id: ItemId,
        /// Which part.
        #[serde(skip_serializing_if = "Option::is_none")]
        content_index: Option<u32>,
        /// The words to append.
        #[serde(skip_serializing_if = "Option::is_none")]
        delta: Option<String>,
        /// Log probabilities, where asked for.
        #[serde(skip_serializing_if = "Option::is_none")]
        logprobs: Option<Value>,
    }
    /// A segment with its speaker, from a diarizing model.
    "conversation.item.input_audio_transcription.segment" => InputTranscriptionSegment {
        /// The segment's identifier.
        id: String,
        /// The user's item.
        item_id: ItemId,
        /// Which part.
        content_index: u32,
        /// The words.
        text: String,
        /// Who spoke.
        speaker: String,
        /// Where it starts, in seconds.
        start: f64,
        /// Where it ends, in seconds.
        end: f64,
    }
    /// The user's words, whole.
    "conversation.item.input_audio_transcription.completed" => InputTranscriptionCompleted {
        /// The user's item.
        item_id: ItemId,
        /// Which part.
        content_index: u32,
        /// The words.
        transcript: String,
        /// What the transcription cost.
        #[serde(skip_serializing_if = "Option::is_none")]
        usage: Option<TranscriptionUsage>,
        /// Languages heard.
        #[serde(skip_serializing_if = "Option::is_none")]
        languages: Option<Value>,
        /// Log probabilities, where asked for.
        #[serde(skip_serializing_if = "Option::is_none")]
        logprobs: Option<Value>,
    }
    /// The user's words could not be had.
    "conversation.item.input_audio_transcription.failed" => InputTranscriptionFailed {
        /// The user's item.
        item_id: ItemId,
        /// Which part.
        content_index: u32,
        /// Why.
        error: ServiceError,
    }
    /// The service hears the user.
    "input_audio_buffer.speech_started" => SpeechStarted {
        /// The item the speech will become.
        item_id: ItemId,
        /// Where in the session's audio, in milliseconds, prefix padding included.
        audio_start_ms: u64,
    }
    /// The service hears the user no more.
    "input_audio_buffer.speech_stopped" => SpeechStopped {
        /// The item the speech will become.
        item_id: ItemId,
        /// Where in the session's audio, in milliseconds.
        audio_end_ms: u64,
    }
    /// The speech became a user item.
    "input_audio_buffer.committed" => InputAudioBufferCommitted {
        /// The item.
        item_id: ItemId,
        /// The item before it.
        previous_item_id: Option<ItemId>,
    }
    /// The input buffer is empty.
    "input_audio_buffer.cleared" => InputAudioBufferCleared {}
    /// The user was silent for the session's `idle_timeout_ms`.
    "input_audio_buffer.timeout_triggered" => InputTimeoutTriggered {
        /// The item made of the silence.
        item_id: ItemId,
        /// Where it starts, in milliseconds.
        audio_start_ms: u64,
        /// Where it ends, in milliseconds.
        audio_end_ms: u64,
    }
    /// A telephone key was pressed. SIP only.
    "input_audio_buffer.dtmf_event_received" => DtmfEventReceived {
        /// Which key.
        event: String,
        /// When, in seconds of Unix time.
        received_at: i64,
    }
    /// The service began to send audio of a response. WebRTC only.
    "output_audio_buffer.started" => OutputAudioBufferStarted {
        /// Which response.
        response_id: ResponseId,
    }
    /// The service has sent all audio of a response. WebRTC only; after `response.done`.
    "output_audio_buffer.stopped" => OutputAudioBufferStopped {
        /// Which response.
        response_id: ResponseId,
    }
    /// The service threw away what it had not sent. WebRTC only.
    "output_audio_buffer.cleared" => OutputAudioBufferCleared {
        /// Which response.
        response_id: ResponseId,
    }
    /// A response began.
    "response.created" => ResponseCreated {
        /// The response, `in_progress`.
        response: Response,
    }
    /// A response ended, however it ended.
    "response.done" => ResponseDone {
        /// The response with its status, output and usage.
        response: Response,
    }
    /// A response gained an output item.
    "response.output_item.added" => ResponseOutputItemAdded {
        /// Which response.
        response_id: ResponseId,
        /// Where in its output.
        output_index: u32,
        /// The item.
        item: Item,
    }
    /// An output item is complete.
    "response.output_item.done" => ResponseOutputItemDone {
        /// Which response.
        response_id: ResponseId,
        /// Where in its output.
        output_index: u32,
        /// The item.
        item: Item,
    }
    /// An output item gained a part.
    "response.content_part.added" => ResponseContentPartAdded {
        /// Which response.
        response_id: ResponseId,
        /// Which item.
        item_id: ItemId,
        /// Where in the response.
        output_index: u32,
        /// Where in the item.
        content_index: u32,
        /// The part.
        part: Part,
    }
    /// A part is complete.
    "response.content_part.done" => ResponseContentPartDone {
        /// Which response.
        response_id: ResponseId,
        /// Which item.
        item_id: ItemId,
        /// Where in the response.
        output_index: u32,
        /// Where in the item.
        content_index: u32,
        /// The part.
        part: Part,
    }
    /// More text of a text answer.
    "response.output_text.delta" => ResponseOutputTextDelta {
        /// Which response.
        response_id: ResponseId,
        /// Which item.
        item_id: ItemId,
        /// Where in the response.
        output_index: u32,
        /// Where in the item.
        content_index: u32,
        /// The text to append.
        delta: String,
    }
    /// The text of a text answer, whole.
    "response.output_text.done" => ResponseOutputTextDone {
        /// Which response.
        response_id: ResponseId,
        /// Which item.
        item_id: ItemId,
        /// Where in the response.
        output_index: u32,
        /// Where in the item.
        content_index: u32,
        /// The text.
        text: String,
    }
    /// More words of a spoken answer.
    "response.output_audio_transcript.delta" => ResponseOutputAudioTranscriptDelta {
        /// Which response.
        response_id: ResponseId,
        /// Which item.
        item_id: ItemId,
        /// Where in the response.
        output_index: u32,
        /// Where in the item.
        content_index: u32,
        /// The words to append.
        delta: String,
    }
    /// The words of a spoken answer, whole.
    "response.output_audio_transcript.done" => ResponseOutputAudioTranscriptDone {
        /// Which response.
        response_id: ResponseId,
        /// Which item.
        item_id: ItemId,
        /// Where in the response.
        output_index: u32,
        /// Where in the item.
        content_index: u32,
        /// The words.
        transcript: String,
    }
    /// More audio of an answer. WebSocket only.
    "response.output_audio.delta" => ResponseOutputAudioDelta {
        /// Which response.
        response_id: ResponseId,
        /// Which item.
        item_id: ItemId,
        /// Where in the response.
        output_index: u32,
        /// Where in the item.
        content_index: u32,
        /// Base64 of the configured output format.
        delta: String,
    }
    /// All audio of an answer was generated.
    "response.output_audio.done" => ResponseOutputAudioDone {
        /// Which response.
        response_id: ResponseId,
        /// Which item.
        item_id: ItemId,
        /// Where in the response.
        output_index: u32,
        /// Where in the item.
        content_index: u32,
    }
    /// More of a function call's arguments.
    "response.function_call_arguments.delta" => ResponseFunctionCallArgumentsDelta {
        /// Which response.
        response_id: ResponseId,
        /// Which item.
        item_id: ItemId,
        /// Where in the response.
        output_index: u32,
        /// Which call.
        call_id: crate::CallId,
        /// The text to append.
        delta: String,
    }
    /// A function call's arguments, whole.
    "response.function_call_arguments.done" => ResponseFunctionCallArgumentsDone {
        /// Which response.
        response_id: ResponseId,
        /// Which item.
        item_id: ItemId,
        /// Where in the response.
        output_index: u32,
        /// Which call.
        call_id: crate::CallId,
        /// The arguments, a JSON text.
        arguments: String,
        /// The function's name.
        #[serde(skip_serializing_if = "Option::is_none")]
        name: Option<String>,
    }
    /// More of a remote tool call's arguments.
    "response.mcp_call_arguments.delta" => ResponseMcpCallArgumentsDelta {
        /// Which response.
        response_id: ResponseId,
        /// Which item.
        item_id: ItemId,
        /// Where in the response.
        output_index: u32,
        /// The text to append.
        delta: String,
        /// Padding against traffic analysis.
        #[serde(skip_serializing_if = "Option::is_none")]
        obfuscation: Option<String>,
    }
    /// A remote tool call's arguments, whole.
    "response.mcp_call_arguments.done" => ResponseMcpCallArgumentsDone {
        /// Which response.
        response_id: ResponseId,
        /// Which item.
        item_id: ItemId,
        /// Where in the response.
        output_index: u32,
        /// The arguments, a JSON text.
        arguments: String,
    }
    /// A remote tool call began.
    "response.mcp_call.in_progress" => ResponseMcpCallInProgress {
        /// Which item.
        item_id: ItemId,
        /// Where in the response.
        output_index: u32,
    }
    /// A remote tool call ended well.
    "response.mcp_call.completed" => ResponseMcpCallCompleted {
        /// Which item.
        item_id: ItemId,
        /// Where in the response.
        output_index: u32,
    }
    /// A remote tool call failed.
    "response.mcp_call.failed" => ResponseMcpCallFailed {
        /// Which item.
        item_id: ItemId,
        /// Where in the response.
        output_index: u32,
    }
    /// The service asks a remote server for its tools.
    "mcp_list_tools.in_progress" => McpListToolsInProgress {
        /// Which item.
        item_id: ItemId,
    }
    /// The remote server named its tools.
    "mcp_list_tools.completed" => McpListToolsCompleted {
        /// Which item.
        item_id: ItemId,
    }
    /// The remote server did not name its tools.
    "mcp_list_tools.failed" => McpListToolsFailed {
        /// Which item.
        item_id: ItemId,
    }
}
