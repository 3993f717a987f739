//! The page's entry: paints something plain if we panic, then mounts the application.

#![deny(clippy::unwrap_used, clippy::expect_used)]

use colloquy_frontend::dom::broken;
use colloquy_frontend::ui::App;
use leptos::prelude::*;

fn main() {
    broken::install_panic_hook();
    mount_to_body(App);
    broken::started();
}
