//! A sentence spoken into the microphone is answered aloud.

use crate::{BROWSER, Outcome};
use anyhow::ensure;
use e2e_support::{Options, Page, Server, Speech};

#[tokio::test]
async fn a_spoken_turn_is_answered_with_audio_that_arrives() -> Outcome {
    let _alone = BROWSER.lock().await;
    let name = "spoken-scripted";
    let speech = Speech::new().silence(3.0).say("hello there, how are you today")?.silence(60.0).write(name)?;
    let server = Server::start(name, &[("COLLOQUY_ENGINE_RECOGNISER", "scripted:hello")]).await?;
    let page =
        Page::open(name, &server.url(), &Options { microphone: Some(speech), metering: true, ..Options::default() })
            .await?;
    page.connect().await?;
    let before = page.sound().await?;
    page.wait_for_phase("speaking").await?;
    let rows = page.wait_for_answer(0).await?;
    let after = page.sound().await?;

    ensure!(rows[0].speaker == "user" && rows[0].text.contains("hello"), "the user's words come first: {rows:#?}");
    ensure!(rows[1].speaker == "assistant" && !rows[1].text.is_empty(), "the answer follows: {rows:#?}");
    ensure!(after.track - before.track > 1e-3, "no sound arrived: {before:?} then {after:?}");
    ensure!(after.output - before.output > 1e-3, "no sound was played: {before:?} then {after:?}");
    page.wait_for_phase("listening").await?;
    ensure!(page.errors().await?.is_empty(), "the page had errors: {:?}", page.errors().await?);
    Ok(())
}

#[tokio::test]
async fn a_spoken_question_is_understood_and_answered() -> Outcome {
    let _alone = BROWSER.lock().await;
    let name = "spoken-understood";
    let speech = Speech::new().silence(3.0).say("what time is it in Tokyo")?.silence(60.0).write(name)?;
    let server = Server::start(name, &[("COLLOQUY_ENGINE_RECOGNISER", "pocketsphinx")]).await?;
    let page =
        Page::open(name, &server.url(), &Options { microphone: Some(speech), metering: true, ..Options::default() })
            .await?;
    page.connect().await?;
    let before = page.sound().await?;
    let rows = page.wait_for_answer(0).await?;
    let after = page.sound().await?;

    ensure!(rows[0].text.to_lowercase().contains("time is it in tokyo"), "it was not understood: {rows:#?}");
    ensure!(rows[1].text.contains("Tokyo"), "the answer is about something else: {rows:#?}");
    ensure!(rows[1].text.chars().any(|character| character.is_ascii_digit()), "the answer has no time: {rows:#?}");
    ensure!(after.track - before.track > 1e-3, "no sound arrived: {before:?} then {after:?}");
    ensure!(after.output - before.output > 1e-3, "no sound was played: {before:?} then {after:?}");
    Ok(())
}
