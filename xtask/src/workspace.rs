//! Where things are: the clone, its target folder, and the tools shared by all clones of this user.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::trouble::Trouble;

/// The folders every verb works in.
#[derive(Debug, Clone)]
pub(crate) struct Workspace {
    root: PathBuf,
    target: PathBuf,
    tools: PathBuf,
}

impl Workspace {
    /// Finds the clone from cargo's environment or from the current folder upwards.
    ///
    /// # Errors
    /// When neither is inside a clone of this project, or no folder for tools can be named.
    pub(crate) fn discover() -> Result<Self, Trouble> {
        let start = match env::var_os("CARGO_MANIFEST_DIR") {
            Some(folder) => PathBuf::from(folder),
            None => env::current_dir().map_err(|error| Trouble::file("finding the current folder", &error))?,
        };
        let root = start
            .ancestors()
            .find(|folder| is_root(folder))
            .map(Path::to_owned)
            .ok_or_else(|| Trouble::new("run this inside a clone of the project"))?;
        let target = match env::var_os("CARGO_TARGET_DIR") {
            Some(folder) => root.join(folder),
            None => root.join("target"),
        };
        let tools = tools_folder(&|name| env::var_os(name))
            .ok_or_else(|| Trouble::new("neither HOME nor XTASK_TOOLS is set: no place for tools"))?;
        Ok(Self { root, target, tools })
    }

    /// The folder with `Cargo.lock`.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Cargo's target folder.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// What xtask itself writes: stamps, links to tools, settings of test browsers.
    pub(crate) fn scratch(&self) -> PathBuf {
        self.target.join("xtask")
    }

    /// The built page.
    pub(crate) fn dist(&self) -> PathBuf {
        self.root.join("dist")
    }

    /// Tools installed by us: `bin/` and `node_modules/`.
    pub(crate) fn tools(&self) -> &Path {
        &self.tools
    }

    /// A program built in the development profile.
    pub(crate) fn binary(&self, name: &str) -> PathBuf {
        self.target.join("debug").join(name)
    }

    /// A program built in release mode.
    pub(crate) fn release_binary(&self, name: &str) -> PathBuf {
        self.target.join("release").join(name)
    }

    /// Cargo, in the root of the workspace.
    pub(crate) fn cargo<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Command {
        let mut command = self.command("cargo");
        command.args(arguments);
        command
    }

    /// Any program, in the root of the workspace.
    pub(crate) fn command(&self, program: impl Into<OsString>) -> Command {
        let mut command = command_anywhere(program);
        command.current_dir(&self.root);
        command
    }
}

/// Any program, in the folder where the user is.
///
/// What `cargo run` tells *this* program about its own package is taken out of the environment:
/// build scripts that look at it would otherwise be run again after every change of caller.
pub(crate) fn command_anywhere(program: impl Into<OsString>) -> Command {
    let mut command = Command::new(program.into());
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    command
}

fn is_root(folder: &Path) -> bool {
    folder.join("Cargo.lock").is_file() && folder.join("xtask/Cargo.toml").is_file()
}

fn tools_folder(variable: &dyn Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(tools) = set("XTASK_TOOLS") {
        return Some(tools);
    }
    let cache = set("XDG_CACHE_HOME").or_else(|| set("HOME").map(|home| home.join(".cache")))?;
    Some(cache.join("colloquy").join("tools"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder_with(variables: &[(&str, &str)]) -> Option<PathBuf> {
        tools_folder(&|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn an_explicit_tools_folder_wins() {
        let folder = folder_with(&[("XTASK_TOOLS", "/here"), ("HOME", "/home/me")]);
        assert_eq!(folder, Some(PathBuf::from("/here")));
    }

    #[test]
    fn the_cache_folder_is_used_before_the_home_folder() {
        let folder = folder_with(&[("XDG_CACHE_HOME", "/cache"), ("HOME", "/home/me")]);
        assert_eq!(folder, Some(PathBuf::from("/cache/colloquy/tools")));
        let folder = folder_with(&[("XDG_CACHE_HOME", ""), ("HOME", "/home/me")]);
        assert_eq!(folder, Some(PathBuf::from("/home/me/.cache/colloquy/tools")));
    }

    #[test]
    fn without_a_home_there_is_no_tools_folder() {
        assert_eq!(folder_with(&[]), None);
    }

    #[test]
    fn the_clone_is_found_from_inside_it() {
        let workspace = Workspace::discover().expect("tests run inside the clone");
        assert!(workspace.root().join("xtask/src/workspace.rs").is_file());
    }
}
