//! NEON lanes: Keccak of two nonces at once, fed by SHA-256 of four nonces at once or, where the
//! processor has them, by the SHA-2 instructions.
//!
//! - Shape: a Keccak vector holds one 64-bit word of two nonces; its 25 words leave 7 of the 32
//!   registers free, so Keccak hashes one vector at a time. Without SHA-2 instructions word `i` of four
//!   messages sits in one `uint32x4_t`; with them each nonce has its own registers, and two nonces
//!   interleave to hide the latency of a round of SHA-256.
//! - Needs: NEON, which every aarch64 target has; [`scan_sha2`] also the SHA-2 extension (most
//!   ARMv8 processors), [`scan_sha3`] both it and the SHA-3 extension (Apple, Neoverse V1 and N2).
//! - Checked by: `tests/lanes.rs`, every index against [`Challenge::seal`](crate::Challenge::seal).
//!   On x86-64 the tests run in an emulator, once with and once without the SHA-3 extension.
//! - Measured: not yet; there was no machine for it.

use core::{arch::aarch64::*, marker::PhantomData};

use super::sha2_arm;
use crate::{
    GroupJob, Offsets,
    group::{Row, Schedule, Spans},
    keccak,
    lane::{Lane32, Lane64},
    scan::{self, Lanes},
    sha256::{self, Prologue},
};

/// Calls `found` with every candidate among `offsets`.
#[target_feature(enable = "neon")]
pub(crate) fn scan(job: &GroupJob, offsets: Offsets, found: &mut dyn FnMut(u32)) {
    scan::scan::<Neon>(job, offsets, found);
}

/// As [`scan()`], with the SHA-2 extension.
#[target_feature(enable = "neon,sha2")]
pub(crate) fn scan_sha2(job: &GroupJob, offsets: Offsets, found: &mut dyn FnMut(u32)) {
    scan::scan::<NeonSha<U64x2>>(job, offsets, found);
}

/// As [`scan()`], with the SHA-2 and SHA-3 extensions.
#[target_feature(enable = "neon,sha2,sha3")]
pub(crate) fn scan_sha3(job: &GroupJob, offsets: Offsets, found: &mut dyn FnMut(u32)) {
    scan::scan::<NeonSha<U64x2Sha3>>(job, offsets, found);
}

struct Neon;

/// With the SHA-2 extension, and Keccak on vectors of `V`.
struct NeonSha<V>(PhantomData<V>);

/// Four 32-bit words. Invariant: exists only under [`scan()`], so NEON is present.
#[derive(Clone, Copy)]
struct U32x4(uint32x4_t);

/// Two 64-bit words. Invariant: exists only under the functions above, so NEON is present.
#[derive(Clone, Copy)]
struct U64x2(uint64x2_t);

/// Two 64-bit words. Invariant: exists only under [`scan_sha3`], so NEON and the SHA-3 extension
/// are present.
#[derive(Clone, Copy)]
struct U64x2Sha3(uint64x2_t);

impl Lanes for Neon {
    const BLOCK: u32 = 4;

    #[inline(always)]
    fn indices<const BIG: bool>(prologue: &Prologue, w0: u32, limit: u64) -> u32 {
        let step = prologue.job.w0_step;
        let at = |i: u32| w0.wrapping_add(i.wrapping_mul(step));
        // SAFETY: `Lanes` is used by `scan` alone, which has the target features.
        unsafe {
            let (low, high) = halves(sha256::digest(
                prologue,
                words([at(0), at(1), at(2), at(3)]),
            ));
            candidates(top_word::<BIG>(&low.map(U64x2)).0, limit)
                | candidates(top_word::<BIG>(&high.map(U64x2)).0, limit) << 2
        }
    }

    #[inline(always)]
    fn spans(spans: &Spans, at: usize, schedule: &Schedule, limit: u64) -> u32 {
        // SAFETY: `Lanes` is used by `scan` alone, which has the target features.
        unsafe {
            let (low, high) = halves(sha256::digest_of_spans::<U32x4>(spans, at, schedule));
            candidates(top_word::<false>(&low.map(U64x2)).0, limit)
                | candidates(top_word::<false>(&high.map(U64x2)).0, limit) << 2
        }
    }
}

impl<V: Hashed> Lanes for NeonSha<V> {
    const BLOCK: u32 = 4;

    #[inline(always)]
    fn indices<const BIG: bool>(prologue: &Prologue, w0: u32, limit: u64) -> u32 {
        let step = prologue.job.w0_step;
        let at = |i: u32| w0.wrapping_add(i.wrapping_mul(step));
        // SAFETY: `Lanes` is used by `scan_sha2` and `scan_sha3` alone, which have the target features.
        unsafe {
            let low = pair(sha2_arm::digests(prologue, [at(0), at(1)]));
            let low = candidates(V::top_word::<BIG>(low), limit);
            let high = pair(sha2_arm::digests(prologue, [at(2), at(3)]));
            low | candidates(V::top_word::<BIG>(high), limit) << 2
        }
    }

