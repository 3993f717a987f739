//! Performs the core's effects with real browser objects, and owns them.

use crate::dom::{Task, run_to_end};
use crate::rtc::{Call, CallEvent, IceServers, MeterWay, Microphone, Sound};
use crate::service::Service;
use crate::shell::policy::policy;
use crate::shell::{Inbox, News};
use conversation::{Attempt, Effect, Errand, ErrandId, Input, LinkInput, LookUpId, MicrophoneError, MicrophoneInput};
use protocol::EphemeralKey;
use protocol::context::ContextRequest;
use std::rc::Rc;

/// The live resources of one conversation.
///
/// Teardown is field order: requests stop, calls hang up, sound closes, and the microphone goes last, when nothing
/// reads it any more.
pub struct Performer {
    key_request: Option<(Attempt, Task)>,
    look_ups: Vec<(LookUpId, Task)>,
    errands: Vec<Task>,
    prepared: Option<Call>,
    call: Option<Call>,
    sound: Option<Sound>,
    microphone: Device,
    microphone_enabled: bool,
    service: Service,
    servers: IceServers,
    inbox: Inbox,
}

/// The microphone's place.
enum Device {
    Off,
    Asking(Attempt),
    Open(Microphone),
}

impl Performer {
    /// Owns nothing yet.
    pub fn new(service: Service, servers: IceServers, inbox: Inbox) -> Self {
        Self {
            key_request: None,
            look_ups: Vec::new(),
            errands: Vec::new(),
            prepared: None,
            call: None,
            sound: None,
            microphone: Device::Off,
            microphone_enabled: true,
            service,
            servers,
            inbox,
        }
    }

