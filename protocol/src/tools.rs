//! The functions that a client of ours carries out for the model: their definitions, which the server puts into the
//! session, and the reading of their arguments, which the model makes up and which may hold anything.

use crate::memory::{MemoryKind, NewMemory};
use crate::session::{Function, Tool};
use serde_json::{Value, json};

/// Looks something up.
pub const SEARCH: &str = "search";
/// Looks something up in the long-term memory.
pub const RECALL: &str = "recall";
/// Stores something in the long-term memory.
pub const REMEMBER: &str = "remember";
/// Writes a line on the talk's scratchpad.
pub const NOTE: &str = "note";
/// Tells the user when something changes.
pub const WATCH: &str = "watch";
/// Ends that.
pub const UNWATCH: &str = "unwatch";

/// The name of the source that is the long-term memory.
pub const MEMORY_SOURCE: &str = "memory";

/// The tools to put into a session. `sources` are the names of those that can be asked; with none of them there is no
/// `search` and no `watch`. `memory` is whether there is a long-term memory.
pub fn definitions(sources: &[&str], memory: bool) -> Vec<Tool> {
    let mut tools = Vec::new();
    let source = json!({
        "type": "string",
        "enum": sources,
        "description": "Ask only this source; leave it out to ask whichever fit.",
    });
    if !sources.is_empty() {
        let query = text("What to look up, in a few words.");
        tools.push(tool(
            SEARCH,
            "Looks up facts you were not given: time, weather, news, the web, the user's calendar and documents.",
            &json!({ "query": query, "source": source }),
            &["query"],
        ));
    }
    if memory {
        tools.push(tool(
            RECALL,
            "Recalls what was said, decided or preferred in earlier talks.",
            &json!({ "query": text("What to recall, in a few words.") }),
            &["query"],
        ));
        let kinds: Vec<&str> = KINDS.iter().map(|kind| kind.name()).collect();
        let mut properties = belongings();
        properties["text"] = text("What to remember, as a whole sentence.");
        properties["kind"] = json!({ "type": "string", "enum": kinds });
        properties["personal"] = json!({
            "type": "boolean",
            "description": "Whether it is about somebody's health, belief, money or the like.",
        });
        tools.push(tool(
            REMEMBER,
            "Remembers something for later talks, when the user asks for it.",
            &properties,
            &["text"],
        ));
    }
    let kinds: Vec<&str> = NoteKind::ALL.iter().map(|kind| kind.name()).collect();
    let mut properties = if memory { belongings() } else { json!({}) };
    properties["kind"] = json!({ "type": "string", "enum": kinds });
    properties["text"] = text("A few words; of a decision the whole sentence.");
    tools.push(tool(
        NOTE,
        "Notes who, what and where this talk is about. Call it silently when something of these kinds comes up.",
        &properties,
        &["kind", "text"],
    ));
    if !sources.is_empty() {
        tools.push(tool(
            WATCH,
            "Watches something and has the user told when it changes: \"keep me updated on …\", \"tell me when …\".",
            &json!({
                "query": text("What to watch, in a few words."),
                "source": source,
                "change": number("Tell only when the number changes by more than this."),
                "change_percent": number("The same in percent."),
            }),
            &["query"],
        ));
        tools.push(tool(
            UNWATCH,
            "Ends what watch began: \"stop updating me on …\".",
            &json!({ "name": text("What is watched, by its name or in a few words.") }),
            &["name"],
        ));
    }
    tools
}

/// What something to be remembered belongs to.
fn belongings() -> Value {
    json!({
        "about": text("The project it is about, by its name."),
        "people": {
            "type": "array",
            "items": { "type": "string" },
            "description": "The names of those who decided it, are to do it or take part in it.",
        },
    })
}

fn number(description: &str) -> Value {
    json!({ "type": "number", "description": description })
}

fn text(description: &str) -> Value {
    json!({ "type": "string", "description": description })
}

fn tool(name: &str, description: &str, properties: &Value, required: &[&str]) -> Tool {
    let parameters = json!({ "type": "object", "properties": properties, "required": required });
    let description = Some(description.to_owned());
    Tool::Function(Function { name: name.to_owned(), description, parameters: Some(parameters) })
}

/// What the model may ask to be remembered.
const KINDS: [MemoryKind; 7] = [
    MemoryKind::Fact,
    MemoryKind::Preference,
    MemoryKind::Person,
    MemoryKind::Place,
    MemoryKind::Project,
    MemoryKind::Decision,
    MemoryKind::Todo,
];

