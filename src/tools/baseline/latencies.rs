//! Latencies and their percentiles.

use std::time::Duration;

use hdrhistogram::Histogram;

use crate::tools::ToolError;

/// Longer times are recorded as this one.
const LONGEST: u64 = 3_600_000_000;

/// A histogram in microseconds with three significant digits.
#[derive(Clone, Debug)]
pub(crate) struct Latencies(Histogram<u64>);

impl Latencies {
    pub(crate) fn new() -> Result<Self, ToolError> {
        let failed = |e| ToolError::failed(format!("cannot create a histogram: {e}"));
        Histogram::new_with_bounds(1, LONGEST, 3).map(Self).map_err(failed)
    }

    pub(crate) fn record(&mut self, time: Duration) {
        self.0.saturating_record(u64::try_from(time.as_micros()).unwrap_or(LONGEST).max(1));
    }

    pub(crate) fn count(&self) -> u64 {
        self.0.len()
    }

    /// A percentile in seconds by nearest rank: 0.95 for the 95th; 0 without samples.
    pub(crate) fn at(&self, share: f64) -> f64 {
        Duration::from_micros(self.0.value_at_quantile(share)).as_secs_f64()
    }

    /// The longest, in seconds.
    pub(crate) fn max(&self) -> f64 {
        Duration::from_micros(self.0.max()).as_secs_f64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_those_of_the_nearest_rank() {
        let mut times = Latencies::new().unwrap();
        assert_eq!((times.count(), times.at(0.95)), (0, 0.0));
        (1..=100).for_each(|ms| times.record(Duration::from_millis(ms)));
        let near =
            |seconds: f64, ms: f64| assert!((seconds * 1e3 - ms).abs() < 0.002 * ms, "{seconds}, {ms}");
        near(times.at(0.5), 50.0);
        near(times.at(0.95), 95.0);
        near(times.max(), 100.0);
        // Of ten the 95th percentile is the slowest.
        let mut few = Latencies::new().unwrap();
        (1..=10).for_each(|ms| few.record(Duration::from_millis(ms)));
        near(few.at(0.95), 10.0);
        few.record(Duration::from_secs(1_000_000));
        near(few.max(), 3_600_000.0);
    }
}
