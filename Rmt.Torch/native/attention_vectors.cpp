// Attention in float32 with AVX-512, where libtorch multiplies matrices of a head's narrow width: six rows of queries against four vectors of keys at
// a time, a row's scores in the first-level cache between the two products.
#include "attention.h"
#include <cmath>

bool rmt::has_avx512() {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}

namespace {

// A head: where its tokens stand and how far apart, in numbers.
struct Head {
    const float *q, *k, *v;
    float* out;
    int64_t q_stride, k_stride, v_stride, out_stride, rows, keys, width;
    const float* hidden;
};

}   // namespace

#pragma GCC push_options
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"       // of the compiler's own headers (GCC bug 105593)
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,fma")
#include "attention_avx512.h"

namespace {

using namespace rmt::avx512;

constexpr int64_t block = 6, span = 64;         // rows of queries; keys

// scores[6][length] = queries · keys, which lie as [d][step] and are scaled.
void scores_of(const float* const* queries, const float* keys, int64_t step, int64_t width, int64_t length, float* scores) {
    for (int64_t at = 0; at < length; at += span) {
        __m512 sums[block][4];
        for (auto& row : sums)
            for (auto& sum : row) sum = _mm512_setzero_ps();
        for (int64_t d = 0; d < width; d++) {
            const float* from = keys + d * step + at;
            const __m512 key[4] = {_mm512_load_ps(from), _mm512_load_ps(from + 16), _mm512_load_ps(from + 32), _mm512_load_ps(from + 48)};
#pragma GCC unroll 6
            for (int64_t i = 0; i < block; i++) {
                const __m512 query = _mm512_set1_ps(queries[i][d]);
#pragma GCC unroll 4
                for (int j = 0; j < 4; j++) sums[i][j] = _mm512_fmadd_ps(query, key[j], sums[i][j]);
            }
        }
#pragma GCC unroll 6
        for (int64_t i = 0; i < block; i++)
#pragma GCC unroll 4
            for (int j = 0; j < 4; j++) _mm512_store_ps(scores + i * length + at + 16 * j, sums[i][j]);
    }
}

// A row of scores → of weights, not yet divided by their sum, which is returned.
float weigh(float* row, int64_t length, const float* hidden) {
    const __m512 top = _mm512_set1_ps(largest(row, length, hidden));
    __m512 total = _mm512_setzero_ps();
    for (int64_t i = 0; i < length; i += 16) {
        const __m512 weight = power_of_two<5>(_mm512_sub_ps(_mm512_load_ps(row + i), top));
        total = _mm512_add_ps(total, weight);
        _mm512_store_ps(row + i, weight);
    }
    return _mm512_reduce_add_ps(total);
}

// 16 × Vectors columns of out = weights · values / totals, for the first rows of six.
template <int Vectors>
void values_of(const float* weights, const float* totals, const float* values, int64_t width, int64_t length, float* out, int64_t out_stride, int64_t rows) {
    __m512 sums[block][Vectors];
    for (auto& row : sums)
        for (auto& sum : row) sum = _mm512_setzero_ps();
    for (int64_t at = 0; at < length; at++) {
        __m512 value[Vectors];
#pragma GCC unroll 4
        for (int j = 0; j < Vectors; j++) value[j] = _mm512_load_ps(values + at * width + 16 * j);
#pragma GCC unroll 6
        for (int64_t i = 0; i < block; i++) {
            const __m512 weight = _mm512_set1_ps(weights[i * length + at]);
#pragma GCC unroll 4
            for (int j = 0; j < Vectors; j++) sums[i][j] = _mm512_fmadd_ps(weight, value[j], sums[i][j]);
        }
    }
#pragma GCC unroll 6
    for (int64_t i = 0; i < block; i++)
        if (i < rows)
#pragma GCC unroll 4
            for (int j = 0; j < Vectors; j++) _mm512_storeu_ps(out + i * out_stride + 16 * j, _mm512_div_ps(sums[i][j], _mm512_set1_ps(totals[i])));
}

void attend(const Head& head) {
    static thread_local rmt::Room<float> key_room, value_room, score_room;
    const int64_t length = (head.keys + span - 1) / span * span, width = head.width, step = length + 16;    // a key's numbers not all in one place of the cache
    float *keys = key_room.of(width * step), *values = value_room.of(length * width), *scores = score_room.of(block * length);
    const float scale = 1.44269504f / std::sqrt(static_cast<float>(width));                     // to powers of two
    for (int64_t t = 0; t < length; t++)
        for (int64_t d = 0; d < width; d++) {
            keys[d * step + t] = t < head.keys ? head.k[t * head.k_stride + d] * scale : 0;     // [d, step]
            values[t * width + d] = t < head.keys ? head.v[t * head.v_stride + d] : 0;          // [length, d]
        }
    for (int64_t first = 0; first < head.rows; first += block) {
        const int64_t rows = head.rows - first < block ? head.rows - first : block;
        const float* queries[block];
        float totals[block];
        for (int64_t i = 0; i < block; i++) queries[i] = head.q + (first + (i < rows ? i : 0)) * head.q_stride;
        scores_of(queries, keys, step, width, length, scores);
        for (int64_t i = 0; i < block; i++) totals[i] = weigh(scores + i * length, length, head.hidden);
        float* out = head.out + first * head.out_stride;
        int64_t d = 0;
        for (; d + 64 <= width; d += 64) values_of<4>(scores, totals, values + d, width, length, out + d, head.out_stride, rows);
        for (; d + 32 <= width; d += 32) values_of<2>(scores, totals, values + d, width, length, out + d, head.out_stride, rows);
        for (; d < width; d += 16) values_of<1>(scores, totals, values + d, width, length, out + d, head.out_stride, rows);
    }
}

}   // namespace

#pragma GCC pop_options

at::Tensor rmt::attention_by_vectors(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value, const c10::optional<at::Tensor>& mask) {
    auto dense = [](const at::Tensor& t) { return t.stride(3) == 1 ? t : t.contiguous(); };
    const auto q = dense(query), k = dense(key), v = dense(value);
    const auto out = attended_like(q);
    const int64_t heads = q.size(1), keys = k.size(2), length = (keys + span - 1) / span * span;
    std::vector<std::vector<float>> hidden;
    for (int64_t b = 0; b < q.size(0); b++) hidden.push_back(hidden_keys(mask, b, keys, length));
    in_parallel(q.size(0) * heads, 1, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; i++) {
            const int64_t b = i / heads, h = i % heads;
            auto of_head = [&](const at::Tensor& t) { return t.data_ptr<float>() + b * t.stride(0) + h * t.stride(1); };
            const auto& row = hidden[static_cast<size_t>(b)];
            attend({of_head(q), of_head(k), of_head(v), of_head(out), q.stride(2), k.stride(2), v.stride(2), out.stride(2), q.size(2), keys, q.size(3), row.empty() ? nullptr : row.data()});
        }
    });
    return out;
}
