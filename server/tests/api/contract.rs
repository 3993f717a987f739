//! What an upstream does, asked directly: the same questions put to the stand-in for the vendor and to the local
//! engine. Where these two agree, what is tested against one holds for the other; where either is changed alone, this
//! fails.

use crate::engine::config;
use crate::vendor::{LASTING_KEY, Mood, Vendor};
use engine::Engine;
use reqwest::multipart::{Form, Part};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};

#[tokio::test]
async fn the_stand_in_for_the_vendor_keeps_the_contract() {
    let vendor = Vendor::start(Mood::Well).await;
    keeps_the_contract(&vendor.base_url).await;
}

#[tokio::test]
async fn the_local_engine_keeps_the_contract() {
    let engine = Engine::start(config().engine).await.expect("an engine");
    keeps_the_contract(&engine.base_url()).await;
    engine.shutdown().await;
}

async fn keeps_the_contract(base_url: &str) {
    let far_end = FarEnd { base_url: base_url.to_owned(), client: Client::new() };
    far_end.gives_keys().await;
    far_end.refuses_sessions_by_field().await;
    far_end.takes_offers_in_both_forms().await;
    far_end.refuses_offers().await;
    far_end.refuses_the_retired_shape().await;
    far_end.lets_servers_watch().await;
    far_end.hangs_up_once().await;
}

struct FarEnd {
    base_url: String,
    client: Client,
}

impl FarEnd {
    fn post(&self, path: &str) -> RequestBuilder {
        self.client.post(format!("{}{path}", self.base_url))
    }

    fn mint(&self, body: &Value) -> RequestBuilder {
        self.post("/realtime/client_secrets").bearer_auth(LASTING_KEY).json(body)
    }

    fn offer(&self, key: &str, offer: &str) -> RequestBuilder {
        let request = self.post("/realtime/calls").header("content-type", "application/sdp");
        let request = if key.is_empty() { request } else { request.bearer_auth(key) };
        request.body(offer.to_owned())
    }

    fn form(&self, form: Form) -> RequestBuilder {
        self.post("/realtime/calls").bearer_auth(LASTING_KEY).multipart(form)
    }

    async fn key(&self) -> String {
        let answer: Value = body(self.mint(&json!({})), 200).await;
        answer["value"].as_str().expect("a key").to_owned()
    }

    async fn gives_keys(&self) {
        let session = json!({ "type": "realtime", "model": "any-model", "instructions": "Be brief." });
        let request = json!({ "expires_after": { "anchor": "created_at", "seconds": 60 }, "session": session });
        let answer: Value = body(self.mint(&request), 200).await;
        assert!(answer["value"].as_str().is_some_and(|key| key.starts_with("ek_")), "{answer}");
        assert!(answer["expires_at"].is_u64(), "{answer}");
        assert_eq!(answer["session"]["type"], "realtime");
        assert_eq!(answer["session"]["object"], "realtime.session");
        assert_eq!(answer["session"]["model"], "any-model");
        assert_eq!(answer["session"]["instructions"], "Be brief.");
        let bare = self.post("/realtime/client_secrets").bearer_auth(LASTING_KEY);
        let answer: Value = body(bare, 200).await;
        assert_eq!(answer["session"]["type"], "realtime", "a key without any wish");
    }

