//! What all clients share: the server's address, what it has acknowledged, and the one way to ask it.

use crate::asked::Asked;
use crate::contract::Contract;
use crate::ledger::{Ledger, Line, Remembered, State};
use crate::vendor::Vendor;
use crate::verdict::{Promise, Verdict};
use anyhow::Result;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, LOCATION};
use reqwest::{Client, StatusCode};
use serde_json::Value;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What all clients share.
pub(crate) struct World {
    pub(crate) address: String,
    pub(crate) vendor: Vendor,
    pub(crate) verdict: Verdict,
    contract: Contract,
    client: Client,
    ledger: Mutex<Ledger>,
    number: AtomicU64,
    /// How often the server was killed.
    kills: AtomicU64,
    down: AtomicBool,
    over: AtomicBool,
}

/// An answer, whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: String,
    /// The call that it has opened.
    pub(crate) call: Option<String>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// The word of an error, or `ok`.
    pub(crate) fn result(&self) -> String {
        let word = || self.json().get("code").and_then(Value::as_str).unwrap_or("?").to_owned();
        if self.status.is_success() || self.status.is_redirection() { "ok".to_owned() } else { word() }
    }
}

impl World {
    /// Of a server that answers.
    pub(crate) async fn new(url: &str, vendor: Vendor) -> Result<Self> {
        let client = Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            // Sooner than the server closes connections that say nothing.
            .pool_idle_timeout(Duration::from_secs(3))
            .build()?;
        let document = client.get(format!("{url}/openapi.json")).send().await?.text().await?;
        Ok(Self {
            address: url.trim_start_matches("http://").to_owned(),
            vendor,
            verdict: Verdict::default(),
            contract: Contract::read(&serde_json::from_str(&document)?)?,
            client,
            ledger: Mutex::default(),
            number: AtomicU64::new(0),
            kills: AtomicU64::new(0),
            down: AtomicBool::new(false),
            over: AtomicBool::new(false),
        })
    }

    /// Asks, judges the answer and notes what it acknowledges. Nothing if there is none.
    pub(crate) async fn ask(&self, asked: Asked) -> Option<Answer> {
        let id = format!("soak-{}", self.number.fetch_add(1, Ordering::Relaxed));
        let before = self.kills.load(Ordering::SeqCst);
        match self.send(&asked, &id).await {
            Ok(answer) => {
                self.verdict.check(Promise::Answered, None);
                let complaint = self.contract.complaint(&asked, &id, answer.status, &answer.body);
                self.verdict.check(Promise::Documented, complaint);
                self.note(&asked, id, &answer);
                Some(answer)
            }
            Err(_) if asked.patience.is_some() => None,
            Err(_) if self.down.load(Ordering::SeqCst) || self.kills.load(Ordering::SeqCst) != before => {
                while self.down.load(Ordering::SeqCst) && !self.is_over() {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                None
            }
            Err(error) => {
                self.verdict.check(Promise::Answered, Some(format!("{} ({id}): {error:?}", asked.what())));
                None
            }
        }
    }

    async fn send(&self, asked: &Asked, id: &str) -> reqwest::Result<Answer> {
        let url = format!("http://{}{}", self.address, asked.path);
        let mut request = self.client.request(asked.method.clone(), url).header("x-request-id", id);
        if let Some(bearer) = &asked.bearer {
            request = request.header(AUTHORIZATION, format!("Bearer {bearer}"));
        }
        if let Some(kind) = asked.kind {
            request = request.header(CONTENT_TYPE, kind);
        }
        let response = request.body(asked.body.clone()).timeout(asked.patience.unwrap_or(STUCK)).send().await?;
        let status = response.status();
        let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
        let call = location.filter(|_| status == StatusCode::CREATED).and_then(|location| location.rsplit('/').next());
        let call = call.map(str::to_owned);
        Ok(Answer { status, call, body: response.text().await? })
    }

    fn note(&self, asked: &Asked, id: String, answer: &Answer) {
        let what = asked.what();
        let result = answer.result();
        let mut ledger = self.ledger();
        *ledger.answers.entry(what.clone()).or_default().entry(result.clone()).or_default() += 1;
        if asked.is_audited() {
            let path = asked.route.contains('{').then(|| asked.path.clone());
            let may_be_summed = !asked.by_somebody && result != "ok";
            let mut line = Line::new(what, answer.call.clone().or(path), result);
            line.may_be_summed = may_be_summed;
            ledger.answered.insert(id, line);
        }
    }

    /// Holds what is remembered against what was acknowledged until now.
    pub(crate) async fn check_memories(&self) {
        let memories = self.ledger().memories.clone();
        for (id, Remembered { user, text, state }) in memories {
            let asked = Asked::get("/memory/{id}").named(&id).by(user);
            let Some(answer) = self.ask(asked).await else { continue };
            // Somebody may forget it meanwhile.
            if self.ledger().memories.get(&id).is_none_or(|now| now.state != state) {
                continue;
            }
            let is_there = answer.status == StatusCode::OK && answer.body.contains(&text);
            let holds = match state {
                State::Kept => is_there,
                State::Uncertain => is_there || answer.status == StatusCode::NOT_FOUND,
                State::Forgotten => answer.status == StatusCode::NOT_FOUND,
            };
            let complaint = (!holds).then(|| format!("{id} ({state:?}): {} {}", answer.status, answer.body));
            self.verdict.check(Promise::Memory, complaint);
        }
    }

    pub(crate) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many answers there were.
    pub(crate) fn answers(&self) -> u64 {
        self.ledger().answers.values().flat_map(|results| results.values()).sum()
    }

    /// From now on nothing is expected of the server.
    pub(crate) fn begin_kill(&self) {
        self.down.store(true, Ordering::SeqCst);
        self.kills.fetch_add(1, Ordering::SeqCst);
    }

    /// It answers again.
    pub(crate) fn end_kill(&self) {
        self.down.store(false, Ordering::SeqCst);
    }

    /// No client begins anything more.
    pub(crate) fn end(&self) {
        self.over.store(true, Ordering::SeqCst);
    }

    pub(crate) fn is_over(&self) -> bool {
        self.over.load(Ordering::SeqCst)
    }
}

/// Longer than the server gives any request, even on a busy machine.
const STUCK: Duration = Duration::from_secs(30);
