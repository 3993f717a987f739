//! The server under load, beside nginx as a reverse proxy and minimal Node servers, all in one run and in front of the
//! same stand-in for the vendor, which answers from memory.
//!
//! nginx and Node are each asked twice: as they are usually written (`nginx_`: a bare `proxy_pass`; `node_`: `fetch`, as
//! the vendor's own guide has it), and as fast as they get with connections that are kept (`nginx_kept_`, `node_kept_`).
//!
//! The load is put on by `wrk` with 64 connections on loopback, so every figure shares the machine with `wrk` and the
//! stand-in; compare the three servers, not machines.

use crate::figure::Figure;
use anyhow::{Context, Result, bail, ensure};
use e2e_support::{Server, artefact, dist, resident_mib};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const CONNECTIONS: u32 = 64;

/// What is asked of each server.
#[derive(Clone, Copy)]
struct Route {
    name: &'static str,
    path: &'static str,
    /// Which path the stand-in has for it; none where it is not asked.
    upstream: Option<&'static str>,
    /// A script for `wrk` that makes the request; `KEY` stands for one that ours gave.
    script: &'static str,
    /// Whether the Node server has it.
    node: bool,
}

const ROUTES: [Route; 3] = [
    Route {
        name: "session_mint",
        path: "/session",
        upstream: Some("/v1/realtime/client_secrets"),
        script: "wrk.method = 'POST'",
        node: true,
    },
    Route {
        name: "sdp_proxy",
        path: "/v1/realtime/calls",
        upstream: Some("/v1/realtime/calls"),
        script: "wrk.method = 'POST'\n\
                 wrk.headers['Content-Type'] = 'application/sdp'\n\
                 wrk.headers['Authorization'] = 'Bearer KEY'\n\
                 wrk.body = 'v=0\\r\\n' .. string.rep('a=candidate:1 1 udp 2130706431 192.0.2.1 50000 typ host\\r\\n', 40)",
        node: true,
    },
    Route { name: "static_page", path: "/", upstream: None, script: "wrk.method = 'GET'", node: false },
];

/// What `wrk` saw, and what it cost the server.
#[derive(Clone, Copy, Debug)]
struct Load {
    rps: f64,
    p50_ms: f64,
    p99_ms: f64,
    /// Processor time of the server alone, for one request.
    cpu_us: f64,
}

/// `session_mint_rps`, `sdp_proxy_rps`, `static_page_rps`, each with its `_p99_ms` (less what the stand-in takes in the
/// median when asked directly) and its `_cpu_us`, in which neither the stand-in nor `wrk` has a part; the same of those
/// beside it; and `server_rss_mib`.
pub(crate) async fn server(seconds: u64) -> Result<Vec<Figure>> {
    let upstream = nginx("bench-upstream", "1", &upstream_config())?;
    let address = format!("http://127.0.0.1:{}/v1", upstream.port);
    let settings = [
        ("OPENAI_API_KEY", "sk-bench-not-a-real-key"),
        ("COLLOQUY_UPSTREAM", address.as_str()),
        ("COLLOQUY_MEMORY", "off"),
        // The others do not watch calls either.
        ("COLLOQUY_SIDEBAND", "false"),
        ("COLLOQUY_LOG", "warn"),
        ("RUST_LOG", "warn"),
    ];
    let ours = Server::start_released("bench-load", &settings).await?;
    let mut figures = vec![Figure::of("server_rss_idle_mib", "MiB", vec![resident_mib(ours.pid())?])?];
    let beside = [
        ("nginx_", Some(nginx("bench-nginx", "auto", &plain_proxy(upstream.port))?)),
        ("nginx_kept_", Some(nginx("bench-nginx-kept", "auto", &keeping_proxy(upstream.port))?)),
        ("node_", node("bench-node", &NODE.replace("ASK", ASK_BY_FETCH), upstream.port)?),
        ("node_kept_", node("bench-node-kept", &NODE.replace("ASK", ASK_BY_AGENT), upstream.port)?),
    ];

    let minted = reqwest::Client::new().post(format!("{}/session", ours.url())).send().await?;
    let minted: serde_json::Value = minted.error_for_status()?.json().await?;
    let key = minted["value"].as_str().context("no key was given")?;
    let mut busiest: f64 = 0.0;
    for route in ROUTES {
        let script = &route.script.replace("KEY", key);
        let alone = match route.upstream {
            Some(path) => wrk(&url(upstream.port, path), script, seconds, upstream.process.id())?.p50_ms,
            None => 0.0,
        };
        let ours_load = wrk(&format!("{}{}", ours.url(), route.path), script, seconds, ours.pid())?;
        busiest = busiest.max(resident_mib(ours.pid())?);
        figures.extend(spread(route.name, "", ours_load, alone)?);
        for (whose, server) in &beside {
            if let Some(server) = server.as_ref().filter(|_| route.node || whose.starts_with("nginx")) {
                let load = wrk(&url(server.port, route.path), script, seconds, server.process.id())?;
                figures.extend(spread(route.name, whose, load, alone)?);
            }
        }
    }
    figures.push(Figure::of("server_rss_mib", "MiB", vec![busiest])?);
    Ok(figures)
}

