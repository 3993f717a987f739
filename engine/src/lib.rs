//! A local Realtime-compatible service: real WebRTC, Opus, voice activity detection and speech.
//!
//! It takes the far end's part in the generally available realtime protocol, so that everything that talks to the
//! real service can talk to it without an account, a key or a network. It answers without a language model and says
//! so; see the `mind` module for what it can answer.
//!
//! ```no_run
//! # async fn run() -> Result<(), colloquy_engine::StartError> {
//! let engine = colloquy_engine::Engine::start(colloquy_engine::Config::default()).await?;
//! println!("listening at {}", engine.base_url());
//! engine.shutdown().await;
//! # Ok(()) }
//! ```

mod call;
mod calls;
mod config;
mod ears;
mod encode;
mod engine;
mod http;
mod mind;
mod mouth;
mod peer;
pub mod recogniser;
mod secrets;
mod session;
mod speech;
mod vad;
pub mod voice;

pub use config::{Config, ConfigError, PREFIX, RecogniserChoice, Unknown, VoiceChoice};
pub use ears::Speech;
pub use engine::{Engine, StartError};
