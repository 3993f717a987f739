//! The understanding side of a call: utterances go to the recogniser, if possible before they have surely ended.

use super::{Call, Mail};
use crate::ears::Speech;
use crate::recogniser::{Recogniser, Utterance};
use crate::session::Input;
use protocol::ItemId;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What is known of an utterance that has probably ended.
pub(super) enum Foresight {
    Nothing,
    /// It is being recognised. The item is set once the utterance did end.
    Asked {
        number: u64,
        item: Option<ItemId>,
        length: Duration,
    },
    Known {
        words: Words,
        length: Duration,
    },
}

/// The words of an utterance, or why there are none.
pub(super) type Words = Result<Option<String>, String>;

impl Call {
    /// Has the finished utterance recognised, unless that was foreseen.
    pub(super) fn recognise(&mut self, now: Instant, item: ItemId) {
        let Some(speech) = self.finished.take() else { return };
        match std::mem::replace(&mut self.foresight, Foresight::Nothing) {
            Foresight::Known { words, length } => {
                self.utterances += 1;
                self.session.handle_input(now - self.began, Input::Transcribed { item, words, length });
            }
            Foresight::Asked { number, item: None, length } => {
                self.utterances += 1;
                self.foresight = Foresight::Asked { number, item: Some(item), length };
            }
            Foresight::Asked { .. } | Foresight::Nothing => self.ask(item, speech),
        }
    }

    pub(super) fn ask(&mut self, item: ItemId, speech: Speech) {
        let length = speech.length();
        let number = self.utterances;
        self.utterances += 1;
        let asked = ask(self.recogniser.as_ref(), Utterance { number, speech });
        let mail = self.mail.clone();
        tokio::spawn(async move {
            let words = asked.await;
            // A call that ended does not open its mail.
            let _ = mail.send(Mail::Words { item, words, length }).await;
        });
    }

    /// Recognises an utterance that has probably ended, so that its words are there when it surely has.
    pub(super) fn foresee(&mut self, speech: Speech) {
        if !self.recogniser.as_ref().is_some_and(|recogniser| recogniser.is_cheap()) {
            return;
        }
        self.foresights += 1;
        let number = self.foresights;
        self.foresight = Foresight::Asked { number, item: None, length: speech.length() };
        let asked = ask(self.recogniser.as_ref(), Utterance { number: self.utterances, speech });
        let mail = self.mail.clone();
        tokio::spawn(async move {
            let words = asked.await;
            let _ = mail.send(Mail::Foreseen { number, words }).await;
        });
    }

    pub(super) fn foreseen(&mut self, now: Instant, number: u64, words: Words) {
        match std::mem::replace(&mut self.foresight, Foresight::Nothing) {
            Foresight::Asked { number: asked, item: None, length } if asked == number => {
                if let Ok(Some(words)) = &words {
                    self.input(now, Input::Foreseen { words: words.clone() });
                }
                self.foresight = Foresight::Known { words, length };
            }
            Foresight::Asked { number: asked, item: Some(item), length } if asked == number => {
                self.input(now, Input::Transcribed { item, words, length });
            }
            // About an utterance that went on after all.
            other => self.foresight = other,
        }
    }
}

/// Asks the recogniser and waits for it, but not for ever.
fn ask(recogniser: Option<&Arc<dyn Recogniser>>, utterance: Utterance) -> impl Future<Output = Words> + Send + 'static {
    let asked = recogniser.map(|recogniser| recogniser.recognise(utterance));
    async move {
        let Some(asked) = asked else { return Err("This engine has no speech recogniser.".to_owned()) };
        match tokio::time::timeout(RECOGNISER_PATIENCE, asked).await {
            Ok(Ok(words)) => Ok(words),
            Ok(Err(error)) => {
                tracing::warn!(%error, "an utterance was not recognised");
                Err(error.to_string())
            }
            Err(_) => Err("the recogniser took too long".to_owned()),
        }
    }
}

/// How long a recogniser may take.
const RECOGNISER_PATIENCE: Duration = Duration::from_secs(12);
