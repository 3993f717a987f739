//! `cargo xtask bundle`: the static page for any host, and what it weighs.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use brotli::CompressorWriter;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::installer;
use crate::page;
use crate::step;
use crate::trouble::Trouble;
use crate::workspace::Workspace;

/// Builds `dist/` and prints the sizes.
///
/// # Errors
/// When it cannot be built or read.
pub(crate) fn bundle(workspace: &Workspace) -> Result<(), Trouble> {
    let toolbox = installer::ensure_build_tools(workspace)?;
    page::ensure(workspace, &toolbox)?;
    let dist = workspace.dist();
    step::say(&format!("{}: any static host can serve it", dist.display()));
    let trouble = |error| Trouble::file("reading dist/", &error);
    println!("{}", line("raw", "gzip", "brotli", "file"));
    let html = fs::read_to_string(dist.join(INDEX)).map_err(trouble)?;
    let (mut at_once, mut on_demand) = (Weight::default(), Weight::default());
    for file in page::files(workspace).map_err(trouble)? {
        let weight = Weight::of(&fs::read(&file).map_err(trouble)?).map_err(trouble)?;
        let name = file.strip_prefix(&dist).unwrap_or(&file);
        println!("{}", weight.line(name));
        if is_loaded_at_once(&name.to_string_lossy(), &html) { &mut at_once } else { &mut on_demand }.add(weight);
    }
    println!("{}", at_once.line(Path::new("what the page loads")));
    println!("{}", on_demand.line(Path::new("what is loaded on demand")));
    Ok(())
}

/// Whether whoever opens the page loads this file: the page itself, and what it names where a browser looks.
fn is_loaded_at_once(name: &str, html: &str) -> bool {
    name == INDEX || html.split('<').any(|element| !element.starts_with("meta") && element.contains(name))
}

const INDEX: &str = "index.html";

/// Bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Weight {
    raw: usize,
    gzip: usize,
    brotli: usize,
}

impl Weight {
    fn of(content: &[u8]) -> io::Result<Self> {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        gzip.write_all(content)?;
        let mut compressed = Vec::new();
        let mut brotli = CompressorWriter::new(&mut compressed, BUFFER, BROTLI_QUALITY, BROTLI_WINDOW);
        brotli.write_all(content)?;
        // Dropping it is what writes the end.
        drop(brotli);
        Ok(Self { raw: content.len(), gzip: gzip.finish()?.len(), brotli: compressed.len() })
    }

    fn add(&mut self, other: Self) {
        self.raw += other.raw;
        self.gzip += other.gzip;
        self.brotli += other.brotli;
    }

    fn line(self, name: &Path) -> String {
        let [raw, gzip, brotli] = [self.raw, self.gzip, self.brotli].map(|bytes| bytes.to_string());
        line(&raw, &gzip, &brotli, &name.to_string_lossy())
    }
}

fn line(raw: &str, gzip: &str, brotli: &str, name: &str) -> String {
    format!("{raw:>10} {gzip:>10} {brotli:>10}  {name}")
}

const BUFFER: usize = 4096;
const BROTLI_QUALITY: u32 = 11;
const BROTLI_WINDOW: u32 = 22;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repetition_weighs_less_when_compressed() {
        let weight = Weight::of(&b"colloquy ".repeat(1000)).expect("memory does not fail");
        assert_eq!(weight.raw, 9000);
        assert!((1..200).contains(&weight.gzip), "{weight:?}");
        assert!((1..200).contains(&weight.brotli), "{weight:?}");
    }

    #[test]
    fn what_the_page_only_tells_its_program_is_loaded_on_demand() {
        let html = "<meta name=view content=./view.js><script src=/start.js></script>\
                    <script type=module>import init from '/page.js';</script>";
        for (name, at_once) in
            [("index.html", true), ("start.js", true), ("page.js", true), ("view.js", false), ("meter.js", false)]
        {
            assert_eq!(is_loaded_at_once(name, html), at_once, "{name}");
        }
    }

    #[test]
    fn weights_add_up() {
        let mut total = Weight { raw: 1, gzip: 2, brotli: 3 };
        total.add(Weight { raw: 10, gzip: 20, brotli: 30 });
        assert_eq!(total, Weight { raw: 11, gzip: 22, brotli: 33 });
        assert!(total.line(Path::new("total")).ends_with("33  total"));
    }
}
