//! Sentences to packets: a voice, an encoder and a memory of what was spoken lately.
//!
//! Making blocks its thread. The packets of a sentence are handed over as they are made, so that the first can be on
//! its way while the rest does not exist yet; a sentence that was made before comes whole and at once.

use crate::encode::Encoder;
use crate::mouth::Packet;
use crate::voice::{Manner, Voice, VoiceError};
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};

/// Why a sentence could not be spoken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SpeechError {
    /// The voice failed.
    #[error(transparent)]
    Voice(#[from] VoiceError),
    /// The encoder failed.
    #[error("the speech could not be encoded: {0}")]
    Encode(#[from] opus_pure::Error),
}

/// Speaks sentences as packets.
#[derive(Debug)]
pub(crate) struct Speaker {
    voice: Arc<dyn Voice>,
    memory: Mutex<Memory>,
}

type Key = (Manner, String);

#[derive(Debug, Default)]
struct Memory {
    sentences: BTreeMap<Key, (u64, Arc<[Packet]>)>,
    packets: usize,
    uses: u64,
}

impl Speaker {
    /// A speaker that has spoken nothing.
    pub(crate) fn new(voice: Arc<dyn Voice>) -> Self {
        Self { voice, memory: Mutex::default() }
    }

    /// The voice's name.
    pub(crate) fn voice_name(&self) -> &'static str {
        self.voice.name()
    }

    /// Speaks one sentence; `sink` gets its packets in one or more pieces and may stop the making.
    ///
    /// # Errors
    /// The sentence could not be spoken.
    pub(crate) fn speak(
        &self,
        sentence: &str,
        manner: &Manner,
        sink: &mut dyn FnMut(Vec<Packet>) -> ControlFlow<()>,
    ) -> Result<(), SpeechError> {
        let key = (manner.clone(), sentence.to_owned());
        if let Some(packets) = self.remembered(&key) {
            let _ = sink(packets.to_vec());
            return Ok(());
        }
        let mut encoder = Encoder::new()?;
        let mut all: Vec<Packet> = Vec::new();
        let mut fault = None;
        let mut stopped = false;
        self.voice.speak(sentence, manner, &mut |samples| {
            // Small pieces, so that the first packet does not wait for the rest.
            for piece in samples.chunks(PIECE) {
                match encoder.push(piece) {
                    Ok(packets) if packets.is_empty() => {}
                    Ok(packets) => {
                        all.extend(packets.iter().cloned());
                        if sink(packets).is_break() {
                            stopped = true;
                            return ControlFlow::Break(());
                        }
                    }
                    Err(error) => {
                        fault = Some(error);
                        return ControlFlow::Break(());
                    }
                }
            }
            ControlFlow::Continue(())
        })?;
        if let Some(error) = fault {
            return Err(error.into());
        }
        if stopped {
            return Ok(());
        }
        let rest = encoder.finish()?;
        all.extend(rest.iter().cloned());
        self.remember(key, all);
        let _ = sink(rest);
        Ok(())
    }

    fn remembered(&self, key: &Key) -> Option<Arc<[Packet]>> {
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        memory.uses += 1;
        let now = memory.uses;
        let (used, packets) = memory.sentences.get_mut(key)?;
        *used = now;
        Some(Arc::clone(packets))
    }

    fn remember(&self, key: Key, packets: Vec<Packet>) {
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        memory.uses += 1;
        let now = memory.uses;
        memory.packets += packets.len();
        if let Some((_, old)) = memory.sentences.insert(key, (now, packets.into())) {
            memory.packets -= old.len();
        }
        while memory.packets > MAX_PACKETS || memory.sentences.len() > MAX_SENTENCES {
            let Some(oldest) = memory.sentences.iter().min_by_key(|(_, (used, _))| *used).map(|(key, _)| key.clone())
            else {
                return;
            };
            if let Some((_, old)) = memory.sentences.remove(&oldest) {
                memory.packets -= old.len();
            }
        }
    }
}

/// Samples that are encoded before they are handed over: 60 ms.
const PIECE: usize = 1440;

/// The most sentences that are remembered.
const MAX_SENTENCES: usize = 512;

/// The most packets that are remembered: twenty minutes, about 6 MB.
const MAX_PACKETS: usize = 60_000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::voice::{Builtin, Sink};
    use std::sync::atomic::{AtomicU32, Ordering};

    #[test]
    fn a_sentence_is_made_once_and_remembered() {
        let counted = Arc::new(Counted::default());
        let speaker = Speaker::new(counted.clone());
        let first = speak(&speaker, "hello");
        let second = speak(&speaker, "hello");
        assert_eq!(first.concat(), second.concat());
        assert!(first.len() > 1, "comes in pieces while it is made");
        assert_eq!(second.len(), 1, "comes whole when it is remembered");
        assert_eq!(counted.0.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn a_listener_who_left_stops_the_making() {
        let speaker = Speaker::new(Arc::new(Builtin));
        let mut pieces = 0;
        speaker
            .speak("a long sentence that nobody wants to hear", &manner(), &mut |_| {
                pieces += 1;
                ControlFlow::Break(())
            })
            .expect("no fault");
        assert_eq!(pieces, 1);
    }

    #[test]
    fn the_memory_is_bounded() {
        let speaker = Speaker::new(Arc::new(Builtin));
        for n in 0..MAX_SENTENCES + 20 {
            speaker.remember((manner(), n.to_string()), vec![Arc::from([0u8].as_slice())]);
        }
        let memory = speaker.memory.lock().expect("no panic before");
        assert_eq!(memory.sentences.len(), MAX_SENTENCES);
        assert_eq!(memory.packets, MAX_SENTENCES);
        assert!(!memory.sentences.contains_key(&(manner(), "0".into())));
    }

    #[derive(Debug, Default)]
    struct Counted(AtomicU32);

    impl Voice for Counted {
        fn speak(&self, text: &str, manner: &Manner, sink: &mut Sink<'_>) -> Result<(), VoiceError> {
            self.0.fetch_add(1, Ordering::Relaxed);
            Builtin.speak(text, manner, sink)
        }

        fn name(&self) -> &'static str {
            "counted"
        }
    }

    fn manner() -> Manner {
        Manner { voice: "marin".into(), speed_percent: 100 }
    }

    fn speak(speaker: &Speaker, text: &str) -> Vec<Vec<Packet>> {
        let mut pieces = Vec::new();
        speaker
            .speak(text, &manner(), &mut |packets| {
                pieces.push(packets);
                ControlFlow::Continue(())
            })
            .expect("speech");
        pieces
    }
}
