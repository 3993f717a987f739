//! The program as its operator runs it: signals, a restart after a kill, traces, and two of it behind one Redis.

use crate::app::serve;
use crate::listening::Listening;
use crate::tls::Paper;
use crate::vendor::{LASTING_KEY, Mood, Vendor};
use crate::waiting::{wait_for, wait_until};
use axum::Router;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::routing::post;
use futures::StreamExt;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::mpsc;

/// A running program, ended with the test.
struct Program {
    process: Child,
    port: u16,
}

impl Program {
    async fn start(settings: &[(&str, &str)]) -> Self {
        Self::start_by(&[], settings).await
    }

    /// Starts it by another program, which ends with the words that are to be run.
    async fn start_by(by: &[&str], settings: &[(&str, &str)]) -> Self {
        let mut command = command(by, settings);
        command.env("COLLOQUY_LISTEN", "127.0.0.1:0").stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().expect("the program");
        let output = BufReader::new(process.stdout.take().expect("an output"));
        let mut program = Self { process, port: 0 };
        let port = tokio::task::spawn_blocking(|| output.lines().map_while(Result::ok).find_map(|line| port_in(&line)));
        let port = tokio::time::timeout(PATIENCE, port).await.expect("it greets").expect("no panic");
        program.port = port.expect("the program has ended");
        program
    }

    /// What it says when it does not start.
    fn fails(settings: &[(&str, &str)]) -> String {
        let output = command(&[], settings).env("COLLOQUY_LISTEN", "127.0.0.1:0").output().expect("the program");
        assert!(!output.status.success(), "it has started and ended");
        String::from_utf8_lossy(&output.stderr).into_owned()
    }

    /// What it says of itself once it is ready, or not ready.
    async fn until_ready(&self, ready: bool) -> serde_json::Value {
        let said = async || {
            let answer = reqwest::get(self.url("/readyz")).await.expect("an answer");
            let said: serde_json::Value = answer.json().await.expect("JSON");
            (said["ready"] == ready).then_some(said)
        };
        wait_for(if ready { "it is ready" } else { "it is not ready" }, said).await
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    async fn status(&self, method: &str, path: &str) -> Option<u16> {
        self.send(method, path, &[], String::new()).await
    }

    async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: String) -> Option<u16> {
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        let method = method.parse().expect("a method");
        let request = client.request(method, self.url(path)).body(body);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        Some(request.send().await.ok()?.status().as_u16())
    }

    /// What it has in memory, in KiB.
    #[cfg(target_os = "linux")]
    fn resident(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).expect("a process");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a number");
        line.split_whitespace().next().expect("a number").parse().expect("a number")
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([name, &self.process.id().to_string()]).status();
        assert!(sent.expect("a kill").success());
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn command(by: &[&str], settings: &[(&str, &str)]) -> Command {
    let words: Vec<&str> = by.iter().copied().chain([env!("CARGO_BIN_EXE_colloquy")]).collect();
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).env_clear().envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
    command.env("COLLOQUY_MEMORY", "off");
    command.env("COLLOQUY_ENGINE_RECOGNISER", "none").env("COLLOQUY_ENGINE_VOICE", "builtin");
    command.envs(settings.iter().copied());
    command
}

fn pairs<'a>(settings: &'a [(&'a str, String)]) -> Vec<(&'a str, &'a str)> {
    settings.iter().map(|(name, value)| (*name, value.as_str())).collect()
}

/// The port at which the program's greeting says that it is to be opened.
fn port_in(greeting: &str) -> Option<u16> {
    let (_, address) = greeting.split_once("is ready: open ")?;
    address.split(' ').next()?.rsplit(':').next()?.parse().ok()
}

fn text(path: &Path) -> &str {
    path.to_str().expect("text")
}

/// How long a program may take to start, at the most.
const PATIENCE: Duration = Duration::from_secs(30);

const SPENT: &str = r#"{"turn":1,"kind":"spoken","outcome":"answered","stamps":{},
    "usage":{"total_tokens":9000000,"input_tokens":9000000,"output_tokens":0}}"#;

