// An emulated CUDA driver: the functions that the crate calls, with the kernels as plain C++ in place
// of a card. Its streams work in the background, and it fails on request.
//
// BTPOW_EMULATED_CARDS  how many cards there are, 1 if unset
// BTPOW_EMULATED_FAULT  NAME=CODE[@CARD]: the function NAME fails with CODE, for one card or for
//                       all; NAME=CODE+N fails from its Nth call on, NAME=CODE+N-M until its Mth;
//                       NAME=hang never comes back; `version=11080` is an old driver; with
//                       `hang=1+N`, the Nth kernel and all later ones run forever

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <mutex>
#include <queue>
#include <string>
#include <thread>

#include "kernels.hpp"

enum { SUCCESS = 0, INVALID_VALUE = 1, NOT_FOUND = 500, NOT_READY = 600 };
enum { MULTIPROCESSORS = 2, SHARED_BYTES = 99 * 1024 };

struct Event {
    bool passed = true;
};

// Commands that a thread of its own runs, one after the other.
struct Stream {
    int card;
    std::mutex mutex;
    std::condition_variable changed;
    std::queue<std::function<void()>> orders;
    bool busy = false, ending = false;
    std::thread worker{[this] { work(); }};

    explicit Stream(int card) : card(card) {}

    void work() {
        std::unique_lock<std::mutex> lock(mutex);
        for (;;) {
            changed.wait(lock, [this] { return ending || !orders.empty(); });
            if (orders.empty()) return;
            auto order = std::move(orders.front());
            orders.pop();
            busy = true;
            lock.unlock();
            order();
            lock.lock();
            busy = false;
            changed.notify_all();
        }
    }
    void order(std::function<void()> what) {
        std::lock_guard<std::mutex> lock(mutex);
        orders.push(std::move(what));
        changed.notify_all();
    }
    void rest() {
        std::unique_lock<std::mutex> lock(mutex);
        changed.wait(lock, [this] { return orders.empty() && !busy; });
    }
    ~Stream() {
        {
            std::lock_guard<std::mutex> lock(mutex);
            ending = true;
            changed.notify_all();
        }
        worker.join();
    }
};

static std::mutex events;
static thread_local int current = -1;

static int setting(const char* name, int otherwise) {
    const char* text = getenv(name);
    return text ? atoi(text) : otherwise;
}

// The code with which a call of `name` must fail, or 0.
static int fault(const char* name, int card) {
    static std::mutex mutex;
    static std::map<std::string, int> calls;
    const char* text = getenv("BTPOW_EMULATED_FAULT");
    size_t length = strlen(name);
    if (!text || strncmp(text, name, length) != 0 || text[length] != '=') return SUCCESS;
    int code = atoi(text + length + 1);
    if (const char* only = strchr(text, '@')) {
        if (atoi(only + 1) != card) return SUCCESS;
    }
    if (const char* from = strchr(text, '+')) {
        std::lock_guard<std::mutex> lock(mutex);
        int call = ++calls[name];
        const char* until = strchr(from, '-');
        if (call < atoi(from + 1) || (until && call > atoi(until + 1))) return SUCCESS;
    }
    while (!strncmp(text + length + 1, "hang", 4)) std::this_thread::sleep_for(std::chrono::hours(1));
    return code;
}

#define FAULT_OF(card) \
    if (int code = fault(__func__, card)) return code
#define FAULT FAULT_OF(current)

