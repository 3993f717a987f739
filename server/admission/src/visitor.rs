//! Who asks: an address, and an identity where one was proven.

use crate::Identity;
use std::net::{IpAddr, Ipv6Addr};

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visitor {
    /// Where the request comes from, behind all trusted proxies.
    pub address: IpAddr,
    /// Who it is, where that was proven.
    pub identity: Option<Identity>,
    /// The person's mail address, where an OpenID provider has verified it.
    pub mail: Option<String>,
}

impl Visitor {
    /// Somebody of whom only the address is known.
    pub fn stranger(address: IpAddr) -> Self {
        Self { address, identity: None, mail: None }
    }

    /// The name of what limits count an address as.
    pub(crate) fn household(&self) -> String {
        match household(self.address) {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(network) => format!("{network}/64"),
        }
    }

    /// The name for the log and the audit log.
    pub fn name(&self) -> &str {
        self.identity.as_ref().map_or("nobody", Identity::as_str)
    }
}

/// What an address counts as. Whoever has one IPv6 address has all 2^64 of its network.
pub fn household(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::Visitor;

    #[test]
    fn an_ipv6_network_counts_as_one_address_and_a_mapped_address_as_itself() {
        let household = |text: &str| Visitor::stranger(text.parse().expect("an address")).household();
        assert_eq!(household("2001:db8::1"), household("2001:db8::ffff:2"));
        assert_ne!(household("2001:db8::1"), household("2001:db8:0:1::1"));
        assert_eq!(household("::ffff:192.0.2.1"), "192.0.2.1");
    }
}