#[cfg(target_os = "linux")]
#[tokio::test]
async fn ten_thousand_keys_for_ten_thousand_addresses_are_given_in_bounded_memory() {
    let vendor = Vendor::start(Mood::Well).await;
    let settings = [
        ("COLLOQUY_UPSTREAM", vendor.base_url.as_str()),
        ("OPENAI_API_KEY", LASTING_KEY),
        ("COLLOQUY_AUTH_OPEN", "true"),
        ("COLLOQUY_PROXY_TRUSTED", "127.0.0.1"),
        ("COLLOQUY_QUOTA_MINTS", "address=2"),
        ("COLLOQUY_LOG", "error"),
    ];
    let program = Program::start(&settings).await;
    let before = program.resident();
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let mints = (0..10_000_u32).map(|number| {
        let address = std::net::Ipv4Addr::from(0x0a00_0000 + number).to_string();
        let request = client.post(program.url("/session")).header("x-forwarded-for", address);
        async move { request.send().await.expect("an answer").status().as_u16() }
    });
    let statuses: Vec<u16> = futures::stream::iter(mints).buffer_unordered(16).collect().await;
    assert!(statuses.iter().all(|status| *status == 200), "{statuses:?}");
    let grown = program.resident().saturating_sub(before);
    assert!(grown < 64 * 1024, "{grown} KiB");
}

#[tokio::test]
async fn what_was_used_is_not_forgotten_when_the_program_is_killed() {
    let folder = TempDir::new().expect("a folder");
    let store = folder.path().join("limits.sqlite");
    let settings = [("COLLOQUY_QUOTA_STORE", text(&store)), ("COLLOQUY_QUOTA_MONEY_DAY", "5")];
    let program = Program::start(&settings).await;
    assert_eq!(program.status("GET", "/session").await, Some(200));
    let json = [("content-type", "application/json")];
    assert_eq!(program.send("POST", "/turns", &json, SPENT.to_owned()).await, Some(204));
    drop(program);
    let program = Program::start(&settings).await;
    assert_eq!(program.status("GET", "/session").await, Some(429));
}

#[tokio::test]
async fn a_call_that_goes_on_when_the_program_is_killed_is_hung_up_by_the_next_one_when_it_is_closed() {
    let vendor = Vendor::start(Mood::Well).await;
    let folder = TempDir::new().expect("a folder");
    let store = folder.path().join("limits.sqlite");
    let settings = [
        ("COLLOQUY_UPSTREAM", vendor.base_url.as_str()),
        ("OPENAI_API_KEY", LASTING_KEY),
        ("COLLOQUY_QUOTA_STORE", text(&store)),
    ];
    let program = Program::start(&settings).await;
    let minted = reqwest::get(program.url("/session")).await.expect("an answer");
    let minted: serde_json::Value = minted.json().await.expect("JSON");
    let key = format!("Bearer {}", minted["value"].as_str().expect("a key"));
    let call = [("authorization", key.as_str()), ("content-type", "application/sdp")];
    assert_eq!(program.send("POST", "/v1/realtime/calls", &call, "v=0\r\n".to_owned()).await, Some(201));
    drop(program);
    assert!(!vendor.has_hung_up(), "it goes on");
    let _program = Program::start(&[&settings[..], &[("COLLOQUY_QUOTA_CLOSED", "true")]].concat()).await;
    vendor.hung_up().await;
}

