//! `GET /v1/realtime?call_id=…`: a second connection to a call, by which a server sees what its client sees and may say
//! what its client may.

use super::{App, Refusal, bearer};
use crate::calls::Line;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use protocol::CallId;
use std::collections::BTreeMap;

/// As the service does, only for a server: a browser's key opens calls and watches none.
pub(super) async fn attach(
    State(shared): App,
    Query(query): Query<BTreeMap<String, String>>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Refusal> {
    let key = bearer(&headers).ok_or_else(Refusal::no_key)?;
    let call = query.get("call_id").filter(|_| query.len() == 1).ok_or_else(Refusal::no_upgrade)?;
    let upgrade = upgrade.map_err(|_| Refusal::no_upgrade())?;
    let line = shared.calls.line(&CallId::new(call)).filter(|_| !key.starts_with("ek_"));
    let line = line.ok_or_else(Refusal::no_call)?;
    Ok(upgrade.max_message_size(LARGEST_MESSAGE).on_upgrade(move |socket| relay(socket, line)))
}

/// Passes events both ways until the call or the connection ends.
async fn relay(mut socket: WebSocket, line: Line) {
    let Some(mut events) = line.attach().await else { return };
    loop {
        tokio::select! {
            event = events.recv() => {
                let Some(event) = event else { break };
                if socket.send(Message::text(event)).await.is_err() {
                    return;
                }
            }
            message = socket.recv() => match message {
                Some(Ok(Message::Text(text))) => line.say(text.to_string()).await,
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                _ => return,
            },
        }
    }
    // The other end may be gone as well.
    let _ = socket.send(Message::Close(None)).await;
}

/// The largest event that is taken, in bytes.
const LARGEST_MESSAGE: usize = 256 * 1024;
