//! The companion server of Colloquy.
//!
//! It keeps the lasting key away from the browser: it mints short-lived ones, passes the SDP of a call on to the
//! upstream and to nowhere else, serves the page that is compiled into it, looks up context while somebody speaks,
//! keeps the long-term memory, and counts what turns were like. No audio passes through it.
//!
//! There is one upstream, an address, and one path through the code: a vendor, a compatible service, or the local
//! engine that [`Server::start`] starts on a loopback port when neither is configured.
//!
//! [`router`] is the whole HTTP surface and what tests call; [`Server`] adds the listener, the engine and the end.

mod calls;
pub mod config;
mod connection;
mod edge;
mod entrance;
mod error;
mod greeting;
mod key;
pub mod knowledge;
pub mod logs;
mod metrics;
pub mod page;
mod probe;
mod reload;
mod routes;
mod serve;
mod sidebands;
mod state;
mod tls;
mod traces;
mod troubles;
mod upstream;
mod vitals;
mod watch;

pub use config::{Command, Config, ConfigError};
pub use edge::Origins;
pub use entrance::{Change, Entrance, EntranceError};
pub use error::ApiError;
pub use key::{Asking, Doppler, KeyError, KeySource, ServerKey};
pub use knowledge::Knowledge;
pub use metrics::Metrics;
pub use page::Page;
pub use probe::{ProbeError, probe};
pub use reload::{ReloadError, ReloadSignal, reload};
pub use routes::router;
pub use serve::{ServeError, Server, stop_signal};
pub use sidebands::Sidebands;
pub use state::AppState;
pub use tls::{Certificate, TlsError};
pub use traces::Traces;
pub use upstream::{CallAnswer, Minted, Purpose, Sideband, Upstream, UpstreamError};
