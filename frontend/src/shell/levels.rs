//! The newest loudness of both sides, for what moves on the page. It changes a hundred times a second and is read once
//! per frame, so it does not go through the view.

use std::cell::Cell;
use std::rc::Rc;

/// Shared between the run loop, which writes, and the orb, which reads.
#[derive(Clone, Debug, Default)]
pub struct Levels {
    cells: Rc<Cells>,
}

#[derive(Debug, Default)]
struct Cells {
    microphone: Cell<f32>,
    playback: Cell<f32>,
}

impl Levels {
    /// How loud the microphone is, 0 to 1.
    pub fn microphone(&self) -> f32 {
        self.cells.microphone.get()
    }

    /// How loud the answer is as it is heard, 0 to 1.
    pub fn playback(&self) -> f32 {
        self.cells.playback.get()
    }

    pub(super) fn set_microphone(&self, level: f32) {
        self.cells.microphone.set(level);
    }

    pub(super) fn set_playback(&self, level: f32) {
        self.cells.playback.set(level);
    }

    pub(super) fn silence(&self) {
        self.set_microphone(0.0);
        self.set_playback(0.0);
    }
}
