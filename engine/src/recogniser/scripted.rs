//! A recogniser that hears what it was told to hear, for tests.

use super::{Recogniser, Recognition, Utterance};

/// Gives each utterance of a call the next text; the last one repeats.
#[derive(Clone, Debug)]
pub struct Scripted {
    texts: Vec<String>,
}

impl Scripted {
    /// A script. An empty text is an utterance that is not understood.
    pub fn new(texts: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { texts: texts.into_iter().map(Into::into).collect() }
    }
}

impl Recogniser for Scripted {
    fn recognise(&self, utterance: Utterance) -> Recognition {
        let last = self.texts.len().saturating_sub(1);
        let text = self.texts.get(utterance.number.min(last)).filter(|text| !text.trim().is_empty()).cloned();
        Box::pin(std::future::ready(Ok(text)))
    }

    fn is_cheap(&self) -> bool {
        true
    }

    fn name(&self) -> &'static str {
        "scripted"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ears::Speech;

    #[tokio::test]
    async fn each_utterance_takes_the_next_text_and_the_last_repeats() {
        let script = Scripted::new(["one", "", "three"]);
        let mut heard = Vec::new();
        for number in 0..4 {
            let utterance = Utterance { number, speech: Speech { samples: vec![] } };
            heard.push(script.recognise(utterance).await.expect("words"));
        }
        assert_eq!(heard, [Some("one".into()), None, Some("three".into()), Some("three".into())]);
    }
}