fn spread(route: &str, whose: &str, load: Load, upstream_ms: f64) -> Result<[Figure; 3]> {
    Ok([
        Figure::of(&format!("{whose}{route}_rps"), "1/s", vec![load.rps])?,
        Figure::of(&format!("{whose}{route}_p99_ms"), "ms", vec![(load.p99_ms - upstream_ms).max(0.0)])?,
        Figure::of(&format!("{whose}{route}_cpu_us"), "us", vec![load.cpu_us])?,
    ])
}

fn url(port: u16, path: &str) -> String {
    format!("http://127.0.0.1:{port}{path}")
}

/// Puts load on one address; answers that are not a success make the figure void.
fn wrk(url: &str, script: &str, seconds: u64, server: u32) -> Result<Load> {
    let file = artefact("bench.lua");
    let report = "function done(summary, latency)\n\
                  io.write(string.format('FIGURES %d %f %f %f %d\\n', summary.requests, summary.duration / 1e6, \
                  latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, \
                  summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout))\nend";
    std::fs::write(&file, format!("{script}\n{report}\n"))?;
    let run = |seconds: u64| {
        Command::new("wrk")
            .args(["-t1", &format!("-c{CONNECTIONS}"), &format!("-d{seconds}s"), "-s"])
            .arg(&file)
            .arg(url)
            .output()
            .context("wrk is needed: cargo xtask bench installs it")
    };
    run(1)?;
    let before = processor_seconds(server)?;
    let output = String::from_utf8_lossy(&run(seconds)?.stdout).into_owned();
    let busy = processor_seconds(server)? - before;
    let line = output.lines().find_map(|line| line.strip_prefix("FIGURES ")).context("wrk reported nothing")?;
    let numbers: Vec<f64> = line.split(' ').filter_map(|number| number.parse().ok()).collect();
    let [requests, duration, p50_ms, p99_ms, errors] = numbers[..] else { bail!("wrk reported {line:?}") };
    ensure!(errors == 0.0, "{errors} of {requests} requests to {url} failed");
    Ok(Load { rps: requests / duration, p50_ms, p99_ms, cpu_us: busy * 1e6 / requests })
}

