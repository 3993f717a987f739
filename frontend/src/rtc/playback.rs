//! The far end's voice: from the received track through a gain node to the loudspeaker.
//!
//! The gain node is what makes turning down take milliseconds; stopping the far end would take hundreds.

use crate::dom::{JsError, ignore};
use conversation::Ms;
use js_sys::Array;
use web_sys::{
    AudioContext, AudioNode, GainNode, HtmlAudioElement, MediaStream, MediaStreamAudioSourceNode, MediaStreamTrack,
};

/// A received track that can be heard.
///
/// Teardown is field order: the nodes are disconnected before the element lets go of the stream.
#[must_use = "dropping the playback silences it"]
#[derive(Debug)]
pub struct Playback {
    gain: Connected<GainNode>,
    source: Connected<MediaStreamAudioSourceNode>,
    element: Element,
    context: AudioContext,
}

/// An audio node that leaves the graph when it is dropped.
#[derive(Debug)]
pub(super) struct Connected<N: AsRef<AudioNode>>(pub(super) N);

impl<N: AsRef<AudioNode>> Drop for Connected<N> {
    fn drop(&mut self) {
        drop(self.0.as_ref().disconnect());
    }
}

/// Chromium does not pull a remote track for an audio graph alone: a muted element keeps it flowing.
#[derive(Debug)]
struct Element(HtmlAudioElement);

impl Drop for Element {
    fn drop(&mut self) {
        drop(self.0.pause());
        self.0.set_src_object(None);
    }
}

impl Playback {
    /// Plays `track` in `context` from now on.
    ///
    /// # Errors
    /// The browser's own.
    pub fn new(context: &AudioContext, track: &MediaStreamTrack) -> Result<Self, JsError> {
        let stream = MediaStream::new_with_tracks(&Array::of1(track))?;
        let element = Element(HtmlAudioElement::new()?);
        element.0.set_muted(true);
        element.0.set_src_object(Some(&stream));
        let source = Connected(context.create_media_stream_source(&stream)?);
        let gain = Connected(context.create_gain()?);
        source.0.connect_with_audio_node(&gain.0)?;
        gain.0.connect_with_audio_node(&context.destination())?;
        let playback = Self { gain, source, element, context: context.clone() };
        playback.start();
        Ok(playback)
    }

    /// Starts the element; to be called again when the user has clicked, where it was blocked.
    pub fn start(&self) {
        if let Ok(started) = self.element.0.play() {
            ignore(started);
        }
    }

    /// Ramps the gain from where it is to `gain`.
    ///
    /// # Errors
    /// The browser's own.
    pub fn ramp(&self, gain: f32, over: Ms) -> Result<(), JsError> {
        let now = self.context.current_time();
        let parameter = self.gain.0.gain();
        let from = parameter.value();
        parameter.cancel_scheduled_values(now)?;
        parameter.set_value_at_time(from, now)?;
        parameter.linear_ramp_to_value_at_time(gain.clamp(0.0, 1.0), now + over.0 as f64 / 1000.0)?;
        Ok(())
    }

    /// The gain right now.
    pub fn gain(&self) -> f32 {
        self.gain.0.gain().value()
    }

    /// The nodes to measure: what is received, and what is heard of it.
    pub fn taps(&self) -> [&AudioNode; 2] {
        [self.source.0.as_ref(), self.gain.0.as_ref()]
    }
}
