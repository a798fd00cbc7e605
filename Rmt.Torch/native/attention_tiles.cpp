// Attention in bfloat16 with AMX: tiles of sixteen queries against sixteen keys, products summed in float32; what is left is the exponential.
#include "attention.h"
#include <cmath>
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

// The kernel saves tiles for processes that asked for them (Linux 5.16 and later).
bool may_use_tiles() {
    constexpr long request_permission = 0x1023, tile_data = 18;
    unsigned a, b, c, d;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || !(d & 1u << 22) || !(d & 1u << 24)) return false;      // AMX-BF16, AMX-TILE
    if (!__get_cpuid_count(7, 1, &a, &b, &c, &d) || !(a & 1u << 5)) return false;                           // AVX512-BF16
    return syscall(SYS_arch_prctl, request_permission, tile_data) == 0;
}

// A head: where its tokens stand and how far apart, in numbers.
struct Head {
    const uint16_t *q, *k, *v;
    uint16_t* out;
    int64_t q_stride, k_stride, v_stride, out_stride, rows, keys, width;
    const float* hidden;
};

}   // namespace

bool rmt::has_amx() {
    static const bool has = has_avx512() && may_use_tiles();
    return has;
}

#pragma GCC push_options
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"       // of the compiler's own headers (GCC bug 105593)
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,fma,amx-tile,amx-bf16")
#include "attention_avx512.h"

namespace {

using namespace rmt::avx512;

constexpr int64_t side = 16, depth = 32, span = 64, tile = side * depth;       // rows of a tile; numbers a row; keys a turn; numbers a tile

// All eight tiles: sixteen rows of 64 bytes. Tile 0 is a left side, 1 a right side, 2 to 5 sums.
struct alignas(64) Tiles {
    uint8_t palette = 1, start = 0, reserved[14] = {};
    uint16_t columns[16] = {64, 64, 64, 64, 64, 64, 64, 64};
    uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};

// Keys as right sides: of each sixteen keys and 32 numbers a tile, whose row r has numbers 2r and 2r + 1 of every key.
void arrange_keys(const Head& head, int64_t length, uint16_t* to) {
    for (int64_t t = 0; t < length; t += side)
        for (int64_t d = 0; d < head.width; d += depth)
            for (int64_t r = 0; r < side; r++)
                for (int64_t i = 0; i < side; i++, to += 2) {
                    const uint16_t* from = head.k + (t + i) * head.k_stride + d + 2 * r;
                    to[0] = t + i < head.keys ? from[0] : 0;
                    to[1] = t + i < head.keys ? from[1] : 0;
                }
}

// Values as right sides: of each 32 keys and sixteen numbers a tile, whose row r has the numbers of keys 2r and 2r + 1 side by side.
void arrange_values(const Head& head, int64_t length, uint16_t* to) {
    for (int64_t t = 0; t < length; t += depth)
        for (int64_t d = 0; d < head.width; d += side)
            for (int64_t r = 0; r < side; r++, to += 2 * side) {
                __m512i both = _mm512_setzero_si512();
                for (int64_t odd = 0; odd < 2; odd++) {
                    if (t + 2 * r + odd >= head.keys) break;
                    const auto* from = reinterpret_cast<const __m256i*>(head.v + (t + 2 * r + odd) * head.v_stride + d);
                    const __m512i one = _mm512_cvtepu16_epi32(_mm256_loadu_si256(from));
                    both = _mm512_or_si512(both, odd ? _mm512_slli_epi32(one, 16) : one);
                }
                _mm512_store_si512(to, both);
            }
}

// scores[16][length] of sixteen queries, which lie step numbers apart.
void scores_of(const uint16_t* queries, int64_t step, const uint16_t* keys, int64_t width, int64_t length, float* scores, int64_t row) {
    for (int64_t at = 0; at < length; at += span) {
        _tile_zero(2);
        _tile_zero(3);
        _tile_zero(4);
        _tile_zero(5);
        const uint16_t* from = keys + at * width;
        for (int64_t d = 0; d < width; d += depth, from += tile) {
            _tile_loadd(0, queries + d, step * 2);
            _tile_loadd(1, from, 64);
            _tile_dpbf16ps(2, 0, 1);
            _tile_loadd(1, from + side * width, 64);
            _tile_dpbf16ps(3, 0, 1);
            _tile_loadd(1, from + 2 * side * width, 64);
            _tile_dpbf16ps(4, 0, 1);
            _tile_loadd(1, from + 3 * side * width, 64);
            _tile_dpbf16ps(5, 0, 1);
        }
        _tile_stored(2, scores + at, row * 4);
        _tile_stored(3, scores + at + side, row * 4);
        _tile_stored(4, scores + at + 2 * side, row * 4);
        _tile_stored(5, scores + at + 3 * side, row * 4);
    }
}

// A row of scores → of weights in bfloat16, not yet divided by their sum, which is returned. scale: to powers of two.
float weigh(float* scores, int64_t length, float scale, const float* hidden, uint16_t* weights) {
    const __m512 factor = _mm512_set1_ps(scale), top = _mm512_set1_ps(largest(scores, length, hidden) * scale);
    __m512 total = _mm512_setzero_ps();
    for (int64_t i = 0; i < length; i += 32) {
        const __m512 low = power_of_two<3>(_mm512_fmsub_ps(_mm512_load_ps(scores + i), factor, top));
        const __m512 high = power_of_two<3>(_mm512_fmsub_ps(_mm512_load_ps(scores + i + 16), factor, top));
        total = _mm512_add_ps(total, _mm512_add_ps(low, high));
        const __m512bh both = _mm512_cvtne2ps_pbh(high, low);
        _mm512_store_si512(weights + i, reinterpret_cast<const __m512i&>(both));
    }
    return _mm512_reduce_add_ps(total);
}

// out = weights · values / totals, for the first rows of sixteen.
void values_of(const uint16_t* weights, int64_t row, const float* totals, const uint16_t* values, int64_t width, int64_t length, uint16_t* out, int64_t out_stride, int64_t rows) {
    alignas(64) float sums[side * depth];
    for (int64_t d = 0; d < width; d += depth) {
        _tile_zero(2);
        _tile_zero(3);
        for (int64_t at = 0; at < length; at += depth) {
            const uint16_t* from = values + at * width + d * depth;
            _tile_loadd(0, weights + at, row * 2);
            _tile_loadd(1, from, 64);
            _tile_dpbf16ps(2, 0, 1);
            _tile_loadd(1, from + tile, 64);
            _tile_dpbf16ps(3, 0, 1);
        }
        _tile_stored(2, sums, depth * 4);
        _tile_stored(3, sums + side, depth * 4);
        for (int64_t i = 0; i < rows; i++) {
            const __m512 share = _mm512_set1_ps(1.0f / totals[i]);
            const __m512 low = _mm512_mul_ps(_mm512_load_ps(sums + i * depth), share), high = _mm512_mul_ps(_mm512_load_ps(sums + i * depth + side), share);
            const __m512bh both = _mm512_cvtne2ps_pbh(high, low);
            _mm512_storeu_si512(out + i * out_stride + d, reinterpret_cast<const __m512i&>(both));
        }
    }
}

void attend(const Head& head) {
    static thread_local rmt::Room<uint16_t> key_room, value_room, weight_room, query_room;
    static thread_local rmt::Room<float> score_room;
    const int64_t length = (head.keys + span - 1) / span * span, width = head.width;
    const int64_t score_row = length + 16, weight_row = length + 32;            // no two rows of a tile in the same place of the cache
    uint16_t *keys = key_room.of(length * width), *values = value_room.of(length * width), *weights = weight_room.of(side * weight_row);
    float* scores = score_room.of(side * score_row);
    const float scale = 1.44269504f / std::sqrt(static_cast<float>(width));
    arrange_keys(head, length, keys);
    arrange_values(head, length, values);
    for (int64_t first = 0; first < head.rows; first += side) {
        const int64_t rows = head.rows - first < side ? head.rows - first : side;
        const uint16_t* queries = head.q + first * head.q_stride;
        int64_t step = head.q_stride;
        if (rows < side) {                                                      // a tile reads sixteen
            uint16_t* whole = query_room.of(side * width);
            for (int64_t i = 0; i < side * width; i++) whole[i] = i / width < rows ? queries[i / width * step + i % width] : 0;
            queries = whole;
            step = width;
        }
        scores_of(queries, step, keys, width, length, scores, score_row);
        float totals[side];
        for (int64_t i = 0; i < side; i++) totals[i] = weigh(scores + i * score_row, length, scale, head.hidden, weights + i * weight_row);
        values_of(weights, weight_row, totals, values, width, length, head.out + first * head.out_stride, head.out_stride, rows);
    }
}

void attend_all(const Head* heads, int64_t count) {
    const Tiles tiles;
    _tile_loadconfig(&tiles);
    for (int64_t i = 0; i < count; i++) attend(heads[i]);
    _tile_release();                                                            // libtorch's products set their own
}

}   // namespace

