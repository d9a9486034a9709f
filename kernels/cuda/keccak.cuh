// Keccak-f[1600] (the Keccak reference §1.2) of a 32-byte digest, down to one word of 32 bits.
//
// Cards have registers of 32 bits, so a word of the state is two halves: its even bits and its odd
// ones (the bit interleaving of the Keccak implementation overview, §2.1). A rotation of the word is
// then one of each half, and theta's rotation by one is a rotation of one half only.
//
// 17 of the 25 words enter as zero, so round 0 needs no column sums. Rounds 22 and 23 come twice:
// `sieve` computes half of the bits of the tested word, for which about half of the halves are
// enough; `tested_word` computes all of it, for the few nonces that are still candidates by then.

#pragma once

#include "word.cuh"

// The round constants, even and odd half.
SEAL_TABLE u32 KECCAK_CONSTANTS[24][2] = {
    {0x00000001, 0x00000000}, {0x00000000, 0x00000089}, {0x00000000, 0x8000008b},
    {0x00000000, 0x80008080}, {0x00000001, 0x0000008b}, {0x00000001, 0x00008000},
    {0x00000001, 0x80008088}, {0x00000001, 0x80000082}, {0x00000000, 0x0000000b},
    {0x00000000, 0x0000000a}, {0x00000001, 0x00008082}, {0x00000000, 0x00008003},
    {0x00000001, 0x0000808b}, {0x00000001, 0x8000000b}, {0x00000001, 0x8000008a},
    {0x00000001, 0x80000081}, {0x00000000, 0x80000081}, {0x00000000, 0x80000008},
    {0x00000000, 0x00000083}, {0x00000000, 0x80008003}, {0x00000001, 0x80008088},
    {0x00000000, 0x80000088}, {0x00000001, 0x00008000}, {0x00000000, 0x80008082},
};

// The state: even[i] has the bits 0, 2, 4 and so on of word i, odd[i] the others. Word i is in column
// i % 5.
struct State {
    u32 even[25], odd[25];
};

// Theta adds sum[x - 1] ^ turned[x + 1] to column x. The two are never added up, since an operation
// on three words adds both at once. Rotated by one, the odd bits of a sum are the even ones before.
struct Columns {
    u32 sum_even[5], sum_odd[5];
    // The even bits of the sums rotated by one.
    u32 turned_even[5];
};

SEAL_FN u32 chi(u32 a, u32 b, u32 c) { return lop3<0xd2>(a, b, c); }

SEAL_FN u32 column_sum(const u32 half[25], int x) {
    return xor3(xor3(half[x], half[x + 5], half[x + 10]), half[x + 15], half[x + 20]);
}

SEAL_FN u32 turned(const Opaque& o, u32 odd) { return rotate_left<1, multiplies(25)>(o, odd); }

SEAL_FN Columns columns(const Opaque& o, const State& a) {
    Columns c;
    SEAL_UNROLL
    for (int x = 0; x < 5; x++) {
        c.sum_even[x] = column_sum(a.even, x);
        c.sum_odd[x] = column_sum(a.odd, x);
        c.turned_even[x] = turned(o, c.sum_odd[x]);
    }
    return c;
}

// The second half of theta.
SEAL_FN void add_columns(const Opaque& o, State& a) {
    Columns c = columns(o, a);
    SEAL_UNROLL
    for (int i = 0; i < 25; i++) {
        int before = (i + 4) % 5, after = (i + 1) % 5;
        a.even[i] = xor3(a.even[i], c.sum_even[before], c.turned_even[after]);
        a.odd[i] = xor3(a.odd[i], c.sum_odd[before], c.sum_even[after]);
    }
}

// Five words and their rotations by rho: a row of the state after pi.
template <int... PLACE_AND_BITS>
struct Row;

