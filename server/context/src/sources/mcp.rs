//! A tool of an MCP server, over a child process or streamable HTTP, asked like any other source.
//!
//! The connection is made in a task of its own and kept: a question that is dropped while the server still starts does
//! not start it again. A server that was started anew may know nothing of it, and even stay silent: after a call that
//! failed or took too long, another connection is made. The child sees none of our environment except what is passed on by
//! name.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures::{FutureExt, future::BoxFuture};
use protocol::context::ContextItem;
use reqwest::Url;
use rmcp::{
    RoleClient, ServiceExt,
    model::{CallToolRequestParams, CallToolResult, ContentBlock, ResourceContents},
    service::{RunningService, ServiceError},
    transport::{
        StreamableHttpClientTransport, TokioChildProcess, streamable_http_client::StreamableHttpClientTransportConfig,
    },
};
use serde::Deserialize;
use serde_json::{Map, Value};
use tokio::{
    process::Command,
    sync::Mutex,
    time::{Instant, timeout},
};

use super::{endpoint::told_apart, mcp_sessions::Sessions};
use crate::{
    Finding, Http, Interests, Limits, Profile, Question, Secret, Source, SourceError, clean_line, item,
    template::{fill_key, fill_plain, fill_url, lacks_place},
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
    /// Its arguments; in texts `{query}`, `{place}`, `{zone}`, `{date}` and `{user}` are filled in. With `{place}`, it is
    /// called only where there is one.
    #[serde(default = "query_only")]
    pub arguments: toml::Table,
    /// Whom to credit; the server's own name when not given.
    pub attribution: Option<String>,
    /// The page that shows an answer which names none, with the same filled in.
    pub link: Option<String>,
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
    running: Mutex<Option<Arc<Session>>>,
}

/// One connection, for as long as its server answers. It ends when the last question to it does.
struct Session {
    service: RunningService<RoleClient, ()>,
    has_answered: AtomicBool,
    given_up: AtomicBool,
}

/// Gives the session up if, after so long, its call ends without an answer.
struct Patience<'a> {
    session: &'a Session,
    until: Instant,
    answered: bool,
}

impl Drop for Patience<'_> {
    fn drop(&mut self) {
        if !self.answered && Instant::now() >= self.until {
            self.session.given_up.store(true, Ordering::Relaxed);
        }
    }
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
        let (connection, source) = (Arc::clone(&self.connection), self.profile.name.clone());
        tokio::spawn(async move {
            if let Err(error) = connection.session().await {
                tracing::warn!(source, %error, "an MCP server could not be reached yet");
            }
        });
    }

    async fn ask(&self, question: &Question) -> Result<Finding, SourceError> {
        if self.arguments.values().any(|value| misses_place(value, question)) {
            return Ok(Finding::default());
        }
        let mut session = self.session().await?;
        let mut answer = self.call(&session, question).await;
        if answer.is_err() && session.is_over() && session.has_answered.load(Ordering::Relaxed) {
            session = self.session().await?;
            answer = self.call(&session, question).await;
        }
        let answer = answer.map_err(|error| match error {
            ServiceError::McpError(error) => said("server", &error.message),
            error => {
                tracing::debug!(%error, "an MCP tool could not be called");
                SourceError::Unreachable
            }
        })?;
        if answer.is_error == Some(true) {
            return Err(said("tool", &text_of(&answer)));
        }
        let attribution = self.config.attribution.clone().unwrap_or_else(|| session.name());
        Ok(self.items(&answer, &attribution, question).into())
    }

    async fn session(&self) -> Result<Arc<Session>, SourceError> {
        let connection = Arc::clone(&self.connection);
        tokio::spawn(async move { connection.session().await }).await.map_err(|_| SourceError::Broken)?
    }

    async fn call(&self, session: &Session, question: &Question) -> Result<CallToolResult, ServiceError> {
        let call =
            CallToolRequestParams::new(self.config.tool.clone()).with_arguments(self.arguments(question, fill_plain));
        let patience = self.connection.way.patience(self.profile.limit);
        let mut patience = Patience { session, until: Instant::now() + patience, answered: false };
        let answer = session.service.peer().call_tool(call).await;
        patience.answered = true;
        match &answer {
            Ok(_) => session.has_answered.store(true, Ordering::Relaxed),
            Err(error) if self.connection.way.is_lost_by(error) => session.given_up.store(true, Ordering::Relaxed),
            Err(_) => {}
        }
        answer
    }

    fn arguments(&self, question: &Question, fill: Fill) -> Map<String, Value> {
        let filled = |(name, value): (&String, &Value)| (name.clone(), filled(value, question, fill));
        self.arguments.iter().map(filled).collect()
    }

    /// What the answer says itself, and each thing that it names or brings along, with that thing's own page.
    fn items(&self, answer: &CallToolResult, attribution: &str, question: &Question) -> Vec<ContextItem> {
        let (tool, only) = (&self.config.tool, only_page(answer));
        let one = |id: &str, title: &str, text: &str, page: Option<&str>| ContextItem {
            url: page.map(str::to_owned).or_else(|| self.config.link.as_ref().map(|link| fill_url(link, question))),
            attribution: attribution.to_owned(),
            as_of: question.now.as_second(),
            ..item(format!("{tool}:{id}"), title, text)
        };
        let own = text_of(answer);
        let has_own = !own.trim().is_empty();
        let thing = |block: &ContentBlock| match block {
            // The only page is that of the text; by itself its name says nothing more.
            ContentBlock::ResourceLink(link) => {
                let title = link.title.as_ref().unwrap_or(&link.name);
                let is_said = has_own && link.description.is_none() && only.is_some();
                let text = link.description.as_ref().unwrap_or(title);
                (!is_said).then(|| one(&link.uri, title, text, page(&link.uri)))
            }
            ContentBlock::Resource(embedded) => match &embedded.resource {
                ResourceContents::TextResourceContents { uri, text, .. } => Some(one(uri, tool, text, page(uri))),
                _ => None,
            },
            _ => None,
        };
        let own = has_own.then(|| one(&question.key(), tool, &own, only));
        let mut items = told_apart(own.into_iter().chain(answer.content.iter().filter_map(thing)).collect());
        let count = items.len().max(1) as f32;
        for (rank, item) in items.iter_mut().enumerate() {
            item.relevance = 0.7 - 0.2 * rank as f32 / count;
        }
        items
    }
}

