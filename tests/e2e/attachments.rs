//! A picture that is dropped or pasted is given to the model as a picture.

use crate::{BROWSER, Outcome};
use anyhow::ensure;
use e2e_support::{Options, Page, Server, Speech};
use serde_json::Value;

#[tokio::test]
async fn a_picture_that_is_dropped_or_pasted_reaches_the_model_as_a_picture() -> Outcome {
    let _alone = BROWSER.lock().await;
    let name = "attachments";
    let quiet = Speech::new().silence(5.0).write(name)?;
    let server = Server::start(name, &[("COLLOQUY_ENGINE_RECOGNISER", "none")]).await?;
    let page = Page::open(name, &server.url(), &Options { microphone: Some(quiet), ..Options::default() }).await?;
    page.connect().await?;
    for (given, event) in [
        (1, "new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true })"),
        (2, "new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })"),
    ] {
        page.resolve::<bool>(&format!(
            "const canvas = Object.assign(document.createElement('canvas'), {{ width: 64, height: 48 }});
             canvas.getContext('2d').fillRect(0, 0, 32, 48);
             const picture = await new Promise((made) => canvas.toBlob(made, 'image/png'));
             const data = new DataTransfer();
             data.items.add(new File([picture], 'half.png', {{ type: 'image/png' }}));
             document.querySelector('main').dispatchEvent({event});
             return true;"
        ))
        .await?;
        let shown = format!("document.querySelectorAll('[data-testid=\"attachment\"] img').length === {given}");
        page.wait("the picture to be shown", 10, &shown).await?;
        let taken = format!("{TAKEN}.length === {given}");
        page.wait("the service to have taken the picture", 10, &taken).await?;
        let before = page.rows().await?.len();
        page.say("what do you see in this picture").await?;
        let rows = page.wait_for_answer(before).await?;
        let answer = rows.last().map(|row| row.text.as_str()).unwrap_or_default();
        ensure!(answer.contains("You gave me a picture"), "the picture was not understood as one: {rows:#?}");
    }
    let taken: Vec<Value> = page.evaluate(TAKEN).await?;
    for item in &taken {
        ensure!(item["role"] == "user", "{item}");
    }
    ensure!(page.errors().await?.is_empty(), "the page had errors: {:?}", page.errors().await?);
    Ok(())
}

/// The items with a picture that the service says it has.
const TAKEN: &str = "window.__probe.received.map(({ text }) => JSON.parse(text))
    .filter(({ type, item }) => type === 'conversation.item.done'
        && item?.content?.some((part) => part.type === 'input_image'))
    .map(({ item }) => item)";
