//! The understanding side of a call: utterances go to the recogniser, if possible before they have surely ended.

use super::foresight::{Answer, AtEnd, Words};
use super::{Call, Mail};
use crate::ears::Speech;
use crate::recogniser::{Recogniser, Utterance};
use crate::session::Input;
use protocol::ItemId;
use std::sync::Arc;
use std::time::{Duration, Instant};

impl Call {
    /// Has the finished utterance recognised, unless that was foreseen.
    pub(super) fn recognise(&mut self, now: Instant, item: ItemId) {
        let Some(speech) = self.finished.take() else { return };
        match self.foresight.end(item) {
            AtEnd::Known(item, words, length) => {
                self.utterances += 1;
                self.session.handle_input(now - self.began, Input::Transcribed { item, words, length });
            }
            AtEnd::Asked => self.utterances += 1,
            AtEnd::NotAsked(item) => self.ask(item, speech),
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
        let number = self.foresight.ask(speech.length());
        let asked = ask(self.recogniser.as_ref(), Utterance { number: self.utterances, speech });
        let mail = self.mail.clone();
        tokio::spawn(async move {
            let words = asked.await;
            let _ = mail.send(Mail::Foreseen { number, words }).await;
        });
    }

    pub(super) fn foreseen(&mut self, now: Instant, number: u64, words: Words) {
        match self.foresight.answer(number, words) {
            Answer::Of(item, words, length) => self.input(now, Input::Transcribed { item, words, length }),
            Answer::Foreseen(words) => self.input(now, Input::Foreseen { words }),
            Answer::None => {}
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