template <int I0, int R0, int I1, int R1, int I2, int R2, int I3, int R3, int I4, int R4>
struct Row<I0, R0, I1, R1, I2, R2, I3, R3, I4, R4> {
    // By an odd number of bits, the halves change places.
    template <int I, int R>
    SEAL_FN void word(const Opaque& o, const State& a, u32& even, u32& odd) {
        even = rotate_left<(R + 1) / 2 % 32, multiplies(I)>(o, R % 2 ? a.odd[I] : a.even[I]);
        odd = rotate_left<R / 2, multiplies(I)>(o, R % 2 ? a.even[I] : a.odd[I]);
    }
    SEAL_FN void rotated(const Opaque& o, const State& a, u32 even[5], u32 odd[5]) {
        word<I0, R0>(o, a, even[0], odd[0]);
        word<I1, R1>(o, a, even[1], odd[1]);
        word<I2, R2>(o, a, even[2], odd[2]);
        word<I3, R3>(o, a, even[3], odd[3]);
        word<I4, R4>(o, a, even[4], odd[4]);
    }
};
typedef Row<0, 0, 6, 44, 12, 43, 18, 21, 24, 14> Row0;
typedef Row<3, 28, 9, 20, 10, 3, 16, 45, 22, 61> Row1;
typedef Row<1, 1, 7, 6, 13, 25, 19, 8, 20, 18> Row2;
typedef Row<4, 27, 5, 36, 11, 10, 17, 15, 23, 56> Row3;
typedef Row<2, 62, 8, 55, 14, 39, 15, 41, 21, 2> Row4;

// Word x of a half of a row after chi.
SEAL_FN u32 chi_word(const u32 b[5], int x) { return chi(b[x], b[(x + 1) % 5], b[(x + 2) % 5]); }

template <class R>
SEAL_FN void rotate_and_chi(const Opaque& o, const State& a, State& next, int y) {
    u32 even[5], odd[5];
    R::rotated(o, a, even, odd);
    SEAL_UNROLL
    for (int x = 0; x < 5; x++) {
        next.even[5 * y + x] = chi_word(even, x);
        next.odd[5 * y + x] = chi_word(odd, x);
    }
}

// The rest of a round.
SEAL_FN void after_theta(const Opaque& o, State& a, int number) {
    State next;
    rotate_and_chi<Row0>(o, a, next, 0);
    rotate_and_chi<Row1>(o, a, next, 1);
    rotate_and_chi<Row2>(o, a, next, 2);
    rotate_and_chi<Row3>(o, a, next, 3);
    rotate_and_chi<Row4>(o, a, next, 4);
    next.even[0] ^= KECCAK_CONSTANTS[number][0];
    next.odd[0] ^= KECCAK_CONSTANTS[number][1];
    a = next;
}

// Exchanges the bits of `high` where MASK is zero with those of `low` that stand SHIFT places further
// up, where it is one.
template <int SHIFT, u32 MASK>
SEAL_FN void exchange(const Opaque& o, u32& low, u32& high) {
    const u32 up = high << SHIFT, down = shift_right<SHIFT>(o, low);
    low = lop3<0xca>(MASK, up, low);
    high = lop3<0xca>(MASK, high, down);
}

// Two words of the digest, which are one of Keccak's, as its even and its odd half. Number the 64
// bits by six: exchanging the one that chooses the word with each of the five others, the highest
// first, is the way from a low and a high half to an even and an odd one. The first two exchanges
// move bytes, and so does the order of a digest's bytes.
SEAL_FN void interleaved(const Opaque& o, u32 first, u32 second, u32& even, u32& odd) {
    even = pick_bytes<0x5713>(first, second);
    odd = pick_bytes<0x4602>(first, second);
    exchange<4, 0xf0f0f0f0>(o, even, odd);
    exchange<2, 0xcccccccc>(o, even, odd);
    exchange<1, 0xaaaaaaaa>(o, even, odd);
}

// The low sixteen bits of a half in every second place, the first in bit 0.
SEAL_FN u32 spread(u32 half) {
    half = ((half & 0xffff) | half << 8) & 0x00ff00ff;
    half = (half | half << 4) & 0x0f0f0f0f;
    half = (half | half << 2) & 0x33333333;
    return (half | half << 1) & 0x55555555;
}

