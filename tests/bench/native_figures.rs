//! Figures measured without a browser, by examples of the crates they are about, handed over as files of JSON lines.

use crate::figure::Figure;
use anyhow::{Context, Result};

/// Reads the files of the folder that `XTASK_NATIVE_FIGURES` names; without the variable there are none.
pub(crate) fn read() -> Result<Vec<Figure>> {
    let Some(folder) = std::env::var_os("XTASK_NATIVE_FIGURES") else {
        return Ok(Vec::new());
    };
    let mut figures = Vec::new();
    for file in std::fs::read_dir(&folder).with_context(|| folder.to_string_lossy().into_owned())? {
        let path = file?.path();
        let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            figures.push(serde_json::from_str(line).with_context(|| line.to_owned())?);
        }
    }
    Ok(figures)
}
