//! Looks things up while somebody speaks.
//!
//! A [`Lookup`] holds the configured [`Source`]s. For each [`protocol::context::ContextRequest`] it chooses the few
//! that fit (and says why), asks them all at once under one deadline, and gives a stream of events: what each source
//! does, a bounded [`Summary`](protocol::context::ContextEvent::Summary) no later than the deadline, and then what
//! arrives late, which is also kept for the talk's next request.
//!
//! **What a source says is data.** It is cleaned and cut, it cannot choose its lane, and the addresses it names are
//! fetched only through [`Http`], which reaches public addresses and nothing else. Secrets are read once, from the
//! configuration or the environment, and cannot be printed.
//!
//! [`Config`] is one table of a configuration file; [`Config::open`] makes the [`Lookup`]. Sources that live elsewhere
//! (long-term memory, for one) implement [`Source`] and are handed to [`Config::open_with`] or [`Builder::source`].

mod address;
mod bounds;
mod breaker;
mod cache;
mod charset;
mod clauses;
mod clean;
mod config;
mod days;
mod ellipsis;
mod embedder;
mod hours;
mod http;
mod interests;
mod isolated;
mod language;
mod lookup;
mod place;
mod profile;
mod question;
mod regions;
mod round;
mod router;
mod secret;
mod source;
pub mod sources;
mod standing;
mod summary;
mod talks;
mod template;
mod words;

pub use address::is_public;
pub use bounds::Bounds;
pub use breaker::{Admission, Breaker, BreakerState, Rest};
pub use clean::{clean, clean_line};
pub use config::{Config, ConfigError, SourceConfig};
pub use embedder::{Embedder, similarity};
pub use http::{Body, Http, Limits, Media};
pub use interests::{Interests, PatternError};
pub use lookup::{Builder, Events, Lookup, Settings, SourceStatus};
pub use profile::Profile;
pub use question::{Question, zone_named};
pub use router::Choice;
pub use secret::Secret;
pub use source::{Finding, FollowUp, Known, Source, SourceError, item};
pub use standing::{Standing, Threshold};
