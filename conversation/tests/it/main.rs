//! Scenarios on a simulated far end, one behaviour a file. The same tests run on the host and in WebAssembly.
#![allow(missing_docs, clippy::float_cmp, clippy::expect_used)]

mod barge_in;
mod bounds;
mod clicks;
mod connect;
mod dead_server;
mod disconnect;
mod expired;
mod failing_answer;
mod far;
mod ice;
mod interrupt;
mod microphone;
mod model;
mod odd_events;
mod races;
mod reconnecting;
mod refused;
mod sim;
mod spoken_turn;
mod transcript_order;
mod typed_turn;
