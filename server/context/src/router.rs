//! Chooses the few sources that fit a question, and says why.
//!
//! Declared patterns come first, then declared topics, then what a source says it knows. Only when no source fits so,
//! likeness of wording decides. A source that only guesses is not asked where another one surely fits, and one that fits
//! in no way is not asked at all. Memory may always know something: whether it fits neither speaks against others nor
//! takes their place.

use std::sync::Arc;

use protocol::context::Lane;

use crate::{
    Embedder, Question, Source,
    clauses::clauses,
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
    /// What it is asked, of a question that asks several things.
    pub(crate) part: Option<String>,
}

pub(crate) struct Router {
    embedder: Arc<dyn Embedder>,
    most: usize,
    /// For each source and each of its topics: the stems of the topic, and its vector.
    topics: Vec<Vec<Topic>>,
}

/// How well a source fits, and why.
type Fit = (f32, String);

/// One of the questions in a sentence.
struct Claim<'a> {
    clause: &'a str,
    /// Which sources surely answer it; where none does, which guess that they may.
    seats: Vec<usize>,
}

struct Topic {
    name: String,
    stems: Vec<String>,
    vector: Vec<f32>,
}

impl Router {
    pub(crate) fn new(sources: &[Arc<dyn Source>], embedder: Arc<dyn Embedder>, most: usize) -> Self {
        let topic = |name: &String| Topic { name: name.clone(), stems: stems(name), vector: embedder.embed(name) };
        let topics =
            sources.iter().map(|source| source.profile().interests.topics().iter().map(topic).collect()).collect();
        Self { embedder, most, topics }
    }

    /// The sources to ask, best first. Named ones are asked and no others.
    pub(crate) fn choose(&self, sources: &[Arc<dyn Source>], question: &Question) -> Vec<Choice> {
        let named = question.sources.as_slice();
        let stems = stems(&question.query);
        let collect = |fit: &dyn Fn(usize, &dyn Source) -> Option<Fit>| -> Vec<Choice> {
            let all = sources.iter().enumerate();
            all.filter_map(|(seat, source)| {
                let (score, reason) = fit(seat, source.as_ref())?;
                Some(Choice { source: source.profile().name.clone(), reason, score, seat, part: None })
            })
            .collect()
        };
        let mut choices = if named.is_empty() {
            collect(&|seat, source| self.declared(seat, source, question, &stems))
        } else {
            collect(&|_, source| is_named(source, named).then(|| (1.0, "asked for by name".to_owned())))
        };
        let is_memory =
            |choice: &Choice| sources.get(choice.seat).is_some_and(|source| source.profile().lane == Lane::Memory);
        let claims = if named.is_empty() { self.claims(sources, question, &choices) } else { Vec::new() };
        choices.retain(|choice| {
            choice.score >= GUESS || is_memory(choice) || claims.iter().any(|claim| claim.seats.contains(&choice.seat))
        });
        // Before there are words, only what surely fits is worth asking.
        if choices.iter().all(is_memory) && named.is_empty() && !question.onset {
            let vector = self.embedder.embed(&question.query);
            let alike = |seat: usize, source: &dyn Source| {
                (source.profile().lane != Lane::Memory).then(|| self.alike(seat, &vector)).flatten()
            };
            choices.extend(collect(&alike));
        }
        choices.sort_by(|one, other| other.score.total_cmp(&one.score));
        let mut others = 0;
        choices.retain(|choice| {
            let is_memory = is_memory(choice);
            others += usize::from(!is_memory);
            is_memory || others <= self.most
        });
        share_out(&claims, &mut choices);
        choices
    }

    /// Who answers each of the questions in a sentence. The choices are those for all of it.
    fn claims<'a>(&self, sources: &[Arc<dyn Source>], question: &'a Question, choices: &[Choice]) -> Vec<Claim<'a>> {
        let fits = |clause: &str| -> Vec<(usize, f32)> {
            if clause == question.query {
                return choices.iter().map(|choice| (choice.seat, choice.score)).collect();
            }
            let (stems, question) = (stems(clause), Question { query: clause.to_owned(), ..question.clone() });
            let fit = |(seat, source): (usize, &Arc<dyn Source>)| {
                Some((seat, self.declared(seat, source.as_ref(), &question, &stems)?.0))
            };
            sources.iter().enumerate().filter_map(fit).collect()
        };
        let claim = |clause: &'a str| {
            let mut fits = fits(clause);
            fits.retain(|(seat, _)| sources.get(*seat).is_some_and(|source| source.profile().lane != Lane::Memory));
            let is_sure = fits.iter().any(|(_, score)| *score >= SURE);
            fits.retain(|(_, score)| if is_sure { *score >= SURE } else { *score < GUESS });
            Claim { clause, seats: fits.into_iter().map(|(seat, _)| seat).collect() }
        };
        clauses(&question.query).into_iter().map(claim).collect()
    }

    fn declared(&self, seat: usize, source: &dyn Source, question: &Question, stems: &[String]) -> Option<Fit> {
        let interests = &source.profile().interests;
        if question.onset && interests.at_onset() {
            return Some((0.5, "somebody begins to speak".to_owned()));
        }
        if stems.is_empty() {
            return None;
        }
        if interests.match_query(&question.query) {
            return Some((0.95, "is asked in words it answers to".to_owned()));
        }
        let topics = self.topics.get(seat).map_or(&[][..], Vec::as_slice);
        let mentioned: Vec<&str> =
            topics.iter().filter(|topic| is_in(&topic.stems, stems)).map(|topic| topic.name.as_str()).take(3).collect();
        if !mentioned.is_empty() {
            let score = 0.7 + 0.08 * mentioned.len() as f32;
            return Some((score, format!("mentions {}", mentioned.join(", "))));
        }
        source.knows(question).map(|known| (known.score.clamp(0.0, 1.0), known.because))
    }

    fn alike(&self, seat: usize, vector: &[f32]) -> Option<Fit> {
        let topics = self.topics.get(seat)?.iter();
        let (likeness, name) = topics
            .map(|topic| (similarity(&topic.vector, vector), topic.name.as_str()))
            .max_by(|one, other| one.0.total_cmp(&other.0))?;
        (likeness >= ALIKE).then(|| (likeness * 0.7, format!("is worded like “{name}” ({likeness:.2})")))
    }
}

/// A source is asked what it claims, and what nobody does.
fn share_out(claims: &[Claim<'_>], choices: &mut [Choice]) {
    for choice in choices {
        let is_own = |claim: &Claim<'_>| claim.seats.contains(&choice.seat);
        let asked = claims.iter().filter(|claim| claim.seats.is_empty() || is_own(claim));
        let part: Vec<&str> = asked.map(|claim| claim.clause).collect();
        if claims.iter().any(is_own) && part.len() < claims.len() {
            choice.part = Some(part.join(" and "));
        }
    }
}

fn stems(text: &str) -> Vec<String> {
    words(text).iter().map(|word| stem(word)).collect()
}

pub(crate) fn is_named(source: &dyn Source, named: &[String]) -> bool {
    let profile = source.profile();
    named.iter().any(|name| normalise(name) == normalise(&profile.name) || *name == profile.kind)
}

/// Whether the words of the topic follow each other in the question.
pub(crate) fn is_in(topic: &[String], question: &[String]) -> bool {
    !topic.is_empty() && question.windows(topic.len()).any(|window| window == topic)
}

/// From which score on a source surely fits, and below which it only guesses.
const SURE: f32 = 0.75;
const GUESS: f32 = 0.5;
/// From which likeness on a source is asked; hashing puts unrelated sentences below 0.3.
const ALIKE: f32 = 0.42;
