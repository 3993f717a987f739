//! The microphone, released when it is dropped.

use crate::dom::{JsError, Listener};
use conversation::MicrophoneError;
use js_sys::{Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Event, MediaDevices, MediaStream, MediaStreamConstraints, MediaStreamTrack, MediaStreamTrackState};

/// An open microphone.
///
/// Teardown is field order: the listener first, so that stopping is not told as an end, then the tracks.
#[must_use = "dropping a microphone releases the device"]
#[derive(Debug)]
pub struct Microphone {
    ended: Option<Listener>,
    tracks: StoppedOnDrop,
}

#[derive(Debug)]
struct StoppedOnDrop(MediaStream);

impl StoppedOnDrop {
    fn all(&self) -> impl Iterator<Item = MediaStreamTrack> {
        self.0.get_tracks().iter().map(JsCast::unchecked_into).collect::<Vec<_>>().into_iter()
    }
}

impl Drop for StoppedOnDrop {
    fn drop(&mut self) {
        self.all().for_each(|track| track.stop());
    }
}

impl Microphone {
    /// Asks the browser, and thereby perhaps the user.
    ///
    /// # Errors
    /// Why there is no microphone.
    pub async fn open() -> Result<Self, MicrophoneError> {
        let devices = devices()?;
        let constraints = MediaStreamConstraints::new();
        constraints.set_audio(&wanted());
        let promise = devices.get_user_media_with_constraints(&constraints).map_err(refusal)?;
        // Wrapped as soon as it is there: if nobody wants it any more, dropping it releases the device.
        let stream = JsFuture::from(promise).await.map_err(refusal)?;
        Ok(Self::from_stream(stream.unchecked_into()))
    }

    /// Takes over a stream; its tracks will be stopped.
    pub fn from_stream(stream: MediaStream) -> Self {
        Self { ended: None, tracks: StoppedOnDrop(stream) }
    }

    /// Tells when the device was unplugged or taken away.
    pub fn on_ended(&mut self, tell: impl Fn() + 'static) {
        self.ended = self.track().map(|track| Listener::new(&track, "ended", move |_: Event| tell()));
    }

    /// The audio track.
    pub fn track(&self) -> Option<MediaStreamTrack> {
        self.tracks.all().next()
    }

    /// The stream, for metering.
    pub fn stream(&self) -> &MediaStream {
        &self.tracks.0
    }

    /// The device's name, where the browser tells it.
    pub fn label(&self) -> Option<String> {
        self.track().map(|track| track.label()).filter(|label| !label.is_empty())
    }

    /// Opens or closes the microphone without giving it back: closed, it sends silence.
    pub fn enable(&self, enabled: bool) {
        self.tracks.all().for_each(|track| track.set_enabled(enabled));
    }

    /// Whether the device still delivers.
    pub fn is_live(&self) -> bool {
        self.track().is_some_and(|track| track.ready_state() == MediaStreamTrackState::Live)
    }
}

fn devices() -> Result<MediaDevices, MicrophoneError> {
    let window = web_sys::window().ok_or(MicrophoneError::Unsupported)?;
    if !window.is_secure_context() {
        return Err(MicrophoneError::Insecure);
    }
    // The property is absent in old browsers, which the binding's return type does not say.
    let devices = window.navigator().media_devices().map_err(refusal)?;
    if JsValue::from(devices.clone()).is_undefined() { Err(MicrophoneError::Unsupported) } else { Ok(devices) }
}

fn wanted() -> JsValue {
    let audio = Object::new();
    for feature in ["echoCancellation", "noiseSuppression", "autoGainControl"] {
        // Setting a property of a fresh object does not fail.
        drop(Reflect::set(&audio, &feature.into(), &JsValue::TRUE));
    }
    audio.into()
}

/// What a rejection of `getUserMedia` means, by the names of the specification and of older browsers.
fn refusal(error: JsValue) -> MicrophoneError {
    let error = JsError::from(error);
    match error.name.as_str() {
        "NotAllowedError" | "SecurityError" | "PermissionDeniedError" => MicrophoneError::Denied,
        "NotFoundError" | "DevicesNotFoundError" | "OverconstrainedError" => MicrophoneError::Missing,
        "NotReadableError" | "TrackStartError" | "AbortError" => MicrophoneError::InUse,
        _ => MicrophoneError::Other(error.to_string()),
    }
}
