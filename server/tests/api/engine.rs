//! With neither key nor address, the local engine answers on the same path as any other upstream.

use colloquy_server::{Config, Server};
use protocol::api::{SessionReply, Status};
use std::collections::BTreeMap;

async fn start() -> Server {
    let variables = [
        ("COLLOQUY_LISTEN", "127.0.0.1:0"),
        ("COLLOQUY_ENGINE_RECOGNISER", "none"),
        ("COLLOQUY_ENGINE_VOICE", "builtin"),
    ];
    let variables: BTreeMap<_, _> = variables.map(|(k, v)| (k.to_owned(), v.to_owned())).into();
    Server::start(Config::from_variables(variables).expect("sound settings")).await.expect("a server")
}

#[tokio::test]
async fn a_server_without_any_setting_mints_a_key_and_says_who_answers() {
    let server = start().await;
    let url = format!("http://{}", server.address());
    let asking = async {
        let key: SessionReply =
            reqwest::get(format!("{url}/session")).await.expect("an answer").json().await.expect("a key");
        assert!(key.value.expose().starts_with("ek_"));
        let status: Status =
            reqwest::get(format!("{url}/status")).await.expect("an answer").json().await.expect("JSON");
        assert_eq!(status.upstream.kind, "engine");
        assert!(!status.upstream.notes.is_empty(), "it says honestly what it can do");
        let refused = reqwest::Client::new()
            .post(format!("{url}/v1/realtime/calls"))
            .bearer_auth(key.value.expose())
            .header("content-type", "application/sdp")
            .body("nonsense")
            .send()
            .await
            .expect("an answer");
        assert_eq!(refused.status(), 400);
    };
    server.run(asking).await.expect("an orderly end");
}
