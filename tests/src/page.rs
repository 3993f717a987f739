//! The page under test: what a person would do and see, and what the probe saw.

use crate::{Browser, Options, artefact};
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use thirtyfour::By;

/// A row of the transcript as the page shows it.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct Row {
    /// `user` or `assistant`.
    pub speaker: String,
    /// `waiting`, `streaming`, `done`, `interrupted` or `failed`.
    pub state: String,
    /// The words shown that were heard.
    pub text: String,
}

/// Sound so far: the sum of squared levels over time, for which full scale during one second is 1.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
pub struct Sound {
    /// Of the received track.
    pub track: f64,
    /// Of what the page plays.
    pub output: f64,
}

/// A page open in a browser.
#[derive(Debug)]
pub struct Page {
    name: String,
    browser: Browser,
}

impl Page {
    /// Opens `url` in a new browser and waits until the client has mounted.
    ///
    /// # Errors
    /// The browser does not start or the client does not mount.
    pub async fn open(name: &str, url: &str, options: &Options) -> Result<Self> {
        let page = Self::blank(name, options).await?;
        page.browser.driver().goto(url).await?;
        page.wait_for_client().await?;
        Ok(page)
    }

    /// A new browser that shows nothing yet.
    ///
    /// # Errors
    /// The browser does not start.
    pub async fn blank(name: &str, options: &Options) -> Result<Self> {
        Ok(Self { name: name.to_owned(), browser: Browser::start(name, options).await? })
    }

    /// Waits until the client has mounted.
    ///
    /// # Errors
    /// It does not within 20 seconds.
    pub async fn wait_for_client(&self) -> Result<()> {
        self.wait("the client to mount", 20, "document.querySelector('main[data-phase]') !== null").await
    }

    /// The browser.
    pub fn browser(&self) -> &Browser {
        &self.browser
    }

    /// Clicks the control with this test id.
    ///
    /// # Errors
    /// It is not there or cannot be clicked.
    pub async fn click(&self, id: &str) -> Result<()> {
        let control = self.browser.driver().find(By::Css(format!("[data-testid='{id}']"))).await;
        let control = control.with_context(|| format!("no control `{id}`"))?;
        control.click().await.with_context(|| format!("`{id}` cannot be clicked"))
    }

    /// Connects and waits until it is the user's turn.
    ///
    /// # Errors
    /// It does not connect within 20 seconds.
    pub async fn connect(&self) -> Result<()> {
        self.click("connect").await?;
        self.wait_for_link("connected").await
    }

    /// Waits until the link is in this state.
    ///
    /// # Errors
    /// It is not within 20 seconds.
    pub async fn wait_for_link(&self, link: &str) -> Result<()> {
        let condition = format!("document.querySelector('main').dataset.link === '{link}'");
        self.wait(&format!("the link to be {link}"), 20, &condition).await
    }

    /// Waits until the phase is this one.
    ///
    /// # Errors
    /// It is not within 20 seconds.
    pub async fn wait_for_phase(&self, phase: &str) -> Result<()> {
        let condition = format!("document.querySelector('main').dataset.phase === '{phase}'");
        self.wait(&format!("the phase to be {phase}"), 20, &condition).await
    }

    /// Types a sentence and sends it.
    ///
    /// # Errors
    /// The text box is not there.
    pub async fn say(&self, text: &str) -> Result<()> {
        let field = self.browser.driver().find(By::Css("[data-testid='say']")).await?;
        field.send_keys(text).await?;
        self.click("send").await
    }

    /// The transcript as shown.
    ///
    /// # Errors
    /// The page does not answer.
    pub async fn rows(&self) -> Result<Vec<Row>> {
        self.evaluate(
            "[...document.querySelectorAll('li[data-speaker]')].map((row) => ({
                speaker: row.dataset.speaker, state: row.dataset.state,
                text: row.querySelector('.heard').innerText.trim() }))",
        )
        .await
    }

    /// Waits for a whole answer after `after` rows and returns the transcript.
    ///
    /// # Errors
    /// There is none within 30 seconds.
    pub async fn wait_for_answer(&self, after: usize) -> Result<Vec<Row>> {
        let condition = format!(
            "[...document.querySelectorAll('li[data-speaker]')].slice({after})
                .some((row) => row.dataset.speaker === 'assistant' && row.dataset.state === 'done')"
        );
        self.wait("a whole answer", 30, &condition).await?;
        self.rows().await
    }

    /// Sound so far, by the probe's meters; the page must have been opened with [`Options::metering`].
    ///
    /// # Errors
    /// The page does not answer.
    pub async fn sound(&self) -> Result<Sound> {
        self.evaluate("window.__probe.sound()").await
    }

    /// Faults that reached the window: exceptions, rejections, violations of the content security policy.
    ///
    /// # Errors
    /// The page does not answer.
    pub async fn errors(&self) -> Result<Vec<String>> {
        self.evaluate("window.__probe.errors").await
    }

    /// Lets the newest data channel deliver a text to the page, as the far end would.
    ///
    /// # Errors
    /// There is no channel.
    pub async fn deliver(&self, text: &str) -> Result<()> {
        let text = serde_json::to_string(text)?;
        let script =
            format!("window.__probe.channels.at(-1).dispatchEvent(new MessageEvent('message', {{ data: {text} }}))");
        self.evaluate::<bool>(&script).await.map(drop)
    }

    /// The value of an expression.
    ///
    /// # Errors
    /// It throws, or is not of the type wanted.
    pub async fn evaluate<T: DeserializeOwned>(&self, expression: &str) -> Result<T> {
        let answer = self.browser.driver().execute(format!("return {expression}"), Vec::new()).await?;
        Ok(answer.convert()?)
    }

    /// The value of an asynchronous function body.
    ///
    /// # Errors
    /// It rejects, or is not of the type wanted.
    pub async fn resolve<T: DeserializeOwned>(&self, body: &str) -> Result<T> {
        let script = format!(
            "const done = arguments[arguments.length - 1];
             (async () => {{ {body} }})().then((value) => done({{ value }}), (error) => done({{ error: String(error) }}));"
        );
        let answer: Value = self.browser.driver().execute_async(script, Vec::new()).await?.convert()?;
        match answer.get("error") {
            Some(error) => bail!("{error}"),
            None => Ok(serde_json::from_value(answer["value"].clone())?),
        }
    }

    /// Waits until an expression is true.
    ///
    /// # Errors
    /// It is not within `seconds`; the error shows the page's state, and a screenshot is left beside the logs.
    pub async fn wait(&self, what: &str, seconds: u64, expression: &str) -> Result<()> {
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(seconds) {
            if self.evaluate::<bool>(expression).await.unwrap_or(false) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
        self.screenshot(&format!("{}-failed", self.name)).await?;
        let state: Value = self.evaluate("({...document.querySelector('main')?.dataset})").await.unwrap_or(json!(null));
        let rows = self.rows().await.unwrap_or_default();
        let errors = self.errors().await.unwrap_or_default();
        bail!("{what} did not happen within {seconds} s\n  page: {state}\n  rows: {rows:#?}\n  errors: {errors:?}")
    }

    /// Leaves a picture of the page beside the logs.
    ///
    /// # Errors
    /// The browser does not give one.
    pub async fn screenshot(&self, name: &str) -> Result<()> {
        Ok(self.browser.driver().screenshot(&artefact(&format!("{name}.png"))).await?)
    }
}
