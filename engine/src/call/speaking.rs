//! The speaking side of a call: sentences are made on a thread of their own and come back as packets.

use super::{Call, Mail};
use crate::mouth::FRAME;
use crate::voice::Manner;
use protocol::ResponseId;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A response whose speech is being made; dropping it stops the making.
pub(super) struct Making {
    pub(super) response: ResponseId,
    wanted: Arc<AtomicBool>,
}

impl Drop for Making {
    fn drop(&mut self) {
        self.wanted.store(false, Ordering::Relaxed);
    }
}

impl Call {
    pub(super) fn say(&mut self, response: ResponseId, sentences: Vec<String>, manner: Manner) {
        let wanted = Arc::new(AtomicBool::new(true));
        self.making = Some(Making { response: response.clone(), wanted: Arc::clone(&wanted) });
        self.mouth.begin(response.clone());
        let (speaker, mail) = (Arc::clone(&self.speaker), self.mail.clone());
        tokio::task::spawn_blocking(move || {
            for (sentence, text) in sentences.iter().enumerate() {
                let mut count = 0;
                let made = speaker.speak(text, &manner, &mut |packets| {
                    count += packets.len() as u32;
                    let mail = mail.blocking_send(Mail::Packets { response: response.clone(), packets });
                    if mail.is_err() || !wanted.load(Ordering::Relaxed) {
                        return ControlFlow::Break(());
                    }
                    ControlFlow::Continue(())
                });
                if !wanted.load(Ordering::Relaxed) {
                    return;
                }
                let news = match made {
                    Ok(()) => Mail::Sentence { response: response.clone(), sentence, length: FRAME * count },
                    Err(error) => {
                        tracing::warn!(%error, "a sentence could not be spoken");
                        Mail::Unspeakable { response: response.clone(), reason: error.to_string() }
                    }
                };
                let failed = matches!(news, Mail::Unspeakable { .. });
                if mail.blocking_send(news).is_err() || failed {
                    return;
                }
            }
            let _ = mail.blocking_send(Mail::AllMade { response });
        });
    }

    /// Makes the first sentence ahead; the others are made while it is heard.
    pub(super) fn rehearse(&self, sentences: Vec<String>, manner: Manner) {
        let speaker = Arc::clone(&self.speaker);
        tokio::task::spawn_blocking(move || {
            let Some(sentence) = sentences.first() else { return };
            if let Err(error) = speaker.speak(sentence, &manner, &mut |_| ControlFlow::Continue(())) {
                tracing::debug!(%error, "a rehearsal failed");
            }
        });
    }
}
