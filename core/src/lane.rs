//! What a lane kernel asks of the processor: a handful of operations on vectors of words.
//!
//! The rounds in [`sha256`](crate::sha256) and [`keccak`](crate::keccak) are written once over these traits; a
//! file in [`lanes`](crate::lanes) supplies the operations of one instruction set.

/// A vector of 32-bit words, one nonce each.
pub(crate) trait Lane32: Copy {
    /// The same word in every lane.
    fn splat(word: u32) -> Self;

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

    /// What lanes do with the 25 words before a round of Keccak: nothing, unless their compiler
    /// assigns registers better when the words are in memory for a moment.
    #[inline(always)]
    fn settle(words: [Self; 25]) -> [Self; 25] {
        words
    }

    /// `left ^ rotl(right, 1)`.
    #[inline(always)]
    fn parity(left: Self, right: Self) -> Self {
        Self::xor(left, right.rotl::<1>())
    }

    /// `a ^ b ^ c ^ d ^ e`: a column of theta.
    ///
    /// The order is for latency; kernels that have something else to do meanwhile, or cheaper sums
    /// of three, have their own.
    #[inline(always)]
    fn sum5(a: Self, b: Self, c: Self, d: Self, e: Self) -> Self {
        Self::xor3(Self::xor(a, b), Self::xor(c, d), e)
    }
}
