//! The user speaks while the assistant does: turned down at once by the local detector, cut when it is confirmed,
//! restored when nothing confirms it.

use crate::config::BargeInPolicy;
use crate::effect::Effect;
use crate::outbox::Outbox;
use crate::time::{Ms, Time};
use crate::timer::Timer;
use protocol::ResponseId;

/// The machine: a speech detector with a floor that follows the room, and the playback gain.
#[derive(Debug)]
pub(crate) struct BargeIn {
    policy: BargeInPolicy,
    floor: f32,
    /// Loud blocks in a row.
    run: u32,
    /// The speech that is heard, or was heard last.
    speech: Option<Speech>,
    /// Whether it is being heard.
    speaking: bool,
    /// Whether anything is measured at all.
    measures: bool,
    stage: Stage,
    gain: f32,
}

#[derive(Clone, Copy, Debug)]
struct Speech {
    /// Its first loud block.
    onset: Time,
    /// The first loud block since the last short pause.
    burst: Time,
    last_loud: Time,
    /// Whether it has already turned an answer down in vain.
    spent: bool,
}

#[derive(Debug)]
enum Stage {
    Calm,
    Ducked { since: Time },
    Cut { response: Option<ResponseId> },
}

impl BargeIn {
    pub(crate) fn new(policy: BargeInPolicy) -> Self {
        let floor = policy.threshold / policy.floor_factor.max(1.0);
        Self { policy, floor, run: 0, speech: None, speaking: false, measures: false, stage: Stage::Calm, gain: 1.0 }
    }

    pub(crate) fn is_ducked(&self) -> bool {
        matches!(self.stage, Stage::Ducked { .. })
    }

    pub(crate) fn is_cut(&self) -> bool {
        matches!(self.stage, Stage::Cut { .. })
    }

    /// The response that was cut last, while its sound is held back.
    pub(crate) fn cut_response(&self) -> Option<&ResponseId> {
        match &self.stage {
            Stage::Cut { response } => response.as_ref(),
            Stage::Calm | Stage::Ducked { .. } => None,
        }
    }

    /// Whether the user is heard.
    pub(crate) fn is_speaking(&self) -> bool {
        self.speaking
    }

    /// Whether anything is measured at all.
    pub(crate) fn measures(&self) -> bool {
        self.measures
    }

    /// Where the speech that the service just noticed began, as heard here.
    pub(crate) fn onset(&self, now: Time) -> Option<Time> {
        self.speech.filter(|speech| now - speech.last_loud < RECENT).map(|speech| speech.onset)
    }

    /// The last loud block since `onset`.
    pub(crate) fn last_loud(&self, onset: Option<Time>) -> Option<Time> {
        let speech = self.speech?;
        onset.is_none_or(|onset| speech.last_loud >= onset).then_some(speech.last_loud)
    }

    /// Whether the speech being heard is long enough to count without the service's word.
    pub(crate) fn is_long(&self) -> bool {
        self.lasts(self.policy.client_confirm)
    }

    fn lasts(&self, length: Ms) -> bool {
        self.speaking && self.speech.is_some_and(|speech| speech.last_loud - speech.burst >= length)
    }

    /// A block of the microphone; says whether the user is heard.
    pub(crate) fn hear(&mut self, level: f32, now: Time) -> bool {
        if !level.is_finite() {
            return self.speaking;
        }
        self.measures = true;
        let loud = level > self.policy.threshold.max(self.floor * self.policy.floor_factor);
        // The floor falls fast and rises slowly, also under what is loud: a fan that starts is no speech for long.
        let rate = if loud { FLOOR_UNDER_SPEECH } else { FLOOR_RATE };
        self.floor += (level - self.floor) * rate;
        if loud {
            self.run += 1;
            self.loud(now);
        } else {
            self.run = 0;
            self.speaking &= self.speech.is_some_and(|speech| now - speech.last_loud < SHORT_PAUSE);
        }
        self.speaking
    }

