//! What is heard of the assistant: by the service's word that it plays, and by the received track itself.
//!
//! The track is believed for when sound begins; the service for when an answer is over, since speech has pauses. With a
//! service that says nothing of playing, a longer silence of the track ends the answer.

use crate::outbox::Outbox;
use crate::time::{Ms, Time};
use crate::timer::Timer;
use protocol::ResponseId;

/// The machine.
#[derive(Debug)]
pub(crate) struct Playback {
    silent_timeout: Ms,
    /// The response that the service plays.
    playing: Option<ResponseId>,
    /// Whether this service tells when it plays.
    told: bool,
    /// When the present stretch of sound began.
    audible_since: Option<Time>,
    audible_at: Option<Time>,
    /// The present stretch began with something else than what the service plays now.
    remainder: bool,
    /// Silent blocks in a row.
    quiet: u32,
    /// Blocks measured since a response claimed to speak.
    measured: u32,
    /// Whether any of them was sound.
    heard: bool,
}

/// What the silence watchdog found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Silence {
    /// Nothing to find.
    None,
    /// The response claimed to speak, and nothing was ever heard.
    Never,
    /// Something was heard, and nothing for long now.
    Since,
}

impl Playback {
    pub(crate) fn new(silent_timeout: Ms) -> Self {
        Self {
            silent_timeout,
            playing: None,
            told: false,
            audible_since: None,
            audible_at: None,
            remainder: false,
            quiet: 0,
            measured: 0,
            heard: false,
        }
    }

    /// Whether the answer is being heard, or said to be played.
    pub(crate) fn is_speaking(&self) -> bool {
        self.playing.is_some() || self.is_audible()
    }

    pub(crate) fn is_audible(&self) -> bool {
        self.audible_since.is_some()
    }

    /// The response that the service plays.
    pub(crate) fn playing(&self) -> Option<&ResponseId> {
        self.playing.as_ref()
    }

    /// Whether this service tells when it plays.
    pub(crate) fn is_told(&self) -> bool {
        self.told
    }

    /// When the present stretch of sound began; nothing while it is a remainder of what was played before.
    pub(crate) fn audible_since(&self) -> Option<Time> {
        self.audible_since.filter(|_| !self.remainder)
    }

    /// A block of the received track.
    pub(crate) fn level(&mut self, level: f32, out: &mut Outbox) {
        self.measured = self.measured.saturating_add(1);
        if level < AUDIBLE {
            self.quiet = self.quiet.saturating_add(1);
            if self.remainder && self.quiet >= REMAINDER_ENDS {
                self.remainder = false;
                self.audible_since = None;
            }
            return;
        }
        self.quiet = 0;
        self.heard = true;
        self.audible_at = Some(out.now);
        self.audible_since.get_or_insert(out.now);
        if !out.timers.is_armed(Timer::Quiet) {
            out.arm(Timer::Quiet, self.hold());
        }
    }

    /// The service began to play.
    pub(crate) fn began(&mut self, response: ResponseId, out: &mut Outbox) {
        self.told = true;
        if self.playing.as_ref() != Some(&response) {
            out.disarm(Timer::Silent);
            self.remainder = self.audible_since.is_some_and(|since| out.now - since > EARLY);
        }
        self.playing = Some(response);
        self.claim(out);
    }

    /// A response claims to speak: if nothing is heard for long, something is wrong.
    pub(crate) fn claim(&mut self, out: &mut Outbox) {
        if !out.timers.is_armed(Timer::Silent) {
            self.measured = 0;
            self.heard = self.is_audible();
            out.arm(Timer::Silent, self.silent_timeout);
        }
    }

    /// Nothing is to be heard: silence means nothing.
    pub(crate) fn unclaim(out: &mut Outbox) {
        out.disarm(Timer::Silent);
    }

    /// The service plays no more of this response.
    pub(crate) fn ended(&mut self, response: &ResponseId, out: &mut Outbox) {
        self.told = true;
        if self.playing.as_ref() == Some(response) {
            self.let_go(out);
        }
    }

    /// Nothing plays any more, whatever the service says.
    pub(crate) fn let_go(&mut self, out: &mut Outbox) {
        self.playing = None;
        out.disarm(Timer::Silent);
    }

    /// The quiet timer rang. Says whether the sound is over.
    pub(crate) fn ring_quiet(&mut self, out: &mut Outbox) -> bool {
        let Some(at) = self.audible_at else { return false };
        let over = at + self.hold();
        if over > out.now {
            out.timers.arm(Timer::Quiet, over);
            return false;
        }
        self.audible_since.take().is_some()
    }

