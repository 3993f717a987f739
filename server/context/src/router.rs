//! Chooses the few sources that fit a question, and says why.
//!
//! Declared patterns come first, then declared topics, then what a source says it knows, then likeness of wording. A
//! source that fits none of them is not asked.

use std::sync::Arc;

use crate::{
    Embedder, Question, Source,
    embedder::similarity,
    words::{normalise, stem, words},
};

/// One chosen source.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// Its name.
    pub source: String,
    /// Why, in a few words.
    pub reason: String,
    /// How well it fits, 0 to 1.
    pub score: f32,
    pub(crate) seat: usize,
}

pub(crate) struct Router {
    embedder: Arc<dyn Embedder>,
    most: usize,
    /// For each source and each of its topics: the stems of the topic, and its vector.
    topics: Vec<Vec<Topic>>,
}

struct Topic {
    name: String,
    stems: Vec<String>,
    vector: Vec<f32>,
}

impl Router {
    pub(crate) fn new(sources: &[Arc<dyn Source>], embedder: Arc<dyn Embedder>, most: usize) -> Self {
        let topic = |name: &String| Topic {
            name: name.clone(),
            stems: words(name).iter().map(|word| stem(word)).collect(),
            vector: embedder.embed(name),
        };
        let topics =
            sources.iter().map(|source| source.profile().interests.topics().iter().map(topic).collect()).collect();
        Self { topics, embedder, most }
    }

    /// The sources to ask, best first. Named ones are asked and no others.
    pub(crate) fn choose(&self, sources: &[Arc<dyn Source>], question: &Question, named: &[String]) -> Vec<Choice> {
        let vector = self.embedder.embed(&question.query);
        let stems: Vec<String> = words(&question.query).iter().map(|word| stem(word)).collect();
        let mut choices: Vec<Choice> = Vec::new();
        for (seat, source) in sources.iter().enumerate() {
            let fit = if named.is_empty() {
                self.fit(seat, source.as_ref(), question, &stems, &vector)
            } else {
                is_named(source.as_ref(), named).then(|| (1.0, "asked for by name".to_owned()))
            };
            if let Some((score, reason)) = fit {
                choices.push(Choice { source: source.profile().name.clone(), reason, score, seat });
            }
        }
        choices.sort_by(|one, other| other.score.total_cmp(&one.score));
        choices.truncate(self.most);
        choices
    }

    fn fit(
        &self,
        seat: usize,
        source: &dyn Source,
        question: &Question,
        stems: &[String],
        vector: &[f32],
    ) -> Option<(f32, String)> {
        let interests = &source.profile().interests;
        if stems.is_empty() {
            return interests.at_onset().then(|| (0.5, "somebody begins to speak".to_owned()));
        }
        if let Some(pattern) = interests.matching(&question.query) {
            return Some((0.95, format!("matches the pattern {}", shortened(pattern))));
        }
        let topics = self.topics.get(seat).map_or(&[][..], Vec::as_slice);
        let mentioned: Vec<&str> =
            topics.iter().filter(|topic| is_in(&topic.stems, stems)).map(|topic| topic.name.as_str()).take(3).collect();
        let known = source.knows(question);
        if !mentioned.is_empty() {
            let score = 0.7 + 0.08 * mentioned.len() as f32;
            return Some((score, format!("mentions {}", mentioned.join(", "))));
        }
        if let Some(known) = known {
            return Some((known.score.clamp(0.0, 1.0), known.because));
        }
        let nearest = topics
            .iter()
            .map(|topic| (similarity(&topic.vector, vector), topic.name.as_str()))
            .max_by(|one, other| one.0.total_cmp(&other.0))?;
        (nearest.0 >= ALIKE).then(|| (nearest.0 * 0.7, format!("is worded like “{}” ({:.2})", nearest.1, nearest.0)))
    }
}

fn is_named(source: &dyn Source, named: &[String]) -> bool {
    let profile = source.profile();
    named.iter().any(|name| normalise(name) == normalise(&profile.name) || *name == profile.kind)
}

/// Whether the words of the topic follow each other in the question.
fn is_in(topic: &[String], question: &[String]) -> bool {
    !topic.is_empty() && question.windows(topic.len()).any(|window| window == topic)
}

fn shortened(pattern: &str) -> String {
    if pattern.chars().count() <= 40 {
        return format!("`{pattern}`");
    }
    let start: String = pattern.chars().take(39).collect();
    format!("`{start}…`")
}

/// From which likeness on a source is asked; hashing puts unrelated sentences below 0.3.
const ALIKE: f32 = 0.42;
