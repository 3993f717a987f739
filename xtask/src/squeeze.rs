//! Makes what trunk built smaller: short names between the WebAssembly and its glue, and the glue minified.
//!
//! wasm-bindgen gives every import and export a name of about 40 characters that ends in a hash, once in each of the
//! two files; nobody but these two reads them. Afterwards the files are named after what they hold now, and the page
//! tells their new digests. What is fetched on demand is found by its name in the page, too.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256, Sha384};

use crate::step;
use crate::toolbox::{Tool, Toolbox};
use crate::trouble::Trouble;
use crate::workspace::Workspace;

/// Squeezes the page in `dist/`.
///
/// # Errors
/// When a file is not what trunk and wasm-bindgen write, or cannot be written.
pub(crate) fn squeeze(workspace: &Workspace, toolbox: &Toolbox) -> Result<(), Trouble> {
    let trouble = |error: io::Error| Trouble::file("squeezing the built page", &error);
    let folder = workspace.dist();
    let page_file = folder.join("index.html");
    let mut page = fs::read_to_string(&page_file).map_err(trouble)?;
    for built in Program::all(&folder).map_err(trouble)? {
        let small = built
            .with_short_names()
            .ok_or_else(|| Trouble::new(format!("{}: not WebAssembly as expected", built.stem)))?;
        let small = match minify(workspace, toolbox, &small.glue)? {
            Some(glue) => Program { glue, ..small },
            None => small,
        }
        .named_by_content();
        built.remove(&folder).map_err(trouble)?;
        small.write(&folder).map_err(trouble)?;
        page = small.take_place_of(&built, &page);
    }
    fs::write(page_file, page).map_err(trouble)
}

/// WebAssembly and the glue that starts it.
struct Program {
    /// What both files are called before their endings.
    stem: String,
    code: Vec<u8>,
    glue: String,
}

impl Program {
    fn all(folder: &Path) -> io::Result<Vec<Self>> {
        let mut programs = Vec::new();
        for entry in fs::read_dir(folder)? {
            let name = entry?.file_name();
            let Some(stem) = name.to_str().and_then(|name| name.strip_suffix(CODE)) else { continue };
            programs.push(Self {
                stem: stem.to_owned(),
                code: fs::read(folder.join(&name))?,
                glue: fs::read_to_string(folder.join([stem, GLUE].concat()))?,
            });
        }
        Ok(programs)
    }

    fn with_short_names(&self) -> Option<Self> {
        let (code, names) = shorten(&self.code)?;
        Some(Self { stem: self.stem.clone(), code, glue: rename(&self.glue, &names) })
    }

    /// Called after what it holds; the glue fetches the code by the new name.
    fn named_by_content(self) -> Self {
        let digest = Sha256::new().chain_update(&self.code).chain_update(&self.glue).finalize();
        let hash = digest.iter().take(8).fold(0_u64, |hash, byte| hash << 8 | u64::from(*byte));
        let stem = format!("{}-{hash:016x}", without_hash(&self.stem));
        let glue = self.glue.replace(&[&self.stem, CODE].concat(), &[&stem, CODE].concat());
        Self { stem, glue, ..self }
    }

    /// The page with this program where the other was.
    fn take_place_of(&self, other: &Self, page: &str) -> String {
        let mut page = page
            .replace(&integrity(&other.code), &integrity(&self.code))
            .replace(&integrity(other.glue.as_bytes()), &integrity(self.glue.as_bytes()));
        for ending in [CODE, GLUE] {
            page = page.replace(&[&other.stem, ending].concat(), &[&self.stem, ending].concat());
        }
        page
    }

    fn remove(&self, folder: &Path) -> io::Result<()> {
        fs::remove_file(folder.join([&self.stem, CODE].concat()))?;
        fs::remove_file(folder.join([&self.stem, GLUE].concat()))
    }

    fn write(&self, folder: &Path) -> io::Result<()> {
        fs::write(folder.join([&self.stem, CODE].concat()), &self.code)?;
        fs::write(folder.join([&self.stem, GLUE].concat()), &self.glue)
    }
}

const CODE: &str = "_bg.wasm";
const GLUE: &str = ".js";

/// A name without the hash that trunk adds to those of programs it starts itself.
fn without_hash(stem: &str) -> &str {
    match stem.rsplit_once('-') {
        Some((name, hash)) if hash.len() > 8 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) => name,
        _ => stem,
    }
}

