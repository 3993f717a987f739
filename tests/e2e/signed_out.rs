//! A login that ends in the middle of a talk: the page says so, and after signing in again the talk goes on.

use crate::{BROWSER, Outcome};
use anyhow::{Context, ensure};
use e2e_support::{Options, Page, Server, Speech};
use thirtyfour::By;

pub(crate) const TOKEN: &str = "0123456789abcdef01234567";

#[tokio::test]
async fn who_is_signed_out_in_a_talk_can_sign_in_again_and_go_on() -> Outcome {
    let _alone = BROWSER.lock().await;
    let name = "signed-out";
    let quiet = Speech::new().silence(5.0).write(name)?;
    let tokens = format!("alice:{TOKEN}");
    let settings = [("COLLOQUY_TOKENS", tokens.as_str()), ("COLLOQUY_ENGINE_RECOGNISER", "none")];
    let server = Server::start(name, &settings).await?;
    let page = Page::blank(name, &Options { microphone: Some(quiet), ..Options::default() }).await?;
    let driver = page.browser().driver();
    driver.goto(&server.url()).await?;
    sign_in(&page).await?;
    page.wait_for_client().await?;
    page.connect().await?;
    page.say("my name is Ada").await?;
    page.wait_for_answer(0).await?;

    driver.delete_all_cookies().await?;
    let before = page.rows().await?.len();
    page.say("who are you").await?;
    page.wait_for_answer(before).await?;
    let said = "document.querySelector('[data-testid=\"notice\"]')?.innerText.includes('signed out') === true";
    page.wait("it to be said in the call, which goes on", 10, said).await?;
    page.evaluate::<bool>("(window.__probe.peers.at(-1).close(), window.__probe.channels.at(-1).close(), true)")
        .await?;
    page.wait_for_phase("error").await?;
    page.wait("it to be said why there is no call", 10, said).await?;
    let rows = page.rows().await?;

    sign_in_beside(&page).await?;
    page.click("notice-action").await?;
    page.wait_for_link("connected").await?;
    ensure!(page.rows().await? == rows, "words were lost: {rows:#?} became {:#?}", page.rows().await?);
    page.say("what is my name").await?;
    let rows = page.wait_for_answer(rows.len()).await?;
    let answer = rows.last().context("there is no answer")?;
    ensure!(answer.text.contains("Ada"), "the talk was begun anew: {rows:#?}");
    Ok(())
}

/// Follows the notice to another tab, signs in there, and comes back. Returns the address that the tab ended at.
pub(crate) async fn sign_in_beside(page: &Page) -> anyhow::Result<String> {
    let driver = page.browser().driver();
    page.click("notice-action").await?;
    let tabs = driver.windows().await?;
    let [talk, login] = tabs.as_slice() else { anyhow::bail!("{} tabs are open", tabs.len()) };
    driver.switch_to_window(login.clone()).await?;
    sign_in(page).await?;
    page.wait_for_client().await?;
    let address = driver.current_url().await?;
    driver.close_window().await?;
    driver.switch_to_window(talk.clone()).await?;
    Ok(address.into())
}

/// Gives the server's own page the token.
async fn sign_in(page: &Page) -> Outcome {
    page.wait("the page for signing in", 10, "document.querySelector('[name=token]') !== null").await?;
    let driver = page.browser().driver();
    driver.find(By::Css("[name=token]")).await?.send_keys(TOKEN).await?;
    driver.find(By::Css("button")).await?.click().await?;
    Ok(())
}
