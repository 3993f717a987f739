//! Where a request comes from when proxies stand in front.
//!
//! Anybody can send a header that names an address. So it counts only when the connection itself comes from a trusted
//! network, only one header by name counts, and it is read from its end: each trusted proxy has added there whom it saw.

use crate::Networks;
use http::HeaderMap;
use std::net::{IpAddr, SocketAddr};

/// Which header trusted proxies write.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ForwardedBy {
    /// `X-Forwarded-For`.
    #[default]
    XForwardedFor,
    /// `Forwarded`, of RFC 7239.
    Forwarded,
}

impl ForwardedBy {
    const fn header(self) -> &'static str {
        match self {
            Self::XForwardedFor => "x-forwarded-for",
            Self::Forwarded => "forwarded",
        }
    }

    fn address(self, entry: &str) -> Option<IpAddr> {
        match self {
            Self::XForwardedFor => address(entry),
            Self::Forwarded => {
                let pairs = entry.split(';').filter_map(|pair| pair.split_once('='));
                let (_, value) = pairs.into_iter().find(|(name, _)| name.trim().eq_ignore_ascii_case("for"))?;
                address(value.trim().trim_matches('"'))
            }
        }
    }
}

/// The first address, from the connection's peer backwards, that no trusted network holds. Where an entry is no address,
/// the way back ends at the proxy that wrote it.
pub fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &Networks, by: ForwardedBy) -> IpAddr {
    let mut client = peer.to_canonical();
    let values: Vec<_> = headers.get_all(by.header()).iter().filter_map(|value| value.to_str().ok()).collect();
    let mut entries = values.iter().rev().flat_map(|value| value.rsplit(',')).take(MOST);
    while trusted.contains(client) {
        match entries.next().and_then(|entry| by.address(entry.trim())) {
            Some(before) => client = before.to_canonical(),
            None => break,
        }
    }
    client
}

/// An address with or without port and brackets.
fn address(text: &str) -> Option<IpAddr> {
    let bare = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    text.parse().ok().or_else(with_port).or_else(bare)
}

/// No honest chain is longer.
const MOST: usize = 16;

#[cfg(test)]
mod tests {
    use super::{ForwardedBy, client_address};
    use crate::Networks;
    use http::{HeaderMap, HeaderValue};

    fn client(peer: &str, by: ForwardedBy, lines: &[&'static str]) -> String {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(by.header(), HeaderValue::from_static(line));
        }
        let trusted = Networks::new(vec!["10.0.0.0/8".into()]).expect("networks");
        client_address(peer.parse().expect("an address"), &headers, &trusted, by).to_string()
    }

    #[test]
    fn a_stranger_cannot_choose_an_address() {
        assert_eq!(client("192.0.2.9", ForwardedBy::XForwardedFor, &["198.51.100.1"]), "192.0.2.9");
    }

    #[test]
    fn behind_a_proxy_only_what_trusted_proxies_wrote_counts() {
        let client = |lines: &[&'static str]| client("10.0.0.1", ForwardedBy::XForwardedFor, lines);
        assert_eq!(client(&["198.51.100.1"]), "198.51.100.1");
        assert_eq!(client(&["127.0.0.1, 198.51.100.1"]), "198.51.100.1", "the client's own entry is the first");
        assert_eq!(client(&["203.0.113.5, 198.51.100.1, 10.0.0.2"]), "198.51.100.1");
        assert_eq!(client(&["203.0.113.5", "198.51.100.1:4711"]), "198.51.100.1", "two lines are one list");
        assert_eq!(client(&["unknown"]), "10.0.0.1");
        assert_eq!(client(&[]), "10.0.0.1");
    }

    #[test]
    fn the_standard_header_is_read_with_quotes_ports_and_brackets() {
        let client = |line| client("10.0.0.1", ForwardedBy::Forwarded, &[line]);
        assert_eq!(client("for=127.0.0.1, For=\"[2001:db8::7]:4711\";proto=https"), "2001:db8::7");
        assert_eq!(client("proto=https;for=198.51.100.1;by=10.0.0.1"), "198.51.100.1");
        assert_eq!(client("by=10.0.0.1"), "10.0.0.1");
    }

    #[test]
    fn the_header_that_the_proxy_does_not_write_means_nothing() {
        let mut headers = HeaderMap::new();
        headers.insert("forwarded", HeaderValue::from_static("for=198.51.100.1"));
        let trusted = Networks::new(vec!["10.0.0.1".into()]).expect("networks");
        let peer = "10.0.0.1".parse().expect("an address");
        assert_eq!(client_address(peer, &headers, &trusted, ForwardedBy::XForwardedFor), peer);
    }
}
