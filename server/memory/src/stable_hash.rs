//! A hash that is the same on every machine and in every version: what is stored depends on it.

/// FNV-1a over the bytes, started with the seed and finished so that every bit depends on every byte.
pub(crate) fn stable_hash(seed: u64, bytes: &[u8]) -> u64 {
    let start = 0xcbf2_9ce4_8422_2325 ^ mix(seed);
    mix(bytes.iter().fold(start, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)))
}

/// The finisher of SplitMix64.
pub(crate) fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_values_never_change() {
        assert_eq!(stable_hash(0, b""), mix(0xcbf2_9ce4_8422_2325));
        assert_ne!(stable_hash(0, b"a"), stable_hash(1, b"a"));
        assert_eq!(stable_hash(42, b"deadline"), 12_940_476_984_232_391_460);
    }
}
