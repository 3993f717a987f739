//! The vendor's own browser client, unmodified, talks to our server.

use crate::{BROWSER, Outcome};
use anyhow::{Context, ensure};
use axum::Router;
use axum::response::Html;
use axum::routing::get;
use e2e_support::{Browser, Options, Server, Speech, npm_dir};
use serde_json::Value;
use tower_http::services::ServeDir;

#[tokio::test]
async fn the_official_browser_client_gets_a_spoken_answer() -> Outcome {
    let _alone = BROWSER.lock().await;
    let name = "official-client";
    let npm = npm_dir().context("@openai/agents-realtime is needed: cargo xtask test installs it where npm is")?;
    let speech = Speech::new().silence(4.0).say("hello there, how are you today")?.silence(60.0).write(name)?;
    let server = Server::start(name, &[("COLLOQUY_ENGINE_RECOGNISER", "scripted:hello")]).await?;
    let site = serve_client(npm.join("node_modules/@openai/agents-realtime/dist/bundle")).await?;

    let browser = Browser::start(name, &Options { microphone: Some(speech), ..Options::default() }).await?;
    browser.driver().goto(&site).await?;
    let script = format!("const [server, done] = ['{}', arguments[arguments.length - 1]];\n{CLIENT}", server.url());
    let outcome: Value = browser.driver().execute_async(script, Vec::new()).await?.convert()?;

    ensure!(outcome["error"].is_null(), "{outcome:#}");
    let kinds: Vec<&str> = outcome["kinds"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    for kind in ["session.created", "session.updated", "response.done", "output_audio_buffer.started"] {
        ensure!(kinds.contains(&kind), "no {kind}: {kinds:?}");
    }
    ensure!(outcome["errors"] == Value::Array(Vec::new()), "the client reported errors: {:#}", outcome["errors"]);
    ensure!(outcome["energy"].as_f64().unwrap_or(0.0) > 1e-4, "no sound arrived: {:#}", outcome["energy"]);
    let roles: Vec<&str> =
        outcome["history"].as_array().into_iter().flatten().filter_map(|item| item["role"].as_str()).collect();
    ensure!(
        roles.starts_with(&["user", "assistant"]),
        "the client's history is {roles:?} after {kinds:?} {:#}",
        outcome["items"]
    );
    Ok(())
}

/// Runs in the page: connects, waits for a spoken turn and its answer.
const CLIENT: &str = r"
const deadline = setTimeout(() => done({ error: 'no answer within 40 s', kinds, errors }), 40000);
const kinds = [], errors = [];
(async () => {
  const { RealtimeAgent, RealtimeSession, OpenAIRealtimeWebRTC } = window.OpenAIAgentsRealtime;
  const { value } = await (await fetch(`${server}/session`, { method: 'POST' })).json();
  const audioElement = document.createElement('audio');
  audioElement.autoplay = true;
  const transport = new OpenAIRealtimeWebRTC({ baseUrl: `${server}/v1/realtime/calls`, audioElement });
  const session = new RealtimeSession(new RealtimeAgent({ name: 'Guide', instructions: 'Be brief.' }), { transport });
  session.on('error', ({ error }) => errors.push(JSON.stringify(error?.error ?? String(error))));
  transport.on('*', (event) => kinds.push(event.type));
  await session.connect({ apiKey: value });
  while (!kinds.includes('output_audio_buffer.stopped')) await new Promise((resolve) => setTimeout(resolve, 50));
  const inbound = await window.__probe.inbound();
  clearTimeout(deadline);
  done({ kinds, errors, items: window.__probe.received.map(({ text }) => JSON.parse(text)).filter(({ type }) => type.includes('item.')), energy: inbound.energy, history: session.history });
})().catch((error) => done({ error: String(error), kinds, errors }));
";

/// Serves a page with the client's bundle on an address of its own, so that requests cross origins as in real use.
async fn serve_client(bundle: std::path::PathBuf) -> anyhow::Result<String> {
    let page = "<!doctype html><meta charset=utf-8><title>client</title>\
                <script src=/bundle/openai-realtime-agents.umd.js></script>";
    let site =
        Router::new().route("/", get(move || async move { Html(page) })).nest_service("/bundle", ServeDir::new(bundle));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    tokio::spawn(async move { axum::serve(listener, site).await });
    Ok(format!("http://localhost:{port}/"))
}
