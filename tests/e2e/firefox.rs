//! The page works in Firefox too.

use crate::{BROWSER, Outcome};
use anyhow::ensure;
use e2e_support::{Firefox, Server};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
struct Talk {
    rows: Vec<String>,
    energy: f64,
}

/// Runs in the page: connects, mutes (Firefox's fake microphone is a tone), types, and waits for the spoken answer.
const TALK: &str = r"
const until = async (what, condition) => {
  for (let tries = 0; tries < 400; tries += 1) {
    const value = await condition();
    if (value) return value;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { phase, link } = document.querySelector('main')?.dataset ?? {};
  throw new Error(`no ${what}: phase ${phase}, link ${link}, ${document.querySelector('[data-testid=notice]')?.innerText}`);
};
const peers = [];
const Peer = window.RTCPeerConnection;
window.RTCPeerConnection = class extends Peer { constructor(...args) { super(...args); peers.push(this); } };
const control = (id) => document.querySelector(`[data-testid='${id}']`);
(await until('page', () => control('connect'))).click();
await until('connection', () => document.querySelector('main').dataset.link === 'connected');
control('mute').click();
const field = control('say');
Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), 'value').set.call(field, 'What time is it in Tokyo?');
field.dispatchEvent(new Event('input', { bubbles: true }));
(await until('send', () => !control('send').disabled && control('send'))).click();
const heard = async () => {
  for (const report of (await peers.at(-1).getStats()).values())
    if (report.type === 'inbound-rtp' && report.kind === 'audio') return report.totalAudioEnergy ?? 0;
  return 0;
};
const energy = await until('sound', async () => { const energy = await heard(); return energy > 1e-4 && energy; });
await until('answer', () => [...document.querySelectorAll('li[data-speaker=assistant][data-state=done]')]
  .some((row) => row.innerText.includes('Tokyo')));
return { energy, rows: [...document.querySelectorAll('li[data-speaker]')].map((row) => row.innerText) };
";

#[tokio::test]
async fn a_typed_sentence_is_answered_aloud_in_firefox() -> Outcome {
    let _alone = BROWSER.lock().await;
    let server = Server::start("firefox", &[("COLLOQUY_ENGINE_RECOGNISER", "none")]).await?;
    let mut firefox = Firefox::start("firefox").await?;
    firefox.open(&server.url()).await?;
    let talk: Talk = firefox.resolve(TALK).await?;
    ensure!(talk.energy > 1e-4, "no sound arrived: {talk:?}");
    ensure!(talk.rows.iter().any(|row| row.contains("What time is it in Tokyo?")), "{talk:?}");
    Ok(())
}
