//! Parts of the view that only change when they change.

use conversation::View;
use leptos::prelude::*;

/// A part of the view; what depends on it does not notice changes elsewhere.
pub(super) fn slice<T>(view: Signal<View>, part: fn(&View) -> T) -> Signal<T>
where
    T: PartialEq + Send + Sync + 'static,
{
    Memo::new(move |_| view.with(part)).into()
}
