//! The memory against real databases: one suite for every store, and what only one of them promises.

extern crate colloquy_memory as memory;

mod cluster;
mod crash;
mod factory;
mod http_embedder;
mod scene;
mod sqlite_files;
mod suite;
mod switch_embedder;
#[path = "../../../tests/api/waiting.rs"]
mod waiting;
