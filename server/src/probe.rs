//! `colloquy --probe`: whether the server that runs with the same settings on this machine answers. For a container, in
//! which there is no other program to ask with.

use crate::Config;
use crate::error::causes;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

/// The server does not answer as it should.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ProbeError(String);

/// Asks for `/healthz` where the configuration says that the server listens.
///
/// # Errors
/// Nobody answers within five seconds, or somebody else does.
pub async fn probe(config: &Config) -> Result<(), ProbeError> {
    let scheme = if config.tls.is_on() { "https" } else { "http" };
    let address = format!("{scheme}://{}/healthz", reachable(config.listen.address));
    let silent = |error: reqwest::Error| ProbeError(causes(&error));
    // A certificate is for the names that browsers know the server by; this never leaves the machine.
    let client = reqwest::Client::builder().no_proxy().timeout(PATIENCE).danger_accept_invalid_certs(true);
    let answer = client.build().map_err(silent)?.get(&address).send().await.map_err(silent)?;
    match answer.status().as_u16() {
        200 => Ok(()),
        other => Err(ProbeError(format!("{address} answers {other}"))),
    }
}

/// From where to ask a server that listens on an address.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

const PATIENCE: Duration = Duration::from_secs(5);