    async fn refuses_sessions_by_field(&self) {
        let detection = |detection: Value| json!({ "audio": { "input": { "turn_detection": detection } } });
        for (session, code, param) in [
            (json!({ "type": null }), "missing_required_parameter", "session.type"),
            (json!({ "metadata": {} }), "unknown_parameter", "session.metadata"),
            (json!({ "voice": "marin" }), "unknown_parameter", "session.voice"),
            (json!({ "temperature": 0.8 }), "unknown_parameter", "session.temperature"),
            (json!({ "modalities": ["audio"] }), "unknown_parameter", "session.modalities"),
            (json!({ "output_modalities": ["audio", "text"] }), "invalid_value", "session.output_modalities"),
            (json!({ "audio": { "output": { "speed": 9 } } }), "decimal_above_max_value", "session.audio.output.speed"),
            (json!({ "audio": { "output": { "voice": "nobody" } } }), "invalid_value", "session.audio.output.voice"),
            (
                detection(json!({ "type": "server_vad", "idle_timeout_ms": 750 })),
                "integer_below_min_value",
                "session.audio.input.turn_detection.idle_timeout_ms",
            ),
            (
                detection(json!({ "type": "semantic_vad", "silence_duration_ms": 500 })),
                "unknown_parameter",
                "session.audio.input.turn_detection.silence_duration_ms",
            ),
            (
                detection(json!({ "type": "server_vad", "create_response": null })),
                "invalid_type",
                "session.audio.input.turn_detection.create_response",
            ),
            (json!({ "max_output_tokens": 5000 }), "integer_above_max_value", "session.max_output_tokens"),
        ] {
            let mut whole = json!({ "type": "realtime" });
            for (key, value) in session.as_object().expect("an object") {
                whole[key] = value.clone();
            }
            if whole["type"].is_null() {
                whole.as_object_mut().expect("an object").remove("type");
            }
            is_refused(self.mint(&json!({ "session": whole })), 400, code, Some(param)).await;
        }
        is_refused(self.mint(&json!({ "sesion": {} })), 400, "unknown_parameter", Some("sesion")).await;
        let short = json!({ "expires_after": { "anchor": "created_at", "seconds": 5 } });
        is_refused(self.mint(&short), 400, "integer_below_min_value", Some("expires_after.seconds")).await;
        let garbage = self.post("/realtime/client_secrets").bearer_auth(LASTING_KEY);
        let garbage = garbage.header("content-type", "application/json").body("{");
        is_refused(garbage, 400, "invalid_json", None).await;
        let address = format!("{}/realtime/client_secrets", self.base_url);
        is_refused(self.client.request(Method::PUT, address), 405, "method_not_allowed", None).await;
        is_refused(self.post("/realtime/nothing"), 404, "not_found", None).await;
    }

    async fn takes_offers_in_both_forms(&self) {
        let key = self.key().await;
        for _ in 0..2 {
            self.is_answered(self.offer(&key, OFFER)).await;
        }
        let session = json!({ "type": "realtime", "model": "any-model" }).to_string();
        self.is_answered(self.form(Form::new().part("sdp", sdp()).part("session", json_part(session)))).await;
    }

    async fn is_answered(&self, request: RequestBuilder) -> String {
        let response = request.send().await.expect("an answer");
        assert_eq!(response.status(), 201);
        assert_eq!(response.headers()["content-type"], "application/sdp");
        let location = response.headers()["location"].to_str().expect("text").to_owned();
        assert!(location.starts_with("/v1/realtime/calls/rtc_"), "{location}");
        assert!(response.text().await.expect("a body").starts_with("v=0"));
        location
    }

    async fn refuses_offers(&self) {
        let key = self.key().await;
        is_refused(self.offer("", OFFER), 401, "invalid_api_key", None).await;
        is_refused(self.offer("ek_unknown", OFFER), 401, "invalid_api_key", None).await;
        is_refused(self.offer(&key, "nonsense"), 400, "invalid_offer", Some("sdp")).await;
        let other = self.post("/realtime/calls").bearer_auth(&key).json(&json!({ "sdp": OFFER }));
        is_refused(other, 415, "unsupported_content_type", None).await;
        let session = || json_part(json!({ "type": "realtime", "voice": "marin" }).to_string());
        let form = Form::new().part("sdp", sdp()).part("session", session());
        is_refused(self.form(form), 400, "unknown_parameter", Some("session.voice")).await;
        let form = Form::new().part("sdp", sdp()).part("more", json_part("{}".to_owned()));
        is_refused(self.form(form), 400, "unknown_parameter", Some("more")).await;
        let form = Form::new().part("session", json_part(json!({ "type": "realtime" }).to_string()));
        is_refused(self.form(form), 400, "missing_required_parameter", Some("sdp")).await;
    }

    async fn refuses_the_retired_shape(&self) {
        let marked = self.mint(&json!({})).header("openai-beta", "realtime=v1");
        let sdp = self.post("/realtime?model=gpt-realtime").bearer_auth(LASTING_KEY).body(OFFER);
        for request in [marked, sdp, self.post("/realtime/sessions"), self.post("/realtime/transcription_sessions")] {
            is_refused(request, 400, "beta_api_shape_disabled", None).await;
        }
    }

