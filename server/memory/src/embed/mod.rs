//! From a text to a vector that says what it means.

mod hashing;
mod http;

pub use hashing::HashingEmbedder;
pub use http::{EmbeddingKey, HttpEmbedder, HttpEmbedderOptions, InvalidEmbedder};

use serde::{Deserialize, Serialize};

/// The most dimensions that a vector may have.
pub const MAX_DIMS: usize = 4_096;

/// Which model made a vector. Vectors of different models are never compared.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Model {
    /// Its name.
    pub name: String,
    /// How many dimensions its vectors have; 1 to [`MAX_DIMS`].
    pub dims: usize,
}

/// Makes vectors of texts.
#[async_trait::async_trait]
pub trait Embedder: Send + Sync + std::fmt::Debug {
    /// The model that makes the vectors.
    fn model(&self) -> &Model;

    /// The cosine below which two texts have nothing to do with each other.
    fn floor(&self) -> f32;

    /// One vector for each text, in their order, each with the model's dimensions.
    ///
    /// # Errors
    ///
    /// When the model cannot be reached or does not answer as it should.
    async fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, EmbedError>;
}

/// Why there is no vector.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EmbedError {
    /// The service cannot be reached, or not in time.
    #[error("the embedding service cannot be reached")]
    Unreachable(#[source] reqwest::Error),
    /// The service refused.
    #[error("the embedding service answered with status {0}")]
    Refused(u16),
    /// The answer is longer than vectors of this number can be.
    #[error("the embedding service's answer is too large")]
    TooLarge,
    /// The answer is not what was asked for.
    #[error("the embedding service's answer is not usable: {0}")]
    Unusable(&'static str),
}
