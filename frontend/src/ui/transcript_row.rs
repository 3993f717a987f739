//! One thing that was said.

use crate::ui::attachment::figure;
use crate::ui::citations::chips;
use crate::ui::icon::icon;
use crate::ui::markup::{Tag, draw};
use crate::ui::part::Part;
use crate::ui::talk::bool_word;
use conversation::{Row, RowState, Speaker};
use std::sync::Arc;
use web_sys::Element;

const MARKUP: &str = concat!(
    "<li><p class=who><span></span><span class=typed>",
    icon!(Keyboard),
    "<span class=unseen>typed</span></span></p><p class=what><span class=heard></span>",
    "<span class=waiting><span class=unseen>Words are on their way</span><i></i><i></i><i></i></span>",
    "<span class=cut></span><del class=unheard></del></p><div class=beside></div></li>"
);

/// One row, as in the text of a play: who, then what. What was cut off is struck through. Parts that are empty, or do
/// not fit the row's state, are hidden by the style sheet.
pub(super) struct TranscriptRow {
    part: Part,
    shown: Option<Arc<Row>>,
}

impl TranscriptRow {
    /// Shows nothing yet.
    pub(super) fn new() -> Self {
        Self { part: Part::new(MARKUP), shown: None }
    }

    /// Whether it shows this row, perhaps as it was before.
    pub(super) fn is_of(&self, row: &Row) -> bool {
        self.shown.as_ref().is_some_and(|shown| shown.key == row.key)
    }

    /// Its element.
    pub(super) fn element(&self) -> &Element {
        self.part.element()
    }

    /// Shows a row as it is now.
    pub(super) fn showing(self, row: &Arc<Row>) -> Self {
        if self.shown.as_ref().is_some_and(|shown| Arc::ptr_eq(shown, row)) {
            return self;
        }
        let (heard, unheard) = split(row);
        let part = self
            .part
            .at_root()
            .put("data-speaker", speaker_name(row))
            .put("data-state", state_name(row))
            .put("data-typed", bool_word(row.typed))
            .at(".who span")
            .say(speaker_label(row))
            .at(".heard")
            .say(heard)
            .at(".cut")
            .say(cut_words(row))
            .at(".unheard")
            .say(unheard)
            .at(".beside");
        draw(&part.place(), &beside(row));
        Self { part, shown: Some(row.clone()) }
    }
}

/// What stands by the words: what was given, and what they rest on.
fn beside(row: &Row) -> Vec<Tag> {
    row.attachment.as_deref().map(figure).into_iter().chain(chips(row)).collect()
}

/// What was heard of a row, and the rest.
fn split(row: &Row) -> (&str, &str) {
    match row.state {
        RowState::Interrupted => row.text.split_at_checked(row.heard).unwrap_or((&row.text, "")),
        RowState::Waiting | RowState::Streaming | RowState::Done | RowState::Failed => (&row.text, ""),
    }
}

const fn speaker_name(row: &Row) -> &'static str {
    match row.speaker {
        Speaker::User => "user",
        Speaker::Assistant => "assistant",
    }
}

const fn speaker_label(row: &Row) -> &'static str {
    match row.speaker {
        Speaker::User => "You",
        Speaker::Assistant => "Colloquy",
    }
}

const fn state_name(row: &Row) -> &'static str {
    match row.state {
        RowState::Waiting => "waiting",
        RowState::Streaming => "streaming",
        RowState::Done => "done",
        RowState::Interrupted => "interrupted",
        RowState::Failed => "failed",
    }
}

const fn cut_words(row: &Row) -> &'static str {
    match (row.state, row.speaker) {
        (RowState::Interrupted, _) => "interrupted",
        (RowState::Failed, Speaker::User) => "not understood",
        (RowState::Failed, Speaker::Assistant) => "no answer came",
        (RowState::Waiting | RowState::Streaming | RowState::Done, _) => "",
    }
}
