//! Keccak-f\[1600\] of a 32-byte digest, over vectors of nonces, down to one word of the output.
//!
//! The Keccak reference §1.2, with the shortcuts that this message allows: 17 of the 25 words enter as
//! zero, so round 0 needs no column sums, and round 23 computes only one word.

use crate::lane::Lane64;

/// The round constants of iota.
pub(crate) const ROUND_CONSTANTS: [u64; 24] = [
    0x0000_0000_0000_0001,
    0x0000_0000_0000_8082,
    0x8000_0000_0000_808a,
    0x8000_0000_8000_8000,
    0x0000_0000_0000_808b,
    0x0000_0000_8000_0001,
    0x8000_0000_8000_8081,
    0x8000_0000_0000_8009,
    0x0000_0000_0000_008a,
    0x0000_0000_0000_0088,
    0x0000_0000_8000_8009,
    0x0000_0000_8000_000a,
    0x0000_0000_8000_808b,
    0x8000_0000_0000_008b,
    0x8000_0000_0000_8089,
    0x8000_0000_0000_8003,
    0x8000_0000_0000_8002,
    0x8000_0000_0000_0080,
    0x0000_0000_0000_800a,
    0x8000_0000_8000_000a,
    0x8000_0000_8000_8081,
    0x8000_0000_0000_8080,
    0x0000_0000_8000_0001,
    0x8000_0000_8000_8008,
];

/// The first bit of the padding, in word 4, and its last, in word 16.
const PADDING: (u64, u64) = (1, 1 << 63);

/// The top word of the seal: word 0 byte-reversed when `BIG`, otherwise word 3. A job compares its most
/// significant 32 bits with its threshold.
#[inline(always)]
pub(crate) fn top_word<V: Lane64, const BIG: bool>(digest: [V; 4]) -> V {
    let mut state = first_round(digest);
    for &constant in &ROUND_CONSTANTS[1..23] {
        state = round(V::spill(state), constant);
    }
    let word = last_round::<V, BIG>(state);
    if BIG { word.swap_bytes() } else { word }
}

/// Chi of one row.
#[inline(always)]
fn chi<V: Lane64>([b0, b1, b2, b3, b4]: [V; 5]) -> [V; 5] {
    [
        V::chi(b0, b1, b2),
        V::chi(b1, b2, b3),
        V::chi(b2, b3, b4),
        V::chi(b3, b4, b0),
        V::chi(b4, b0, b1),
    ]
}

/// Round 0 of Keccak, in which words 0 to 3 are the digest, 4 and 16 the padding and all others zero.
#[inline(always)]
pub(crate) fn first_round<V: Lane64>(digest: [V; 4]) -> [V; 25] {
    let [a0, a1, a2, a3] = digest;
    // Column sums are the words themselves, and the two padding bits cancel in the first parity.
    let parities = [
        a1.rotl::<1>(),
        V::parity(a0, a2),
        V::parity(V::xor(a1, V::splat(PADDING.1)), a3),
        V::xor(a2, V::splat(PADDING.0.rotate_left(1))),
        V::parity(a3, a0),
    ];
    // The compiler removes sums with zero.
    let mut a = [V::splat(0); 25];
    (a[0], a[1], a[2], a[3]) = (a0, a1, a2, a3);
    (a[4], a[16]) = (V::splat(PADDING.0), V::splat(PADDING.1));
    after_parities(a, parities, ROUND_CONSTANTS[0])
}

/// A full round of Keccak.
#[inline(always)]
fn round<V: Lane64>(a: [V; 25], constant: u64) -> [V; 25] {
    let parities = parities(&a);
    after_parities(a, parities, constant)
}

/// What theta adds to each of the five columns.
#[inline(always)]
pub(crate) fn parities<V: Lane64>(a: &[V; 25]) -> [V; 5] {
    let (c0, c2, c4) = (column(a, 0), column(a, 2), column(a, 4));
    let (c1, c3) = (column(a, 1), column(a, 3));
    // In this sequence each column sum is dead as soon as both parities that need it are made.
    let p0 = V::parity(c4, c1);
    let p2 = V::parity(c1, c3);
    let p4 = V::parity(c3, c0);
    let p1 = V::parity(c0, c2);
    let p3 = V::parity(c2, c4);
    [p0, p1, p2, p3, p4]
}

/// The sum of column `x`.
#[inline(always)]
fn column<V: Lane64>(a: &[V; 25], x: usize) -> V {
    V::sum5(a[x], a[x + 5], a[x + 10], a[x + 15], a[x + 20])
}

/// The rest of a round of Keccak: theta's second half, rho, pi, chi and iota, row by row of the result.
///
/// This sequence suits processors that rotate on only some of their vector units: the five rotations
/// of a row stand between the sums of theta and the chi of the row before, which any unit does.
/// Besides the 25 words only the five parities and two temporaries are alive, 32 registers in all.
#[inline(always)]
pub(crate) fn after_parities<V: Lane64>(a: [V; 25], p: [V; 5], constant: u64) -> [V; 25] {
    macro_rules! row {
        ($($i:literal $bits:literal)*) => {
            [$(V::xor(a[$i], p[$i % 5]).rotl::<$bits>()),*]
        };
    }
    let [b1, b2, b3, b4] = row!(6 44 12 43 18 21 24 14);
    let row_0 = [V::xor(a[0], p[0]), b1, b2, b3, b4];
    let row_1 = row!(3 28 9 20 10 3 16 45 22 61);
    let [a0, a1, a2, a3, a4] = chi(row_0);
    let a0 = V::xor(a0, V::splat(constant));
    let row_2 = row!(1 1 7 6 13 25 19 8 20 18);
    let [a5, a6, a7, a8, a9] = chi(row_1);
    let row_3 = row!(4 27 5 36 11 10 17 15 23 56);
    let [a10, a11, a12, a13, a14] = chi(row_2);
    let row_4 = row!(2 62 8 55 14 39 15 41 21 2);
    let [a15, a16, a17, a18, a19] = chi(row_3);
    let [a20, a21, a22, a23, a24] = chi(row_4);
    [
        a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, a17, a18, a19,
        a20, a21, a22, a23, a24,
    ]
}

/// Round 23 of Keccak, which needs only word 0 (`BIG`) or word 3: three words after theta.
#[inline(always)]
pub(crate) fn last_round<V: Lane64, const BIG: bool>(a: [V; 25]) -> V {
    let p = parities(&a);
    let first = V::xor(a[0], p[0]);
    if BIG {
        let word = V::chi(
            first,
            V::xor(a[6], p[1]).rotl::<44>(),
            V::xor(a[12], p[2]).rotl::<43>(),
        );
        V::xor(word, V::splat(ROUND_CONSTANTS[23]))
    } else {
        V::chi(
            V::xor(a[18], p[3]).rotl::<21>(),
            V::xor(a[24], p[4]).rotl::<14>(),
            first,
        )
    }
}
