//! All turns: at most one being spoken, one being answered, and one that was cut and waits for its last news.
//!
//! Every turn that became part of the conversation is reported once.

use crate::effect::Effect;
use crate::outbox::Outbox;
use crate::time::Time;
use crate::timer::Timer;
use crate::turn::{Kind, Stamp, Turn};
use crate::view::TurnSummary;
use protocol::{ItemId, ResponseId, Usage};

/// The machine.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    count: u32,
    /// What the user is saying.
    speech: Option<Turn>,
    /// What is being answered.
    current: Option<Turn>,
    /// What was cut and waits for its last news.
    closing: Option<Turn>,
    last: Option<TurnSummary>,
    /// Turns that have ended since the last look.
    over: Vec<Over>,
}

/// A turn that has ended.
#[derive(Debug)]
pub(crate) struct Over {
    pub(crate) number: u32,
    pub(crate) item: Option<ItemId>,
    /// Whether anything of its answer was heard.
    pub(crate) heard: bool,
}

impl Turns {
    /// The number of the newest turn, from 1; 0 before the first.
    pub(crate) fn number(&self) -> u32 {
        self.count
    }

    /// The number of the turn that is being said, or will be.
    pub(crate) fn next_number(&self) -> u32 {
        self.count.saturating_add(1)
    }

    /// The number of the newest turn or the one being said, if this item is it.
    pub(crate) fn number_of(&self, item: &ItemId) -> Option<u32> {
        let is_it = |turn: &Option<Turn>| turn.as_ref().is_some_and(|turn| turn.item.as_ref() == Some(item));
        if is_it(&self.speech) { Some(self.next_number()) } else { is_it(&self.current).then_some(self.count) }
    }

    /// Whether no turn is under way.
    pub(crate) fn is_quiet(&self) -> bool {
        self.speech.is_none() && self.current.is_none()
    }

    /// A turn that has ended since the last look.
    pub(crate) fn take_over(&mut self) -> Option<Over> {
        self.over.pop()
    }

    pub(crate) fn last(&self) -> Option<TurnSummary> {
        self.last
    }

    /// The turn being answered.
    pub(crate) fn current(&self) -> Option<&Turn> {
        self.current.as_ref()
    }

    /// When the answer of this response was first heard, or said to be played.
    pub(crate) fn heard_since(&self, response: &ResponseId) -> Option<Time> {
        let turn = [&self.current, &self.closing].into_iter().flatten();
        let turn = turn.into_iter().find(|turn| turn.response.as_ref() == Some(response))?;
        turn.at(Stamp::FirstAudible).or(turn.at(Stamp::AudioStarted))
    }

    /// The user's item that a response answers.
    pub(crate) fn item_of(&mut self, response: &ResponseId) -> Option<ItemId> {
        self.of(response)?.item.clone()
    }

    pub(crate) fn speech_began(&mut self, item: ItemId, onset: Option<Time>, now: Time) {
        let mut turn = Turn { item: Some(item), ..Turn::default() };
        if let Some(onset) = onset {
            turn.stamp(Stamp::Onset, onset);
        }
        turn.stamp(Stamp::SpeechStarted, now);
        self.speech = Some(turn);
    }

    /// When the speech under way began, as heard here.
    pub(crate) fn speech_onset(&self) -> Option<Time> {
        self.speech.as_ref()?.at(Stamp::Onset)
    }

    pub(crate) fn speech_ended(&mut self, last_audible: Option<Time>, now: Time) {
        if let Some(turn) = &mut self.speech {
            if let Some(at) = last_audible {
                turn.stamp(Stamp::LastAudible, at);
            }
            turn.stamp(Stamp::SpeechStopped, now);
        }
    }

    pub(crate) fn drop_speech(&mut self) {
        self.speech = None;
    }

    /// What was said becomes the turn to be answered.
    pub(crate) fn commit_speech(&mut self, item: ItemId, out: &mut Outbox) {
        let mut turn = self.speech.take().unwrap_or_default();
        turn.item = Some(item);
        turn.stamp(Stamp::Committed, out.now);
        self.open(turn, out);
    }

    /// Something typed is the turn to be answered.
    pub(crate) fn commit_typed(&mut self, item: ItemId, out: &mut Outbox) {
        let mut turn = Turn { kind: Kind::Typed, item: Some(item), ..Turn::default() };
        turn.stamp(Stamp::Committed, out.now);
        self.open(turn, out);
    }

