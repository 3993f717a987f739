//! One figure: a name, a unit and how its samples are spread.

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

/// How the samples of one quantity are spread.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Figure {
    name: String,
    unit: String,
    n: usize,
    min: f64,
    p50: f64,
    p95: f64,
    max: f64,
}

impl Figure {
    /// Sums samples up.
    pub(crate) fn of(name: &str, unit: &str, mut samples: Vec<f64>) -> Result<Self> {
        samples.sort_by(f64::total_cmp);
        let first = *samples.first().with_context(|| format!("{name}: nothing was measured"))?;
        Ok(Self {
            name: name.to_owned(),
            unit: unit.to_owned(),
            n: samples.len(),
            min: first,
            p50: percentile(&samples, 0.50),
            p95: percentile(&samples, 0.95),
            max: percentile(&samples, 1.0),
        })
    }

    /// The median and the 95th percentile.
    pub(crate) fn middle_and_tail(&self) -> (f64, f64) {
        (self.p50, self.p95)
    }
}

/// The smallest sample that at least this share of all samples does not exceed (nearest rank).
fn percentile(sorted: &[f64], share: f64) -> f64 {
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.clamp(1, sorted.len()) - 1).copied().unwrap_or(f64::NAN)
}

/// Prints a table.
pub(crate) fn print(figures: &[Figure]) {
    println!("\n{:<34} {:>8} {:>4} {:>12} {:>12} {:>12} {:>12}", "figure", "unit", "n", "min", "p50", "p95", "max");
    for Figure { name, unit, n, min, p50, p95, max } in figures {
        println!("{name:<34} {unit:>8} {n:>4} {min:>12.1} {p50:>12.1} {p95:>12.1} {max:>12.1}");
    }
}

#[cfg(test)]
mod tests {
    use super::Figure;

    #[test]
    fn percentiles_are_samples_by_nearest_rank() -> anyhow::Result<()> {
        let figure = Figure::of("x", "ms", (1..=20).rev().map(f64::from).collect())?;
        assert_eq!((figure.min, figure.p50, figure.p95, figure.max), (1.0, 10.0, 19.0, 20.0));
        Ok(())
    }
}
