//! The few drawings of the page, as markup. All are decoration: the words beside them say what they mean.

/// The path of a drawing of 24 by 24.
macro_rules! glyph {
    // A microphone.
    (Microphone) => { "M12 3a3 3 0 0 0-3 3v5a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3ZM6 11a6 6 0 0 0 12 0M12 17v4M9 21h6" };
    // A microphone that is crossed out.
    (MicrophoneOff) => { "M9 9v2a3 3 0 0 0 5 2.2M15 11V6a3 3 0 0 0-5.6-1.5M6 11a6 6 0 0 0 9.5 4.9M18 11a6 6 0 0 1-.4 2.1M12 17v4M9 21h6M4 4l16 16" };
    // A square: stop.
    (Stop) => { "M7 7h10v10H7Z" };
    // An arrow that leaves.
    (Send) => { "M4 12h15M13 6l6 6-6 6" };
    // A handset.
    (Call) => { "M5 4h4l2 5-2.5 1.5a11 11 0 0 0 5 5L15 13l5 2v4a2 2 0 0 1-2 2A15 15 0 0 1 3 6a2 2 0 0 1 2-2Z" };
    // A handset that hangs up.
    (HangUp) => { "M3.5 14.5c-1-1-1-2.5 0-3.5 4.7-4.3 12.3-4.3 17 0 1 1 1 2.5 0 3.5l-1.2 1.1-3.8-1.6v-2.6a10 10 0 0 0-7 0v2.6l-3.8 1.6Z" };
    // An arrow in a circle: again.
    (Again) => { "M19 12a7 7 0 1 1-2.2-5.1M19 4v4h-4" };
    // A loudspeaker.
    (Loudspeaker) => { "M4 10v4h4l5 4V6L8 10ZM16.5 9a4 4 0 0 1 0 6M19 6.5a8 8 0 0 1 0 11" };
    // A cross: away with it.
    (Close) => { "M6 6l12 12M18 6L6 18" };
    // A paper clip.
    (Attach) => { "M20 11.5l-8 8a5 5 0 0 1-7-7l8.5-8.5a3.5 3.5 0 0 1 5 5L10 17.5a1.8 1.8 0 0 1-2.6-2.6l7.6-7.6" };
    // Keys.
    (Keyboard) => { "M3 7h18v10H3ZM7 10.5h.01M11 10.5h.01M15 10.5h.01M8 14h8" };
}

/// The markup of an icon in the colour of the text around it, or of two: the style sheet shows the second while the
/// element around it says so.
macro_rules! icon {
    ($glyph:ident) => {
        concat!(
            "<svg class=icon viewBox='0 0 24 24' aria-hidden=true><path d='",
            $crate::ui::icon::glyph!($glyph),
            "'/></svg>"
        )
    };
    ($one:ident or $other:ident) => {
        concat!(
            "<svg class=icon viewBox='0 0 24 24' aria-hidden=true><path class=one d='",
            $crate::ui::icon::glyph!($one),
            "'/><path class=other d='",
            $crate::ui::icon::glyph!($other),
            "'/></svg>"
        )
    };
}

pub(super) use {glyph, icon};