    /// The last answer is asked for again.
    pub(crate) fn ask_again(&mut self, out: &mut Outbox) {
        let mut turn = Turn { kind: Kind::Typed, ..Turn::default() };
        turn.stamp(Stamp::Committed, out.now);
        self.open(turn, out);
    }

    /// The assistant tells news that nobody asked for just now.
    pub(crate) fn announce(&mut self, out: &mut Outbox) {
        self.open(Turn { kind: Kind::Told, ..Turn::default() }, out);
    }

    /// Whether the present turn tells news.
    pub(crate) fn announces(&self) -> bool {
        self.current.as_ref().is_some_and(|turn| turn.kind == Kind::Told)
    }

    fn open(&mut self, mut turn: Turn, out: &mut Outbox) {
        self.count += 1;
        turn.number = self.count;
        let before = self.current.replace(turn);
        self.report(before, out);
    }

    /// Stamps the turn being answered.
    pub(crate) fn stamp(&mut self, stamp: Stamp, now: Time) {
        if let Some(turn) = &mut self.current {
            turn.stamp(stamp, now);
        }
    }

    /// The words of an utterance are known.
    pub(crate) fn words_known(&mut self, item: &ItemId, now: Time) {
        let turns = [&mut self.speech, &mut self.current, &mut self.closing].into_iter().flatten();
        turns.into_iter().filter(|turn| turn.item.as_ref() == Some(item)).for_each(|turn| {
            turn.stamp(Stamp::Transcript, now);
        });
    }

    pub(crate) fn response_began(&mut self, response: &ResponseId, now: Time) {
        if let Some(turn) = &mut self.current
            && turn.response.is_none()
        {
            turn.response = Some(response.clone());
            turn.stamp(Stamp::ResponseCreated, now);
        }
    }

    fn of(&mut self, response: &ResponseId) -> Option<&mut Turn> {
        let turns = [&mut self.current, &mut self.closing].into_iter().flatten();
        turns.into_iter().find(|turn| turn.response.as_ref() == Some(response))
    }

    /// The answer is spoken, not only written.
    pub(crate) fn answer_is_spoken(&mut self, response: &ResponseId) {
        if let Some(turn) = self.of(response) {
            turn.spoken_answer = true;
        }
    }

    pub(crate) fn audio_began(&mut self, response: &ResponseId, now: Time) {
        if let Some(turn) = self.of(response) {
            turn.spoken_answer = true;
            turn.stamp(Stamp::AudioStarted, now);
        }
    }

    /// The answer of the turn is heard, since `at`. `told` is whether this service tells when it plays: then sound
    /// before its word is a remainder of something else. Says which response it is, the first time.
    pub(crate) fn audible(&mut self, at: Time, told: bool) -> Option<&ResponseId> {
        let turn = self.current.as_mut()?;
        let began = turn.at(Stamp::ResponseCreated)?;
        if turn.at(Stamp::FirstAudible).is_some() || (told && turn.at(Stamp::AudioStarted).is_none()) {
            return None;
        }
        turn.spoken_answer = true;
        turn.stamp(Stamp::FirstAudible, at.max(began));
        self.last = Some(turn.summary());
        turn.response.as_ref()
    }

    pub(crate) fn audio_ended(&mut self, response: &ResponseId, out: &mut Outbox) {
        let now = out.now;
        if let Some(turn) = self.of(response) {
            turn.stamp(Stamp::AudioStopped, now);
        }
        self.settle(out);
    }

    /// The track fell silent, with a service that does not tell when it plays.
    pub(crate) fn fell_silent(&mut self, out: &mut Outbox) {
        let now = out.now;
        for turn in [&mut self.current, &mut self.closing].into_iter().flatten() {
            if turn.at(Stamp::ResponseDone).is_some() {
                turn.stamp(Stamp::AudioStopped, now);
            }
        }
        self.settle(out);
    }

    /// The response ended. `more` is whether another one goes on with this turn's answer.
    pub(crate) fn response_ended(&mut self, response: &ResponseId, more: bool, usage: Option<Usage>, out: &mut Outbox) {
        let now = out.now;
        let Some(turn) = self.of(response) else { return };
        turn.usage = usage.or(turn.usage.take());
        if more {
            turn.response = None;
            return;
        }
        turn.stamp(Stamp::ResponseDone, now);
        out.arm(Timer::Drain, DRAIN);
        self.settle(out);
    }

