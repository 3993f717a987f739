//! Holds a lock file against a database of known vulnerabilities, that of <https://rustsec.org>. A program beside
//! `xtask`, so that setting up needs none of what reading the database does.

use rustsec::advisory::Informational;
use rustsec::report::Settings;
use rustsec::{Database, Lockfile, Report};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [database, lock] = arguments.as_slice() else {
        eprintln!("colloquy-advisories DATABASE LOCKFILE");
        return ExitCode::from(2);
    };
    match found(database, lock) {
        Ok(Found { vulnerabilities, notices }) => {
            for line in notices.iter().chain(&vulnerabilities) {
                println!("    {line}");
            }
            if vulnerabilities.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            eprintln!("colloquy-advisories: {error}");
            ExitCode::from(2)
        }
    }
}

/// What is known about the packages of a lock file, a line each.
#[derive(Debug, Default, PartialEq, Eq)]
struct Found {
    /// What has to be mended.
    vulnerabilities: Vec<String>,
    /// What nobody maintains any more, and the like.
    notices: Vec<String>,
}

fn found(database: &Path, lock: &Path) -> Result<Found, rustsec::Error> {
    let settings = Settings {
        informational_warnings: vec![Informational::Notice, Informational::Unmaintained, Informational::Unsound],
        ..Settings::default()
    };
    let report = Report::generate(&Database::open(database)?, &Lockfile::load(lock)?, &settings);
    let vulnerabilities = report.vulnerabilities.list.iter().map(|one| {
        let mended: Vec<String> = one.versions.patched().iter().map(ToString::to_string).collect();
        let cure =
            if mended.is_empty() { "not mended yet".to_owned() } else { format!("mended in {}", mended.join(", ")) };
        let (package, about) = (&one.package, &one.advisory);
        format!("{} {}: {} ({}, {cure})", package.name, package.version, about.title, about.id)
    });
    let notices = report.warnings.values().flatten().map(|one| {
        let about = one.advisory.as_ref().map(|about| format!(": {} ({})", about.title, about.id)).unwrap_or_default();
        format!("{} {} is {}{about}", one.package.name, one.package.version, one.kind.as_str())
    });
    Ok(Found { vulnerabilities: vulnerabilities.collect(), notices: notices.collect() })
}

#[cfg(test)]
mod tests {
    use super::{Found, found};
    use std::fs;

    #[test]
    fn a_vulnerable_package_is_named_with_its_cure_and_a_mended_one_is_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let advisories = folder.path().join("db/crates");
        let advisory = |package: &str, id: &str, more: &str, versions: &str| {
            let text = format!(
                "```toml\n[advisory]\nid = \"{id}\"\npackage = \"{package}\"\ndate = \"2026-01-02\"\n{more}\n\
                 [versions]\npatched = [{versions}]\n```\n\n# It goes wrong\n\nAt times.\n"
            );
            fs::create_dir_all(advisories.join(package)).expect("a folder");
            fs::write(advisories.join(package).join(format!("{id}.md")), text).expect("written");
        };
        advisory("broken", "RUSTSEC-2026-0001", "", "\">= 1.2.4\"");
        advisory("mended", "RUSTSEC-2026-0002", "", "\">= 1.2.3\"");
        advisory("left", "RUSTSEC-2026-0003", "informational = \"unmaintained\"", "");
        let lock = folder.path().join("Cargo.lock");
        let source = "registry+https://github.com/rust-lang/crates.io-index";
        let packages = ["broken", "mended", "left"]
            .map(|name| format!("[[package]]\nname = \"{name}\"\nversion = \"1.2.3\"\nsource = \"{source}\"\n"));
        fs::write(&lock, format!("version = 4\n\n{}", packages.join("\n"))).expect("written");
        let expected = Found {
            vulnerabilities: vec!["broken 1.2.3: It goes wrong (RUSTSEC-2026-0001, mended in >=1.2.4)".to_owned()],
            notices: vec!["left 1.2.3 is unmaintained: It goes wrong (RUSTSEC-2026-0003)".to_owned()],
        };
        assert_eq!(found(&folder.path().join("db"), &lock).expect("sound"), expected);
        assert!(found(&lock, &lock).is_err(), "a database that is none passes nothing");
    }
}
