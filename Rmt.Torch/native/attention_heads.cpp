// libtorch 1.13 has no attention that is fused. On the CPU, where no gradient is wanted, a head at a time: its scores stay in the processor's cache
// between the two products, and three passes over them are the whole softmax.
#include "attention.h"
#include <torch/csrc/api/include/torch/version.h>

#if TORCH_VERSION_MAJOR < 2

#include <cmath>
#include <cstring>
#include <limits>

namespace {

// Eight numbers as one. (Sixteen are cut to pieces, slowly, by compilers for AVX2.)
typedef float Floats __attribute__((vector_size(32)));
typedef int32_t Ints __attribute__((vector_size(32)));
typedef uint32_t Bits __attribute__((vector_size(32)));
typedef uint16_t Halves __attribute__((vector_size(16)));
constexpr int64_t lanes = 8;

#define INLINE inline __attribute__((always_inline))
// One body for processors with AVX2, and for all.
#define PER_PROCESSOR __attribute__((target_clones("arch=x86-64-v3", "default")))

INLINE void load(Floats& v, const float* from) { std::memcpy(&v, from, sizeof v); }
INLINE void store(const Floats& v, float* to) { std::memcpy(to, &v, sizeof v); }

INLINE void load(Floats& v, const at::BFloat16* from) {
    Halves halves;
    std::memcpy(&halves, from, sizeof halves);
    Bits bits = __builtin_convertvector(halves, Bits) << 16;
    std::memcpy(&v, &bits, sizeof v);
}

// To the nearest, ties to even. Not for NaN.
INLINE void store(const Floats& v, at::BFloat16* to) {
    Bits bits;
    std::memcpy(&bits, &v, sizeof bits);
    bits += 0x7fff + ((bits >> 16) & 1);
    Halves halves = __builtin_convertvector(bits >> 16, Halves);
    std::memcpy(to, &halves, sizeof halves);
}

// e^x for x ≤ 0 to 2 units in the last place, 0 below -87: x = n ln 2 + r, e^r by a polynomial, 2^n by the exponent's bits.
INLINE void exp_of_negative(Floats& x) {
    const Floats low = x < -87.0f ? Floats{} + 1.0f : Floats{};
    Floats n = x * 1.44269504f + 12582912.0f;               // adding 1.5 × 2^23 rounds to a whole number
    n -= 12582912.0f;
    Floats r = x - n * 0.693359375f;                        // ln 2 in two parts
    r -= n * -2.12194440e-4f;
    Floats p = r * 1.9875691500e-4f + 1.3981999507e-3f;     // the coefficients are those of Cephes' expf
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * r * r + r + 1.0f;
    const Ints power = (__builtin_convertvector(n, Ints) + 127) << 23;
    Floats scale;
    std::memcpy(&scale, &power, sizeof scale);
    x = low != 0.0f ? Floats{} : p * scale;
}

INLINE float largest(const Floats& v) {
    float all[lanes], most = -std::numeric_limits<float>::infinity();
    std::memcpy(all, &v, sizeof all);
    for (float one : all) most = one > most ? one : most;
    return most;
}

INLINE float sum(const Floats& v) {
    float all[lanes], total = 0;
    std::memcpy(all, &v, sizeof all);
    for (float one : all) total += one;
    return total;
}

// One row in place; work holds it as floats, rounded up to whole vectors. hidden: 0, or -inf where a key is not looked at; null: nowhere.
template <class T> INLINE void softmax_of(T* row, int64_t length, float scale, const float* hidden, float* work) {
    const float nothing = -std::numeric_limits<float>::infinity();
    const int64_t whole = length / lanes * lanes;
    Floats most = Floats{} + nothing;
    for (int64_t i = 0; i < length; i += lanes) {
        Floats v;
        if (i < whole) {
            load(v, row + i);
        } else {
            float rest[lanes];
            for (int64_t j = 0; j < lanes; j++) rest[j] = i + j < length ? static_cast<float>(row[i + j]) : nothing;
            load(v, rest);
        }
        v *= scale;
        if (hidden) {
            Floats h;
            load(h, hidden + i);
            v += h;
        }
        store(v, work + i);
        most = v > most ? v : most;
    }
    const float top = largest(most);
    Floats total{};
    for (int64_t i = 0; i < length; i += lanes) {
        Floats v;
        load(v, work + i);
        v -= top;
        exp_of_negative(v);
        total += v;
        store(v, work + i);
    }
    const float factor = 1.0f / sum(total);
    for (int64_t i = 0; i < whole; i += lanes) {
        Floats v;
        load(v, work + i);
        v *= factor;
        store(v, row + i);
    }
    for (int64_t i = whole; i < length; i++) row[i] = static_cast<T>(work[i] * factor);
}

PER_PROCESSOR void softmax_row(float* row, int64_t length, float scale, const float* hidden, float* work) { softmax_of(row, length, scale, hidden, work); }

PER_PROCESSOR void softmax_row(at::BFloat16* row, int64_t length, float scale, const float* hidden, float* work) {
    softmax_of(row, length, scale, hidden, work);
}

int64_t rounded(int64_t length) { return (length + lanes - 1) / lanes * lanes; }

// softmax(scale × scores + hidden) of every row of [R, L], in place.
template <class T> void softmax(const at::Tensor& scores, float scale, const float* hidden) {
    const int64_t length = scores.size(1);
    T* first = scores.data_ptr<T>();
    rmt::in_parallel(scores.size(0), /*grain=*/32, [=](int64_t begin, int64_t end) {
        std::vector<float> work(static_cast<size_t>(rounded(length)));
        for (int64_t i = begin; i < end; i++) softmax_row(first + i * length, length, scale, hidden, work.data());
    });
}

}   // namespace

at::Tensor rmt::attention_by_heads(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const c10::optional<at::Tensor>& mask) {
    // A single row is multiplied as a vector, and this libtorch sums a vector's products in the type they have: on processors with AVX-512, 0.11 off where a matrix's are 0.04.
    if (q.size(2) == 1 && q.scalar_type() == at::kBFloat16)
        return attention_by_heads(q.to(at::kFloat), k.to(at::kFloat), v.to(at::kFloat), mask).to(at::kBFloat16);
    const int64_t batch = q.size(0), heads = q.size(1), rows = q.size(2), width = q.size(3), length = k.size(2);
    auto out = attended_like(q);                                                                // [B, heads, R, d]
    auto scores = at::empty({rows, length}, q.options());                                       // [R, L]
    const float scale = 1 / std::sqrt(static_cast<float>(width));
    for (int64_t b = 0; b < batch; b++) {
        const auto hidden = mask ? hidden_keys(mask, b, length, rounded(length)) : std::vector<float>();
        for (int64_t h = 0; h < heads; h++) {
            auto of_head = [&](const at::Tensor& t) { return t.select(0, b).select(0, h); };    // [R or L, d]
            at::mm_out(scores, of_head(q), of_head(k).t());
            if (scores.scalar_type() == at::kFloat) softmax<float>(scores, scale, mask ? hidden.data() : nullptr);
            else softmax<at::BFloat16>(scores, scale, mask ? hidden.data() : nullptr);
            auto y = of_head(out);
            at::mm_out(y, scores, of_head(v));
        }
    }
    return out;
}

#endif
