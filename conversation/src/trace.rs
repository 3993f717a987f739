//! The name under which everything that a call asks of our server is found again: a W3C `traceparent`.

use crate::digits::hex;
use crate::random::Random;

/// A fresh one. All of a call's requests have the call for their parent.
pub(crate) fn parent(random: &mut Random) -> String {
    let mut text = "00-".to_owned();
    for at in 0..3 {
        // An identifier of nothing but zeros is not valid.
        hex(&mut text, random.next() | 1, 16);
        if at > 0 {
            text.push('-');
        }
    }
    text.push_str("01");
    text
}

#[cfg(test)]
mod tests {
    use super::parent;
    use crate::random::Random;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn every_call_has_a_trace_of_its_own_as_the_standard_writes_it() {
        let mut random = Random::new(7);
        let (one, other) = (parent(&mut random), parent(&mut random));
        assert_ne!(one, other);
        let pieces: Vec<_> = one.split('-').collect();
        let lengths: Vec<_> = pieces.iter().map(|piece| piece.len()).collect();
        assert_eq!((lengths, pieces.first(), pieces.last()), (vec![2, 32, 16, 2], Some(&"00"), Some(&"01")));
        let hex = |digit: char| digit.is_ascii_digit() || ('a'..='f').contains(&digit);
        assert!(pieces.concat().chars().all(hex), "{one}");
    }
}
