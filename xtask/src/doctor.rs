//! `cargo xtask doctor`: what is here, what is missing, how to get it. Changes nothing.

use std::process::Command;

use crate::browser;
use crate::packages::{self, Package};
use crate::python_packages;
use crate::step;
use crate::toolbox::{self, Tool, Toolbox, WASM_TARGET};
use crate::trouble::Trouble;
use crate::workspace::Workspace;

/// Prints one line per thing that any verb could need.
///
/// # Errors
/// When `Cargo.lock` cannot be read. That something is missing is not an error.
pub(crate) fn doctor(workspace: &Workspace) -> Result<(), Trouble> {
    let toolbox = Toolbox::of(workspace)?;
    step::say("needed by `run`; installed by it");
    rust(workspace);
    for (tool, purpose) in [
        (Tool::Trunk, "builds the page"),
        (Tool::WasmBindgen, "builds the page"),
        (Tool::WasmBindgenTestRunner, "runs tests in the browser"),
        (Tool::WasmOpt, "makes the page smaller; it works without"),
        (Tool::Esbuild, "makes the page smaller; it works without"),
    ] {
        let found = toolbox.find(tool).map(|(path, version)| format!("{version}, {}", path.display()));
        line(
            tool.program(),
            purpose,
            found.ok_or_else(|| format!("{} is wanted; `cargo xtask run` installs it", toolbox.wanted(tool))),
        );
    }
    step::say("needed by `test` and `bench`, and by the local engine to listen and speak");
    for package in Package::all() {
        let found = package.find().map(|path| path.display().to_string());
        line(
            package.name(),
            package.purpose(),
            found.ok_or_else(|| packages::how_to_get(&[package]).trim().to_owned()),
        );
    }
    step::say("needed by some tests");
    for (name, purpose, is_here) in [
        ("npm packages", "official clients, a reference server and axe", browser::has_npm_packages(workspace)),
        ("openai for Python", "the official client", python_packages::find(workspace).is_some()),
    ] {
        let found = is_here.then(|| "in the tools folder".to_owned());
        line(name, purpose, found.ok_or_else(|| "`cargo xtask test` installs it".to_owned()));
    }
    step::say(&format!("tools of this user: {}", workspace.tools().display()));
    Ok(())
}

fn rust(workspace: &Workspace) {
    let version = step::output_of(workspace.command("rustc").arg("--version"));
    let version = version.map(|version| version.trim().to_owned());
    line("rustc", "compiles everything", version.ok_or_else(|| "install Rust with rustup".to_owned()));
    let target = toolbox::has_wasm_target(workspace).then(|| "installed".to_owned());
    line(WASM_TARGET, "Rust in the browser", target.ok_or_else(|| format!("rustup target add {WASM_TARGET}")));
    let compiler =
        step::output_of(Command::new("cc").arg("--version")).and_then(|text| text.lines().next().map(str::to_owned));
    line("cc", "compiles the cryptography", compiler.ok_or_else(|| "install gcc or clang".to_owned()));
}

fn line(name: &str, purpose: &str, found: Result<String, String>) {
    match found {
        Ok(what) => println!("  ok       {name:<26} {purpose}: {what}"),
        Err(how) => println!("  MISSING  {name:<26} {purpose}: {how}"),
    }
}
