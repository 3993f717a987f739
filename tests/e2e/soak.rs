//! What is promised under load and faults, for a short time; `cargo xtask soak` does the same for longer.

use crate::{BROWSER, Outcome};
use anyhow::ensure;
use std::process::Command;

#[test]
fn under_load_and_faults_a_killed_server_loses_nothing_that_it_acknowledged() -> Outcome {
    // The load would disturb a browser's audio.
    let _alone = BROWSER.blocking_lock();
    let output = Command::new(env!("CARGO_BIN_EXE_soak")).args(["--seconds", "20"]).output()?;
    let (told, troubles) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    ensure!(output.status.success(), "{told}\n{troubles}");
    Ok(())
}
