// Words, the hardware's operations on them, and the choices of a build.
//
// Everything here compiles as device code and as plain C++, so machines without a card can test what
// is built from it.

#pragma once

typedef unsigned int u32;
typedef unsigned long long u64;
static_assert(sizeof(u32) == 4 && sizeof(u64) == 8, "words of 32 and 64 bits");

#ifdef __CUDACC__
#define SEAL_FN static __device__ __forceinline__
#define SEAL_TABLE __constant__ const
#define SEAL_UNROLL _Pragma("unroll")
#else
#define SEAL_FN static inline __attribute__((always_inline))
#define SEAL_TABLE static const
#define SEAL_UNROLL _Pragma("GCC unroll 64")
#endif

// A variant chooses which pipe of a card does what; every variant computes the same.

// 1: sums and plain shifts go to the pipe that multiplies, since the one for logic is the bottleneck.
#ifndef SEAL_SUMS_MULTIPLY
#define SEAL_SUMS_MULTIPLY 0
#endif
// Bit i: the rotation of word i of Keccak's state is a product with a power of two; bit 25: that of
// the column sums.
#ifndef SEAL_ROTATIONS_MULTIPLY
#define SEAL_ROTATIONS_MULTIPLY 0
#endif
// How: 0 with two wide products and two sums, 1 with one wide product that adds the other half's.
#ifndef SEAL_ROTATION_FORM
#define SEAL_ROTATION_FORM 0
#endif
// How many rounds of Keccak are unrolled in a row: a divisor of 21.
#ifndef SEAL_ROUNDS
#define SEAL_ROUNDS 21
#endif

// Where v1 keeps the schedules. 0: each thread has one of its own; 1: all threads of a block share them.
// Plain C++ has both kernels.
#ifndef SEAL_SHARED_SCHEDULE
#define SEAL_SHARED_SCHEDULE 0
#endif

SEAL_FN constexpr bool multiplies(int rotation) {
    return (SEAL_ROTATIONS_MULTIPLY >> rotation & 1) != 0;
}

// Numbers that the compiler must not know, since it would put a product with them back on the pipe
// for logic.
struct Opaque {
    u32 one;
    // 2^i at index i.
    u32 power[32];
};

// Any function of three bits; TABLE is its value on the bits of 0xf0, 0xcc and 0xaa. The compiler
// finds most of these by itself, but not all.
template <u32 TABLE>
SEAL_FN u32 lop3(u32 a, u32 b, u32 c) {
    u32 d = 0;
#ifdef __CUDACC__
    asm("lop3.b32 %0, %1, %2, %3, %4;" : "=r"(d) : "r"(a), "r"(b), "r"(c), "n"(TABLE));
#else
    if (TABLE & 0x80) d |= a & b & c;
    if (TABLE & 0x40) d |= a & b & ~c;
    if (TABLE & 0x20) d |= a & ~b & c;
    if (TABLE & 0x10) d |= a & ~b & ~c;
    if (TABLE & 0x08) d |= ~a & b & c;
    if (TABLE & 0x04) d |= ~a & b & ~c;
    if (TABLE & 0x02) d |= ~a & ~b & c;
    if (TABLE & 0x01) d |= ~a & ~b & ~c;
#endif
    return d;
}

SEAL_FN u32 xor3(u32 a, u32 b, u32 c) { return lop3<0x96>(a, b, c); }

// Makes the compiler forget what it knows about a word, so that it recomputes what follows from the
// word instead of keeping it in a register.
SEAL_FN u32 anew(u32 x) {
#ifdef __CUDACC__
    asm volatile("" : "+r"(x));
#endif
    return x;
}

// The upper word of high:low << N.
template <int N>
SEAL_FN u32 funnel(u32 low, u32 high) {
    static_assert(N > 0 && N < 32, "within a word");
#ifdef __CUDACC__
    return __funnelshift_l(low, high, N);
#else
    return high << N | low >> (32 - N);
#endif
}

SEAL_FN u32 swap_bytes(u32 x) {
#ifdef __CUDACC__
    return __byte_perm(x, 0, 0x0123);
#else
    return __builtin_bswap32(x);
#endif
}

// The low word of a * b + c.
SEAL_FN u32 multiply_add(u32 a, u32 b, u32 c) {
#ifdef __CUDACC__
    u32 d;
    asm("mad.lo.u32 %0, %1, %2, %3;" : "=r"(d) : "r"(a), "r"(b), "r"(c));
    return d;
#else
    return a * b + c;
#endif
}

// The high word of a * b.
SEAL_FN u32 multiply_high(u32 a, u32 b) {
#ifdef __CUDACC__
    u32 d;
    asm("mul.hi.u32 %0, %1, %2;" : "=r"(d) : "r"(a), "r"(b));
    return d;
#else
    return (u32)((u64)a * b >> 32);
#endif
}

// a * b + high:low, as its low and high word.
SEAL_FN void multiply_wide(u32 a, u32 b, u32 low, u32 high, u32& out_low, u32& out_high) {
#ifdef __CUDACC__
    asm("{ .reg .u64 c, d;\n\t"
        "mov.b64 c, {%4, %5};\n\t"
        "mad.wide.u32 d, %2, %3, c;\n\t"
        "mov.b64 {%0, %1}, d; }"
        : "=r"(out_low), "=r"(out_high)
        : "r"(a), "r"(b), "r"(low), "r"(high));
#else
    u64 d = (u64)a * b + ((u64)high << 32 | low);
    out_low = (u32)d;
    out_high = (u32)(d >> 32);
#endif
}

SEAL_FN u32 sum(const Opaque& opaque, u32 x, u32 y) {
#if SEAL_SUMS_MULTIPLY
    return multiply_add(x, opaque.one, y);
#else
    (void)opaque;
    return x + y;
#endif
}

template <int N>
SEAL_FN u32 shift_right(const Opaque& opaque, u32 x) {
#if SEAL_SUMS_MULTIPLY
    return multiply_high(x, opaque.power[32 - N]);
#else
    (void)opaque;
    return x >> N;
#endif
}

template <int N>
SEAL_FN u32 rotate_right(u32 x) {
    return funnel<32 - N>(x, x);
}

// high:low rotated left by N, with products where MULTIPLY says so.
template <int N, bool MULTIPLY>
SEAL_FN void rotate_left(const Opaque& opaque, u32& low, u32& high) {
    constexpr int SHIFT = N % 32;
    u32 l = N < 32 ? low : high;
    u32 h = N < 32 ? high : low;
    if (SHIFT == 0) {
        low = l;
        high = h;
    } else if (!MULTIPLY) {
        low = funnel<SHIFT == 0 ? 1 : SHIFT>(h, l);
        high = funnel<SHIFT == 0 ? 1 : SHIFT>(l, h);
    } else if (SEAL_ROTATION_FORM == 0) {
        u32 l0, l1, h0, h1;
        multiply_wide(l, opaque.power[SHIFT], 0, 0, l0, l1);
        multiply_wide(h, opaque.power[SHIFT], 0, 0, h0, h1);
        low = multiply_add(l0, opaque.one, h1);
        high = multiply_add(h0, opaque.one, l1);
    } else {
        u32 h0 = multiply_add(h, opaque.power[SHIFT], 0);
        u32 h1 = multiply_high(h, opaque.power[SHIFT]);
        multiply_wide(l, opaque.power[SHIFT], h1, h0, low, high);
    }
}
