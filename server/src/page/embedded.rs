//! The folder of the built client, compiled into the binary. It may be missing, so that the server can be compiled
//! and tested before the client is built.

use rust_embed::RustEmbed;
use std::borrow::Cow;

#[derive(RustEmbed)]
#[folder = "../dist"]
#[allow_missing = true]
struct Dist;

/// Every file of the built client, by path.
pub(super) fn files() -> impl Iterator<Item = (String, Cow<'static, [u8]>)> {
    Dist::iter().filter_map(|path| Dist::get(&path).map(|file| (path.into_owned(), file.data)))
}
