//! An answer ends when the user talks over it, or asks for silence.

use crate::{BROWSER, Outcome};
use anyhow::ensure;
use e2e_support::{Options, Page, Server, Speech};
use std::time::Duration;

#[tokio::test]
async fn talking_over_an_answer_ends_it() -> Outcome {
    let _alone = BROWSER.lock().await;
    let name = "barge-in";
    let speech = Speech::new()
        .silence(3.0)
        .say("please count to twenty")?
        .silence(5.0)
        .say("stop, that is enough for today, thank you")?
        .silence(60.0)
        .write(name)?;
    let settings = [("COLLOQUY_ENGINE_RECOGNISER", "scripted:count to twenty|thank you")];
    let server = Server::start(name, &settings).await?;
    let options = Options { microphone: Some(speech), metering: true, ..Options::default() };
    let page = Page::open(name, &server.url(), &options).await?;
    page.connect().await?;
    page.wait_for_phase("speaking").await?;

    let cut = "[...document.querySelectorAll('li[data-speaker=assistant]')].some((row) => row.dataset.state === 'interrupted')";
    page.wait("the answer to be cut", 20, cut).await?;
    let loudest_after_the_cut: f64 = page
        .resolve(
            "const output = window.__probe.meters.output;
             const from = Date.now() + 150;
             await new Promise((resolve) => setTimeout(resolve, 500));
             let loudest = 0;
             for (let i = 0; i < output.length; i += 2) if (output[i] >= from) loudest = Math.max(loudest, output[i + 1]);
             return loudest;",
        )
        .await?;
    ensure!(loudest_after_the_cut < 0.01, "the answer is still heard: {loudest_after_the_cut}");
    let rows = page.wait_for_answer(3).await?;
    let states: Vec<_> = rows.iter().map(|row| (row.speaker.as_str(), row.state.as_str())).collect();
    ensure!(
        states == [("user", "done"), ("assistant", "interrupted"), ("user", "done"), ("assistant", "done")],
        "the talk has another shape: {rows:#?}"
    );
    Ok(())
}

#[tokio::test]
async fn the_interrupt_button_ends_an_answer() -> Outcome {
    let _alone = BROWSER.lock().await;
    let name = "interrupt-button";
    let quiet = Speech::new().silence(5.0).write(name)?;
    let server = Server::start(name, &[("COLLOQUY_ENGINE_RECOGNISER", "none")]).await?;
    let page =
        Page::open(name, &server.url(), &Options { microphone: Some(quiet), metering: true, ..Options::default() })
            .await?;
    page.connect().await?;
    page.say("count to twenty").await?;
    page.wait_for_phase("speaking").await?;
    tokio::time::sleep(Duration::from_millis(1500)).await;
    page.click("interrupt").await?;
    page.wait_for_phase("listening").await?;

    let rows = page.rows().await?;
    ensure!(rows.last().is_some_and(|row| row.state == "interrupted"), "it was not marked as cut: {rows:#?}");
    // The jitter buffer and its concealment run dry, then nothing more may come.
    tokio::time::sleep(Duration::from_millis(1000)).await;
    let then = page.sound().await?;
    tokio::time::sleep(Duration::from_millis(1000)).await;
    let later = page.sound().await?;
    ensure!(later.track - then.track < 1e-5, "sound still arrives: {then:?} then {later:?}");
    Ok(())
}
