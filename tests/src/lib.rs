//! What the end-to-end tests and the benchmark share: the real server as a process, a real browser driven over
//! WebDriver, speech made by `espeak-ng`, and a probe that watches the page's WebRTC and audio from outside.
//!
//! Where the parts are is told by variables that `cargo xtask test` sets, with defaults for a run by hand:
//! `XTASK_BIN`, `XTASK_CHROMIUM`, `XTASK_CHROMEDRIVER`, `XTASK_FIREFOX`, `XTASK_NPM_DIR`,
//! `XTASK_PYTHON_DIR`.

mod browser;
mod firefox;
mod page;
mod place;
mod server;
mod sources;
mod speech;
mod waiting;

pub use browser::{Browser, Options};
pub use firefox::Firefox;
pub use page::{Page, Row, Sound};
pub use place::{artefact, dist, npm_dir, python_dir, repository, target};
pub use server::{Server, help, resident_mib};
pub use sources::{Behaviour, StandIn, StandIns};
pub use speech::Speech;
pub use waiting::wait_for;
