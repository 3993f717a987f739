//! Vectors from any service that speaks `POST /v1/embeddings`.

use std::time::Duration;

use reqwest::{Client, Url, redirect::Policy};
use serde::{Deserialize, Serialize};

use crate::embed::{EmbedError, Embedder, MAX_DIMS, Model};

/// The key of an embedding service. It does not print.
#[derive(Clone)]
pub struct EmbeddingKey(String);

impl EmbeddingKey {
    /// Wraps a key.
    pub fn new(key: impl Into<String>) -> Self {
        Self(key.into())
    }
}

impl std::fmt::Debug for EmbeddingKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EmbeddingKey(hidden)")
    }
}

/// Which service, and within which bounds.
#[derive(Debug, Clone)]
pub struct HttpEmbedderOptions {
    /// The address up to and with the version, such as `https://api.openai.com/v1`.
    pub base_url: String,
    /// The model to ask for.
    pub model: String,
    /// The dimensions to ask for; 1 to [`MAX_DIMS`].
    pub dims: usize,
    /// The key, where one is needed.
    pub key: Option<EmbeddingKey>,
    /// How long one request may take.
    pub timeout: Duration,
    /// At most so many texts in one request.
    pub batch: usize,
    /// The cosine below which two texts have nothing to do with each other; it depends on the model.
    pub floor: f32,
}

impl HttpEmbedderOptions {
    /// 256 dimensions, five seconds, 128 texts in a request.
    pub fn new(base_url: impl Into<String>, model: impl Into<String>) -> Self {
        Self {
            base_url: base_url.into(),
            model: model.into(),
            dims: 256,
            key: None,
            timeout: Duration::from_secs(5),
            batch: 128,
            floor: 0.25,
        }
    }
}

/// Why an embedder cannot be set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidEmbedder {
    /// The address is not one of http or https.
    #[error("the address of the embedding service must start with http:// or https://")]
    Address,
    /// The dimensions are out of range.
    #[error("an embedding may have 1 to {MAX_DIMS} dimensions")]
    Dims,
    /// The model has no name.
    #[error("the embedding model needs a name")]
    Model,
    /// The HTTP client cannot be built.
    #[error("the HTTP client cannot be set up")]
    Client(#[source] reqwest::Error),
}

/// An embedder behind an address.
#[derive(Debug, Clone)]
pub struct HttpEmbedder {
    client: Client,
    address: Url,
    model: Model,
    key: Option<EmbeddingKey>,
    batch: usize,
    floor: f32,
}

impl HttpEmbedder {
    /// Sets the client up; nothing is sent.
    ///
    /// # Errors
    ///
    /// When an option is out of range.
    pub fn new(options: HttpEmbedderOptions) -> Result<Self, InvalidEmbedder> {
        let address = format!("{}/embeddings", options.base_url.trim_end_matches('/'));
        let address = Url::parse(&address).map_err(|_| InvalidEmbedder::Address)?;
        if !matches!(address.scheme(), "http" | "https") {
            return Err(InvalidEmbedder::Address);
        }
        if !(1..=MAX_DIMS).contains(&options.dims) {
            return Err(InvalidEmbedder::Dims);
        }
        if options.model.is_empty() {
            return Err(InvalidEmbedder::Model);
        }
        // A redirect could carry the key and the user's words somewhere else.
        let client = Client::builder().timeout(options.timeout).redirect(Policy::none()).build();
        Ok(Self {
            client: client.map_err(InvalidEmbedder::Client)?,
            address,
            model: Model { name: options.model, dims: options.dims },
            key: options.key,
            batch: options.batch.max(1),
            floor: options.floor,
        })
    }

    async fn embed_batch(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, EmbedError> {
        let body =
            Request { model: &self.model.name, input: texts, dimensions: self.model.dims, encoding_format: "float" };
        let mut request = self.client.post(self.address.clone()).json(&body);
        if let Some(key) = &self.key {
            request = request.bearer_auth(&key.0);
        }
        let response = request.send().await.map_err(unreachable)?;
        if !response.status().is_success() {
            return Err(EmbedError::Refused(response.status().as_u16()));
        }
        let answer = read(response, texts.len() * (self.model.dims * NUMBER_BYTES + ENTRY_BYTES) + ENTRY_BYTES).await?;
        self.vectors(&answer, texts.len())
    }

    fn vectors(&self, answer: &[u8], expected: usize) -> Result<Vec<Vec<f32>>, EmbedError> {
        let answer: Answer =
            serde_json::from_slice(answer).map_err(|_| EmbedError::Unusable("it is not a list of embeddings"))?;
        let mut vectors: Vec<Option<Vec<f32>>> = vec![None; expected];
        for entry in answer.data {
            if entry.embedding.len() != self.model.dims {
                return Err(EmbedError::Unusable("a vector has other dimensions than asked for"));
            }
            if !entry.embedding.iter().all(|x| x.is_finite()) {
                return Err(EmbedError::Unusable("a vector has a number that is not finite"));
            }
            let place = vectors.get_mut(entry.index).ok_or(EmbedError::Unusable("a vector belongs to no text"))?;
            *place = Some(entry.embedding);
        }
        vectors.into_iter().collect::<Option<_>>().ok_or(EmbedError::Unusable("a text has no vector"))
    }
}

#[async_trait::async_trait]
impl Embedder for HttpEmbedder {
    fn model(&self) -> &Model {
        &self.model
    }

    fn floor(&self) -> f32 {
        self.floor
    }

    async fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, EmbedError> {
        let mut vectors = Vec::with_capacity(texts.len());
        for batch in texts.chunks(self.batch) {
            vectors.append(&mut self.embed_batch(batch).await?);
        }
        Ok(vectors)
    }
}

async fn read(mut response: reqwest::Response, limit: usize) -> Result<Vec<u8>, EmbedError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
        if body.len() + chunk.len() > limit {
            return Err(EmbedError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn unreachable(error: reqwest::Error) -> EmbedError {
    EmbedError::Unreachable(error.without_url())
}

#[derive(Serialize)]
struct Request<'a> {
    model: &'a str,
    input: &'a [&'a str],
    dimensions: usize,
    encoding_format: &'static str,
}

#[derive(Deserialize)]
struct Answer {
    data: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    index: usize,
    embedding: Vec<f32>,
}

/// A number in JSON with its comma and white space, generously.
const NUMBER_BYTES: usize = 40;
/// What stands around the numbers of one vector.
const ENTRY_BYTES: usize = 4_096;
