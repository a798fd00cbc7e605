// CUDA source of the kernels around an encoder's products. Options: -DWIDTH=H, a multiple of 8, and -DBF16, or fp16.
//
// One warp a row of H values, four rows a block, 16 bytes a load, sums in float32.
#pragma once

namespace rmt {

static const char* const encoder_source = R"CUDA(
typedef unsigned short Half;

// Nothing is read before what the kernels in front have written is there: the launch may be an early one.
__device__ __forceinline__ void wait_for_those_before() {
#if __CUDA_ARCH__ >= 900
    asm volatile("griddepcontrol.wait;" ::: "memory");
#endif
}

__device__ __forceinline__ float wide(Half value) {
#ifdef BF16
    return __uint_as_float((unsigned)value << 16);
#else
    float result;
    asm("cvt.f32.f16 %0, %1;" : "=f"(result) : "h"(value));
    return result;
#endif
}

__device__ __forceinline__ unsigned narrow(float low, float high) {
#ifdef BF16
    unsigned both;
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(both) : "f"(high), "f"(low));
    return both;
#else
    Half first, second;
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(first) : "f"(low));
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(second) : "f"(high));
    return (unsigned)second << 16 | first;
#endif
}

struct Eight { float x[8]; };

__device__ __forceinline__ Eight widened(uint4 packed) {
    const unsigned pairs[4] = {packed.x, packed.y, packed.z, packed.w};
    Eight all;
    for (int i = 0; i < 4; i++) {
        all.x[2 * i] = wide((Half)(pairs[i] & 0xffffu));
        all.x[2 * i + 1] = wide((Half)(pairs[i] >> 16));
    }
    return all;
}

__device__ __forceinline__ Eight eight(const Half* row, int vector) { return widened(((const uint4*)row)[vector]); }

__device__ __forceinline__ void put(Half* row, int vector, const Eight& all) {
    ((uint4*)row)[vector] = make_uint4(narrow(all.x[0], all.x[1]), narrow(all.x[2], all.x[3]), narrow(all.x[4], all.x[5]), narrow(all.x[6], all.x[7]));
}

__device__ __forceinline__ float sum_of_warp(float value) {
    for (int apart = 16; apart > 0; apart /= 2) value += __shfl_xor_sync(0xffffffffu, value, apart);
    return value;
}

#ifdef WIDTH
#define VECTORS (WIDTH / 8)                 // of a row
#define EACH ((VECTORS + 31) / 32)          // of a lane

// LayerNorm of a row: lane l holds vectors l, l + 32, …; those beyond the row's end are not looked at.
__device__ __forceinline__ void normalize(Eight (&row)[EACH], int lane, const Half* weight, const Half* bias, float eps) {
    float sum = 0;
#pragma unroll
    for (int i = 0; i < EACH; i++)
        if (lane + 32 * i < VECTORS)
            for (int j = 0; j < 8; j++) sum += row[i].x[j];
    const float mean = sum_of_warp(sum) / WIDTH;
    float squares = 0;
#pragma unroll
    for (int i = 0; i < EACH; i++)
        if (lane + 32 * i < VECTORS)
            for (int j = 0; j < 8; j++) squares += (row[i].x[j] - mean) * (row[i].x[j] - mean);
    const float scale = rsqrtf(sum_of_warp(squares) / WIDTH + eps);
#pragma unroll
    for (int i = 0; i < EACH; i++)
        if (lane + 32 * i < VECTORS) {
            const Eight w = eight(weight, lane + 32 * i), b = eight(bias, lane + 32 * i);
            for (int j = 0; j < 8; j++) row[i].x[j] = (row[i].x[j] - mean) * scale * w.x[j] + b.x[j];
        }
}

// What a step is given: addresses of A memories to read, of A to write, A lengths, A × L ids. Steps take turns in `entries` places, a power of two.
struct Entry {
    const Half* const* read;
    Half* const* written;
    const int* lengths;
    const int* ids;
};
__device__ __forceinline__ Entry entry_of(const char* ring, const int* step, int entries, long long bytes, int windows) {
    const char* begin = ring + (long long)(*step & (entries - 1)) * bytes;
    Entry entry;
    entry.read = (const Half* const*)begin;
    entry.written = (Half* const*)begin + windows;
    entry.lengths = (const int*)((Half* const*)begin + 2 * windows);
    entry.ids = entry.lengths + windows;
    return entry;
}

