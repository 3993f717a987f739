//! The audio context with everything in it: two meters and the playback.

use crate::dom::{JsError, Listener, Task, Timer, ignore};
use crate::rtc::playback::Connected;
use crate::rtc::{Block, Meter, MeterWay, Microphone, Playback};
use conversation::Ms;
use std::rc::Rc;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AudioContext, AudioContextLatencyCategory, AudioContextOptions, AudioContextState, AudioNode, Event,
    MediaStreamAudioSourceNode, MediaStreamTrack,
};

/// Where the worklet lies, beside the page.
const WORKLET: &str = "level-meter.js";

/// A context that is still suspended after this long is blocked until the user clicks.
const BLOCKED_AFTER: Ms = Ms(400);

/// News of the sound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SoundEvent {
    /// The microphone was measured.
    Microphone(Block),
    /// The playback was measured: as received, and as heard after the gain.
    Playback(Block),
    /// Audio is blocked until a click (`true`), or plays (`false`).
    Blocked(bool),
    /// Meters can be made from now on, in this way; to be given to [`Sound::meter_by`].
    MetersReady(MeterWay),
}

/// Hands news on. It is called from browser callbacks and must do nothing else.
pub type Tell = Rc<dyn Fn(SoundEvent)>;

/// Everything that is heard or measured.
///
/// Teardown is field order: what calls back goes first, then the meters, then what they measure, then the context.
#[must_use = "dropping the sound closes the audio context"]
pub struct Sound {
    _state: Listener,
    _loading: Task,
    blocked: Option<Timer>,
    microphone_meter: Option<Meter>,
    playback_meter: Option<Meter>,
    microphone: Option<Connected<MediaStreamAudioSourceNode>>,
    playback: Option<Playback>,
    way: Option<MeterWay>,
    tell: Tell,
    context: ClosedOnDrop,
}

struct ClosedOnDrop(AudioContext);

impl Drop for ClosedOnDrop {
    fn drop(&mut self) {
        if let Ok(closed) = self.0.close() {
            ignore(closed);
        }
    }
}

impl Sound {
    /// Opens the audio context. In the call stack of a click it may play at once.
    ///
    /// # Errors
    /// The browser has no Web Audio.
    pub fn open(tell: Tell) -> Result<Self, JsError> {
        let options = AudioContextOptions::new();
        options.set_latency_hint_audio_context_latency_category(AudioContextLatencyCategory::Interactive);
        let context = ClosedOnDrop(AudioContext::new_with_context_options(&options)?);
        let mut sound = Self {
            _state: tell_when_running(&context.0, tell.clone()),
            _loading: load_worklet(&context.0, tell.clone()),
            blocked: None,
            microphone_meter: None,
            playback_meter: None,
            microphone: None,
            playback: None,
            way: None,
            tell,
            context,
        };
        sound.resume();
        Ok(sound)
    }

    /// Starts what the browser may have held back; worth calling whenever the user has clicked.
    pub fn resume(&mut self) {
        if let Ok(resumed) = self.context.0.resume() {
            ignore(resumed);
        }
        if let Some(playback) = &self.playback {
            playback.start();
        }
        let (context, tell) = (self.context.0.clone(), self.tell.clone());
        self.blocked = Some(Timer::after(BLOCKED_AFTER, move || {
            // A state that this binding does not know, such as Safari's "interrupted", is not running either.
            if context.state() != AudioContextState::Running {
                tell(SoundEvent::Blocked(true));
            }
        }));
    }

    /// Makes meters in this way, now and from now on.
    pub fn meter_by(&mut self, way: MeterWay) {
        self.way = Some(way);
        self.attach_meters();
    }

    /// Measures this microphone from now on.
    pub fn listen_to(&mut self, microphone: &Microphone) {
        self.stop_listening();
        self.microphone = self.context.0.create_media_stream_source(microphone.stream()).ok().map(Connected);
        self.attach_meters();
    }

    /// Measures no microphone any more.
    pub fn stop_listening(&mut self) {
        self.microphone_meter = None;
        self.microphone = None;
    }

    /// Plays this track from now on, at full volume.
    ///
    /// # Errors
    /// The browser's own.
    pub fn play(&mut self, track: &MediaStreamTrack) -> Result<(), JsError> {
        self.stop_playing();
        self.playback = Some(Playback::new(&self.context.0, track)?);
        self.attach_meters();
        Ok(())
    }

    /// Plays nothing any more.
    pub fn stop_playing(&mut self) {
        self.playback_meter = None;
        self.playback = None;
    }

    /// Ramps what is heard; does nothing where nothing plays.
    pub fn ramp(&self, gain: f32, over: Ms) {
        if let Some(playback) = &self.playback {
            // A browser that refuses to ramp leaves the volume as it is; the cut by the far end still follows.
            drop(playback.ramp(gain, over));
        }
    }

    /// The audio context, to look at.
    pub fn context(&self) -> &AudioContext {
        &self.context.0
    }

    fn attach_meters(&mut self) {
        let Some(way) = self.way else { return };
        if let (None, Some(source)) = (&self.microphone_meter, &self.microphone) {
            let tell = self.tell.clone();
            let inputs: [&AudioNode; 1] = [source.0.as_ref()];
            let tell = Box::new(move |block| tell(SoundEvent::Microphone(block)));
            self.microphone_meter = Meter::new(way, &self.context.0, &inputs, tell).ok();
        }
        if let (None, Some(playback)) = (&self.playback_meter, &self.playback) {
            let tell = self.tell.clone();
            let inputs = playback.taps();
            let tell = Box::new(move |block| tell(SoundEvent::Playback(block)));
            self.playback_meter = Meter::new(way, &self.context.0, &inputs, tell).ok();
        }
    }
}

fn tell_when_running(context: &AudioContext, tell: Tell) -> Listener {
    let asked = context.clone();
    Listener::new(context, "statechange", move |_: Event| {
        if asked.state() == AudioContextState::Running {
            tell(SoundEvent::Blocked(false));
        }
    })
}

/// Loads the worklet, then says how meters can be made. Without worklets that is said by the task as well, so that it
/// never comes before the sound is there to hear it.
fn load_worklet(context: &AudioContext, tell: Tell) -> Task {
    let promise = context.audio_worklet().ok().and_then(|worklet| {
        // Absent outside secure contexts, which the binding's return type does not say.
        let present = !JsValue::from(worklet.clone()).is_undefined();
        present.then(|| worklet.add_module(WORKLET).ok()).flatten()
    });
    Task::spawn(async move {
        let loaded = match promise {
            Some(promise) => JsFuture::from(promise).await.is_ok(),
            None => false,
        };
        tell(SoundEvent::MetersReady(if loaded { MeterWay::Worklet } else { MeterWay::Analyser }));
    })
}
