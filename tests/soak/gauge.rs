//! How much the server's process takes: resident memory and open file descriptors, by Linux's account.

use crate::verdict::{Promise, Verdict};
use anyhow::Result;
use e2e_support::resident_mib;

/// What a process takes at one time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    /// Resident memory, in MiB.
    pub(crate) resident: f64,
    /// Open file descriptors.
    pub(crate) descriptors: f64,
}

impl Sample {
    /// Looks now.
    pub(crate) fn of(pid: u32) -> Result<Self> {
        let descriptors = std::fs::read_dir(format!("/proc/{pid}/fd"))?.count() as f64;
        Ok(Self { resident: resident_mib(pid)?, descriptors })
    }
}

/// One life of the process, from its start to its end or kill.
#[derive(Clone, Debug, Default)]
pub(crate) struct Life(pub(crate) Vec<Sample>);

impl Life {
    /// The medians of the first and of the last quarter, the time to warm up left out.
    fn medians(&self, of: impl Fn(&Sample) -> f64) -> Option<(f64, f64)> {
        let warm = self.0.get(self.0.len() / WARM_UP..)?;
        let quarter = warm.len().div_ceil(4);
        let median = |samples: &[Sample]| {
            let mut values: Vec<f64> = samples.iter().map(&of).collect();
            values.sort_by(f64::total_cmp);
            values.get(values.len() / 2).copied()
        };
        Some((median(warm.get(..quarter)?)?, median(warm.get(warm.len() - quarter..)?)?))
    }

    /// Judges by the bounds, and says what was seen.
    pub(crate) fn judge(&self, name: &str, verdict: &Verdict) {
        let judge = |promise, unit: &str, medians: Option<(f64, f64)>, slack: f64| {
            let Some((first, last)) = medians else {
                return verdict.check(promise, Some(format!("{name}: nothing was measured")));
            };
            let bound = first * GROWTH + slack;
            println!("{name}: {unit} {first:.0} in the first quarter, {last:.0} in the last, at most {bound:.0}");
            verdict.check(promise, (last > bound).then(|| format!("{name}: {first:.1} grew to {last:.1} {unit}")));
        };
        judge(Promise::Resident, "MiB resident", self.medians(|sample| sample.resident), SLACK_MIB);
        judge(Promise::Descriptors, "file descriptors", self.medians(|sample| sample.descriptors), SLACK_DESCRIPTORS);
    }
}

/// One part in so many at the beginning does not count.
const WARM_UP: usize = 5;

/// What may grow under a steady load: what is counted and remembered, caches, chance.
const GROWTH: f64 = 1.15;
const SLACK_MIB: f64 = 12.0;
const SLACK_DESCRIPTORS: f64 = 24.0;

#[cfg(test)]
mod tests {
    use super::{Life, Sample};

    #[test]
    fn a_leak_shows_in_the_medians_and_a_peak_does_not() {
        let life = |resident: &dyn Fn(u32) -> f64| {
            Life((0..50).map(|at| Sample { resident: resident(at), descriptors: 1.0 }).collect())
        };
        let medians = life(&|at| f64::from(at)).medians(|sample| sample.resident);
        assert_eq!(medians, Some((15.0, 45.0)));
        let medians = life(&|at| if at == 49 { 900.0 } else { 7.0 }).medians(|sample| sample.resident);
        assert_eq!(medians, Some((7.0, 7.0)));
    }
}
