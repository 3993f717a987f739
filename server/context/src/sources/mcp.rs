//! A tool of an MCP server, over a child process or streamable HTTP, asked like any other source.
//!
//! The connection is made in a task of its own and kept: a question that is dropped while the server still starts does
//! not start it again. The child sees none of our environment except what is passed on by name.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use futures::{FutureExt, future::BoxFuture};
use protocol::context::ContextItem;
use reqwest::Url;
use rmcp::{
    RoleClient, ServiceExt,
    model::{CallToolRequestParams, CallToolResult, ContentBlock},
    service::{Peer, RunningService},
    transport::{
        StreamableHttpClientTransport, TokioChildProcess, streamable_http_client::StreamableHttpClientTransportConfig,
    },
};
use serde::Deserialize;
use serde_json::{Map, Value};
use tokio::{process::Command, sync::Mutex};

use crate::{
    Finding, Http, Interests, Limits, Profile, Question, Secret, Source, SourceError, item, template::fill_plain,
};

/// Which server, which tool, and what it is given.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct McpConfig {
    /// The program that is the server.
    pub command: Option<PathBuf>,
    /// Its arguments.
    #[serde(default)]
    pub args: Vec<String>,
    /// What its environment holds.
    #[serde(default)]
    pub env: BTreeMap<String, Secret>,
    /// Which variables of our own environment it sees; `PATH` only, unless given.
    #[serde(default = "path_only")]
    pub pass_env: Vec<String>,
    /// Or the address of the server.
    pub url: Option<String>,
    /// What to send as bearer to that address.
    pub bearer: Option<Secret>,
    /// The host is allowed to be private: it is one's own.
    #[serde(default)]
    pub allow_private: bool,
    /// The tool.
    pub tool: String,
    /// Its arguments; in texts `{query}`, `{place}`, `{zone}`, `{date}` and `{user}` are filled in.
    #[serde(default = "query_only")]
    pub arguments: toml::Table,
    /// Whom to credit; the server's own name when not given.
    pub attribution: Option<String>,
}

fn path_only() -> Vec<String> {
    vec!["PATH".to_owned()]
}

fn query_only() -> toml::Table {
    std::iter::once(("query".to_owned(), toml::Value::String("{query}".to_owned()))).collect()
}

/// A tool of an MCP server.
pub struct Mcp {
    profile: Profile,
    config: McpConfig,
    arguments: Map<String, Value>,
    connection: Arc<Connection>,
}

struct Connection {
    way: Way,
    running: Mutex<Option<RunningService<RoleClient, ()>>>,
}

enum Way {
    Child { command: PathBuf, args: Vec<String>, env: Vec<(String, String)> },
    Http { url: Url, http: Box<Http>, bearer: Option<Secret> },
}

impl Mcp {
    /// The usual profile under a name; what it is interested in is the configuration's to say.
    pub fn profile(name: &str) -> Profile {
        Profile::new(name, "mcp").interested(Interests::in_topics([name]))
    }

    /// A source with this profile; `variable` reads our own environment.
    ///
    /// # Errors
    ///
    /// A sentence that names the field.
    pub fn new(profile: Profile, config: McpConfig, variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, String> {
        let way = match (&config.command, &config.url) {
            (Some(command), None) => {
                let passed = config.pass_env.iter().filter_map(|name| Some((name.clone(), variable(name)?)));
                let own = config.env.iter().map(|(name, value)| (name.clone(), value.expose().to_owned()));
                Way::Child { command: command.clone(), args: config.args.clone(), env: passed.chain(own).collect() }
            }
            (None, Some(url)) => {
                let url = Url::parse(url).map_err(|error| format!("url: {error}"))?;
                let limits = Limits { time: profile.limit, ..Limits::default() };
                let http = if config.allow_private { Http::with_own(limits, &url) } else { Http::new(limits) };
                let http = Box::new(http.map_err(|error| error.to_string())?);
                Way::Http { url, http, bearer: config.bearer.clone() }
            }
            _ => return Err("command: give either command or url".to_owned()),
        };
        let arguments = serde_json::to_value(&config.arguments).map_err(|error| format!("arguments: {error}"))?;
        let Value::Object(arguments) = arguments else { return Err("arguments: must be a table".to_owned()) };
        let connection = Arc::new(Connection { way, running: Mutex::new(None) });
        Ok(Self { profile, config, arguments, connection })
    }

    /// Connects before the first question; must be called inside a tokio runtime.
    pub fn warm_up(&self) {
        let connection = Arc::clone(&self.connection);
        tokio::spawn(async move {
            if let Err(error) = connection.peer().await {
                tracing::info!(%error, "an MCP server could not be reached yet");
            }
        });
    }

    async fn ask(&self, question: &Question) -> Result<Finding, SourceError> {
        let connection = Arc::clone(&self.connection);
        let (peer, server) =
            tokio::spawn(async move { connection.peer().await }).await.map_err(|_| SourceError::Broken)??;
        let call = CallToolRequestParams::new(self.config.tool.clone()).with_arguments(self.arguments(question));
        let answer = peer.call_tool(call).await.map_err(|error| {
            tracing::debug!(%error, "an MCP tool could not be called");
            SourceError::Unreachable
        })?;
        let text = text_of(&answer);
        if answer.is_error == Some(true) {
            let said: String = crate::clean_line(&text, 200);
            return Err(SourceError::Said(format!("the tool says: {said}")));
        }
        if text.trim().is_empty() {
            return Ok(Finding::default());
        }
        let attribution = self.config.attribution.clone().unwrap_or(server);
        Ok(vec![self.item(text, links(&answer), attribution, question)].into())
    }

    fn arguments(&self, question: &Question) -> Map<String, Value> {
        self.arguments.iter().map(|(name, value)| (name.clone(), filled(value, question))).collect()
    }

    fn item(&self, text: String, link: Option<String>, attribution: String, question: &Question) -> ContextItem {
        ContextItem {
            url: link,
            attribution,
            as_of: question.now.as_second(),
            relevance: 0.7,
            ..item(format!("{}:{}", self.config.tool, question.key()), self.config.tool.clone(), text)
        }
    }
}

impl Source for Mcp {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Other arguments make another question.
    fn cache_key(&self, question: &Question) -> Option<String> {
        let normal = Question { query: question.key(), ..question.clone() };
        Some(Value::Object(self.arguments(&normal)).to_string())
    }

