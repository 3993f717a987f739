//! One client: does one thing after another by chance, as long as the soak goes on.

use crate::asked::Asked;
use crate::dice::Dice;
use crate::ledger::{Remembered, State};
use crate::user::User;
use crate::verdict::Promise;
use crate::world::{Answer, World};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// One client.
pub(crate) struct Visitor {
    world: Arc<World>,
    dice: Dice,
}

impl Visitor {
    pub(crate) fn new(world: Arc<World>, seed: u64) -> Self {
        Self { world, dice: Dice::new(seed) }
    }

    /// Comes and goes until the soak is over.
    pub(crate) async fn run(mut self) {
        while !self.world.is_over() {
            let user = User(self.dice.roll(User::COUNT));
            match self.dice.roll(100) {
                0..=24 => self.call(user).await,
                25..=34 => drop(mint(&self.world, user, self.dice.roll(3)).await),
                35..=47 => self.report_turn(user).await,
                48..=57 => self.look_up(user).await,
                58..=62 => self.remember(user).await,
                63..=80 => self.look_around(user).await,
                81..=88 => self.mistake(user).await,
                89..=91 => self.exceed(user).await,
                92..=95 => self.go_away(user).await,
                _ => drop(self.dawdle(user).await),
            }
            tokio::time::sleep(self.dice.between(30, 150)).await;
        }
    }

