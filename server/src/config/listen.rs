//! Where the server listens and who may ask it.

use super::{ConfigError, Setting, Sources};
use crate::edge::Origins;
use std::net::{Ipv4Addr, SocketAddr};

/// Where the server listens and who may ask it.
#[derive(Clone, Debug)]
pub struct Listen {
    /// `listen`: the address.
    pub address: SocketAddr,
    /// `origins`: pages of other origins that may ask.
    pub origins: Origins,
}

impl Listen {
    pub(super) const SETTINGS: &[Setting] = &[LISTEN, ORIGINS];

    pub(super) fn read(from: &Sources) -> Result<Self, ConfigError> {
        let origins = Origins::new(from.list(&ORIGINS)).map_err(|wrong| {
            from.invalid(&ORIGINS, format!("`{wrong}` is not an origin such as https://talk.example.com"))
        })?;
        Ok(Self { address: address(from)?, origins })
    }
}

fn address(from: &Sources) -> Result<SocketAddr, ConfigError> {
    let text = from.text(&LISTEN).trim();
    let local = text.strip_prefix("localhost:").and_then(|port| port.parse().ok());
    match local {
        Some(port) => Ok(SocketAddr::from((Ipv4Addr::LOCALHOST, port))),
        None => text
            .parse()
            .map_err(|_| from.invalid(&LISTEN, format!("`{text}` is not an address and port such as 127.0.0.1:3003"))),
    }
}

const LISTEN: Setting = Setting {
    key: "listen",
    flag: "listen",
    variables: &["COLLOQUY_LISTEN"],
    value: "ADDRESS",
    default: "127.0.0.1:3003",
    help: "Where to listen",
};
const ORIGINS: Setting = Setting {
    key: "origins",
    flag: "origins",
    variables: &["COLLOQUY_ORIGINS"],
    value: "LIST",
    default: "",
    help: "Origins, separated by commas, whose pages may use this server besides its own and localhost; \
           name the public address here when a proxy stands in front",
};
