//! With neither key nor address, the local engine answers on the same path as any other upstream.

use crate::contract::OFFER;
use colloquy_server::{Config, Server};
use protocol::api::{SessionReply, Status};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Settings of a server with an engine that needs no program.
pub(crate) fn config() -> Config {
    let variables = [
        ("COLLOQUY_LISTEN", "127.0.0.1:0"),
        ("COLLOQUY_ENGINE_RECOGNISER", "none"),
        ("COLLOQUY_ENGINE_VOICE", "builtin"),
    ];
    let variables: BTreeMap<_, _> = variables.map(|(k, v)| (k.to_owned(), v.to_owned())).into();
    Config::from_variables(variables).expect("sound settings")
}

#[tokio::test]
async fn a_server_without_any_setting_mints_a_key_opens_a_call_and_hangs_up() {
    let server = Server::start(config()).await.expect("a server");
    let url = format!("http://{}", server.address());
    let client = reqwest::Client::new();
    let asking = async {
        let key: SessionReply =
            client.get(format!("{url}/session")).send().await.expect("an answer").json().await.expect("a key");
        assert!(key.value.expose().starts_with("ek_"));
        let status: Status =
            client.get(format!("{url}/status")).send().await.expect("an answer").json().await.expect("JSON");
        assert_eq!(status.upstream.kind, "engine");
        assert!(!status.upstream.notes.is_empty(), "it says honestly what it can do");
        let offer = async |sdp: &'static str| {
            let request = client.post(format!("{url}/v1/realtime/calls")).bearer_auth(key.value.expose());
            request.header("content-type", "application/sdp").body(sdp).send().await.expect("an answer")
        };
        assert_eq!(offer("nonsense").await.status(), 400);
        let answer = offer(OFFER).await;
        assert_eq!(answer.status(), 201);
        let call = answer.headers()["location"].to_str().expect("text").to_owned();
        for _ in 0..2 {
            let hang_up = client.post(format!("{url}{call}/hangup")).send().await.expect("an answer");
            assert_eq!(hang_up.status(), 200, "a call that has ended is as it should be");
        }
    };
    server.run(asking).await.expect("an orderly end");
}

#[tokio::test]
async fn the_engine_shows_the_session_that_the_server_chose() {
    let server = Server::start(config()).await.expect("a server");
    let url = format!("http://{}", server.address());
    let asking = async {
        let request = reqwest::Client::new().post(format!("{url}/v1/realtime/client_secrets")).json(&json!({}));
        let key: Value = request.send().await.expect("an answer").json().await.expect("JSON");
        assert_eq!(key["session"]["audio"]["output"]["voice"], "marin");
        assert_eq!(key["session"]["audio"]["input"]["turn_detection"]["create_response"], false);
    };
    server.run(asking).await.expect("an orderly end");
}
