//! A small seeded source of numbers, for jitter and identifiers. Not for secrets.

/// `SplitMix64`: one addition and three mixes a number.
#[derive(Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// From -1 to 1.
    pub(crate) fn around_zero(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1_u64 << 23) as f32 - 1.0
    }
}

#[cfg(test)]
mod tests {
    use super::Random;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn numbers_spread_and_repeat_with_their_seed() {
        let (mut one, mut same) = (Random::new(7), Random::new(7));
        let mut low = 0;
        for _ in 0..1000 {
            let number = one.around_zero();
            assert!((-1.0..=1.0).contains(&number));
            assert!((number - same.around_zero()).abs() < f32::EPSILON);
            low += u32::from(number < 0.0);
        }
        assert!((400..600).contains(&low), "{low} of 1000 below zero");
    }
}