    async fn lets_servers_watch(&self) {
        let watch = |query: &str| {
            let request = self.client.get(format!("{}/realtime{query}", self.base_url));
            let request = request.header("connection", "Upgrade").header("upgrade", "websocket");
            request.header("sec-websocket-version", "13").header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
        };
        let location = self.is_answered(self.offer(&self.key().await, OFFER)).await;
        let query = format!("?call_id={}", location.rsplit('/').next().expect("a name"));
        let upgraded = watch(&query).bearer_auth(LASTING_KEY).send().await.expect("an answer");
        assert_eq!(upgraded.status(), 101);
        assert_eq!(upgraded.headers()["sec-websocket-accept"], "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        is_refused(watch(&query), 401, "invalid_api_key", None).await;
        let key = self.key().await;
        is_refused(watch(&query).bearer_auth(key), 404, "call_id_not_found", Some("call_id")).await;
        is_refused(watch("?call_id=rtc_no").bearer_auth(LASTING_KEY), 404, "call_id_not_found", Some("call_id")).await;
        is_refused(watch("").bearer_auth(LASTING_KEY), 400, "invalid_request", Some("call_id")).await;
        let plain = self.client.get(format!("{}/realtime{query}", self.base_url)).bearer_auth(LASTING_KEY);
        is_refused(plain, 400, "invalid_request", Some("call_id")).await;
    }

    async fn hangs_up_once(&self) {
        let location = self.is_answered(self.offer(&self.key().await, OFFER)).await;
        let path = format!("{}/hangup", location.strip_prefix("/v1").expect("ours"));
        let hang_up = || self.post(&path).bearer_auth(LASTING_KEY);
        assert_eq!(hang_up().send().await.expect("an answer").status(), 200);
        is_refused(hang_up(), 404, "call_id_not_found", Some("call_id")).await;
        let unknown = self.post("/realtime/calls/rtc_unknown/hangup").bearer_auth(LASTING_KEY);
        is_refused(unknown, 404, "call_id_not_found", Some("call_id")).await;
    }
}

#[track_caller]
fn part(text: String, kind: &str) -> Part {
    Part::text(text).mime_str(kind).expect("a part")
}

fn sdp() -> Part {
    part(OFFER.to_owned(), "application/sdp")
}

fn json_part(text: String) -> Part {
    part(text, "application/json")
}

async fn body(request: RequestBuilder, status: u16) -> Value {
    let response: Response = request.send().await.expect("an answer");
    assert_eq!(response.status(), status);
    response.json().await.expect("JSON")
}

/// A refusal has the status, the code and the field, in the one shape that errors have.
async fn is_refused(request: RequestBuilder, status: u16, code: &str, param: Option<&str>) {
    let response = request.send().await.expect("an answer");
    let got = response.status();
    let error: Value = response.json().await.expect("JSON");
    let error = &error["error"];
    assert_eq!((got.as_u16(), error["code"].as_str()), (status, Some(code)), "{error}");
    if param.is_some() {
        assert_eq!(error["param"].as_str(), param, "{error}");
    }
    assert!(error["type"].is_string() && error["message"].as_str().is_some_and(|text| !text.is_empty()), "{error}");
}

/// An offer as a browser makes it.
pub(crate) const OFFER: &str = "v=0\r\no=- 4611731400430051336 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n\
    a=group:BUNDLE 0 1\r\na=msid-semantic: WMS\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\n\
    a=rtcp:9 IN IP4 0.0.0.0\r\na=ice-ufrag:F7gI\r\na=ice-pwd:x9cml/YzichV2+XlhiMu8gRM\r\na=ice-options:trickle\r\n\
    a=fingerprint:sha-256 D1:2B:63:1E:0C:6B:1B:0E:F0:0D:5A:33:CB:1A:40:99:21:7C:E5:8B:5F:01:2D:3A:7E:61:F9:C2:84:B7:AA:10\r\n\
    a=setup:actpass\r\na=mid:0\r\na=sendrecv\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\n\
    a=fmtp:111 minptime=10;useinbandfec=1\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\n\
    a=ice-ufrag:F7gI\r\na=ice-pwd:x9cml/YzichV2+XlhiMu8gRM\r\na=ice-options:trickle\r\n\
    a=fingerprint:sha-256 D1:2B:63:1E:0C:6B:1B:0E:F0:0D:5A:33:CB:1A:40:99:21:7C:E5:8B:5F:01:2D:3A:7E:61:F9:C2:84:B7:AA:10\r\n\
    a=setup:actpass\r\na=mid:1\r\na=sctp-port:5000\r\na=max-message-size:262144\r\n";
