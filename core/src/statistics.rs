//! How fast the devices are, and how the search is going.
//!
//! The fields keep the names and meanings of the Python SDK's `RegistrationStatistics`, but not its
//! faults: the newest sample weighs most instead of least, the first round already shows its rate
//! instead of an average with zeros, and every round counts the nonces that it really tried.

use crate::{Difficulty, Micros, odds};

/// How many samples the shown rate averages.
const SAMPLES: usize = 10;

/// Weight of a sample relative to the next newer one.
const DECAY: f64 = 0.8;

/// The shortest time that a sample covers, in microseconds: several rounds of a fast device, so
/// that the shown rate is steady.
const SAMPLE: Micros = 250_000;

const MICROS_PER_SECOND: f64 = 1e6;

/// Counts the rounds of a device, or of all devices together.
#[derive(Clone, Debug)]
pub struct Meter {
    /// When counting began: at the first round.
    started: Option<Micros>,
    nonces: u64,
    rounds: u64,
    /// Durations of all rounds together and of the last.
    busy: Micros,
    last: Micros,
    /// Rates in hashes/s, oldest first; `filled` of them.
    samples: [f64; SAMPLES],
    filled: usize,
    /// When the unfinished sample began, and its nonces so far.
    since: Micros,
    pending: u64,
}

/// What a [`Meter`] has counted. Times are in seconds, rates in hashes per second.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rates {
    /// Wall time since the first round began.
    pub time_spent_total: f64,
    /// Rounds finished.
    pub rounds_total: u64,
    /// Mean duration of a round.
    pub time_average: f64,
    /// Duration of the last round.
    pub time_spent: f64,
    /// Nonces tried since the first round began, per second of wall time.
    pub hash_rate_perpetual: f64,
    /// Moving average of the last ten samples of a quarter second, the newest weighing most.
    pub hash_rate: f64,
    /// Nonces tried.
    pub nonces_total: u64,
}

/// How a search is going.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Statistics {
    /// All devices together.
    pub rates: Rates,
    /// Expected seals per win.
    pub difficulty: u64,
    /// The number of the block that asks, if the caller gave it.
    pub block_number: Option<u64>,
    /// Its hash.
    pub block_hash: [u8; 32],
    /// Seconds until a solution, on average, from now on; `None` before the first round.
    pub expected_time: Option<f64>,
    /// The chance, 0 to 1, that as many nonces as were tried so far bring a solution.
    pub chance: f64,
}

impl Meter {
    /// A meter that has counted nothing.
    pub const fn new() -> Self {
        Self {
            started: None,
            nonces: 0,
            rounds: 0,
            busy: 0,
            last: 0,
            samples: [0.0; SAMPLES],
            filled: 0,
            since: 0,
            pending: 0,
        }
    }

    /// Notes that work begins, for the first time or after a pause: no sample includes a pause.
    pub fn resume(&mut self, now: Micros) {
        self.started.get_or_insert(now);
        (self.since, self.pending) = (now, 0);
    }

    /// Counts a round of `nonces` that began at `began` and ended at `now`.
    pub fn record(&mut self, began: Micros, now: Micros, nonces: u64) {
        if self.started.is_none() {
            self.resume(began);
        }
        self.nonces += nonces;
        self.rounds += 1;
        self.last = now.saturating_sub(began);
        self.busy += self.last;
        self.pending += nonces;
        if now.saturating_sub(self.since) >= SAMPLE {
            let rate = per_second(self.pending, now - self.since);
            self.samples.rotate_left(1);
            self.samples[SAMPLES - 1] = rate;
            self.filled = (self.filled + 1).min(SAMPLES);
            (self.since, self.pending) = (now, 0);
        }
    }

    /// What was counted up to `now`.
    pub fn rates(&self, now: Micros) -> Rates {
        let elapsed = self
            .started
            .map_or(0, |started| now.saturating_sub(started));
        let hash_rate_perpetual = per_second(self.nonces, elapsed);
        Rates {
            time_spent_total: elapsed as f64 / MICROS_PER_SECOND,
            rounds_total: self.rounds,
            time_average: match self.rounds {
                0 => 0.0,
                rounds => self.busy as f64 / rounds as f64 / MICROS_PER_SECOND,
            },
            time_spent: self.last as f64 / MICROS_PER_SECOND,
            hash_rate_perpetual,
            hash_rate: self.moving_average().unwrap_or(hash_rate_perpetual),
            nonces_total: self.nonces,
        }
    }

