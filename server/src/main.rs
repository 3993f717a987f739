//! The `colloquy` command: reads its settings, starts the server, and stops it on a signal.

use colloquy_server::{Command, Config, Server, logs, stop_signal};
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    let variables =
        std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    match Config::load(std::env::args_os(), variables.collect()) {
        Ok(Command::Serve(config)) => Box::pin(serve(*config)).await,
        Ok(Command::Check(config)) => match config.check() {
            Ok(()) => {
                println!("The configuration is sound. {}", config.summary());
                ExitCode::SUCCESS
            }
            Err(error) => error.exit_code(),
        },
        Ok(Command::Example(file)) => {
            print!("{file}");
            ExitCode::SUCCESS
        }
        Err(error) => error.exit_code(),
    }
}

async fn serve(config: Config) -> ExitCode {
    logs::start(&config.logs);
    let result = async { Server::start(config).await?.run(stop_signal()).await }.await;
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("colloquy: {error}");
            ExitCode::FAILURE
        }
    }
}