    fn look_up<'a>(&'a self, question: &'a Question) -> BoxFuture<'a, Result<Finding, SourceError>> {
        self.ask(question).boxed()
    }
}

impl Connection {
    /// The peer to call and the server's name, connecting if need be.
    async fn peer(&self) -> Result<(Peer<RoleClient>, String), SourceError> {
        let mut running = self.running.lock().await;
        if running.as_ref().is_none_or(|service| service.is_closed() || service.peer().is_transport_closed()) {
            *running = None;
            let connecting = tokio::time::timeout(std::time::Duration::from_secs(20), self.connect());
            *running = Some(connecting.await.map_err(|_| SourceError::Timeout)??);
        }
        let service = running.as_ref().ok_or(SourceError::Unreachable)?;
        let name =
            service.peer().peer_info().and_then(|info| info.server_info.as_ref().map(|server| server.name.clone()));
        Ok((service.peer().clone(), name.unwrap_or_else(|| "MCP server".to_owned())))
    }

    async fn connect(&self) -> Result<RunningService<RoleClient, ()>, SourceError> {
        let failed = |error: &dyn std::fmt::Display| {
            tracing::debug!(%error, "an MCP server did not accept the connection");
            SourceError::Unreachable
        };
        match &self.way {
            Way::Child { command, args, env } => {
                let mut child = Command::new(command);
                child.args(args).env_clear().envs(env.iter().map(|(name, value)| (name, value))).kill_on_drop(true);
                let transport = TokioChildProcess::builder(child).stderr(std::process::Stdio::null()).spawn();
                let (transport, _) = transport.map_err(|error| failed(&error))?;
                ().serve(transport).await.map_err(|error| failed(&error))
            }
            Way::Http { url, http, bearer } => {
                let client = http.client_for(url)?;
                let mut config =
                    StreamableHttpClientTransportConfig::with_uri(url.as_str()).max_sse_event_size(1 << 20);
                if let Some(bearer) = bearer {
                    config = config.auth_header(bearer.expose());
                }
                let transport = StreamableHttpClientTransport::with_client(client, config);
                ().serve(transport).await.map_err(|error| failed(&error))
            }
        }
    }
}

fn filled(value: &Value, question: &Question) -> Value {
    match value {
        Value::String(text) => Value::String(fill_plain(text, question)),
        Value::Array(values) => values.iter().map(|value| filled(value, question)).collect(),
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| (name.clone(), filled(value, question))).collect::<Map<_, _>>().into()
        }
        other => other.clone(),
    }
}

/// All text of an answer; without any, its structured content.
fn text_of(answer: &CallToolResult) -> String {
    let text = |block: &ContentBlock| match block {
        ContentBlock::Text(text) => Some(text.text.clone()),
        _ => None,
    };
    let all: Vec<String> = answer.content.iter().filter_map(text).collect();
    match &answer.structured_content {
        Some(content) if all.is_empty() => content.to_string(),
        _ => all.join("\n"),
    }
}

fn links(answer: &CallToolResult) -> Option<String> {
    answer.content.iter().find_map(|block| match block {
        ContentBlock::ResourceLink(resource) => Some(resource.uri.clone()),
        _ => None,
    })
}