/// Processor time of a process and its children, by Linux's account.
fn processor_seconds(pid: u32) -> Result<f64> {
    let of = |pid: u32| -> Result<f64> {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).context("processor time is read on Linux")?;
        // The name in parentheses may hold anything; user and system time are the 12th and 13th field behind it.
        let fields: Vec<&str> = stat.rsplit_once(')').context("no stat")?.1.split_whitespace().collect();
        let ticks = fields.iter().skip(11).take(2).map(|ticks| ticks.parse::<f64>()).sum::<Result<f64, _>>()?;
        Ok(ticks / TICKS_A_SECOND)
    };
    let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    let children = children.split_whitespace().filter_map(|child| child.parse().ok());
    children.map(of).try_fold(of(pid)?, |sum, seconds| Ok(sum + seconds?))
}

/// Linux' `USER_HZ`, which is the same on every machine it runs on today.
const TICKS_A_SECOND: f64 = 100.0;

/// A server beside ours.
struct Listening {
    process: Process,
    port: u16,
}

/// An nginx of our own, in the foreground.
fn nginx(name: &str, workers: &str, server: &str) -> Result<Listening> {
    let port = free_port()?;
    let folder = artefact(name);
    std::fs::create_dir_all(&folder)?;
    // nginx does not take over a socket that another left behind.
    let _ = std::fs::remove_file(folder.join("inner"));
    let config = format!(
        "daemon off; worker_processes {workers}; pid {0}/nginx.pid; error_log {0}/error.log;\n\
             events {{ worker_connections 1024; }}\n\
             http {{ access_log off; client_body_temp_path {0}/body; proxy_temp_path {0}/proxy;\n\
             fastcgi_temp_path {0}/f; uwsgi_temp_path {0}/u; scgi_temp_path {0}/s; keepalive_requests 100000000;\n\
             types {{ text/html html; text/css css; text/javascript js; application/wasm wasm; image/svg+xml svg; }}\n\
             {1} }}\n",
        folder.display(),
        server.replace("PORT", &port.to_string()).replace("FOLDER", &folder.display().to_string())
    );
    let file = folder.join("nginx.conf");
    std::fs::write(&file, config)?;
    let program = ["/usr/sbin/nginx", "/usr/bin/nginx"].into_iter().find(|path| Path::new(path).exists());
    let mut command = Command::new(program.unwrap_or("nginx"));
    command.arg("-c").arg(&file).arg("-p").arg(&folder);
    Ok(Listening { process: Process::start(command, port)?, port })
}

/// Answers as the vendor does, from memory.
///
/// Each answer comes through an inner location, because nginx reads a request's body only when it passes it on, and
/// closes connections whose bodies it has not read.
fn upstream_config() -> String {
    let secret = r#"{"value":"ek_68af296e8e408191a1120ab6383263c2","expires_at":4102444800,"session":{"type":"realtime","object":"realtime.session","id":"sess_bench","model":"gpt-realtime-2.1"}}"#;
    let answer = format!("v=0 {}", "a=candidate:1 1 udp 2130706431 192.0.2.1 50000 typ host ".repeat(20));
    format!(
        "upstream inner {{ server unix:FOLDER/inner; keepalive 64; keepalive_requests 100000000; }}\n\
         server {{ listen 127.0.0.1:PORT reuseport; listen unix:FOLDER/inner;\n\
         proxy_http_version 1.1; proxy_method GET; proxy_pass_request_body off; proxy_pass_request_headers off;\n\
         proxy_set_header Connection ''; proxy_set_header Content-Length '';\n\
         location = /v1/realtime/client_secrets {{ proxy_pass http://inner/secret; }}\n\
         location = /v1/realtime/calls {{ proxy_pass http://inner/answer; }}\n\
         location = /secret {{ default_type application/json; return 200 '{secret}'; }}\n\
         location = /answer {{ default_type application/sdp;\n\
         add_header Location /v1/realtime/calls/rtc_bench always; return 201 \"{answer}\"; }} }}"
    )
}

fn plain_proxy(upstream: u16) -> String {
    proxy(&format!("127.0.0.1:{upstream}"))
}

