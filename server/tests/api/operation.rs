//! What those who run the server look at: readiness, numbers, the audit log, HTTPS, reloading, draining.

use crate::app::{App, ask, config, handle, offer};
use crate::vendor::{CALL, Mood, SHORT_KEY, Vendor};
use crate::waiting::wait_until;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use colloquy_server::{Command, Server, reload};
use serde_json::Value;
use std::net::SocketAddr;

fn from(address: &str, mut request: Request<Body>) -> Request<Body> {
    let address: SocketAddr = format!("{address}:4711").parse().expect("an address");
    request.extensions_mut().insert(ConnectInfo(address));
    request
}

fn get(path: &str) -> Request<Body> {
    ask("GET", path).body(Body::empty()).expect("a request")
}

#[tokio::test]
async fn a_server_is_ready_while_all_that_a_talk_needs_is_there() {
    let app = App::start().await;
    let answer = app.get("/readyz").await;
    assert_eq!((answer.status.as_u16(), &answer.json()["ready"]), (200, &Value::Bool(true)), "{}", answer.text());
    let app = App::with_dead_upstream().await;
    let answer = app.get("/readyz").await;
    assert_eq!((answer.status.as_u16(), &answer.json()["upstream"]), (503, &Value::Bool(false)));
    assert_eq!(app.get("/healthz").await.status, 200);
}

#[tokio::test]
async fn numbers_are_for_those_who_watch_over_the_server() {
    let app = App::start().await;
    app.get("/nothing").await;
    app.send(from("192.0.2.1", get("/metrics"))).await.assert_error(404, "not_found");
    app.get("/metrics").await.assert_error(404, "not_found");
    let text = app.send(from("127.0.0.1", get("/metrics"))).await.text();
    assert!(text.contains("colloquy_refusals_total{code=\"not_found\"} 3"), "{text}");
    assert!(text.contains("colloquy_requests_total{method=\"GET\",route=\"page\",status=\"404\"} 1"), "{text}");
    assert!(text.contains(concat!("colloquy_build_info{version=\"", env!("CARGO_PKG_VERSION"), "\"} 1")), "{text}");
    assert!(text.contains("colloquy_calls 0") && text.ends_with("# EOF\n"), "{text}");
}

#[tokio::test]
async fn the_audit_log_tells_who_did_what_and_no_secret() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("audit.jsonl");
    let text = path.to_str().expect("text");
    let app = App::with(Mood::Well, &[("COLLOQUY_AUDIT_FILE", text)]).await;
    app.get("/session").await;
    app.offer("/v1/realtime/calls").await;
    app.send(ask("POST", "/session").header("origin", "https://evil.example").body(Body::empty()).expect("a request"))
        .await;
    app.get("/status").await;
    let log = std::fs::read_to_string(&path).expect("text");
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let shown: Vec<_> = lines
        .iter()
        .map(|line| (line["who"].as_str(), line["what"].as_str(), line["object"].as_str(), line["result"].as_str()))
        .collect();
    let local = Some("local");
    assert_eq!(
        shown,
        [
            (local, Some("GET /session"), None, Some("ok")),
            (local, Some("POST /v1/realtime/calls"), Some(CALL), Some("ok")),
            (local, Some("POST /session"), None, Some("origin_refused")),
        ]
    );
    assert!(!log.contains("ek_") && !log.contains("sk-"), "{log}");
}

#[tokio::test]
async fn the_audit_log_tells_what_was_too_large_what_was_taken_away_and_what_nobody_waited_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("audit.jsonl");
    let settings = [("COLLOQUY_AUDIT_FILE", path.to_str().expect("text")), ("COLLOQUY_MEMORY", ":memory:")];
    let app = App::with(Mood::Silent, &settings).await;
    let large = ask("POST", "/turns").header("content-length", "99999999").body(Body::empty()).expect("a request");
    app.send(large).await.assert_error(413, "too_large");
    assert_eq!(app.get("/memory/export").await.status, 200);
    let mint = app.get("/session");
    tokio::select! {
        answer = mint => panic!("{answer:?}"),
        () = wait_until("the vendor is asked", async || !app.vendor.seen().is_empty()) => {}
    }
    let log = std::fs::read_to_string(&path).expect("text");
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let shown: Vec<_> = lines.iter().map(|line| (line["what"].as_str(), line["result"].as_str())).collect();
    assert_eq!(
        shown,
        [
            (Some("POST /turns"), Some("too_large")),
            (Some("GET /memory/export"), Some("ok")),
            (Some("GET /session"), Some("broken off")),
        ]
    );
}