/// As the attribute `integrity` has it.
fn integrity(content: &[u8]) -> String {
    format!("sha384-{}", STANDARD.encode(Sha384::digest(content)))
}

/// None where esbuild is not installed: the page works without.
fn minify(workspace: &Workspace, toolbox: &Toolbox, glue: &str) -> Result<Option<String>, Trouble> {
    let Some((esbuild, _)) = toolbox.find(Tool::Esbuild) else { return Ok(None) };
    let file = workspace.scratch().join("glue.js");
    fs::write(&file, glue).map_err(|error| Trouble::file("writing the glue", &error))?;
    let mut esbuild = workspace.command(esbuild);
    esbuild.args(["--minify", "--format=esm", "--log-level=warning"]).arg(file);
    match step::output_of(&mut esbuild) {
        Some(small) => Ok(Some(small)),
        None => Err(Trouble::new("esbuild could not read the glue that wasm-bindgen wrote")),
    }
}

/// New names by old ones.
type Names = HashMap<String, String>;

const IMPORTS: u8 = 2;
const EXPORTS: u8 = 7;

/// The module with short names for all that is imported and exported, and these names. None if it is no module.
fn shorten(code: &[u8]) -> Option<(Vec<u8>, Names)> {
    let mut reader = Reader { rest: code };
    let mut short = reader.take(8).filter(|header| header.starts_with(b"\0asm"))?.to_vec();
    let mut names = Names::new();
    while !reader.rest.is_empty() {
        let id = reader.byte()?;
        let length = reader.number()?;
        let section = reader.take(length)?;
        let section = match id {
            IMPORTS => shorten_imports(section, &mut names)?,
            EXPORTS => shorten_exports(section, &mut names)?,
            _ => section.to_vec(),
        };
        short.push(id);
        write_bytes(&mut short, &section);
    }
    Some((short, names))
}

fn shorten_imports(section: &[u8], names: &mut Names) -> Option<Vec<u8>> {
    let mut reader = Reader { rest: section };
    let count = reader.number()?;
    let mut short = Vec::new();
    write_number(&mut short, count);
    for _ in 0..count {
        for _ in ["module", "name"] {
            let name = reader.name()?;
            write_bytes(&mut short, new_name(names, name).as_bytes());
        }
        let before = reader.rest;
        match reader.byte()? {
            // A function's type, a table, a memory, a global.
            0 => drop(reader.number()?),
            1 => {
                reader.byte()?;
                reader.limits()?;
            }
            2 => reader.limits()?,
            3 => drop(reader.take(2)?),
            _ => return None,
        }
        short.extend_from_slice(before.get(..before.len() - reader.rest.len())?);
    }
    Some(short)
}

fn shorten_exports(section: &[u8], names: &mut Names) -> Option<Vec<u8>> {
    let mut reader = Reader { rest: section };
    let count = reader.number()?;
    let mut short = Vec::new();
    write_number(&mut short, count);
    for _ in 0..count {
        let name = reader.name()?;
        write_bytes(&mut short, new_name(names, name).as_bytes());
        let before = reader.rest;
        reader.byte()?;
        reader.number()?;
        short.extend_from_slice(before.get(..before.len() - reader.rest.len())?);
    }
    Some(short)
}

/// A short one for a name that only the two files know; others stay, such as `memory`, which could be anything in
/// the glue.
fn new_name(names: &mut Names, old: &str) -> String {
    if !is_generated(old) {
        return old.to_owned();
    }
    let next = format!("_{}", names.len());
    names.entry(old.to_owned()).or_insert(next).clone()
}

/// wasm-bindgen's own names, which can be nothing else in the glue.
fn is_generated(name: &str) -> bool {
    name.starts_with("__wb") || name.starts_with("wasm_bindgen") || name.ends_with("_bg.js")
}