extern "C" {

int cuInit(unsigned) {
    FAULT;
    return SUCCESS;
}
int cuDriverGetVersion(int* version) {
    int old = fault("version", -1);
    *version = old ? old : 12040;
    return SUCCESS;
}
int cuDeviceGetCount(int* count) {
    FAULT;
    *count = setting("BTPOW_EMULATED_CARDS", 1);
    return SUCCESS;
}
int cuDeviceGet(int* device, int ordinal) {
    if (ordinal < 0 || ordinal >= setting("BTPOW_EMULATED_CARDS", 1)) return 101;
    *device = ordinal;
    return SUCCESS;
}
int cuDeviceGetAttribute(int* value, int attribute, int device) {
    switch (attribute) {
        case 16: *value = MULTIPROCESSORS; return SUCCESS;
        case 20: *value = fault("mode", device); return SUCCESS;
        case 75: *value = fault("capability", device) ? fault("capability", device) : 9; return SUCCESS;
        case 76: *value = 0; return SUCCESS;
        case 97: *value = SHARED_BYTES; return SUCCESS;
    }
    return INVALID_VALUE;
}
int cuDeviceGetName(char* name, int length, int) {
    snprintf(name, length, "Emulated card");
    return SUCCESS;
}
int cuDeviceGetUuid(char* uuid, int device) {
    memset(uuid, 0x10 + device, 16);
    return SUCCESS;
}
int cuDeviceGetPCIBusId(char* id, int length, int device) {
    snprintf(id, length, "0000:%02X:00.0", 0x65 + device);
    return SUCCESS;
}
int cuDeviceTotalMem_v2(size_t* bytes, int) {
    *bytes = size_t(8) << 30;
    return SUCCESS;
}
int cuDevicePrimaryCtxRetain(void** context, int device) {
    FAULT_OF(device);
    *context = reinterpret_cast<void*>(size_t(device) + 1);
    return SUCCESS;
}
int cuDevicePrimaryCtxRelease_v2(int) { return SUCCESS; }
int cuCtxSetCurrent(void* context) {
    current = int(reinterpret_cast<size_t>(context)) - 1;
    return SUCCESS;
}
int cuModuleLoadData(void** module, const char* image) {
    FAULT;
    if (strncmp(image, ".version 8.0\n", 13) != 0) return 218;
    *module = const_cast<char*>(image);
    return SUCCESS;
}
int cuModuleGetFunction(const Kernel** function, void* module, const char* name) {
    std::string entry = std::string(".entry ") + name + "(";
    if (!strstr(static_cast<char*>(module), entry.c_str())) return NOT_FOUND;
    *function = kernel_named(name);
    return *function ? SUCCESS : NOT_FOUND;
}
int cuModuleUnload(void*) { return SUCCESS; }
int cuFuncSetAttribute(void*, int, int value) { return value <= SHARED_BYTES ? SUCCESS : INVALID_VALUE; }
int cuOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, void*, int, size_t) {
    *blocks = 1;
    return SUCCESS;
}
int cuMemAlloc_v2(u64* address, size_t bytes) {
    FAULT;
    void* memory = aligned_alloc(64, (bytes + 63) / 64 * 64);
    memset(memory, 0xa5, bytes);
    *address = reinterpret_cast<u64>(memory);
    return SUCCESS;
}
int cuMemFree_v2(u64 address) {
    free(reinterpret_cast<void*>(address));
    return SUCCESS;
}
int cuMemHostAlloc(void** memory, size_t bytes, unsigned) {
    FAULT;
    *memory = aligned_alloc(64, (bytes + 63) / 64 * 64);
    memset(*memory, 0xa5, bytes);
    return SUCCESS;
}
int cuMemFreeHost(void* memory) {
    free(memory);
    return SUCCESS;
}
int cuStreamCreate(Stream** stream, unsigned) {
    FAULT;
    *stream = new Stream(current);
    return SUCCESS;
}
int cuStreamSynchronize(Stream* stream) {
    stream->rest();
    return SUCCESS;
}
int cuStreamDestroy_v2(Stream* stream) {
    delete stream;
    return SUCCESS;
}
int cuMemcpyHtoDAsync_v2(u64 to, const void* from, size_t bytes, Stream* stream) {
    FAULT;
    stream->order([=] { memcpy(reinterpret_cast<void*>(to), from, bytes); });
    return SUCCESS;
}
int cuMemcpyDtoHAsync_v2(void* to, u64 from, size_t bytes, Stream* stream) {
    stream->order([=] { memcpy(to, reinterpret_cast<void*>(from), bytes); });
    return SUCCESS;
}
int cuMemsetD8Async(u64 to, unsigned char value, size_t bytes, Stream* stream) {
    stream->order([=] { memset(reinterpret_cast<void*>(to), value, bytes); });
    return SUCCESS;
}
int cuLaunchKernel(const Kernel* kernel, unsigned blocks, unsigned, unsigned, unsigned threads, unsigned,
                   unsigned, unsigned shared, Stream* stream, void** parameters, void**) {
    FAULT;
    if (threads % WARP != 0 || threads > BLOCK_THREADS) return INVALID_VALUE;
    if (shared != threads * kernel->shared_bytes_per_thread) return INVALID_VALUE;
    Run run = *static_cast<Run*>(parameters[0]);
    Found* found = *static_cast<Found**>(parameters[1]);
    Table* table = kernel->has_table ? *static_cast<Table**>(parameters[2]) : nullptr;
    bool hangs = fault("hang", current);
    stream->order([=] {
        while (hangs) std::this_thread::sleep_for(std::chrono::hours(1));
        run_grid(blocks, threads, *kernel, run, found, table);
    });
    return SUCCESS;
}
int cuEventCreate(Event** event, unsigned) {
    *event = new Event;
    return SUCCESS;
}
int cuEventRecord(Event* event, Stream* stream) {
    {
        std::lock_guard<std::mutex> lock(events);
        event->passed = false;
    }
    stream->order([=] {
        std::lock_guard<std::mutex> lock(events);
        event->passed = true;
    });
    return SUCCESS;
}
int cuEventQuery(Event* event) {
    FAULT;
    std::lock_guard<std::mutex> lock(events);
    return event->passed ? SUCCESS : NOT_READY;
}
int cuEventDestroy_v2(Event* event) {
    delete event;
    return SUCCESS;
}

// Not part of CUDA: runs a kernel at once.
void emulate(const char* name, const Run* run, Found* found, const Table* table, u32 blocks, u32 threads) {
    run_grid(blocks, threads, *kernel_named(name), *run, found, table);
}

// Not part of CUDA: the digest at an index of a run's first span, its whole tested word, and the sieve's result.
void parts(u32 little, const Run* run, u32 index, u32 digest[8], u32* word, u32* sieved) {
    digest_of(run->opaque, run->job, run->span, w0_at(*run, index), digest);
    State a = before_sieve(run->opaque, digest);
    *word = little ? tested_word<Tested::LITTLE>(run->opaque, a) : tested_word<Tested::BIG>(run->opaque, a);
    *sieved = little ? sieve<Tested::LITTLE>(run->opaque, a) : sieve<Tested::BIG>(run->opaque, a);
}
}
