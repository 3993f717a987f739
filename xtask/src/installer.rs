//! Gets the missing tools, once per user and machine.
//!
//! Prebuilt where that is possible, otherwise compiled in cargo's debug profile: a third of the time, and the
//! tools are fast enough. The build folder stays in the tools folder until an installation has succeeded, so one
//! that was interrupted goes on where it was.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::packages::{self, Package};
use crate::room;
use crate::step;
use crate::toolbox::{self, BINARYEN, ESBUILD, TRUNK, Tool, Toolbox, WASM_TARGET};
use crate::trouble::Trouble;
use crate::version::Version;
use crate::workspace::Workspace;

/// Makes sure that the page can be built. wasm-opt and esbuild may still be missing afterwards, and then a notice was shown.
///
/// # Errors
/// When something indispensable could not be installed.
pub(crate) fn ensure_build_tools(workspace: &Workspace) -> Result<Toolbox, Trouble> {
    room::ensure(workspace)?;
    let toolbox = Toolbox::of(workspace)?;
    ensure_wasm_target(workspace)?;
    if toolbox.find(Tool::Trunk).is_none() {
        install_crate(workspace, "trunk", TRUNK, Lock::TheirOwn)?;
    }
    let has_bindgen =
        [Tool::WasmBindgen, Tool::WasmBindgenTestRunner].into_iter().all(|tool| toolbox.find(tool).is_some());
    if !has_bindgen {
        install_crate(workspace, "wasm-bindgen-cli", toolbox.wasm_bindgen(), Lock::Fresh)?;
    }
    if toolbox.find(Tool::WasmOpt).is_none() || toolbox.find(Tool::Esbuild).is_none() {
        install_shrinkers(workspace);
    }
    for tool in [Tool::Trunk, Tool::WasmBindgen, Tool::WasmBindgenTestRunner] {
        if toolbox.find(tool).is_none() {
            let wanted = toolbox.wanted(tool);
            return Err(Trouble::new(format!("{} ({wanted}) was installed but is not found", tool.program())));
        }
    }
    Ok(toolbox)
}

/// Installs npm packages beside those that are there. Says whether that worked.
pub(crate) fn install_npm_packages(workspace: &Workspace, wanted: &[String]) -> bool {
    let tools = workspace.tools();
    if packages::ensure(&[Package::Npm]).is_err() || fs::create_dir_all(tools).is_err() {
        return false;
    }
    let mut npm = Command::new("npm");
    npm.arg("install")
        .arg("--prefix")
        .arg(tools)
        .args(["--save-exact", "--no-audit", "--no-fund", "--loglevel=error"])
        .args(wanted)
        .current_dir(tools);
    let what = format!("installing {} with npm", wanted.join(" and "));
    step::run(&what, &mut npm).is_ok()
}

/// Which versions of its dependencies a tool is compiled with.
#[derive(Clone, Copy)]
enum Lock {
    /// Those in the tool's lock file: trunk does not compile with later ones.
    TheirOwn,
    /// The latest: the lock file of wasm-bindgen-cli names versions that not every mirror has.
    Fresh,
}

/// Makes sure that Rust can compile for the browser.
///
/// # Errors
/// When it cannot, and rustup is not there or fails.
pub(crate) fn ensure_wasm_target(workspace: &Workspace) -> Result<(), Trouble> {
    if toolbox::has_wasm_target(workspace) {
        return Ok(());
    }
    if toolbox::on_path(&["rustup"]).is_none() {
        return Err(Trouble::new(format!(
            "this Rust has no {WASM_TARGET} and there is no rustup to add it: install Rust with rustup, or the \
             distribution's package for this target"
        )));
    }
    let mut rustup = workspace.command("rustup");
    rustup.args(["target", "add", WASM_TARGET]);
    step::run("adding the browser as a target of Rust", &mut rustup).map(drop)
}

fn install_crate(workspace: &Workspace, package: &str, version: Version, lock: Lock) -> Result<(), Trouble> {
    let tools = workspace.tools();
    fs::create_dir_all(tools).map_err(|error| Trouble::file("creating the folder for tools", &error))?;
    if toolbox::on_path(&["cargo-binstall"]).is_some() && install_prebuilt(tools, package, version) {
        return Ok(());
    }
    let build = tools.join("build").join(package);
    let mut cargo = Command::new("cargo");
    // Outside the clone, whose cargo settings are not meant for other people's programs.
    cargo
        .current_dir(tools)
        .arg("install")
        .args(["--debug", "--force", "--version", &version.to_string(), package])
        .arg("--root")
        .arg(tools)
        .arg("--target-dir")
        .arg(&build)
        .env_remove("CARGO_TARGET_DIR")
        .env("CARGO_PROFILE_DEV_DEBUG", "0");
    if matches!(lock, Lock::TheirOwn) {
        cargo.arg("--locked");
    }
    step::run(&format!("compiling {package} {version}: takes minutes, once per machine"), &mut cargo)?;
    // Only space is lost if this fails.
    let _ = fs::remove_dir_all(&build);
    Ok(())
}

fn install_prebuilt(tools: &Path, package: &str, version: Version) -> bool {
    let mut binstall = Command::new("cargo-binstall");
    binstall
        .args(["--no-confirm", "--disable-strategies", "compile", "--root"])
        .arg(tools)
        .arg(format!("{package}@{version}"));
    step::run(&format!("fetching {package} {version} prebuilt"), &mut binstall).is_ok()
}

fn install_shrinkers(workspace: &Workspace) {
    let packages = [format!("binaryen@{BINARYEN}"), format!("esbuild@{ESBUILD}")];
    if !install_npm_packages(workspace, &packages) {
        step::say(
            "wasm-opt and esbuild are missing and npm could not install them. The page works without, it is only \
             larger. To have them: install node with npm, or binaryen 116 or later, and run this again.",
        );
    }
}