/// A part of the scratchpad.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoteKind {
    /// What is still to be talked about.
    Agenda,
    /// Who was mentioned.
    Person,
    /// Which place was mentioned.
    Place,
    /// What was decided.
    Decision,
    /// What somebody is to do.
    Todo,
}

impl NoteKind {
    /// All kinds.
    pub const ALL: [Self; 5] = [Self::Agenda, Self::Person, Self::Place, Self::Decision, Self::Todo];

    /// Its name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Agenda => "agenda",
            Self::Person => "person",
            Self::Place => "place",
            Self::Decision => "decision",
            Self::Todo => "todo",
        }
    }

    /// As what a note of this kind is kept for later talks; none where it says nothing then.
    const fn kept(self) -> Option<MemoryKind> {
        match self {
            Self::Agenda | Self::Place => None,
            Self::Person => Some(MemoryKind::Person),
            Self::Decision => Some(MemoryKind::Decision),
            Self::Todo => Some(MemoryKind::Todo),
        }
    }
}

/// A function call, understood.
#[derive(Clone, Debug, PartialEq)]
pub enum ToolCall {
    /// Look something up.
    Search {
        /// What.
        query: String,
        /// Where; none is wherever it fits.
        source: Option<String>,
    },
    /// Look something up in the long-term memory.
    Recall {
        /// What.
        query: String,
    },
    /// Store something in the long-term memory.
    Remember(NewMemory),
    /// Write a line on the scratchpad.
    Note {
        /// Where on it.
        kind: NoteKind,
        /// The line.
        text: String,
        /// The same for later talks, where it is worth that.
        kept: Option<NewMemory>,
    },
    /// Tell the user when something changes.
    Watch {
        /// What, as the model wrote it: an object that our server reads as a [`crate::context::WatchRequest`].
        arguments: String,
    },
    /// End that.
    Unwatch {
        /// What is watched, by its name or in other words.
        name: String,
    },
}

/// Why a function call is not carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToolFault {
    /// There is no such function.
    Unknown,
    /// Its arguments are not what its definition asks for.
    Arguments,
}

impl ToolCall {
    /// Understands a call. Texts are trimmed, and cut where they are longer than anybody needs.
    ///
    /// # Errors
    /// There is no such function, or its arguments do not fit it.
    pub fn read(name: &str, arguments: &str) -> Result<Self, ToolFault> {
        if ![SEARCH, RECALL, REMEMBER, NOTE, WATCH, UNWATCH].contains(&name) {
            return Err(ToolFault::Unknown);
        }
        if arguments.len() > LONGEST_ARGUMENTS {
            return Err(ToolFault::Arguments);
        }
        let written = arguments;
        let arguments = crate::json::parse(arguments).ok_or(ToolFault::Arguments)?;
        let word = |field: &str| arguments.get(field).and_then(Value::as_str).map(str::trim);
        let text = |field: &str| {
            let text = word(field).filter(|text| !text.is_empty()).ok_or(ToolFault::Arguments)?;
            Ok(text.get(..text.floor_char_boundary(LONGEST_TEXT)).unwrap_or_default().to_owned())
        };
        let memory = |kind: MemoryKind, text: String| {
            let people = arguments.get("people").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
            let people = people.iter().filter_map(Value::as_str).map(str::to_owned).collect();
            let restricted = arguments.get("personal").and_then(Value::as_bool).unwrap_or_default();
            NewMemory { about: word("about").map(str::to_owned), people, restricted, ..NewMemory::new(kind, text) }
        };
        Ok(match name {
            SEARCH => Self::Search { query: text("query")?, source: text("source").ok() },
            RECALL => Self::Recall { query: text("query")? },
            WATCH => text("query").map(|_| Self::Watch { arguments: written.trim().to_owned() })?,
            UNWATCH => Self::Unwatch { name: text("name").or_else(|_| text("query"))? },
            REMEMBER => {
                let kind = KINDS.into_iter().find(|kind| word("kind") == Some(kind.name()));
                Self::Remember(memory(kind.unwrap_or(MemoryKind::Fact), text("text")?))
            }
            _ => {
                let kind = NoteKind::ALL.into_iter().find(|kind| word("kind") == Some(kind.name()));
                let (kind, text) = (kind.ok_or(ToolFault::Arguments)?, text("text")?);
                Self::Note { kind, kept: kind.kept().map(|kind| memory(kind, text.clone())), text }
            }
        })
    }
}

