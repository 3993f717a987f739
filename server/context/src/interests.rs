//! What a source declares about the questions it can answer.

use regex::{Regex, RegexBuilder};

/// A pattern that is no regular expression.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{pattern}` is no regular expression: {reason}")]
pub struct PatternError {
    /// What was written.
    pub pattern: String,
    /// What is wrong with it.
    pub reason: String,
}

/// Topics and patterns, read by the router.
#[derive(Clone, Debug, Default)]
pub struct Interests {
    topics: Vec<String>,
    patterns: Vec<Regex>,
    at_onset: bool,
}

impl Interests {
    /// Interests in topics: words or short phrases, in any case.
    pub fn in_topics<I: IntoIterator<Item: Into<String>>>(topics: I) -> Self {
        Self { topics: topics.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    /// Also in questions that match one of these regular expressions, read without regard to case.
    ///
    /// # Errors
    ///
    /// The first pattern that cannot be read.
    pub fn and_patterns<I: IntoIterator<Item: AsRef<str>>>(mut self, patterns: I) -> Result<Self, PatternError> {
        for pattern in patterns {
            let pattern = pattern.as_ref();
            let read = RegexBuilder::new(pattern).case_insensitive(true).size_limit(1 << 20).build();
            let read = read.map_err(|error| PatternError {
                pattern: pattern.to_owned(),
                reason: error.to_string().lines().last().unwrap_or_default().to_owned(),
            })?;
            self.patterns.push(read);
        }
        Ok(self)
    }

    /// Also asked when somebody begins to speak and no word is known yet.
    #[must_use]
    pub fn and_onset(mut self) -> Self {
        self.at_onset = true;
        self
    }

    /// The topics.
    pub fn topics(&self) -> &[String] {
        &self.topics
    }

    /// Whether the source is asked before there are words.
    pub fn at_onset(&self) -> bool {
        self.at_onset
    }

    /// Whether the query matches a pattern.
    pub fn match_query(&self, query: &str) -> bool {
        self.patterns.iter().any(|pattern| pattern.is_match(query))
    }

    /// The patterns that come with a source's code, of which a test sees that they can be read.
    pub(crate) fn and_built_in(self, patterns: &[&str]) -> Self {
        let topics = self.clone();
        self.and_patterns(patterns).unwrap_or_else(|error| {
            tracing::error!(%error, "a pattern that comes with a source cannot be read");
            topics
        })
    }
}
