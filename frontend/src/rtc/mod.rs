//! The call and everything it is made of, each with an owner that gives it back to the browser.

mod call;
mod data_channel;
mod ice;
mod meter;
mod microphone;
mod peer_connection;
mod playback;
mod sound;

pub use call::{Call, CallEvent};
pub use data_channel::{ChannelEvent, DataChannel};
pub use ice::IceServers;
pub use meter::{Block, Meter, MeterWay};
pub use microphone::Microphone;
pub use peer_connection::{Negotiation, PeerConnection};
pub use playback::Playback;
pub use sound::{Sound, SoundEvent, Tell};
