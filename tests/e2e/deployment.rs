//! The examples of how to deploy name only settings that there are.

use crate::Outcome;
use anyhow::ensure;
use e2e_support::{help, repository};

#[test]
fn every_setting_named_by_an_example_exists() -> Outcome {
    let help = help()?;
    let folder = repository().join("deploy");
    let mut named = 0;
    for file in std::fs::read_dir(&folder)? {
        let path = file?.path();
        let text = std::fs::read_to_string(&path)?;
        for word in text.split(|character: char| !character.is_ascii_alphanumeric() && character != '_') {
            // The port is compose's own, for the balancer.
            if word.starts_with("COLLOQUY_") && word != "COLLOQUY_PORT" {
                named += 1;
                ensure!(help.contains(word), "{}: there is no setting {word}", path.display());
            }
        }
    }
    ensure!(named > 10, "the examples name only {named} settings");
    Ok(())
}
