//! The few drawings of the page. All are decoration: the words beside them say what they mean.

use leptos::prelude::*;

/// Two voices that overlap.
#[component]
pub(super) fn Logo() -> impl IntoView {
    view! {
        <svg class="logo" viewBox="0 0 36 24" aria-hidden="true">
            <circle class="logo-you" cx="12" cy="12" r="10" />
            <circle class="logo-they" cx="24" cy="12" r="10" />
        </svg>
    }
}

/// What an icon shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Glyph {
    /// A microphone.
    Microphone,
    /// A microphone that is crossed out.
    MicrophoneOff,
    /// A square: stop.
    Stop,
    /// An arrow that leaves.
    Send,
    /// A handset.
    Call,
    /// A handset that hangs up.
    HangUp,
    /// An arrow in a circle: again.
    Again,
    /// A loudspeaker.
    Loudspeaker,
    /// A cross: away with it.
    Close,
    /// Keys.
    Keyboard,
}

impl Glyph {
    const fn path(self) -> &'static str {
        match self {
            Self::Microphone => {
                "M12 3a3 3 0 0 0-3 3v5a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3ZM6 11a6 6 0 0 0 12 0M12 17v4M9 21h6"
            }
            Self::MicrophoneOff => {
                "M9 9v2a3 3 0 0 0 5 2.2M15 11V6a3 3 0 0 0-5.6-1.5M6 11a6 6 0 0 0 9.5 4.9M18 11a6 6 0 0 1-.4 2.1M12 17v4M9 21h6M4 4l16 16"
            }
            Self::Stop => "M7 7h10v10H7Z",
            Self::Send => "M4 12h15M13 6l6 6-6 6",
            Self::Call => "M5 4h4l2 5-2.5 1.5a11 11 0 0 0 5 5L15 13l5 2v4a2 2 0 0 1-2 2A15 15 0 0 1 3 6a2 2 0 0 1 2-2Z",
            Self::HangUp => {
                "M3.5 14.5c-1-1-1-2.500 0-3.500 4.700-4.300 12.300-4.300 17 0 1 1 1 2.500 0 3.500l-1.200 1.100-3.800-1.600v-2.600a10 10 0 0 0-7 0v2.600l-3.800 1.600Z"
            }
            Self::Again => "M19 12a7 7 0 1 1-2.200-5.100M19 4v4h-4",
            Self::Loudspeaker => "M4 10v4h4l5 4V6L8 10ZM16.500 9a4 4 0 0 1 0 6M19 6.500a8 8 0 0 1 0 11",
            Self::Close => "M6 6l12 12M18 6L6 18",
            Self::Keyboard => "M3 7h18v10H3ZM7 10.500h.01M11 10.500h.01M15 10.500h.01M8 14h8",
        }
    }
}

/// An icon in the colour of the text around it.
#[component]
pub(super) fn Icon(
    /// What it shows.
    glyph: Glyph,
) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
            <path d=glyph.path() />
        </svg>
    }
}

/// One of two icons; the style sheet shows the second while the element around it says so.
#[component]
pub(super) fn EitherIcon(
    /// The usual one.
    one: Glyph,
    /// The other one.
    other: Glyph,
) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
            <path class="one" d=one.path() />
            <path class="other" d=other.path() />
        </svg>
    }
}
