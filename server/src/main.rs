//! The `colloquy` command: reads its settings, starts the server, and stops it on a signal.

use colloquy_server::{Command, Config, ConfigError, ReloadSignal, Server, logs, probe, stop_signal};
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    match load() {
        Ok(Command::Serve(config)) => Box::pin(serve(*config)).await,
        Ok(Command::Check(config)) => match config.check() {
            Ok(()) => {
                for warning in config.warnings() {
                    println!("Warning: {warning}.");
                }
                println!("The configuration is sound. {}", config.summary());
                ExitCode::SUCCESS
            }
            Err(error) => error.exit_code(),
        },
        Ok(Command::Probe(config)) => match probe(&config).await {
            Ok(()) => {
                println!("The server answers.");
                ExitCode::SUCCESS
            }
            Err(error) => {
                eprintln!("colloquy: {error}");
                ExitCode::FAILURE
            }
        },
        Ok(Command::Example(file)) => {
            print!("{file}");
            ExitCode::SUCCESS
        }
        Err(error) => error.exit_code(),
    }
}

fn load() -> Result<Command, ConfigError> {
    Config::load(std::env::args_os(), Config::variables(std::env::vars_os())?)
}

async fn serve(config: Config) -> ExitCode {
    let _traces = logs::start(&config.logs);
    for warning in config.warnings() {
        tracing::warn!("{warning}");
    }
    let reloading = ReloadSignal::listen();
    let result = async {
        let server = Box::pin(Server::start(config)).await?;
        tokio::spawn(reloading.follow(server.state().clone(), load));
        server.run(stop_signal()).await
    }
    .await;
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("colloquy: {error}");
            ExitCode::FAILURE
        }
    }
}
