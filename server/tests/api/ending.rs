//! Starting and ending the whole server on a real port.

use crate::app::{config, handle};
use crate::vendor::{CALL, LASTING_KEY, Mood, SHORT_KEY, Vendor};
use admission::{Counters, Embedded, Hold, Visitor};
use colloquy_server::Server;
use std::time::Duration;

async fn start(vendor: &Vendor, settings: &[(&str, &str)]) -> Server {
    Server::start(config(&vendor.base_url, settings)).await.expect("a server")
}

async fn open_call(address: std::net::SocketAddr, key: String) {
    let answer = reqwest::Client::new()
        .post(format!("http://{address}/v1/realtime/calls"))
        .bearer_auth(key)
        .header("content-type", "application/sdp")
        .body("v=0\r\n")
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.status(), 201);
}

#[tokio::test]
async fn a_server_that_ends_hangs_up_the_calls_made_through_it() {
    let vendor = Vendor::start(Mood::Well).await;
    let server = start(&vendor, &[]).await;
    let (address, key) = (server.address(), handle(server.state(), SHORT_KEY));
    server.run(open_call(address, key)).await.expect("an orderly end");
    let last = vendor.last();
    assert_eq!(last.path, format!("/v1/realtime/calls/{CALL}/hangup"));
    assert_eq!(last.header("authorization"), format!("Bearer {LASTING_KEY}"));
    assert!(std::net::TcpStream::connect(address).is_err(), "the port is free again");
}

#[tokio::test]
async fn the_next_server_takes_up_no_call_that_was_hung_up_at_the_end() {
    let vendor = Vendor::start(Mood::Well).await;
    let folder = tempfile::tempdir().expect("a folder");
    let store = folder.path().join("limits.sqlite");
    let kept = async || {
        let counters = Embedded::open(&store, 0).await.expect("a file");
        counters.take_up(0, &Hold { holder: "next", until: 1 }).await.expect("an answer").len()
    };
    let server = start(&vendor, &[("COLLOQUY_QUOTA_STORE", store.to_str().expect("text"))]).await;
    let (address, key) = (server.address(), handle(server.state(), SHORT_KEY));
    let going = async {
        open_call(address, key).await;
        assert_eq!(kept().await, 1);
    };
    server.run(going).await.expect("an orderly end");
    assert_eq!(kept().await, 0);
}

#[tokio::test]
async fn an_upstream_that_does_not_hang_up_does_not_keep_the_server_from_ending() {
    let vendor = Vendor::start(Mood::Silent).await;
    let server = start(&vendor, &[("COLLOQUY_UPSTREAM_TIMEOUT_MS", "60000"), ("COLLOQUY_HANG_UP_MS", "50")]).await;
    let (gate, now) = (server.state().entrance().gate(), jiff::Timestamp::now().as_second().unsigned_abs());
    let nobody = Visitor::stranger(std::net::Ipv4Addr::LOCALHOST.into());
    gate.opened(gate.open(&nobody, now).await.expect("a seat"), CALL.into(), now).await;
    let end = tokio::time::timeout(Duration::from_secs(30), server.run(async {})).await;
    end.expect("long before the upstream's time is over").expect("an orderly end");
    assert_eq!(vendor.seen().len(), 1);
}

#[tokio::test]
async fn an_address_in_use_is_told_with_the_cure() {
    let vendor = Vendor::start(Mood::Well).await;
    let first = start(&vendor, &[]).await;
    let taken = first.address().to_string();
    let error = Server::start(config(&vendor.base_url, &[("COLLOQUY_LISTEN", &taken)])).await.err().expect("in use");
    let message = error.to_string();
    assert!(message.contains(&taken) && message.contains("--listen"), "{message}");
}
