//! Somebody whose name was proven, and how.

use std::fmt::{self, Display, Formatter};

/// How a name was proven. Names proven in different ways never mean the same person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Whoever sits at this machine, while nobody else can reach the server.
    Local,
    /// A static token.
    Token,
    /// A login at an OpenID provider; the name is the provider's own for the person.
    OpenId,
    /// A trusted proxy vouches for the name.
    Proxy,
}

impl Way {
    const fn word(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Token => "token",
            Self::OpenId => "openid",
            Self::Proxy => "proxy",
        }
    }
}

/// Somebody whose name was proven: `token:alice`, `openid:1089`, `proxy:bob`, or `local`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identity(String);

impl Identity {
    /// Whoever sits at this machine.
    pub fn local() -> Self {
        Self(Way::Local.word().to_owned())
    }

    /// A name proven in a way. None if it is empty, longer than 255 bytes, which is as long as a provider may name somebody, or has control characters.
    pub fn new(way: Way, name: &str) -> Option<Self> {
        let fits = (1..=255).contains(&name.len()) && !name.chars().any(char::is_control);
        fits.then(|| Self(format!("{}:{name}", way.word())))
    }

    /// One that was written down by [`Identity::as_str`]. Whoever calls this trusts where the text was kept.
    pub(crate) fn written(text: String) -> Self {
        Self(text)
    }

    /// The name alone, if it was proven in this way.
    pub fn proven_by(&self, way: Way) -> Option<&str> {
        self.0.strip_prefix(way.word())?.strip_prefix(':')
    }

    /// The name with the way it was proven in.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Display for Identity {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::{Identity, Way};

    #[test]
    fn the_same_name_proven_in_two_ways_is_two_people() {
        assert_ne!(Identity::new(Way::Token, "alice"), Identity::new(Way::Proxy, "alice"));
        assert_ne!(Identity::new(Way::Token, "local").expect("a name"), Identity::local());
    }

    #[test]
    fn a_name_that_could_break_a_line_is_none() {
        assert_eq!(Identity::new(Way::Proxy, "a\nb"), None);
        assert_eq!(Identity::new(Way::Proxy, ""), None);
        assert_eq!(Identity::new(Way::Proxy, &"a".repeat(256)), None);
    }
}
