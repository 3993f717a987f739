//! A text as a vector, so that texts of alike wording are near each other.

/// Turns texts into vectors of length one.
pub trait Embedder: Send + Sync {
    /// The vector of a text; all zero for a text without words.
    fn embed(&self, text: &str) -> Vec<f32>;
}

/// The long-term memory's own, which hashes words and their parts: there is nothing to download and nothing to wait
/// for, and it knows nothing of meaning.
impl Embedder for memory::HashingEmbedder {
    fn embed(&self, text: &str) -> Vec<f32> {
        Self::vector(text)
    }
}

/// How alike two vectors of length one are: 1 for the same direction, 0 for nothing in common.
pub fn similarity(one: &[f32], other: &[f32]) -> f32 {
    one.iter().zip(other).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use memory::HashingEmbedder;

    #[test]
    fn alike_words_are_nearer_than_others() {
        let embedder = HashingEmbedder::new();
        let query = embedder.embed("forecasts");
        let near = similarity(&query, &embedder.embed("weather forecast"));
        let far = similarity(&query, &embedder.embed("calendar meeting"));
        assert!(near > far + 0.3, "{near} {far}");
    }

    #[test]
    fn unrelated_words_have_little_in_common() {
        let embedder = HashingEmbedder::new();
        let words =
            ["monday", "manual", "weather", "harbour", "news", "clock", "document", "meeting", "zebra", "falcon"];
        for (index, one) in words.iter().enumerate() {
            for other in &words[index + 1..] {
                let alike = similarity(&embedder.embed(one), &embedder.embed(other));
                assert!(alike.abs() < 0.4, "{one} {other}: {alike}");
            }
        }
    }
}
