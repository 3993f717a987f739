//! How old something is, in words.

use js_sys::Date;

/// Now, in seconds of Unix time.
pub(super) fn unix_now() -> i64 {
    (Date::now() / 1000.0) as i64
}

/// The words for so many seconds; what is not yet is told as such.
pub(super) fn words(seconds: i64) -> String {
    let (count, unit) = match seconds.unsigned_abs() {
        0..60 => return "now".to_owned(),
        so @ 60..3_600 => (so / 60, "min"),
        so @ 3_600..86_400 => (so / 3_600, "h"),
        so => (so / 86_400, if so < 2 * 86_400 { "day" } else { "days" }),
    };
    let count = count.to_string();
    if seconds < 0 { ["in ", &count, " ", unit].concat() } else { [&count, " ", unit, " ago"].concat() }
}

#[cfg(test)]
mod tests {
    use super::words;
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn an_age_is_told_in_its_largest_unit() {
        for (seconds, told) in [
            (0, "now"),
            (-59, "now"),
            (60, "1 min ago"),
            (3_599, "59 min ago"),
            (7_200, "2 h ago"),
            (86_400, "1 day ago"),
            (200_000, "2 days ago"),
            (-7_200, "in 2 h"),
        ] {
            assert_eq!(words(seconds), told);
        }
    }
}