    /// The silence timer rang.
    pub(crate) fn ring_silent(&mut self, out: &mut Outbox) -> Silence {
        match self.audible_at.map(|at| at + self.silent_timeout) {
            // Where nothing is measured, nothing is known.
            _ if self.measured == 0 => Silence::None,
            _ if !self.heard => Silence::Never,
            Some(over) if over > out.now => {
                out.timers.arm(Timer::Silent, over);
                Silence::None
            }
            _ if self.playing.is_some() => Silence::Since,
            _ => Silence::None,
        }
    }

    /// The call is gone.
    pub(crate) fn reset(&mut self, out: &mut Outbox) {
        *self = Self::new(self.silent_timeout);
        out.disarm(Timer::Silent);
        out.disarm(Timer::Quiet);
    }

    fn hold(&self) -> Ms {
        if self.told { HOLD } else { LONG_HOLD }
    }
}

/// Root mean square from which a block is sound: well above what a decoder makes of silence.
const AUDIBLE: f32 = 0.002;
/// Sound may be heard this much before the service's word that it plays arrives.
const EARLY: Ms = Ms(100);
/// Silent blocks in a row that end what is left in the buffers of an answer before.
const REMAINDER_ENDS: u32 = 3;
/// Silence that ends the sound, where the service tells when it plays.
const HOLD: Ms = Ms(250);
/// Silence that ends the answer, where it does not: longer than a pause between sentences.
const LONG_HOLD: Ms = Ms(900);

#[cfg(test)]
mod tests {
    use super::{Playback, Silence};
    use crate::config::Config;
    use crate::outbox::Outbox;
    use crate::time::{Ms, Time};
    use crate::timer::Timer;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn playback() -> (Playback, Outbox) {
        (Playback::new(Ms(4_000)), Outbox::new(&Config::default(), 1))
    }

    #[test]
    fn with_a_service_that_says_nothing_a_pause_does_not_end_the_answer() {
        let (mut playback, mut out) = playback();
        playback.level(0.1, &mut out);
        out.now = Time::ZERO + Ms(800);
        playback.level(0.1, &mut out);
        out.now = Time::ZERO + Ms(900);
        assert!(!playback.ring_quiet(&mut out) && playback.is_speaking());
        out.now = Time::ZERO + Ms(1_700);
        assert!(playback.ring_quiet(&mut out) && !playback.is_speaking());
    }

    #[test]
    fn what_is_left_of_an_answer_is_not_the_beginning_of_the_next() {
        let (mut playback, mut out) = playback();
        playback.level(0.1, &mut out);
        out.now = Time::ZERO + Ms(200);
        playback.level(0.1, &mut out);
        playback.began("r2".into(), &mut out);
        assert_eq!(playback.audible_since(), None);
        for _ in 0..3 {
            playback.level(0.0, &mut out);
        }
        out.now = Time::ZERO + Ms(300);
        playback.level(0.1, &mut out);
        assert_eq!(playback.audible_since(), Some(out.now));
    }

    #[test]
    fn sound_a_moment_before_the_word_that_it_plays_is_its_beginning() {
        let (mut playback, mut out) = playback();
        playback.level(0.1, &mut out);
        out.now = Time::ZERO + Ms(50);
        playback.began("r1".into(), &mut out);
        assert_eq!(playback.audible_since(), Some(Time::ZERO));
    }

    #[test]
    fn what_plays_is_speaking_until_the_service_says_that_it_ended() {
        let (mut playback, mut out) = playback();
        playback.began("r1".into(), &mut out);
        playback.ended(&"r0".into(), &mut out);
        assert!(playback.is_speaking());
        playback.ended(&"r1".into(), &mut out);
        assert!(!playback.is_speaking() && !out.timers.is_armed(Timer::Silent));
    }

    #[test]
    fn silence_is_noticed_only_where_sound_is_measured() {
        let (mut playback, mut out) = playback();
        playback.began("r1".into(), &mut out);
        assert_eq!(playback.ring_silent(&mut out), Silence::None);
        playback.began("r2".into(), &mut out);
        playback.level(0.0, &mut out);
        assert_eq!(playback.ring_silent(&mut out), Silence::Never);
    }

    #[test]
    fn an_answer_that_falls_silent_is_noticed_after_the_timeout() {
        let (mut playback, mut out) = playback();
        playback.began("r1".into(), &mut out);
        out.now = Time::ZERO + Ms(3_000);
        playback.level(0.1, &mut out);
        out.now = Time::ZERO + Ms(4_000);
        assert_eq!(playback.ring_silent(&mut out), Silence::None);
        assert_eq!(out.timers.next(), Some((Time::ZERO + Ms(3_250), Timer::Quiet)));
        out.now = Time::ZERO + Ms(7_000);
        assert_eq!(playback.ring_silent(&mut out), Silence::Since);
    }
}