    fn loud(&mut self, now: Time) {
        match &mut self.speech {
            Some(speech) if now - speech.last_loud < LONG_PAUSE => {
                if now - speech.last_loud >= SHORT_PAUSE {
                    speech.burst = now;
                    speech.spent = false;
                }
                speech.last_loud = now;
            }
            // One loud block is a click; its time is remembered in case that it is the beginning of more.
            _ => self.speech = Some(Speech { onset: now, burst: now, last_loud: now, spent: false }),
        }
        self.speaking |= self.run >= self.policy.duck_blocks;
    }

    /// Turns the answer down, unless this speech has done so in vain already; silences it when the speech lasts. No
    /// service's word is as fast as that.
    pub(crate) fn duck(&mut self, out: &mut Outbox) {
        if matches!(self.stage, Stage::Calm) && self.speech.is_none_or(|speech| !speech.spent) {
            self.stage = Stage::Ducked { since: out.now };
            out.arm(Timer::Restore, self.policy.confirm_within);
            self.ramp(self.policy.duck_gain, self.policy.duck_ramp, out);
        }
        if self.is_ducked() && self.lasts(self.policy.hush_after) {
            self.ramp(0.0, self.policy.duck_ramp, out);
        }
    }

    /// Nothing confirmed that the user speaks: the answer comes back.
    pub(crate) fn restore(&mut self, out: &mut Outbox) {
        if self.is_ducked() {
            self.stage = Stage::Calm;
            out.disarm(Timer::Restore);
            if let Some(speech) = &mut self.speech {
                speech.spent = true;
            }
            self.ramp(1.0, self.policy.restore_ramp, out);
        }
    }

    /// Silences the answer until the sound of another one. Says when it was turned down.
    pub(crate) fn cut(&mut self, response: Option<ResponseId>, out: &mut Outbox) -> Time {
        let since = match self.stage {
            Stage::Ducked { since } => since,
            Stage::Calm | Stage::Cut { .. } => out.now,
        };
        out.disarm(Timer::Restore);
        if response.is_some() || !self.is_cut() {
            self.stage = Stage::Cut { response };
        }
        self.ramp(0.0, self.policy.duck_ramp, out);
        since
    }

    /// An answer is heard: if it is another than the one that was cut, it is heard in full.
    pub(crate) fn answer_heard(&mut self, response: &ResponseId, out: &mut Outbox) {
        let other = matches!(&self.stage, Stage::Cut { response: cut } if cut.as_ref() != Some(response));
        if other {
            self.stage = Stage::Calm;
            self.ramp(1.0, self.policy.duck_ramp, out);
        }
    }

    /// The microphone is muted or gone.
    pub(crate) fn deafen(&mut self) {
        self.run = 0;
        self.speaking = false;
    }

    /// The call is gone.
    pub(crate) fn reset(&mut self, out: &mut Outbox) {
        self.stage = Stage::Calm;
        out.disarm(Timer::Restore);
        self.ramp(1.0, Ms(0), out);
    }

    #[expect(clippy::float_cmp, reason = "gains are only ever copied, never computed")]
    fn ramp(&mut self, gain: f32, over: Ms, out: &mut Outbox) {
        if self.gain != gain {
            self.gain = gain;
            out.perform(Effect::SetGain { gain, over });
        }
    }
}

/// How fast the floor follows quiet blocks: about 200 ms.
const FLOOR_RATE: f32 = 0.05;
/// How fast it rises under loud ones: about 5 s.
const FLOOR_UNDER_SPEECH: f32 = 0.002;
/// A pause inside a word or between words.
const SHORT_PAUSE: Ms = Ms(150);
/// A pause that ends what belongs together; shorter than the service's.
const LONG_PAUSE: Ms = Ms(450);
/// The service's news of speech is later than the speech by at most this.
const RECENT: Ms = Ms(1_200);

