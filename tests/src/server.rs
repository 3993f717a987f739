//! The real server as a process of its own, with its log in a file.

use crate::place::{artefact, released_binary, server_binary};
use crate::waiting::{port_behind, wait_for};
use anyhow::{Context, Result, bail};
use std::fs::File;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A running server; killed when dropped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    port: u16,
    name: String,
    binary: PathBuf,
    settings: Vec<(String, String)>,
}

impl Server {
    /// Starts the server on a port of its choice with settings as environment variables, and waits until it is ready.
    ///
    /// # Errors
    /// The binary is not there, or is not ready within 30 seconds.
    pub async fn start(name: &str, settings: &[(&str, &str)]) -> Result<Self> {
        Self::start_on(name, server_binary(), 0, owned(settings)).await
    }

    /// The same with the server as it is deployed, where one was built.
    ///
    /// # Errors
    /// As [`Server::start`].
    pub async fn start_released(name: &str, settings: &[(&str, &str)]) -> Result<Self> {
        Self::start_on(name, released_binary(), 0, owned(settings)).await
    }

    /// Kills the server at once, as a power cut would, and starts another on the same port.
    ///
    /// # Errors
    /// As [`Server::start`].
    pub async fn restart(mut self, pause: Duration) -> Result<Self> {
        self.kill();
        tokio::time::sleep(pause).await;
        Self::start_on(&self.name, self.binary.clone(), self.port, std::mem::take(&mut self.settings)).await
    }

    /// The address of the page.
    pub fn url(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// The server's process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    async fn start_on(name: &str, binary: PathBuf, port: u16, settings: Vec<(String, String)>) -> Result<Self> {
        let path = log_of(name);
        let earlier = std::fs::read(&path).map_or(0, |said| said.len());
        let log = File::options().create(true).append(true).open(path)?;
        let child = Command::new(&binary)
            .env("COLLOQUY_LISTEN", format!("127.0.0.1:{port}"))
            .env_remove("OPENAI_API_KEY")
            // What tests say is nothing for the memory of whoever runs them.
            .env("COLLOQUY_MEMORY", ":memory:")
            .env("RUST_LOG", "info,engine=debug,server=debug,colloquy_engine=debug,colloquy_server=debug")
            .envs(settings.iter().map(|(key, value)| (key, value)))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("cannot start {} (cargo xtask test builds it)", binary.display()))?;
        let mut server = Self { child, port, name: name.to_owned(), binary, settings };
        server.port = server.wait_for_greeting(earlier).await?;
        Ok(server)
    }

    /// The port that it says it listens on, behind what others have said into the same log.
    async fn wait_for_greeting(&mut self, earlier: usize) -> Result<u16> {
        let log = log_of(&self.name);
        wait_for("the server to be ready", 30, async || {
            if let Some(exit) = self.child.try_wait()? {
                bail!("the server ended with {exit}");
            }
            let said = std::fs::read(&log)?;
            Ok(port_behind("is ready: open http://localhost:", said.get(earlier..).unwrap_or_default()))
        })
        .await
        .with_context(|| format!("see {}", log.display()))
    }

    fn kill(&mut self) {
        if let Err(error) = self.child.kill().and_then(|()| self.child.wait().map(drop)) {
            eprintln!("the server could not be killed: {error}");
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The resident memory of a process in MiB, by Linux's account.
///
/// # Errors
/// There is no such process, or this is not Linux.
pub fn resident_mib(pid: u32) -> Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).context("resident memory is read on Linux")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    let kib: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kib / 1024.0)
}

/// What the server says about its settings.
///
/// # Errors
/// The binary is not there or fails.
pub fn help() -> Result<String> {
    let output = Command::new(server_binary()).arg("--help").output()?;
    Ok(String::from_utf8(output.stdout)?)
}

/// What a server of this name has said.
fn log_of(name: &str) -> PathBuf {
    artefact(&format!("{name}.server.log"))
}

fn owned(settings: &[(&str, &str)]) -> Vec<(String, String)> {
    settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}
