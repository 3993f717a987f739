//! Makes speech of text, behind one small trait.
//!
//! Speaking blocks its thread, so it never runs on a call's task; see `speech`.

mod builtin;
mod espeak;
mod resample;

pub use builtin::Builtin;
pub use espeak::Espeak;
pub(crate) use espeak::find_program;

use std::ops::ControlFlow;

/// Samples a second of every voice.
pub const SAMPLE_RATE: u32 = 24_000;

/// How a sentence is to sound.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Manner {
    /// The session's voice, such as `marin`. Unknown ones sound like the default.
    pub voice: String,
    /// The session's speed in hundredths, 25 to 150.
    pub speed_percent: u32,
}

/// Takes a piece of speech as it is made; `Break` stops the making.
pub type Sink<'a> = dyn FnMut(&[i16]) -> ControlFlow<()> + 'a;

/// Something that speaks.
pub trait Voice: Send + Sync + std::fmt::Debug {
    /// Speaks one sentence into `sink`, as 16 bit mono at [`SAMPLE_RATE`], and returns when all of it is made.
    ///
    /// # Errors
    /// No speech could be made. Pieces given before stay valid.
    fn speak(&self, text: &str, manner: &Manner, sink: &mut Sink<'_>) -> Result<(), VoiceError>;

    /// What it is, for logs and the status page.
    fn name(&self) -> &'static str;
}

/// Why nothing was spoken.
#[derive(Debug, thiserror::Error)]
pub enum VoiceError {
    /// The speech program could not be started or broke off.
    #[error("the speech program failed: {0}")]
    Program(#[from] std::io::Error),
    /// The speech program gave something that is not sound.
    #[error("the speech program did not give a WAV stream")]
    NotSound,
}
