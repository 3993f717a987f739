//! `POST /session` and `GET /session`: a short-lived key for one browser; and `POST /v1/realtime/client_secrets`, the
//! same for the official clients. The lasting key stays here, and so does the key that the upstream gives: a browser gets
//! a handle for it, with which it can do nothing but open calls here.
//!
//! What the talk is to be is the server's choice. A client may name a preset, and change of it what it allows.

use super::context::name;
use crate::config::{ChoiceError, Preset};
use crate::edge::User;
use crate::entrance::Known;
use crate::upstream::Minted;
use crate::{ApiError, AppState, Purpose};
use admission::Visitor;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, Extension, State};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Json, Router};
use protocol::api::{SessionReply, Talk};
use protocol::{EphemeralKey, Session};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub(super) fn router(largest_request: usize) -> Router<AppState> {
    Router::new()
        .route("/session", get(mint_key).post(mint_chosen_key))
        .route("/v1/realtime/client_secrets", post(mint_for_official_client))
        .layer(DefaultBodyLimit::max(largest_request))
}

/// What a client asks for.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Wish {
    /// One of those that `/status` lists; the first unless it is said.
    preset: Option<String>,
    /// By the names of the settings of a preset.
    #[serde(default)]
    change: Map<String, Value>,
}

async fn mint_key(
    State(state): State<AppState>,
    Extension(known): Extension<Known>,
    user: Option<User>,
) -> Result<impl IntoResponse, ApiError> {
    let presets = state.upstream().presets();
    let preset = presets.standard();
    Ok(answer(mint(&state, preset, &known.visitor).await?, talk(&state, presets.talk(preset), user.as_ref())))
}

async fn mint_chosen_key(
    State(state): State<AppState>,
    Extension(known): Extension<Known>,
    user: Option<User>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<impl IntoResponse, ApiError> {
    let wish: Wish = read(&headers, &body?)?;
    let presets = state.upstream().presets();
    let preset = presets.find(wish.preset.as_deref())?;
    let changed = if wish.change.is_empty() { None } else { Some(preset.with(&wish.change)?) };
    let preset = changed.as_ref().unwrap_or(preset);
    Ok(answer(mint(&state, preset, &known.visitor).await?, talk(&state, presets.talk(preset), user.as_ref())))
}

/// What the page is told of its talk, with what is known of its user.
fn talk(state: &AppState, talk: Talk, user: Option<&User>) -> Talk {
    Talk { watches: state.knowledge().context().watches(name(user)), ..talk }
}

async fn mint_for_official_client(
    State(state): State<AppState>,
    Extension(known): Extension<Known>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<impl IntoResponse, ApiError> {
    let asked: Map<String, Value> = read(&headers, &body?)?;
    let preset = state.upstream().presets().standard().with_request(&Value::Object(asked))?;
    Ok(Json(Exposed::from(mint(&state, &preset, &known.visitor).await?)))
}

/// The body in JSON; none is an empty one.
fn read<T: Default + DeserializeOwned>(headers: &HeaderMap, body: &Bytes) -> Result<T, ApiError> {
    if body.is_empty() {
        return Ok(T::default());
    }
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json") {
        return Err(ApiError::WrongType("application/json"));
    }
    serde_json::from_slice(body).map_err(|error| ApiError::BadRequest(error.to_string()))
}

/// A key, which is a handle in place of the upstream's.
async fn mint(state: &AppState, preset: &Preset, visitor: &Visitor) -> Result<Minted, ApiError> {
    let who = state.entrance().safety_identifier(visitor);
    let minted = state.upstream().mint_key(preset.mint_body(), who).await;
    let minted = minted.map_err(|error| ApiError::Upstream { purpose: Purpose::Key, error })?;
    tracing::info!(expires_at = minted.expires_at, preset = preset.name(), "minted a key");
    let handle = state.entrance().handles().give(&minted.value, visitor, minted.expires_at);
    Ok(Minted { value: handle.ok_or(ApiError::Internal)?, ..minted })
}

fn answer(minted: Minted, talk: Talk) -> impl IntoResponse {
    let reply = SessionReply { value: minted.value, expires_at: minted.expires_at, talk: Some(talk) };
    Json(reply.expose())
}

/// What the upstream answered, with the handle in clear.
#[derive(Serialize, JsonSchema)]
pub(super) struct Exposed {
    #[schemars(with = "EphemeralKey")]
    value: String,
    /// In seconds of Unix time.
    expires_at: u64,
    #[schemars(with = "Session")]
    session: Value,
}

impl From<Minted> for Exposed {
    fn from(mut minted: Minted) -> Self {
        if let Some(session) = minted.session.as_object_mut() {
            // Some services repeat the key here.
            session.remove("client_secret");
            // What the operator's own tools are called with is between the service and them.
            let tools = session.get_mut("tools").and_then(Value::as_array_mut).into_iter().flatten();
            for tool in tools.filter_map(Value::as_object_mut) {
                tool.retain(|field, _| !["authorization", "headers"].contains(&field.as_str()));
            }
        }
        Self { value: minted.value.expose().to_owned(), expires_at: minted.expires_at, session: minted.session }
    }
}

impl From<ChoiceError> for ApiError {
    fn from(error: ChoiceError) -> Self {
        Self::Choice(error)
    }
}

#[cfg(test)]
mod tests {
    use super::Exposed;
    use crate::upstream::Minted;
    use protocol::EphemeralKey;
    use serde_json::json;

    #[test]
    fn what_the_operators_tools_are_called_with_goes_to_no_browser() {
        let tool =
            json!({ "type": "mcp", "server_label": "crm", "authorization": "token-1", "headers": { "x": "token-2" } });
        let session = json!({ "type": "realtime", "client_secret": { "value": "ek_2" }, "tools": [tool] });
        let minted = Minted { value: EphemeralKey::new("ek_1"), expires_at: 1, session };
        let session = Exposed::from(minted).session;
        assert_eq!(session, json!({ "type": "realtime", "tools": [{ "type": "mcp", "server_label": "crm" }] }));
    }
}
