//! House rules about files that no lint knows.

use std::fs;
use std::path::Path;

use crate::fingerprint::files_below;
use crate::step;
use crate::trouble::Trouble;
use crate::workspace::Workspace;

/// Reads every Rust file of the project and lists what breaks a rule.
///
/// # Errors
/// When a rule is broken or a file cannot be read.
pub(crate) fn check(workspace: &Workspace) -> Result<(), Trouble> {
    step::say("checking the house rules");
    let trouble = |error| Trouble::file("reading the sources", &error);
    let root = workspace.root();
    let files = files_below(root, &|path| is_foreign(root, path)).map_err(trouble)?;
    let mut complaints = Vec::new();
    for file in files.iter().filter(|file| file.extension().is_some_and(|kind| kind == "rs")) {
        let text = fs::read_to_string(file).map_err(trouble)?;
        let name = file.strip_prefix(root).unwrap_or(file);
        complaints.extend(complaint(name, &text));
    }
    for complaint in &complaints {
        println!("    {complaint}");
    }
    if complaints.is_empty() {
        Ok(())
    } else {
        Err(Trouble::new(format!("{} files break a house rule", complaints.len())))
    }
}

fn complaint(file: &Path, text: &str) -> Option<String> {
    let shown = file.display();
    if !text.starts_with("//!") {
        return Some(format!("{shown}: the first line does not say with `//!` what the file is for"));
    }
    let name = file.file_name()?.to_string_lossy();
    NAMELESS.contains(&name.as_ref()).then(|| format!("{shown}: name it after what is in it"))
}

/// Build results, and folders of tools such as `.git`.
fn is_foreign(root: &Path, path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let is_result = path.parent() == Some(root) && matches!(name.as_ref(), "target" | "dist");
    is_result || name.starts_with('.') || name == "node_modules"
}

const NAMELESS: &[&str] = &["utils.rs", "helpers.rs", "common.rs"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_must_say_what_it_is_for() {
        assert_eq!(complaint(Path::new("a/orb.rs"), "//! The orb.\n"), None);
        assert!(complaint(Path::new("a/orb.rs"), "use std::fs;\n").is_some());
        assert!(complaint(Path::new("a/orb.rs"), "").is_some());
    }

    #[test]
    fn a_file_must_have_a_name() {
        assert!(complaint(Path::new("a/utils.rs"), "//! Things.\n").is_some());
        assert!(complaint(Path::new("tests/helpers.rs"), "//! Things.\n").is_some());
    }

    #[test]
    fn build_results_are_not_read() {
        let root = Path::new("/clone");
        assert!(is_foreign(root, Path::new("/clone/target")));
        assert!(is_foreign(root, Path::new("/clone/.git")));
        assert!(!is_foreign(root, Path::new("/clone/engine/src/target")));
    }
}
