//! The microphone: muted, refused, released.

use crate::{BROWSER, Outcome};
use anyhow::ensure;
use e2e_support::{Options, Page, Server, Speech};
use std::time::Duration;

#[tokio::test]
async fn nothing_said_while_muted_is_heard() -> Outcome {
    let _alone = BROWSER.lock().await;
    let name = "mute";
    let speech = Speech::new().silence(0.5).say("hello there, can you hear me")?.silence_until(8.0).write(name)?;
    let server = Server::start(name, &[("COLLOQUY_ENGINE_RECOGNISER", "scripted:hello")]).await?;
    let options = Options { microphone: Some(speech), repeat: true, ..Options::default() };
    let page = Page::open(name, &server.url(), &options).await?;
    page.connect().await?;
    page.wait_for_answer(0).await?;
    page.click("mute").await?;
    page.wait("the page to say that it is muted", 5, "document.querySelector('main').dataset.muted === 'true'").await?;
    // What was under way when the microphone closed may still end.
    tokio::time::sleep(Duration::from_secs(3)).await;
    let heard = "window.__probe.received.filter((event) => event.text.includes('speech_started')).length";
    let before: usize = page.evaluate(heard).await?;
    tokio::time::sleep(Duration::from_secs(9)).await;
    let after: usize = page.evaluate(heard).await?;
    ensure!(before == after, "speech was heard through a muted microphone: {before} then {after}");

    page.click("mute").await?;
    page.wait("speech to be heard again", 20, &format!("{heard} > {after}")).await?;
    Ok(())
}

#[tokio::test]
async fn a_refused_microphone_is_explained_and_typing_works() -> Outcome {
    let _alone = BROWSER.lock().await;
    let name = "microphone-refused";
    let server = Server::start(name, &[("COLLOQUY_ENGINE_RECOGNISER", "none")]).await?;
    let options = Options { refuse_microphone: true, ..Options::default() };
    let page = Page::open(name, &server.url(), &options).await?;
    page.connect().await?;
    let notice = "document.querySelector('[data-testid=notice]')?.innerText.toLowerCase().includes('microphone')";
    page.wait("the page to explain the microphone", 10, notice).await?;
    page.screenshot(name).await?;
    page.say("hello").await?;
    let rows = page.wait_for_answer(0).await?;
    ensure!(rows.len() == 2, "typing did not work: {rows:#?}");
    Ok(())
}
