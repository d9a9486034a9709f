// The kernels as plain C++: the host provides what CUDA provides on a card.

#pragma once

#include <cstring>

#include "block.hpp"

#define __global__
#define __shared__ thread_local
#define __grid_constant__
#define __launch_bounds__(...)

struct alignas(16) uint4 {
    unsigned int x, y, z, w;
};

inline unsigned int atomicAdd(unsigned int* place, unsigned int value) {
    return __atomic_fetch_add(place, value, __ATOMIC_RELAXED);
}

inline void __syncthreads() { Block::wait_for_the_others(); }

#include "../../cuda/search.cu"

// The shared memory of a block whose threads have a schedule each.
thread_local uint4 schedules[SCHEDULE_ROWS * BLOCK_THREADS];

// The kernels by name; the legacy ones have no table.
struct Kernel {
    const char* name;
    bool has_table;
    unsigned int shared_bytes_per_thread;
    void (*call)(const Run& run, Found* found, const Table* table);
};
static const Kernel KERNELS[] = {
    {"legacy_big", false, 0, [](const Run& run, Found* found, const Table*) { legacy_big(run, found); }},
    {"legacy_little", false, 0, [](const Run& run, Found* found, const Table*) { legacy_little(run, found); }},
    {"v1", true, 192, [](const Run& run, Found* found, const Table* table) { v1(run, found, table); }},
    {"v1_shared", true, 0, [](const Run& run, Found* found, const Table* table) { v1_shared(run, found, table); }},
};

inline const Kernel* kernel_named(const char* name) {
    for (const Kernel& kernel : KERNELS) {
        if (!strcmp(kernel.name, name)) return &kernel;
    }
    return nullptr;
}

// Calls a kernel as each thread of a grid.
inline void run_grid(u32 blocks, u32 threads, const Kernel& kernel, const Run& run, Found* found,
                     const Table* table) {
    static thread_local Block block;
    gridDim.x = blocks;
    blockDim.x = threads;
    for (blockIdx.x = 0; blockIdx.x < blocks; blockIdx.x++) {
        block.run(threads, [&] { kernel.call(run, found, table); });
    }
}
