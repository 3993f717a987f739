//! What the crate promises, seen from outside: the engine in paused time, the sources against local stand-ins.

extern crate colloquy_context as context;

mod calendar;
mod documents;
mod endpoint;
mod engine;
mod hostile;
#[path = "../../../tests/api/listening.rs"]
mod listening;
mod mcp;
mod news;
mod search;
mod standing;
mod support;
#[path = "../../../tests/api/waiting.rs"]
mod waiting;
mod weather;
