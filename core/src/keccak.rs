//! Keccak-f\[1600\] of a 32-byte digest, over vectors of nonces, down to one word of the output.
//!
//! The Keccak reference §1.2, with what this message allows: 17 of the 25 words enter as zero, so
//! round 0 needs no column sums; of round 23 only one word is computed.

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

/// The top word of the seal: word 0 byte-reversed when `BIG`, else word 3. Its most significant 32
/// bits are what a job compares with its threshold.
#[inline(always)]
pub(crate) fn top_word<V: Lane64, const BIG: bool>(digest: [V; 4]) -> V {
    let mut state = first_round(digest);
    for &constant in &ROUND_CONSTANTS[1..23] {
        state = round(state, constant);
    }
    let word = last_round::<V, BIG>(state);
    if BIG { word.swap_bytes() } else { word }
}

/// Rho, pi, chi and iota.
#[inline(always)]
fn rho_pi_chi_iota<V: Lane64>(a: [V; 25], constant: u64) -> [V; 25] {
    macro_rules! word {
        ($i:literal, $bits:literal) => {
            a[$i].rotl::<$bits>()
        };
    }
    let row_0 = chi([
        a[0],
        word!(6, 44),
        word!(12, 43),
        word!(18, 21),
        word!(24, 14),
    ]);
    let row_1 = chi([
        word!(3, 28),
        word!(9, 20),
        word!(10, 3),
        word!(16, 45),
        word!(22, 61),
    ]);
    let row_2 = chi([
        word!(1, 1),
        word!(7, 6),
        word!(13, 25),
        word!(19, 8),
        word!(20, 18),
    ]);
    let row_3 = chi([
        word!(4, 27),
        word!(5, 36),
        word!(11, 10),
        word!(17, 15),
        word!(23, 56),
    ]);
    let row_4 = chi([
        word!(2, 62),
        word!(8, 55),
        word!(14, 39),
        word!(15, 41),
        word!(21, 2),
    ]);
    let [a0, a1, a2, a3, a4] = row_0;
    let [a5, a6, a7, a8, a9] = row_1;
    let [a10, a11, a12, a13, a14] = row_2;
    let [a15, a16, a17, a18, a19] = row_3;
    let [a20, a21, a22, a23, a24] = row_4;
    let a0 = V::xor(a0, V::splat(constant));
    [
        a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, a17, a18, a19,
        a20, a21, a22, a23, a24,
    ]
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

/// Round 0, in which words 0 to 3 are the digest, 4 and 16 the padding and all others zero.
#[inline(always)]
fn first_round<V: Lane64>(digest: [V; 4]) -> [V; 25] {
    let [a0, a1, a2, a3] = digest;
    // Column sums are the words themselves, and the two padding bits cancel in the first.
    let d = [
        a1.rotl::<1>(),
        V::xor(a0, a2.rotl::<1>()),
        V::xor(V::xor(a1, V::splat(PADDING.1)), a3.rotl::<1>()),
        V::xor(a2, V::splat(PADDING.0.rotate_left(1))),
        V::xor(a3, a0.rotl::<1>()),
    ];
    let padded = (
        V::xor(d[4], V::splat(PADDING.0)),
        V::xor(d[1], V::splat(PADDING.1)),
    );
    let mut a: [V; 25] = core::array::from_fn(|i| d[i % 5]);
    a[0] = V::xor(a0, d[0]);
    a[1] = V::xor(a1, d[1]);
    a[2] = V::xor(a2, d[2]);
    a[3] = V::xor(a3, d[3]);
    (a[4], a[16]) = padded;
    rho_pi_chi_iota(a, ROUND_CONSTANTS[0])
}

/// What theta adds to each of the five columns.
#[inline(always)]
fn parities<V: Lane64>(a: &[V; 25]) -> [V::Parity; 5] {
    let c = [
        column(a, 0),
        column(a, 1),
        column(a, 2),
        column(a, 3),
        column(a, 4),
    ];
    [
        V::parity(c[4], c[1]),
        V::parity(c[0], c[2]),
        V::parity(c[1], c[3]),
        V::parity(c[2], c[4]),
        V::parity(c[3], c[0]),
    ]
}

/// The sum of column `x`.
#[inline(always)]
fn column<V: Lane64>(a: &[V; 25], x: usize) -> V {
    V::xor3(V::xor3(a[x], a[x + 5], a[x + 10]), a[x + 15], a[x + 20])
}

/// A full round. Theta goes column by column, so that few parities are in registers at once.
#[inline(always)]
fn round<V: Lane64>(mut a: [V; 25], constant: u64) -> [V; 25] {
    let d = parities(&a);
    macro_rules! add_parities {
        ($($x:literal)*) => {$(
            a[$x] = a[$x].add_parity(d[$x]);
            a[$x + 5] = a[$x + 5].add_parity(d[$x]);
            a[$x + 10] = a[$x + 10].add_parity(d[$x]);
            a[$x + 15] = a[$x + 15].add_parity(d[$x]);
            a[$x + 20] = a[$x + 20].add_parity(d[$x]);
        )*};
    }
    add_parities!(0 1 2 3 4);
    rho_pi_chi_iota(a, constant)
}

/// Round 23, of which only word 0 (`BIG`) or word 3 is wanted: three words after theta.
#[inline(always)]
fn last_round<V: Lane64, const BIG: bool>(a: [V; 25]) -> V {
    let d = parities(&a);
    let first = a[0].add_parity(d[0]);
    if BIG {
        let word = V::chi(
            first,
            a[6].add_parity(d[1]).rotl::<44>(),
            a[12].add_parity(d[2]).rotl::<43>(),
        );
        V::xor(word, V::splat(ROUND_CONSTANTS[23]))
    } else {
        V::chi(
            a[18].add_parity(d[3]).rotl::<21>(),
            a[24].add_parity(d[4]).rotl::<14>(),
            first,
        )
    }
}
