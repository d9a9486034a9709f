//! How often a chain makes blocks, as far as it was heard.

use core::time::Duration;
use std::{collections::VecDeque, time::Instant};

/// The time of a block on the public networks, until a chain shows another.
const BLOCK: Duration = Duration::from_secs(12);

/// No chain is as fast as the one, or as slow as the other.
const BOUNDS: [Duration; 2] = [Duration::from_millis(200), Duration::from_secs(60)];

/// How many times between blocks are remembered. Fewer say nothing: they may be a burst.
const MEMORY: usize = 8;

/// However fast the chain, a shorter silence means nothing.
const SHORTEST_SILENCE: Duration = Duration::from_secs(3);

/// The times between a chain's last blocks.
#[derive(Clone, Debug, Default)]
pub(super) struct Beat {
    last: Option<Instant>,
    times: VecDeque<Duration>,
}

impl Beat {
    /// Notes a block that was heard of at this moment.
    pub(super) fn note(&mut self, heard: Instant) {
        if let Some(last) = self.last.replace(heard) {
            self.times.truncate(MEMORY - 1);
            self.times.push_front(heard.saturating_duration_since(last));
        }
    }

    /// How long the chain takes for a block.
    pub(super) fn block_time(&self) -> Duration {
        let [shortest, longest] = BOUNDS;
        if self.times.len() < MEMORY {
            return BLOCK;
        }
        // The middle one: neither a pause of the chain nor a burst counts for much.
        let mut times: Vec<_> = self.times.iter().copied().collect();
        times.sort_unstable();
        times[times.len() / 2].clamp(shortest, longest)
    }

    /// After a silence of three blocks, something may be wrong with the endpoint.
    pub(super) fn silence(&self) -> Duration {
        (3 * self.block_time()).max(SHORTEST_SILENCE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn beat(times: &[Duration]) -> Beat {
        let mut beat = Beat::default();
        let mut now = Instant::now();
        beat.note(now);
        for time in times {
            now += *time;
            beat.note(now);
        }
        beat
    }

    #[test]
    fn a_chain_has_the_public_block_time_until_it_shows_another() {
        assert_eq!(Beat::default().block_time(), 12 * SECOND);
        assert_eq!(beat(&[SECOND; 7]).block_time(), 12 * SECOND);
        assert_eq!(beat(&[SECOND; 8]).block_time(), SECOND);
        assert_eq!(beat(&[12 * SECOND; 20]).silence(), 36 * SECOND);
    }

    #[test]
    fn a_pause_or_a_burst_changes_little() {
        let mut times = [12 * SECOND; 8];
        (times[2], times[5]) = (300 * SECOND, Duration::ZERO);
        assert_eq!(beat(&times).block_time(), 12 * SECOND);
    }

    #[test]
    fn a_burst_of_four_is_no_beat() {
        let burst = [SECOND / 4; 4];
        for more in 0..8 {
            let times = [&burst[..], &vec![12 * SECOND; more]].concat();
            assert_eq!(beat(&times).block_time(), 12 * SECOND, "{more}");
        }
    }

    #[test]
    fn the_last_blocks_count() {
        let times = [[12 * SECOND; 8], [2 * SECOND; 8]].concat();
        assert_eq!(beat(&times).block_time(), 2 * SECOND);
    }

    #[test]
    fn there_are_bounds() {
        assert_eq!(beat(&[Duration::ZERO; 8]).silence(), 3 * SECOND);
        assert_eq!(beat(&[3_600 * SECOND; 8]).silence(), 180 * SECOND);
    }
}
