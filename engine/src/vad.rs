//! Decides where speech starts and ends, from a score and a loudness for every 16 ms of audio.
//!
//! The score comes from a neural detector that looks back 48 ms, so it is late to notice an end. Loudness is not:
//! a frame counts as speech only while it is also within a range of the loudest speech of this utterance. The end
//! of an utterance is then known to a frame, and the configured silence is counted from there.

use std::time::Duration;

/// Samples of one frame at [`SAMPLE_RATE`].
pub(crate) const FRAME: usize = 256;

/// Samples a second.
pub(crate) const SAMPLE_RATE: usize = 16_000;

/// How to decide.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Detection {
    /// 0 to 1 as in the session; higher needs clearer speech.
    pub(crate) threshold: f64,
    /// Silence that ends an utterance.
    pub(crate) silence: Duration,
}

/// What the detector noticed, with positions in frames since the start of the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Speech began at this frame.
    Started(u64),
    /// A third of the silence that ends an utterance has passed; it probably ends.
    Fading,
    /// After `Fading`, the user went on.
    Resumed,
    /// Speech ended: the first frame without it.
    Stopped(u64),
}

/// The state of deciding.
#[derive(Debug, Default)]
pub(crate) struct TurnDetector {
    frame: u64,
    state: State,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Quiet,
    /// This many frames in a row sounded like speech.
    Onset {
        first: u64,
        frames: u32,
        loudest: f32,
    },
    Speech {
        last_voiced: u64,
        loudest: f32,
        fading: bool,
    },
}

impl TurnDetector {
    /// Whether the user is speaking.
    pub(crate) fn is_speaking(&self) -> bool {
        matches!(self.state, State::Speech { .. })
    }

    /// Forgets a half-heard utterance; positions go on.
    pub(crate) fn reset(&mut self) {
        self.state = State::Quiet;
    }

    /// Takes one frame: how much it sounds like speech (0 to 1) and how loud it is (decibels below full scale).
    pub(crate) fn feed(&mut self, detection: Detection, score: f32, loudness: f32) -> Option<Turn> {
        let frame = self.frame;
        self.frame += 1;
        // The detector scores a plain tone about 0.5, so the session's default of 0.5 is a little more here.
        let enter = (0.2 + 0.78 * detection.threshold.clamp(0.0, 1.0)) as f32;
        let speech = score >= enter && loudness > FLOOR;
        match &mut self.state {
            State::Quiet => {
                if speech {
                    self.state = State::Onset { first: frame, frames: 1, loudest: loudness };
                }
                None
            }
            State::Onset { .. } if !speech => {
                self.state = State::Quiet;
                None
            }
            State::Onset { first, frames, loudest } => {
                *frames += 1;
                *loudest = loudest.max(loudness);
                if *frames < ONSET_FRAMES {
                    return None;
                }
                let (first, loudest) = (*first, *loudest);
                self.state = State::Speech { last_voiced: frame, loudest, fading: false };
                Some(Turn::Started(first))
            }
            State::Speech { last_voiced, loudest, fading } => {
                let voiced = score >= enter - HYSTERESIS && loudness > (*loudest - RANGE).max(FLOOR);
                if voiced {
                    // The loudest moment fades slowly, so that one shout does not hide what follows it.
                    *loudest = (*loudest - FADE).max(loudness);
                    *last_voiced = frame;
                    return std::mem::take(fading).then_some(Turn::Resumed);
                }
                let silent = frame - *last_voiced;
                let needed = frames_of(detection.silence).max(1);
                if silent >= needed {
                    let end = *last_voiced + 1;
                    self.state = State::Quiet;
                    return Some(Turn::Stopped(end));
                }
                if !*fading && silent >= (needed / 3).max(1) {
                    *fading = true;
                    return Some(Turn::Fading);
                }
                None
            }
        }
    }
}

/// How loud a frame is, in decibels below full scale.
pub(crate) fn loudness(samples: &[i16]) -> f32 {
    let sum: f32 = samples.iter().map(|s| f32::from(*s) * f32::from(*s)).sum();
    let mean = sum / samples.len().max(1) as f32;
    10.0 * (mean / (32_768.0 * 32_768.0) + 1e-10).log10()
}

fn frames_of(length: Duration) -> u64 {
    // Rounded down: the last voiced frame has some silence of its own.
    length.as_millis() as u64 * SAMPLE_RATE as u64 / 1000 / FRAME as u64
}

/// Frames in a row that make an onset: a single one is often a click.
const ONSET_FRAMES: u32 = 3;

/// How far below the entry score speech may go on.
const HYSTERESIS: f32 = 0.2;

/// How far below the loudest speech a frame may be and still be speech, in decibels.
const RANGE: f32 = 38.0;

/// How fast the memory of the loudest speech fades, in decibels a voiced frame.
const FADE: f32 = 0.05;

/// Quieter than this is never speech, in decibels below full scale.
const FLOOR: f32 = -62.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speech_starts_after_three_frames_at_the_first_of_them() {
        let mut detector = TurnDetector::default();
        assert_eq!(feed(&mut detector, 10, 0.1, -70.0), []);
        assert_eq!(feed(&mut detector, 3, 0.9, -20.0), [Turn::Started(10)]);
        assert!(detector.is_speaking());
    }

    #[test]
    fn a_click_is_not_speech() {
        let mut detector = TurnDetector::default();
        assert_eq!(feed(&mut detector, 2, 0.9, -10.0), []);
        assert_eq!(feed(&mut detector, 50, 0.1, -70.0), []);
    }

    #[test]
    fn speech_stops_after_the_configured_silence_counted_from_the_last_loud_frame() {
        let mut detector = TurnDetector::default();
        feed(&mut detector, 20, 0.9, -20.0);
        // The score is late to fall; the loudness falls at once.
        assert_eq!(feed(&mut detector, 4, 0.9, -75.0), []);
        let turns = feed(&mut detector, 27, 0.1, -75.0);
        assert_eq!(turns, [Turn::Fading, Turn::Stopped(20)]);
    }

    #[test]
    fn a_pause_shorter_than_the_silence_does_not_end_an_utterance() {
        let mut detector = TurnDetector::default();
        feed(&mut detector, 20, 0.9, -20.0);
        assert_eq!(feed(&mut detector, 20, 0.1, -75.0), [Turn::Fading]);
        assert_eq!(feed(&mut detector, 5, 0.9, -20.0), [Turn::Resumed]);
        assert!(detector.is_speaking());
    }

    #[test]
    fn a_lower_threshold_hears_more() {
        let sensitive = Detection { threshold: 0.1, ..DETECTION };
        let mut detector = TurnDetector::default();
        let started = (0..5).any(|_| detector.feed(sensitive, 0.4, -30.0).is_some());
        assert!(started);
        assert_eq!(feed(&mut TurnDetector::default(), 5, 0.4, -30.0), []);
    }

    #[test]
    fn full_scale_is_loud_and_zero_is_quiet() {
        assert!(loudness(&[i16::MAX; FRAME]) > -0.1);
        assert!(loudness(&[0; FRAME]) < -90.0);
    }

    const DETECTION: Detection = Detection { threshold: 0.5, silence: Duration::from_millis(500) };

    fn feed(detector: &mut TurnDetector, frames: usize, score: f32, loudness: f32) -> Vec<Turn> {
        (0..frames).filter_map(|_| detector.feed(DETECTION, score, loudness)).collect()
    }
}
