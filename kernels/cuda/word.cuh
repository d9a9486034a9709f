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

// Four bytes of high:low. Digit i of PLACES, from the last, says which comes to place i.
template <u32 PLACES>
SEAL_FN u32 pick_bytes(u32 low, u32 high) {
#ifdef __CUDACC__
    return __byte_perm(low, high, PLACES);
#else
    u64 both = (u64)high << 32 | low;
    u32 picked = 0;
    for (int i = 0; i < 4; i++) {
        picked |= (u32)(both >> 8 * (PLACES >> 4 * i & 7) & 0xff) << 8 * i;
    }
    return picked;
#endif
}

SEAL_FN u32 swap_bytes(u32 x) {
    return pick_bytes<0x0123>(x, 0);
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

// The low and the high word of a * b. The high word alone has an instruction of its own, but Hopper
// takes twice as long for it, and stops the pipe for logic meanwhile.
SEAL_FN void multiply_wide(u32 a, u32 b, u32& low, u32& high) {
#ifdef __CUDACC__
    asm("{ .reg .u64 d;\n\t"
        "mul.wide.u32 d, %2, %3;\n\t"
        "mov.b64 {%0, %1}, d; }"
        : "=r"(low), "=r"(high)
        : "r"(a), "r"(b));
#else
    u64 d = (u64)a * b;
    low = (u32)d;
    high = (u32)(d >> 32);
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
    u32 low, high;
    multiply_wide(x, opaque.power[32 - N], low, high);
    return high;
#else
    (void)opaque;
    return x >> N;
#endif
}

template <int N>
SEAL_FN u32 rotate_right(u32 x) {
    return funnel<32 - N>(x, x);
}

// x rotated left by N, as a product where MULTIPLY says so.
template <int N, bool MULTIPLY = false>
SEAL_FN u32 rotate_left(const Opaque& opaque, u32 x) {
    static_assert(N >= 0 && N < 32, "within a word");
    if (N == 0) return x;
    if (!MULTIPLY) return funnel<N == 0 ? 1 : N>(x, x);
    u32 low, high;
    multiply_wide(x, opaque.power[N], low, high);
    return multiply_add(low, opaque.one, high);
}
