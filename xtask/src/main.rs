//! The project's commands: `cargo xtask <verb>`.
//!
//! This file only reads the command line and hands over to the verb.
//! It is compiled first on a fresh machine, so it has next to no dependencies.

mod advisories;
mod bench;
mod browser;
mod bundle;
mod check;
mod clean;
mod command_line;
mod doctor;
mod fingerprint;
mod installer;
mod licence;
mod lockfile;
mod packages;
mod page;
mod python_packages;
mod room;
mod run;
mod server_binary;
mod soak;
mod squeeze;
mod step;
mod tally;
mod test;
mod tidy;
mod toolbox;
mod tree;
mod trouble;
mod version;
mod workspace;

use std::process::ExitCode;

use command_line::{Request, Verb};
use trouble::Trouble;
use workspace::Workspace;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match command_line::parse(&arguments) {
        Ok(Request::Help(verb)) => {
            println!("{}", command_line::help(verb));
            ExitCode::SUCCESS
        }
        Ok(Request::Do(verb)) => finish(perform(&verb)),
        Err(trouble) => {
            eprintln!("{trouble}\n\n{}", command_line::help(None));
            ExitCode::from(2)
        }
    }
}

fn perform(verb: &Verb) -> Result<(), Trouble> {
    let workspace = Workspace::discover()?;
    match verb {
        Verb::Run { server_arguments } => run::run(&workspace, server_arguments),
        Verb::Test(selection) => test::test(&workspace, selection),
        Verb::Check { only } => check::check(&workspace, only),
        Verb::Bundle => bundle::bundle(&workspace),
        Verb::Bench { quick, only } => bench::bench(&workspace, *quick, only),
        Verb::Soak { arguments } => soak::soak(&workspace, arguments),
        Verb::Doctor => doctor::doctor(&workspace),
        Verb::Clean { tools, dry_run } => clean::clean(&workspace, *tools, *dry_run),
    }
}

fn finish(outcome: Result<(), Trouble>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            eprintln!("\n{trouble}");
            ExitCode::FAILURE
        }
    }
}
