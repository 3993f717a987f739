//! The sideband: a WebSocket of this server's own to a call that a browser has open, by the call's name. It sees the
//! events that the browser sees, and may say what the browser may.

use super::{Purpose, Upstream, UpstreamError};
use axum::http::header::{
    CONNECTION, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use futures::{SinkExt, StreamExt};
use protocol::{CallId, ClientEvent, ClientMessage, ServerMessage};
use reqwest::{StatusCode, Upgraded};
use std::fmt::{self, Debug, Formatter};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Message, Role, WebSocketConfig};

/// A connection to a call. Dropping it leaves the call as it is.
pub struct Sideband {
    socket: WebSocketStream<Upgraded>,
}

impl Upstream {
    /// Connects to a call, with the server's own key.
    ///
    /// # Errors
    /// As [`UpstreamError`] tells; a call that has ended, or that the service lets nobody watch, is refused with 404.
    pub async fn watch(&self, call: &CallId) -> Result<Sideband, UpstreamError> {
        self.counted(Purpose::Watch, self.connect(call)).await
    }

    async fn connect(&self, call: &CallId) -> Result<Sideband, UpstreamError> {
        let word = generate_key();
        let request = self
            .0
            .client
            .get(self.0.endpoint.call_url(call))
            .header(CONNECTION, "Upgrade")
            .header(UPGRADE, "websocket")
            .header(SEC_WEBSOCKET_VERSION, "13")
            .header(SEC_WEBSOCKET_KEY, &word);
        let request = if self.key().is_some() { request } else { request.bearer_auth("local") };
        let response = self.with_own_key(request, Purpose::Watch).await?;
        let accepted = response.headers().get(SEC_WEBSOCKET_ACCEPT).map(HeaderValue::as_bytes);
        if response.status() != StatusCode::SWITCHING_PROTOCOLS
            || accepted != Some(derive_accept_key(word.as_bytes()).as_bytes())
        {
            return Err(UpstreamError::Malformed("it does not speak WebSocket"));
        }
        let stream = response.upgrade().await?;
        let bounds = WebSocketConfig::default()
            .max_message_size(Some(LARGEST_EVENT))
            .max_frame_size(Some(LARGEST_EVENT))
            .max_write_buffer_size(LARGEST_EVENT);
        Ok(Sideband { socket: WebSocketStream::from_raw_socket(stream, Role::Client, Some(bounds)).await })
    }
}

impl Sideband {
    /// The next event of the call; nothing when the connection has ended. What cannot be read is passed over.
    pub async fn next(&mut self) -> Option<ServerMessage> {
        loop {
            match self.socket.next().await? {
                Ok(Message::Text(text)) => {
                    if let Ok(message) = ServerMessage::parse(&text) {
                        return Some(message);
                    }
                }
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    /// Says something as the browser may. Says whether it is on its way.
    pub async fn say(&mut self, event: impl Into<ClientEvent>) -> bool {
        let message = ClientMessage::from(event.into());
        self.socket.send(Message::text(message.to_json())).await.is_ok()
    }
}

impl Debug for Sideband {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sideband").finish_non_exhaustive()
    }
}

/// The largest event that is read, in bytes.
const LARGEST_EVENT: usize = 4 * 1024 * 1024;
