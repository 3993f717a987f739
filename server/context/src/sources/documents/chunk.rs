//! Cuts a document into passages that are short enough to be said, each under the headings it stands under.

use std::path::Path;

/// A passage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Chunk {
    /// The document and the headings, outermost first.
    pub(super) title: String,
    pub(super) text: String,
}

/// The passages of a text, in order. Lines that begin with `#` are headings.
pub(super) fn chunks(text: &str, path: &Path) -> Vec<Chunk> {
    let name = path.file_stem().map(|name| name.to_string_lossy().replace(['_', '-'], " ")).unwrap_or_default();
    let mut cutter = Cutter { name, ..Cutter::default() };
    let mut code = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            code = !code;
        } else if let Some((level, heading)) = heading(line).filter(|_| !code) {
            cutter.enter(level, heading);
        } else if line.trim().is_empty() {
            cutter.end_paragraph();
        } else {
            cutter.add(line.trim());
        }
        if cutter.done.len() >= MOST_CHUNKS {
            break;
        }
    }
    cutter.end_chunk();
    cutter.done
}

#[derive(Default)]
struct Cutter {
    name: String,
    headings: Vec<(usize, String)>,
    paragraph: String,
    chunk: String,
    done: Vec<Chunk>,
}

impl Cutter {
    fn enter(&mut self, level: usize, heading: &str) {
        self.end_chunk();
        self.headings.retain(|(outer, _)| *outer < level);
        self.headings.push((level, heading.to_owned()));
    }

    fn add(&mut self, line: &str) {
        if !self.paragraph.is_empty() {
            // Lists and tables keep their lines; running text does not.
            let item = line.starts_with(['-', '*', '+', '|', '>']) || line.starts_with(|c: char| c.is_ascii_digit());
            self.paragraph.push(if item { '\n' } else { ' ' });
        }
        self.paragraph.push_str(line);
    }

    fn end_paragraph(&mut self) {
        let paragraph = std::mem::take(&mut self.paragraph);
        for part in parts(&paragraph) {
            if !self.chunk.is_empty() && self.chunk.len() + part.len() > LONG {
                self.close();
            }
            if !self.chunk.is_empty() {
                self.chunk.push('\n');
            }
            self.chunk.push_str(part);
        }
    }

    fn end_chunk(&mut self) {
        self.end_paragraph();
        self.close();
    }

    fn close(&mut self) {
        let text = std::mem::take(&mut self.chunk);
        if !text.trim().is_empty() {
            let headings = self.headings.iter().map(|(_, heading)| heading.as_str());
            let title: Vec<&str> = std::iter::once(self.name.as_str()).chain(headings).collect();
            self.done.push(Chunk { title: title.join(" › "), text });
        }
    }
}

fn heading(line: &str) -> Option<(usize, &str)> {
    let rest = line.trim_start_matches('#');
    let level = line.len() - rest.len();
    let heading = rest.trim().trim_end_matches('#').trim();
    ((1..=6).contains(&level) && rest.starts_with(' ') && !heading.is_empty()).then_some((level, heading))
}

/// A paragraph in parts of bearable length, cut after sentences where there are any.
fn parts(paragraph: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = paragraph;
    while rest.len() > LONG {
        let end = (0..=LONG).rev().find(|index| rest.is_char_boundary(*index)).unwrap_or(0);
        let head = rest.get(..end).unwrap_or_default();
        let cut = head.rfind(". ").or_else(|| head.rfind('\n')).or_else(|| head.rfind(' '));
        let cut = cut.filter(|cut| *cut > LONG / 3).map_or(end, |cut| cut + 1);
        let (part, after) = rest.split_at(cut.max(1));
        parts.push(part.trim());
        rest = after.trim_start();
    }
    if !rest.is_empty() {
        parts.push(rest);
    }
    parts
}

/// Bytes; about two hundred tokens.
const LONG: usize = 800;
const MOST_CHUNKS: usize = 5_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passages_stand_under_their_headings() {
        let text = "Intro.\n# Handbook\n## Holidays\nThirty days\na year.\n\n- one\n- two\n## Pay\nMonthly.\n";
        let chunks = chunks(text, Path::new("team/our_handbook.md"));
        let seen: Vec<_> = chunks.iter().map(|chunk| (chunk.title.as_str(), chunk.text.as_str())).collect();
        assert_eq!(
            seen,
            [
                ("our handbook", "Intro."),
                ("our handbook › Handbook › Holidays", "Thirty days a year.\n- one\n- two"),
                ("our handbook › Handbook › Pay", "Monthly."),
            ]
        );
    }

    #[test]
    fn long_text_is_cut_and_nothing_is_lost() {
        let sentence = "Die Übergabe erfolgt am Größten Tag. ";
        let chunks = chunks(&sentence.repeat(100), Path::new("x.txt"));
        assert!(chunks.len() > 3 && chunks.iter().all(|chunk| chunk.text.len() <= LONG + 1));
        let words: usize = chunks.iter().map(|chunk| chunk.text.split_whitespace().count()).sum();
        assert_eq!(words, 100 * sentence.split_whitespace().count());
    }

    #[test]
    fn a_line_without_any_place_to_cut_is_cut_anyway() {
        let chunks = chunks(&"ä".repeat(3_000), Path::new("x.txt"));
        assert_eq!(chunks.iter().map(|chunk| chunk.text.chars().count()).sum::<usize>(), 3_000);
    }
}