    /// The answer by this response failed.
    pub(crate) fn failed(&mut self, response: &ResponseId) {
        if let Some(turn) = self.of(response) {
            turn.failed = true;
        }
    }

    /// The answer of the present turn never began.
    pub(crate) fn never_answered(&mut self, out: &mut Outbox) {
        if let Some(mut turn) = self.current.take_if(|turn| turn.response.is_none()) {
            turn.failed = true;
            self.report(Some(turn), out);
        }
    }

    /// Whether the present turn waits for a response to begin.
    pub(crate) fn is_waiting(&self) -> bool {
        self.current.as_ref().is_some_and(|turn| turn.response.is_none())
    }

    /// The answer was cut. `turned_down` is when it was, `onset` when the user began to speak.
    pub(crate) fn interrupted(&mut self, turned_down: Time, onset: Option<Time>, out: &mut Outbox) {
        let Some(mut turn) = self.current.take() else { return };
        turn.stamp(Stamp::Interrupted, out.now);
        turn.duck = onset.map(|onset| turned_down - onset);
        let before = if turn.response.is_some() && !turn.is_complete() {
            out.arm(Timer::Drain, DRAIN);
            self.closing.replace(turn)
        } else {
            Some(turn)
        };
        self.report(before, out);
    }

    /// The turn waited long enough for its last news.
    pub(crate) fn ring_drain(&mut self, speaking: bool, out: &mut Outbox) {
        let closing = self.closing.take();
        self.report(closing, out);
        if self.current.as_ref().is_some_and(|turn| turn.at(Stamp::ResponseDone).is_some()) {
            if speaking {
                out.arm(Timer::Drain, DRAIN);
            } else {
                let turn = self.current.take();
                self.report(turn, out);
            }
        }
    }

    /// The call is gone. Says whether the present turn is still to be answered, by the next call; then it is kept.
    pub(crate) fn call_gone(&mut self, out: &mut Outbox) -> bool {
        self.speech = None;
        out.disarm(Timer::Drain);
        let closing = self.closing.take();
        self.report(closing, out);
        let owed = self.current.as_ref().is_some_and(|turn| {
            turn.kind != Kind::Told
                && turn
                    .at(Stamp::FirstAudible)
                    .or(turn.at(Stamp::AudioStarted))
                    .or(turn.at(Stamp::ResponseDone))
                    .is_none()
        });
        if owed && let Some(turn) = &mut self.current {
            turn.response = None;
            turn.stamps[Stamp::GateOpened as usize] = None;
            turn.stamps[Stamp::Gate as usize] = None;
            turn.stamps[Stamp::ResponseCreated as usize] = None;
        } else {
            self.abandon(out);
        }
        owed
    }

    /// The present turn ends here: unanswered, or failed if its answer had begun.
    pub(crate) fn abandon(&mut self, out: &mut Outbox) {
        if let Some(mut turn) = self.current.take() {
            turn.failed |= turn.response.is_some() && !turn.is_complete();
            self.report(Some(turn), out);
        }
    }

    fn settle(&mut self, out: &mut Outbox) {
        for slot in [&mut self.closing, &mut self.current] {
            if slot.as_ref().is_some_and(Turn::is_complete) {
                let turn = slot.take();
                report(turn, &mut self.last, &mut self.over, out);
            }
        }
        if self.closing.is_none() && self.current.as_ref().is_none_or(|turn| turn.at(Stamp::ResponseDone).is_none()) {
            out.disarm(Timer::Drain);
        }
    }

    fn report(&mut self, turn: Option<Turn>, out: &mut Outbox) {
        report(turn, &mut self.last, &mut self.over, out);
    }
}

fn report(turn: Option<Turn>, last: &mut Option<TurnSummary>, over: &mut Vec<Over>, out: &mut Outbox) {
    let Some(turn) = turn else { return };
    let heard = matches!(turn.outcome(), "answered" | "interrupted");
    if heard {
        *last = Some(turn.summary());
    }
    over.push(Over { number: turn.number, item: turn.item.clone(), heard });
    let record = turn.record();
    out.note("turn", &record.outcome);
    out.perform(Effect::ReportTurn(record));
}

/// The longest a turn waits for its last news.
const DRAIN: crate::time::Ms = crate::time::Ms(3_000);