    #[inline(always)]
    fn spans(spans: &Spans, at: usize, schedule: &Schedule, limit: u64) -> u32 {
        // SAFETY: as above.
        unsafe {
            let [low, high] = sha2_arm::digests_of_spans(spans, at, schedule);
            candidates(V::top_word::<false>(pair(low)), limit)
                | candidates(V::top_word::<false>(pair(high)), limit) << 2
        }
    }
}

/// Vectors with which Keccak hashes two digests.
trait Hashed {
    /// The tested words.
    ///
    /// # Safety
    ///
    /// The processor has the target features of the vectors.
    unsafe fn top_word<const BIG: bool>(digest: [uint64x2_t; 4]) -> uint64x2_t;
}

impl Hashed for U64x2 {
    #[inline(always)]
    unsafe fn top_word<const BIG: bool>(digest: [uint64x2_t; 4]) -> uint64x2_t {
        // SAFETY: whoever calls this knows that the processor has them.
        unsafe { top_word::<BIG>(&digest.map(U64x2)).0 }
    }
}

impl Hashed for U64x2Sha3 {
    #[inline(always)]
    unsafe fn top_word<const BIG: bool>(digest: [uint64x2_t; 4]) -> uint64x2_t {
        // SAFETY: as above.
        unsafe { top_word_sha3::<BIG>(&digest.map(U64x2Sha3)).0 }
    }
}

/// Bit `i` is set when word `i` is at most `limit`.
#[target_feature(enable = "neon")]
#[inline]
fn candidates(word: uint64x2_t, limit: u64) -> u32 {
    let within = vmovn_u64(vcleq_u64(word, vdupq_n_u64(limit)));
    (vget_lane_u32::<0>(within) & 1) | (vget_lane_u32::<1>(within) & 2)
}

/// Keccak as one function with a rolled loop of rounds, shared by all callers.
#[target_feature(enable = "neon")]
#[inline(never)]
fn top_word<const BIG: bool>(digest: &[U64x2; 4]) -> U64x2 {
    keccak::top_word::<_, BIG>(*digest)
}

/// As [`top_word`], with the SHA-3 extension.
#[target_feature(enable = "neon,sha3")]
#[inline(never)]
fn top_word_sha3<const BIG: bool>(digest: &[U64x2Sha3; 4]) -> U64x2Sha3 {
    keccak::top_word::<_, BIG>(*digest)
}

/// The Keccak words of indices 0 and 1 and of indices 2 and 3.
#[target_feature(enable = "neon")]
#[inline]
fn halves(digest: [U32x4; 8]) -> ([uint64x2_t; 4], [uint64x2_t; 4]) {
    let swapped = digest.map(|word| vreinterpretq_u32_u8(vrev32q_u8(vreinterpretq_u8_u32(word.0))));
    let low = |i: usize| vreinterpretq_u64_u32(vzip1q_u32(swapped[2 * i], swapped[2 * i + 1]));
    let high = |i: usize| vreinterpretq_u64_u32(vzip2q_u32(swapped[2 * i], swapped[2 * i + 1]));
    (
        [low(0), low(1), low(2), low(3)],
        [high(0), high(1), high(2), high(3)],
    )
}

/// The Keccak words of two digests.
#[target_feature(enable = "neon")]
#[inline]
fn pair([a, b]: [[uint64x2_t; 2]; 2]) -> [uint64x2_t; 4] {
    [
        vzip1q_u64(a[0], b[0]),
        vzip2q_u64(a[0], b[0]),
        vzip1q_u64(a[1], b[1]),
        vzip2q_u64(a[1], b[1]),
    ]
}

/// `a ^ b ^ c`. The compiler finds this instruction and the next two by itself, but then sums the
/// columns in a worse sequence. (Each is a function, because intrinsics are not inlined into a method.)
#[target_feature(enable = "neon,sha3")]
#[inline]
fn eor3(a: uint64x2_t, b: uint64x2_t, c: uint64x2_t) -> uint64x2_t {
    veor3q_u64(a, b, c)
}

/// `a ^ rotl(b, 1)`.
#[target_feature(enable = "neon,sha3")]
#[inline]
fn rax1(a: uint64x2_t, b: uint64x2_t) -> uint64x2_t {
    vrax1q_u64(a, b)
}

/// `a ^ (b & !c)`.
#[target_feature(enable = "neon,sha3")]
#[inline]
fn bcax(a: uint64x2_t, b: uint64x2_t, c: uint64x2_t) -> uint64x2_t {
    vbcaxq_u64(a, b, c)
}

/// Four words, the first in the least significant place.
#[target_feature(enable = "neon")]
#[inline]
fn words(words: [u32; 4]) -> U32x4 {
    // SAFETY: the array has the four words that are read.
    U32x4(unsafe { vld1q_u32(words.as_ptr()) })
}

