//! The server's HTTP surface against a faithful stand-in for the vendor, route by route, and its settings.

mod app;
mod calls;
mod config;
mod context;
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
