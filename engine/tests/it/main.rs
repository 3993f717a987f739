//! The engine from outside: a far end of our own, over real UDP on the loopback.

mod barge_in;
mod far_end;
mod http;
mod media;
mod protocol_errors;
mod sideband;
mod spoken_turn;
mod tools;
mod typed_turn;
