//! Hears the user: Opus packets in, facts about speech and the audio of each utterance out.
//!
//! Runs on the call's task and never waits. Audio is kept at 16 kHz, at most a minute of it; what is older is gone.

use crate::vad::{self, Detection, SAMPLE_RATE, Turn, TurnDetector};
use earshot::Detector;
use opus_pure::OpusDecoder;
use std::collections::VecDeque;
use std::time::Duration;

/// What was heard. Times are positions in the audio of the call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// The user began to speak.
    Started {
        /// Where, prefix padding included.
        at: Duration,
    },
    /// The user has probably finished: a third of the silence has passed.
    Fading {
        /// The utterance so far.
        speech: Speech,
    },
    /// The user went on after all.
    Resumed,
    /// The user finished.
    Stopped {
        /// Where.
        at: Duration,
        /// The utterance.
        speech: Speech,
    },
}

/// Audio of one utterance: 16 kHz mono.
#[derive(Clone, PartialEq, Eq)]
pub struct Speech {
    /// The samples.
    pub samples: Vec<i16>,
}

impl Speech {
    /// How long it is.
    pub fn length(&self) -> Duration {
        time_of(self.samples.len() as u64)
    }
}

impl std::fmt::Debug for Speech {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Speech({:?})", self.length())
    }
}

/// How to listen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Listening {
    /// How turns are found; `None` leaves it to the client.
    pub(crate) detection: Option<Detection>,
    /// Audio kept from before the onset.
    pub(crate) padding: Duration,
}

/// The state of hearing.
pub(crate) struct Ears {
    decoder: Box<OpusDecoder>,
    detector: Box<Detector>,
    turns: TurnDetector,
    listening: Listening,
    /// The newest audio, up to [`KEPT`].
    buffer: VecDeque<i16>,
    /// Samples heard since the call began; the buffer ends here.
    heard: u64,
    /// Samples of these that the detector has seen.
    judged: u64,
    /// Where the audio begins that a commit would take.
    begin: u64,
    /// Where the sender's clock should stand when the next packet comes.
    expected: Option<u64>,
}

impl Ears {
    /// Ears that have heard nothing.
    ///
    /// # Errors
    /// The decoder cannot be made, which would be a fault of this program.
    pub(crate) fn new(listening: Listening) -> Result<Self, opus_pure::Error> {
        Ok(Self {
            decoder: Box::new(OpusDecoder::new(SAMPLE_RATE as i32, 1)?),
            detector: Box::default(),
            turns: TurnDetector::default(),
            listening,
            buffer: VecDeque::with_capacity(2 * SAMPLE_RATE),
            heard: 0,
            judged: 0,
            begin: 0,
            expected: None,
        })
    }

    /// Listens differently from now on.
    pub(crate) fn listen(&mut self, listening: Listening) {
        if self.listening.detection.is_some() != listening.detection.is_some() {
            self.turns.reset();
            self.begin = self.heard;
        }
        self.listening = listening;
    }

    /// Whether the user is speaking.
    pub(crate) fn is_speaking(&self) -> bool {
        self.turns.is_speaking()
    }

    /// How long the call's audio is.
    pub(crate) fn position(&self) -> Duration {
        time_of(self.heard)
    }

    /// Takes one packet with its place on the sender's 48 kHz clock.
    pub(crate) fn hear(&mut self, packet: &[u8], time: u64, facts: &mut Vec<Heard>) {
        // Browsers probe with empty packets; to a decoder they would mean a loss that never was.
        if packet.is_empty() {
            return;
        }
        let mut pcm = [0i16; MAX_PACKET];
        self.bridge(time, &mut pcm, facts);
        match self.decoder.decode_s16(packet, MAX_PACKET, &mut pcm) {
            Ok(samples) => {
                self.expected = Some(time + samples as u64 * 3);
                self.take(&pcm[..samples.min(MAX_PACKET)], facts);
            }
            Err(error) => tracing::debug!(%error, bytes = packet.len(), "a packet was not Opus"),
        }
    }

    /// The line went dead while the user spoke: that much silence, so that an utterance can end.
    pub(crate) fn miss(&mut self, length: Duration, facts: &mut Vec<Heard>) {
        let samples = samples_of(length.min(MAX_GAP)) as usize;
        self.expected = None;
        self.take(&vec![0; samples], facts);
    }

    /// What a commit would take, and the buffer begins anew.
    pub(crate) fn cut(&mut self) -> Speech {
        let speech = self.since(self.begin);
        self.begin = self.heard;
        self.turns.reset();
        speech
    }

