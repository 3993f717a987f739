//! Marks what can be heard, on the browser's own timeline, so that developer tools and benchmarks see the ear's side
//! of a conversation. It only watches.
//!
//! Each mark's detail has `ms` (page clock) and, where sound was measured, `audio_ms`: the audio clock, which is the
//! same for both meters and does not wait for the page.

use crate::dom::Marks;
use crate::rtc::Block;
use conversation::Time;

/// A block at least this loud is audible on the received track.
const AUDIBLE: f32 = 0.004;

/// A block at least this loud on the microphone is the user.
const VOICE: f32 = 0.01;

/// Quiet of this length ends an utterance, in milliseconds; a gap between words is shorter.
const VOICE_GAP_MS: f64 = 300.0;

/// Quiet of this length ends the playback, in milliseconds.
const PLAYBACK_GAP_MS: f64 = 120.0;

/// Heard at most this share of what is received is turned down by 20 dB.
const TURNED_DOWN: f32 = 0.1;

/// Watches both meters and the gain.
#[derive(Debug, Default)]
pub(super) struct Probe {
    marks: Marks,
    clicked: Option<Time>,
    /// Between the user's first and last audible block.
    voice: Option<Moment>,
    last_voice: Option<Moment>,
    /// Between the first and last block that could be heard.
    heard: Option<Moment>,
    playing: bool,
    turned_down: bool,
}

/// One moment on both clocks.
#[derive(Clone, Copy, Debug)]
struct Moment {
    at: Time,
    audio_ms: f64,
}

impl Moment {
    fn detail(self) -> [(&'static str, f64); 2] {
        [("ms", self.at.as_millis()), ("audio_ms", self.audio_ms)]
    }
}

impl Probe {
    pub(super) fn clicked(&mut self, at: Time) {
        self.clicked = Some(at);
        self.marks.set("colloquy:click", at, &[("ms", at.as_millis())]);
    }

    pub(super) fn channel_opened(&mut self, at: Time) {
        let since = self.clicked.take().map_or(0.0, |clicked| at.as_millis() - clicked.as_millis());
        self.marks.set("colloquy:channel-open", at, &[("ms", at.as_millis()), ("since_click_ms", since)]);
    }

    /// The gain is being ramped.
    pub(super) fn gain(&mut self, at: Time, gain: f32) {
        if gain < 1.0 {
            self.marks.set("colloquy:duck", at, &[("ms", at.as_millis()), ("gain", f64::from(gain))]);
        }
    }

    pub(super) fn microphone(&mut self, at: Time, block: Block) {
        let now = Moment { at, audio_ms: block.audio_ms };
        if block.level >= VOICE {
            if self.voice.is_none() {
                self.marks.set("colloquy:mic-onset", at, &now.detail());
            }
            self.voice = Some(now);
            self.last_voice = Some(now);
        } else if self.voice.is_some_and(|last| block.audio_ms - last.audio_ms > VOICE_GAP_MS) {
            self.voice = None;
        }
    }

    /// `level` of the block is what is received, `second` what is heard of it.
    pub(super) fn playback(&mut self, at: Time, block: Block) {
        let now = Moment { at, audio_ms: block.audio_ms };
        if block.level >= AUDIBLE && !self.playing {
            self.playing = true;
            // Only now is it known which of the user's blocks was the last before the answer.
            if let Some(last) = self.last_voice.take() {
                self.marks.set("colloquy:user-last-audible", last.at, &last.detail());
            }
            self.marks.set("colloquy:first-audible", at, &now.detail());
        }
        if block.level >= AUDIBLE {
            let down = block.second <= block.level * TURNED_DOWN;
            if down && !self.turned_down {
                self.marks.set("colloquy:ducked", at, &now.detail());
            }
            self.turned_down = down;
        }
        self.heard(now, block);
    }

    fn heard(&mut self, now: Moment, block: Block) {
        if block.second >= AUDIBLE {
            self.heard = Some(now);
        } else if let Some(last) = self.heard.take_if(|last| now.audio_ms - last.audio_ms > PLAYBACK_GAP_MS) {
            // Marked at the last block that could be heard: that is when the sound ended.
            self.marks.set("colloquy:playback-silent", last.at, &last.detail());
            self.turned_down = false;
        }
        if block.level < AUDIBLE && self.heard.is_none() {
            self.playing = false;
        }
    }
}
