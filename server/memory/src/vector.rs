//! A vector as it is stored: one signed byte per dimension.
//!
//! Only its direction counts, so the largest component is stretched to 127. That is a quarter of the bytes, and the
//! cosine changes by less than one hundredth.

/// The direction of a vector in signed bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredVector(Vec<i8>);

impl StoredVector {
    /// Rounds a vector. One without a direction (all zero, or not finite) cannot be stored.
    pub(crate) fn from_floats(vector: &[f32]) -> Option<Self> {
        let largest = vector.iter().fold(0.0_f32, |largest, x| largest.max(x.abs()));
        if !largest.is_normal() || !vector.iter().all(|x| x.is_finite()) {
            return None;
        }
        Some(Self(vector.iter().map(|x| (x / largest * 127.0).round() as i8).collect()))
    }

    /// Reads what [`StoredVector::to_bytes`] wrote.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Self {
        Self(bytes.iter().map(|byte| byte.cast_signed()).collect())
    }

    /// The bytes to store.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        self.0.iter().map(|x| x.cast_unsigned()).collect()
    }

    /// The components, as numbers.
    pub(crate) fn to_floats(&self) -> Vec<f32> {
        self.0.iter().map(|x| f32::from(*x)).collect()
    }

    /// The cosine of the angle to a query of length one.
    pub(crate) fn cosine(&self, query: &[f32]) -> f32 {
        let length = self.0.iter().map(|x| i32::from(*x) * i32::from(*x)).sum::<i32>() as f32;
        let dot: f32 = self.0.iter().zip(query).map(|(x, q)| f32::from(*x) * q).sum();
        if length > 0.0 && self.0.len() == query.len() { dot / length.sqrt() } else { 0.0 }
    }
}

/// The same direction with length one; none when there is no direction.
pub(crate) fn normalised(mut vector: Vec<f32>) -> Option<Vec<f32>> {
    let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
    (length.is_normal()).then(|| {
        for x in &mut vector {
            *x /= length;
        }
        vector
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_changes_a_cosine_by_less_than_a_hundredth() {
        let wave = |step: f32| normalised((0..256).map(|n| (n as f32 * step).sin()).collect()).unwrap();
        for step in [0.1_f32, 0.11, 0.3, 0.7] {
            let (query, other) = (wave(0.1), wave(step));
            let exact: f32 = query.iter().zip(&other).map(|(a, b)| a * b).sum();
            let stored = StoredVector::from_floats(&other).unwrap();
            assert!((stored.cosine(&query) - exact).abs() < 0.01);
            assert_eq!(StoredVector::from_bytes(&stored.to_bytes()), stored);
        }
    }

    #[test]
    fn a_vector_without_direction_is_not_stored() {
        assert_eq!(StoredVector::from_floats(&[0.0; 8]), None);
        assert_eq!(StoredVector::from_floats(&[f32::NAN, 1.0]), None);
        assert_eq!(normalised(vec![0.0; 4]), None);
    }

    #[test]
    fn vectors_of_different_dimensions_have_nothing_in_common() {
        assert!(StoredVector::from_floats(&[1.0, 0.0]).unwrap().cosine(&[1.0]).abs() < f32::EPSILON);
    }
}
