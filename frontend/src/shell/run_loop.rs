//! One turn of the loop: a checklist without decisions.

use crate::dom::{Timer, now};
use crate::rtc::SoundEvent;
use crate::shell::probe::Probe;
use crate::shell::{Inbox, Levels, News, Performer};
use conversation::{Conversation, Effect, Input, Intent, Link, LinkInput, Time, View};
use leptos::prelude::*;

/// The core and what it is wired to.
///
/// Teardown is field order: the timer first, then the resources.
pub(super) struct RunLoop {
    timer: Option<(Time, Timer)>,
    performer: Performer,
    core: Conversation,
    inbox: Inbox,
    levels: Levels,
    probe: Probe,
    view: RwSignal<View>,
}

impl RunLoop {
    pub(super) fn new(
        core: Conversation,
        performer: Performer,
        inbox: Inbox,
        levels: Levels,
        view: RwSignal<View>,
    ) -> Self {
        Self { timer: None, performer, core, inbox, levels, probe: Probe::default(), view }
    }

    /// Drains the inbox, wakes the core if its time has come, arms the timer, publishes the view.
    pub(super) fn run(&mut self) {
        while let Some((at, news)) = self.inbox.take() {
            if let Some(input) = self.read(at, news) {
                self.core.handle_input(at, input);
                self.perform(at);
            }
        }
        let at = now();
        if self.core.poll_timeout().is_some_and(|(when, _)| when <= at) {
            self.core.handle_timeout(at);
            self.perform(at);
        }
        self.arm(at);
        self.publish();
    }

    /// What the core must know of the news. What is measured is also shown and marked.
    fn read(&mut self, at: Time, news: News) -> Option<Input> {
        match news {
            News::Input(input) => {
                self.watch(at, &input);
                Some(input)
            }
            News::Microphone(attempt, answer) => self.performer.microphone_arrived(attempt, answer),
            News::Sound(SoundEvent::Microphone(block)) => {
                self.levels.set_microphone(block.level);
                self.probe.microphone(at, block);
                Some(Input::MicrophoneLevel(block.level))
            }
            News::Sound(SoundEvent::Playback(block)) => {
                self.levels.set_playback(block.second);
                self.probe.playback(at, block);
                Some(Input::PlaybackLevel(block.level))
            }
            News::Sound(SoundEvent::Blocked(blocked)) => Some(Input::AudioBlocked(blocked)),
            News::Sound(SoundEvent::MetersReady(way)) => {
                self.performer.meters_ready(way);
                None
            }
        }
    }

    fn watch(&mut self, at: Time, input: &Input) {
        match input {
            Input::Intent(Intent::Connect) => self.probe.clicked(at),
            Input::Link(_, LinkInput::ChannelOpened) => self.probe.channel_opened(at),
            _ => {}
        }
    }

    fn perform(&mut self, at: Time) {
        while let Some(effect) = self.core.poll_effect() {
            if let Effect::SetGain { gain, .. } = effect {
                self.probe.gain(at, gain);
            }
            self.performer.perform(effect);
        }
    }

    fn arm(&mut self, at: Time) {
        let wanted = self.core.poll_timeout().map(|(when, _)| when);
        if wanted == self.timer.as_ref().map(|(when, _)| *when).filter(|when| *when > at) {
            return;
        }
        let inbox = self.inbox.clone();
        self.timer = wanted.map(|when| (when, Timer::at(when, at, move || inbox.wake())));
    }

    fn publish(&mut self) {
        let view = self.core.view();
        if matches!(view.link, Link::Off | Link::Failed) {
            self.performer.rest();
            self.levels.silence();
        }
        // The page may be gone already; then there is nobody to tell.
        if self.view.try_with_untracked(|shown| *shown != view) == Some(true) {
            drop(self.view.try_set(view));
        }
    }
}
