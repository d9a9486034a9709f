// The threads of a block, one after the other: each runs until the next barrier, as a coroutine.

#pragma once

#include <ucontext.h>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <vector>

struct Dimension {
    unsigned int x;
};
inline thread_local Dimension threadIdx, blockIdx, blockDim, gridDim;

class Block {
    enum { STACK_BYTES = 64 * 1024 };

    struct Thread {
        ucontext_t context;
        std::unique_ptr<char[]> stack{new char[STACK_BYTES]};
        bool ended;
    };
    std::vector<Thread> threads;
    ucontext_t turns;
    const std::function<void()>* kernel = nullptr;

    // The one that runs in this thread of the machine.
    static Block*& present() {
        static thread_local Block* block = nullptr;
        return block;
    }

    static void begin() {
        (*present()->kernel)();
        present()->threads[threadIdx.x].ended = true;
    }

    // Runs a thread up to its next barrier. Returns whether it ended instead.
    bool turn_of(unsigned int thread) {
        threadIdx.x = thread;
        swapcontext(&turns, &threads[thread].context);
        return threads[thread].ended;
    }

public:
    // Calls the kernel as each of `count` threads.
    void run(unsigned int count, const std::function<void()>& what) {
        present() = this;
        kernel = &what;
        if (threads.size() < count) threads = std::vector<Thread>(count);
        for (unsigned int i = 0; i < count; i++) {
            Thread& thread = threads[i];
            thread.ended = false;
            getcontext(&thread.context);
            thread.context.uc_stack.ss_sp = thread.stack.get();
            thread.context.uc_stack.ss_size = STACK_BYTES;
            thread.context.uc_link = &turns;
            makecontext(&thread.context, begin, 0);
        }
        // A turn goes from the last thread to the first, the next one back, so that a barrier that is
        // missing leads to wrong results, whichever thread writes.
        bool back = true;
        for (unsigned int ended = 0; ended == 0; back = !back) {
            for (unsigned int i = 0; i < count; i++) ended += turn_of(back ? count - 1 - i : i);
            if (ended != 0 && ended != count) {
                fprintf(stderr, "%u of %u threads of a block do not reach a barrier\n", ended, count);
                abort();
            }
        }
    }

    static void wait_for_the_others() {
        Block* block = present();
        swapcontext(&block->threads[threadIdx.x].context, &block->turns);
    }
};
