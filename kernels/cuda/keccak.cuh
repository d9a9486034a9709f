// Keccak-f[1600] (the Keccak reference §1.2) of a 32-byte digest, down to one word of 32 bits.
//
// A word of the state is two halves, since cards have 32-bit registers. 17 of the 25 words enter as
// zero, so round 0 needs no column sums. Rounds 22 and 23 come twice: `sieve` computes ten bits of
// the tested word, for which half of the halves are enough; `tested_word` computes all of it, for the
// one nonce in 1,024 that is still a candidate by then.

#pragma once

#include "word.cuh"

// The round constants, low and high half.
SEAL_TABLE u32 KECCAK_CONSTANTS[24][2] = {
    {0x00000001, 0x00000000}, {0x00008082, 0x00000000}, {0x0000808a, 0x80000000},
    {0x80008000, 0x80000000}, {0x0000808b, 0x00000000}, {0x80000001, 0x00000000},
    {0x80008081, 0x80000000}, {0x00008009, 0x80000000}, {0x0000008a, 0x00000000},
    {0x00000088, 0x00000000}, {0x80008009, 0x00000000}, {0x8000000a, 0x00000000},
    {0x8000808b, 0x00000000}, {0x0000008b, 0x80000000}, {0x00008089, 0x80000000},
    {0x00008003, 0x80000000}, {0x00008002, 0x80000000}, {0x00000080, 0x80000000},
    {0x0000800a, 0x00000000}, {0x8000000a, 0x80000000}, {0x80008081, 0x80000000},
    {0x00008080, 0x80000000}, {0x80000001, 0x00000000}, {0x80008008, 0x80000000},
};

// The state: word i is hi[i]:lo[i], in column i % 5.
struct State {
    u32 lo[25], hi[25];
};

// Theta adds sum[x - 1] ^ turned[x + 1] to column x. The two are never added up, since an operation
// on three words adds both at once.
struct Columns {
    u32 sum_lo[5], sum_hi[5];
    // The sums rotated by one.
    u32 turned_lo[5], turned_hi[5];
};

SEAL_FN u32 chi(u32 a, u32 b, u32 c) { return lop3<0xd2>(a, b, c); }

SEAL_FN u32 column_sum(const u32 half[25], int x) {
    return xor3(xor3(half[x], half[x + 5], half[x + 10]), half[x + 15], half[x + 20]);
}

SEAL_FN Columns columns(const Opaque& o, const State& a) {
    Columns c;
    SEAL_UNROLL
    for (int x = 0; x < 5; x++) {
        c.sum_lo[x] = column_sum(a.lo, x);
        c.sum_hi[x] = column_sum(a.hi, x);
        c.turned_lo[x] = c.sum_lo[x];
        c.turned_hi[x] = c.sum_hi[x];
        rotate_left<1, multiplies(25)>(o, c.turned_lo[x], c.turned_hi[x]);
    }
    return c;
}

// The second half of theta.
SEAL_FN void add_columns(const Opaque& o, State& a) {
    Columns c = columns(o, a);
    SEAL_UNROLL
    for (int i = 0; i < 25; i++) {
        int before = (i + 4) % 5, after = (i + 1) % 5;
        a.lo[i] = xor3(a.lo[i], c.sum_lo[before], c.turned_lo[after]);
        a.hi[i] = xor3(a.hi[i], c.sum_hi[before], c.turned_hi[after]);
    }
}

// Five words and their rotations by rho: a row of the state after pi.
template <int... PLACE_AND_BITS>
struct Row;

template <int I0, int R0, int I1, int R1, int I2, int R2, int I3, int R3, int I4, int R4>
struct Row<I0, R0, I1, R1, I2, R2, I3, R3, I4, R4> {
    template <int I, int R>
    SEAL_FN void word(const Opaque& o, const State& a, u32& lo, u32& hi) {
        lo = a.lo[I];
        hi = a.hi[I];
        rotate_left<R, multiplies(I)>(o, lo, hi);
    }
    SEAL_FN void rotated(const Opaque& o, const State& a, u32 lo[5], u32 hi[5]) {
        word<I0, R0>(o, a, lo[0], hi[0]);
        word<I1, R1>(o, a, lo[1], hi[1]);
        word<I2, R2>(o, a, lo[2], hi[2]);
        word<I3, R3>(o, a, lo[3], hi[3]);
        word<I4, R4>(o, a, lo[4], hi[4]);
    }
};
typedef Row<0, 0, 6, 44, 12, 43, 18, 21, 24, 14> Row0;
typedef Row<3, 28, 9, 20, 10, 3, 16, 45, 22, 61> Row1;
typedef Row<1, 1, 7, 6, 13, 25, 19, 8, 20, 18> Row2;
typedef Row<4, 27, 5, 36, 11, 10, 17, 15, 23, 56> Row3;
typedef Row<2, 62, 8, 55, 14, 39, 15, 41, 21, 2> Row4;

// Chi of one half of a row, into row y of the result.
SEAL_FN void chi_row(const u32 b[5], u32 half[25], int y) {
    SEAL_UNROLL
    for (int x = 0; x < 5; x++) half[5 * y + x] = chi(b[x], b[(x + 1) % 5], b[(x + 2) % 5]);
}

template <class R>
SEAL_FN void rotate_and_chi(const Opaque& o, const State& a, State& next, int y) {
    u32 lo[5], hi[5];
    R::rotated(o, a, lo, hi);
    chi_row(lo, next.lo, y);
    chi_row(hi, next.hi, y);
}

