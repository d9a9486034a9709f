//! What a kernel needs from the processor: a handful of operations on vectors of words.
//!
//! [`sha256`](crate::sha256) and [`keccak`](crate::keccak) write their rounds once over these traits; a file in
//! [`lanes`](crate::lanes) supplies the operations of one instruction set.

use crate::group::Row;

/// A vector of 32-bit words, one nonce each.
pub(crate) trait Lane32: Copy {
    /// The same word in every lane.
    fn splat(word: u32) -> Self;

    /// The words of the spans from `at` on, one lane each. There are as many as there are lanes.
    fn of(row: &Row, at: usize) -> Self;

    /// Lane-wise sum modulo 2^32.
    fn add(self, other: Self) -> Self;

    /// `a ^ b ^ c`.
    fn xor3(a: Self, b: Self, c: Self) -> Self;

    /// Rotation to the right by `BITS`, 1 to 31.
    fn rotr<const BITS: i32>(self) -> Self;

    /// Shift to the right by `BITS`, 1 to 31.
    fn shr<const BITS: i32>(self) -> Self;

    /// `(e & f) ^ (!e & g)`.
    fn choose(e: Self, f: Self, g: Self) -> Self;

    /// Bit-wise majority.
    fn majority(a: Self, b: Self, c: Self) -> Self;
}

/// A vector of 64-bit words, one nonce each.
pub(crate) trait Lane64: Copy {
    /// The same word in every lane.
    fn splat(word: u64) -> Self;

    /// `a ^ b`.
    fn xor(a: Self, b: Self) -> Self;

    /// `a ^ b ^ c`.
    fn xor3(a: Self, b: Self, c: Self) -> Self;

    /// `a ^ (!b & c)`.
    fn chi(a: Self, b: Self, c: Self) -> Self;

    /// Rotation to the left by `BITS`, 1 to 63.
    fn rotl<const BITS: i32>(self) -> Self;

    /// The bytes of each word reversed.
    fn swap_bytes(self) -> Self;

    /// Puts the 25 words into memory before a round of Keccak, where the compiler assigns registers
    /// better after that; elsewhere it does nothing.
    #[inline(always)]
    fn spill(words: [Self; 25]) -> [Self; 25] {
        words
    }

    /// `left ^ rotl(right, 1)`.
    #[inline(always)]
    fn parity(left: Self, right: Self) -> Self {
        Self::xor(left, right.rotl::<1>())
    }

    /// `a ^ b ^ c ^ d ^ e`: a column of theta.
    ///
    /// This grouping is for latency. Kernels that have something else to do meanwhile, or cheaper sums
    /// of three, have their own.
    #[inline(always)]
    fn sum5(a: Self, b: Self, c: Self, d: Self, e: Self) -> Self {
        Self::xor3(Self::xor(a, b), Self::xor(c, d), e)
    }
}
