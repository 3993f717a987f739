//! The server's HTTP surface against a faithful stand-in for the vendor, route by route, and its settings.

mod app;
mod attacks;
mod calls;
#[path = "../../memory/tests/it/cluster.rs"]
mod cluster;
mod config;
mod context;
mod contract;
mod databases;
mod edges;
mod ending;
mod engine;
mod hang_up;
mod hostile;
mod key;
mod limits;
mod login;
mod memory;
mod openapi;
mod operation;
mod origins;
mod page;
mod presets;
mod process;
mod provider;
mod recall;
mod secrets;
mod session;
mod sideband;
mod slow;
mod status;
mod tls;
mod turns;
mod upstream;
mod vendor;
mod watching;
