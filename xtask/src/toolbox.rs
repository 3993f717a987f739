//! The build tools: which version is wanted, where one was found.
//!
//! A fitting tool on the PATH is preferred; then one that we installed for this user.
//! Nothing is installed here, see `installer`.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::lockfile::locked_version;
use crate::step;
use crate::trouble::Trouble;
use crate::version::Version;
use crate::workspace::Workspace;

/// A program the build needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tool {
    /// Builds the page.
    Trunk,
    /// Makes the JavaScript side of the WebAssembly.
    WasmBindgen,
    /// Runs WebAssembly tests in a browser; comes with `WasmBindgen`.
    WasmBindgenTestRunner,
    /// Makes the WebAssembly smaller. The page works without it.
    WasmOpt,
    /// Makes its JavaScript side smaller. The page works without it.
    Esbuild,
}

impl Tool {
    /// Its name on the PATH.
    pub(crate) const fn program(self) -> &'static str {
        match self {
            Self::Trunk => "trunk",
            Self::WasmBindgen => "wasm-bindgen",
            Self::WasmBindgenTestRunner => "wasm-bindgen-test-runner",
            Self::WasmOpt => "wasm-opt",
            Self::Esbuild => "esbuild",
        }
    }
}

/// The tools of one workspace.
#[derive(Debug, Clone)]
pub(crate) struct Toolbox {
    folders: Vec<PathBuf>,
    wasm_bindgen: Version,
}

impl Toolbox {
    /// Reads which wasm-bindgen is locked.
    ///
    /// # Errors
    /// When `Cargo.lock` cannot be read or does not lock wasm-bindgen.
    pub(crate) fn of(workspace: &Workspace) -> Result<Self, Trouble> {
        let lock = fs::read_to_string(workspace.root().join("Cargo.lock"))
            .map_err(|error| Trouble::file("reading Cargo.lock", &error))?;
        let wasm_bindgen = locked_version(&lock, "wasm-bindgen")
            .and_then(|version| Version::parse(&version))
            .ok_or_else(|| Trouble::new("Cargo.lock does not lock wasm-bindgen"))?;
        Ok(Self { folders: search_path(workspace.tools()), wasm_bindgen })
    }

    /// The version of wasm-bindgen that the tool must have exactly.
    pub(crate) fn wasm_bindgen(&self) -> Version {
        self.wasm_bindgen
    }

    /// The first program of this name with a fitting version, and that version.
    pub(crate) fn find(&self, tool: Tool) -> Option<(PathBuf, Version)> {
        candidates(&self.folders, tool.program()).find_map(|path| {
            let printed = step::output_of(Command::new(&path).arg("--version").env_remove("NO_COLOR"))?;
            let version = Version::find(&printed)?;
            self.fits(tool, version).then_some((path, version))
        })
    }

    /// In words, which version is wanted.
    pub(crate) fn wanted(&self, tool: Tool) -> String {
        match tool {
            Tool::Trunk => format!("{}.{}.x", TRUNK.0, TRUNK.1),
            Tool::WasmBindgen | Tool::WasmBindgenTestRunner => format!("exactly {}", self.wasm_bindgen),
            Tool::WasmOpt => format!("{} or later", OLDEST_WASM_OPT.0),
            Tool::Esbuild => format!("exactly {ESBUILD}"),
        }
    }

    fn fits(&self, tool: Tool, version: Version) -> bool {
        match tool {
            Tool::Trunk => version.is_same_series(TRUNK),
            Tool::WasmBindgen | Tool::WasmBindgenTestRunner => version == self.wasm_bindgen,
            Tool::WasmOpt => version >= OLDEST_WASM_OPT,
            Tool::Esbuild => version == ESBUILD,
        }
    }
}

/// Every file called `name` in `folders`, in order.
pub(crate) fn candidates<'a>(folders: &'a [PathBuf], name: &'a str) -> impl Iterator<Item = PathBuf> + 'a {
    folders.iter().map(move |folder| folder.join(name)).filter(|path| path.is_file())
}

/// The first program on the PATH that has one of these names.
pub(crate) fn on_path(names: &[&str]) -> Option<PathBuf> {
    let folders = path_folders();
    names.iter().find_map(|name| candidates(&folders, name).next())
}

/// Whether rustc has the standard library for the browser.
pub(crate) fn has_wasm_target(workspace: &Workspace) -> bool {
    let question = ["--print", "target-libdir", "--target", WASM_TARGET];
    step::output_of(workspace.command("rustc").args(question)).is_some_and(|folder| Path::new(folder.trim()).is_dir())
}

fn search_path(tools: &Path) -> Vec<PathBuf> {
    let mut folders = path_folders();
    folders.push(tools.join("bin"));
    folders.push(tools.join("node_modules/.bin"));
    folders
}

fn path_folders() -> Vec<PathBuf> {
    env::var_os("PATH").map_or_else(Vec::new, |path| env::split_paths(&path).collect())
}

/// The target of the page.
pub(crate) const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// The trunk that is installed. Later series need a later compiler.
pub(crate) const TRUNK: Version = Version(0, 21, 14);

/// The wasm-opt that is installed.
pub(crate) const BINARYEN: Version = Version(132, 0, 0);

/// The esbuild that is installed.
pub(crate) const ESBUILD: Version = Version(0, 28, 2);

/// Older ones do not read what current compilers write.
const OLDEST_WASM_OPT: Version = Version(116, 0, 0);

#[cfg(test)]
mod tests {
    use super::*;

    fn toolbox() -> Toolbox {
        Toolbox { folders: Vec::new(), wasm_bindgen: Version(0, 2, 130) }
    }

    #[test]
    fn any_trunk_of_the_series_fits() {
        assert!(toolbox().fits(Tool::Trunk, Version(0, 21, 4)));
        assert!(!toolbox().fits(Tool::Trunk, Version(0, 22, 1)));
    }

    #[test]
    fn only_the_locked_wasm_bindgen_fits() {
        assert!(toolbox().fits(Tool::WasmBindgen, Version(0, 2, 130)));
        assert!(!toolbox().fits(Tool::WasmBindgen, Version(0, 2, 131)));
        assert!(!toolbox().fits(Tool::WasmBindgenTestRunner, Version(0, 2, 129)));
    }

    #[test]
    fn a_recent_wasm_opt_fits() {
        assert!(toolbox().fits(Tool::WasmOpt, Version(116, 0, 0)));
        assert!(!toolbox().fits(Tool::WasmOpt, Version(108, 0, 0)));
    }

    #[test]
    fn an_empty_toolbox_finds_nothing() {
        assert_eq!(toolbox().find(Tool::Trunk), None);
    }
}
