// The kernels: they report every candidate in a run of positions, which lies in one group.
//
// Offset i of a legacy group is index i of its span. In v1 it is index i / 256 of span i % 256, so the
// schedule of SHA-256, which is the same in all spans of a group, serves 256 nonces. `v1` expands it in
// each thread, for all spans; `v1_shared` once in a block, whose threads have a span each.

#include "seal.cuh"

// How many offsets are kept; later ones are only counted.
#define FOUND_CAPACITY 256
// Spans of a v1 group.
#define GROUP_SPANS 256
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
    // The first offset in the group, and the last.
    u32 first, last;
    // The bits that the sieve must find zero: see `if_candidate`.
    u32 sieve;
    // The span of a legacy run. A v1 run has a table of spans, and takes from here what they share.
    Span span;
};

// The spans of a v1 group, four words of all spans in a row, so that threads side by side read words
// side by side.
struct Table {
    uint4 rows[4][GROUP_SPANS];
};

SEAL_FN u32 w0_at(const Run& run, u32 index) { return run.job.w0_base + index * run.job.w0_step; }

SEAL_FN void report(Found* found, u32 offset) {
    u32 place = atomicAdd(&found->count, 1);
    if (place < FOUND_CAPACITY) found->offsets[place] = offset;
}

// A run has at most 2^31 positions, so a grid's threads never count past the end of a word.
template <Tested TESTED>
SEAL_FN void search_legacy(const Run& run, Found* found) {
    for (u32 i = blockIdx.x * blockDim.x + threadIdx.x; i <= run.last - run.first;
         i += gridDim.x * blockDim.x) {
        u32 digest[8];
        digest_of(run.opaque, run.job, run.span, w0_at(run, run.first + i), digest);
        if_candidate<TESTED>(run.opaque, run.job.threshold, run.sieve, digest,
                             [&] { report(found, run.first + i); });
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
SEAL_FN Span load(const Table* table, u32 which) {
    Span span;
#ifdef __CUDACC__
    u32* words = reinterpret_cast<u32*>(&span);
    // The compiler would add the two halves of the address one after the other.
    const uint4* row;
    asm("mad.wide.u32 %0, %1, %2, %3;" : "=l"(row) : "r"(which), "n"(sizeof(uint4)), "l"(table));
    SEAL_UNROLL
    for (int i = 0; i < 4; i++) {
        asm volatile("ld.global.nc.v4.u32 {%0, %1, %2, %3}, [%4];"
                     : "=r"(words[4 * i]), "=r"(words[4 * i + 1]), "=r"(words[4 * i + 2]),
                       "=r"(words[4 * i + 3])
                     : "l"(row + i * GROUP_SPANS));
    }
#else
    for (int i = 0; i < 4; i++) {
        __builtin_memcpy(reinterpret_cast<uint4*>(&span) + i, &table->rows[i][which], sizeof(uint4));
    }
#endif
    return span;
}

// K[t] + W[t] of rounds 16 to 63 of an index lie in twelve rows of shared memory, four words in each,
// next to those of 31 other indices. A distance between rows that is known here saves registers.
#define SCHEDULE_ROWS 12

SEAL_FN void expand_into(uint4* schedule, const Run& run, u32 index) {
    uint4 four;
    expand(run.opaque, run.job, run.span.fixed, w0_at(run, index), [&](int t, u32 kw) {
        if (t % 4 == 0) four.x = kw;
        if (t % 4 == 1) four.y = kw;
        if (t % 4 == 2) four.z = kw;
        if (t % 4 == 3) {
            four.w = kw;
            schedule[t / 4 * WARP] = four;
        }
    });
}

// Tests the nonce at an offset of a v1 group.
SEAL_FN void search_v1(const Run& run, Found* found, const Table* table, const uint4* schedule,
                       u32 offset) {
    const u32 which = offset % GROUP_SPANS;
    const Span span = load(table, which);
    // An index adds to w0 what it adds to the offset.
    const u32 w0 = run.job.w0_base + (offset - which);
    uint4 four;
    auto expanded = [&](int t) {
        if (t % 4 == 0) four = schedule[t / 4 * WARP];
        return t % 4 == 0 ? four.x : t % 4 == 1 ? four.y : t % 4 == 2 ? four.z : four.w;
    };
    u32 digest[8];
    digest_with(run.opaque, run.job, span, w0, expanded, digest);
    if_candidate<Tested::LITTLE>(run.opaque, run.job.threshold, run.sieve, digest,
                                 [&] { report(found, offset); });
}

#if !defined(__CUDACC__) || !SEAL_SHARED_SCHEDULE
// Where a thread keeps its schedule: the threads of a warp are side by side. It is computed again for
// each nonce, which costs less than the register.
SEAL_FN uint4* schedule_of_thread(uint4* schedules) {
    const u32 thread = anew(threadIdx.x);
    return schedules + thread / WARP * (SCHEDULE_ROWS * WARP) + thread % WARP;
}

// With n threads, each takes every nth index, in all spans in which it belongs to the run.
extern "C" __global__ void __launch_bounds__(BLOCK_THREADS, 1)
    v1(const __grid_constant__ Run run, Found* found, const Table* __restrict__ table) {
    extern __shared__ uint4 schedules[];
    u32 index = run.first / GROUP_SPANS + blockIdx.x * blockDim.x + threadIdx.x;
    while (index <= run.last / GROUP_SPANS) {
        expand_into(schedule_of_thread(schedules), run, index);
        u32 offset = index * GROUP_SPANS;
        if (offset < run.first) offset = run.first;
        do {
            offset = anew(offset);
            search_v1(run, found, table, schedule_of_thread(schedules), offset);
            offset++;
        } while (offset % GROUP_SPANS != 0 && offset <= run.last);
        index = (offset - 1) / GROUP_SPANS + gridDim.x * blockDim.x;
    }
}
#endif

#if !defined(__CUDACC__) || SEAL_SHARED_SCHEDULE
// Blocks take batches of 32 indices. The first warp expands their schedules, an index in each thread;
// then all threads hash the batch in the order of its offsets, so that a warp has one index and
// reads its schedule as one, and side by side 32 spans.
extern "C" __global__ void __launch_bounds__(BLOCK_THREADS, 1)
    v1_shared(const __grid_constant__ Run run, Found* found, const Table* __restrict__ table) {
    __shared__ uint4 schedules[SCHEDULE_ROWS * WARP];
    constexpr u32 BATCH = WARP * GROUP_SPANS;
    u32 batch = run.first / BATCH + blockIdx.x;
    while (batch <= run.last / BATCH) {
        if (threadIdx.x < WARP) {
            expand_into(schedules + threadIdx.x, run, batch * WARP + threadIdx.x);
        }
        __syncthreads();
        // The part of the batch that belongs to the run, and this thread's first place in it.
        const u32 begin = batch * BATCH;
        const u32 low = run.first > begin ? run.first - begin : 0;
        const u32 high = run.last - begin < BATCH ? run.last - begin : BATCH - 1;
        u32 place = threadIdx.x;
        while (place < low) place += blockDim.x;
        u32 offset = begin + blockDim.x;
        if (place <= high) {
            offset = begin + place;
            do {
                offset = anew(offset);
                const uint4* schedule = schedules + offset / GROUP_SPANS % WARP;
                search_v1(run, found, table, schedule, offset);
                offset += blockDim.x;
                // A step is shorter than a batch.
            } while (offset % BATCH >= blockDim.x && offset <= run.last);
        }
        batch = (offset - blockDim.x) / BATCH + gridDim.x;
        // The next batch overwrites this one's schedules.
        __syncthreads();
    }
}
#endif
