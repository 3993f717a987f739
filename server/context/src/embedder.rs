//! A text as a vector, so that texts of alike wording are near each other.

use crate::words::{is_filler, stem, words};

/// Turns texts into vectors of length one.
pub trait Embedder: Send + Sync {
    /// How many numbers a vector has.
    fn dimensions(&self) -> usize;
    /// The vector of a text; all zero for a text without words.
    fn embed(&self, text: &str) -> Vec<f32>;
}

/// Hashes stems and groups of three letters into a fixed number of places.
///
/// The same text gives the same vector on every machine, there is nothing to download, and spelling variants come out
/// alike; it knows nothing of meaning.
#[derive(Clone, Debug)]
pub struct HashingEmbedder {
    dimensions: usize,
}

impl HashingEmbedder {
    /// An embedder with this many dimensions, at least eight.
    pub fn new(dimensions: usize) -> Self {
        Self { dimensions: dimensions.max(8) }
    }

    fn add(&self, vector: &mut [f32], feature: &str, salt: u64, weight: f32) {
        let hash = fnv1a(feature.as_bytes(), salt);
        let place = usize::try_from(hash % self.dimensions as u64).unwrap_or(0);
        let sign = if hash >> 63 == 0 { 1.0 } else { -1.0 };
        if let Some(number) = vector.get_mut(place) {
            *number += sign * weight;
        }
    }
}

impl Default for HashingEmbedder {
    fn default() -> Self {
        Self::new(256)
    }
}

impl Embedder for HashingEmbedder {
    fn dimensions(&self) -> usize {
        self.dimensions
    }

    fn embed(&self, text: &str) -> Vec<f32> {
        let mut vector = vec![0.0; self.dimensions];
        for word in words(text) {
            if is_filler(&word) {
                continue;
            }
            self.add(&mut vector, &stem(&word), WORD, 1.0);
            let letters: Vec<char> = std::iter::once('<').chain(word.chars()).chain(std::iter::once('>')).collect();
            let weight = 0.7 / (letters.len() as f32).sqrt();
            let mut group = String::with_capacity(12);
            for three in letters.windows(3) {
                group.clear();
                group.extend(three);
                self.add(&mut vector, &group, LETTERS, weight);
            }
        }
        let length = vector.iter().map(|number| number * number).sum::<f32>().sqrt();
        if length > 0.0 {
            for number in &mut vector {
                *number /= length;
            }
        }
        vector
    }
}

/// How alike two vectors of length one are: 1 for the same direction, 0 for nothing in common.
pub fn similarity(one: &[f32], other: &[f32]) -> f32 {
    one.iter().zip(other).map(|(a, b)| a * b).sum()
}

fn fnv1a(bytes: &[u8], salt: u64) -> u64 {
    let hash = bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325 ^ salt, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3));
    // The bits of short inputs are poor until they are mixed.
    let mixed = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    let mixed = (mixed ^ (mixed >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    mixed ^ (mixed >> 33)
}

const WORD: u64 = 0;
const LETTERS: u64 = 0x9e37_79b9_7f4a_7c15;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_text_gives_the_same_vector_of_length_one() {
        let embedder = HashingEmbedder::default();
        let vector = embedder.embed("The deadline of project Falcon");
        assert_eq!(vector, embedder.embed("The deadline of project Falcon"));
        assert!((similarity(&vector, &vector) - 1.0).abs() < 1e-5);
    }

    #[test]
    fn alike_words_are_nearer_than_others() {
        let embedder = HashingEmbedder::default();
        let query = embedder.embed("forecasts");
        let near = similarity(&query, &embedder.embed("weather forecast"));
        let far = similarity(&query, &embedder.embed("calendar meeting"));
        assert!(near > far + 0.3, "{near} {far}");
    }

    #[test]
    fn unrelated_words_have_little_in_common() {
        let embedder = HashingEmbedder::default();
        let words =
            ["monday", "manual", "weather", "harbour", "news", "clock", "document", "meeting", "zebra", "falcon"];
        for (index, one) in words.iter().enumerate() {
            for other in &words[index + 1..] {
                let alike = similarity(&embedder.embed(one), &embedder.embed(other));
                assert!(alike.abs() < 0.4, "{one} {other}: {alike}");
            }
        }
    }

    #[test]
    fn a_text_without_words_is_like_nothing() {
        let embedder = HashingEmbedder::default();
        assert!(similarity(&embedder.embed("… the"), &embedder.embed("falcon")).abs() < f32::EPSILON);
    }
}