#[tokio::test]
async fn the_program_says_by_itself_whether_it_answers() {
    let paper = Paper::new();
    let (certificate, key) = (paper.text("certificate.pem"), paper.text("key.pem"));
    let by_https = [("COLLOQUY_TLS_CERTIFICATE", certificate.as_str()), ("COLLOQUY_TLS_KEY", key.as_str())];
    for settings in [&[][..], &by_https] {
        let settings = [settings, &[("COLLOQUY_AUTH_OPEN", "true")]].concat();
        let probe = |port: u16| {
            let listen = format!("0.0.0.0:{port}");
            command(&[], &settings).env("COLLOQUY_LISTEN", listen).arg("--probe").output().expect("the program")
        };
        let program = Program::start(&settings).await;
        let answering = probe(program.port);
        assert!(answering.status.success(), "{answering:?}");
        // Where nobody listens.
        let silent = probe(9);
        assert_eq!(silent.status.code(), Some(1), "{silent:?}");
        assert!(String::from_utf8_lossy(&silent.stderr).contains("refused"), "{silent:?}");
    }
}

#[tokio::test]
async fn a_changed_file_is_taken_over_when_the_program_is_told_so() {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("colloquy.toml");
    std::fs::write(&file, "[quota]\nclosed = false\n").expect("written");
    let program = Program::start(&[("COLLOQUY_CONFIG", text(&file))]).await;
    std::fs::write(&file, "[quota]\nclosed = maybe\n").expect("written");
    program.signal("-HUP");
    assert_eq!(program.status("GET", "/session").await, Some(200));
    std::fs::write(&file, "[quota]\nclosed = true\n").expect("written");
    program.signal("-HUP");
    let closed = async || program.status("GET", "/session").await == Some(503);
    wait_until("the changed file is taken over", closed).await;
}

#[tokio::test]
async fn a_request_is_a_span_of_the_trace_that_the_browser_began() {
    let (spans, mut seen) = mpsc::unbounded_channel();
    let take = async move |body: Bytes| {
        let _ = spans.send(body);
        StatusCode::OK
    };
    let endpoint = format!("{}/v1/traces", serve(Router::new().route("/v1/traces", post(take))).await);
    let mut program = Program::start(&[("COLLOQUY_TRACES_ENDPOINT", &endpoint)]).await;
    let parent = [("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")];
    assert_eq!(program.send("GET", "/status", &parent, String::new()).await, Some(200));
    program.signal("-TERM");
    let trace = [0x0a, 0xf7, 0x65, 0x19, 0x16, 0xcd, 0x43, 0xdd, 0x84, 0x48, 0xeb, 0x21, 0x1c, 0x80, 0x31, 0x9c];
    let found = async {
        while let Some(body) = seen.recv().await {
            let has = |part: &[u8]| body.windows(part.len()).any(|window| window == part);
            if has(&trace) {
                return has(b"service.version") && has(env!("CARGO_PKG_VERSION").as_bytes());
            }
        }
        false
    };
    assert!(tokio::time::timeout(Duration::from_secs(20), found).await.unwrap_or(false), "no span of the trace came");
    assert!(program.process.wait().expect("a process").success(), "it ends in order");
}

#[tokio::test]
async fn limits_are_counted_in_a_redis_by_tls_with_its_certificate_checked() {
    let (paper, strangers) = (Paper::new(), Paper::new());
    let redis = Listening::start(|port| {
        let mut redis = Command::new("redis-server");
        redis.args(["--bind", "127.0.0.1", "--save", "", "--port", "0", "--tls-port", &port.to_string()]);
        redis.args(["--tls-cert-file", &paper.text("certificate.pem"), "--tls-key-file", &paper.text("key.pem")]);
        redis.args(["--tls-ca-cert-file", &paper.text("root.pem"), "--tls-auth-clients", "no"]);
        redis.current_dir(paper.folder.path());
        redis
    })
    .await;
    let url = format!("rediss://localhost:{}", redis.port);
    let settings = |root: &Path| -> Vec<(&str, String)> {
        vec![
            ("COLLOQUY_QUOTA_STORE", url.clone()),
            ("COLLOQUY_QUOTA_STORE_CA", text(root).to_owned()),
            ("COLLOQUY_QUOTA_MINTS", "user=1".to_owned()),
        ]
    };
    let known = settings(&paper.path("root.pem"));
    let program = Program::start(&pairs(&known)).await;
    assert_eq!(program.status("GET", "/session").await, Some(200));
    assert_eq!(program.status("GET", "/session").await, Some(429));
    assert_eq!(program.status("GET", "/readyz").await, Some(200));
    let refused = Program::fails(&pairs(&settings(&strangers.path("root.pem"))));
    assert!(refused.contains("the limits cannot be counted in Redis") && refused.contains("ertificate"), "{refused}");
}