#[cfg(test)]
mod tests {
    use super::BargeIn;
    use crate::config::{BargeInPolicy, Config};
    use crate::effect::Effect;
    use crate::outbox::Outbox;
    use crate::time::{Ms, Time};
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn machine() -> (BargeIn, Outbox) {
        (BargeIn::new(BargeInPolicy::default()), Outbox::new(&Config::default(), 1))
    }

    fn hear(barge_in: &mut BargeIn, out: &mut Outbox, level: f32, blocks: u32) -> bool {
        let mut heard = false;
        for _ in 0..blocks {
            out.now = out.now + Ms(10);
            heard = barge_in.hear(level, out.now);
        }
        heard
    }

    #[test]
    fn a_click_is_not_speech_and_two_loud_blocks_are() {
        let (mut barge_in, mut out) = machine();
        hear(&mut barge_in, &mut out, 0.001, 50);
        assert!(!hear(&mut barge_in, &mut out, 0.2, 1));
        assert!(!hear(&mut barge_in, &mut out, 0.001, 5));
        assert!(hear(&mut barge_in, &mut out, 0.2, 2));
    }

    #[test]
    fn a_loud_room_needs_louder_speech() {
        let (mut barge_in, mut out) = machine();
        hear(&mut barge_in, &mut out, 0.009, 200);
        assert!(!hear(&mut barge_in, &mut out, 0.03, 10));
        assert!(hear(&mut barge_in, &mut out, 0.1, 10));
    }

    #[test]
    fn a_noise_that_stays_stops_being_speech() {
        let (mut barge_in, mut out) = machine();
        assert!(hear(&mut barge_in, &mut out, 0.05, 10));
        assert!(!hear(&mut barge_in, &mut out, 0.05, 1_000));
    }

    #[test]
    fn the_onset_spans_short_pauses() {
        let (mut barge_in, mut out) = machine();
        hear(&mut barge_in, &mut out, 0.2, 10);
        hear(&mut barge_in, &mut out, 0.001, 20);
        hear(&mut barge_in, &mut out, 0.2, 10);
        assert_eq!(barge_in.onset(out.now), Some(Time::ZERO + Ms(10)));
        hear(&mut barge_in, &mut out, 0.001, 30);
        assert_eq!(barge_in.last_loud(None), Some(Time::ZERO + Ms(400)));
        hear(&mut barge_in, &mut out, 0.001, 200);
        assert_eq!(barge_in.onset(out.now), None);
    }

    #[test]
    fn what_turned_down_in_vain_does_not_do_so_again() {
        let (mut barge_in, mut out) = machine();
        hear(&mut barge_in, &mut out, 0.2, 3);
        barge_in.duck(&mut out);
        barge_in.restore(&mut out);
        hear(&mut barge_in, &mut out, 0.2, 3);
        barge_in.duck(&mut out);
        let policy = BargeInPolicy::default();
        let gains = [(policy.duck_gain, policy.duck_ramp), (1.0, policy.restore_ramp)];
        assert_eq!(out.effects, gains.map(|(gain, over)| Effect::SetGain { gain, over }));
    }

    #[test]
    fn speech_that_lasts_silences_the_answer_before_anybody_confirms_it() {
        let (mut barge_in, mut out) = machine();
        for _ in 0..10 {
            if hear(&mut barge_in, &mut out, 0.2, 1) {
                barge_in.duck(&mut out);
            }
        }
        let policy = BargeInPolicy::default();
        let gains = [policy.duck_gain, 0.0].map(|gain| Effect::SetGain { gain, over: policy.duck_ramp });
        assert_eq!(out.effects, gains);
    }

    #[test]
    fn a_cut_lasts_until_another_answer_is_heard() {
        let (mut barge_in, mut out) = machine();
        barge_in.cut(Some("r1".into()), &mut out);
        barge_in.answer_heard(&"r1".into(), &mut out);
        assert!(barge_in.is_cut());
        barge_in.answer_heard(&"r2".into(), &mut out);
        assert!(!barge_in.is_cut());
        assert_eq!(out.effects.last(), Some(&Effect::SetGain { gain: 1.0, over: Ms(10) }));
    }
}