#pragma GCC pop_options

at::Tensor rmt::attention_by_tiles(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value, const c10::optional<at::Tensor>& mask) {
    auto dense = [](const at::Tensor& t) { return t.stride(3) == 1 ? t : t.contiguous(); };
    const auto q = dense(query), k = dense(key), v = dense(value);
    const auto out = attended_like(q);
    const int64_t heads = q.size(1), keys = k.size(2), length = (keys + span - 1) / span * span;
    std::vector<std::vector<float>> hidden;
    std::vector<Head> all;
    for (int64_t b = 0; b < q.size(0); b++) hidden.push_back(hidden_keys(mask, b, keys, length));
    for (int64_t b = 0; b < q.size(0); b++)
        for (int64_t h = 0; h < heads; h++) {
            auto of_head = [&](const at::Tensor& t) { return reinterpret_cast<uint16_t*>(t.data_ptr<at::BFloat16>()) + b * t.stride(0) + h * t.stride(1); };
            const auto& row = hidden[static_cast<size_t>(b)];
            all.push_back({of_head(q), of_head(k), of_head(v), of_head(out), q.stride(2), k.stride(2), v.stride(2), out.stride(2), q.size(2), keys, q.size(3), row.empty() ? nullptr : row.data()});
        }
    in_parallel(static_cast<int64_t>(all.size()), 1, [&](int64_t begin, int64_t end) { attend_all(all.data() + begin, end - begin); });
    return out;
}
