//! How busy the machine was while measuring: figures taken on a busy machine say little.

use std::fmt;

/// Processor time by use, in ticks since the machine's start.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Load {
    total: u64,
    idle: u64,
    stolen: u64,
}

impl Load {
    /// The counters now; zeroes where the system does not tell.
    pub(crate) fn now() -> Self {
        let text = std::fs::read_to_string("/proc/stat").unwrap_or_default();
        let line = text.lines().next().unwrap_or_default();
        let ticks: Vec<u64> = line.split_whitespace().skip(1).filter_map(|word| word.parse().ok()).collect();
        let at = |index: usize| ticks.get(index).copied().unwrap_or(0);
        Self { total: ticks.iter().take(8).sum(), idle: at(3) + at(4), stolen: at(7) }
    }

    /// What happened since an earlier reading.
    pub(crate) fn since(&self, earlier: &Self) -> Self {
        Self { total: self.total - earlier.total, idle: self.idle - earlier.idle, stolen: self.stolen - earlier.stolen }
    }
}

impl fmt::Display for Load {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = |part: u64| 100.0 * part as f64 / self.total.max(1) as f64;
        write!(f, "{:.0} % idle, {:.1} % stolen by the hypervisor", percent(self.idle), percent(self.stolen))
    }
}
