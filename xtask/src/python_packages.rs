//! The official client for Python, in the tools folder and nowhere else.

use std::path::PathBuf;
use std::process::Command;

use crate::packages::{self, Package};
use crate::step;
use crate::workspace::Workspace;

const OPENAI: &str = "3.52.0";

/// Gets it with pip. Says what is left out when that is not possible.
pub(crate) fn ensure(workspace: &Workspace) {
    if find(workspace).is_none() && !install(workspace) {
        step::say("pip could not install the official client: tests that need it will say so");
    }
}

/// The folder to be told to Python, if exactly the wanted version is in it.
pub(crate) fn find(workspace: &Workspace) -> Option<PathBuf> {
    let folder = folder(workspace);
    folder.join(format!("openai-{OPENAI}.dist-info")).is_dir().then_some(folder)
}

fn install(workspace: &Workspace) -> bool {
    if packages::ensure(&[Package::Pip]).is_err() {
        return false;
    }
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--root-user-action=ignore"])
        .args(["--upgrade", "--target"])
        .arg(folder(workspace))
        .arg(format!("openai=={OPENAI}"));
    step::run("installing openai with pip", &mut pip).is_ok()
}

fn folder(workspace: &Workspace) -> PathBuf {
    workspace.tools().join("python")
}
