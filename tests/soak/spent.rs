//! Two who use up what a day allows, and one who keeps a key: what must be so again after a kill.

use crate::asked::Asked;
use crate::user::User;
use crate::verdict::Promise;
use crate::visitor::{key_of, mint, open, turn};
use crate::world::World;
use anyhow::{Result, bail};
use reqwest::StatusCode;
use serde_json::json;
use std::time::{Duration, Instant};

/// Those who have used up something, and the word that they are refused with.
const SPENT: [(User, &str); 2] = [(User::SPENDER, "money_used_up"), (User::TALKER, "minutes_used_up")];

/// Uses up the money by what is reported and the minutes by what is talked, until no more keys are given.
pub(crate) async fn spend(world: &World) -> Result<()> {
    let kinds = json!({ "text_tokens": 0, "audio_tokens": 1_000_000 });
    let costly = turn(&json!({
        "total_tokens": 1_000_000, "input_tokens": 0, "output_tokens": 1_000_000, "output_token_details": kinds,
    }));
    world.ask(Asked::post("/turns").by(User::SPENDER).json(&costly)).await;
    let began = Instant::now();
    while !is_spent(world, User::SPENDER, "money_used_up").await {
        within(began)?;
    }
    loop {
        let answer = mint(world, User::TALKER, 0).await;
        if answer.as_ref().is_some_and(|answer| answer.result() == "minutes_used_up") {
            return Ok(());
        }
        if let Some(key) = answer.as_ref().and_then(key_of) {
            open(world, &key).await;
        }
        within(began)?;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Looks whether they still are refused.
pub(crate) async fn check(world: &World) {
    for (user, word) in SPENT {
        let complaint = (!is_spent(world, user, word).await).then(|| format!("{word} was forgotten"));
        world.verdict.check(Promise::Quota, complaint);
    }
}

async fn is_spent(world: &World, user: User, reason: &str) -> bool {
    mint(world, user, 0).await.is_some_and(|answer| answer.result() == reason)
}

/// A key that is kept for later.
pub(crate) async fn keep_key(world: &World) -> Result<String> {
    let began = Instant::now();
    loop {
        if let Some(key) = mint(world, User::KEEPER, 0).await.as_ref().and_then(key_of) {
            return Ok(key);
        }
        within(began)?;
    }
}

/// Opens a call with it, against all faults.
pub(crate) async fn use_key(world: &World, key: &str) {
    let mut words = Vec::new();
    for _ in 0..20 {
        if let Some(answer) = open(world, key).await {
            if answer.status == StatusCode::CREATED {
                return world.verdict.check(Promise::Keys, None);
            }
            words.push(answer.result());
        }
    }
    world.verdict.check(Promise::Keys, Some(format!("no call could be opened with it: {words:?}")));
}

fn within(began: Instant) -> Result<()> {
    if began.elapsed() > Duration::from_secs(60) {
        bail!("the limits of the day were not reached, or no key was given");
    }
    Ok(())
}
