//! The words for states, in one place.

use conversation::{Link, Microphone, Phase, View};

/// The phase as a stable word, for styles and tests.
pub(super) const fn name(phase: Phase) -> &'static str {
    match phase {
        Phase::Idle => "idle",
        Phase::Connecting => "connecting",
        Phase::Listening => "listening",
        Phase::Thinking => "thinking",
        Phase::Searching => "searching",
        Phase::Speaking => "speaking",
        Phase::Failed => "error",
    }
}

/// The phase for a person.
pub(super) const fn label(phase: Phase) -> &'static str {
    match phase {
        Phase::Idle => "Ready",
        Phase::Connecting => "Connecting",
        Phase::Listening => "Listening",
        Phase::Thinking => "Thinking",
        Phase::Searching => "Searching",
        Phase::Speaking => "Speaking",
        Phase::Failed => "Stopped",
    }
}

/// What the user can do in this state.
pub(super) const fn hint(view: &View) -> &'static str {
    match (view.phase, view.microphone, view.muted) {
        (Phase::Idle, _, _) => "Press Connect, then just talk.",
        (Phase::Connecting, Microphone::Asking, _) => "Allow the microphone when the browser asks.",
        (Phase::Connecting, _, _) => "One moment.",
        (Phase::Listening, Microphone::Unavailable, _) => "No microphone: type below.",
        (Phase::Listening, Microphone::Asking, _) => "Allow the microphone, or type below.",
        (Phase::Listening, _, true) => "You are muted. Unmute to speak, or type below.",
        (Phase::Listening, _, false) => "Speak whenever you like.",
        (Phase::Thinking, _, _) => "Working out an answer.",
        (Phase::Searching, _, _) => "Looking it up.",
        (Phase::Speaking, Microphone::On, false) => "Talk over it to interrupt.",
        (Phase::Speaking, _, _) => "Interrupt stops it.",
        (Phase::Failed, _, _) => "It cannot go on by itself.",
    }
}

/// The link as a stable word, for styles and tests.
pub(super) const fn link_name(link: Link) -> &'static str {
    match link {
        Link::Off => "off",
        Link::Connecting => "connecting",
        Link::Connected => "connected",
        Link::Unstable => "unstable",
        Link::Reconnecting { .. } => "reconnecting",
        Link::Failed => "failed",
    }
}

/// The link for a person.
pub(super) const fn link_label(link: Link) -> &'static str {
    match link {
        Link::Off => "Not connected",
        Link::Connecting => "Connecting",
        Link::Connected => "Connected",
        Link::Unstable => "Connection unsteady",
        Link::Reconnecting { .. } => "Reconnecting",
        Link::Failed => "Connection lost",
    }
}
