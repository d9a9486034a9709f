// The kernels as plain C++: the host provides what CUDA provides on a card.

#pragma once

#define __global__
#define __shared__ thread_local
#define __grid_constant__
#define __launch_bounds__(...)

struct Dimension {
    unsigned int x;
};
inline thread_local Dimension threadIdx, blockIdx, blockDim, gridDim;

struct alignas(16) uint4 {
    unsigned int x, y, z, w;
};

inline unsigned int atomicAdd(unsigned int* place, unsigned int value) {
    return __atomic_fetch_add(place, value, __ATOMIC_RELAXED);
}

#include "../../cuda/search.cu"

// The shared memory of a block. The threads of an emulated block run one after the other.
thread_local uint4 schedules[12 * BLOCK_THREADS];

// Calls `kernel` as each thread of the blocks `first` to `end - 1` of a grid.
template <class KernelOfThread>
void for_each_thread(u32 blocks, u32 threads, u32 first, u32 end, KernelOfThread kernel) {
    gridDim.x = blocks;
    blockDim.x = threads;
    for (blockIdx.x = first; blockIdx.x < end; blockIdx.x++) {
        for (threadIdx.x = 0; threadIdx.x < threads; threadIdx.x++) kernel();
    }
}
