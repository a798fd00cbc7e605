// As much of a CUDA device as the kernels need, on one thread of the host: the threads of a block take turns, and change where they wait for each other.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>
#include <functional>
#include <ucontext.h>
#include <vector>

#define ON_HOST
#define __device__
#define __global__
#define __launch_bounds__(...)
#define __shared__ static

struct Place { unsigned x; };
inline Place threadIdx, blockIdx, gridDim;
struct alignas(16) uint4 { unsigned x, y, z, w; };
struct alignas(16) float4 { float x, y, z, w; };

inline float __uint_as_float(unsigned bits) { float f; std::memcpy(&f, &bits, 4); return f; }
inline unsigned __umulhi(unsigned a, unsigned b) { return static_cast<unsigned>(uint64_t{a} * b >> 32); }
inline float rsqrtf(float x) { return 1 / std::sqrt(x); }
inline float __expf(float x) { return std::exp(x); }

namespace host {
// To the nearest bfloat16, the even one of two.
inline unsigned rounded(float f) {
    unsigned bits;
    std::memcpy(&bits, &f, 4);
    return (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
}

struct Thread { ucontext_t context; std::vector<char> stack; bool done = false; };
struct Meeting { unsigned come = 0, round = 0; };
inline std::vector<Thread> threads;
inline std::vector<Meeting> warps;
inline std::vector<float> shown[2];
inline Meeting block;
inline ucontext_t turns;
inline unsigned running;
inline std::function<void()> body;

inline void give_way() { swapcontext(&threads[running].context, &turns); }
// Returns once so many have come; the number of the meeting.
inline unsigned meet(Meeting& meeting, unsigned all) {
    const unsigned round = meeting.round;
    if (++meeting.come == all) {
        meeting.come = 0;
        meeting.round++;
    } else while (meeting.round == round) give_way();
    return round;
}
inline void begin() {
    body();
    threads[running].done = true;
    give_way();
}

inline void launch(unsigned blocks, unsigned count, std::function<void()> kernel) {
    body = std::move(kernel);
    gridDim.x = blocks;
    for (blockIdx.x = 0; blockIdx.x < blocks; blockIdx.x++) {
        threads = std::vector<Thread>(count);
        warps = std::vector<Meeting>(count / 32);
        block = {};
        for (auto& line : shown) line.assign(count, 0);
        for (auto& thread : threads) {
            thread.stack.resize(1 << 16);
            getcontext(&thread.context);
            thread.context.uc_stack.ss_sp = thread.stack.data();
            thread.context.uc_stack.ss_size = thread.stack.size();
            thread.context.uc_link = nullptr;
            makecontext(&thread.context, begin, 0);
        }
        for (bool left = true; left;) {
            left = false;
            for (unsigned i = 0; i < count; i++) {
                if (threads[i].done) continue;
                left = true;
                running = threadIdx.x = i;
                swapcontext(&turns, &threads[i].context);
            }
        }
    }
}
}   // namespace host

inline void __syncthreads() { host::meet(host::block, static_cast<unsigned>(host::threads.size())); }
inline float __shfl_xor_sync(unsigned, float x, int lanes) {
    const unsigned me = host::running;
    auto& warp = host::warps[me / 32];
    host::shown[warp.round & 1][me] = x;
    const unsigned round = host::meet(warp, 32);
    return host::shown[round & 1][me ^ static_cast<unsigned>(lanes)];
}
