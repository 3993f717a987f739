//! A key of somebody's service, which cannot be printed.

use std::fmt;

use serde::{Deserialize, Deserializer};

/// A secret: no `Display`, no serialisation, and a `Debug` that shows a fixed word.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes the secret over.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    /// The secret itself, for the one place that sends it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(hidden)")
    }
}

impl<'de> Deserialize<'de> for Secret {
    /// Anything but a text is refused without repeating it: errors are printed.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match toml::Value::deserialize(deserializer) {
            Ok(toml::Value::String(secret)) => Ok(Self(secret)),
            _ => Err(serde::de::Error::custom("a secret is a text")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn a_secret_is_not_printed() {
        assert_eq!(format!("{:?}", Secret::new("sk-123")), "Secret(hidden)");
    }

    #[test]
    fn a_secret_of_the_wrong_type_is_not_repeated_in_the_error() {
        let error = toml::Value::Integer(424_242).try_into::<Secret>().unwrap_err();
        assert!(!error.to_string().contains("424242"), "{error}");
    }
}
