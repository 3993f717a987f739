//! Levels over time, in bins of equal length.

use std::collections::BTreeMap;

/// Length of a bin in milliseconds; every figure of sound is exact to about this much.
pub(crate) const BIN_MS: u64 = 10;

/// The loudest level of each bin.
#[derive(Clone, Debug, Default)]
pub(crate) struct Timeline(BTreeMap<u64, f64>);

/// A stretch that is audible, in milliseconds of the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stretch {
    pub(crate) start: u64,
    pub(crate) end: u64,
}

impl Timeline {
    /// From pairs of milliseconds and level, as the probe's meters give them.
    pub(crate) fn new(pairs: &[f64]) -> Self {
        let mut bins = BTreeMap::new();
        for pair in pairs.chunks_exact(2) {
            if let [at, level] = *pair {
                let bin: &mut f64 = bins.entry(at as u64 / BIN_MS).or_default();
                *bin = bin.max(level);
            }
        }
        Self(bins)
    }

    /// The level of the bin at this time.
    pub(crate) fn at(&self, ms: u64) -> f64 {
        self.0.get(&(ms / BIN_MS)).copied().unwrap_or(0.0)
    }

    /// Audible stretches: above `threshold`, with gaps up to `gap` ms inside; clicks of under 50 ms are left out.
    pub(crate) fn stretches(&self, threshold: f64, gap: u64) -> Vec<Stretch> {
        let mut found: Vec<Stretch> = Vec::new();
        for (bin, level) in &self.0 {
            if *level <= threshold {
                continue;
            }
            let (start, end) = (bin * BIN_MS, (bin + 1) * BIN_MS);
            match found.last_mut() {
                Some(last) if start <= last.end + gap => last.end = end,
                _ => found.push(Stretch { start, end }),
            }
        }
        found.retain(|stretch| stretch.end - stretch.start >= 50);
        found
    }

    /// The first bin from `from` until `until` for which `wanted` holds, as its start in milliseconds.
    pub(crate) fn first(&self, from: u64, until: u64, wanted: impl Fn(u64, f64) -> bool) -> Option<u64> {
        let mut bins = self.0.range(from / BIN_MS..until / BIN_MS);
        bins.find(|(bin, level)| wanted(*bin * BIN_MS, **level)).map(|(bin, _)| bin * BIN_MS)
    }

    /// The end of the last bin from `from` until `until` that is above `threshold`.
    pub(crate) fn last_above(&self, threshold: f64, from: u64, until: u64) -> Option<u64> {
        let mut bins = self.0.range(from / BIN_MS..until / BIN_MS);
        bins.rfind(|(_, level)| **level > threshold).map(|(bin, _)| (bin + 1) * BIN_MS)
    }
}

#[cfg(test)]
mod tests {
    use super::{Stretch, Timeline};

    #[test]
    fn stretches_join_over_short_gaps_and_leave_clicks_out() {
        let pairs: Vec<f64> = (0..100)
            .flat_map(|bin| {
                let loud = (10..30).contains(&bin) || (33..50).contains(&bin) || bin == 90;
                [f64::from(bin * 10), if loud { 0.2 } else { 0.0 }]
            })
            .collect();
        let timeline = Timeline::new(&pairs);
        assert_eq!(timeline.stretches(0.1, 100), [Stretch { start: 100, end: 500 }]);
        assert_eq!(timeline.last_above(0.1, 0, 600), Some(500));
        assert_eq!(timeline.first(310, 900, |_, level| level > 0.1), Some(330));
    }
}
