//! The seconds to the next try.

use crate::dom::{Timer, now};
use crate::ui::part::Part;
use crate::ui::talk::Talk;
use conversation::{Link, Ms, Time};

/// Often enough that no second is skipped.
const TICK: Ms = Ms(200);

/// Says which try it is and when it begins; nothing while no try is awaited. It is not read aloud every second: the
/// link's state is.
pub(super) fn countdown(talk: Talk) -> Part {
    let part = Part::new("<p class=countdown data-testid=countdown aria-live=off></p>");
    let place = part.element().clone();
    let mut told = Link::Off;
    let mut _ticks = None;
    part.follow(move || {
        let mut link = told;
        talk.look(&mut |view| link = view.link);
        if link == told {
            return;
        }
        told = link;
        let place = place.clone();
        let tell = move || place.set_text_content(Some(&words(link, now())));
        tell();
        _ticks = is_awaited(link).then(|| Timer::every(TICK, tell));
    })
}

fn is_awaited(link: Link) -> bool {
    matches!(link, Link::Reconnecting { retry_at: Some(_), .. })
}

fn words(link: Link, now: Time) -> String {
    let Link::Reconnecting { attempt, retry_at } = link else {
        return String::new();
    };
    let attempt = attempt.to_string();
    match retry_at {
        Some(when) => ["Try ", &attempt, " in ", &(when - now).0.div_ceil(1000).to_string(), " s"].concat(),
        None => ["Try ", &attempt].concat(),
    }
}
