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
        let state = Arc::new((sources.clone(), private));
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

type Served = Arc<(Vec<StandIn>, String)>;

async fn answer(State(served): State<Served>, Path(name): Path<String>) -> Result<Response<Body>, StatusCode> {
    let (sources, private) = &*served;
    let source = sources.iter().find(|source| source.name == name).ok_or(StatusCode::NOT_FOUND)?;
    let json = |body: Body| Response::builder().header(CONTENT_TYPE, "application/json").body(body);
    let response = match &source.behaviour {
        Behaviour::Says(text, after) => {
            tokio::time::sleep(*after).await;
            let title = format!("About {}", source.topic);
            let link = format!("https://{name}.example.org/");
            json(serde_json::json!({ "title": title, "text": text, "link": link }).to_string().into())
        }
        Behaviour::Hangs => std::future::pending().await,
        Behaviour::Floods => json(format!("[\"{}\"]", "flood ".repeat(10_000_000 / 6)).into()),
        Behaviour::Garbage => json("<html>{{ not json".into()),
        Behaviour::RedirectsInside => {
            Response::builder().status(StatusCode::FOUND).header(LOCATION, private).body(Body::empty())
        }
    };
    response.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}