#[tokio::test]
async fn the_audit_log_names_whom_a_key_was_given_to_also_where_the_call_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("audit.jsonl");
    let audit = ("COLLOQUY_AUDIT_FILE", path.to_str().expect("text"));
    let alice = "0123456789abcdef01234567";
    let tokens = format!("alice:{alice}");
    let app = App::with(Mood::Well, &[audit, ("COLLOQUY_TOKENS", &tokens), ("COLLOQUY_QUOTA_CALLS", "user=1")]).await;
    let minted = ask("POST", "/session").header("authorization", format!("Bearer {alice}"));
    let minted = app.send(minted.body(Body::empty()).expect("a request")).await.json();
    let key = format!("Bearer {}", minted["value"].as_str().expect("a key"));
    let call = || app.send(offer("/v1/realtime/calls", &key, "application/sdp", "v=0\r\n"));
    assert_eq!(call().await.status, 201);
    call().await.assert_error(429, "too_many_calls");
    let changed = config(&app.vendor.base_url, &[("COLLOQUY_TOKENS", "bob:abcdefabcdefabcdefabcdefabcdef")]);
    reload(&app.state, || Ok(Command::Serve(Box::new(changed)))).await.expect("sound");
    call().await.assert_error(401, "key_unknown");
    let log = std::fs::read_to_string(&path).expect("text");
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let shown: Vec<_> = lines.iter().map(|line| (line["who"].as_str(), line["result"].as_str())).collect();
    let alice = Some("token:alice");
    assert_eq!(
        shown,
        [(alice, Some("ok")), (alice, Some("ok")), (alice, Some("too_many_calls")), (alice, Some("key_unknown"))]
    );
}

#[tokio::test]
async fn an_empty_account_takes_no_server_out_and_is_named_to_those_who_run_it() {
    let app = App::with(Mood::fails(429, "insufficient_quota"), &[]).await;
    app.get("/session").await.assert_error(429, "insufficient_quota");
    for (address, named) in [("127.0.0.1", 1), ("192.0.2.1", 0)] {
        let answer = app.send(from(address, get("/readyz"))).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let said = answer.json();
        let warnings = said["warnings"].as_array().expect("a list");
        assert_eq!(warnings.len(), named, "{said}");
        assert!(
            warnings.iter().all(|warning| warning.as_str().is_some_and(|text| text.contains("add some"))),
            "{said}"
        );
    }
}

#[tokio::test]
async fn a_full_disk_does_not_stop_the_talk() {
    if !std::path::Path::new("/dev/full").exists() {
        return;
    }
    let app = App::with(Mood::Well, &[("COLLOQUY_AUDIT_FILE", "/dev/full")]).await;
    assert_eq!(app.get("/session").await.status, 200);
    let text = app.send(from("127.0.0.1", get("/metrics"))).await.text();
    assert!(text.contains("colloquy_audit_incomplete 1"), "{text}");
}

#[tokio::test]
async fn a_server_that_is_closed_hangs_up_all_calls_side_by_side() {
    // A vendor that answers no hang-up would keep all but the first waiting for a minute, if they came one by one.
    let vendor = Vendor::start(Mood::Silent).await;
    let settings =
        [("COLLOQUY_MEMORY", "off"), ("COLLOQUY_UPSTREAM_TIMEOUT_MS", "60000"), ("COLLOQUY_HANG_UP_MS", "10")];
    let server = Server::start(config(&vendor.base_url, &settings)).await.expect("a server");
    let state = server.state().clone();
    let visitor = admission::Visitor::stranger("192.0.2.1".parse().expect("an address"));
    let gate = state.entrance().gate();
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed().expect("a clock").as_secs();
    for number in 0..30 {
        let lease = gate.open(&visitor, now).await.expect("a seat");
        gate.opened(lease, format!("rtc_{number}").as_str().into(), now).await;
    }
    let closed = config(&vendor.base_url, &[("COLLOQUY_QUOTA_CLOSED", "true")]);
    let closing = async {
        reload(&state, || Ok(Command::Serve(Box::new(closed)))).await.expect("sound");
        let hung_up = || vendor.seen().iter().filter(|seen| seen.path.ends_with("/hangup")).count();
        wait_until("all are hung up at once", async || hung_up() == 30).await;
    };
    Box::pin(server.run(closing)).await.expect("an orderly end");
}