// The low half of a word, from the low sixteen bits of its even and its odd half.
SEAL_FN u32 together(u32 even, u32 odd) { return spread(even) | spread(odd) << 1; }

// Round 0. Words 0 to 3 are the digest, word 4 is 1 and word 16 is 2^63: the first and the last bit
// of the padding. The column sums are the words themselves.
SEAL_FN State first_round(const Opaque& o, const u32 digest[8]) {
    u32 even[4], odd[4], turned_even[4];
    SEAL_UNROLL
    for (int i = 0; i < 4; i++) {
        interleaved(o, digest[2 * i], digest[2 * i + 1], even[i], odd[i]);
        turned_even[i] = turned(o, odd[i]);
    }
    // What theta adds to each column. In the first, the two bits of padding cancel.
    const u32 theta_even[5] = {turned_even[1], even[0] ^ turned_even[2], even[1] ^ turned_even[3],
                               even[2], even[3] ^ turned_even[0]};
    const u32 theta_odd[5] = {even[1], odd[0] ^ even[2], xor3(odd[1], even[3], 0x80000000),
                              odd[2] ^ 1, odd[3] ^ even[0]};
    State a;
    SEAL_UNROLL
    for (int i = 0; i < 25; i++) {
        a.even[i] = theta_even[i % 5];
        a.odd[i] = theta_odd[i % 5];
    }
    SEAL_UNROLL
    for (int i = 0; i < 4; i++) {
        a.even[i] ^= even[i];
        a.odd[i] ^= odd[i];
    }
    a.even[4] ^= 1;
    a.odd[16] ^= 0x80000000;
    after_theta(o, a, 0);
    return a;
}

// The word of the seal to compare: word 0, read big-endian, or word 7, read little-endian.
enum class Tested { BIG, LITTLE };

// The odd bits of word 0 of Keccak's result, or of word 3, from a state after theta of round 22. The
// tested word is the low half of the first, or the high half of the second.
//
// They depend on one half of each column sum of round 23, and on little else. So round 22 makes the
// even words of some columns and the odd ones of the others, and round 23 three halves of words.
template <Tested TESTED>
SEAL_FN u32 sieve(const Opaque& o, const State& before) {
    constexpr bool BIG = TESTED == Tested::BIG;
    State a = before;
    // The compiler leaves out what nobody reads.
    after_theta(o, a, 22);
    u32 c[5];
    SEAL_UNROLL
    for (int x = 0; x < 5; x++) {
        c[x] = column_sum(x > 2 || (BIG && x == 0) ? a.odd : a.even, x);
    }
    u32 b0 = xor3(a.odd[0], c[4], c[1]);
    if (BIG) {
        u32 b1 = rotate_left<22>(o, xor3(a.odd[6], c[0], c[2]));
        u32 b2 = rotate_left<21>(o, xor3(a.even[12], c[1], turned(o, c[3])));
        return chi(b0, b1, b2) ^ KECCAK_CONSTANTS[23][1];
    }
    u32 b3 = rotate_left<10>(o, xor3(a.even[18], c[2], turned(o, c[4])));
    u32 b4 = rotate_left<7>(o, xor3(a.odd[24], c[3], c[0]));
    return chi(b3, b4, b0);
}

// The whole tested word, from a state after theta of round 22, as a number to compare.
template <Tested TESTED>
SEAL_FN u32 tested_word(const Opaque& o, State a) {
    after_theta(o, a, 22);
    add_columns(o, a);
    u32 even[5], odd[5];
    Row0::rotated(o, a, even, odd);
    if (TESTED == Tested::BIG) {
        return swap_bytes(together(chi_word(even, 0) ^ KECCAK_CONSTANTS[23][0],
                                   chi_word(odd, 0) ^ KECCAK_CONSTANTS[23][1]));
    }
    return together(chi_word(even, 3) >> 16, chi_word(odd, 3) >> 16);
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
