//! Chance that can be repeated.

use core::time::Duration;

/// SplitMix64: all that happens in a schedule follows from its seed.
#[derive(Clone, Debug)]
pub(crate) struct Rng(u64);

impl Rng {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from `low` to `high`, both included.
    pub(crate) const fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.next() % (high - low + 1)
    }

    /// A place in something that is so long.
    pub(crate) fn below(&mut self, len: usize) -> usize {
        usize::try_from(self.next() % len as u64).expect("less than a length")
    }

    pub(crate) const fn byte(&mut self) -> u8 {
        let [byte, ..] = self.next().to_le_bytes();
        byte
    }

    /// True so many times in a hundred.
    pub(crate) const fn chance(&mut self, percent: u64) -> bool {
        self.between(1, 100) <= percent
    }

    /// A waiting time with this mean, as long as what is waited for has no memory.
    pub(crate) fn waiting(&mut self, mean: u64) -> u64 {
        let unit = (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
        let mean = Duration::from_micros(mean);
        let time = mean.mul_f64(-(1.0 - unit).ln());
        u64::try_from(time.as_micros()).expect("less than ages")
    }
}

/// A clock that is wrong: it began at any time, and goes too slowly or too fast.
#[derive(Clone, Debug)]
pub(crate) struct Clock {
    offset: u64,
    /// Of a thousand real microseconds.
    speed: u64,
}

impl Clock {
    pub(crate) const fn new(rng: &mut Rng) -> Self {
        Self {
            offset: rng.between(0, 1 << 40),
            speed: rng.between(700, 1_500),
        }
    }

    /// What it shows at a real time.
    pub(crate) const fn shows(&self, real: u64) -> u64 {
        self.offset + real * self.speed / 1_000
    }

    /// The first real time at which it shows this.
    pub(crate) const fn real(&self, shown: u64) -> u64 {
        (shown.saturating_sub(self.offset) * 1_000).div_ceil(self.speed)
    }
}
