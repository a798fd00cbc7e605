// The kernels of reading for NVRTC, behind row_numbers.h: what stands between an encoder's products where nothing is learnt. H columns of NARROW; sums are in float32, and what is
// written is rounded once. NORM, GELU and RUNS choose which there are.
#pragma once

namespace rmt {

constexpr const char* reading_kernels = R"cuda(
// A launch may be an early one, that begins while the kernel in front ends: nothing that it writes is looked at before this. Weights are written by none.
__device__ inline void wait_for_those_before() {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
    asm volatile("griddepcontrol.wait;" ::: "memory");
#endif
}

#ifdef NORM
// LayerNorm of a row that a warp holds, and its way out.
__device__ inline void normalize(float (&x)[CHUNKS][8], const float (&gamma)[CHUNKS][8], const float (&beta)[CHUNKS][8], int lane, float eps, NARROW* out) {
    float total = 0, squares = 0;
#pragma unroll
    for (int c = 0; c < CHUNKS; c++) {
        if (!OUTSIDE((c * 32 + lane) * 8)) {
            EIGHT total += x[c][i];
        }
    }
    const float middle = warp_sum(total) / H;
#pragma unroll
    for (int c = 0; c < CHUNKS; c++) {
        if (!OUTSIDE((c * 32 + lane) * 8)) {
            EIGHT squares += (x[c][i] - middle) * (x[c][i] - middle);
        }
    }
    const float scaled = rsqrtf(warp_sum(squares) / H + eps);
#pragma unroll
    for (int c = 0; c < CHUNKS; c++) {
        const int column = (c * 32 + lane) * 8;
        if (OUTSIDE(column)) continue;
        float y[8];
        EIGHT y[i] = (x[c][i] - middle) * scaled * gamma[c][i] + beta[c][i];
        put(out + column, y);
    }
}

// LayerNorm(product + bias + residual). Rows come in groups, of whose residuals the first so many of every `stride` are meant.
extern "C" __global__ void __launch_bounds__(128) add_norm(const NARROW* product, const NARROW* bias, const NARROW* residual, const NARROW* gamma, const NARROW* beta, NARROW* out,
    long long rows, int group, long long stride, float eps) {
    const int lane = threadIdx.x & 31;
    const long long row = (long long)blockIdx.x * 4 + (threadIdx.x >> 5);
    if (row >= rows) return;
    float x[CHUNKS][8], z[CHUNKS][8], g[CHUNKS][8], s[CHUNKS][8], b[8];
#pragma unroll
    for (int c = 0; c < CHUNKS; c++) {
        const int column = (c * 32 + lane) * 8;
        if (OUTSIDE(column)) continue;
        get(bias + column, x[c]), get(gamma + column, g[c]), get(beta + column, s[c]);
    }
    wait_for_those_before();
    const NARROW *from = product + row * H, *beside = residual + (row / group * stride + row % group) * H;
#pragma unroll
    for (int c = 0; c < CHUNKS; c++) {
        const int column = (c * 32 + lane) * 8;
        if (OUTSIDE(column)) continue;
        get(from + column, b), get(beside + column, z[c]);
        EIGHT x[c][i] += b[i];
    }
#pragma unroll
    for (int c = 0; c < CHUNKS; c++) {
        if (!OUTSIDE((c * 32 + lane) * 8)) {
            EIGHT x[c][i] += z[c][i];
        }
    }
    normalize(x, g, s, lane, eps, out + row * H);
}

// Row t of a window = LayerNorm(source + position t + type, where there is one): the source is memory from `first` on, m rows of it, else the word's row. Positions and type are added before the word, in float32.
// An id that is no row of words is no number: nothing is read behind the table.
extern "C" __global__ void __launch_bounds__(128) embed_norm(const long long* ids, const NARROW* words, long long vocabulary, const NARROW* positions, const NARROW* type, const NARROW* memory, int first, int m,
    int length, const NARROW* gamma, const NARROW* beta, NARROW* out, long long rows, float eps) {
    const int lane = threadIdx.x & 31;
    const long long row = (long long)blockIdx.x * 4 + (threadIdx.x >> 5);
    if (row >= rows) return;
    const int t = row % length, slot = t - first;
    float x[CHUNKS][8], z[CHUNKS][8], g[CHUNKS][8], s[CHUNKS][8];
#pragma unroll
    for (int c = 0; c < CHUNKS; c++) {
        const int column = (c * 32 + lane) * 8;
        if (OUTSIDE(column)) continue;
        get(positions + (long long)t * H + column, x[c]), get(gamma + column, g[c]), get(beta + column, s[c]);
        if (type) {
            float kind[8];
            get(type + column, kind);
            EIGHT x[c][i] += kind[i];
        }
    }
    wait_for_those_before();
    const bool remembered = slot >= 0 && slot < m, known = remembered || (ids[row] >= 0 && ids[row] < vocabulary);
    const NARROW* source = remembered ? memory + (row / length * m + slot) * H : words + (known ? ids[row] : 0) * H;
#pragma unroll
    for (int c = 0; c < CHUNKS; c++) {
        const int column = (c * 32 + lane) * 8;
        if (OUTSIDE(column)) continue;
        get(source + column, z[c]);
        EIGHT x[c][i] += known ? z[c][i] : 0 / 0.0f;
    }
    normalize(x, g, s, lane, eps, out + row * H);
}

#endif

#ifdef GELU
// x = gelu(x + bias) in place; groups of 8 numbers, 256 a block.
extern "C" __global__ void __launch_bounds__(256) bias_gelu(NARROW* x, const NARROW* bias, long long groups) {
    const long long group = (long long)blockIdx.x * 256 + threadIdx.x;
    if (group >= groups) return;
    float v[8], b[8];
    get(bias + (int)(group % (H / 8)) * 8, b);
    wait_for_those_before();
    get(x + group * 8, v);
    EIGHT v[i] = bent(v[i] + b[i]);
    put(x + group * 8, v);
}

#endif

#ifdef RUNS
// Rows that lie anywhere, one run of H a document: brought together, and put back from where runs begin every `stride` numbers.
extern "C" __global__ void __launch_bounds__(128) rows_at(const u64* addresses, NARROW* out, long long groups) {
    const long long group = (long long)blockIdx.x * 128 + threadIdx.x;
    if (group >= groups) return;
    wait_for_those_before();
    ((uint4*)out)[group] = ((const uint4*)addresses[group / (H / 8)])[group % (H / 8)];
}
extern "C" __global__ void __launch_bounds__(128) put_rows_at(const u64* addresses, const NARROW* rows, long long stride, long long groups) {
    const long long group = (long long)blockIdx.x * 128 + threadIdx.x;
    if (group >= groups) return;
    wait_for_those_before();
    ((uint4*)addresses[group / (H / 8)])[group % (H / 8)] = ((const uint4*)(rows + group / (H / 8) * stride))[group % (H / 8)];
}
#endif
)cuda";

}   // namespace rmt
