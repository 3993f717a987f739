//! The server's HTTP surface against a faithful stand-in for the vendor, route by route, and its settings.

mod app;
mod calls;
#[path = "../../memory/tests/it/cluster.rs"]
mod cluster;
mod config;
mod context;
mod databases;
mod contract;
mod edges;
mod ending;
mod engine;
mod hang_up;
mod hostile;
mod key;
mod memory;
mod origins;
mod page;
mod presets;
mod recall;
mod secrets;
mod session;
mod status;
mod turns;
mod upstream;
mod vendor;
mod watching;
