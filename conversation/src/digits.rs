//! Numbers as text, without the machinery that prints anything in any way: whoever opens the page would have to
//! download it.

/// A number, with zeros before it where it has fewer than `digits` digits.
pub fn padded(number: u64, digits: u32) -> String {
    let one_more = 10_u64.saturating_pow(digits);
    if number >= one_more {
        return number.to_string();
    }
    let mut text = (one_more + number).to_string();
    text.remove(0);
    text
}

/// So many hexadecimal digits of a random number.
pub(crate) fn hex(text: &mut String, mut number: u64, digits: usize) {
    for _ in 0..digits {
        text.push(char::from(HEX[number as usize % HEX.len()]));
        number >>= 4;
    }
}

const HEX: [u8; 16] = *b"0123456789abcdef";

#[cfg(test)]
mod tests {
    use super::padded;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn short_numbers_get_zeros_and_long_ones_stay() {
        let texts =
            [(0, 3), (7, 2), (42, 2), (1_000, 3), (u64::MAX, 2), (5, 0)].map(|(number, digits)| padded(number, digits));
        assert_eq!(texts, ["000", "07", "42", "1000", "18446744073709551615", "5"]);
    }
}
