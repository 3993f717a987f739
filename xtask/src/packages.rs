//! What comes from the system's package manager: the test browsers, a driver, speech, and a database.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::browser;
use crate::step;
use crate::toolbox;
use crate::trouble::Trouble;
use crate::workspace::Workspace;

/// Something that only the system can install.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Package {
    /// The browser of the tests.
    Chromium,
    /// What drives it; of the same version.
    ChromeDriver,
    /// The second browser of the end-to-end tests. Needs no driver.
    Firefox,
    /// The engine's voice. Run as a program, never linked.
    Espeak,
    /// The engine's ear, with a model of English.
    Pocketsphinx,
    /// The database that several servers share; the tests start one of their own.
    Postgres,
    /// Where several servers count together; the tests start one of their own.
    Redis,
    /// Gets the official clients, and wasm-opt.
    Npm,
    /// Gets the official client for Python.
    Pip,
    /// Stands in front of the server in tests; the bench compares our proxying with it.
    Nginx,
    /// Puts load on a server for the bench.
    Wrk,
}

impl Package {
    /// Everything that the tests need.
    pub(crate) const TESTS: [Self; 10] = [
        Self::Chromium,
        Self::ChromeDriver,
        Self::Firefox,
        Self::Espeak,
        Self::Pocketsphinx,
        Self::Postgres,
        Self::Redis,
        Self::Npm,
        Self::Pip,
        Self::Nginx,
    ];

    /// Everything that the bench needs.
    pub(crate) const BENCH: [Self; 7] =
        [Self::Chromium, Self::ChromeDriver, Self::Espeak, Self::Pocketsphinx, Self::Npm, Self::Nginx, Self::Wrk];

    /// Enough for tests that run in a browser by themselves.
    pub(crate) const BROWSER: [Self; 2] = [Self::Chromium, Self::ChromeDriver];

    /// Without these the local engine neither understands speech nor has a good voice.
    pub(crate) const SPEECH: [Self; 2] = [Self::Espeak, Self::Pocketsphinx];

    /// Everything: what the tests need, then what the bench needs besides.
    pub(crate) fn all() -> Vec<Self> {
        let besides = Self::BENCH.into_iter().filter(|package| !Self::TESTS.contains(package));
        Self::TESTS.into_iter().chain(besides).collect()
    }

