// The kernels: they report every candidate in a run of positions.
//
// Offset i of a run is index (first + i) mod 2^bits of its span or of a later one. With n threads, each
// takes every nth index. In v1 it goes through all spans of the run with one index, since the schedule
// of SHA-256 is the same in all of them.

#include "seal.cuh"

// How many offsets are kept; later ones are only counted.
#define FOUND_CAPACITY 256
// Indices of a v1 span: 2^24.
#define V1_SPAN_BITS 24
// The most threads of a block. A thread may have 65,536 / this registers.
#ifndef BLOCK_THREADS
#define BLOCK_THREADS 768
#endif
#define WARP 32

// The candidates found in a run.
struct Found {
    u32 count;
    u32 offsets[FOUND_CAPACITY];
};

// A run of positions and the job for it.
struct Run {
    Job job;
    Opaque opaque;
    // The first index.
    u32 first;
    // How many positions, at most 2^31. A legacy run ends with its span.
    u32 length;
    // The bits that the sieve must find zero: see `is_candidate`.
    u32 sieve;
    // The span of a legacy run. A v1 run has a table of spans, and takes from here what they share.
    Span span;
};

SEAL_FN u32 w0_at(const Run& run, u32 offset) {
    return run.job.w0_base + (run.first + offset) * run.job.w0_step;
}

SEAL_FN void report(Found* found, u32 offset) {
    u32 place = atomicAdd(&found->count, 1);
    if (place < FOUND_CAPACITY) found->offsets[place] = offset;
}

template <Tested TESTED>
SEAL_FN void search_legacy(const Run& run, Found* found) {
    for (u32 offset = blockIdx.x * blockDim.x + threadIdx.x; offset < run.length;
         offset += gridDim.x * blockDim.x) {
        u32 digest[8];
        digest_of(run.opaque, run.job, run.span, w0_at(run, offset), digest);
        if (is_candidate<TESTED>(run.opaque, run.job.threshold, run.sieve, digest)) {
            report(found, offset);
        }
    }
}

extern "C" __global__ void __launch_bounds__(BLOCK_THREADS, 1)
    legacy_big(const __grid_constant__ Run run, Found* found) {
    search_legacy<Tested::BIG>(run, found);
}

extern "C" __global__ void __launch_bounds__(BLOCK_THREADS, 1)
    legacy_little(const __grid_constant__ Run run, Found* found) {
    search_legacy<Tested::LITTLE>(run, found);
}

// Reads a span from the table. It is read again for each nonce, like the schedule: in registers, the
// two would leave too few for Keccak.
SEAL_FN Span load(const Span* span) {
#ifdef __CUDACC__
    Span s;
    u32* words = reinterpret_cast<u32*>(&s);
    SEAL_UNROLL
    for (int i = 0; i < 16; i += 4) {
        asm volatile("ld.global.nc.v4.u32 {%0, %1, %2, %3}, [%4];"
                     : "=r"(words[i]), "=r"(words[i + 1]), "=r"(words[i + 2]), "=r"(words[i + 3])
                     : "l"(reinterpret_cast<const u32*>(span) + i));
    }
    return s;
#else
    return *span;
#endif
}

// Where a thread keeps K[t] + W[t] of rounds 16 to 63, four in a row: each warp has twelve rows. A
// distance between rows that is known here saves registers, and the threads of a warp are side by
// side.
SEAL_FN uint4* schedule_of_thread(uint4* schedules) {
    return schedules + threadIdx.x / WARP * (12 * WARP) + threadIdx.x % WARP;
}

extern "C" __global__ void __launch_bounds__(BLOCK_THREADS, 1)
    v1(const __grid_constant__ Run run, Found* found, const Span* __restrict__ table) {
    extern __shared__ uint4 schedules[];
    constexpr u32 SPAN = 1u << V1_SPAN_BITS;
    const u32 indices = run.length < SPAN ? run.length : SPAN;
    for (u32 i = blockIdx.x * blockDim.x + threadIdx.x; i < indices;) {
        uint4 four;
        uint4* schedule = schedule_of_thread(schedules);
        expand(run.opaque, run.job, run.span.fixed, w0_at(run, i), [&](int t, u32 kw) {
            if (t % 4 == 0) four.x = kw;
            if (t % 4 == 1) four.y = kw;
            if (t % 4 == 2) four.z = kw;
            if (t % 4 == 3) {
                four.w = kw;
                schedule[t / 4 * WARP] = four;
            }
        });
        u32 offset = i;
        do {
            offset = anew(offset);
            schedule = schedule_of_thread(schedules);
            const Span span = load(table + ((run.first + offset) >> V1_SPAN_BITS));
            u32 digest[8];
            auto expanded = [&](int t) {
                if (t % 4 == 0) four = schedule[t / 4 * WARP];
                return t % 4 == 0 ? four.x : t % 4 == 1 ? four.y : t % 4 == 2 ? four.z : four.w;
            };
            digest_with(run.opaque, run.job, span, w0_at(run, offset), expanded, digest);
            if (is_candidate<Tested::LITTLE>(run.opaque, run.job.threshold, run.sieve, digest)) {
                report(found, offset);
            }
            offset += SPAN;
        } while (offset < run.length);
        i = offset % SPAN + gridDim.x * blockDim.x;
    }
}
