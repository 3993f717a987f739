//! The link: ended, made again, lost and healed; and nothing is kept afterwards.

use crate::{BROWSER, Outcome};
use anyhow::ensure;
use e2e_support::{Options, Page, Server, Speech};
use std::time::Duration;

#[tokio::test]
async fn a_talk_ends_without_a_trace_and_another_can_begin() -> Outcome {
    let _alone = BROWSER.lock().await;
    let name = "reconnect";
    let quiet = Speech::new().silence(5.0).write(name)?;
    let server = Server::start(name, &[("COLLOQUY_ENGINE_RECOGNISER", "none")]).await?;
    let page = Page::open(name, &server.url(), &Options { microphone: Some(quiet), ..Options::default() }).await?;
    for round in 0..3 {
        page.connect().await?;
        page.say("hello").await?;
        page.wait("an answer", 20, "document.querySelector('li[data-speaker=assistant][data-state=done]') !== null")
            .await?;
        page.click("disconnect").await?;
        page.wait_for_phase("idle").await?;
        let nothing = "Object.values(window.__probe.held()).every((count) => count === 0)";
        page.wait(&format!("everything to be released in round {round}"), 5, nothing).await?;
    }
    let markup: String = page.evaluate("document.documentElement.outerHTML").await?;
    ensure!(!markup.contains("ek_"), "a key stands in the page");
    let stored: usize = page.evaluate("localStorage.length + sessionStorage.length").await?;
    ensure!(stored == 0, "something was stored");
    ensure!(page.errors().await?.is_empty(), "the page had errors: {:?}", page.errors().await?);
    Ok(())
}

#[tokio::test]
async fn a_server_killed_in_the_middle_of_a_call_is_found_again() -> Outcome {
    let _alone = BROWSER.lock().await;
    let name = "server-killed";
    let quiet = Speech::new().silence(5.0).write(name)?;
    let server = Server::start(name, &[("COLLOQUY_ENGINE_RECOGNISER", "none")]).await?;
    let page = Page::open(name, &server.url(), &Options { microphone: Some(quiet), ..Options::default() }).await?;
    page.connect().await?;
    page.say("my name is Ada").await?;
    page.wait_for_answer(0).await?;

    let server = server.restart(Duration::from_secs(1)).await?;
    let reconnecting = "document.querySelector('main').dataset.link !== 'connected'";
    page.wait("the page to notice", 30, reconnecting).await?;
    let healed = "document.querySelector('main').dataset.link === 'connected'";
    page.wait("the page to heal", 40, healed).await?;
    page.say("what is my name").await?;
    let rows = page.wait_for_answer(3).await?;
    ensure!(rows.last().is_some_and(|row| row.text.contains("Ada")), "the talk was not carried over: {rows:#?}");
    drop(server);
    Ok(())
}

#[tokio::test]
async fn a_server_that_is_gone_is_explained() -> Outcome {
    let _alone = BROWSER.lock().await;
    let name = "server-gone";
    let quiet = Speech::new().silence(5.0).write(name)?;
    let server = Server::start(name, &[("COLLOQUY_ENGINE_RECOGNISER", "none")]).await?;
    let page = Page::open(name, &server.url(), &Options { microphone: Some(quiet), ..Options::default() }).await?;
    drop(server);
    page.click("connect").await?;
    page.wait("the page to explain", 15, "document.querySelector('[data-testid=notice]') !== null").await?;
    page.screenshot(name).await?;
    Ok(())
}
