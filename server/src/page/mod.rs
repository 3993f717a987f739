//! The built client, held in memory: compressed once at the start, with the headers that let a browser keep what
//! cannot change, and a content security policy made from the page itself.

mod asset;
mod compress;
mod embedded;
mod negotiate;
mod policy;

pub use asset::Asset;
pub use policy::content_security_policy;

use std::borrow::Cow;
use std::collections::BTreeMap;

/// The page and what it loads, by path without the leading slash.
#[derive(Debug)]
pub struct Page(BTreeMap<String, Asset>);

impl Page {
    /// The client that was built before this server was, or a word on how to build it.
    pub fn embedded() -> Self {
        Self::new(embedded::files())
    }

    /// Takes files by path. Without an `index.html` there is a page that says how to get one.
    pub fn new(files: impl IntoIterator<Item = (String, Cow<'static, [u8]>)>) -> Self {
        let files: BTreeMap<_, _> = files.into_iter().collect();
        let policy = files.get(INDEX).map(|html| content_security_policy(&String::from_utf8_lossy(html)));
        let policy = policy.unwrap_or_else(|| content_security_policy(NOT_BUILT));
        let asset = |(path, body): (String, Cow<'static, [u8]>)| {
            let asset = Asset::new(&path, body, &policy);
            (path, asset)
        };
        let mut assets: BTreeMap<_, _> = files.into_iter().map(asset).collect();
        assets.entry(INDEX.to_owned()).or_insert_with(|| Asset::missing(NOT_BUILT, &policy));
        Self(assets)
    }

    /// What is at a path of a request.
    pub fn find(&self, path: &str) -> Option<&Asset> {
        match path.trim_start_matches('/') {
            "" => self.0.get(INDEX),
            path => self.0.get(path),
        }
    }

    /// Whether the client was built.
    pub fn is_built(&self) -> bool {
        self.0.get(INDEX).is_some_and(|asset| !asset.is_missing())
    }
}

const INDEX: &str = "index.html";

const NOT_BUILT: &str = "<!doctype html>
<html lang=\"en\">
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width\">
<title>Colloquy</title>
<h1>The page is not built yet</h1>
<p>This server runs, but it was compiled before the client was built.</p>
<p>Stop it and start it with <code>cargo xtask run</code>, which builds both,
or build the client with <code>trunk build --release</code> and compile the server again.</p>
</html>
";