impl Source for Mcp {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Other arguments make another question.
    fn cache_key(&self, question: &Question) -> Option<String> {
        Some(Value::Object(self.arguments(question, fill_key)).to_string())
    }

    fn look_up<'a>(&'a self, question: &'a Question) -> BoxFuture<'a, Result<Finding, SourceError>> {
        self.ask(question).boxed()
    }
}

impl Connection {
    /// The session to call on, connecting if need be.
    async fn session(&self) -> Result<Arc<Session>, SourceError> {
        let mut running = self.running.lock().await;
        if let Some(session) = running.as_ref().filter(|session| !session.is_over()) {
            return Ok(Arc::clone(session));
        }
        *running = None;
        let service = timeout(LONGEST_START, self.connect()).await.map_err(|_| SourceError::Timeout)??;
        let session = Session { service, has_answered: AtomicBool::new(false), given_up: AtomicBool::new(false) };
        Ok(Arc::clone(running.insert(Arc::new(session))))
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
                let transport = StreamableHttpClientTransport::with_client(Sessions(client), config);
                ().serve(transport).await.map_err(|error| failed(&error))
            }
        }
    }
}

impl Session {
    fn is_over(&self) -> bool {
        let closed = self.service.is_closed() || self.service.peer().is_transport_closed();
        closed || self.given_up.load(Ordering::Relaxed)
    }

    /// What the server calls itself.
    fn name(&self) -> String {
        let info = self.service.peer().peer_info();
        let name = info.and_then(|info| info.server_info.as_ref().map(|server| server.name.clone()));
        name.unwrap_or_else(|| "MCP server".to_owned())
    }
}

impl Way {
    /// How long a call may go unanswered before its session is doubted. A child is not started again because a newer
    /// question took the place of one that it still works at.
    fn patience(&self, limit: Duration) -> Duration {
        match self {
            // The engine's clock for the limit began to run a little earlier.
            Self::Child { .. } => limit.mul_f32(0.9),
            Self::Http { .. } => limit.mul_f32(0.9).min(Duration::from_secs(1)),
        }
    }

    /// Whether the error is, or may be, one of the session rather than of the question.
    fn is_lost_by(&self, error: &ServiceError) -> bool {
        matches!(self, Self::Http { .. }) || !matches!(error, ServiceError::McpError(_))
    }
}

fn said(who: &str, what: &str) -> SourceError {
    SourceError::Said(format!("the {who} says: {}", clean_line(what, 200)))
}

/// How a text is filled in.
type Fill = fn(&str, &Question) -> String;

fn filled(value: &Value, question: &Question, fill: Fill) -> Value {
    match value {
        Value::String(text) => Value::String(fill(text, question)),
        Value::Array(values) => values.iter().map(|value| filled(value, question, fill)).collect(),
        Value::Object(fields) => {
            let filled = |(name, value): (&String, &Value)| (name.clone(), filled(value, question, fill));
            fields.iter().map(filled).collect::<Map<_, _>>().into()
        }
        other => other.clone(),
    }
}

fn misses_place(value: &Value, question: &Question) -> bool {
    match value {
        Value::String(text) => lacks_place(text, question),
        Value::Array(values) => values.iter().any(|value| misses_place(value, question)),
        Value::Object(fields) => fields.values().any(|value| misses_place(value, question)),
        _ => false,
    }
}

/// The text that an answer says itself; without any block, its structured content.
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

/// The page of a thing; addresses of the server's own resources open nowhere else.
fn page(uri: &str) -> Option<&str> {
    Some(uri).filter(|uri| uri.starts_with("https://") || uri.starts_with("http://"))
}

/// The page that a part of an answer names.
fn page_of(block: &ContentBlock) -> Option<&str> {
    match block {
        ContentBlock::ResourceLink(resource) => page(&resource.uri),
        ContentBlock::Resource(embedded) => match &embedded.resource {
            ResourceContents::TextResourceContents { uri, .. } | ResourceContents::BlobResourceContents { uri, .. } => {
                page(uri)
            }
            _ => None,
        },
        _ => None,
    }
}

/// The one page that an answer names, if it names no other.
fn only_page(answer: &CallToolResult) -> Option<&str> {
    let mut pages = answer.content.iter().filter_map(page_of);
    let first = pages.next()?;
    pages.all(|other| other == first).then_some(first)
}

/// How long a server may take to start.
const LONGEST_START: Duration = Duration::from_secs(20);
