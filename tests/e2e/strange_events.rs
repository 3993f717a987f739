//! Events that nobody can read do no harm.

use crate::{BROWSER, Outcome};
use anyhow::ensure;
use e2e_support::{Options, Page, Server, Speech};

#[tokio::test]
async fn malformed_and_unknown_events_are_shown_and_survived() -> Outcome {
    let _alone = BROWSER.lock().await;
    let name = "strange-events";
    let quiet = Speech::new().silence(5.0).write(name)?;
    let server = Server::start(name, &[("COLLOQUY_ENGINE_RECOGNISER", "none")]).await?;
    let page = Page::open(name, &server.url(), &Options { microphone: Some(quiet), ..Options::default() }).await?;
    page.connect().await?;
    for text in [
        "",
        "not json",
        "[]",
        "{\"event_id\":\"e\"}",
        "{\"type\":7}",
        "{\"type\":\"response.done\"}",
        "{\"type\":\"response.created\",\"event_id\":\"e\",\"response\":{\"id\":5}}",
        "{\"type\":\"weather.changed\",\"event_id\":\"e\",\"sky\":\"green\"}",
    ] {
        page.deliver(text).await?;
    }
    page.say("hello").await?;
    let rows = page.wait_for_answer(0).await?;
    ensure!(rows.len() == 2, "{rows:#?}");
    page.evaluate::<()>("document.querySelector('[data-testid=log] summary').click()").await?;
    let shown = "document.querySelector('[data-testid=log]').textContent.includes('weather.changed')";
    page.wait("the unknown event to be in the log", 5, shown).await?;
    ensure!(page.errors().await?.is_empty(), "the page had errors: {:?}", page.errors().await?);
    Ok(())
}
