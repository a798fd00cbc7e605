// The kernels of training for NVRTC, behind row_numbers.h: H columns, NARROW (what products are computed in) and WIDE (what residuals and sums are kept in) are macros.
// NORM and GELU choose which there are. Sums are in float32. Nothing depends on which block runs when.
#pragma once

namespace rmt {

constexpr const char* training_kernels = R"cuda(
// Blocks that norm_backward wants on a multiprocessor: fewer registers than that leaves would lie in memory.
#define BLOCKS (H <= 768 ? 3 : 1)
// Salmon et al. 2011, Philox 4x32-10 (philox.h says it again for the host): sixteen bits for each of eight neighbours. What each is multiplied by.
__device__ inline void dropped(u64 group, u64 seed, u32 threshold, float scale, float* factors) {
    u32 a = (u32)group, b = (u32)(group >> 32), c = 0, d = 0, k = (u32)seed, l = (u32)(seed >> 32);
    for (int i = 0; i < 10; i++, k += 0x9E3779B9u, l += 0xBB67AE85u) {
        const u32 high = __umulhi(0xD2511F53u, a), low = 0xD2511F53u * a, higher = __umulhi(0xCD9E8D57u, c), lower = 0xCD9E8D57u * c;
        a = higher ^ b ^ k, b = lower, c = high ^ d ^ l, d = low;
    }
    const u32 words[4] = {a, b, c, d};
    EIGHT factors[i] = ((words[i >> 1] >> (16 * (i & 1))) & 0xffff) >= threshold ? scale : 0.0f;
}

#ifdef NORM
// LayerNorm(dropout(product + bias) + residual). narrow: absent where both types are one; sum, mean and rstd: absent where no gradient will be asked for.
extern "C" __global__ void __launch_bounds__(128) norm_forward(const NARROW* product, const float* bias, const WIDE* residual, const float* gamma, const float* beta,
    WIDE* wide, NARROW* narrow, NARROW* sum, float* mean, float* rstd, long long rows, float eps, u32 threshold, float scale, u64 seed) {
    const int lane = threadIdx.x & 31;
    const long long row = (long long)blockIdx.x * 4 + (threadIdx.x >> 5);
    if (row >= rows) return;
    float x[CHUNKS][8], z[CHUNKS][8], total = 0, squares = 0;
    // All of a row is on its way before anything of it is waited for.
#pragma unroll
    for (int c = 0; c < CHUNKS; c++) {
        const int column = (c * 32 + lane) * 8;
        if (OUTSIDE(column)) continue;
        get(product + row * H + column, x[c]), get(residual + row * H + column, z[c]);
    }
#pragma unroll
    for (int c = 0; c < CHUNKS; c++) {
        const int column = (c * 32 + lane) * 8;
        if (OUTSIDE(column)) continue;
        float b[8], factors[8];
        get(bias + column, b);
        if (threshold) dropped((u64)(row * H + column) / 8, seed, threshold, scale, factors);
        EIGHT z[c][i] += threshold ? (x[c][i] + b[i]) * factors[i] : x[c][i] + b[i], total += z[c][i];
    }
    const float middle = warp_sum(total) / H;
#pragma unroll
    for (int c = 0; c < CHUNKS; c++) {
        if (!OUTSIDE((c * 32 + lane) * 8)) {
            EIGHT squares += (z[c][i] - middle) * (z[c][i] - middle);
        }
    }
    const float scaled = rsqrtf(warp_sum(squares) / H + eps);
#pragma unroll
    for (int c = 0; c < CHUNKS; c++) {
        const int column = (c * 32 + lane) * 8;
        if (OUTSIDE(column)) continue;
        const long long at = row * H + column;
        float g[8], b[8], y[8];
        get(gamma + column, g), get(beta + column, b);
        EIGHT y[i] = (z[c][i] - middle) * scaled * g[i] + b[i];
        put(wide + at, y);
        if (narrow) put(narrow + at, y);
        if (sum) put(sum + at, z[c]);
    }
    if (sum && lane == 0) mean[row] = middle, rstd[row] = scaled;
}

// A row's gradient, of both results or of one, and its normalized numbers.
template <bool FROM_WIDE, bool FROM_NARROW> __device__ inline void gradient_of(const WIDE* d_wide, const NARROW* d_narrow, const NARROW* sum, int lane, float (&d)[CHUNKS][8], float (&x)[CHUNKS][8]) {
    float other[CHUNKS][8];
#pragma unroll
    for (int c = 0; c < CHUNKS; c++) {
        const int column = (c * 32 + lane) * 8;
        if (OUTSIDE(column)) continue;
        get(sum + column, x[c]);
        if (FROM_WIDE) get(d_wide + column, d[c]);
        if (FROM_NARROW) get(d_narrow + column, other[c]);
    }
#pragma unroll
    for (int c = 0; c < CHUNKS; c++) {
        if (OUTSIDE((c * 32 + lane) * 8)) continue;
        EIGHT d[c][i] = (FROM_WIDE ? d[c][i] : 0.0f) + (FROM_NARROW ? other[c][i] : 0.0f);
    }
}

// Gradients of the above from those of either result (one may be absent). partial: [blocks, 3, H], sums over a block's rows for gamma, beta and bias.
extern "C" __global__ void __launch_bounds__(128, BLOCKS) norm_backward(const WIDE* d_wide, const NARROW* d_narrow, const NARROW* sum, const float* mean, const float* rstd, const float* gamma,
    WIDE* d_residual, NARROW* d_product, float* partial, long long rows, u32 threshold, float scale, u64 seed) {
    __shared__ float columns[3 * H];
    const int lane = threadIdx.x & 31, warp = threadIdx.x >> 5;
    float sums[3][CHUNKS][8] = {};
    for (long long row = (long long)blockIdx.x * 4 + warp; row < rows; row += (long long)gridDim.x * 4) {
        float d[CHUNKS][8], x[CHUNKS][8], first = 0, second = 0;
        const float middle = mean[row], scaled = rstd[row];
        const long long begin = row * H;
        if (d_wide && d_narrow) gradient_of<true, true>(d_wide + begin, d_narrow + begin, sum + begin, lane, d, x);
        else if (d_wide) gradient_of<true, false>(d_wide + begin, 0, sum + begin, lane, d, x);
        else gradient_of<false, true>(0, d_narrow + begin, sum + begin, lane, d, x);
#pragma unroll
        for (int c = 0; c < CHUNKS; c++) {
            const int column = (c * 32 + lane) * 8;
            if (OUTSIDE(column)) continue;
            float g[8];
            get(gamma + column, g);
            EIGHT {
                x[c][i] = (x[c][i] - middle) * scaled;
                sums[0][c][i] += d[c][i] * x[c][i], sums[1][c][i] += d[c][i];
                d[c][i] *= g[i];
                first += d[c][i], second += d[c][i] * x[c][i];
            }
        }
        first = warp_sum(first) / H, second = warp_sum(second) / H;
#pragma unroll
        for (int c = 0; c < CHUNKS; c++) {
            const int column = (c * 32 + lane) * 8;
            if (OUTSIDE(column)) continue;
            float factors[8];
            if (threshold) dropped((u64)(begin + column) / 8, seed, threshold, scale, factors);
            EIGHT d[c][i] = scaled * (d[c][i] - first - x[c][i] * second);
            put(d_residual + begin + column, d[c]);
            if (threshold) {
                EIGHT d[c][i] *= factors[i];
            }
            EIGHT sums[2][c][i] += d[c][i];
            put(d_product + begin + column, d[c]);
        }
    }
    for (int turn = 0; turn < 4; turn++) {      // one warp after another, so that sums are the same every time
        if (warp == turn) {
#pragma unroll
            for (int c = 0; c < CHUNKS; c++) {
                const int column = (c * 32 + lane) * 8;
                if (OUTSIDE(column)) continue;
#pragma unroll
                for (int k = 0; k < 3; k++) {
                    EIGHT columns[k * H + column + i] = sums[k][c][i] + (turn ? columns[k * H + column + i] : 0.0f);
                }
            }
        }
        __syncthreads();
    }
    for (int i = threadIdx.x; i < 3 * H; i += 128) partial[(long long)blockIdx.x * 3 * H + i] = columns[i];
}


// Up to three [rows, H] side by side in one [rows, count H], and the sums of its columns. Blocks as in gelu_backward; partial: [parts, count H].
extern "C" __global__ void __launch_bounds__(256) side_by_side(const NARROW* a, const NARROW* b, const NARROW* c, NARROW* __restrict__ to, float* __restrict__ partial, long long rows, int count) {
    __shared__ float sums[8][256];
    const int tiles = CHUNKS * count, tile = blockIdx.x % tiles, part = blockIdx.x / tiles, parts = gridDim.x / tiles, which = tile / CHUNKS;
    const int lane = threadIdx.x & 31, line = threadIdx.x >> 5, first = tile % CHUNKS * 256, column = first + lane * 8;
    const NARROW* from = which == 0 ? a : which == 1 ? b : c;
    float total[8] = {};
    if (column < H) {
#pragma unroll 2
        for (long long row = (long long)part * 8 + line; row < rows; row += (long long)parts * 8) {
            float v[8];
            get(from + row * H + column, v);
            EIGHT total[i] += v[i];
            put(to + row * count * H + which * H + column, v);
        }
    }
    EIGHT sums[line][lane * 8 + i] = total[i];
    __syncthreads();
    float all = 0;
    for (int i = 0; i < 8; i++) all += sums[i][threadIdx.x];
    if (first + threadIdx.x < H) partial[(long long)part * count * H + which * H + first + threadIdx.x] = all;
}
#endif

#ifdef GELU
#ifdef TANH
__device__ inline float slope(float x) {
    const float t = tanhf(0.7978845608f * (x + 0.044715f * x * x * x));
    return 0.5f * (1.0f + t) + 0.5f * x * (1.0f - t * t) * 0.7978845608f * (1.0f + 0.134145f * x * x);
}
#else
__device__ inline float slope(float x) { return 0.5f * (1.0f + erff(x * 0.7071067812f)) + x * 0.3989422804f * __expf(-0.5f * x * x); }
#endif

// gelu(x + bias); groups of 8 numbers, 256 a block.
extern "C" __global__ void __launch_bounds__(256) gelu_forward(const NARROW* x, const float* bias, NARROW* y, long long groups) {
    const long long group = (long long)blockIdx.x * 256 + threadIdx.x;
    if (group >= groups) return;
    float v[8], b[8];
    get(x + group * 8, v), get(bias + (int)(group % (H / 8)) * 8, b);
    EIGHT v[i] = bent(v[i] + b[i]);
    put(y + group * 8, v);
}

// Its gradient. A block has 256 columns of the rows part, part + parts, …, eight at a time; partial: [parts, H].
extern "C" __global__ void __launch_bounds__(256) gelu_backward(const NARROW* __restrict__ d, const NARROW* __restrict__ x, const float* __restrict__ bias,
    NARROW* __restrict__ d_x, float* __restrict__ partial, long long rows) {
    __shared__ float sums[8][256];
    const int tile = blockIdx.x % CHUNKS, part = blockIdx.x / CHUNKS, parts = gridDim.x / CHUNKS;
    const int lane = threadIdx.x & 31, line = threadIdx.x >> 5, column = tile * 256 + lane * 8;
    float total[8] = {}, b[8];
    if (column < H) {
        get(bias + column, b);
#pragma unroll 2
        for (long long row = (long long)part * 8 + line; row < rows; row += (long long)parts * 8) {
            float v[8], g[8];
            get(x + row * H + column, v), get(d + row * H + column, g);
            EIGHT g[i] *= slope(v[i] + b[i]), total[i] += g[i];
            put(d_x + row * H + column, g);
        }
    }
    EIGHT sums[line][lane * 8 + i] = total[i];
    __syncthreads();
    float all = 0;
    for (int i = 0; i < 8; i++) all += sums[i][threadIdx.x];
    if (tile * 256 + threadIdx.x < H) partial[(long long)part * H + tile * 256 + threadIdx.x] = all;
}

#endif

// [parts, columns] → [columns], 32 columns a block.
extern "C" __global__ void __launch_bounds__(256) column_sums(const float* partial, float* out, int parts, int columns) {
    __shared__ float sums[8][32];
    const int lane = threadIdx.x & 31, line = threadIdx.x >> 5, column = blockIdx.x * 32 + lane;
    float total = 0;
    if (column < columns)
        for (int part = line; part < parts; part += 8) total += partial[(long long)part * columns + column];
    sums[line][lane] = total;
    __syncthreads();
    if (line > 0 || column >= columns) return;
    for (int i = 1; i < 8; i++) total += sums[i][lane];
    out[column] = total;
}
)cuda";

}   // namespace rmt
