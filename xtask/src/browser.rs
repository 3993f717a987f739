//! The browser of the tests, and what each test suite is told about it.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::installer;
use crate::packages::{self, Package};
use crate::python_packages;
use crate::step;
use crate::toolbox;
use crate::trouble::Trouble;
use crate::workspace::Workspace;

/// A browser and its driver, both found.
#[derive(Debug, Clone)]
pub(crate) struct Browser {
    program: PathBuf,
    driver: PathBuf,
}

impl Browser {
    /// Installs what is missing of `wanted`, which includes Chromium and its driver, and finds these two.
    ///
    /// # Errors
    /// When something is still missing; the text says what to type.
    pub(crate) fn ensure(wanted: &[Package]) -> Result<Self, Trouble> {
        packages::ensure(wanted)?;
        match (chromium(), chromedriver()) {
            (Some(program), Some(driver)) => Ok(Self { program, driver }),
            _ => Err(Trouble::new("Chromium was installed but is not found")),
        }
    }

    /// For `wasm-bindgen-test-runner`.
    ///
    /// # Errors
    /// When the settings file cannot be written.
    pub(crate) fn tell_wasm_tests(
        &self,
        workspace: &Workspace,
        runner: &Path,
        command: &mut Command,
    ) -> Result<(), Trouble> {
        let settings = workspace.scratch().join("webdriver.json");
        fs::create_dir_all(workspace.scratch())
            .and_then(|()| fs::write(&settings, self.capabilities(packages::is_root())))
            .map_err(|error| Trouble::file("writing the settings of the test browser", &error))?;
        command
            .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", runner)
            .env("CHROMEDRIVER", &self.driver)
            .env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", settings)
            .env("WASM_BINDGEN_USE_BROWSER", "1")
            .env("WASM_BINDGEN_TEST_TIMEOUT", "180")
            .env("WASM_BINDGEN_TEST_DRIVER_TIMEOUT", "30");
        Ok(())
    }

    /// For the tests and the bench with a real server.
    pub(crate) fn tell_end_to_end(&self, workspace: &Workspace, command: &mut Command) {
        command
            .env("XTASK_BIN", workspace.binary("colloquy"))
            .env("XTASK_CHROMIUM", &self.program)
            .env("XTASK_CHROMEDRIVER", &self.driver)
            .env("XTASK_DIST", workspace.dist());
        if let Some(firefox) = firefox() {
            command.env("XTASK_FIREFOX", firefox);
        }
        if has_npm_packages(workspace) {
            command.env("XTASK_NPM_DIR", workspace.tools());
        }
        if let Some(folder) = python_packages::find(workspace) {
            command.env("XTASK_PYTHON_DIR", folder);
        }
    }

    fn capabilities(&self, is_root: bool) -> String {
        let mut flags = FLAGS.to_vec();
        if is_root {
            flags.push("--no-sandbox");
        }
        let flags: Vec<String> = flags.into_iter().map(quoted).collect();
        let program = quoted(&self.program.to_string_lossy());
        format!("{{\"goog:chromeOptions\":{{\"binary\":{program},\"args\":[{}]}}}}\n", flags.join(","))
    }
}

/// The browser: `XTASK_CHROMIUM`, or the first of the usual names and places.
pub(crate) fn chromium() -> Option<PathBuf> {
    named_by("XTASK_CHROMIUM")
        .or_else(|| toolbox::on_path(&["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"]))
        .or_else(|| MAC_BROWSERS.iter().map(PathBuf::from).find(|path| path.is_file()))
}

/// Its driver: `XTASK_CHROMEDRIVER`, or the one on the PATH.
pub(crate) fn chromedriver() -> Option<PathBuf> {
    named_by("XTASK_CHROMEDRIVER").or_else(|| toolbox::on_path(&["chromedriver"]))
}

/// The second browser: `XTASK_FIREFOX`, or the first of the usual names and places.
pub(crate) fn firefox() -> Option<PathBuf> {
    named_by("XTASK_FIREFOX")
        .or_else(|| toolbox::on_path(&["firefox-esr", "firefox"]))
        .or_else(|| Some(PathBuf::from(MAC_FIREFOX)).filter(|path| path.is_file()))
}

/// Gets the official clients and the accessibility checker, with npm. Says what is left out when that is not possible.
pub(crate) fn ensure_npm_packages(workspace: &Workspace) {
    let wanted: Vec<String> = NPM_PACKAGES.iter().map(|(name, version)| format!("{name}@{version}")).collect();
    if has_npm_packages(workspace) || installer::install_npm_packages(workspace, &wanted) {
        return;
    }
    step::say("npm could not install the official clients: tests that need it will say so");
}

/// Whether exactly the wanted npm packages are here.
pub(crate) fn has_npm_packages(workspace: &Workspace) -> bool {
    NPM_PACKAGES.iter().all(|(name, version)| {
        let manifest = workspace.tools().join("node_modules").join(name).join("package.json");
        let version = format!("\"version\": \"{version}\"");
        fs::read_to_string(manifest).is_ok_and(|text| text.contains(&version))
    })
}

fn named_by(variable: &str) -> Option<PathBuf> {
    env::var_os(variable).map(PathBuf::from).filter(|path| path.is_file())
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A microphone that needs no hardware and asks nobody, sound without a click, and no traffic of the browser's own.
const FLAGS: &[&str] = &[
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

const MAC_BROWSERS: &[&str] = &[
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

const MAC_FIREFOX: &str = "/Applications/Firefox.app/Contents/MacOS/firefox";

const NPM_PACKAGES: &[(&str, &str)] = &[
    ("@openai/agents-realtime", "0.20.0"),
    ("axe-core", "4.14.1"),
    ("@modelcontextprotocol/server-everything", "2026.8.31"),
    ("openai", "7.55.0"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn browser() -> Browser {
        Browser { program: PathBuf::from("/opt/my \"own\" browser"), driver: PathBuf::from("/usr/bin/chromedriver") }
    }

    #[test]
    fn the_sandbox_is_only_given_up_for_root() {
        assert!(browser().capabilities(true).contains("\"--no-sandbox\""));
        assert!(!browser().capabilities(false).contains("--no-sandbox"));
    }

    #[test]
    fn the_browsers_path_is_quoted() {
        assert!(browser().capabilities(false).contains(r#""binary":"/opt/my \"own\" browser""#));
    }
}
