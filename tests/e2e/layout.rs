//! Everything on the page has its room, on the smallest phones too, and words run as their letters do.

use crate::{BROWSER, Outcome};
use anyhow::ensure;
use e2e_support::{Options, Page, Server, Speech};
use serde_json::json;

/// Phones, with and without the bars of their browsers.
const PHONES: [(u32, u32); 5] = [(360, 640), (320, 568), (375, 667), (390, 664), (390, 844)];

#[tokio::test]
async fn the_text_box_can_be_reached_on_every_phone_and_in_every_state() -> Outcome {
    let _alone = BROWSER.lock().await;
    let (_server, page) = on_a_phone("layout").await?;
    everything_has_its_room(&page, "idle").await?;
    page.connect().await?;
    page.say("What time is it in Tokyo?").await?;
    let rows = page.wait_for_answer(0).await?;
    everything_has_its_room(&page, "talk").await?;
    open(&page, "context", true).await?;
    everything_has_its_room(&page, "context").await?;
    open(&page, "context", false).await?;
    for turn in 0..12 {
        page.say(&format!("say the number {turn} and a few words more")).await?;
    }
    page.wait_for_answer(rows.len() + 12).await?;
    open(&page, "log", true).await?;
    everything_has_its_room(&page, "events").await?;
    let scrolls =
        "(({ scrollHeight, clientHeight }) => scrollHeight > clientHeight)(document.querySelector('.transcript'))";
    ensure!(page.evaluate::<bool>(scrolls).await?, "a long talk makes the page long");
    open(&page, "log", false).await?;
    page.click("disconnect").await?;
    page.wait_for_phase("idle").await?;
    everything_has_its_room(&page, "end").await?;
    Ok(())
}

#[tokio::test]
async fn letters_of_twice_the_size_fit_on_a_phone() -> Outcome {
    let _alone = BROWSER.lock().await;
    let (_server, page) = on_a_phone("layout-large").await?;
    let larger = "(document.documentElement.style.fontSize = '200%')";
    page.evaluate::<String>(larger).await?;
    size(&page, (390, 844)).await?;
    is_as_wide_as_the_screen(&page, "idle").await?;
    page.connect().await?;
    page.say("What time is it in Tokyo?").await?;
    page.wait_for_answer(0).await?;
    is_as_wide_as_the_screen(&page, "talk").await?;
    page.screenshot("layout-large").await?;
    Ok(())
}

#[tokio::test]
async fn words_that_run_from_right_to_left_begin_at_the_right() -> Outcome {
    let _alone = BROWSER.lock().await;
    let (_server, page) = on_a_phone("layout-direction").await?;
    page.connect().await?;
    page.say("\u{645}\u{631}\u{62d}\u{628}\u{627} (hello) 123").await?;
    let begins = "(() => {
        const what = document.querySelector('li[data-speaker=user] .what');
        const words = document.createRange();
        words.selectNodeContents(what.querySelector('.heard'));
        return what.getBoundingClientRect().right - words.getBoundingClientRect().right;
    })()";
    let gap: f64 = page.evaluate(begins).await?;
    ensure!(gap.abs() < 2.0, "they begin {gap} px from the right");
    let typed: String = page.evaluate("getComputedStyle(document.getElementById('say')).unicodeBidi").await?;
    ensure!(typed == "plaintext", "what is typed runs otherwise: {typed}");
    Ok(())
}

/// The page on the smallest phone, and the server that it is of.
async fn on_a_phone(name: &str) -> anyhow::Result<(Server, Page)> {
    let server = Server::start(name, &[("COLLOQUY_ENGINE_RECOGNISER", "none")]).await?;
    let microphone = Some(Speech::new().silence(5.0).write(name)?);
    let options = Options { microphone, size: Some(PHONES[0]), ..Options::default() };
    let page = Page::open(name, &server.url(), &options).await?;
    Ok((server, page))
}

async fn size(page: &Page, (width, height): (u32, u32)) -> Outcome {
    let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": true});
    page.browser().devtools("Emulation.setDeviceMetricsOverride", metrics).await?;
    page.wait("the screen to have its size", 5, &format!("document.documentElement.clientWidth === {width}")).await
}

async fn open(page: &Page, panel: &str, is_open: bool) -> Outcome {
    let open = format!("(document.querySelector('[data-testid={panel}]').open = {is_open}, true)");
    page.evaluate::<bool>(&open).await.map(drop)
}

/// On every phone a tap on the text box reaches it, once it is scrolled to, and nothing lies over anything else.
async fn everything_has_its_room(page: &Page, state: &str) -> Outcome {
    for phone in PHONES {
        size(page, phone).await?;
        let reached: String = page
            .evaluate(
                "(() => {
                    const box = document.getElementById('say');
                    box.scrollIntoView({ block: 'nearest' });
                    const { left, right, top, bottom } = box.getBoundingClientRect();
                    const there = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
                    return there?.id || there?.outerHTML.slice(0, 100) || 'nothing';
                })()",
            )
            .await?;
        if reached != "say" || phone == PHONES[0] {
            page.screenshot(&format!("layout-{state}")).await?;
        }
        ensure!(reached == "say", "{state} at {phone:?}: in the middle of the text box is {reached}");
        let order: Vec<(String, f64, f64)> = page
            .evaluate(
                "['.top', '.stage', '.transcript', 'details.context', '.composer', '.foot']
                    .map((part) => [part, document.querySelector(part).getBoundingClientRect()])
                    .filter(([, { height }]) => height > 0)
                    .map(([part, { top, bottom }]) => [part, top, bottom])",
            )
            .await?;
        for parts in order.windows(2) {
            ensure!(parts[0].2 <= parts[1].1 + 1.0, "{state} at {phone:?}: one lies over the other: {parts:?}");
        }
        is_as_wide_as_the_screen(page, &format!("{state} at {phone:?}")).await?;
    }
    size(page, PHONES[0]).await
}

async fn is_as_wide_as_the_screen(page: &Page, state: &str) -> Outcome {
    let cut: Vec<String> = page
        .evaluate(
            "[...document.querySelectorAll('main :is(h1, p, dt, dd, button, summary)')]
                .filter((part) => part.checkVisibility() && !part.closest('.unseen'))
                .filter((part) => part.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
                .map((part) => part.outerHTML.slice(0, 100))",
        )
        .await?;
    ensure!(cut.is_empty(), "{state}: wider than the screen: {cut:#?}");
    Ok(())
}
