//! What was measured, as a person reads it.

use core::time::Duration;

/// How long something took, each time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Times(Vec<Duration>);

impl Times {
    /// Once more.
    pub(crate) fn add(&mut self, time: Duration) {
        self.0.push(time);
    }

    /// How often.
    pub(crate) const fn count(&self) -> usize {
        self.0.len()
    }

    /// How long it took at most in so many of a hundred times.
    pub(crate) fn percentile(&self, percent: usize) -> Duration {
        let mut times = self.0.clone();
        times.sort_unstable();
        let place = (times.len() * percent).div_ceil(100);
        times[place.saturating_sub(1)]
    }

    /// A row of a table: what it is, how often, the middle, the 99th of a hundred, the longest.
    pub(crate) fn row(&self, what: &str) -> String {
        let [p50, p99, max] = [50, 99, 100].map(|it| 1e3 * self.percentile(it).as_secs_f64());
        format!(
            "| {what} | {} | {p50:.1} ms | {p99:.1} ms | {max:.1} ms |",
            self.count()
        )
    }
}

#[test]
fn a_percentile_is_one_of_the_times() {
    let mut times = Times::default();
    for time in (1..=200).rev() {
        times.add(Duration::from_millis(time));
    }
    let percentiles = [1, 50, 99, 100].map(|it| times.percentile(it).as_millis());
    assert_eq!(percentiles, [2, 100, 198, 200]);
    assert_eq!(
        times.row("x"),
        "| x | 200 | 100.0 ms | 198.0 ms | 200.0 ms |"
    );
}