    /// For people.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Chromium => "Chromium",
            Self::ChromeDriver => "ChromeDriver",
            Self::Firefox => "Firefox",
            Self::Espeak => "espeak-ng",
            Self::Pocketsphinx => "pocketsphinx with en-us",
            Self::Postgres => "PostgreSQL",
            Self::Redis => "Redis",
            Self::Npm => "npm",
            Self::Pip => "pip",
            Self::Nginx => "nginx",
            Self::Wrk => "wrk",
        }
    }

    /// What it is good for.
    pub(crate) const fn purpose(self) -> &'static str {
        match self {
            Self::Chromium => "browser tests and the bench",
            Self::ChromeDriver => "drives Chromium in tests",
            Self::Firefox => "end-to-end tests in a second browser",
            Self::Espeak => "the local engine's voice",
            Self::Pocketsphinx => "the local engine understands speech",
            Self::Postgres => "tests of the memory that several servers share",
            Self::Redis => "tests of the limits that several servers share",
            Self::Npm => "wasm-opt, and the official clients in tests",
            Self::Pip => "the official client for Python in tests",
            Self::Nginx => "tests of what stands in front of the server, and the bench compares with it",
            Self::Wrk => "puts load on the server in the bench",
        }
    }

    /// Its program, if it is here.
    pub(crate) fn find(self) -> Option<PathBuf> {
        match self {
            Self::Chromium => browser::chromium(),
            Self::ChromeDriver => browser::chromedriver(),
            Self::Firefox => browser::firefox(),
            Self::Espeak => toolbox::on_path(&["espeak-ng"]),
            // Version 5 of pocketsphinx does not have this program any more.
            Self::Pocketsphinx => toolbox::on_path(&["pocketsphinx_continuous"]),
            Self::Postgres => toolbox::on_path(&["initdb"]).or_else(debian_initdb),
            Self::Redis => toolbox::on_path(&["redis-server"]),
            Self::Npm => toolbox::on_path(&["npm"]),
            Self::Pip => toolbox::on_path(&["pip3", "pip"]),
            Self::Nginx => toolbox::on_path(&["nginx"]).or_else(system_nginx),
            Self::Wrk => toolbox::on_path(&["wrk"]),
        }
    }

    const fn on(self, manager: Manager) -> &'static [&'static str] {
        match (manager, self) {
            (Manager::Apt, Self::ChromeDriver) => &["chromium-driver"],
            (Manager::Dnf, Self::ChromeDriver) => &["chromedriver"],
            (Manager::Brew, Self::Chromium) => &["--cask", "chromium"],
            (Manager::Brew, Self::ChromeDriver) => &["--cask", "chromedriver"],
            // With pacman the driver is part of the browser's package.
            (_, Self::Chromium) | (Manager::Pacman, Self::ChromeDriver) => &["chromium"],
            (Manager::Apt, Self::Firefox) => &["firefox-esr"],
            (Manager::Brew, Self::Firefox) => &["--cask", "firefox"],
            (_, Self::Firefox) => &["firefox"],
            (_, Self::Espeak) => &["espeak-ng"],
            (Manager::Apt, Self::Pocketsphinx) => &["pocketsphinx", "pocketsphinx-en-us"],
            (Manager::Dnf, Self::Pocketsphinx) => &["pocketsphinx", "pocketsphinx-models"],
            (Manager::Pacman, Self::Pocketsphinx) => &["pocketsphinx"],
            (Manager::Brew, Self::Pocketsphinx) => &["cmu-pocketsphinx"],
            (Manager::Dnf, Self::Postgres) => &["postgresql-server"],
            (Manager::Brew, Self::Postgres) => &["postgresql@17"],
            (_, Self::Postgres) => &["postgresql"],
            (Manager::Apt, Self::Redis) => &["redis-server"],
            (_, Self::Redis) => &["redis"],
            (Manager::Dnf, Self::Npm) => &["nodejs-npm"],
            (Manager::Brew, Self::Npm) => &["node"],
            (_, Self::Npm) => &["npm"],
            (Manager::Pacman, Self::Pip) => &["python-pip"],
            (Manager::Brew, Self::Pip) => &["python"],
            (_, Self::Pip) => &["python3-pip"],
            (Manager::Apt, Self::Nginx) => &["nginx-light"],
            (_, Self::Nginx) => &["nginx"],
            (_, Self::Wrk) => &["wrk"],
        }
    }
}

/// Debian keeps the server's programs off the path, in a folder for each version.
fn debian_initdb() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
    versions.filter_map(|version| Some(version.ok()?.path().join("bin/initdb"))).find(|program| program.is_file())
}

/// Often not on the path of anybody but the administrator.
fn system_nginx() -> Option<PathBuf> {
    Some(PathBuf::from("/usr/sbin/nginx")).filter(|program| program.is_file())
}

/// A package manager whose commands are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manager {
    Apt,
    Dnf,
    Pacman,
    Brew,
}

impl Manager {
    const ALL: [Self; 4] = [Self::Apt, Self::Dnf, Self::Pacman, Self::Brew];

    const fn program(self) -> &'static str {
        match self {
            Self::Apt => "apt-get",
            Self::Dnf => "dnf",
            Self::Pacman => "pacman",
            Self::Brew => "brew",
        }
    }

    const fn install_line(self) -> &'static str {
        match self {
            Self::Apt => "sudo apt-get install",
            Self::Dnf => "sudo dnf install",
            Self::Pacman => "sudo pacman -S",
            Self::Brew => "brew install",
        }
    }

    fn here() -> Option<Self> {
        Self::ALL.into_iter().find(|manager| toolbox::on_path(&[manager.program()]).is_some())
    }
}

/// Installs those of `wanted` that are missing, where that is possible.
///
/// # Errors
/// When something is still missing afterwards; the text says what to type.
pub(crate) fn ensure(wanted: &[Package]) -> Result<(), Trouble> {
    let missing = missing(wanted);
    if missing.is_empty() {
        return Ok(());
    }
    if env::var_os("XTASK_NO_SYSTEM_PACKAGES").is_none() {
        install_with_apt(&missing);
    }
    let missing = self::missing(&missing);
    if missing.is_empty() {
        return Ok(());
    }
    Err(Trouble::new(format!("missing: {}\n{}", names(&missing), how_to_get(&missing))))
}

