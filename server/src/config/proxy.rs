//! What stands in front of the server.

use super::{ConfigError, Setting, Sources};
use admission::{ForwardedBy, Networks};

/// What stands in front of the server.
#[derive(Clone, Debug, Default)]
pub struct Proxies {
    /// `proxy.trusted`: where the proxies are that are believed.
    pub trusted: Networks,
    /// `proxy.address_header`: where they name the client.
    pub by: ForwardedBy,
}

impl Proxies {
    pub(super) const SETTINGS: &[Setting] = &[TRUSTED, ADDRESS_HEADER];

    /// `names_users` is whether whoever is trusted says who somebody is.
    pub(super) fn read(from: &Sources, names_users: bool) -> Result<Self, ConfigError> {
        let trusted = Networks::new(from.list(&TRUSTED)).map_err(|error| from.invalid(&TRUSTED, error.to_string()))?;
        if names_users && trusted.is_empty() {
            return Err(from.invalid(&TRUSTED, "say from where the header may come that names users"));
        }
        if names_users && trusted.has_everybody() {
            let problem =
                "whoever is trusted says who somebody is, so everybody could be anybody: name the proxies alone";
            return Err(from.invalid(&TRUSTED, problem));
        }
        let by = match from.text(&ADDRESS_HEADER).trim().to_ascii_lowercase().as_str() {
            "x-forwarded-for" => ForwardedBy::XForwardedFor,
            "forwarded" => ForwardedBy::Forwarded,
            other => {
                let problem = format!("`{other}` is neither x-forwarded-for nor forwarded");
                return Err(from.invalid(&ADDRESS_HEADER, problem));
            }
        };
        Ok(Self { trusted, by })
    }
}

const TRUSTED: Setting = Setting {
    key: "proxy.trusted",
    flag: "proxy-trusted",
    variables: &["COLLOQUY_PROXY_TRUSTED"],
    value: "LIST",
    default: "",
    help: "Addresses and networks, separated by commas, of the proxies that are believed about where a request comes from",
};
const ADDRESS_HEADER: Setting = Setting {
    key: "proxy.address_header",
    flag: "proxy-address-header",
    variables: &["COLLOQUY_PROXY_ADDRESS_HEADER"],
    value: "NAME",
    default: "x-forwarded-for",
    help: "The header to which each of these proxies adds whom it saw: x-forwarded-for or forwarded",
};
