//! Where things are: binaries, the built page, and the folder for what tests leave behind.

use std::path::{Path, PathBuf};

/// The project's root.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

/// Cargo's folder for what it builds.
pub fn target() -> PathBuf {
    variable("CARGO_TARGET_DIR").map_or_else(|| repository().join("target"), |folder| repository().join(folder))
}

/// A file of this name among what tests leave behind (logs, speech, screenshots).
pub fn artefact(name: &str) -> PathBuf {
    let folder = target().join("e2e");
    if let Err(error) = std::fs::create_dir_all(&folder) {
        eprintln!("{}: {error}", folder.display());
    }
    folder.join(name)
}

/// The folder of the built page.
pub fn dist() -> PathBuf {
    variable("XTASK_DIST").unwrap_or_else(|| repository().join("dist"))
}

/// The folder whose `node_modules` has the official clients, where the set-up could install them.
pub fn npm_dir() -> Option<PathBuf> {
    variable("XTASK_NPM_DIR").filter(|dir| dir.join("node_modules").is_dir())
}

/// The folder of Python packages with the official client, where the set-up could install it.
pub fn python_dir() -> Option<PathBuf> {
    variable("XTASK_PYTHON_DIR").filter(|dir| dir.join("openai").is_dir())
}

pub(crate) fn server_binary() -> PathBuf {
    variable("XTASK_BIN").unwrap_or_else(|| target().join("debug/colloquy"))
}

pub(crate) fn released_binary() -> PathBuf {
    variable("XTASK_RELEASE_BIN").unwrap_or_else(server_binary)
}

pub(crate) fn chromium() -> PathBuf {
    variable("XTASK_CHROMIUM").unwrap_or_else(|| PathBuf::from("/usr/bin/chromium"))
}

pub(crate) fn chromedriver() -> PathBuf {
    variable("XTASK_CHROMEDRIVER").unwrap_or_else(|| PathBuf::from("/usr/bin/chromedriver"))
}

pub(crate) fn firefox() -> PathBuf {
    variable("XTASK_FIREFOX").unwrap_or_else(|| PathBuf::from("/usr/bin/firefox-esr"))
}

fn variable(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).map(PathBuf::from)
}