/// The glue with all names replaced.
fn rename(glue: &str, names: &Names) -> String {
    let is_part =
        |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '$' | '.' | '/' | '-');
    let mut renamed = String::with_capacity(glue.len());
    let mut rest = glue;
    while let Some(start) = rest.find(is_part) {
        let (before, word_on) = rest.split_at(start);
        let (word, after) = word_on.split_at(word_on.find(|character| !is_part(character)).unwrap_or(word_on.len()));
        renamed.push_str(before);
        // `wasm.name`, or a name by itself; the module's name has points and strokes of its own.
        if let Some(new) = names.get(word) {
            renamed.push_str(new);
        } else {
            let parts: Vec<&str> = word.split('.').map(|part| names.get(part).map_or(part, String::as_str)).collect();
            renamed.push_str(&parts.join("."));
        }
        rest = after;
    }
    renamed + rest
}

/// Reads the binary format (<https://webassembly.github.io/spec/core/binary/>).
struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    /// A number in LEB128.
    fn number(&mut self) -> Option<usize> {
        let mut number = 0_usize;
        for shift in (0..35).step_by(7) {
            let byte = self.byte()?;
            number |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    fn name(&mut self) -> Option<&'a str> {
        let length = self.number()?;
        std::str::from_utf8(self.take(length)?).ok()
    }

    fn limits(&mut self) -> Option<()> {
        let has_maximum = self.byte()? & 1 == 1;
        self.number()?;
        if has_maximum {
            self.number()?;
        }
        Some(())
    }
}

fn write_number(out: &mut Vec<u8>, mut number: usize) {
    while number >= 0x80 {
        out.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn write_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    write_number(out, bytes.len());
    out.extend_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A module that imports a function and exports another and its memory.
    fn module() -> Vec<u8> {
        let mut imports = vec![1];
        write_bytes(&mut imports, b"./page_bg.js");
        write_bytes(&mut imports, b"__wbg_log_0123456789abcdef");
        imports.extend([0, 0]);
        let mut exports = vec![2];
        write_bytes(&mut exports, b"memory");
        exports.extend([2, 0]);
        write_bytes(&mut exports, b"wasm_bindgen__closure__0123456789abcdef");
        exports.extend([0, 1]);
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        for (id, section) in [(IMPORTS, imports), (3, vec![0]), (EXPORTS, exports)] {
            module.push(id);
            write_bytes(&mut module, &section);
        }
        module
    }

    #[test]
    fn names_get_short_in_both_files_alike() {
        let (short, names) = shorten(&module()).expect("a module");
        assert_eq!(names.len(), 3);
        let text = String::from_utf8_lossy(&short);
        assert!(text.contains("memory") && !text.contains("0123456789abcdef"), "{text}");
        let glue = "const imports = { './page_bg.js': { __wbg_log_0123456789abcdef: (x) => console.log(x) } };\n\
                    wasm.wasm_bindgen__closure__0123456789abcdef(wasm.memory, __wbg_log_of_another);";
        let module = names["./page_bg.js"].as_str();
        let (import, export) =
            (&names["__wbg_log_0123456789abcdef"], &names["wasm_bindgen__closure__0123456789abcdef"]);
        let expected = format!(
            "const imports = {{ '{module}': {{ {import}: (x) => console.log(x) }} }};\n\
             wasm.{export}(wasm.memory, __wbg_log_of_another);"
        );
        assert_eq!(rename(glue, &names), expected);
    }

    #[test]
    fn a_program_is_named_after_what_it_holds_wherever_it_is_named() {
        let program = |stem: &str, glue: &str| Program { stem: stem.into(), code: module(), glue: glue.into() };
        let started = program("page-0123456789abcdef", "").named_by_content();
        let (name, hash) = started.stem.split_once('-').expect("a hash");
        assert!(name == "page" && hash.len() == 16 && hash != "0123456789abcdef", "{}", started.stem);

        let view = program("memory-view", "new URL('memory-view_bg.wasm', import.meta.url)");
        let page = format!("<meta name=memory-view content=./memory-view.js>{}", integrity(&view.code));
        let named = program("memory-view", &view.glue).named_by_content();
        assert_eq!(named.glue, format!("new URL('{}_bg.wasm', import.meta.url)", named.stem));
        let expected = format!("<meta name=memory-view content=./{}.js>{}", named.stem, integrity(&module()));
        assert_eq!(named.take_place_of(&view, &page), expected);
    }

    #[test]
    fn what_is_no_module_or_ends_early_is_refused() {
        let module = module();
        assert!(shorten(b"<html>").is_none());
        assert!(shorten(&module[..module.len() - 1]).is_none());
        assert!(shorten(&module[..12]).is_none());
    }
}