// Row (b, t) = LayerNorm(source + position t): the source is memory where 1 <= t <= m, else the word's row. Beside it the key mask, and where memory will be written.
extern "C" __global__ void __launch_bounds__(128) embed(const char* ring, const int* step, int entries, long long bytes, int windows, int length, int memory,
        const Half* words, const float* positions, const Half* weight, const Half* bias, float eps, const Half* projected, Half* out, Half* mask, Half** written) {
    wait_for_those_before();
    const int row = blockIdx.x * 4 + threadIdx.x / 32, lane = threadIdx.x % 32;
    if (row >= windows * length) return;
    const int b = row / length, t = row % length;
    const Entry entry = entry_of(ring, step, entries, bytes, windows);
    const Half* source = words + (long long)entry.ids[row] * WIDTH;
    if (t >= 1 && t <= memory) source = projected ? projected + ((long long)b * memory + t - 1) * WIDTH : entry.read[b] + (long long)(t - 1) * WIDTH;
    const float* position = positions + (long long)t * WIDTH;
    Eight sum[EACH];
#pragma unroll
    for (int i = 0; i < EACH; i++)
        if (lane + 32 * i < VECTORS) {
            sum[i] = eight(source, lane + 32 * i);
            const float4 first = ((const float4*)position)[2 * (lane + 32 * i)], second = ((const float4*)position)[2 * (lane + 32 * i) + 1];
            const float added[8] = {first.x, first.y, first.z, first.w, second.x, second.y, second.z, second.w};
            for (int j = 0; j < 8; j++) sum[i].x[j] += added[j];
        }
    normalize(sum, lane, weight, bias, eps);
#pragma unroll
    for (int i = 0; i < EACH; i++)
        if (lane + 32 * i < VECTORS) put(out + (long long)row * WIDTH, lane + 32 * i, sum[i]);
    if (lane != 0) return;
#ifdef BF16
    if (mask) mask[row] = t < entry.lengths[b] ? 0 : 0xff80;
#else
    if (mask) mask[row] = t < entry.lengths[b] ? 0 : 0xfc00;
#endif
    if (t == 0) written[b] = entry.written[b];
}

// The memories that a step reads, one after another: [A x m, H].
extern "C" __global__ void __launch_bounds__(128) gather(const char* ring, const int* step, int entries, long long bytes, int windows, int memory, Half* out) {
    wait_for_those_before();
    const int row = blockIdx.x * 4 + threadIdx.x / 32, lane = threadIdx.x % 32;
    if (row >= windows * memory) return;
    const Half* source = entry_of(ring, step, entries, bytes, windows).read[row / memory] + (long long)(row % memory) * WIDTH;
    for (int i = lane; i < VECTORS; i += 32) ((uint4*)(out + (long long)row * WIDTH))[i] = ((const uint4*)source)[i];
}

// Row r = LayerNorm(product r + bias + residual), of which every `stride` rows the first `group` take part. The last one of a step writes
// memory too, its rows 1 to m of a group, and counts the step.
extern "C" __global__ void __launch_bounds__(128) add_norm(const Half* product, const Half* bias, const Half* residual, const Half* weight, const Half* shift, float eps,
        Half* out, int rows, int group, int stride, Half* const* written, int memory, int* step) {
    wait_for_those_before();
    const int row = blockIdx.x * 4 + threadIdx.x / 32, lane = threadIdx.x % 32;
    if (row >= rows) return;
    const int b = row / group, t = row % group;
    const Half* from = product + (long long)row * WIDTH;
    const Half* beside = residual + ((long long)b * stride + t) * WIDTH;
    Eight sum[EACH];
#pragma unroll
    for (int i = 0; i < EACH; i++)
        if (lane + 32 * i < VECTORS) {
            sum[i] = eight(from, lane + 32 * i);
            const Eight c = eight(bias, lane + 32 * i), d = eight(beside, lane + 32 * i);
            for (int j = 0; j < 8; j++) sum[i].x[j] += c.x[j] + d.x[j];
        }
    normalize(sum, lane, weight, shift, eps);
    Half* memory_row = written && t >= 1 && t <= memory ? written[b] + (long long)(t - 1) * WIDTH : nullptr;
#pragma unroll
    for (int i = 0; i < EACH; i++)
        if (lane + 32 * i < VECTORS) {
            put(out + (long long)row * WIDTH, lane + 32 * i, sum[i]);
            if (memory_row) put(memory_row, lane + 32 * i, sum[i]);
        }
    if (step && row == 0 && lane == 0) *step += 1;
}
#endif

// x = gelu(x + bias) in place, the erf form; `columns` vectors a row.
extern "C" __global__ void __launch_bounds__(256) bias_gelu(Half* x, const Half* bias, unsigned vectors, unsigned columns) {
    wait_for_those_before();
    const unsigned at = blockIdx.x * 256u + threadIdx.x;
    if (at >= vectors) return;
    Eight all = widened(((const uint4*)x)[at]);
    const Eight added = eight(bias, (int)(at % columns));
    for (int j = 0; j < 8; j++) {
        const float sum = all.x[j] + added.x[j];
        all.x[j] = 0.5f * sum * (1.0f + erff(sum * 0.70710678118654752f));
    }
    put(x, (int)at, all);
}
)CUDA";

}   // namespace rmt
