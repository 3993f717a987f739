//! Waiting for what happens in another process.

use anyhow::{Result, bail};
use std::time::{Duration, Instant};

/// Looks again and again until there is something, and gives it.
///
/// # Errors
/// Looking fails, or so many seconds have passed.
pub async fn wait_for<T>(what: &str, seconds: u64, mut look: impl AsyncFnMut() -> Result<Option<T>>) -> Result<T> {
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(seconds) {
        if let Some(found) = look().await? {
            return Ok(found);
        }
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
    bail!("waited {seconds} s for {what}")
}

/// The port that a program names behind these words in what it has said so far.
pub(crate) fn port_behind(words: &str, said: &[u8]) -> Option<u16> {
    let said = String::from_utf8_lossy(said);
    let (_, after) = said.split_once(words)?;
    let (port, _) = after.split_once(|character: char| !character.is_ascii_digit())?;
    port.parse().ok()
}
