//! When a function is called, and with what.
//!
//! Six functions are known by name: `search`, `recall`, `remember`, `note`, `watch` and `unwatch`. Any other is called
//! only when the client insists, and is then given the user's words.

use super::belongings;
use super::words::Words;
use protocol::session::{Function, ToolChoice};
use serde_json::{Map, Value, json};

/// A function to be called.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Call {
    /// Its name.
    pub(crate) name: String,
    /// Its arguments, an object.
    pub(crate) arguments: Value,
}

/// The functions that may be called.
pub(super) struct Offer<'a> {
    functions: &'a [Function],
    choice: &'a ToolChoice,
}

impl<'a> Offer<'a> {
    pub(super) fn new(functions: &'a [Function], choice: &'a ToolChoice) -> Self {
        let none = matches!(choice, ToolChoice::None | ToolChoice::Mcp { .. });
        Self { functions: if none { &[] } else { functions }, choice }
    }

    /// The call that the client insists on.
    pub(super) fn forced(&self, words: &Words, text: &str) -> Option<Call> {
        match self.choice {
            ToolChoice::Function { name } => {
                let fitting = [self.command(words, text), self.find(RECALL, text), self.find(SEARCH, text)];
                let fitting = fitting.into_iter().flatten().find(|call| call.name == *name);
                fitting.or_else(|| Some(filled(self.function(name)?, text)))
            }
            ToolChoice::Required => {
                let fitting = self.command(words, text).or_else(|| self.recall(words, text));
                let fitting = fitting.or_else(|| self.find(SEARCH, text));
                fitting.or_else(|| self.functions.first().map(|function| filled(function, text)))
            }
            ToolChoice::Auto | ToolChoice::None | ToolChoice::Mcp { .. } => None,
        }
    }

    /// Something is to be kept, in the memory or on the notes of this talk; or to be watched.
    pub(super) fn command(&self, words: &Words, text: &str) -> Option<Call> {
        if words.iter().next().is_some_and(|first| ["do", "did", "what", "who"].contains(&first)) {
            return None;
        }
        if let Some(what) = after_any(text, STOP_UPDATING) {
            return self.call(UNWATCH, "name", &what);
        }
        if let Some(what) = watched(text) {
            return self.call(WATCH, "query", &what);
        }
        if let Some(call) = listed(text).and_then(|(kind, what)| self.keep(NOTE, Some(kind), &what)) {
            return Some(call);
        }
        if let Some(what) = after_any(text, NOTE_THAT) {
            let kind = if decided(&what) {
                "decision"
            } else if Words::of(&what).says_any(&["have to", "must", "need to", "should"]) {
                "todo"
            } else {
                "agenda"
            };
            return self.keep(NOTE, Some(kind), &what).or_else(|| self.keep(REMEMBER, None, &what));
        }
        let decision = after_any(text, &["we have", "we've", "we"]).filter(|what| decided_now(what));
        if let Some(call) = decision.and_then(|what| self.keep(NOTE, Some("decision"), &format!("we {what}"))) {
            return Some(call);
        }
        let what = after_any(text, REMEMBER_THAT)?;
        let kind = if decided(&what) {
            Some("decision")
        } else if Words::of(&what).says_any(&["i like", "i prefer", "i love", "i hate", "favourite", "favorite"]) {
            Some("preference")
        } else {
            None
        };
        self.keep(REMEMBER, kind, &what)
    }

    /// Something was said or decided before this talk.
    pub(super) fn recall(&self, words: &Words, text: &str) -> Option<Call> {
        if !words.says_any(ASKS_WHAT_WAS) {
            return None;
        }
        self.find(RECALL, text).or_else(|| self.find(SEARCH, text))
    }

    /// Something is asked that only somebody else can know.
    pub(super) fn search(&self, words: &Words, text: &str) -> Option<Call> {
        // A question of empty words alone names nothing that could be looked for.
        (words.asks() && !words.content().is_empty()).then(|| self.find(SEARCH, text)).flatten()
    }

    fn find(&self, name: &str, text: &str) -> Option<Call> {
        self.call(name, "query", text.trim())
    }

    fn call(&self, name: &str, argument: &str, text: &str) -> Option<Call> {
        self.function(name)?;
        Some(Call { name: name.to_owned(), arguments: json!({ argument: text }) })
    }

