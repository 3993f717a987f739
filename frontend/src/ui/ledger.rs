//! What was offered to the model, as rows: source, age, size, and what became of it.

use crate::ui::age::{unix_now, words};
use crate::ui::markup::{Tag, link, tag};
use crate::ui::notes;
use conversation::{ContextRow, Fate, List, SourceRow, SourceState, View, Why};
use protocol::context::Lane;

/// The sources that were asked for the newest turn.
pub(super) fn sources(sources: &List<SourceRow>) -> Tag {
    let row = |source: &SourceRow| {
        tag("li", "source")
            .named("source")
            .with("data-source", &source.name)
            .with("data-state", state_name(&source.state))
            .holds(vec![
                tag("b", "").text(&source.name),
                tag("span", "state").text(&state_words(&source.state)),
                tag("span", "why").text(&source.reason),
            ])
    };
    tag("ul", "sources").with("aria-label", "Sources asked for this turn").holds(sources.iter().map(row).collect())
}

/// The ledger, newest turn first.
pub(super) fn ledger(rows: &List<ContextRow>) -> Vec<Tag> {
    let now = unix_now();
    let (mut sections, mut drawn) = (Vec::new(), Vec::new());
    let mut rows = rows.iter().rev();
    let mut next = rows.next();
    while let Some(row) = next {
        drawn.push(context_row(row, now));
        next = rows.next();
        if next.is_none_or(|next| next.turn != row.turn) {
            sections.push(section(row.turn, std::mem::take(&mut drawn)));
        }
    }
    sections
}

fn section(turn: u32, rows: Vec<Tag>) -> Tag {
    let title = if turn == 0 { "Before the first turn".to_owned() } else { ["Turn ", &turn.to_string()].concat() };
    tag("section", "turn").holds(vec![tag("h2", "").text(&title), tag("ol", "").holds(rows)])
}

fn context_row(row: &ContextRow, now: i64) -> Tag {
    let size = [&row.tokens.to_string(), " tokens"].concat();
    let age = words(now - row.as_of);
    let facts = joined([lane_words(row.lane), &age, &size, &row.attribution], " \u{b7} ");
    tag("li", "given")
        .named("context-row")
        .with("data-source", &row.source)
        .with("data-lane", lane_name(row.lane))
        .with("data-fate", fate_name(row.fate))
        .with("data-title", &row.title)
        .with("tabindex", "-1")
        .holds(vec![
            tag("p", "fate").text(fate_words(row.fate)),
            tag("p", "fact")
                .holds(vec![tag("b", "").text(&row.source), link("fact-title", row.url.as_deref(), &row.title)]),
            tag("p", "fact-text").text(&row.text),
            tag("p", "facts").text(&facts),
        ])
}

/// What was given, what was not, and what was noted, in a few words.
pub(super) fn count(view: &View) -> String {
    let given = view.context.iter().filter(|row| is_given(row.fate)).count();
    let given = [(given, " given"), (view.context.len() - given, " not given"), (notes::count(&view.notes), " noted")];
    let mut words = String::new();
    for (count, what) in given {
        if count > 0 {
            add(&mut words, ", ", &[&count.to_string(), what].concat());
        }
    }
    words
}

/// The names of the sources that are still being asked; with those that are late for the user's turn where `late`,
/// because the model waits for them longer.
pub(super) fn asked(sources: &List<SourceRow>, late: bool) -> String {
    let mut names = String::new();
    let is_asked = |state: &SourceState| *state == SourceState::Asking || (late && *state == SourceState::Late);
    for source in sources.iter().filter(|source| is_asked(&source.state)) {
        add(&mut names, ", ", &source.name);
    }
    names
}

/// The texts that are not empty.
fn joined<const N: usize>(texts: [&str; N], separator: &str) -> String {
    let mut all = String::new();
    for text in texts {
        add(&mut all, separator, text);
    }
    all
}

fn add(texts: &mut String, separator: &str, text: &str) {
    if !texts.is_empty() && !text.is_empty() {
        texts.push_str(separator);
    }
    texts.push_str(text);
}

/// The same, as it stands in the panel's head.
pub(super) fn asking(sources: &List<SourceRow>) -> String {
    let asked = asked(sources, false);
    if asked.is_empty() { asked } else { ["asking ", &asked].concat() }
}

const fn is_given(fate: Fate) -> bool {
    match fate {
        Fate::Given { .. } | Fate::Expired | Fate::Lost => true,
        Fate::Waiting | Fate::Dropped(_) | Fate::Late => false,
    }
}

const fn state_name(state: &SourceState) -> &'static str {
    match state {
        SourceState::Asking => "asking",
        SourceState::Found { cached: true, .. } => "cached",
        SourceState::Found { .. } => "found",
        SourceState::Failed { .. } => "failed",
        SourceState::Resting { .. } => "resting",
        SourceState::Late => "late",
    }
}

fn state_words(state: &SourceState) -> String {
    match state {
        SourceState::Asking => " is being asked".to_owned(),
        SourceState::Found { count, cached: true, .. } => {
            [" found ", &count.to_string(), ", kept from before"].concat()
        }
        SourceState::Found { count, elapsed_ms, .. } => {
            [" found ", &count.to_string(), " in ", &elapsed_ms.to_string(), " ms"].concat()
        }
        SourceState::Failed { reason, .. } => [" failed: ", reason].concat(),
        SourceState::Resting { seconds } => [" failed too often and rests for ", &seconds.to_string(), " s"].concat(),
        SourceState::Late => " is late, for the next turn".to_owned(),
    }
}

const fn lane_name(lane: Lane) -> &'static str {
    match lane {
        Lane::Policy => "policy",
        Lane::Turn => "turn",
        Lane::Memory => "memory",
        Lane::Hint => "hint",
    }
}

const fn lane_words(lane: Lane) -> &'static str {
    match lane {
        Lane::Policy => "house rule",
        Lane::Turn => "for this turn",
        Lane::Memory => "remembered",
        Lane::Hint => "live",
    }
}

const fn fate_name(fate: Fate) -> &'static str {
    match fate {
        Fate::Waiting => "waiting",
        Fate::Given { .. } => "given",
        Fate::Dropped(_) => "dropped",
        Fate::Expired => "expired",
        Fate::Lost => "lost",
        Fate::Late => "late",
    }
}

const fn fate_words(fate: Fate) -> &'static str {
    match fate {
        Fate::Waiting => "waiting",
        Fate::Given { cut: false, .. } => "given",
        Fate::Given { cut: true, .. } => "given, shortened",
        Fate::Expired => "given, then taken back",
        Fate::Lost => "given, gone with its call",
        Fate::Late => "late: offered to the next turn",
        Fate::Dropped(why) => match why {
            Why::Budget => "not given: no room",
            Why::Duplicate => "not given: known already",
            Why::Expired => "not given: out of date",
            Why::Late => "not given: too late",
            Why::Empty => "not given: nothing in it",
            Why::Refused => "not given: refused",
        },
    }
}