#[cfg(test)]
mod tests {
    use super::Turns;
    use crate::config::Config;
    use crate::effect::Effect;
    use crate::outbox::Outbox;
    use crate::time::{Ms, Time};
    use crate::turn::Stamp;
    use protocol::api::TurnRecord;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn at(millis: u64) -> Time {
        Time::ZERO + Ms(millis)
    }

    fn turns() -> (Turns, Outbox) {
        (Turns::default(), Outbox::new(&Config::default(), 1))
    }

    fn records(out: &mut Outbox) -> Vec<TurnRecord> {
        let effects = std::mem::take(&mut out.effects).into_iter();
        effects
            .filter_map(|effect| match effect {
                Effect::ReportTurn(record) => Some(record),
                _ => None,
            })
            .collect()
    }

    fn answering(turns: &mut Turns, out: &mut Outbox) {
        turns.speech_began("u1".into(), Some(at(100)), at(250));
        turns.speech_ended(Some(at(900)), at(1_400));
        out.now = at(1_410);
        turns.commit_speech("u1".into(), out);
        turns.stamp(Stamp::Gate, at(1_410));
        turns.response_began(&"r1".into(), at(1_450));
        turns.audio_began(&"r1".into(), at(1_500));
        assert_eq!(turns.audible(at(1_520), true), Some(&"r1".into()));
        assert_eq!(turns.audible(at(1_530), true), None);
    }

    #[test]
    fn a_turn_is_reported_when_its_sound_has_ended() {
        let (mut turns, mut out) = turns();
        answering(&mut turns, &mut out);
        turns.words_known(&"u1".into(), at(1_600));
        turns.response_ended(&"r1".into(), false, None, &mut out);
        assert!(records(&mut out).is_empty());
        turns.audio_ended(&"r1".into(), &mut out);
        let records = records(&mut out);
        assert_eq!((records.len(), records[0].outcome.as_str(), records[0].turn), (1, "answered", 1));
        assert_eq!(records[0].stamps.len(), 12, "all but `interrupted`: {:?}", records[0].stamps);
        let last = turns.last().unwrap_or_default();
        assert_eq!((last.gap_ms, last.response_ms, last.duck_ms), (Some(620.0), Some(70.0), None));
    }

    #[test]
    fn a_written_answer_ends_with_its_response() {
        let (mut turns, mut out) = turns();
        turns.commit_typed("t1".into(), &mut out);
        turns.response_began(&"r1".into(), at(20));
        turns.response_ended(&"r1".into(), false, None, &mut out);
        let records = records(&mut out);
        assert_eq!((records[0].kind.as_str(), records[0].outcome.as_str()), ("typed", "answered"));
    }

    #[test]
    fn a_cut_turn_waits_for_its_last_news_beside_the_next_one() {
        let (mut turns, mut out) = turns();
        answering(&mut turns, &mut out);
        turns.speech_began("u2".into(), Some(at(2_000)), at(2_200));
        turns.interrupted(at(2_030), Some(at(2_000)), &mut out);
        turns.commit_speech("u2".into(), &mut out);
        turns.response_ended(&"r1".into(), false, None, &mut out);
        assert!(records(&mut out).is_empty());
        turns.audio_ended(&"r1".into(), &mut out);
        assert_eq!(records(&mut out)[0].outcome, "interrupted");
        assert_eq!(turns.last().and_then(|last| last.duck_ms), Some(30.0));
        assert_eq!(turns.current().and_then(|turn| turn.item.as_ref()), Some(&"u2".into()));
    }

    #[test]
    fn a_turn_that_was_not_heard_is_kept_for_the_next_call() {
        let (mut turns, mut out) = turns();
        turns.commit_typed("t1".into(), &mut out);
        turns.response_began(&"r1".into(), at(20));
        assert!(turns.call_gone(&mut out));
        assert!(records(&mut out).is_empty());
        turns.response_began(&"r2".into(), at(900));
        turns.response_ended(&"r2".into(), false, None, &mut out);
        assert_eq!(records(&mut out)[0].stamps.get("response_created"), Some(&900.0));
    }

    #[test]
    fn a_turn_that_was_heard_in_part_ends_with_the_call() {
        let (mut turns, mut out) = turns();
        answering(&mut turns, &mut out);
        assert!(!turns.call_gone(&mut out));
        assert_eq!(records(&mut out)[0].outcome, "failed");
    }
}