/// A disk of the program's own that is full from now on, if this system lets one be made.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn on_a_full_disk_the_program_says_why_it_is_not_ready_and_is_ready_again_when_there_is_room() {
    let folder = TempDir::new().expect("a folder");
    let mount = format!("mount -t tmpfs -o size=1m none {} && exec \"$0\"", text(folder.path()));
    let apart = ["unshare", "--map-root-user", "--mount", "sh", "-c", &mount];
    let able = Command::new(apart[0]).args(&apart[1..]).arg("true").status();
    if !able.is_ok_and(|status| status.success()) {
        eprintln!("SKIPPED: nobody may mount a disk here");
        return;
    }
    let [memory, limits, audit] =
        ["memory.sqlite", "limits.sqlite", "audit.jsonl"].map(|name| folder.path().join(name));
    let settings = [
        ("COLLOQUY_MEMORY", text(&memory)),
        ("COLLOQUY_QUOTA_STORE", text(&limits)),
        ("COLLOQUY_AUDIT_FILE", text(&audit)),
    ];
    let program = Program::start_by(&apart, &settings).await;
    assert_eq!(program.status("GET", "/readyz").await, Some(200));
    let inside = format!("/proc/{}/root{}", program.process.id(), text(folder.path()));
    let filler = Path::new(&inside).join("filler");
    let full = std::fs::write(&filler, vec![0; 2 * 1024 * 1024]).expect_err("the disk is full").to_string();
    let turn = program.send("POST", "/turns", &[("content-type", "application/json")], SPENT.to_owned());
    assert_eq!(turn.await, Some(204), "talks go on: {full}");
    let ready = program.until_ready(false).await;
    let reasons = ready["reasons"].to_string();
    let missing = ["memory", "limits", "audit", "upstream"].map(|what| ready[what] == false);
    assert_eq!(missing, [true, true, true, false], "{ready}");
    assert!(reasons.contains("disk is full") && reasons.contains("No space left"), "{reasons}");
    std::fs::remove_file(&filler).expect("removed");
    program.until_ready(true).await;
    let log = std::fs::read_to_string(Path::new(&inside).join("audit.jsonl")).expect("text");
    assert!(log.contains("POST /turns"), "what waited is written: {log}");
}

#[tokio::test]
async fn two_servers_behind_one_redis_count_together() {
    let folder = TempDir::new().expect("a folder");
    let redis = Listening::start(|port| {
        let mut redis = Command::new("redis-server");
        redis.args(["--bind", "127.0.0.1", "--save", "", "--port", &port.to_string()]).current_dir(folder.path());
        redis
    })
    .await;
    let url = format!("redis://127.0.0.1:{}", redis.port);
    let settings = [
        ("COLLOQUY_QUOTA_STORE", url.as_str()),
        ("COLLOQUY_QUOTA_MONEY_DAY", "user=5"),
        ("COLLOQUY_TOKENS", "alice:0123456789abcdef01234567"),
    ];
    let (one, other) = (Program::start(&settings).await, Program::start(&settings).await);
    let token = ("authorization", "Bearer 0123456789abcdef01234567");
    let json = ("content-type", "application/json");
    assert_eq!(other.send("GET", "/session", &[token], String::new()).await, Some(200));
    assert_eq!(one.send("POST", "/turns", &[token, json], SPENT.to_owned()).await, Some(204));
    assert_eq!(other.send("GET", "/session", &[token], String::new()).await, Some(429));
    drop(redis);
    assert_eq!(
        other.send("GET", "/session", &[token], String::new()).await,
        Some(503),
        "what cannot be counted is refused"
    );
    assert_eq!(other.status("GET", "/readyz").await, Some(503));
}