    /// Does one thing. Answers come through the inbox.
    pub fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::AcquireMicrophone(attempt) => self.acquire_microphone(attempt),
            Effect::ReleaseMicrophone => self.release_microphone(),
            Effect::EnableMicrophone(enabled) => self.enable_microphone(enabled),
            Effect::Trace(parent) => self.service.belong_to(parent),
            Effect::MintKey(attempt) => self.mint_key(attempt),
            Effect::OpenCall { attempt, key } => self.open_call(attempt, key),
            Effect::CloseCall(attempt) => self.close_call(attempt),
            Effect::HangUp(call) => self.service.hang_up(&call),
            Effect::Send(attempt, event) => {
                if let Some(call) = self.call.as_ref().filter(|call| call.attempt() == attempt) {
                    // A channel that does not take it is closed or closing, which it tells by itself.
                    drop(call.send(&event));
                }
            }
            Effect::SetGain { gain, over } => {
                if let Some(sound) = &self.sound {
                    sound.ramp(gain, over);
                }
            }
            Effect::ResumeAudio => {
                if let Some(sound) = &mut self.sound {
                    sound.resume();
                }
            }
            Effect::SignIn => self.service.sign_in(),
            Effect::ReportTurn(record) => self.service.report(&record),
            Effect::LookUp { id, request } => self.look_up(id, &request),
            Effect::CancelLookUp(id) => self.look_ups.retain(|(asked, _)| *asked != id),
            Effect::Run { id, errand } => self.run(id, errand),
        }
    }

    /// Takes the browser's answer about the microphone, and gives what the core must know of it. An answer that nobody
    /// waits for any more is dropped here, and with it the device.
    pub fn microphone_arrived(
        &mut self,
        attempt: Attempt,
        answer: Result<Microphone, MicrophoneError>,
    ) -> Option<Input> {
        if !matches!(self.microphone, Device::Asking(asked) if asked == attempt) {
            return None;
        }
        let news = match answer {
            Ok(microphone) => self.microphone_opened(attempt, microphone),
            Err(error) => {
                self.microphone = Device::Off;
                MicrophoneInput::Refused(error)
            }
        };
        Some(Input::Microphone(attempt, news))
    }

    /// Meters can be made.
    pub fn meters_ready(&mut self, way: MeterWay) {
        if let Some(sound) = &mut self.sound {
            sound.meter_by(way);
        }
    }

    /// Gives back whatever only a living link needs.
    pub fn rest(&mut self) {
        self.key_request = None;
        self.look_ups.clear();
        self.prepared = None;
        self.sound = None;
    }

    /// Whether audio is open, for the tests.
    pub fn sound(&self) -> Option<&Sound> {
        self.sound.as_ref()
    }

    fn acquire_microphone(&mut self, attempt: Attempt) {
        if let Device::Open(microphone) = &self.microphone
            && microphone.is_live()
        {
            let ready = MicrophoneInput::Ready { label: microphone.label() };
            return self.inbox.input(Input::Microphone(attempt, ready));
        }
        self.microphone = Device::Asking(attempt);
        let inbox = self.inbox.clone();
        // The user may answer the browser's question at any time, also long after we have gone.
        run_to_end(async move { inbox.push(News::Microphone(attempt, Microphone::open().await)) });
    }

    fn microphone_opened(&mut self, attempt: Attempt, mut microphone: Microphone) -> MicrophoneInput {
        let inbox = self.inbox.clone();
        microphone.on_ended(move || inbox.input(Input::Microphone(attempt, MicrophoneInput::Ended)));
        microphone.enable(self.microphone_enabled);
        if let Some(call) = &self.call {
            call.attach(Some(&microphone));
        }
        if let Some(sound) = &mut self.sound {
            sound.listen_to(&microphone);
        }
        let label = microphone.label();
        self.microphone = Device::Open(microphone);
        MicrophoneInput::Ready { label }
    }

    fn release_microphone(&mut self) {
        if let Some(sound) = &mut self.sound {
            sound.stop_listening();
        }
        if let Some(call) = &self.call {
            call.attach(None);
        }
        self.microphone = Device::Off;
    }

    fn enable_microphone(&mut self, enabled: bool) {
        self.microphone_enabled = enabled;
        if let Device::Open(microphone) = &self.microphone {
            microphone.enable(enabled);
        }
    }

    /// Asks for the key, and meanwhile makes the offer and opens the audio: the first of this is in a click.
    fn mint_key(&mut self, attempt: Attempt) {
        self.open_sound(attempt);
        self.prepared = self.prepare(attempt);
        let (service, inbox) = (self.service.clone(), self.inbox.clone());
        let task = Task::spawn(async move {
            let news = match service.mint_key().await {
                Ok(session) => {
                    if let Some(talk) = session.talk {
                        inbox.input(Input::Policy(Box::new(policy(talk))));
                    }
                    LinkInput::KeyMinted { key: session.value }
                }
                Err(failure) => LinkInput::KeyRefused(failure),
            };
            inbox.input(Input::Link(attempt, news));
        });
        self.key_request = Some((attempt, task));
    }

    fn look_up(&mut self, id: LookUpId, request: &ContextRequest) {
        let (service, inbox, asked) = (self.service.clone(), self.inbox.clone(), request.to_json());
        let task = Task::spawn(async move {
            let outcome = service.look_up(&asked, |event| inbox.input(Input::Context(id, event))).await;
            inbox.input(Input::ContextEnded(id, outcome.err()));
        });
        self.look_ups.retain(|(_, task)| !task.is_finished());
        self.look_ups.push((id, task));
    }

    fn run(&mut self, id: ErrandId, errand: Errand) {
        let (service, inbox) = (self.service.clone(), self.inbox.clone());
        let task = Task::spawn(async move { inbox.input(Input::Ran(id, service.run(&errand).await)) });
        self.errands.retain(|task| !task.is_finished());
        self.errands.push(task);
    }

    fn open_call(&mut self, attempt: Attempt, key: EphemeralKey) {
        self.call = None;
        self.open_sound(attempt);
        let prepared = self.prepared.take().filter(|call| call.attempt() == attempt);
        let Some(mut call) = prepared.or_else(|| self.prepare(attempt)) else { return };
        if let Device::Open(microphone) = &self.microphone {
            call.attach(Some(microphone));
        }
        if let Some(sound) = &mut self.sound
            && let Err(error) = sound.play(call.playback())
        {
            self.inbox.input(Input::Link(attempt, LinkInput::Browser(error.to_string())));
        }
        call.dial(key);
        self.call = Some(call);
    }

    fn close_call(&mut self, attempt: Attempt) {
        self.key_request.take_if(|(asked, _)| *asked == attempt);
        self.prepared.take_if(|call| call.attempt() == attempt);
        if self.call.take_if(|call| call.attempt() == attempt).is_some()
            && let Some(sound) = &mut self.sound
        {
            sound.stop_playing();
        }
    }

    fn prepare(&self, attempt: Attempt) -> Option<Call> {
        let inbox = self.inbox.clone();
        let tell = move |event| {
            inbox.input(match event {
                CallEvent::Link(news) => Input::Link(attempt, news),
                CallEvent::Received(text) => Input::Received(attempt, text),
            });
        };
        match Call::prepare(attempt, &self.servers, self.service.clone(), tell) {
            Ok(call) => Some(call),
            Err(error) => {
                self.inbox.input(Input::Link(attempt, LinkInput::Browser(error.to_string())));
                None
            }
        }
    }

    fn open_sound(&mut self, attempt: Attempt) {
        if self.sound.is_some() {
            return;
        }
        let inbox = self.inbox.clone();
        match Sound::open(Rc::new(move |event| inbox.push(News::Sound(event)))) {
            Ok(mut sound) => {
                if let Device::Open(microphone) = &self.microphone {
                    sound.listen_to(microphone);
                }
                self.sound = Some(sound);
            }
            Err(error) => self.inbox.input(Input::Link(attempt, LinkInput::Browser(error.to_string()))),
        }
    }
}
