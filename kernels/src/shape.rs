//! How many threads run a kernel.

use core::num::NonZeroU32;

use crate::variant::Variant;

/// The threads of a warp.
pub const WARP: u32 = 32;

/// How many threads run a kernel: the user's choice, or a tuning's.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Shape {
    /// Threads of a block: a multiple of 32.
    pub threads: Threads,
    /// Blocks on each multiprocessor; none for as many as fit.
    pub blocks: Option<NonZeroU32>,
}

/// A number of threads that a block can have.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Threads(u32);

/// Why a number is not one of [`Threads`].
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum BadThreads {
    /// Warps are whole.
    #[error("{0} is not a multiple of 32, the threads of a warp")]
    NoMultiple(u32),
    /// No variant has registers for that many.
    #[error("{0} threads do not fit in a block: at most {max} do", max = Threads::MAX)]
    TooMany(u32),
    /// A block has at least a warp.
    #[error("a block has at least 32 threads")]
    Zero,
}

impl Threads {
    /// The most that any variant takes.
    pub const MAX: u32 = 768;

    /// A number that all variants take, and that fills a card with few blocks.
    pub const DEFAULT: Self = Self(256);

    /// This number of threads.
    ///
    /// # Errors
    ///
    /// [`BadThreads`].
    pub const fn new(number: u32) -> Result<Self, BadThreads> {
        match number {
            0 => Err(BadThreads::Zero),
            _ if !number.is_multiple_of(WARP) => Err(BadThreads::NoMultiple(number)),
            _ if number > Self::MAX => Err(BadThreads::TooMany(number)),
            _ => Ok(Self(number)),
        }
    }

    /// The number.
    pub const fn get(self) -> u32 {
        self.0
    }

    /// The same, but no more than the variant takes.
    #[must_use]
    pub fn at_most(self, variant: &Variant) -> Self {
        Self(self.0.min(variant.threads))
    }
}

impl Shape {
    /// The shape for a card that was not tuned.
    pub const DEFAULT: Self = Self {
        threads: Threads::DEFAULT,
        blocks: None,
    };

    /// Blocks of the whole grid, given how many multiprocessors there are and how many blocks fit
    /// on each.
    pub fn grid(self, multiprocessors: u32, fitting: u32) -> u32 {
        let blocks = self.blocks.map_or(fitting, NonZeroU32::get);
        multiprocessors.max(1) * blocks.clamp(1, 32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_of_whole_warps_that_fit() {
        assert_eq!(Threads::new(0), Err(BadThreads::Zero));
        assert_eq!(Threads::new(100), Err(BadThreads::NoMultiple(100)));
        assert_eq!(Threads::new(800), Err(BadThreads::TooMany(800)));
        assert_eq!(Threads::new(768).map(Threads::get), Ok(768));
        let c18 = Variant::named("c18").expect("a variant");
        let threads = Threads::new(768).expect("a multiple of 32");
        assert_eq!(threads.at_most(c18).get(), 640);
    }

    #[test]
    fn every_multiprocessor_gets_blocks() {
        assert_eq!(Shape::DEFAULT.grid(132, 3), 396);
        assert_eq!(
            Shape::DEFAULT.grid(132, 0),
            132,
            "a driver that says none fits"
        );
        let two = Shape {
            blocks: NonZeroU32::new(2),
            ..Shape::DEFAULT
        };
        assert_eq!(two.grid(10, 3), 20);
    }
}