    fn keep(&self, name: &str, kind: Option<&str>, what: &str) -> Option<Call> {
        let function = self.function(name)?;
        let mut arguments = Map::from_iter([("text".to_owned(), Value::from(what))]);
        if let Some(kind) = kind.filter(|kind| allows(function, kind)) {
            arguments.insert("kind".to_owned(), kind.into());
        }
        let people = Some(belongings::people(what)).filter(|people| !people.is_empty());
        for (name, value) in [
            ("about", belongings::project(what).map(Value::from)),
            ("people", people.map(Value::from)),
            ("personal", belongings::is_personal(what).then_some(Value::from(true))),
        ] {
            let takes = |schema: &Value| schema["properties"].get(name).is_some();
            if let Some(value) = value.filter(|_| function.parameters.as_ref().is_some_and(takes)) {
                arguments.insert(name.to_owned(), value);
            }
        }
        Some(Call { name: name.to_owned(), arguments: Value::Object(arguments) })
    }

    fn function(&self, name: &str) -> Option<&'a Function> {
        let other = matches!(self.choice, ToolChoice::Function { name: wanted } if wanted != name);
        self.functions.iter().find(|function| function.name == name && !other)
    }
}

/// Whether a function's `kind` may be this word.
fn allows(function: &Function, kind: &str) -> bool {
    let property = function.parameters.as_ref().and_then(|schema| schema.pointer("/properties/kind"));
    property.is_some_and(|property| match property["enum"].as_array() {
        Some(kinds) => kinds.iter().any(|allowed| allowed == kind),
        None => true,
    })
}

/// A call of a function that is not known: what its schema requires is filled with the user's words where it can be.
fn filled(function: &Function, text: &str) -> Call {
    let schema = function.parameters.as_ref().unwrap_or(&Value::Null);
    let required = schema["required"].as_array().map(Vec::as_slice).unwrap_or_default();
    let argument = |name: &Value| {
        let property = &schema["properties"][name.as_str()?];
        let value = match property["enum"].get(0) {
            Some(first) => first.clone(),
            None if property["type"] == "string" => Value::from(text.trim()),
            None => return None,
        };
        Some((name.as_str()?.to_owned(), value))
    };
    Call { name: function.name.clone(), arguments: Value::Object(required.iter().filter_map(argument).collect()) }
}

/// What the user wants to be told of.
fn watched(text: &str) -> Option<String> {
    if let Some(what) = after_any(text, KEEP_UPDATED) {
        return Some(what);
    }
    let what = after_any(text, TELL_WHEN)?;
    let change = CHANGES.iter().filter_map(|change| what.to_ascii_lowercase().find(change)).min()?;
    let what = what.get(..change)?.trim();
    (!what.is_empty()).then(|| what.to_owned())
}

/// What is put on a list, and on which.
fn listed(text: &str) -> Option<(&'static str, String)> {
    if let Some(what) = after_any(text, &["remind me to"]) {
        return Some(("todo", what));
    }
    let rest = after_any(text, &["put", "add", "write"])?;
    let lower = rest.to_ascii_lowercase();
    let at = |lists: &[&str]| lists.iter().filter_map(|list| lower.find(list)).min();
    let (kind, end) = match (at(AGENDAS), at(TO_DO_LISTS)) {
        (Some(end), _) => ("agenda", end),
        (None, end) => ("todo", end?),
    };
    let what = rest.get(..end)?.trim();
    (!what.is_empty()).then(|| (kind, what.to_owned()))
}

/// What follows one of these phrases at a text's beginning, as it was written; polite words may stand before it.
fn after_any(text: &str, phrases: &[&str]) -> Option<String> {
    // Letters of ASCII keep their places when they change their case.
    let lower = text.to_ascii_lowercase();
    let found = phrases.iter().find_map(|phrase| {
        let at = lower.find(phrase)?;
        let polite = lower.get(..at)?.split([' ', ',']).all(|word| word.is_empty() || POLITE.contains(&word));
        let at = Some(at).filter(|_| polite)?;
        text.get(at + phrase.len()..).filter(|rest| rest.starts_with([' ', ':', ',']))
    })?;
    let ends = [' ', ':', ',', '.', '!', '?'];
    let what = found.trim_matches(ends);
    let what = what.strip_suffix(" please").unwrap_or(what).trim_end_matches(ends);
    (!what.is_empty()).then(|| what.to_owned())
}

fn decided(what: &str) -> bool {
    Words::of(what).says_any(&["decided", "we agreed", "agreed on", "agreed to"])
}

