//! A real Firefox, headless, driven over Marionette, the protocol that is built into it: no driver is needed.
//!
//! Source: the Marionette protocol, level 3. A message is its length in bytes, a colon, and a JSON array:
//! `[0, id, command, parameters]` one way, `[1, id, error, result]` the other.

use crate::browser::Process;
use crate::place::{artefact, firefox};
use crate::waiting::wait_for;
use anyhow::{Context, Result, bail, ensure};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufStream};
use tokio::net::TcpStream;

/// Settings of the profile: a tone as the microphone, allowed without asking, and sound without a click.
const PREFERENCES: &str = r#"
user_pref("marionette.port", 0);
user_pref("media.navigator.streams.fake", true);
user_pref("media.navigator.permission.disabled", true);
user_pref("media.autoplay.default", 0);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("app.update.enabled", false);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
"#;

/// A running Firefox with one page; ends when dropped.
#[derive(Debug)]
pub struct Firefox {
    socket: BufStream<TcpStream>,
    last_id: u64,
    _process: Process,
    _profile: TempDir,
}

impl Firefox {
    /// Starts Firefox.
    ///
    /// # Errors
    /// It is not there or does not answer within 60 seconds.
    pub async fn start(name: &str) -> Result<Self> {
        let profile = tempfile::tempdir()?;
        std::fs::write(profile.path().join("user.js"), PREFERENCES)?;
        let log = File::create(artefact(&format!("{name}.firefox.log")))?;
        let binary = firefox();
        let child = Command::new(&binary)
            .args(["--headless", "--marionette", "--no-remote", "--profile"])
            .arg(profile.path())
            .env("HOME", profile.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("cannot start {}", binary.display()))?;
        let process = Process(child);
        let socket = BufStream::new(connect(profile.path()).await?);
        let mut firefox = Self { socket, last_id: 0, _process: process, _profile: profile };
        firefox.receive().await.context("no greeting")?;
        firefox.command("WebDriver:NewSession", json!({})).await?;
        firefox.command("WebDriver:SetTimeouts", json!({"script": 60_000, "pageLoad": 30_000})).await?;
        Ok(firefox)
    }

    /// Opens a page.
    ///
    /// # Errors
    /// It does not load.
    pub async fn open(&mut self, url: &str) -> Result<()> {
        self.command("WebDriver:Navigate", json!({ "url": url })).await.map(drop)
    }

    /// The value of an asynchronous function body run in the page.
    ///
    /// # Errors
    /// It rejects, or is not of the type wanted.
    pub async fn resolve<T: DeserializeOwned>(&mut self, body: &str) -> Result<T> {
        let script = format!(
            "const done = arguments[arguments.length - 1];
             (async () => {{ {body} }})().then((value) => done({{ value }}), (error) => done({{ error: String(error) }}));"
        );
        let answer = self.command("WebDriver:ExecuteAsyncScript", json!({ "script": script, "args": [] })).await?;
        let outcome = answer.get("value").cloned().unwrap_or(Value::Null);
        if let Some(error) = outcome.get("error") {
            bail!("{error}");
        }
        Ok(serde_json::from_value(outcome.get("value").cloned().unwrap_or(Value::Null))?)
    }

    async fn command(&mut self, name: &str, parameters: Value) -> Result<Value> {
        self.last_id += 1;
        let message = json!([0, self.last_id, name, parameters]).to_string();
        self.socket.write_all(format!("{}:{message}", message.len()).as_bytes()).await?;
        self.socket.flush().await?;
        let answer = self.receive().await?;
        let error = answer.get(2).cloned().unwrap_or(Value::Null);
        ensure!(error.is_null(), "{name}: {error}");
        Ok(answer.get(3).cloned().unwrap_or(Value::Null))
    }

    async fn receive(&mut self) -> Result<Value> {
        let mut length = 0;
        loop {
            match self.socket.read_u8().await? {
                b':' => break,
                digit @ b'0'..=b'9' => length = length * 10 + usize::from(digit - b'0'),
                other => bail!("unexpected byte {other} in a length"),
            }
        }
        ensure!(length < 64 << 20, "a message of {length} bytes");
        let mut message = vec![0; length];
        self.socket.read_exact(&mut message).await?;
        Ok(serde_json::from_slice(&message)?)
    }
}

/// Firefox writes the port it chose into its profile.
async fn connect(profile: &Path) -> Result<TcpStream> {
    let connected = async || {
        let port = std::fs::read_to_string(profile.join("MarionetteActivePort")).ok();
        let Some(port) = port.and_then(|text| text.trim().parse::<u16>().ok()) else { return Ok(None) };
        Ok(TcpStream::connect(("127.0.0.1", port)).await.ok())
    };
    wait_for("Firefox to be ready", 60, connected).await
}
