//! What the memory's view knows, and what it makes of an answer.

use crate::service::MemoryQuestion;
use conversation::HttpFailure;
use protocol::memory::{LinkedMemory, Memory, MemoryDetail, MemoryPage};

/// What is shown.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Shelf {
    /// The memories that were fetched, newest first.
    pub(super) memories: Vec<Memory>,
    /// Where the next page begins; none after the last.
    pub(super) next: Option<String>,
    /// Which memory is being corrected.
    pub(super) editing: Option<String>,
    /// What hangs on the memory that was asked for.
    pub(super) linked: Option<(String, Vec<LinkedMemory>)>,
    /// What is to be confirmed.
    pub(super) confirming: Option<MemoryQuestion>,
    /// What was done.
    pub(super) said: &'static str,
    /// What went wrong.
    pub(super) problem: String,
}

impl Shelf {
    /// Takes the answer to a question; says where an entry that was asked for stands.
    pub(super) fn take(&mut self, question: MemoryQuestion, answer: Result<String, HttpFailure>) -> Option<usize> {
        if !matches!(question, MemoryQuestion::List { .. }) {
            self.said = "";
        }
        self.problem.clear();
        match answer {
            Ok(body) => return self.good(question, &body),
            Err(failure) => self.problem = words(failure),
        }
        None
    }

    fn good(&mut self, question: MemoryQuestion, body: &str) -> Option<usize> {
        match question {
            MemoryQuestion::List { page, .. } => match MemoryPage::parse(body) {
                Ok(list) => {
                    if page.is_empty() {
                        self.memories.clear();
                    }
                    self.memories.extend(list.memories);
                    // What is being corrected stays so for as long as it is in the list.
                    self.editing.take_if(|id| !self.memories.iter().any(|memory| memory.id == *id));
                    self.next = list.next;
                }
                Err(_) => UNREADABLE.clone_into(&mut self.problem),
            },
            MemoryQuestion::Show(id) => match MemoryDetail::parse(body) {
                Ok(detail) => {
                    let place = self.memories.iter().position(|memory| memory.id == id);
                    if place.is_none() {
                        self.memories.insert(0, detail.memory);
                    }
                    self.linked = Some((id, detail.linked));
                    return Some(place.unwrap_or_default());
                }
                Err(_) => UNREADABLE.clone_into(&mut self.problem),
            },
            MemoryQuestion::Remember(_) => self.said = "Remembered.",
            MemoryQuestion::Correct { id, text, restricted } => {
                if let Some(memory) = self.memories.iter_mut().find(|memory| memory.id == id) {
                    memory.text = text;
                    memory.restricted = restricted;
                }
                self.editing = None;
                self.said = "Corrected.";
            }
            MemoryQuestion::Forget(id) => self.forget("Forgotten.", |memory| memory.id == id),
            MemoryQuestion::ForgetTalk(talk) => {
                self.forget("The talk is forgotten.", |memory| comes_from(memory, &talk));
            }
            MemoryQuestion::ForgetEverything => {
                self.next = None;
                self.forget("Everything is forgotten.", |_| true);
            }
        }
        None
    }

    fn forget(&mut self, said: &'static str, gone: impl Fn(&Memory) -> bool) {
        self.memories.retain(|memory| !gone(memory));
        self.said = said;
    }
}

fn comes_from(memory: &Memory, talk: &str) -> bool {
    memory.origin.as_ref().is_some_and(|origin| origin.talk == talk)
}

fn words(failure: HttpFailure) -> String {
    match failure {
        HttpFailure::Status { message: Some(message), .. } => message,
        HttpFailure::Status { .. } | HttpFailure::Malformed(_) => UNREADABLE.to_owned(),
        HttpFailure::Unreachable => "The server does not answer. See whether it is running, and try again.".to_owned(),
        HttpFailure::TimedOut => "The server took too long. Try again.".to_owned(),
    }
}

const UNREADABLE: &str = "The server answered what this page does not understand. Reload the page.";

#[cfg(test)]
mod tests {
    use super::Shelf;
    use crate::service::MemoryQuestion;
    use conversation::HttpFailure;
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn list(page: &str) -> MemoryQuestion {
        MemoryQuestion::List { query: String::new(), kind: String::new(), page: page.to_owned() }
    }

    fn page(id: &str, talk: &str, next: &str) -> String {
        let origin = format!(r#"{{"talk":"{talk}","turn":"1"}}"#);
        let memory = format!(
            r#"{{"id":"{id}","kind":"fact","text":"x","restricted":false,"origin":{origin},"created":1,"updated":1}}"#
        );
        format!(r#"{{"memories":[{memory}],"next":{next}}}"#)
    }

    fn ids(shelf: &Shelf) -> Vec<&str> {
        shelf.memories.iter().map(|memory| memory.id.as_str()).collect()
    }

    #[test]
    fn a_further_page_is_added_and_a_first_page_begins_anew() {
        let mut shelf = Shelf::default();
        shelf.take(list(""), Ok(page("a", "t", "\"c\"")));
        shelf.take(list("c"), Ok(page("b", "u", "null")));
        assert_eq!((ids(&shelf), &shelf.next), (vec!["a", "b"], &None));
        shelf.take(list(""), Ok(page("c", "t", "null")));
        assert_eq!(ids(&shelf), ["c"]);
    }

    #[test]
    fn what_is_forgotten_is_gone_and_the_rest_stays() {
        let mut shelf = Shelf::default();
        for (at, id, talk) in [("", "a", "t"), ("1", "b", "u"), ("2", "c", "t")] {
            shelf.take(list(at), Ok(page(id, talk, "null")));
        }
        shelf.take(MemoryQuestion::ForgetTalk("t".to_owned()), Ok("{}".to_owned()));
        assert_eq!(ids(&shelf), ["b"]);
        shelf.take(MemoryQuestion::Forget("b".to_owned()), Ok("{}".to_owned()));
        assert_eq!((ids(&shelf), shelf.said), (vec![], "Forgotten."));
    }

    #[test]
    fn an_entry_that_is_gone_to_is_there() {
        let mut shelf = Shelf::default();
        shelf.take(list(""), Ok(page("a", "t", "null")));
        let detail = |id: &str| {
            let memory = r#""kind":"person","text":"Ana","restricted":true,"created":1,"updated":1,"linked":[]"#;
            Ok(format!(r#"{{"id":"{id}",{memory}}}"#))
        };
        assert_eq!(shelf.take(MemoryQuestion::Show("p".to_owned()), detail("p")), Some(0));
        assert_eq!(ids(&shelf), ["p", "a"]);
        assert_eq!(shelf.take(MemoryQuestion::Show("a".to_owned()), detail("a")), Some(1));
        let correct = MemoryQuestion::Correct { id: "p".to_owned(), text: "Ana Berg".to_owned(), restricted: false };
        shelf.take(correct, Ok("{}".to_owned()));
        assert!(shelf.memories[0].text == "Ana Berg" && !shelf.memories[0].restricted);
    }

    #[test]
    fn a_refusal_is_told_and_changes_nothing() {
        let mut shelf = Shelf::default();
        shelf.take(list(""), Ok(page("a", "t", "null")));
        let refusal = HttpFailure::Status {
            status: 404,
            code: None,
            message: Some("There is no such memory.".to_owned()),
            retry_after: None,
        };
        shelf.take(MemoryQuestion::Forget("a".to_owned()), Err(refusal));
        assert_eq!((ids(&shelf), shelf.problem.as_str()), (vec!["a"], "There is no such memory."));
    }
}
