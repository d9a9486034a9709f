// SHA-256 (FIPS 180-4 §6.2.2) of a block in which only the first word, w0, varies.
//
// Round 0 is two sums, rounds 1 to 15, 17, 19 and 21 add one constant each, and W16 to W37 start
// from constants. In v1 the schedule depends on w0 alone, so one schedule serves many spans.

#pragma once

#include "word.cuh"

// `btpow_core::Job`, word for word.
struct Job {
    u32 chaining[8];
    u32 w0_base;
    u32 w0_step;
    u32 round_constants[16];
    u32 schedule[22];
    u32 tested_word;
    u32 threshold;
};
static_assert(sizeof(Job) == 50 * 4, "50 words");

// What the host computes for each span. In v1, nothing else differs between spans.
struct alignas(16) Span {
    u32 chaining[8];
    // The working variables a and e after round 0, without w0.
    u32 a;
    u32 e;
    // h + K[t] + W[t] of rounds 1 to 3, where h is still part of the chaining value.
    u32 early[3];
    // K[t] + W[t] of rounds 17, 19 and 21.
    u32 fixed[3];
};
static_assert(sizeof(Span) == 16 * 4, "16 words");

// The round constants of rounds 16 to 63.
SEAL_TABLE u32 SHA_CONSTANTS[48] = {
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

SEAL_FN u32 choose(u32 e, u32 f, u32 g) { return lop3<0xca>(e, f, g); }
SEAL_FN u32 majority(u32 a, u32 b, u32 c) { return lop3<0xe8>(a, b, c); }

SEAL_FN u32 upper0(u32 x) {
    return xor3(rotate_right<2>(x), rotate_right<13>(x), rotate_right<22>(x));
}

SEAL_FN u32 upper1(u32 x) {
    return xor3(rotate_right<6>(x), rotate_right<11>(x), rotate_right<25>(x));
}

SEAL_FN u32 lower0(const Opaque& opaque, u32 x) {
    return xor3(rotate_right<7>(x), rotate_right<18>(x), shift_right<3>(opaque, x));
}

SEAL_FN u32 lower1(const Opaque& opaque, u32 x) {
    return xor3(rotate_right<17>(x), rotate_right<19>(x), shift_right<10>(opaque, x));
}

// The working variables.
struct Working {
    u32 a, b, c, d, e, f, g, h;
};

// A round, given h + K[t] + W[t].
SEAL_FN void sha_round_with_h(const Opaque& o, Working& s, u32 hkw) {
    u32 t1 = sum(o, sum(o, hkw, choose(s.e, s.f, s.g)), upper1(s.e));
    u32 t2 = sum(o, majority(s.a, s.b, s.c), upper0(s.a));
    s = {sum(o, t2, t1), s.a, s.b, s.c, sum(o, s.d, t1), s.e, s.f, s.g};
}

// A round, given K[t] + W[t].
SEAL_FN void sha_round(const Opaque& o, Working& s, u32 kw) {
    sha_round_with_h(o, s, sum(o, s.h, kw));
}

// Rounds 0 to 15.
SEAL_FN Working sixteen_rounds(const Opaque& o, const Job& job, const Span& span, u32 w0) {
    const u32* c = span.chaining;
    Working s = {sum(o, w0, span.a), c[0], c[1], c[2], sum(o, w0, span.e), c[4], c[5], c[6]};
    SEAL_UNROLL
    for (int i = 0; i < 3; i++) sha_round_with_h(o, s, span.early[i]);
    SEAL_UNROLL
    for (int t = 4; t < 16; t++) sha_round(o, s, job.round_constants[t]);
    return s;
}

// Whether W[t] is the same for all nonces of a span.
SEAL_FN constexpr bool fixed_word(int t) {
    return t != 0 && t < 22 && t != 16 && t != 18 && t != 20;
}

// W[t], 16 <= t, t not fixed, of the words before it: w holds W[i] in place i % 16, and w0 instead
// of any fixed word.
SEAL_FN u32 schedule_word(const Opaque& o, const Job& job, const u32 w[16], int t) {
    u32 word = t < 38 ? job.schedule[t - 16] : w[t & 15];
    if (t < 38 && !fixed_word(t - 16)) word = sum(o, w[t & 15], word);
    if (!fixed_word(t - 7)) word = sum(o, w[(t - 7) & 15], word);
    if (!fixed_word(t - 15)) word = sum(o, lower0(o, w[(t - 15) & 15]), word);
    if (!fixed_word(t - 2)) word = sum(o, lower1(o, w[(t - 2) & 15]), word);
    return word;
}

// Passes K[t] + W[t] of rounds 16 to 63, in order, to `each(t - 16, kw)`.
template <class Each>
SEAL_FN void expand(const Opaque& o, const Job& job, const u32 fixed[3], u32 w0, Each each) {
    u32 w[16] = {w0};
    SEAL_UNROLL
    for (int t = 16; t < 64; t++) {
        if (fixed_word(t)) {
            each(t - 16, fixed[(t - 17) / 2]);
        } else {
            w[t & 15] = schedule_word(o, job, w, t);
            each(t - 16, sum(o, w[t & 15], SHA_CONSTANTS[t - 16]));
        }
    }
}

// The words of the digest: the working variables plus the chaining value.
SEAL_FN void add_chaining(const Opaque& o, const Span& span, const Working& s, u32 digest[8]) {
    const u32 words[8] = {s.a, s.b, s.c, s.d, s.e, s.f, s.g, s.h};
    SEAL_UNROLL
    for (int i = 0; i < 8; i++) digest[i] = sum(o, words[i], span.chaining[i]);
}

// The digest for one w0, expanding the schedule on the way.
SEAL_FN void digest_of(const Opaque& o, const Job& job, const Span& span, u32 w0, u32 digest[8]) {
    Working s = sixteen_rounds(o, job, span, w0);
    expand(o, job, span.fixed, w0, [&](int, u32 kw) { sha_round(o, s, kw); });
    add_chaining(o, span, s, digest);
}

// The digest for one w0, given its schedule as `expanded(t - 16)`.
template <class Expanded>
SEAL_FN void digest_with(const Opaque& o, const Job& job, const Span& span, u32 w0,
                         Expanded expanded, u32 digest[8]) {
    Working s = sixteen_rounds(o, job, span, w0);
    SEAL_UNROLL
    for (int t = 0; t < 48; t++) sha_round(o, s, expanded(t));
    add_chaining(o, span, s, digest);
}
