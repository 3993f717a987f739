//! What the server says when it is ready, and what it warns of.

use crate::Config;
use crate::config::QuotaStore;
use protocol::api::Status;
use std::net::SocketAddr;

/// One friendly line with the address to open and who answers.
pub(crate) fn greeting(address: SocketAddr, https: bool, status: &Status) -> String {
    let upstream = &status.upstream;
    let who = match upstream.kind.as_str() {
        "engine" => "no account and no key needed".to_owned(),
        _ => format!("{} answers as {}", upstream.host, upstream.model),
    };
    let notes: String = upstream.notes.iter().flat_map(|note| [" ", note.as_str()]).collect();
    format!("Colloquy is ready: open {} ({who}).{notes}", to_open(address, https))
}

/// What to know about listening beyond this machine.
pub(crate) fn warnings(config: &Config) -> Vec<&'static str> {
    let beyond = !config.listen.address.ip().is_loopback();
    let public = config.is_public();
    let open = (config.auth.open && public).then_some("everybody who reaches this address may talk here");
    let veiled = (public && !beyond && config.proxies.trusted.is_empty()).then_some(
        "all who come through the proxy in front count as one address, because proxy.trusted does not name it",
    );
    let plain = (beyond && !config.is_https())
        .then_some("browsers give the microphone only to https pages, except on localhost: see --tls-auto");
    let forgotten = (config.auth.is_chosen() && config.auth.secret.is_none())
        .then_some("logins end when the server does, because COLLOQUY_SESSION_SECRET is not set");
    let store = &config.quota.store;
    let uncounted = (public && matches!(store, QuotaStore::Memory))
        .then_some("what was used in a day and a month is forgotten when the server ends: see quota.store");
    let apart = (matches!(store, QuotaStore::Redis { .. }) && config.auth.secret.is_none()).then_some(
        "servers that share the store do not take each other's keys, because COLLOQUY_SESSION_SECRET is not set",
    );
    [open, veiled, plain, forgotten, uncounted, apart].into_iter().flatten().collect()
}

/// The address as a browser on this machine takes it.
fn to_open(address: SocketAddr, https: bool) -> String {
    let scheme = if https { "https" } else { "http" };
    let here = address.ip().is_unspecified() || address.ip().is_loopback();
    if here { format!("{scheme}://localhost:{}", address.port()) } else { format!("{scheme}://{address}") }
}

#[cfg(test)]
mod tests {
    use super::{to_open, warnings};
    use crate::Config;

    #[test]
    fn a_server_for_others_that_forgets_what_was_used_says_so() {
        let said = |store: &str| {
            let variables =
                [("OPENAI_API_KEY", "sk-1"), ("COLLOQUY_LISTEN", "0.0.0.0:0"), ("COLLOQUY_QUOTA_STORE", store)];
            let open = [("COLLOQUY_AUTH_OPEN", "true")];
            let all = variables.into_iter().chain(open).map(|(name, value)| (name.to_owned(), value.to_owned()));
            let config = Config::from_variables(all.collect()).expect("sound");
            warnings(&config).iter().any(|warning| warning.contains("quota.store"))
        };
        assert!(said(":memory:") && !said("/tmp/limits.sqlite"));
    }

    #[test]
    fn the_address_is_one_that_a_browser_gives_the_microphone_to() {
        let open = |text: &str| to_open(text.parse().expect("an address"), false);
        assert_eq!(open("127.0.0.1:3003"), "http://localhost:3003");
        assert_eq!(open("0.0.0.0:80"), "http://localhost:80");
        assert_eq!(open("192.168.1.7:3003"), "http://192.168.1.7:3003");
    }
}
