//! Networks by list, such as those that trusted proxies are in.

use ipnet::IpNet;
use std::net::IpAddr;

/// Networks by list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Networks(Vec<IpNet>);

/// A text that is neither an address nor a network.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is neither an address nor a network such as 10.0.0.0/8")]
pub struct NetworkError(String);

impl Networks {
    /// Takes addresses and networks.
    ///
    /// # Errors
    /// The first text that is neither.
    pub fn new(list: Vec<String>) -> Result<Self, NetworkError> {
        let network = |text: String| {
            let one = || text.parse::<IpAddr>().ok().map(IpNet::from);
            text.parse::<IpNet>().ok().or_else(one).ok_or(NetworkError(text))
        };
        list.into_iter().map(network).collect::<Result<_, _>>().map(Self)
    }

    /// Whether an address is in one of them; an IPv4 address counts the same written as IPv6.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Whether every address there is of a kind is in one of them.
    pub fn has_everybody(&self) -> bool {
        self.0.iter().any(|network| network.prefix_len() == 0)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::Networks;

    #[test]
    fn an_address_is_found_in_its_network_however_it_is_written() {
        let networks = Networks::new(vec!["10.0.0.0/8".into(), "::1".into()]).expect("networks");
        let contains = |text: &str| networks.contains(text.parse().expect("an address"));
        assert!(contains("10.1.2.3") && contains("::ffff:10.1.2.3") && contains("::1"));
        assert!(!contains("11.0.0.1") && !contains("::2"));
        assert!(Networks::new(vec!["10.0.0.0/33".into()]).is_err());
    }
}
