//! Figures of the core, measured natively by `conversation`'s own example and handed over as lines of JSON.

use crate::figure::Figure;
use anyhow::{Context, Result};

/// Reads the file that `COLLOQUY_CORE_FIGURES` names; without the variable there are none.
pub(crate) fn read() -> Result<Vec<Figure>> {
    let Some(path) = std::env::var_os("COLLOQUY_CORE_FIGURES") else {
        println!("(no figures of the core: COLLOQUY_CORE_FIGURES is not set)");
        return Ok(Vec::new());
    };
    let text = std::fs::read_to_string(&path).with_context(|| path.to_string_lossy().into_owned())?;
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines.map(|line| serde_json::from_str(line).with_context(|| line.to_owned())).collect()
}
