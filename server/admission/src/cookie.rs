//! Cookies: found in a request, written for an answer.

use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};

/// A cookie of ours. No script can read it, no other site's request but a visit carries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cookie {
    /// What it is called.
    pub name: &'static str,
    /// Whether browsers may send it over HTTPS alone. Then its name says that nobody but this very host has set it.
    pub secure: bool,
}

impl Cookie {
    /// The name as browsers know it.
    pub fn full_name(&self) -> String {
        format!("{}{}", if self.secure { "__Host-" } else { "" }, self.name)
    }

    /// The header that sets it for some seconds; with none, the header that takes it away.
    pub fn set(&self, value: &str, seconds: u64) -> Option<HeaderValue> {
        let secure = if self.secure { "; Secure" } else { "" };
        let text = format!("{}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}", self.full_name());
        let mut header = HeaderValue::try_from(text).ok()?;
        header.set_sensitive(true);
        Some(header)
    }

    /// Its value in a request.
    pub fn find<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        find_cookie(headers, &self.full_name())
    }
}

/// The value of the first cookie of a name.
fn find_cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::Cookie;
    use http::{HeaderMap, HeaderValue};

    #[test]
    fn a_cookie_is_out_of_reach_for_scripts_and_other_sites() {
        let header = Cookie { name: "colloquy", secure: true }.set("v", 60).expect("a header");
        assert_eq!(header, "__Host-colloquy=v; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure");
        assert_eq!(Cookie { name: "c", secure: true }.set("a\r\nb", 1), None);
    }

    #[test]
    fn a_cookie_is_found_among_others_by_its_whole_name() {
        let mut headers = HeaderMap::new();
        headers.append("cookie", HeaderValue::from_static("xcolloquy=1; colloquy=2;a=b"));
        assert_eq!(Cookie { name: "colloquy", secure: false }.find(&headers), Some("2"));
        assert_eq!(Cookie { name: "colloquy", secure: true }.find(&headers), None);
    }
}
