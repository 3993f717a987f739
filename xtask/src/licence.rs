//! Whether a licence expression can be met with permissive licences only.

/// Licences that ask for no more than to be named, or for nothing.
const PERMISSIVE: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Whether some way to choose at every `OR` leaves only permissive licences.
/// What cannot be read is not permissive.
pub(crate) fn is_permissive(expression: &str) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let mut words = Words(spaced.split_whitespace().peekable());
    words.any_of() == Some(true) && words.0.next().is_none()
}

/// The words of an expression, read from left to right. `None` means that it cannot be read.
struct Words<'a>(std::iter::Peekable<std::str::SplitWhitespace<'a>>);

impl Words<'_> {
    fn any_of(&mut self) -> Option<bool> {
        let mut verdict = self.all_of()?;
        while self.0.next_if_eq(&"OR").is_some() {
            verdict |= self.all_of()?;
        }
        Some(verdict)
    }

    fn all_of(&mut self) -> Option<bool> {
        let mut verdict = self.one()?;
        while self.0.next_if_eq(&"AND").is_some() {
            verdict &= self.one()?;
        }
        Some(verdict)
    }

    fn one(&mut self) -> Option<bool> {
        let word = self.0.next()?;
        if word == "(" {
            let verdict = self.any_of()?;
            return self.0.next_if_eq(&")").map(|_| verdict);
        }
        if matches!(word, ")" | "AND" | "OR" | "WITH") {
            return None;
        }
        // An exception only ever permits more.
        if self.0.next_if_eq(&"WITH").is_some() {
            self.0.next()?;
        }
        Some(PERMISSIVE.contains(&word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_permissive_choice_is_enough() {
        assert!(is_permissive("MIT OR Apache-2.0 OR LGPL-2.1-or-later"));
        assert!(is_permissive("Unlicense/MIT"));
        assert!(!is_permissive("GPL-3.0-or-later OR LGPL-2.1"));
    }

    #[test]
    fn every_part_of_a_conjunction_counts() {
        assert!(is_permissive("(MIT OR Apache-2.0) AND Unicode-3.0"));
        assert!(!is_permissive("MIT AND GPL-3.0-only"));
        assert!(is_permissive("ISC AND (Apache-2.0 OR GPL-2.0)"));
    }

    #[test]
    fn and_binds_tighter_than_or() {
        assert!(is_permissive("MIT OR GPL-3.0-only AND ISC"));
        assert!(!is_permissive("GPL-3.0-only AND ISC OR MPL-2.0"));
    }

    #[test]
    fn exceptions_belong_to_their_licence() {
        assert!(is_permissive("Apache-2.0 WITH LLVM-exception"));
        assert!(!is_permissive("GPL-3.0-only WITH GCC-exception-3.1"));
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        for expression in ["", "MIT OR", "(MIT", "MIT)", "MIT Apache-2.0", "AND", "mit"] {
            assert!(!is_permissive(expression), "{expression}");
        }
    }

    #[test]
    fn copyleft_for_files_is_not_permissive() {
        assert!(!is_permissive("MPL-2.0"));
    }
}
