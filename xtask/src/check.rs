//! `cargo xtask check`: everything that can be known without running the product.

use std::process::Command;
use std::time::Instant;

use crate::advisories;
use crate::installer;
use crate::step::{self, readable};
use crate::tidy;
use crate::toolbox::WASM_TARGET;
use crate::tree;
use crate::trouble::Trouble;
use crate::workspace::Workspace;

/// What can be asked for, in the order in which it is done.
pub(crate) const NAMES: &[&str] = &["fmt", "tidy", "tree", "advisories", "lint", "lint-wasm", "docs", "docs-wasm"];

/// Runs the checks named in `only`, or all of them, even when one fails, and lists how each ended.
///
/// # Errors
/// When one failed.
pub(crate) fn check(workspace: &Workspace, only: &[String]) -> Result<(), Trouble> {
    let started = Instant::now();
    installer::ensure_wasm_target(workspace)?;
    let wanted = NAMES.iter().filter(|name| only.is_empty() || only.iter().any(|wanted| wanted == *name));
    let outcomes: Vec<(&str, Result<Option<&str>, Trouble>)> =
        wanted.map(|name| (*name, perform(name, workspace))).collect();
    println!();
    step::say(&format!("checks ended after {}", readable(started.elapsed())));
    let mut failed = 0;
    for (name, outcome) in &outcomes {
        match outcome {
            Ok(None) => println!("  {name:<10} ok"),
            Ok(Some(remark)) => println!("  {name:<10} {remark}"),
            Err(trouble) => {
                failed += 1;
                println!("  {name:<10} FAILED: {trouble}");
            }
        }
    }
    if failed == 0 { Ok(()) } else { Err(Trouble::new(format!("{failed} of {} checks failed", outcomes.len()))) }
}

/// Does one, and says why it could not be done where that is nobody's fault.
fn perform(name: &str, workspace: &Workspace) -> Result<Option<&'static str>, Trouble> {
    let done = match name {
        "advisories" => return advisories::check(workspace),
        "fmt" => cargo("checking the format", &mut format(workspace)),
        "tidy" => tidy::check(workspace),
        "tree" => tree::check(workspace),
        "lint" => cargo("linting natively", &mut lint_host(workspace)),
        "lint-wasm" => cargo("linting for wasm", &mut lint_wasm(workspace)),
        "docs" => cargo("building the docs", &mut docs_host(workspace)),
        "docs-wasm" => cargo("building the docs for wasm", &mut docs_wasm(workspace)),
        other => Err(Trouble::new(format!("there is no check `{other}`"))),
    };
    done.map(|()| None)
}

fn cargo(what: &str, command: &mut Command) -> Result<(), Trouble> {
    step::run(what, command).map(drop)
}

fn format(workspace: &Workspace) -> Command {
    workspace.cargo(["fmt", "--all", "--check"])
}

fn lint_host(workspace: &Workspace) -> Command {
    let mut command = workspace.cargo(["clippy", "--locked", "--workspace", "--exclude", "colloquy-frontend"]);
    command.args(["--all-targets", "--", "-D", "warnings"]);
    command
}

fn lint_wasm(workspace: &Workspace) -> Command {
    let mut command = workspace.cargo(["clippy", "--locked", "--target", WASM_TARGET]);
    for package in ["colloquy-protocol", "colloquy-conversation", "colloquy-frontend"] {
        command.args(["--package", package]);
    }
    command.args(["--all-targets", "--", "-D", "warnings"]);
    command
}

fn docs_host(workspace: &Workspace) -> Command {
    let mut command = docs(workspace);
    command.args(["--workspace", "--exclude", "colloquy-frontend"]);
    command
}

fn docs_wasm(workspace: &Workspace) -> Command {
    let mut command = docs(workspace);
    command.args(["--package", "colloquy-frontend", "--target", WASM_TARGET]);
    command
}

fn docs(workspace: &Workspace) -> Command {
    let mut command = workspace.cargo(["doc", "--locked", "--no-deps", "--document-private-items"]);
    command.env("RUSTDOCFLAGS", "-D warnings");
    command
}