/// The longest arguments that are read, in bytes.
const LONGEST_ARGUMENTS: usize = 16 * 1024;
/// The longest text of an argument, in bytes.
const LONGEST_TEXT: usize = 1_000;

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn names(tools: &[Tool]) -> Vec<&str> {
        fn name(tool: &Tool) -> &str {
            match tool {
                Tool::Function(function) => &function.name,
                Tool::Mcp(server) => &server.server_label,
            }
        }
        tools.iter().map(name).collect()
    }

    #[test]
    fn only_what_there_is_is_offered() {
        assert_eq!(names(&definitions(&["time"], true)), [SEARCH, RECALL, REMEMBER, NOTE, WATCH, UNWATCH]);
        assert_eq!(names(&definitions(&[], false)), [NOTE]);
    }

    #[test]
    fn the_service_takes_the_definitions() {
        let tools = serde_json::to_value(definitions(&["time", "news"], true)).unwrap();
        let session = json!({ "type": "realtime", "tools": tools });
        assert!(crate::SessionConfig::from_value(&session, "session").is_ok(), "{session}");
    }

    #[test]
    fn calls_are_understood() {
        let search = |source: Option<&str>| ToolCall::Search { query: "rain".into(), source: source.map(Into::into) };
        assert_eq!(ToolCall::read(SEARCH, r#"{"query":" rain "}"#), Ok(search(None)));
        assert_eq!(ToolCall::read(SEARCH, r#"{"query":"rain","source":"news","more":1}"#), Ok(search(Some("news"))));
        assert_eq!(ToolCall::read(RECALL, r#"{"query":"rain"}"#), Ok(ToolCall::Recall { query: "rain".into() }));
        let fact = NewMemory::new(MemoryKind::Fact, "it rains".into());
        assert_eq!(
            ToolCall::read(REMEMBER, r#"{"text":"it rains","kind":"turn","people":"Ana"}"#),
            Ok(ToolCall::Remember(fact))
        );
        let whole = r#"{"text":"Ship in May","kind":"decision","about":"Atlas","people":["Maria",7],"personal":true}"#;
        let mut decision = NewMemory::new(MemoryKind::Decision, "Ship in May".into());
        (decision.about, decision.people, decision.restricted) = (Some("Atlas".into()), vec!["Maria".into()], true);
        assert_eq!(ToolCall::read(REMEMBER, whole), Ok(ToolCall::Remember(decision)));
        let text = "umbrella".to_owned();
        let kept = Some(NewMemory::new(MemoryKind::Todo, text.clone()));
        let note = ToolCall::Note { kind: NoteKind::Todo, text: text.clone(), kept };
        assert_eq!(ToolCall::read(NOTE, r#"{"kind":"todo","text":"umbrella"}"#), Ok(note));
        let note = ToolCall::Note { kind: NoteKind::Agenda, text, kept: None };
        assert_eq!(ToolCall::read(NOTE, r#"{"kind":"agenda","text":"umbrella"}"#), Ok(note));
        let watch = ToolCall::Watch { arguments: r#"{"query":"rain","change":2}"#.into() };
        assert_eq!(ToolCall::read(WATCH, r#" {"query":"rain","change":2}"#), Ok(watch));
        assert_eq!(ToolCall::read(WATCH, r#"{"change":2}"#), Err(ToolFault::Arguments));
        let unwatch = ToolCall::Unwatch { name: "rain".into() };
        assert_eq!(ToolCall::read(UNWATCH, r#"{"query":"rain"}"#), Ok(unwatch));
    }

    #[test]
    fn arguments_that_make_no_sense_are_refused() {
        for arguments in ["", "null", "[]", "{}", r#"{"query":7}"#, r#"{"query":"  "}"#, r#"{"query":"#] {
            assert_eq!(ToolCall::read(SEARCH, arguments), Err(ToolFault::Arguments), "{arguments}");
        }
        let long = format!(r#"{{"query":"{}"}}"#, "x".repeat(LONGEST_ARGUMENTS));
        assert_eq!(ToolCall::read(SEARCH, &long), Err(ToolFault::Arguments));
        assert_eq!(ToolCall::read(NOTE, r#"{"kind":"spell","text":"x"}"#), Err(ToolFault::Arguments));
        assert_eq!(ToolCall::read("rm", "{}"), Err(ToolFault::Unknown));
    }

    #[test]
    fn a_long_text_is_cut_at_a_character() {
        let call = ToolCall::read(RECALL, &format!(r#"{{"query":"x{}"}}"#, "ä".repeat(2_000)));
        let Ok(ToolCall::Recall { query }) = call else { panic!("{call:?}") };
        assert!(query.len() <= LONGEST_TEXT && query.ends_with('ä'));
    }
}
