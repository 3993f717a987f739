//! The examples of how to deploy name only settings that there are; and the page works from a static host on another
//! site, with a login.

use crate::signed_out::{TOKEN, sign_in_beside};
use crate::{BROWSER, Outcome};
use anyhow::{Context, ensure};
use axum::Router;
use axum::response::Html;
use axum::routing::get;
use e2e_support::{Options, Page, Server, Speech, dist, help, repository};
use tower_http::services::ServeDir;

#[test]
fn every_setting_named_by_an_example_exists() -> Outcome {
    let help = help()?;
    let folder = repository().join("deploy");
    let mut named = 0;
    for file in std::fs::read_dir(&folder)? {
        let path = file?.path();
        let text = std::fs::read_to_string(&path)?;
        for word in text.split(|character: char| !character.is_ascii_alphanumeric() && character != '_') {
            // The port is compose's own, for the balancer.
            if word.starts_with("COLLOQUY_") && word != "COLLOQUY_PORT" {
                named += 1;
                ensure!(help.contains(word), "{}: there is no setting {word}", path.display());
            }
        }
    }
    ensure!(named > 10, "the examples name only {named} settings");
    Ok(())
}

#[tokio::test]
async fn the_page_of_a_static_host_on_another_site_talks_after_a_login() -> Outcome {
    let _alone = BROWSER.lock().await;
    let name = "static-host";
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let site = format!("http://localhost:{}", listener.local_addr()?.port());
    let tokens = format!("alice:{TOKEN}");
    let settings =
        [("COLLOQUY_TOKENS", tokens.as_str()), ("COLLOQUY_ORIGINS", &site), ("COLLOQUY_ENGINE_RECOGNISER", "none")];
    let server = Server::start(name, &settings).await?;
    // To a browser this is another site than localhost: it sends there no cookie, not even one that it has.
    let page = bundle(&server.url().replace("localhost", "127.0.0.1"))?;
    let host = Router::new().route("/", get(move || async move { Html(page) })).fallback_service(ServeDir::new(dist()));
    tokio::spawn(async move { axum::serve(listener, host).await });

    let quiet = Speech::new().silence(5.0).write(name)?;
    let page = Page::open(name, &site, &Options { microphone: Some(quiet), ..Options::default() }).await?;
    let driver = page.browser().driver();
    page.click("connect").await?;
    let said = "document.querySelector('[data-testid=\"notice-action\"]')?.innerText === 'Sign in'";
    page.wait("it to be said that somebody has to sign in", 20, said).await?;
    let address = sign_in_beside(&page).await?;
    ensure!(address == format!("{site}/"), "the session stays in the address: {address}");
    page.connect().await?;
    page.say("hello there").await?;
    page.wait_for_answer(0).await?;
    driver.refresh().await?;
    page.wait_for_client().await?;
    page.connect().await?;
    Ok(())
}

/// The page, told where its server is.
fn bundle(server: &str) -> anyhow::Result<String> {
    let page = std::fs::read_to_string(dist().join("index.html"))?;
    let at = page.find("colloquy-api").context("the page has no place for its server")?;
    let (before, rest) = page.split_at(at);
    let (before, after) = before.rsplit_once('<').zip(rest.split_once('>')).context("the page is broken")?;
    Ok(format!("{}<meta name=colloquy-api content=\"{server}\">{}", before.0, after.1))
}
