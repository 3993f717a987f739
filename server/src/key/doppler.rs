//! The key as a secret in Doppler: by its program, which knows by itself who may ask, or by its HTTP API with a service
//! token.

use super::{KeyError, ServerKey};
use crate::upstream::is_loopback;
use reqwest::{Client, StatusCode, Url};
use serde_json::Value;
use std::process::Stdio;
use tokio::io::AsyncReadExt;
use tokio::process::Command;

/// A secret in Doppler.
#[derive(Clone, Debug)]
pub struct Doppler {
    /// The secret's name.
    pub secret: String,
    /// Its project, where the program or the token does not imply it.
    pub project: Option<String>,
    /// Its config, likewise.
    pub config: Option<String>,
    /// How it is asked for.
    pub by: Asking,
}

/// How a secret is asked for.
#[derive(Clone, Debug)]
pub enum Asking {
    /// By running `doppler secrets get`.
    Program(String),
    /// At an address, with a service token.
    Api {
        /// The base address, `https://api.doppler.com` usually.
        base_url: Url,
        /// The token (`dp.st.…`).
        token: ServerKey,
    },
}

impl Doppler {
    pub(super) async fn fetch(&self) -> Result<ServerKey, KeyError> {
        match &self.by {
            Asking::Program(program) => self.run(program).await,
            Asking::Api { base_url, token } => self.ask(base_url, token).await,
        }
    }

    /// What the program says besides the secret is not kept: nobody knows what is in it.
    async fn run(&self, program: &str) -> Result<ServerKey, KeyError> {
        let mut command = Command::new(program);
        command.args(["secrets", "get", &self.secret, "--plain"]);
        for (flag, value) in self.scope() {
            command.arg(format!("--{flag}")).arg(value);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
        let mut child = command.spawn().map_err(|_| KeyError::NoProgram(program.to_owned()))?;
        let mut text = String::new();
        if let Some(output) = child.stdout.take() {
            // Text that cannot be read is no key, and its end is told by the exit code.
            let _ = output.take(LONGEST).read_to_string(&mut text).await;
        }
        let status = child.wait().await.map_err(|_| KeyError::Program(None))?;
        if !status.success() {
            return Err(KeyError::Program(status.code()));
        }
        ServerKey::new(&text).ok_or_else(|| self.not_a_key())
    }

    async fn ask(&self, base_url: &Url, token: &ServerKey) -> Result<ServerKey, KeyError> {
        let mut client = Client::builder().redirect(reqwest::redirect::Policy::none());
        if is_loopback(base_url.as_str()) {
            client = client.no_proxy();
        }
        let client = client.build().map_err(|_| KeyError::Unreachable)?;
        let mut query = vec![("format", "json"), ("secrets", self.secret.as_str())];
        query.extend(self.scope());
        let address = format!("{}/v3/configs/config/secrets/download", base_url.as_str().trim_end_matches('/'));
        let address = Url::parse_with_params(&address, query).map_err(|_| KeyError::Unreachable)?;
        let authorization = token.authorization().ok_or(KeyError::Unreachable)?;
        let request = client.get(address).header(reqwest::header::AUTHORIZATION, authorization);
        let mut response = request.send().await.map_err(|_| KeyError::Unreachable)?;
        match response.status() {
            StatusCode::OK => {}
            status @ (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => {
                return Err(KeyError::Token(status.as_u16()));
            }
            status => return Err(KeyError::Service(status.as_u16())),
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|_| KeyError::Unreachable)? {
            body.extend_from_slice(&chunk);
            if body.len() as u64 > LONGEST {
                return Err(self.not_a_key());
            }
        }
        let secrets: Value = serde_json::from_slice(&body).map_err(|_| self.not_a_key())?;
        secrets.get(&self.secret).and_then(Value::as_str).and_then(ServerKey::new).ok_or_else(|| self.not_a_key())
    }

    fn scope(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [("project", self.project.as_deref()), ("config", self.config.as_deref())]
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
    }

    fn not_a_key(&self) -> KeyError {
        KeyError::NotAKey(format!("Doppler's secret {}", self.secret))
    }
}

/// The most that is read, in bytes: a project's secrets are a few kilobytes.
const LONGEST: u64 = 256 * 1024;