/// Whether a sentence that begins with `we` goes on with a decision.
fn decided_now(what: &str) -> bool {
    let mut words = what.split_whitespace();
    words.next().is_some_and(|verb| ["decided", "agreed"].contains(&verb)) && words.next().is_some()
}

const POLITE: &[&str] = &[
    "please", "can", "could", "would", "will", "you", "let", "us", "let's", "lets", "also", "and", "hey", "hello",
    "ok", "okay", "so", "then",
];

const SEARCH: &str = "search";
const RECALL: &str = "recall";
const REMEMBER: &str = "remember";
const NOTE: &str = "note";
const WATCH: &str = "watch";
const UNWATCH: &str = "unwatch";

const KEEP_UPDATED: &[&str] = &[
    "keep me updated on",
    "keep me updated about",
    "keep me posted on",
    "keep me posted about",
    "keep me informed about",
    "keep me informed of",
    "keep an eye on",
];

const TELL_WHEN: &[&str] = &["tell me when", "let me know when", "tell me if", "let me know if", "notify me when"];

const CHANGES: &[&str] = &[" changes", " has changed", " is changed", " moves", " rises", " falls"];

const STOP_UPDATING: &[&str] = &[
    "stop updating me on",
    "stop updating me about",
    "stop keeping me updated on",
    "stop keeping me posted on",
    "stop watching",
    "do not keep me updated on",
    "don't keep me updated on",
    "no more updates on",
    "no more updates about",
];

const REMEMBER_THAT: &[&str] =
    &["remember that", "keep in mind that", "do not forget that", "don't forget that", "remember this", "remember"];

const NOTE_THAT: &[&str] =
    &["note down that", "note that", "make a note that", "take a note that", "write down that", "note"];

const AGENDAS: &[&str] = &[" on the agenda", " on my agenda", " on our agenda", " to the agenda", " to my agenda"];

const TO_DO_LISTS: &[&str] = &[
    " on my list",
    " to my list",
    " on the list",
    " to the list",
    " on my to-do",
    " to my to-do",
    " on my to do",
    " to my to do",
    " on my todo",
    " to my todo",
];

const ASKS_WHAT_WAS: &[&str] = &[
    "did we decide",
    "have we decided",
    "was decided",
    "who decided",
    "did we agree",
    "what was agreed",
    "did we say about",
    "did we talk about",
    "did i tell you about",
    "did i say about",
    "you remember about",
    "you remember of",
    "do you remember",
    "you know about me",
    "you know about my",
    "you know about our",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_is_kept_as_it_was_written() {
        assert_eq!(
            after_any("Please remember that Ana's room is 4B.", REMEMBER_THAT).as_deref(),
            Some("Ana's room is 4B")
        );
        assert_eq!(after_any("note that we meet at nine, please.", NOTE_THAT).as_deref(), Some("we meet at nine"));
        for text in ["I noted that", "Ünote that x", "I remember that day", "remember", "remembering x"] {
            assert_eq!(after_any(text, &[NOTE_THAT, REMEMBER_THAT].concat()), None, "{text}");
        }
    }

    #[test]
    fn what_is_to_be_watched_is_what_changes() {
        for text in [
            "Keep me updated on the oven, please.",
            "Please tell me when the oven changes.",
            "let me know if the oven rises above 200 degrees",
        ] {
            assert_eq!(watched(text).as_deref(), Some("the oven"), "{text}");
        }
        for text in ["keep me updated on", "tell me when you are ready", "tell me when changes", "when does it change"]
        {
            assert_eq!(watched(text), None, "{text}");
        }
    }

    #[test]
    fn lists_are_told_apart() {
        assert_eq!(listed("put the budget on the agenda"), Some(("agenda", "the budget".into())));
        assert_eq!(listed("add call Ana to my to-do list"), Some(("todo", "call Ana".into())));
        assert_eq!(listed("remind me to water the plants"), Some(("todo", "water the plants".into())));
        assert_eq!(listed("put on the agenda"), None);
    }

    #[test]
    fn a_function_that_is_not_known_gets_the_words_where_a_text_is_required() {
        let schema = json!({
            "properties": { "a": { "type": "string" }, "b": { "enum": ["x", "y"] }, "c": { "type": "number" } },
            "required": ["a", "b", "c", "missing", 1],
        });
        let function = Function { name: "f".into(), description: None, parameters: Some(schema) };
        assert_eq!(filled(&function, "hello ").arguments, json!({ "a": "hello", "b": "x" }));
    }
}
