//! A typed sentence is answered aloud, and a turn can be typed over an answer.

use crate::{BROWSER, Outcome};
use anyhow::ensure;
use e2e_support::{Options, Page, Server, Speech};

#[tokio::test]
async fn a_typed_sentence_is_answered_aloud() -> Outcome {
    let _alone = BROWSER.lock().await;
    let name = "typed";
    let quiet = Speech::new().silence(5.0).write(name)?;
    let server = Server::start(name, &[("COLLOQUY_ENGINE_RECOGNISER", "none")]).await?;
    let page =
        Page::open(name, &server.url(), &Options { microphone: Some(quiet), metering: true, ..Options::default() })
            .await?;
    page.connect().await?;
    let before = page.sound().await?;
    page.say("What time is it in Tokyo?").await?;
    let rows = page.wait_for_answer(0).await?;
    let after = page.sound().await?;
    ensure!(rows[0].speaker == "user" && rows[0].text == "What time is it in Tokyo?", "{rows:#?}");
    ensure!(rows[1].speaker == "assistant" && rows[1].text.contains("Tokyo"), "{rows:#?}");
    ensure!(after.track - before.track > 1e-3, "no sound arrived: {before:?} then {after:?}");
    ensure!(after.output - before.output > 1e-3, "no sound was played: {before:?} then {after:?}");

    page.say("count to twenty").await?;
    let heard =
        "document.querySelectorAll('li[data-speaker=assistant]')[1]?.querySelector('.heard').innerText.length > 10";
    page.wait("some of the answer to be heard", 15, heard).await?;
    page.say("who are you").await?;
    let rows = page.wait_for_answer(5).await?;
    ensure!(rows[3].state == "interrupted", "a typed turn did not cut the answer: {rows:#?}");
    ensure!(rows[5].state == "done", "{rows:#?}");
    ensure!(page.errors().await?.is_empty(), "the page had errors: {:?}", page.errors().await?);
    Ok(())
}
