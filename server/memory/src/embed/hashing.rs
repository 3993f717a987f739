//! Vectors without a model: words and their parts, hashed.
//!
//! It knows nothing about meaning, but forms of a word, misspellings and compounds come out near each other, it needs
//! no network, and it gives the same vector on every machine.

use crate::{
    embed::{EmbedError, Embedder, Model},
    stable_hash::stable_hash,
    words,
};

/// The deterministic local embedder.
#[derive(Debug, Clone)]
pub struct HashingEmbedder {
    model: Model,
}

impl HashingEmbedder {
    /// The embedder with its 256 dimensions.
    pub fn new() -> Self {
        Self { model: Model { name: "colloquy-hashing-1".into(), dims: DIMS } }
    }

    /// The vector of a text: of length one, or all zero when no word is in it.
    pub fn vector(text: &str) -> Vec<f32> {
        let mut vector = vec![0.0; DIMS];
        let mut left = MAX_WORDS;
        words::each(text, |word| {
            add_word(&mut vector, word);
            left -= 1;
            left > 0
        });
        let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
        if length > 0.0 {
            for x in &mut vector {
                *x /= length;
            }
        }
        vector
    }
}

impl Default for HashingEmbedder {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait::async_trait]
impl Embedder for HashingEmbedder {
    fn model(&self) -> &Model {
        &self.model
    }

    fn floor(&self) -> f32 {
        0.3
    }

    async fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, EmbedError> {
        Ok(texts.iter().map(|text| Self::vector(text)).collect())
    }
}

/// The word itself weighs as much as all its three-letter parts together.
fn add_word(vector: &mut [f32], word: &str) {
    add(vector, WORD_SPACE, word, 1.0);
    let marked: Vec<char> = std::iter::once('<').chain(word.chars()).chain(std::iter::once('>')).collect();
    let parts = marked.windows(3);
    let weight = 1.0 / (parts.len().max(1) as f32).sqrt();
    for part in parts {
        add(vector, PART_SPACE, &String::from_iter(part), weight);
    }
}

/// Each feature goes to two places with a sign, so that two features that meet in one place differ in the other.
fn add(vector: &mut [f32], space: u64, feature: &str, weight: f32) {
    let hash = stable_hash(space, feature.as_bytes());
    for shift in [0, 32] {
        let half = hash >> shift;
        let sign = if half & 0x100 == 0 { weight } else { -weight };
        if let Some(place) = vector.get_mut((half & 0xff) as usize) {
            *place += sign;
        }
    }
}

const DIMS: usize = 256;
/// Words beyond this do not change what a text is about.
const MAX_WORDS: usize = 2_000;
const WORD_SPACE: u64 = 1;
const PART_SPACE: u64 = 2;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_the_same_words_are_the_same() {
        assert!(cosine("the deadlines", "deadline") > 0.999);
    }

    #[test]
    fn what_shares_words_is_nearer_than_what_does_not() {
        let near = cosine("when is the falcon deadline", "The deadline of project Falcon is the 14th of March");
        let far = cosine("when is the falcon deadline", "Anna prefers green tea in the morning");
        assert!(near > 0.4 && far < 0.25, "{near} {far}");
    }

    #[test]
    fn a_misspelt_word_is_still_near() {
        let (misspelt, other) = (cosine("kubernets", "kubernetes"), cosine("kubernets", "breakfast"));
        assert!(misspelt > 0.25 && other < 0.2, "{misspelt} {other}");
    }

    #[test]
    fn a_vector_never_changes_between_versions() {
        let vector = HashingEmbedder::vector("deadline");
        let set: Vec<usize> = vector.iter().enumerate().filter(|(_, x)| **x != 0.0).map(|(at, _)| at).collect();
        assert_eq!(set, [10, 11, 12, 37, 38, 43, 74, 88, 102, 136, 177, 179, 182, 184, 203, 244]);
    }

    #[test]
    fn a_text_without_words_has_no_direction() {
        assert!(HashingEmbedder::vector("?! the").iter().all(|x| *x == 0.0));
    }

    fn cosine(a: &str, b: &str) -> f32 {
        HashingEmbedder::vector(a).iter().zip(HashingEmbedder::vector(b)).map(|(a, b)| a * b).sum()
    }
}