    /// A call that is hung up, or abandoned.
    async fn call(&mut self, user: User) {
        let Some(key) = mint(&self.world, user, 0).await.and_then(|answer| key_of(&answer)) else { return };
        let Some(call) = open(&self.world, &key).await.and_then(|answer| answer.call) else { return };
        let length = self.dice.between(50, 1_500);
        tokio::time::sleep(length).await;
        self.report_turn(user).await;
        if self.dice.chance(15) {
            return;
        }
        for _ in 0..4 {
            let asked = Asked::post("/v1/realtime/calls/{call_id}/hangup").named(&call).by(user);
            if self.world.ask(asked).await.is_some_and(|answer| answer.status == StatusCode::OK) {
                let goes_on = self.world.vendor.is_on(&call).then(|| format!("{call} was hung up and goes on"));
                return self.world.verdict.check(Promise::Calls, goes_on);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    async fn report_turn(&mut self, user: User) {
        let record = turn(&json!({ "total_tokens": 30, "input_tokens": 20, "output_tokens": 10 }));
        self.world.ask(Asked::post("/turns").by(user).json(&record)).await;
    }

    async fn look_up(&mut self, user: User) {
        let topic = TOPICS.get(self.dice.roll(TOPICS.len() as u64) as usize).copied().unwrap_or_default();
        let talk = format!("talk-{}", self.dice.roll(1_000));
        let question = json!({ "talk": talk, "turn": 1, "query": format!("what about the {topic}"), "complete": true });
        self.world.ask(Asked::post("/context").by(user).json(&question)).await;
        if self.dice.chance(30) {
            self.world.ask(Asked::delete("/context/talks/{talk}").named(&talk).by(user)).await;
        }
    }

    /// Remembers something, finds it again, and sometimes forgets it.
    async fn remember(&mut self, user: User) {
        let word = format!("w{:016x}", self.dice.roll(u64::MAX));
        let text = format!("The word of the day is {word}");
        let body = json!({ "memories": [{ "kind": "fact", "text": text }] });
        let Some(answer) = self.world.ask(Asked::post("/memory").by(user).json(&body)).await else { return };
        let Some(id) = answer.json().pointer("/ids/0").and_then(Value::as_str).map(str::to_owned) else { return };
        let state = |state| Remembered { user, text: text.clone(), state };
        self.world.ledger().memories.insert(id.clone(), state(State::Kept));
        if let Some(found) = self.world.ask(Asked::get("/memory").query(&format!("query={word}")).by(user)).await {
            let complaint = (!found.body.contains(&id)).then(|| format!("{id} is not found: {}", found.body));
            self.world.verdict.check(Promise::Memory, complaint);
        }
        if self.dice.chance(15) {
            self.world.ledger().memories.insert(id.clone(), state(State::Uncertain));
            let asked = Asked::delete("/memory/{id}").named(&id).by(user);
            if self.world.ask(asked).await.is_some_and(|answer| answer.status == StatusCode::OK) {
                self.world.ledger().memories.insert(id, state(State::Forgotten));
            }
        }
    }

    /// The page, and what those look at who run the server.
    async fn look_around(&mut self, user: User) {
        let asked = match self.dice.roll(8) {
            0 | 1 => Asked::page("/"),
            2 => Asked::page("/index.html"),
            3 => Asked::page("/no/such/file.js"),
            4 => Asked::get("/status"),
            5 => Asked::get("/healthz"),
            6 => Asked::get("/readyz"),
            _ => Asked::get("/metrics"),
        };
        self.world.ask(asked.by(user)).await;
    }

    /// Something that is refused.
    async fn mistake(&mut self, user: User) {
        let asked = match self.dice.roll(8) {
            0 => Asked::post("/session").by(user).body("application/json", b"{\"preset\":".to_vec()),
            1 => Asked::post("/session").by(user).json(&json!({ "preset": "no such talk" })),
            2 => Asked::post("/session"),
            3 => Asked::post("/v1/realtime/calls").with("ek_of_nobody").body("application/sdp", OFFER.into()),
            4 => Asked::post("/v1/realtime/calls").with("sk-lasting").body("application/sdp", OFFER.into()),
            5 => Asked::post("/turns").by(user).body("application/json", b"[[[[".to_vec()),
            6 => Asked::post("/memory").by(user).json(&json!({ "memories": [{ "kind": "no such kind" }] })),
            _ => Asked::post("/context").by(user).json(&json!({ "talk": "", "turn": 1, "query": "" })),
        };
        self.world.ask(asked).await;
    }

    /// More than the route takes, or than any does.
    async fn exceed(&mut self, user: User) {
        let route = ["/session", "/turns", "/context", "/memory"].get(self.dice.roll(4) as usize).copied();
        let size = if self.dice.chance(50) { 40 * 1024 } else { 80 * 1024 };
        let asked = Asked::post(route.unwrap_or("/session")).by(user);
        self.world.ask(asked.body("application/json", vec![b' '; size])).await;
    }

    /// Asks and does not wait for the answer.
    async fn go_away(&mut self, user: User) {
        let patience = self.dice.between(1, 60);
        let asked = match self.dice.roll(3) {
            0 => Asked::get("/session").by(user),
            1 => Asked::post("/context").by(user).json(&json!({ "talk": "gone", "turn": 1, "query": "the museum" })),
            _ => match mint(&self.world, user, 0).await.and_then(|answer| key_of(&answer)) {
                Some(key) => Asked::post("/v1/realtime/calls").with(&key).body("application/sdp", OFFER.into()),
                None => return,
            },
        };
        self.world.ask(asked.impatient(patience)).await;
    }

    /// Sends a request letter by letter, and mostly does not come to its end.
    async fn dawdle(&mut self, user: User) -> std::io::Result<()> {
        let head = format!(
            "POST /turns HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
             content-length: 40\r\nconnection: close\r\n\r\n{{",
            self.world.address,
            user.token()
        );
        let mut stream = TcpStream::connect(&self.world.address).await?;
        for letters in head.as_bytes().chunks(1 + self.dice.roll(20) as usize).take(60) {
            stream.write_all(letters).await?;
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
        let mut answer = [0; 256];
        // Nobody answers half a request; what counts is that the server is rid of it.
        let _ = tokio::time::timeout(Duration::from_millis(200), stream.read(&mut answer)).await;
        Ok(())
    }
}

/// Asks for a key in one of the three ways.
pub(crate) async fn mint(world: &World, user: User, way: u64) -> Option<Answer> {
    let asked = match way {
        0 => Asked::post("/session"),
        1 => Asked::get("/session"),
        _ => Asked::post("/v1/realtime/client_secrets"),
    };
    world.ask(asked.by(user)).await
}

pub(crate) fn key_of(answer: &Answer) -> Option<String> {
    answer.json().get("value").and_then(Value::as_str).map(str::to_owned)
}

pub(crate) async fn open(world: &World, key: &str) -> Option<Answer> {
    world.ask(Asked::post("/v1/realtime/calls").with(key).body("application/sdp", OFFER.into())).await
}

/// A turn that cost this.
pub(crate) fn turn(usage: &Value) -> Value {
    let stamps = json!({ "onset": 1.0, "speech_started": 20.5, "first_audible": 900.0 });
    json!({ "turn": 1, "kind": "spoken", "outcome": "answered", "stamps": stamps, "usage": usage })
}

/// What the stand-ins for sources know about.
const TOPICS: [&str; 5] = ["harbour", "museum", "library", "station", "nothing"];

const OFFER: &str = "v=0\r\no=- 2 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n";
