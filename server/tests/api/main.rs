//! The server's HTTP surface against a faithful stand-in for the vendor, route by route, and its settings.

mod app;
mod calls;
mod config;
mod edges;
mod ending;
mod engine;
mod hang_up;
mod origins;
mod page;
mod secrets;
mod session;
mod status;
mod turns;
mod vendor;