impl Lane32 for U32x4 {
    #[inline(always)]
    fn splat(word: u32) -> Self {
        // SAFETY: the type's invariant.
        Self(unsafe { vdupq_n_u32(word) })
    }

    #[inline(always)]
    fn of(row: &Row, at: usize) -> Self {
        // SAFETY: the type's invariant.
        unsafe { words(*row.0[at..].first_chunk().expect("a whole block")) }
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        // SAFETY: the type's invariant.
        Self(unsafe { vaddq_u32(self.0, other.0) })
    }

    #[inline(always)]
    fn xor3(a: Self, b: Self, c: Self) -> Self {
        // SAFETY: the type's invariant.
        Self(unsafe { veorq_u32(a.0, veorq_u32(b.0, c.0)) })
    }

    #[inline(always)]
    fn rotr<const BITS: i32>(self) -> Self {
        // SAFETY: the type's invariant.
        unsafe {
            let left = vshlq_u32(self.0, vdupq_n_s32(32 - BITS));
            Self(vorrq_u32(left, vshlq_u32(self.0, vdupq_n_s32(-BITS))))
        }
    }

    #[inline(always)]
    fn shr<const BITS: i32>(self) -> Self {
        // SAFETY: the type's invariant.
        Self(unsafe { vshrq_n_u32::<BITS>(self.0) })
    }

    #[inline(always)]
    fn choose(e: Self, f: Self, g: Self) -> Self {
        // SAFETY: the type's invariant.
        Self(unsafe { vbslq_u32(e.0, f.0, g.0) })
    }

    #[inline(always)]
    fn majority(a: Self, b: Self, c: Self) -> Self {
        // `a ^ b` here is `b ^ c` one round later, so it is computed only once.
        // SAFETY: the type's invariant.
        unsafe {
            let (ab, bc) = (veorq_u32(a.0, b.0), veorq_u32(b.0, c.0));
            Self(veorq_u32(b.0, vandq_u32(ab, bc)))
        }
    }
}

impl Lane64 for U64x2 {
    #[inline(always)]
    fn splat(word: u64) -> Self {
        // SAFETY: the type's invariant.
        Self(unsafe { vdupq_n_u64(word) })
    }

    #[inline(always)]
    fn xor(a: Self, b: Self) -> Self {
        // SAFETY: the type's invariant.
        Self(unsafe { veorq_u64(a.0, b.0) })
    }

    #[inline(always)]
    fn xor3(a: Self, b: Self, c: Self) -> Self {
        Self::xor(a, Self::xor(b, c))
    }

    #[inline(always)]
    fn chi(a: Self, b: Self, c: Self) -> Self {
        // SAFETY: the type's invariant.
        Self(unsafe { veorq_u64(a.0, vbicq_u64(c.0, b.0)) })
    }

    #[inline(always)]
    fn rotl<const BITS: i32>(self) -> Self {
        // SAFETY: the type's invariant.
        unsafe {
            let left = vshlq_u64(self.0, vdupq_n_s64(i64::from(BITS)));
            let right = vshlq_u64(self.0, vdupq_n_s64(i64::from(BITS) - 64));
            Self(vorrq_u64(left, right))
        }
    }

    #[inline(always)]
    fn swap_bytes(self) -> Self {
        // SAFETY: the type's invariant.
        Self(unsafe { vreinterpretq_u64_u8(vrev64q_u8(vreinterpretq_u8_u64(self.0))) })
    }
}

impl Lane64 for U64x2Sha3 {
    #[inline(always)]
    fn splat(word: u64) -> Self {
        // SAFETY: the type's invariant.
        Self(unsafe { vdupq_n_u64(word) })
    }

    #[inline(always)]
    fn xor(a: Self, b: Self) -> Self {
        // SAFETY: the type's invariant.
        Self(unsafe { veorq_u64(a.0, b.0) })
    }

    #[inline(always)]
    fn xor3(a: Self, b: Self, c: Self) -> Self {
        // SAFETY: the type's invariant.
        Self(unsafe { eor3(a.0, b.0, c.0) })
    }

    #[inline(always)]
    fn chi(a: Self, b: Self, c: Self) -> Self {
        // SAFETY: the type's invariant.
        Self(unsafe { bcax(a.0, c.0, b.0) })
    }

    // The compiler turns `xor` and this into one instruction, XAR.
    #[inline(always)]
    fn rotl<const BITS: i32>(self) -> Self {
        Self(U64x2(self.0).rotl::<BITS>().0)
    }

    #[inline(always)]
    fn swap_bytes(self) -> Self {
        Self(U64x2(self.0).swap_bytes().0)
    }

    #[inline(always)]
    fn parity(left: Self, right: Self) -> Self {
        // SAFETY: the type's invariant.
        Self(unsafe { rax1(left.0, right.0) })
    }

    #[inline(always)]
    fn sum5(a: Self, b: Self, c: Self, d: Self, e: Self) -> Self {
        Self::xor3(Self::xor3(a, b, c), d, e)
    }
}
