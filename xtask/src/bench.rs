//! `cargo xtask bench`: builds what is measured and starts the program that measures.

use std::fs;
use std::path::Path;

use crate::browser::{self, Browser};
use crate::installer;
use crate::packages::Package;
use crate::page;
use crate::server_binary;
use crate::step;
use crate::trouble::Trouble;
use crate::workspace::Workspace;

/// What can be measured.
pub(crate) const NAMES: &[&str] =
    &["core", "lookups", "recall", "connect", "turns", "interruptions", "context", "strategies", "load", "bundle"];

/// What is measured without a browser: an example that prints one figure a line as JSON.
struct Native {
    name: &'static str,
    what: &'static str,
    package: &'static str,
    example: &'static str,
    /// The core is a million small steps and says nothing unless optimised; the rest is measured as `run` builds it.
    release: bool,
    /// What makes it short.
    quick: Option<(&'static str, &'static str)>,
}

const NATIVE: [Native; 3] = [
    Native {
        name: "core",
        what: "measuring the core",
        package: "colloquy-conversation",
        example: "core_bench",
        release: true,
        quick: None,
    },
    Native {
        name: "lookups",
        what: "measuring look-ups",
        package: "colloquy-context",
        example: "context_bench",
        release: false,
        quick: None,
    },
    Native {
        name: "recall",
        what: "measuring recall (a million memories are written first: minutes)",
        package: "colloquy-memory",
        example: "recall_bench",
        release: false,
        quick: Some(("XTASK_MEMORY_BENCH_MAX", "100000")),
    },
];

impl Native {
    fn measure(&self, workspace: &Workspace, quick: bool, figures: &Path) -> Result<(), Trouble> {
        let mut run = workspace.cargo(["run", "--package", self.package, "--example", self.example]);
        if self.release {
            run.arg("--release");
        }
        if quick {
            run.envs(self.quick);
        }
        step::run_into_file(self.what, &mut run, &figures.join(format!("{}.jsonl", self.example))).map(drop)
    }
}

/// Measures what needs no browser, then everything else. `only` names what, all if it is empty.
///
/// # Errors
/// When something cannot be built or measured.
pub(crate) fn bench(workspace: &Workspace, quick: bool, only: &[String]) -> Result<(), Trouble> {
    let wanted = |name: &str| only.is_empty() || only.iter().any(|given| given == name);
    let toolbox = installer::ensure_build_tools(workspace)?;
    let browser = Browser::ensure(&Package::BENCH)?;
    browser::ensure_npm_packages(workspace);
    page::ensure(workspace, &toolbox)?;
    server_binary::build_with_engine(workspace)?;
    let build = ["build", "--package", "colloquy-tests", "--bin", "bench"];
    step::run("building the bench", &mut workspace.cargo(build))?;

    let figures = workspace.scratch().join("figures");
    // What an earlier run measured is not this run's.
    if figures.exists() {
        fs::remove_dir_all(&figures).map_err(|error| Trouble::file("removing old figures", &error))?;
    }
    fs::create_dir_all(&figures).map_err(|error| Trouble::file("creating a folder", &error))?;
    for native in NATIVE.iter().filter(|native| wanted(native.name)) {
        native.measure(workspace, quick, &figures)?;
    }

    let mut measure = workspace.command(workspace.binary("bench"));
    browser.tell_end_to_end(workspace, &mut measure);
    measure.env("XTASK_NATIVE_FIGURES", &figures);
    if wanted("load") {
        measure.env("XTASK_RELEASE_BIN", server_binary::build_release(workspace)?);
    }
    if quick {
        measure.arg("--quick");
    }
    measure.args(only);
    step::run("measuring", &mut measure).map(drop)
}
