//! Scenarios on a simulated far end, one behaviour a file. The same tests run on the host and in WebAssembly.
#![expect(
    clippy::float_cmp,
    clippy::needless_pass_by_value,
    clippy::struct_excessive_bools,
    reason = "gains are copied, never computed; and a script reads better so"
)]

mod attachments;
mod barge_in;
mod bounds;
mod citations;
mod clicks;
mod connect;
mod context;
mod contract;
mod dead_server;
mod disconnect;
mod expired;
mod failing_answer;
mod far;
mod hostile_context;
mod ice;
mod interrupt;
mod microphone;
mod model;
mod odd_events;
mod races;
mod reconnecting;
mod refused;
mod remembering;
mod server;
mod signed_out;
mod sim;
mod spoken_turn;
mod tools;
mod transcript_order;
mod typed_turn;
mod watching;
