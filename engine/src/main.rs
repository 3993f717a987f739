//! The engine as a program of its own.

use clap::Parser;
use colloquy_engine::{Config, Engine, RecogniserChoice, VoiceChoice};
use std::collections::BTreeMap;
use std::error::Error;
use std::net::{IpAddr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;
use tracing_subscriber::EnvFilter;

/// A local Realtime-compatible service: real WebRTC, Opus, voice activity detection and speech, without a model.
///
/// Every option but the first can also be set with a variable COLLOQUY_ENGINE_…; the option wins. The model and the key
/// for a transcription service are set with COLLOQUY_ENGINE_RECOGNISER_MODEL and COLLOQUY_ENGINE_RECOGNISER_KEY.
#[derive(Debug, Parser)]
#[command(version)]
struct Options {
    /// Where to listen for HTTP.
    #[arg(long, default_value = "127.0.0.1:3004")]
    listen: SocketAddr,
    /// How speech becomes words: auto, none, pocketsphinx, scripted:<text>|<text>…, or http:<base address>.
    #[arg(long)]
    recogniser: Option<RecogniserChoice>,
    /// How words become speech: auto, espeak or builtin.
    #[arg(long)]
    voice: Option<VoiceChoice>,
    /// How long an answer is thought about, in milliseconds.
    #[arg(long)]
    think_ms: Option<u64>,
    /// The most calls at a time.
    #[arg(long)]
    capacity: Option<usize>,
    /// An address to receive media on; may be given several times. Default: the loopback and every LAN address.
    #[arg(long = "media-address")]
    media_addresses: Vec<IpAddr>,
}

impl Options {
    fn apply(self, mut config: Config) -> Config {
        config.listen = self.listen;
        config.recogniser = self.recogniser.unwrap_or(config.recogniser);
        config.voice = self.voice.unwrap_or(config.voice);
        config.think = self.think_ms.map_or(config.think, Duration::from_millis);
        config.capacity = self.capacity.unwrap_or(config.capacity);
        if !self.media_addresses.is_empty() {
            config.media_addresses = self.media_addresses;
        }
        config
    }
}

/// Waits until somebody wants the program to end.
#[cfg(unix)]
async fn stop_signal() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminate.recv() => Ok(()),
    }
}

/// Waits until somebody wants the program to end.
#[cfg(not(unix))]
async fn stop_signal() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Options::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("colloquy-engine: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: Options) -> Result<(), Box<dyn Error>> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,str0m=warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let variables: BTreeMap<String, String> =
        std::env::vars_os().filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?))).collect();
    let engine = Engine::start(options.apply(Config::from_env(&variables)?)).await?;
    println!("{}", engine.base_url());
    stop_signal().await?;
    engine.shutdown().await;
    Ok(())
}
