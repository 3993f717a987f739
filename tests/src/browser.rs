//! A real Chromium, headless, with a recording as its microphone.

use crate::place::{artefact, chromedriver, chromium};
use crate::waiting::{port_behind, wait_for};
use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::fs::File;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use thirtyfour::{ChromiumLikeCapabilities, DesiredCapabilities, WebDriver};

/// How a browser is to be.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is one independent setting")]
pub struct Options {
    /// The recording that is the microphone; without one Chromium's own beeps.
    pub microphone: Option<PathBuf>,
    /// Play the recording again and again.
    pub repeat: bool,
    /// The user says no to the microphone.
    pub refuse_microphone: bool,
    /// Sample levels of microphone, received track and output. It bypasses the page's content security policy, as
    /// the meters are not the page's own.
    pub metering: bool,
    /// Dark instead of light.
    pub dark: bool,
    /// Width and height of the page; 1280 × 800 where absent.
    pub size: Option<(u32, u32)>,
}

/// A browser with one page; both end when it is dropped.
#[derive(Debug)]
pub struct Browser {
    driver: WebDriver,
    port: u16,
    // Dropped after the session has ended.
    _chromedriver: Process,
    _profile: TempDir,
}

impl Drop for Browser {
    /// Ends the session over a plain connection: the driver's own way would need the runtime that a failed test has
    /// already left, and waits two minutes for it.
    fn drop(&mut self) {
        let request = format!("DELETE /session/{} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", self.driver.session_id());
        let ended = TcpStream::connect(("127.0.0.1", self.port)).and_then(|mut socket| {
            socket.set_read_timeout(Some(Duration::from_secs(10)))?;
            socket.write_all(request.as_bytes())?;
            socket.read(&mut [0; 16])
        });
        if let Err(error) = ended {
            eprintln!("the browser could not be ended: {error}");
        }
        if let Err(error) = self.driver.clone().leak() {
            eprintln!("the session had ended before: {error}");
        }
    }
}

impl Browser {
    /// Starts a browser.
    ///
    /// # Errors
    /// Chromium or its driver is not there or does not start.
    pub async fn start(name: &str, options: &Options) -> Result<Self> {
        let profile = tempfile::tempdir()?;
        let (chromedriver, port) = start_chromedriver(name).await?;
        let url = format!("http://127.0.0.1:{port}");
        let driver = WebDriver::new(&url, capabilities(options, &profile)?).await.context("cannot start Chromium")?;
        let browser = Self { driver, port, _chromedriver: chromedriver, _profile: profile };
        browser.driver.set_script_timeout(Duration::from_secs(60)).await?;
        browser.prepare(options).await?;
        Ok(browser)
    }

    /// The WebDriver session.
    pub fn driver(&self) -> &WebDriver {
        &self.driver
    }

    /// Sends a command of the Chrome DevTools protocol.
    ///
    /// # Errors
    /// The browser refuses it.
    pub async fn devtools(&self, command: &str, arguments: Value) -> Result<Value> {
        Ok(self.driver.cdp().send_raw(command, arguments).await?)
    }

    async fn prepare(&self, options: &Options) -> Result<()> {
        let (width, height) = options.size.unwrap_or((1280, 800));
        let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600});
        self.devtools("Emulation.setDeviceMetricsOverride", metrics).await?;
        let scheme = if options.dark { "dark" } else { "light" };
        let features = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.devtools("Emulation.setEmulatedMedia", features).await?;
        let mut probe = String::new();
        if options.metering {
            self.devtools("Page.enable", json!({})).await?;
            self.devtools("Page.setBypassCSP", json!({"enabled": true})).await?;
            probe.push_str("window.__probe_metering = true;\n");
        }
        probe.push_str(include_str!("probe.js"));
        self.devtools("Page.addScriptToEvaluateOnNewDocument", json!({"source": probe})).await?;
        Ok(())
    }
}

fn capabilities(options: &Options, profile: &TempDir) -> Result<thirtyfour::ChromeCapabilities> {
    let mut chrome = DesiredCapabilities::chrome();
    chrome.set_binary(&chromium().to_string_lossy())?;
    let mut arguments: Vec<String> = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--use-fake-device-for-media-stream",
        "--autoplay-policy=no-user-gesture-required",
    ]
    .map(str::to_owned)
    .to_vec();
    arguments.push(format!("--user-data-dir={}", profile.path().display()));
    if options.refuse_microphone {
        let refused = json!({"profile.default_content_setting_values.media_stream_mic": 2});
        chrome.add_experimental_option("prefs", refused)?;
    } else {
        arguments.push("--use-fake-ui-for-media-stream".to_owned());
    }
    if let Some(recording) = &options.microphone {
        let once = if options.repeat { "" } else { "%noloop" };
        arguments.push(format!("--use-file-for-fake-audio-capture={}{once}", recording.display()));
    }
    for argument in &arguments {
        chrome.add_arg(argument)?;
    }
    Ok(chrome)
}

async fn start_chromedriver(name: &str) -> Result<(Process, u16)> {
    let path = artefact(&format!("{name}.chromedriver.log"));
    let log = File::create(&path)?;
    let binary = chromedriver();
    let child = Command::new(&binary)
        .arg("--port=0")
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()
        .with_context(|| format!("cannot start {}", binary.display()))?;
    let process = Process(child);
    let said = async || Ok(port_behind("started successfully on port ", &std::fs::read(&path)?));
    let port = wait_for("chromedriver to be ready", 20, said).await?;
    Ok((process, port))
}

/// A process that ends with its owner.
#[derive(Debug)]
pub(crate) struct Process(pub(crate) Child);

impl Drop for Process {
    fn drop(&mut self) {
        if let Err(error) = self.0.kill().and_then(|()| self.0.wait().map(drop)) {
            eprintln!("a process could not be ended: {error}");
        }
    }
}
