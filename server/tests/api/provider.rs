//! A stand-in for an OpenID provider: as strict as the standards about what it is sent, with keys of its own.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use reqwest::Url;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// What the provider knows the server as, and by.
pub(crate) const CLIENT: &str = "colloquy";
pub(crate) const SECRET: &str = "the secret of the client";

/// A running stand-in.
#[derive(Clone)]
pub(crate) struct Provider {
    pub(crate) issuer: String,
    shared: Arc<Shared>,
}

struct Shared {
    issuer: String,
    key: EncodingKey,
    jwk: Value,
    /// What was asked for, by the code that was given for it.
    codes: Mutex<BTreeMap<String, BTreeMap<String, String>>>,
    /// What the next token claims otherwise.
    claims: Mutex<Value>,
    exchanges: AtomicUsize,
}

impl Provider {
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let issuer = format!("http://{}", listener.local_addr().expect("an address"));
        let (key, jwk) = key_pair();
        let shared = Arc::new(Shared {
            issuer: issuer.clone(),
            key,
            jwk,
            codes: Mutex::default(),
            claims: Mutex::new(json!({})),
            exchanges: AtomicUsize::new(0),
        });
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .with_state(Arc::clone(&shared));
        tokio::spawn(axum::serve(listener, router).into_future());
        Self { issuer, shared }
    }

    /// Says yes for somebody to what a browser was sent with: the query it is sent back with.
    pub(crate) fn agree(&self, location: &str) -> String {
        let asked: BTreeMap<_, _> = Url::parse(location).expect("an address").query_pairs().into_owned().collect();
        assert_eq!(asked["response_type"], "code");
        assert_eq!((asked["client_id"].as_str(), asked["code_challenge_method"].as_str()), (CLIENT, "S256"));
        assert!(asked["scope"].split(' ').any(|scope| scope == "openid"));
        let mut codes = self.shared.codes.lock().expect("no panic");
        let code = format!("code-{}", codes.len());
        let state = asked["state"].clone();
        codes.insert(code.clone(), asked);
        format!("code={code}&state={state}")
    }

    /// How often a code was to be exchanged.
    pub(crate) fn exchanges(&self) -> usize {
        self.shared.exchanges.load(Ordering::Relaxed)
    }

    /// Changes what tokens claim from now on; null takes a claim away.
    pub(crate) fn claim(&self, claims: Value) {
        *self.shared.claims.lock().expect("no panic") = claims;
    }
}

async fn discovery(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let issuer = &shared.issuer;
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
        "token_endpoint_auth_methods_supported": ["client_secret_basic"],
    }))
}

async fn keys(State(shared): State<Arc<Shared>>) -> Json<Value> {
    Json(json!({ "keys": [shared.jwk] }))
}

async fn token(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    shared.exchanges.fetch_add(1, Ordering::Relaxed);
    let form = format!("http://localhost/?{}", String::from_utf8_lossy(&body));
    let form: BTreeMap<_, _> = Url::parse(&form).expect("a form").query_pairs().into_owned().collect();
    let refuse = |error: &str| (StatusCode::BAD_REQUEST, Json(json!({ "error": error }))).into_response();
    let basic = base64::engine::general_purpose::STANDARD.encode(format!("{CLIENT}:{SECRET}"));
    if headers.get("authorization").is_none_or(|value| value != &format!("Basic {basic}")) {
        return refuse("invalid_client");
    }
    // A code is good for one time.
    let Some(asked) = shared.codes.lock().expect("no panic").remove(form.get("code").map_or("", String::as_str)) else {
        return refuse("invalid_grant");
    };
    let verifier = form.get("code_verifier").map_or("", String::as_str);
    let challenge = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
    if challenge != asked["code_challenge"] || form.get("redirect_uri") != asked.get("redirect_uri") {
        return refuse("invalid_grant");
    }
    let mut claims = json!({
        "iss": shared.issuer, "aud": CLIENT, "sub": "1089", "nonce": asked["nonce"],
        "email": "ann@example.com", "email_verified": true,
        "iat": jsonwebtoken::get_current_timestamp(), "exp": jsonwebtoken::get_current_timestamp() + 300,
    });
    let changes = shared.claims.lock().expect("no panic").clone();
    for (name, value) in changes.as_object().expect("an object") {
        claims[name] = value.clone();
    }
    let mut header = Header::new(Algorithm::ES256);
    header.kid = Some("one".to_owned());
    let token = match claims.get("unsigned") {
        Some(_) => {
            let part = |value: &Value| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(value.to_string());
            format!("{}.{}.", part(&json!({ "alg": "none", "kid": "one" })), part(&claims))
        }
        None => encode(&header, &claims, &shared.key).expect("a token"),
    };
    Json(json!({ "access_token": "a", "token_type": "Bearer", "id_token": token })).into_response()
}

fn key_pair() -> (EncodingKey, Value) {
    let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).expect("a key");
    let key = EncodingKey::from_ec_der(document.as_ref());
    let mut jwk = serde_json::to_value(Jwk::from_encoding_key(&key, Algorithm::ES256).expect("a key")).expect("JSON");
    jwk["kid"] = json!("one");
    (key, jwk)
}
