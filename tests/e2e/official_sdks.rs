//! The vendor's own libraries for Python and JavaScript, unmodified, with our address as their base URL: mint a secret,
//! open a call with it, and hang it up.

use crate::Outcome;
use anyhow::{Context, ensure};
use e2e_support::{Server, artefact, npm_dir, python_dir};
use std::path::Path;
use std::process::Command;

/// An offer as a browser makes it, for audio and a data channel; nobody is behind it.
const OFFER: &str = "v=0\r\no=- 4611731700000000000 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n\
a=msid-semantic: WMS\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\n\
a=ice-ufrag:Ab3d\r\na=ice-pwd:0123456789abcdefghijklmn\r\n\
a=fingerprint:sha-256 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF\r\n\
a=setup:actpass\r\na=mid:0\r\na=sendrecv\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\n\
a=fmtp:111 minptime=10;useinbandfec=1\r\na=ssrc:1001 cname:nobody\r\n\
m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\na=ice-ufrag:Ab3d\r\n\
a=ice-pwd:0123456789abcdefghijklmn\r\n\
a=fingerprint:sha-256 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF\r\n\
a=setup:actpass\r\na=mid:1\r\na=sctp-port:5000\r\na=max-message-size:262144\r\n";

#[tokio::test]
async fn the_python_client_mints_a_secret_opens_a_call_and_hangs_up() -> Outcome {
    let packages = python_dir().context("openai for Python is needed: cargo xtask test installs it where pip is")?;
    let mut python = Command::new("python3");
    python.env("PYTHONPATH", packages);
    run("sdk-python", python, "py", PYTHON).await
}

#[tokio::test]
async fn the_javascript_client_mints_a_secret_opens_a_call_and_hangs_up() -> Outcome {
    let packages = npm_dir().context("openai for JavaScript is needed: cargo xtask test installs it where npm is")?;
    let mut node = Command::new("node");
    node.env("NODE_PATH", packages.join("node_modules"));
    run("sdk-javascript", node, "cjs", JAVASCRIPT).await
}

async fn run(name: &str, mut command: Command, extension: &str, script: &str) -> Outcome {
    let server = Server::start(name, &[("COLLOQUY_ENGINE_RECOGNISER", "none")]).await?;
    let (script_file, offer) = (artefact(&format!("{name}.{extension}")), artefact("offer.sdp"));
    std::fs::write(&script_file, script)?;
    std::fs::write(&offer, OFFER)?;
    command.arg(&script_file).arg(format!("{}/v1", server.url())).arg(&offer).env_remove("OPENAI_API_KEY");
    let output = tokio::task::spawn_blocking(move || command.output()).await??;
    let said = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    ensure!(said.trim() == "minted, opened, hung up", "{said}");
    let log = std::fs::read_to_string(Path::new(&artefact(&format!("{name}.server.log"))))?;
    ensure!(log.contains("call opened"), "the engine saw no call");
    Ok(())
}

const PYTHON: &str = r#"
import sys
from openai import OpenAI

base_url, offer = sys.argv[1], open(sys.argv[2], newline="").read()
secret = OpenAI(base_url=base_url, api_key="not-needed-here").realtime.client_secrets.create()
assert secret.value.startswith("ek_"), secret
caller = OpenAI(base_url=base_url, api_key=secret.value)
answer = caller.realtime.calls.create(sdp=offer)
assert answer.text.startswith("v=0"), answer.text
call_id = answer.response.headers["location"].rsplit("/", 1)[-1]
assert call_id.startswith("rtc_"), call_id
caller.realtime.calls.hangup(call_id)
print("minted, opened, hung up")
"#;

const JAVASCRIPT: &str = r"
const fs = require('node:fs');
const assert = require('node:assert');
const { OpenAI } = require('openai');

(async () => {
  const [baseURL, file] = process.argv.slice(2);
  const secret = await new OpenAI({ baseURL, apiKey: 'not-needed-here' }).realtime.clientSecrets.create({});
  assert(secret.value.startsWith('ek_'), JSON.stringify(secret));
  const caller = new OpenAI({ baseURL, apiKey: secret.value });
  // This library has no method of its own for opening a call; its general one is used as its documentation says.
  const answer = await caller.post('/realtime/calls', {
    body: fs.readFileSync(file), headers: { 'content-type': 'application/sdp', accept: 'application/sdp' },
  }).asResponse();
  assert((await answer.text()).startsWith('v=0'));
  const callId = answer.headers.get('location').split('/').at(-1);
  assert(callId.startsWith('rtc_'), callId);
  await caller.realtime.calls.hangup(callId);
  console.log('minted, opened, hung up');
})().catch((error) => { console.error(error); process.exit(1); });
";
