//! HTTP to an MCP server that notices when the server no longer knows the session.
//!
//! The protocol says that such a server answers with 404, and then the library initialises anew and repeats the call.
//! The reference servers answer with 400 instead, and with an error that names no call, for which the library would
//! wait for ever.

use std::{collections::HashMap, sync::Arc};

use futures::stream::BoxStream;
use reqwest::{
    Client,
    header::{HeaderName, HeaderValue},
};
use rmcp::{
    model::{ClientJsonRpcMessage, JsonRpcMessage},
    transport::streamable_http_client::{
        SseError, StreamableHttpClient, StreamableHttpError, StreamableHttpPostResponse,
    },
};
use sse_stream::Sse;

/// The client underneath, and what its answers mean.
#[derive(Clone)]
pub(super) struct Sessions(pub(super) Client);

type Headers = HashMap<HeaderName, HeaderValue>;
type Outcome<T> = Result<T, StreamableHttpError<reqwest::Error>>;

impl StreamableHttpClient for Sessions {
    type Error = reqwest::Error;

    async fn post_message(
        &self,
        uri: Arc<str>,
        message: ClientJsonRpcMessage,
        session: Option<Arc<str>>,
        bearer: Option<String>,
        headers: Headers,
    ) -> Outcome<StreamableHttpPostResponse> {
        let most = usize::MAX;
        self.post_message_with_max_sse_event_size(uri, message, session, bearer, headers, most).await
    }

    async fn post_message_with_max_sse_event_size(
        &self,
        uri: Arc<str>,
        message: ClientJsonRpcMessage,
        session: Option<Arc<str>>,
        bearer: Option<String>,
        headers: Headers,
        most: usize,
    ) -> Outcome<StreamableHttpPostResponse> {
        let asks = session.is_some() && matches!(message, ClientJsonRpcMessage::Request(_));
        let answer = self.0.post_message_with_max_sse_event_size(uri, message, session, bearer, headers, most).await?;
        match answer {
            StreamableHttpPostResponse::Json(JsonRpcMessage::Error(error), _) if asks && error.id.is_none() => {
                Err(StreamableHttpError::SessionExpired)
            }
            answer => Ok(answer),
        }
    }

    async fn delete_session(
        &self,
        uri: Arc<str>,
        session: Arc<str>,
        bearer: Option<String>,
        headers: Headers,
    ) -> Outcome<()> {
        self.0.delete_session(uri, session, bearer, headers).await
    }

    async fn get_stream(
        &self,
        uri: Arc<str>,
        session: Option<Arc<str>>,
        last_event: Option<String>,
        bearer: Option<String>,
        headers: Headers,
    ) -> Outcome<BoxStream<'static, Result<Sse, SseError>>> {
        self.0.get_stream(uri, session, last_event, bearer, headers).await
    }

    async fn get_stream_with_max_sse_event_size(
        &self,
        uri: Arc<str>,
        session: Option<Arc<str>>,
        last_event: Option<String>,
        bearer: Option<String>,
        headers: Headers,
        most: usize,
    ) -> Outcome<BoxStream<'static, Result<Sse, SseError>>> {
        self.0.get_stream_with_max_sse_event_size(uri, session, last_event, bearer, headers, most).await
    }
}
