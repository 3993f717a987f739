//! What the server says when it is ready, and what it warns of.

use protocol::api::Status;
use std::net::SocketAddr;

/// One friendly line with the address to open and who answers.
pub(crate) fn greeting(address: SocketAddr, status: &Status) -> String {
    let upstream = &status.upstream;
    let who = match upstream.kind.as_str() {
        "engine" => "no account and no key needed".to_owned(),
        _ => format!("{} answers as {}", upstream.host, upstream.model),
    };
    let notes: String = upstream.notes.iter().flat_map(|note| [" ", note.as_str()]).collect();
    format!("Colloquy is ready: open {} ({who}).{notes}", to_open(address))
}

/// What to know about listening beyond this machine.
pub(crate) fn warning(address: SocketAddr) -> Option<&'static str> {
    (!address.ip().is_loopback()).then_some(
        "everybody who reaches this address may talk here; and browsers give the microphone only to https pages, \
         except on localhost",
    )
}

/// The address as a browser on this machine takes it.
fn to_open(address: SocketAddr) -> String {
    let here = address.ip().is_unspecified() || address.ip().is_loopback();
    if here { format!("http://localhost:{}", address.port()) } else { format!("http://{address}") }
}

#[cfg(test)]
mod tests {
    use super::to_open;

    #[test]
    fn the_address_is_one_that_a_browser_gives_the_microphone_to() {
        let open = |text: &str| to_open(text.parse().expect("an address"));
        assert_eq!(open("127.0.0.1:3003"), "http://localhost:3003");
        assert_eq!(open("0.0.0.0:80"), "http://localhost:80");
        assert_eq!(open("192.168.1.7:3003"), "http://192.168.1.7:3003");
    }
}