    /// Forgets what a commit would take.
    pub(crate) fn clear(&mut self) {
        self.begin = self.heard;
        self.turns.reset();
    }

    /// Bridges packets that were lost or never sent.
    fn bridge(&mut self, time: u64, pcm: &mut [i16; MAX_PACKET], facts: &mut Vec<Heard>) {
        let Some(expected) = self.expected else { return };
        let missing = (time.saturating_sub(expected) / 3).min(samples_of(MAX_GAP));
        if missing < CONCEALED as u64 / 2 {
            return;
        }
        let mut left = missing as usize;
        // One frame is concealed; more would only invent sound.
        if let Ok(samples) = self.decoder.decode_s16(&[], CONCEALED, pcm) {
            let samples = samples.min(left);
            self.take(&pcm[..samples], facts);
            left -= samples;
        }
        self.take(&vec![0; left], facts);
    }

    fn take(&mut self, samples: &[i16], facts: &mut Vec<Heard>) {
        self.buffer.extend(samples);
        self.heard += samples.len() as u64;
        let surplus = self.buffer.len().saturating_sub(KEPT);
        self.buffer.drain(..surplus);
        let Some(detection) = self.listening.detection else {
            self.judged = self.heard;
            return;
        };
        let mut frame = [0i16; vad::FRAME];
        while self.judged + vad::FRAME as u64 <= self.heard {
            let from = self.buffer.len() - (self.heard - self.judged).min(self.buffer.len() as u64) as usize;
            for (to, sample) in frame.iter_mut().zip(self.buffer.range(from..)) {
                *to = *sample;
            }
            self.judged += vad::FRAME as u64;
            let score = self.detector.predict_i16(&frame);
            let turn = self.turns.feed(detection, score, vad::loudness(&frame));
            if let Some(turn) = turn {
                self.note(turn, facts);
            }
        }
    }

    fn note(&mut self, turn: Turn, facts: &mut Vec<Heard>) {
        match turn {
            Turn::Started(_) => {
                // Positions of the detector begin anew when it was off; what counts is the distance to now.
                let onset = self.judged.saturating_sub(3 * vad::FRAME as u64);
                let padded = onset.saturating_sub(samples_of(self.listening.padding));
                self.begin = padded.max(self.begin);
                facts.push(Heard::Started { at: time_of(self.begin) });
            }
            Turn::Fading => facts.push(Heard::Fading { speech: self.since(self.begin) }),
            Turn::Resumed => facts.push(Heard::Resumed),
            Turn::Stopped(_) => {
                let speech = self.since(self.begin);
                self.begin = self.heard;
                facts.push(Heard::Stopped { at: self.position(), speech });
            }
        }
    }

    fn since(&self, begin: u64) -> Speech {
        let length = (self.heard.saturating_sub(begin)).min(self.buffer.len() as u64) as usize;
        Speech { samples: self.buffer.range(self.buffer.len() - length..).copied().collect() }
    }
}

fn time_of(samples: u64) -> Duration {
    Duration::from_micros(samples * 1_000_000 / SAMPLE_RATE as u64)
}

fn samples_of(length: Duration) -> u64 {
    length.as_millis() as u64 * SAMPLE_RATE as u64 / 1000
}

/// Samples of the longest Opus packet, 120 ms.
const MAX_PACKET: usize = 120 * SAMPLE_RATE / 1000;

/// Samples of the frame that conceals a loss, 20 ms.
const CONCEALED: usize = 20 * SAMPLE_RATE / 1000;

/// The longest gap that is filled with silence.
const MAX_GAP: Duration = Duration::from_secs(2);

