// What all kernels begin with, for NVRTC: rows of H numbers, read 8 a thread, one warp a row; H is a multiple of 8.
#pragma once

namespace rmt {

constexpr const char* row_numbers = R"cuda(
typedef unsigned int u32;
typedef unsigned long long u64;
struct bf16 { unsigned short bits; };
struct f16 { unsigned short bits; };
#define CHUNKS ((H + 255) / 256)
// Of a row whose length is no multiple of 256, some lanes have no part in its last chunk.
#define OUTSIDE(column) (H % 256 != 0 && (column) >= H)
// Unrolled, or what is indexed would lie in memory and not in registers.
#define EIGHT _Pragma("unroll") for (int i = 0; i < 8; i++)

#ifndef ON_HOST
__device__ inline u32 pair_of(float low, float high, bf16) { u32 r; asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(r) : "f"(high), "f"(low)); return r; }
__device__ inline u32 pair_of(float low, float high, f16) { u32 r; asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(r) : "f"(high), "f"(low)); return r; }
__device__ inline float widened(u32 bits, f16) { float r; asm("cvt.f32.f16 %0, %1;" : "=f"(r) : "h"((unsigned short)bits)); return r; }
#endif
__device__ inline float widened(u32 bits, bf16) { return __uint_as_float(bits << 16); }

// Eight numbers in one or two loads of 16 bytes.
template <class T> __device__ inline void get(const T* from, float* to) {
    const uint4 raw = *(const uint4*)from;
    const u32 words[4] = {raw.x, raw.y, raw.z, raw.w};
    _Pragma("unroll") for (int i = 0; i < 4; i++) to[2 * i] = widened(words[i] & 0xffff, T()), to[2 * i + 1] = widened(words[i] >> 16, T());
}
__device__ inline void get(const float* from, float* to) {
    const float4 a = ((const float4*)from)[0], b = ((const float4*)from)[1];
    to[0] = a.x, to[1] = a.y, to[2] = a.z, to[3] = a.w, to[4] = b.x, to[5] = b.y, to[6] = b.z, to[7] = b.w;
}
template <class T> __device__ inline void put(T* to, const float* from) {
    uint4 raw;
    raw.x = pair_of(from[0], from[1], T()), raw.y = pair_of(from[2], from[3], T()), raw.z = pair_of(from[4], from[5], T()), raw.w = pair_of(from[6], from[7], T());
    *(uint4*)to = raw;
}
__device__ inline void put(float* to, const float* from) {
    float4 a, b;
    a.x = from[0], a.y = from[1], a.z = from[2], a.w = from[3], b.x = from[4], b.y = from[5], b.z = from[6], b.w = from[7];
    ((float4*)to)[0] = a, ((float4*)to)[1] = b;
}

__device__ inline float warp_sum(float x) {
    for (int lanes = 16; lanes > 0; lanes >>= 1) x += __shfl_xor_sync(0xffffffffu, x, lanes);
    return x;
}

// GELU, by tanh or by erf.
#ifdef TANH
__device__ inline float bent(float x) { return 0.5f * x * (1.0f + tanhf(0.7978845608f * (x + 0.044715f * x * x * x))); }
#else
__device__ inline float bent(float x) { return 0.5f * x * (1.0f + erff(x * 0.7071067812f)); }
#endif
)cuda";

}   // namespace rmt
