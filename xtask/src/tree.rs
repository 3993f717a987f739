//! Rules about what depends on what: pure crates, arrows that point inward, one crypto provider, licences.

use std::collections::{BTreeMap, BTreeSet};

use crate::licence;
use crate::step;
use crate::trouble::Trouble;
use crate::workspace::Workspace;

/// Asks cargo for the trees and lists what breaks a rule.
///
/// # Errors
/// When a rule is broken or cargo cannot say.
pub(crate) fn check(workspace: &Workspace) -> Result<(), Trouble> {
    step::say("checking the dependencies");
    let everything = tree(workspace, &["--workspace", "--edges", "normal,build,dev"])?;
    let mut complaints = foreign_crypto(&everything);
    complaints.extend(licences(&everything));
    let ours = everything.keys().filter(|name| name.starts_with("colloquy-"));
    let unruled = ours.filter(|name| ARROWS.iter().all(|(package, _)| package != name));
    complaints.extend(unruled.map(|name| format!("{name}: it is not said what it may depend on")));
    for (package, allowed) in ARROWS {
        let dependencies = tree(workspace, &["--package", package, "--edges", "normal"])?;
        complaints.extend(wrong_arrows(package, allowed, &dependencies));
        if PURE.contains(package) {
            complaints.extend(impurities(package, &dependencies));
        }
    }
    for complaint in &complaints {
        println!("    {complaint}");
    }
    if complaints.is_empty() {
        Ok(())
    } else {
        Err(Trouble::new(format!("{} dependencies break a rule", complaints.len())))
    }
}

/// Packages by name, each with its licence expressions (of several versions).
type Packages = BTreeMap<String, BTreeSet<String>>;

fn tree(workspace: &Workspace, selection: &[&str]) -> Result<Packages, Trouble> {
    let fixed = ["tree", "--locked", "--target", "all", "--prefix", "none", "--format", "{p}\t{l}"];
    let mut cargo = workspace.cargo(fixed);
    cargo.args(selection);
    let text =
        step::output_of(&mut cargo).ok_or_else(|| Trouble::new("`cargo tree` failed; is Cargo.lock up to date?"))?;
    Ok(packages(&text))
}

fn packages(text: &str) -> Packages {
    let mut packages = Packages::new();
    for line in text.lines() {
        let Some((package, licence)) = line.split_once('\t') else { continue };
        let Some(name) = package.split_whitespace().next() else { continue };
        let licence = licence.trim_end_matches("(*)").trim();
        packages.entry(name.to_owned()).or_default().insert(licence.to_owned());
    }
    packages
}

fn foreign_crypto(packages: &Packages) -> Vec<String> {
    let found = packages.keys().filter(|name| FOREIGN_CRYPTO.contains(&name.as_str()));
    found.map(|name| format!("{name}: the one crypto provider of the tree is aws-lc-rs")).collect()
}

fn licences(packages: &Packages) -> Vec<String> {
    let mut complaints = Vec::new();
    for (name, licences) in packages {
        for licence in licences.iter().filter(|licence| !licence::is_permissive(licence)) {
            complaints.push(format!("{name}: `{licence}` is not a permissive licence"));
        }
    }
    complaints
}

fn wrong_arrows(package: &str, allowed: &[&str], dependencies: &Packages) -> Vec<String> {
    let ours = dependencies.keys().filter(|name| name.starts_with("colloquy-"));
    let wrong = ours.filter(|name| *name != package && !allowed.contains(&name.as_str()));
    wrong.map(|name| format!("{package} may not depend on {name}")).collect()
}

fn impurities(package: &str, dependencies: &Packages) -> Vec<String> {
    let found = dependencies.keys().filter(|name| IMPURE.iter().any(|impure| name.starts_with(impure)));
    found.map(|name| format!("{package} is pure and may not depend on {name}")).collect()
}

/// Which of our own crates each may reach.
const ARROWS: &[(&str, &[&str])] = &[
    ("colloquy-protocol", &[]),
    ("colloquy-conversation", &["colloquy-protocol"]),
    ("colloquy-frontend", &["colloquy-protocol", "colloquy-conversation"]),
    ("colloquy-engine", &["colloquy-protocol"]),
    ("colloquy-admission", &["colloquy-protocol"]),
    ("colloquy-context", &["colloquy-protocol", "colloquy-memory"]),
    ("colloquy-memory", &["colloquy-protocol"]),
    (
        "colloquy-server",
        &["colloquy-protocol", "colloquy-engine", "colloquy-admission", "colloquy-context", "colloquy-memory"],
    ),
    // They see the others as their users do: as programs.
    ("colloquy-tests", &[]),
    ("colloquy-xtask", &[]),
    ("colloquy-advisories", &[]),
];

/// No browser, no runtime, no clock.
const PURE: &[&str] = &["colloquy-protocol", "colloquy-conversation"];

/// Beginnings of names: browsers, runtimes and clocks.
const IMPURE: &[&str] = &[
    "web-sys",
    "js-sys",
    "wasm-bindgen",
    "gloo",
    "tokio",
    "futures",
    "async-std",
    "smol",
    "web-time",
    "instant",
    "chrono",
    "jiff",
];

const FOREIGN_CRYPTO: &[&str] = &["ring", "openssl", "openssl-sys", "native-tls", "boring", "boring-sys"];

#[cfg(test)]
mod tests {
    use super::*;

    const TREE: &str = "\
colloquy-protocol v0.1.0 (/clone/protocol)\tMIT OR Apache-2.0
serde_derive v1.0.1 (proc-macro)\tMIT OR Apache-2.0 (*)

getrandom v0.4.0\tMIT
getrandom v0.3.0\tApache-2.0
ring v0.17.0\tISC
secret v1.0.0\t
";

    #[test]
    fn packages_are_read_with_all_their_licences() {
        let packages = packages(TREE);
        assert_eq!(packages.len(), 5);
        assert_eq!(packages["getrandom"].len(), 2);
        assert!(packages["serde_derive"].contains("MIT OR Apache-2.0"));
    }

    #[test]
    fn a_second_crypto_provider_is_found() {
        let complaints = foreign_crypto(&packages(TREE));
        assert_eq!(complaints.len(), 1);
        assert!(complaints[0].starts_with("ring:"));
    }

    #[test]
    fn a_package_without_a_licence_is_found() {
        let complaints = licences(&packages(TREE));
        assert_eq!(complaints.len(), 1);
        assert!(complaints[0].starts_with("secret:"));
    }

    #[test]
    fn a_browser_in_a_pure_crate_is_found() {
        let packages = packages("wasm-bindgen-futures v0.4.1\tMIT\nserde v1.0.0\tMIT\n");
        assert_eq!(impurities("colloquy-conversation", &packages).len(), 1);
    }

    #[test]
    fn an_arrow_that_points_outward_is_found() {
        let packages = packages("colloquy-frontend v0.1.0\tMIT\ncolloquy-server v0.1.0\tMIT\n");
        let complaints = wrong_arrows("colloquy-frontend", &["colloquy-protocol"], &packages);
        assert_eq!(complaints, ["colloquy-frontend may not depend on colloquy-server"]);
    }
}