    /// The moving average of as many samples as it has in the long run; `None` before.
    pub fn measured(&self) -> Option<f64> {
        let full = self.filled == SAMPLES;
        self.moving_average().filter(|_| full)
    }

    /// The weighted mean of the samples so far; `None` before the first.
    fn moving_average(&self) -> Option<f64> {
        let newest_first = self.samples.iter().rev().take(self.filled);
        let (mut sum, mut weights, mut weight) = (0.0, 0.0, 1.0);
        for rate in newest_first {
            sum += rate * weight;
            weights += weight;
            weight *= DECAY;
        }
        (self.filled > 0).then_some(sum / weights)
    }
}

impl Default for Meter {
    fn default() -> Self {
        Self::new()
    }
}

impl Statistics {
    /// Combines what is known about a search; `log_miss` is the logarithm of the chance that the nonces
    /// tried held no solution.
    pub(crate) fn new(
        rates: Rates,
        difficulty: Difficulty,
        block_number: Option<u64>,
        block_hash: [u8; 32],
        log_miss: f64,
    ) -> Self {
        Self {
            rates,
            difficulty: difficulty.get(),
            block_number,
            block_hash,
            expected_time: odds::expected_seconds(difficulty, rates.hash_rate),
            chance: odds::certainty(log_miss),
        }
    }
}

/// Events per second; zero if no time passed.
fn per_second(count: u64, time: Micros) -> f64 {
    if time == 0 {
        0.0
    } else {
        count as f64 * MICROS_PER_SECOND / time as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Records `rounds` rounds of `nonces` in `micros` each, one after the other.
    fn run(meter: &mut Meter, mut now: Micros, rounds: u64, micros: Micros, nonces: u64) -> Micros {
        for _ in 0..rounds {
            meter.record(now, now + micros, nonces);
            now += micros;
        }
        now
    }

    fn close(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-6 * b.abs(), "{a} is not {b}");
    }

    #[test]
    fn the_first_round_already_shows_its_rate() {
        let mut meter = Meter::new();
        assert_eq!(meter.rates(0), Rates::default());
        let now = run(&mut meter, 1_000, 1, 5_000, 50_000);
        let rates = meter.rates(now);
        close(rates.hash_rate, 10e6);
        close(rates.hash_rate_perpetual, 10e6);
        assert_eq!((rates.rounds_total, rates.nonces_total), (1, 50_000));
        close(rates.time_spent, 0.005);
    }

    #[test]
    fn a_steady_rate_is_shown_exactly() {
        let mut meter = Meter::new();
        let now = run(&mut meter, 7, 10_000, 5_000, 50_000);
        let rates = meter.rates(now);
        close(rates.hash_rate, 10e6);
        close(rates.hash_rate_perpetual, 10e6);
        close(rates.time_average, 0.005);
        close(rates.time_spent_total, 50.0);
        assert_eq!(rates.rounds_total, 10_000);
    }

    #[test]
    fn the_newest_sample_weighs_most() {
        let mut meter = Meter::new();
        let now = run(&mut meter, 0, 9, SAMPLE, 250_000); // nine samples of 1 MH/s
        assert_eq!(meter.measured(), None);
        let now = run(&mut meter, now, 1, SAMPLE, 2_500_000); // one of 10 MH/s
        let weights: f64 = (0..10).map(|i| 0.8_f64.powi(i)).sum();
        close(meter.rates(now).hash_rate, 1e6 + 9e6 / weights);
        close(meter.measured().expect("ten samples"), 1e6 + 9e6 / weights);
        let now = run(&mut meter, now, 10, SAMPLE, 250_000);
        close(meter.rates(now).hash_rate, 1e6);
    }

    #[test]
    fn a_pause_lowers_only_the_perpetual_rate() {
        let mut meter = Meter::new();
        let now = run(&mut meter, 0, 100, 5_000, 50_000);
        let later = now + 500_000;
        meter.resume(later);
        let now = run(&mut meter, later, 100, 5_000, 50_000);
        let rates = meter.rates(now);
        close(rates.hash_rate, 10e6);
        close(rates.hash_rate_perpetual, 10e6 * 2.0 / 3.0);
    }
}
