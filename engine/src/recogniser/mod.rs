//! Turns an utterance into words, behind one small trait.
//!
//! Recognising never happens on a call's task: a call asks, goes on with its audio, and gets the words when they are
//! there or an error when they took too long.

mod grammar;
mod http;
mod pocketsphinx;
mod scripted;
mod sentences;

pub use http::Http;
pub use pocketsphinx::{PocketSphinx, PocketSphinxError};
pub use scripted::Scripted;

use crate::ears::Speech;
use std::fmt::Debug;
use std::pin::Pin;

/// One utterance.
#[derive(Clone, Debug)]
pub struct Utterance {
    /// Counts the utterances of a call from 0.
    pub number: usize,
    /// Its audio.
    pub speech: Speech,
}

/// The words, once they are known; `None` when nothing was understood.
pub type Recognition = Pin<Box<dyn Future<Output = Result<Option<String>, RecogniserError>> + Send>>;

/// Something that understands speech.
pub trait Recogniser: Send + Sync + Debug {
    /// Recognises one utterance.
    fn recognise(&self, utterance: Utterance) -> Recognition;

    /// Whether it costs so little that an utterance may be recognised before it has surely ended.
    fn is_cheap(&self) -> bool;

    /// What it is, for logs and the status page.
    fn name(&self) -> &'static str;
}

/// Why there are no words.
#[derive(Debug, thiserror::Error)]
pub enum RecogniserError {
    /// The service could not be asked, or answered with an error.
    #[error("the transcription service failed: {0}")]
    Service(#[from] reqwest::Error),
    /// The service answered with something else than a transcription.
    #[error("the transcription service gave no text")]
    NoText,
    /// The program does not run.
    #[error("the recogniser program does not run")]
    NotRunning,
    /// The words took too long.
    #[error("the recogniser took too long")]
    TooLong,
    /// The audio could not be written as a file.
    #[error("the audio could not be packed: {0}")]
    Pack(#[from] hound::Error),
}
