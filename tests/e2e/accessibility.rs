//! The page passes axe-core, wide and narrow, light and dark, before and during a talk.

use crate::{BROWSER, Outcome};
use anyhow::{Context, ensure};
use e2e_support::{Options, Page, Server, Speech, npm_dir};
use serde_json::Value;

#[tokio::test]
async fn the_page_has_no_serious_accessibility_fault() -> Outcome {
    let _alone = BROWSER.lock().await;
    let npm = npm_dir().context("axe-core is needed: cargo xtask test installs it where npm is")?;
    let axe = std::fs::read_to_string(npm.join("node_modules/axe-core/axe.min.js"))?;
    let server = Server::start("accessibility", &[("COLLOQUY_ENGINE_RECOGNISER", "none")]).await?;
    let quiet = Speech::new().silence(5.0).write("accessibility")?;
    for (name, dark, size) in [
        ("wide-light", false, (1280, 800)),
        ("wide-dark", true, (1280, 800)),
        ("narrow-light", false, (360, 740)),
        ("narrow-dark", true, (360, 740)),
    ] {
        let options = Options { microphone: Some(quiet.clone()), dark, size: Some(size), ..Options::default() };
        let page = Page::open(&format!("accessibility-{name}"), &server.url(), &options).await?;
        // The page's policy forbids foreign scripts; the driver's own are not bound by it.
        page.browser().driver().execute(axe.clone(), Vec::new()).await?;
        page.screenshot(&format!("idle-{name}")).await?;
        no_serious_fault(&page, &format!("idle {name}")).await?;
        page.connect().await?;
        page.say("What time is it in Tokyo?").await?;
        page.wait_for_answer(0).await?;
        page.say("tell me about yourself").await?;
        page.wait_for_phase("speaking").await?;
        page.screenshot(&format!("talk-{name}")).await?;
        no_serious_fault(&page, &format!("talk {name}")).await?;
        let overflow: bool = page.evaluate("document.documentElement.scrollWidth > window.innerWidth").await?;
        ensure!(!overflow, "{name}: the page is wider than the screen");
    }
    Ok(())
}

async fn no_serious_fault(page: &Page, state: &str) -> Outcome {
    let faults: Vec<Value> = page
        .resolve(
            "const { violations } = await axe.run();
             return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
                 .map(({ id, help, nodes }) => ({ id, help, nodes: nodes.map(({ html, any }) => [html, any.map(({ message }) => message)]) }))",
        )
        .await?;
    ensure!(faults.is_empty(), "{state}: {faults:#?}");
    Ok(())
}

#[tokio::test]
async fn a_talk_can_be_held_with_the_keyboard_alone() -> Outcome {
    use thirtyfour::Key;
    let _alone = BROWSER.lock().await;
    let name = "keyboard";
    let quiet = Speech::new().silence(5.0).write(name)?;
    let server = Server::start(name, &[("COLLOQUY_ENGINE_RECOGNISER", "none")]).await?;
    let page = Page::open(name, &server.url(), &Options { microphone: Some(quiet), ..Options::default() }).await?;
    tab_to(&page, "connect").await?;
    page.browser().driver().active_element().await?.send_keys(Key::Enter + "").await?;
    page.wait_for_link("connected").await?;
    tab_to(&page, "say").await?;
    page.browser().driver().active_element().await?.send_keys("hello" + Key::Enter).await?;
    page.wait_for_answer(0).await?;
    tab_to(&page, "disconnect").await?;
    page.browser().driver().active_element().await?.send_keys(Key::Enter + "").await?;
    page.wait_for_phase("idle").await?;
    Ok(())
}

async fn tab_to(page: &Page, id: &str) -> Outcome {
    use thirtyfour::Key;
    for _ in 0..40 {
        let focused: Option<String> = page.evaluate("document.activeElement?.dataset.testid ?? null").await?;
        if focused.as_deref() == Some(id) {
            return Ok(());
        }
        page.browser().driver().active_element().await?.send_keys(Key::Tab + "").await?;
    }
    anyhow::bail!("`{id}` cannot be reached with the Tab key")
}