/// Tries once per machine to get speech for the local engine; without it the engine still works.
pub(crate) fn offer_speech(workspace: &Workspace) {
    let tried = workspace.tools().join("speech-was-tried");
    if missing(&Package::SPEECH).is_empty() || tried.exists() {
        return;
    }
    if let Err(trouble) = ensure(&Package::SPEECH) {
        step::say("the local engine works without these, but it cannot understand speech or has a plain voice");
        println!("{trouble}");
    }
    // Without the mark it is only tried again.
    let _ = fs::create_dir_all(workspace.tools());
    let _ = fs::write(tried, "cargo xtask doctor says how to get what is missing\n");
}

/// What to type to get `packages`, for the package manager that is here or for all that are known.
pub(crate) fn how_to_get(packages: &[Package]) -> String {
    let managers: Vec<Manager> = match Manager::here() {
        Some(manager) => vec![manager],
        None => Manager::ALL.to_vec(),
    };
    let lines: Vec<String> = managers.into_iter().map(|manager| install_lines(manager, packages)).collect();
    lines.join("\n")
}

fn missing(wanted: &[Package]) -> Vec<Package> {
    wanted.iter().copied().filter(|package| package.find().is_none()).collect()
}

fn names(packages: &[Package]) -> String {
    let names: Vec<&str> = packages.iter().map(|package| package.name()).collect();
    names.join(", ")
}

fn install_lines(manager: Manager, packages: &[Package]) -> String {
    let line = manager.install_line();
    let note = if manager != Manager::Apt && packages.contains(&Package::Pocketsphinx) {
        "\n  (pocketsphinx must be older than version 5, which has no pocketsphinx_continuous)"
    } else {
        ""
    };
    if manager == Manager::Brew {
        let lines = packages.iter().map(|package| format!("  {line} {}", package.on(manager).join(" ")));
        return lines.collect::<Vec<_>>().join("\n") + note;
    }
    format!("  {line} {}{note}", package_names(manager, packages).join(" "))
}

fn package_names(manager: Manager, packages: &[Package]) -> Vec<&'static str> {
    let mut names = Vec::new();
    for name in packages.iter().flat_map(|package| package.on(manager)) {
        if !names.contains(name) {
            names.push(*name);
        }
    }
    names
}

/// As root, or with a sudo that asks for nothing. Other package managers ask questions, so they are left to people.
fn install_with_apt(missing: &[Package]) {
    if Manager::here() != Some(Manager::Apt) {
        return;
    }
    let Some(privilege) = privilege() else { return };
    let apt = |arguments: &[&str]| {
        let mut line: Vec<&str> = privilege.to_vec();
        line.extend(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"]);
        line.extend(arguments);
        let (program, rest) = line.split_first().unwrap_or((&"apt-get", &[]));
        let mut command = Command::new(program);
        command.args(rest);
        command
    };
    if step::run("asking the system for its packages", &mut apt(&["update"])).is_err() {
        step::say("the package lists could not be refreshed; trying with those that are here");
    }
    let install = |names: &[&str]| {
        let mut arguments = vec!["install", "-y", "--no-install-recommends"];
        arguments.extend(names);
        step::run(&format!("installing {}", names.join(", ")), &mut apt(&arguments)).is_ok()
    };
    let names = package_names(Manager::Apt, missing);
    // One name that this distribution does not have must not keep the others away.
    if !install(&names) && missing.len() > 1 {
        for package in missing {
            install(package.on(Manager::Apt));
        }
    }
}

fn privilege() -> Option<&'static [&'static str]> {
    if is_root() {
        return Some(&[]);
    }
    step::output_of(Command::new("sudo").args(["-n", "true"])).map(|_| ["sudo", "-n"].as_slice())
}

/// Whether this is the superuser, for whom browsers refuse their sandbox.
pub(crate) fn is_root() -> bool {
    step::output_of(Command::new("id").arg("-u")).is_some_and(|id| id.trim() == "0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_installs_everything_with_apt() {
        assert_eq!(
            install_lines(Manager::Apt, &Package::all()),
            "  sudo apt-get install chromium chromium-driver firefox-esr espeak-ng pocketsphinx pocketsphinx-en-us postgresql \
             redis-server npm python3-pip nginx-light wrk"
        );
    }

    #[test]
    fn a_package_that_brings_two_things_is_named_once() {
        let line = install_lines(Manager::Pacman, &[Package::Chromium, Package::ChromeDriver]);
        assert_eq!(line, "  sudo pacman -S chromium");
    }

    #[test]
    fn casks_get_a_line_each() {
        let lines = install_lines(Manager::Brew, &[Package::Chromium, Package::Espeak]);
        assert_eq!(lines, "  brew install --cask chromium\n  brew install espeak-ng");
    }
}