/// Samples that are kept: one minute.
const KEPT: usize = 60 * SAMPLE_RATE;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode;
    use crate::voice::{Builtin, Espeak, Manner, Voice};
    use std::ops::ControlFlow;

    #[test]
    fn speech_is_found_where_it_is() {
        let (samples, from, to) = spoken_between_silences("what time is it in Tokyo");
        let (facts, _) = hear(&samples);
        let [Heard::Started { at: started }, Heard::Fading { .. }, Heard::Stopped { at: stopped, speech }] = &facts[..]
        else {
            panic!("one utterance: {facts:?}");
        };
        let padded = from.saturating_sub(PADDING);
        assert!(started.abs_diff(padded) < ms(60), "{started:?} instead of {padded:?}");
        let late = stopped.saturating_sub(to + SILENCE);
        assert!(*stopped + ms(20) >= to + SILENCE && late <= ms(45), "{stopped:?} is {late:?} after {to:?}");
        assert!(speech.length() + from > to);
    }

    #[test]
    fn empty_packets_are_not_a_loss() {
        let mut ears = ears();
        let silence = encode::silence().expect("a packet");
        let mut facts = Vec::new();
        ears.hear(&silence, 0, &mut facts);
        for _ in 0..15 {
            ears.hear(&[], 960, &mut facts);
        }
        ears.hear(&silence, 960, &mut facts);
        assert_eq!(ears.position(), ms(40));
    }

    #[test]
    fn a_gap_is_filled_and_a_jump_of_the_clock_is_bounded() {
        let mut ears = ears();
        let silence = encode::silence().expect("a packet");
        let mut facts = Vec::new();
        ears.hear(&silence, 0, &mut facts);
        ears.hear(&silence, 960 * 5, &mut facts);
        assert_eq!(ears.position(), ms(120));
        ears.hear(&silence, u64::MAX / 4, &mut facts);
        assert_eq!(ears.position(), ms(140) + MAX_GAP);
        ears.hear(&silence, 0, &mut facts);
        assert_eq!(ears.position(), ms(160) + MAX_GAP);
    }

    #[test]
    fn what_is_not_opus_is_ignored() {
        let mut ears = ears();
        let mut facts = Vec::new();
        for packet in [&[0xff_u8][..], &[0xff, 0xff, 0xff], &[3, 0, 0, 0], &[0u8; 1500]] {
            ears.hear(packet, 0, &mut facts);
        }
        assert!(ears.position() <= ms(480));
    }

    #[test]
    fn the_buffer_is_bounded_and_keeps_the_newest() {
        let mut ears = ears();
        ears.listen(Listening { detection: None, padding: Duration::ZERO });
        for _ in 0..40 {
            ears.miss(MAX_GAP, &mut Vec::new());
        }
        assert_eq!(ears.position(), MAX_GAP * 40);
        assert_eq!(ears.cut().length(), Duration::from_secs(60));
        assert_eq!(ears.cut().length(), Duration::ZERO);
    }

    #[test]
    fn a_dead_line_ends_an_utterance() {
        let (samples, _, _) = spoken_between_silences("hello there");
        let end = samples.iter().rposition(|s| s.abs() > 500).unwrap_or(0);
        let (mut facts, mut ears) = hear(&samples[..end]);
        assert!(ears.is_speaking());
        for _ in 0..4 {
            ears.miss(ms(200), &mut facts);
        }
        assert!(matches!(facts.last(), Some(Heard::Stopped { .. })), "{facts:?}");
    }

    fn ears() -> Ears {
        let detection = Some(Detection { threshold: 0.5, silence: SILENCE });
        Ears::new(Listening { detection, padding: PADDING }).expect("ears")
    }

    fn hear(samples: &[i16]) -> (Vec<Heard>, Ears) {
        let mut ears = ears();
        let mut facts = Vec::new();
        let packets = encode::Encoder::new().and_then(|mut e| e.push(samples)).expect("packets");
        for (n, packet) in packets.iter().enumerate() {
            ears.hear(packet, n as u64 * 960, &mut facts);
        }
        (facts, ears)
    }

    /// Speech with a second of silence on each side; and where it begins and ends.
    fn spoken_between_silences(text: &str) -> (Vec<i16>, Duration, Duration) {
        let voice: Box<dyn Voice> = Espeak::find().map_or_else(|| Box::new(Builtin) as Box<dyn Voice>, |v| Box::new(v));
        let mut samples = vec![0; encode::SAMPLE_RATE];
        let manner = Manner { voice: "alloy".into(), speed_percent: 100 };
        voice
            .speak(text, &manner, &mut |piece| {
                samples.extend_from_slice(piece);
                ControlFlow::Continue(())
            })
            .expect("speech");
        samples.resize(samples.len() + encode::SAMPLE_RATE, 0);
        let at = |sample: usize| ms(sample as u64 * 1000 / encode::SAMPLE_RATE as u64);
        let from = samples.iter().position(|s| s.abs() > 300).expect("sound");
        let to = samples.iter().rposition(|s| s.abs() > 300).expect("sound");
        (samples, at(from), at(to))
    }

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    const SILENCE: Duration = Duration::from_millis(500);
    const PADDING: Duration = Duration::from_millis(300);
}