// The rest of a round.
SEAL_FN void after_theta(const Opaque& o, State& a, int number) {
    State next;
    rotate_and_chi<Row0>(o, a, next, 0);
    rotate_and_chi<Row1>(o, a, next, 1);
    rotate_and_chi<Row2>(o, a, next, 2);
    rotate_and_chi<Row3>(o, a, next, 3);
    rotate_and_chi<Row4>(o, a, next, 4);
    next.lo[0] ^= KECCAK_CONSTANTS[number][0];
    next.hi[0] ^= KECCAK_CONSTANTS[number][1];
    a = next;
}

// Round 0. Words 0 to 3 are the digest, word 4 is 1 and word 16 is 2^63: the first and the last bit
// of the padding. The column sums are the words themselves.
SEAL_FN State first_round(const Opaque& o, const u32 digest[8]) {
    u32 lo[4], hi[4], turned_lo[4], turned_hi[4];
    SEAL_UNROLL
    for (int i = 0; i < 4; i++) {
        lo[i] = swap_bytes(digest[2 * i]);
        hi[i] = swap_bytes(digest[2 * i + 1]);
        turned_lo[i] = funnel<1>(hi[i], lo[i]);
        turned_hi[i] = funnel<1>(lo[i], hi[i]);
    }
    // What theta adds to each column. In the first, the two bits of padding cancel.
    const u32 theta_lo[5] = {turned_lo[1], lo[0] ^ turned_lo[2], lo[1] ^ turned_lo[3], lo[2] ^ 2,
                             lo[3] ^ turned_lo[0]};
    const u32 theta_hi[5] = {turned_hi[1], hi[0] ^ turned_hi[2],
                             xor3(hi[1], turned_hi[3], 0x80000000), hi[2], hi[3] ^ turned_hi[0]};
    State a;
    SEAL_UNROLL
    for (int i = 0; i < 25; i++) {
        a.lo[i] = theta_lo[i % 5];
        a.hi[i] = theta_hi[i % 5];
    }
    SEAL_UNROLL
    for (int i = 0; i < 4; i++) {
        a.lo[i] ^= lo[i];
        a.hi[i] ^= hi[i];
    }
    a.lo[4] ^= 1;
    a.hi[16] ^= 0x80000000;
    after_theta(o, a, 0);
    return a;
}

// The word of the seal to compare: word 0, read big-endian, or word 7, read little-endian.
enum class Tested { BIG, LITTLE };

// Ten bits of the tested word, from a state after theta of round 22: bits 1 to 10 of word 0, as
// Keccak leaves it, or bits 22 to 31 of word 7. The other bits are wrong.
//
// These bits depend on only one half of the result of round 22: the low halves for word 0, the high
// halves for word 7. So round 22 rotates and combines half as much as a full round, and round 23
// shifts where it should rotate, which spoils none of the ten.
template <Tested TESTED>
SEAL_FN u32 sieve(const Opaque& o, const State& a) {
    constexpr bool BIG = TESTED == Tested::BIG;
    u32 half[25];
    u32 lo[5], hi[5];
    Row0::rotated(o, a, lo, hi);
    chi_row(BIG ? lo : hi, half, 0);
    Row1::rotated(o, a, lo, hi);
    chi_row(BIG ? lo : hi, half, 1);
    Row2::rotated(o, a, lo, hi);
    chi_row(BIG ? lo : hi, half, 2);
    Row3::rotated(o, a, lo, hi);
    chi_row(BIG ? lo : hi, half, 3);
    Row4::rotated(o, a, lo, hi);
    chi_row(BIG ? lo : hi, half, 4);
    half[0] ^= KECCAK_CONSTANTS[22][BIG ? 0 : 1];
    u32 c[5];
    SEAL_UNROLL
    for (int x = 0; x < 5; x++) c[x] = column_sum(half, x);
    u32 b0 = xor3(half[0], c[4], c[1] << 1);
    if (BIG) {
        u32 b1 = xor3(half[6], c[0], c[2] << 1) >> 20;
        u32 b2 = xor3(half[12], c[1], c[3] << 1) >> 21;
        return chi(b0, b1, b2) ^ KECCAK_CONSTANTS[23][0];
    }
    u32 b3 = xor3(half[18], c[2], c[4] << 1) << 21;
    u32 b4 = xor3(half[24], c[3], c[0] << 1) << 14;
    return chi(b3, b4, b0);
}

// The whole tested word, from a state after theta of round 22, as a number to compare.
template <Tested TESTED>
SEAL_FN u32 tested_word(const Opaque& o, State a) {
    after_theta(o, a, 22);
    add_columns(o, a);
    u32 lo[5], hi[5];
    Row0::rotated(o, a, lo, hi);
    if (TESTED == Tested::BIG) {
        return swap_bytes(chi(lo[0], lo[1], lo[2]) ^ KECCAK_CONSTANTS[23][0]);
    }
    return chi(hi[3], hi[4], hi[0]);
}

// The state after theta of round 22.
SEAL_FN State before_sieve(const Opaque& o, const u32 digest[8]) {
    State a = first_round(o, digest);
#pragma unroll SEAL_ROUNDS
    for (int number = 1; number < 22; number++) {
        add_columns(o, a);
        after_theta(o, a, number);
    }
    add_columns(o, a);
    return a;
}
