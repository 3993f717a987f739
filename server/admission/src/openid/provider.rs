//! What a provider says about itself, and the two things asked of it.

use super::{LoginError, OpenIdOptions};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use reqwest::{Client, Response, StatusCode, Url};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// What a provider says about itself.
#[derive(Debug)]
pub(super) struct Provider {
    pub(super) authorization: Url,
    /// When it said so.
    pub(super) read_at: u64,
    token: Url,
    keys: JwkSet,
    basic: bool,
}

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
}

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
}

/// Why no tokens are given: <https://www.rfc-editor.org/rfc/rfc6749#section-5.2>.
#[derive(Deserialize)]
struct Refused {
    error: String,
}

/// What an identity token claims.
#[derive(Deserialize)]
pub(super) struct Claims {
    pub(super) sub: String,
    pub(super) nonce: Option<String>,
    aud: Audience,
    azp: Option<String>,
    email: Option<String>,
    #[serde(default)]
    email_verified: serde_json::Value,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Claims {
    /// Some providers say it as text.
    pub(super) fn verified_mail(&self) -> Option<&str> {
        let is_verified = self.email_verified == true || self.email_verified == "true";
        self.email.as_deref().filter(|_| is_verified)
    }
}

impl Provider {
    pub(super) async fn discover(client: &Client, issuer: &Url, now: u64) -> Result<Self, LoginError> {
        let issuer_text = issuer.as_str().trim_end_matches('/');
        let address = format!("{issuer_text}/.well-known/openid-configuration");
        let said: Discovery = json(client.get(address).send().await?, ISSUER).await?;
        if said.issuer.trim_end_matches('/') != issuer_text {
            return Err(LoginError::Untrusted("it calls itself otherwise"));
        }
        // Nothing less safe than the issuer itself is asked.
        let endpoint = |text: &str| {
            let url = Url::parse(text).ok().filter(|url| url.scheme() == issuer.scheme());
            url.ok_or(LoginError::Untrusted("one of its addresses is not like its own"))
        };
        let keys = json(client.get(endpoint(&said.jwks_uri)?).send().await?, ISSUER).await?;
        let methods = said.token_endpoint_auth_methods_supported;
        let has = |method: &str| methods.iter().any(|other| other == method);
        Ok(Self {
            authorization: endpoint(&said.authorization_endpoint)?,
            read_at: now,
            token: endpoint(&said.token_endpoint)?,
            keys,
            basic: methods.is_empty() || has("client_secret_basic") || !has("client_secret_post"),
        })
    }

    /// The identity token for a code.
    pub(super) async fn exchange(
        &self,
        client: &Client,
        options: &OpenIdOptions,
        code: &str,
        verifier: &str,
    ) -> Result<String, LoginError> {
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", options.redirect.as_str()),
            ("code_verifier", verifier),
        ];
        let mut request = client.post(self.token.clone());
        match &options.secret {
            Some(secret) if self.basic => request = request.basic_auth(&options.client, Some(secret.expose())),
            secret => {
                form.push(("client_id", &options.client));
                form.extend(secret.as_ref().map(|secret| ("client_secret", secret.expose())));
            }
        }
        let mut body = Url::parse("form:").map_err(|_| LoginError::Denied)?;
        body.query_pairs_mut().extend_pairs(form);
        let request = request
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.query().unwrap_or_default().to_owned());
        let tokens: Tokens = json(request.send().await?, CLIENT).await?;
        Ok(tokens.id_token)
    }

    /// What a token claims, if it is the provider's and for us.
    pub(super) fn check(&self, token: &str, options: &OpenIdOptions) -> Result<Claims, LoginError> {
        let header = decode_header(token)?;
        if !ALGORITHMS.contains(&header.alg) {
            return Err(LoginError::Untrusted("its token is signed in a way that is not allowed"));
        }
        let key = match &header.kid {
            Some(name) => self.keys.find(name),
            None => self.keys.keys.first().filter(|_| self.keys.keys.len() == 1),
        };
        let key = DecodingKey::from_jwk(key.ok_or(LoginError::UnknownKey)?)?;
        let mut rules = Validation::new(header.alg);
        rules.set_audience(&[&options.client]);
        let issuer = options.issuer.as_str();
        rules.set_issuer(&[issuer, issuer.trim_end_matches('/')]);
        rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        let claims = decode::<Claims>(token, &key, &rules)?.claims;
        let shared = matches!(&claims.aud, Audience::Many(all) if all.len() > 1);
        let party = claims.azp.as_deref();
        if (shared || party.is_some()) && party != Some(options.client.as_str()) {
            return Err(LoginError::Untrusted("its token was made for another client"));
        }
        if let Audience::One(audience) = &claims.aud
            && *audience != options.client
        {
            return Err(LoginError::Untrusted("its token was made for another client"));
        }
        Ok(claims)
    }
}

/// The body of a success. A refusal is the fault of a setting, unless it is about this one login.
async fn json<T: DeserializeOwned>(response: Response, setting: &'static str) -> Result<T, LoginError> {
    let status = response.status();
    let body = read(response).await?;
    if status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS {
        let is_denied = serde_json::from_slice(&body).is_ok_and(|said: Refused| said.error == "invalid_grant");
        let misconfigured = LoginError::Misconfigured { setting, status: status.as_u16() };
        return Err(if is_denied { LoginError::Denied } else { misconfigured });
    }
    if !status.is_success() {
        return Err(LoginError::Untrusted("it failed"));
    }
    serde_json::from_slice(&body).map_err(|_| LoginError::Untrusted("its answer cannot be read"))
}

/// A body, if it is no larger than an honest one.
async fn read(mut response: Response) -> Result<Vec<u8>, LoginError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > LARGEST {
            return Err(LoginError::Untrusted("its answer is too large"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Signatures that only the provider can make. Those with a shared secret and none at all are not among them.
const ALGORITHMS: [Algorithm; 8] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

/// What is wrong where the provider does not show what it says about itself.
const ISSUER: &str = "auth.openid.issuer";

/// What is wrong where the provider exchanges no code.
const CLIENT: &str = "auth.openid.client_id, its secret or public_url";

const LARGEST: usize = 256 * 1024;