#[tokio::test]
async fn a_server_that_is_not_ready_says_why_and_more_to_those_who_run_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let closed = folder.path().join("closed");
    std::fs::write(&closed, "").expect("written");
    let settings = [("COLLOQUY_QUOTA_CLOSED_FILE", closed.to_str().expect("text"))];
    let app = App::with(Mood::Well, &settings).await;
    let answer = app.get("/readyz").await;
    assert_eq!(answer.status, 503);
    assert_eq!(answer.json()["reasons"], serde_json::json!(["the operator has closed the server"]));
    let app = App::with_dead_upstream().await;
    let strangers = app.send(from("192.0.2.1", get("/readyz"))).await.json();
    assert_eq!(strangers["reasons"], serde_json::json!(["the upstream does not answer"]));
    let operators = app.send(from("127.0.0.1", get("/readyz"))).await.json();
    assert!(operators["reasons"][0].as_str().is_some_and(|reason| reason.contains("127.0.0.1:")), "{operators}");
}

#[tokio::test]
async fn the_headers_keep_a_browser_on_the_safe_side() {
    let settings = [("COLLOQUY_PUBLIC_URL", "https://talk.example.com"), ("COLLOQUY_AUTH_OPEN", "true")];
    let app = App::with(Mood::Well, &settings).await;
    for path in ["/", "/status", "/nothing"] {
        let answer = app.get(path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        assert!(answer.header("permissions-policy").contains("microphone=(self)"), "{path}");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin", "{path}");
        assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
        assert!(answer.header("strict-transport-security").starts_with("max-age="), "{path}");
    }
    assert_eq!(App::start().await.get("/").await.header("strict-transport-security"), "");
}

#[tokio::test]
async fn a_phone_on_the_network_can_come_by_https_and_plain_http_is_told_where_that_is() {
    let vendor = Vendor::start(Mood::Well).await;
    let folder = tempfile::tempdir().expect("a folder");
    let settings = [
        ("COLLOQUY_MEMORY", "off"),
        ("COLLOQUY_TLS_AUTO", "true"),
        ("COLLOQUY_TLS_FOLDER", folder.path().to_str().expect("text")),
    ];
    let server = Server::start(config(&vendor.base_url, &settings)).await.expect("a server");
    let address = server.address();
    let pem = std::fs::read(folder.path().join("certificate.pem")).expect("a certificate");
    let certificate = reqwest::Certificate::from_pem(&pem).expect("PEM");
    let asking = async {
        let client = reqwest::Client::builder().tls_certs_only([certificate]).no_proxy();
        let client = client.redirect(reqwest::redirect::Policy::none()).build().expect("a client");
        let answer = client.get(format!("https://{address}/healthz")).send().await.expect("an answer");
        assert_eq!(answer.text().await.expect("text"), "ok\n");
        let answer = client.get(format!("http://{address}/status?a=b")).send().await.expect("an answer");
        assert_eq!(answer.status(), 308);
        let place = answer.headers()["location"].to_str().expect("text").to_owned();
        assert_eq!(place, format!("https://{address}/status?a=b"));
        let answer = client.post(format!("http://{address}/session")).send().await.expect("an answer");
        assert_eq!((answer.status().as_u16(), answer.headers().contains_key("location")), (400, false));
    };
    server.run(asking).await.expect("an orderly end");
}

#[tokio::test]
async fn a_server_that_drains_begins_nothing_and_waits_for_calls() {
    let vendor = Vendor::start(Mood::Well).await;
    let settings = [("COLLOQUY_MEMORY", "off"), ("COLLOQUY_DRAIN_SECONDS", "20")];
    let server = Server::start(config(&vendor.base_url, &settings)).await.expect("a server");
    let base = format!("http://{}", server.address());
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let call = client.post(format!("{base}/v1/realtime/calls")).bearer_auth(handle(server.state(), SHORT_KEY));
    let call = call.header("content-type", "application/sdp").body("v=0\r\n");
    let late = call.try_clone().expect("a request");
    let (client_of_the_end, base_of_the_end) = (client.clone(), base.clone());
    let (asked, draining) = tokio::sync::oneshot::channel();
    let running = tokio::spawn(server.run(async move {
        assert_eq!(call.send().await.expect("an answer").status(), 201);
        let _ = asked.send(());
    }));
    draining.await.expect("asked to end");
    let (client, base) = (client_of_the_end, base_of_the_end);
    let ready = async || client.get(format!("{base}/readyz")).send().await.expect("an answer").status();
    wait_until("the end begins, a moment after it was asked for", async || ready().await == 503).await;
    for request in [client.post(format!("{base}/session")), late] {
        let answer = request.send().await.expect("an answer");
        assert_eq!((answer.status().as_u16(), &answer.headers()["retry-after"]), (503, &"5".parse().expect("a value")));
        assert_eq!(answer.json::<Value>().await.expect("JSON")["code"], "ending");
    }
    let end = client.post(format!("{base}/v1/realtime/calls/{CALL}/hangup")).send().await.expect("an answer");
    assert_eq!(end.status(), 200);
    running.await.expect("no panic").expect("an orderly end");
}

#[tokio::test]
async fn a_call_that_goes_on_when_the_server_is_closed_is_hung_up_and_written_down() {
    let vendor = Vendor::start(Mood::Well).await;
    let folder = tempfile::tempdir().expect("a folder");
    let (closed, audit) = (folder.path().join("closed"), folder.path().join("audit.jsonl"));
    let settings = [
        ("COLLOQUY_MEMORY", "off"),
        ("COLLOQUY_QUOTA_CLOSED_FILE", closed.to_str().expect("text")),
        ("COLLOQUY_AUDIT_FILE", audit.to_str().expect("text")),
    ];
    let server = Server::start(config(&vendor.base_url, &settings)).await.expect("a server");
    let base = format!("http://{}", server.address());
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let call = client.post(format!("{base}/v1/realtime/calls")).bearer_auth(handle(server.state(), SHORT_KEY));
    let closing = async {
        let answer = call.header("content-type", "application/sdp").body("v=0\r\n").send().await;
        assert_eq!(answer.expect("an answer").status(), 201);
        std::fs::write(&closed, "").expect("written");
        let log = || std::fs::read_to_string(&audit).expect("text");
        wait_until("it is written down", async || log().contains("\"what\":\"hang up\"")).await;
        assert!(vendor.has_hung_up());
        assert!(log().contains("\"result\":\"closed\""), "{}", log());
    };
    server.run(closing).await.expect("an orderly end");
}

#[tokio::test]
async fn whoever_is_taken_off_the_list_opens_no_call_and_the_one_that_goes_on_is_hung_up() {
    let vendor = Vendor::start(Mood::Well).await;
    let with = |tokens: &str| config(&vendor.base_url, &[("COLLOQUY_MEMORY", "off"), ("COLLOQUY_TOKENS", tokens)]);
    let alice = "0123456789abcdef01234567";
    let server = Server::start(with(&format!("alice:{alice}"))).await.expect("a server");
    let (base, state) = (format!("http://{}", server.address()), server.state().clone());
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let revoking = async {
        let minted = client.post(format!("{base}/session")).bearer_auth(alice).send().await.expect("an answer");
        let minted: Value = minted.json().await.expect("JSON");
        let offer = || {
            let call =
                client.post(format!("{base}/v1/realtime/calls")).bearer_auth(minted["value"].as_str().expect("a key"));
            call.header("content-type", "application/sdp").body("v=0\r\n").send()
        };
        assert_eq!(offer().await.expect("an answer").status(), 201);
        let changed = with("bob:abcdefabcdefabcdefabcdefabcdef");
        reload(&state, || Ok(Command::Serve(Box::new(changed)))).await.expect("sound");
        assert_eq!(offer().await.expect("an answer").status(), 401);
        vendor.hung_up().await;
    };
    Box::pin(server.run(revoking)).await.expect("an orderly end");
}