fn keeping_proxy(upstream: u16) -> String {
    let vendor =
        format!("upstream vendor {{ server 127.0.0.1:{upstream}; keepalive 64; keepalive_requests 100000000; }}");
    format!("{vendor}\nproxy_http_version 1.1; proxy_set_header Connection '';\n{}", proxy("vendor"))
}

fn proxy(upstream: &str) -> String {
    format!(
        "proxy_set_header Authorization 'Bearer sk-bench';\n\
         server {{ listen 127.0.0.1:PORT reuseport; root {};\n\
         location = /session {{ proxy_pass http://{upstream}/v1/realtime/client_secrets; }}\n\
         location = /v1/realtime/calls {{ proxy_pass http://{upstream}; }}\n\
         location / {{ index index.html; }} }}",
        dist().canonicalize().unwrap_or_else(|_| dist()).display()
    )
}

/// The least that does the same with nothing but Node's standard library.
const NODE: &str = r"
const http = require('node:http');
const [upstream, port] = process.argv.slice(2).map(Number);
const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
http.createServer(async (request, response) => {
  const path = { '/session': '/v1/realtime/client_secrets', '/v1/realtime/calls': '/v1/realtime/calls' }[request.url];
  if (request.method !== 'POST' || !path) { response.writeHead(404).end(); return; }
  const headers = { authorization: 'Bearer sk-bench', 'content-type': request.headers['content-type'] ?? 'application/json' };
  const head = (type, location) => ({ 'content-type': type, ...(location && { location }) });
  ASK
}).listen(port, '127.0.0.1');
";

const ASK_BY_FETCH: &str = r"
  try {
    const body = [];
    for await (const part of request) body.push(part);
    const answer = await fetch(`http://127.0.0.1:${upstream}${path}`, { method: 'POST', headers, body: Buffer.concat(body) });
    response.writeHead(answer.status, head(answer.headers.get('content-type'), answer.headers.get('location')));
    response.end(Buffer.from(await answer.arrayBuffer()));
  } catch { response.writeHead(502).end(); }
";

const ASK_BY_AGENT: &str = r"
  const asked = http.request({ host: '127.0.0.1', port: upstream, method: 'POST', path, agent, headers }, (answer) => {
    response.writeHead(answer.statusCode, head(answer.headers['content-type'], answer.headers.location));
    answer.pipe(response);
  });
  asked.on('error', () => response.writeHead(502).end());
  request.pipe(asked);
";

/// None where Node is not installed.
fn node(name: &str, script: &str, upstream: u16) -> Result<Option<Listening>> {
    if Command::new("node").arg("--version").stdout(Stdio::null()).status().is_err() {
        println!("(Node is not installed: no figures of it)");
        return Ok(None);
    }
    let file = artefact(&format!("{name}.cjs"));
    std::fs::write(&file, script)?;
    let port = free_port()?;
    let mut command = Command::new("node");
    command.arg(&file).args([upstream.to_string(), port.to_string()]);
    Ok(Some(Listening { process: Process::start(command, port)?, port }))
}

/// A port that nobody listens on, for programs that do not choose one themselves.
fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// A process that listens on a port; killed when dropped.
struct Process(Child);

impl Process {
    fn id(&self) -> u32 {
        self.0.id()
    }

    fn start(mut command: Command, port: u16) -> Result<Self> {
        let program = command.get_program().to_string_lossy().into_owned();
        let child = command.stdin(Stdio::null()).spawn().with_context(|| format!("cannot start {program}"))?;
        let process = Self(child);
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(10) {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Ok(process);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        bail!("{program} does not listen")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // nginx' worker ends with its master only when that is asked kindly.
        let asked = Command::new("kill").arg(self.0.id().to_string()).status();
        if !asked.is_ok_and(|status| status.success()) && self.0.kill().is_err() {
            eprintln!("process {} could not be ended", self.0.id());
        }
        if let Err(error) = self.0.wait() {
            eprintln!("process {} was lost: {error}", self.0.id());
        }
    }
}
