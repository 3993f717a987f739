//! Builds the page into `dist/` with trunk, unless it is up to date.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::fingerprint::{files_below, fingerprint};
use crate::squeeze;
use crate::step;
use crate::toolbox::{Tool, Toolbox};
use crate::trouble::Trouble;
use crate::workspace::Workspace;

/// Makes sure that `dist/` is what the sources say, in release mode.
///
/// # Errors
/// When trunk fails, or a file cannot be read or written.
pub(crate) fn ensure(workspace: &Workspace, toolbox: &Toolbox) -> Result<(), Trouble> {
    let trouble = |error: io::Error| Trouble::file("looking at the page's files", &error);
    let stamp_file = workspace.scratch().join("page.stamp");
    let inputs = inputs_stamp(workspace, toolbox).map_err(trouble)?;
    let is_fresh = |inputs: &str| {
        let current = format!("{inputs} {}", dist_stamp(workspace).unwrap_or_default());
        fs::read_to_string(&stamp_file).is_ok_and(|stamp| stamp == current)
    };
    if is_fresh(&inputs) {
        step::say("the page in dist/ is up to date");
        return Ok(());
    }
    step::run("fetching the page's dependencies", &mut workspace.cargo(["fetch", "--locked"]))?;
    let tools = link_tools(workspace, toolbox).map_err(trouble)?;
    step::run("building the page in release mode", &mut trunk(workspace, toolbox, &tools)?)?;
    squeeze::squeeze(workspace, toolbox)?;
    let dist = dist_stamp(workspace).map_err(trouble)?;
    fs::write(&stamp_file, format!("{inputs} {dist}")).map_err(trouble)
}

/// Everything in `dist/`, in order.
///
/// # Errors
/// When it is not there.
pub(crate) fn files(workspace: &Workspace) -> io::Result<BTreeSet<PathBuf>> {
    files_below(&workspace.dist(), &|_| false)
}

fn trunk(workspace: &Workspace, toolbox: &Toolbox, tools: &Path) -> Result<Command, Trouble> {
    let mut folders = vec![tools.to_owned()];
    if let Some(path) = env::var_os("PATH") {
        folders.extend(env::split_paths(&path));
    }
    let path = env::join_paths(folders).map_err(|error| Trouble::new(format!("PATH cannot be extended: {error}")))?;
    let mut trunk = workspace.command(tools.join(Tool::Trunk.program()));
    trunk
        .args(["build", "--offline"])
        .env("PATH", path)
        // This version of trunk ends with an error when it is set to 1.
        .env_remove("NO_COLOR");
    if toolbox.find(Tool::WasmOpt).is_some() {
        // index.html names the cargo profile of release mode, so that trunk alone does the same.
        trunk.arg("--release");
    } else {
        // In release mode trunk insists on wasm-opt. The cargo profile alone decides how the code is compiled.
        step::say("building without wasm-opt: the page works, it is only larger");
        trunk.args(["--cargo-profile", "release-web"]);
    }
    Ok(trunk)
}

/// A folder with exactly the tools that were chosen, so that trunk finds these and no others.
fn link_tools(workspace: &Workspace, toolbox: &Toolbox) -> io::Result<PathBuf> {
    let folder = workspace.scratch().join("bin");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    for tool in [Tool::Trunk, Tool::WasmBindgen, Tool::WasmOpt] {
        if let Some((program, _)) = toolbox.find(tool) {
            symlink(program, folder.join(tool.program()))?;
        }
    }
    Ok(folder)
}

fn inputs_stamp(workspace: &Workspace, toolbox: &Toolbox) -> io::Result<String> {
    let root = workspace.root();
    let files = files_below(root, &|path| path.strip_prefix(root).is_ok_and(is_no_input))?;
    let tools: Vec<_> = [Tool::Trunk, Tool::WasmBindgen, Tool::WasmOpt, Tool::Esbuild]
        .into_iter()
        .map(|tool| toolbox.find(tool).map(|(_, version)| version.to_string()))
        .collect();
    Ok(format!("{:016x}", fingerprint(&files, &format!("{tools:?}"))?))
}

fn dist_stamp(workspace: &Workspace) -> io::Result<String> {
    Ok(format!("{:016x}", fingerprint(&files(workspace)?, "")?))
}

/// What certainly does not go into the page. Anything else might: `index.html` can name any file.
fn is_no_input(path: &Path) -> bool {
    let mut parts = path.components().map(|part| part.as_os_str().to_string_lossy());
    let (Some(first), second) = (parts.next(), parts.next()) else {
        return false;
    };
    if first.starts_with('.') {
        return first != ".cargo";
    }
    let is_document = first.ends_with(".md") || first.starts_with("LICENSE");
    let only_tests =
        second.is_some_and(|second| matches!(second.as_ref(), "tests" | "examples" | "benches" | "fixtures"));
    is_document || only_tests || NO_INPUTS.contains(&first.as_ref())
}

const NO_INPUTS: &[&str] =
    &["target", "dist", "docs", "deploy", "secrets", "control", "engine", "server", "tests", "xtask"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_settings_and_unknown_folders_are_inputs() {
        for path in ["index.html", "Cargo.lock", ".cargo/config.toml", "frontend/src/main.rs", "styles/page.css"] {
            assert!(!is_no_input(Path::new(path)), "{path}");
        }
    }

    #[test]
    fn tests_documents_and_other_programs_are_not() {
        for path in [
            "README.md",
            "deploy/README.md",
            ".git/HEAD",
            "target",
            "server/src/main.rs",
            "protocol/tests/it.rs",
            "dist",
        ] {
            assert!(is_no_input(Path::new(path)), "{path}");
        }
    }
}
