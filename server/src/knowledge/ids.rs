//! Names for new memories.

use memory::MemoryId;

/// A name that nobody else has, or none if the system gives no randomness.
pub(crate) fn fresh_id() -> Option<MemoryId> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).ok()?;
    MemoryId::new(format!("mem_{:032x}", u128::from_be_bytes(bytes))).ok()
}

#[cfg(test)]
mod tests {
    use super::fresh_id;

    #[test]
    fn two_memories_have_two_names() {
        let (one, other) = (fresh_id().expect("an id"), fresh_id().expect("an id"));
        assert_ne!(one, other);
        assert_eq!(one.as_str().len(), 36);
    }
}
