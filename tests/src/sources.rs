//! Stand-ins for services that are looked things up in: quick, slow, and hostile ones, on an address of their own.

use crate::place::artefact;
use anyhow::Result;
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::{Response, StatusCode};
use axum::routing::get;
use std::fmt::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// How a stand-in behaves.
#[derive(Clone, Debug)]
pub enum Behaviour {
    /// Answers with this text after a while.
    Says(String, Duration),
    /// Answers with this text and, behind it, the number of the request: something else each time.
    Counts(String),
    /// Takes the request and never answers.
    Hangs,
    /// Sends ten megabytes.
    Floods,
    /// Sends what is no JSON.
    Garbage,
    /// Sends the client to an address of this machine that it was not configured for.
    RedirectsInside,
}

/// One source: its name and topic, and how it behaves.
#[derive(Clone, Debug)]
pub struct StandIn {
    /// The source's name in the configuration.
    pub name: &'static str,
    /// The word in a question that makes the router choose it.
    pub topic: &'static str,
    /// What it does.
    pub behaviour: Behaviour,
}

/// Stand-ins that are being served.
#[derive(Debug)]
pub struct StandIns {
    address: String,
    sources: Vec<StandIn>,
    inside: Arc<AtomicU32>,
}

impl StandIns {
    /// Serves the sources.
    ///
    /// # Errors
    /// There is no free port.
    pub async fn start(sources: Vec<StandIn>) -> Result<Self> {
        let inside = Arc::new(AtomicU32::new(0));
        let private = serve(Router::new().fallback(get(count)).with_state(Arc::clone(&inside))).await?;
        let state = Arc::new(Served { sources: sources.clone(), private, requests: AtomicU32::new(0) });
        let address = serve(Router::new().route("/{name}", get(answer)).with_state(state)).await?;
        Ok(Self { address, sources, inside })
    }

    /// How often the address was reached that nobody should be led to.
    pub fn reached_inside(&self) -> u32 {
        self.inside.load(Ordering::Relaxed)
    }

    /// Writes a configuration of the server with these sources and further TOML, and gives its path.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn configure(&self, name: &str, further: &str) -> Result<PathBuf> {
        let mut text = further.to_owned();
        for source in &self.sources {
            let StandIn { name, topic, .. } = source;
            write!(
                text,
                "\n[[sources]]\nkind = \"http\"\nname = \"{name}\"\ntopics = [\"{topic}\"]\nallow_private = true\n\
                 url = \"{}/{name}?q={{query}}\"\ntitle = \"/title\"\ntext = \"/text\"\nlink = \"/link\"\n",
                self.address
            )?;
        }
        let path = artefact(&format!("{name}.toml"));
        std::fs::write(&path, text)?;
        Ok(path)
    }
}

async fn serve(router: Router) -> Result<String> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}", listener.local_addr()?);
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(address)
}

async fn count(State(reached): State<Arc<AtomicU32>>) -> &'static str {
    reached.fetch_add(1, Ordering::Relaxed);
    "a secret of this machine"
}

struct Served {
    sources: Vec<StandIn>,
    /// An address that nobody is to be led to.
    private: String,
    requests: AtomicU32,
}

async fn answer(State(served): State<Arc<Served>>, Path(name): Path<String>) -> Result<Response<Body>, StatusCode> {
    let number = served.requests.fetch_add(1, Ordering::Relaxed);
    let source = served.sources.iter().find(|source| source.name == name).ok_or(StatusCode::NOT_FOUND)?;
    let json = |body: Body| Response::builder().header(CONTENT_TYPE, "application/json").body(body);
    let fact = |text: &str| {
        let title = format!("About {}", source.topic);
        let link = format!("https://{name}.example.org/");
        json(serde_json::json!({ "title": title, "text": text, "link": link }).to_string().into())
    };
    let response = match &source.behaviour {
        Behaviour::Says(text, after) => {
            tokio::time::sleep(*after).await;
            fact(text)
        }
        Behaviour::Counts(text) => fact(&format!("{text} {number}.")),
        Behaviour::Hangs => std::future::pending().await,
        Behaviour::Floods => json(format!("[\"{}\"]", "flood ".repeat(10_000_000 / 6)).into()),
        Behaviour::Garbage => json("<html>{{ not json".into()),
        Behaviour::RedirectsInside => {
            Response::builder().status(StatusCode::FOUND).header(LOCATION, &served.private).body(Body::empty())
        }
    };
    response.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}
