//! What the model looks up by itself takes long: the page shows what is asked, and the assistant says that it is looking.

use crate::{BROWSER, Outcome};
use anyhow::ensure;
use e2e_support::{Behaviour, Options, Page, Server, Speech, StandIn, StandIns};
use std::time::Duration;

#[tokio::test]
async fn during_a_slow_search_its_source_is_shown_and_the_assistant_says_that_it_is_looking() -> Outcome {
    let _alone = BROWSER.lock().await;
    let name = "slow-search";
    let fact = "Zymurgy is taught in Prague on Tuesdays.".to_owned();
    let stand_ins = StandIns::start(vec![StandIn {
        name: "archive",
        topic: "zymurgy",
        behaviour: Behaviour::Says(fact, Duration::from_millis(4_700)),
    }])
    .await?;
    let config = stand_ins.configure(name, "")?.display().to_string();
    let settings = [
        ("COLLOQUY_CONFIG", config.as_str()),
        ("COLLOQUY_ENGINE_RECOGNISER", "none"),
        ("COLLOQUY_FILLER", "One moment, I am looking."),
        ("COLLOQUY_FILLER_AFTER_MS", "800"),
    ];
    let server = Server::start(name, &settings).await?;
    let quiet = Speech::new().silence(5.0).write(name)?;
    let options = Options { microphone: Some(quiet), metering: true, ..Options::default() };
    let page = Page::open(name, &server.url(), &options).await?;
    page.connect().await?;
    page.say("when is zymurgy taught in Prague").await?;
    page.wait_for_phase("searching").await?;
    let banner = "document.querySelector('[data-testid=\"search\"]')";
    page.wait("the source to be named", 4, &format!("{banner}.innerText.includes('archive')")).await?;
    let cancel = "document.querySelector('[data-testid=\"cancel-search\"]').getClientRects().length > 0";
    ensure!(page.evaluate::<bool>(cancel).await?, "the search cannot be cancelled");
    let filler = "[...document.querySelectorAll('li[data-speaker=assistant]')]
        .some((row) => row.innerText.includes('I am looking'))";
    page.wait("the assistant to say that it is looking", 10, filler).await?;
    let during: String = page.evaluate("document.querySelector('main').dataset.phase").await?;
    ensure!(during == "searching", "it is said while the search goes on, not afterwards: {during}");
    let fact = "[...document.querySelectorAll('li[data-speaker=assistant][data-state=done]')]
        .some((row) => row.innerText.includes('Tuesdays'))";
    page.wait("the answer from the source", 20, fact).await?;
    page.wait_for_phase("listening").await?;
    ensure!(page.evaluate::<bool>(&format!("{banner}.getClientRects().length === 0")).await?, "the banner stays");
    ensure!(page.sound().await?.output > 1e-3, "nothing was heard");
    ensure!(page.errors().await?.is_empty(), "the page had errors: {:?}", page.errors().await?);
    Ok(())
}
