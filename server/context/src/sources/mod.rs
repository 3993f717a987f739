//! What can be looked up: one file, or folder, for each kind of source.

mod calendar;
mod documents;
mod endpoint;
mod mcp;
mod mcp_sessions;
mod news;
mod page;
mod readable;
mod search;
mod time;
mod weather;
mod zones;

pub use calendar::{Calendar, CalendarConfig, CalendarFollowUp};
pub use documents::{Documents, DocumentsConfig};
pub use endpoint::{Endpoint, EndpointConfig};
pub use mcp::{Mcp, McpConfig};
pub use news::{News, NewsConfig};
pub use page::{Page, PageConfig};
pub use search::{Engine, Search, SearchConfig};
pub use time::Time;
pub use weather::{Home, Weather, WeatherConfig};
pub(crate) use zones::is_known_town;
