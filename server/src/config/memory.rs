//! Where the long-term memory lies, and what may be given of it.

use super::{ConfigError, Setting, Sources};
use ::memory::{EmbeddingKey, HttpEmbedder, HttpEmbedderOptions, MAX_DIMS, PostgresOptions};
use std::path::PathBuf;

/// Where the long-term memory lies, and what may be given of it.
#[derive(Clone, Debug)]
pub struct MemoryChoice {
    /// `memory`: where it lies.
    pub place: MemoryPlace,
    /// Whether somebody asked for that place: then a failure to open it is told before anything starts.
    pub asked_for: bool,
    /// `memory_restricted`: whether personal data may be given to a talk.
    pub restricted: bool,
    /// `embeddings`: the service that makes vectors; without one they are made here.
    pub embeddings: Option<HttpEmbedderOptions>,
}

/// Where the long-term memory lies.
#[derive(Clone, Debug)]
pub enum MemoryPlace {
    /// Nothing is remembered.
    Off,
    /// In a file of its own that is deleted when the server ends.
    Temporary,
    /// In a SQLite file.
    File(PathBuf),
    /// In a PostgreSQL database; the address does not print.
    Postgres(PostgresOptions),
    /// In the user's data folder, but there is none.
    Nowhere,
}

impl MemoryChoice {
    pub(super) const SETTINGS: &[Setting] =
        &[PLACE, RESTRICTED, EMBEDDINGS_URL, EMBEDDINGS_MODEL, EMBEDDINGS_DIMENSIONS];

    pub(super) fn read(from: &Sources) -> Result<Self, ConfigError> {
        let given = from.given(&PLACE).map(str::trim).filter(|text| !text.is_empty());
        Ok(Self {
            place: match given {
                Some(text) => place(from, text).map_err(|problem| from.invalid(&PLACE, problem))?,
                None => usual_place(from),
            },
            asked_for: given.is_some(),
            restricted: from.switch(&RESTRICTED)?,
            embeddings: embeddings(from)?,
        })
    }

    /// Whether anything is to be remembered.
    pub(super) fn is_on(&self) -> bool {
        !matches!(self.place, MemoryPlace::Off | MemoryPlace::Nowhere)
    }
}

fn place(from: &Sources, text: &str) -> Result<MemoryPlace, &'static str> {
    Ok(match text {
        "off" | "false" => MemoryPlace::Off,
        ":memory:" => MemoryPlace::Temporary,
        address if ["postgres://", "postgresql://"].iter().any(|scheme| address.starts_with(scheme)) => {
            MemoryPlace::Postgres(PostgresOptions::new(address))
        }
        // Not repeated: a password may be in it.
        address if address.contains("://") => {
            return Err("it is neither a file nor an address such as postgres://HOST/NAME");
        }
        path => MemoryPlace::File(from.located(&PLACE, path)),
    })
}

/// The user's data folder, as the XDG rules name it: a path that is not absolute does not count.
fn usual_place(from: &Sources) -> MemoryPlace {
    let folder = |name: &str| from.variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let data = folder("XDG_DATA_HOME").or_else(|| folder("HOME").map(|home| home.join(".local/share")));
    data.map_or(MemoryPlace::Nowhere, |data| MemoryPlace::File(data.join("colloquy/memory.sqlite")))
}

fn embeddings(from: &Sources) -> Result<Option<HttpEmbedderOptions>, ConfigError> {
    let Some(address) = from.given(&EMBEDDINGS_URL).map(str::trim).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let mut options = HttpEmbedderOptions::new(address, from.text(&EMBEDDINGS_MODEL).trim());
    options.dims = from.number(&EMBEDDINGS_DIMENSIONS, 1..=MAX_DIMS as u64)? as usize;
    options.key = from.variable(EMBEDDINGS_KEY).map(|key| EmbeddingKey::new(key.trim()));
    match HttpEmbedder::new(options.clone()) {
        Ok(_) => Ok(Some(options)),
        Err(error) => Err(from.invalid(&EMBEDDINGS_URL, error.to_string())),
    }
}

/// Read from the environment alone, like every key.
const EMBEDDINGS_KEY: &str = "COLLOQUY_EMBEDDINGS_KEY";

const PLACE: Setting = Setting {
    key: "memory",
    flag: "memory",
    variables: &["COLLOQUY_MEMORY"],
    value: "PLACE",
    default: "",
    help: "Where memories are kept: a file, postgres://…, :memory: for as long as the server runs, or off; \
           memory.sqlite in your data folder if it is not said",
};
const RESTRICTED: Setting = Setting {
    key: "memory_restricted",
    flag: "memory-restricted",
    variables: &["COLLOQUY_MEMORY_RESTRICTED"],
    value: "",
    default: "false",
    help: "Allows giving memories that are marked as personal data to a talk, and so to the service that answers",
};
const EMBEDDINGS_URL: Setting = Setting {
    key: "embeddings.base_url",
    flag: "embeddings",
    variables: &["COLLOQUY_EMBEDDINGS"],
    value: "URL",
    default: "",
    help: "The base address of a service whose embeddings the memory is searched by, with its key in \
           COLLOQUY_EMBEDDINGS_KEY; made on this machine if it is not said",
};
const EMBEDDINGS_MODEL: Setting = Setting {
    key: "embeddings.model",
    flag: "embeddings-model",
    variables: &["COLLOQUY_EMBEDDINGS_MODEL"],
    value: "MODEL",
    default: "text-embedding-3-small",
    help: "The model that embeddings are asked of",
};
const EMBEDDINGS_DIMENSIONS: Setting = Setting {
    key: "embeddings.dimensions",
    flag: "embeddings-dimensions",
    variables: &["COLLOQUY_EMBEDDINGS_DIMENSIONS"],
    value: "NUMBER",
    default: "256",
    help: "How many dimensions an embedding has",
};
