//! What the user gave besides words, as it stands in the transcript.

use crate::ui::markup::{Tag, tag};
use conversation::{Attachment, AttachmentKind};

/// A picture small, or a document's name and size.
pub(super) fn figure(attachment: &Attachment) -> Tag {
    let Attachment { name, kind } = attachment;
    let figure = tag("figure", "attachment").named("attachment");
    match kind {
        AttachmentKind::Image { data_url } => figure.with("data-kind", "image").holds(vec![
            tag("img", "").with("src", data_url).with("alt", &["Picture: ", name].concat()),
            tag("figcaption", "").text(name),
        ]),
        AttachmentKind::Text { text } => figure
            .with("data-kind", "text")
            .holds(vec![tag("b", "").text(name), tag("figcaption", "").text(&size(text.len()))]),
    }
}

fn size(bytes: usize) -> String {
    if bytes < 1_000 { [&bytes.to_string(), " bytes"].concat() } else { [&(bytes / 1_000).to_string(), " kB"].concat() }
}
