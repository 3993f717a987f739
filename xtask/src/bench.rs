//! `cargo xtask bench`: builds what is measured and starts the program that measures.

use std::fs;

use crate::browser::{self, Browser};
use crate::installer;
use crate::packages::Package;
use crate::page;
use crate::server_binary;
use crate::step;
use crate::trouble::Trouble;
use crate::workspace::Workspace;

/// Measures the core natively in release mode, and everything else in the browser.
///
/// # Errors
/// When something cannot be built or measured.
pub(crate) fn bench(workspace: &Workspace, quick: bool) -> Result<(), Trouble> {
    let toolbox = installer::ensure_build_tools(workspace)?;
    let browser = Browser::ensure(&Package::ALL)?;
    browser::ensure_npm_packages(workspace);
    page::ensure(workspace, &toolbox)?;
    server_binary::build_with_engine(workspace)?;
    let build = ["build", "--package", "colloquy-tests", "--bin", "bench"];
    step::run("building the bench", &mut workspace.cargo(build))?;

    let scratch = workspace.scratch();
    fs::create_dir_all(&scratch).map_err(|error| Trouble::file("creating a folder", &error))?;
    let core_figures = scratch.join("core_figures.jsonl");
    let core = ["--release", "--package", "colloquy-conversation", "--example", "core_bench"];
    let mut measure_core = workspace.cargo(["run"].into_iter().chain(core));
    step::run_into_file("measuring the core natively", &mut measure_core, &core_figures)?;

    let mut measure = workspace.command(workspace.binary("bench"));
    browser.tell_end_to_end(workspace, &mut measure);
    measure.env("COLLOQUY_CORE_FIGURES", &core_figures);
    if quick {
        measure.arg("--quick");
    }
    step::run("measuring in headless Chromium", &mut measure).map(drop)
}
