// Scaled dot-product attention: libtorch's own since 2.0. libtorch 1.13 has none that is fused; there, on the CPU and where no gradient is wanted,
// a head at a time: its scores stay in the processor's cache between the two products, and three passes over them are the whole softmax.
#include "rmt_guard.h"
#include <torch/csrc/api/include/torch/version.h>

using namespace rmt;

#if TORCH_VERSION_MAJOR >= 2

rmt_tensor rmt_attention(rmt_tensor q, rmt_tensor k, rmt_tensor v, rmt_tensor mask, double p, int causal) {
    return tensor([&] { return at::scaled_dot_product_attention(T(q), T(k), T(v), maybe(mask), p, causal != 0); });
}

#else

#include <ATen/TensorIterator.h>
#include <c10/core/GradMode.h>
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

// softmax(scale × scores + hidden) of every row of [.., R, L], in place, with as many threads as libtorch would take.
template <class T> void softmax(const at::Tensor& scores, float scale, const float* hidden) {
    const int64_t length = scores.size(-1), work_size = rounded(length);
    auto first_of_row = scores.view({-1, length}).select(1, 0);
    auto rows = at::TensorIterator::nullary_op(first_of_row);
    rows.for_each([=](char** data, const int64_t* strides, int64_t columns, int64_t count) {
        std::vector<float> work(static_cast<size_t>(work_size));
        // One dimension was given; it may come back as either of the two.
        for (int64_t i = 0; i < count; i++)
            for (int64_t j = 0; j < columns; j++)
                softmax_row(reinterpret_cast<T*>(data[0] + i * strides[1] + j * strides[0]), length, scale, hidden, work.data());
    }, /*grain_size=*/32);
}

// Whether the head-by-head form can do it: mask [B, 1, 1, L] of booleans or none.
bool is_plain(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const c10::optional<at::Tensor>& mask, double p, bool causal) {
    if (p != 0 || causal || !q.is_cpu() || q.dim() != 4 || k.dim() != 4 || v.dim() != 4) return false;
    if (c10::GradMode::is_enabled() && (q.requires_grad() || k.requires_grad() || v.requires_grad())) return false;
    if (q.scalar_type() != at::kFloat && q.scalar_type() != at::kBFloat16) return false;
    if (k.scalar_type() != q.scalar_type() || v.scalar_type() != q.scalar_type()) return false;
    if (q.size(0) != k.size(0) || q.size(1) != k.size(1) || q.size(3) != k.size(3) || k.sizes() != v.sizes()) return false;
    if (q.numel() == 0 || k.numel() == 0) return false;
    return !mask || (mask->scalar_type() == at::kBool && mask->dim() == 4 && mask->size(0) == q.size(0) && mask->size(1) == 1 &&
                     mask->size(2) == 1 && mask->size(3) == k.size(2));
}

at::Tensor by_heads(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const c10::optional<at::Tensor>& mask) {
    const int64_t batch = q.size(0), heads = q.size(1), rows = q.size(2), width = q.size(3), length = k.size(2);
    auto out = at::empty({batch, rows, heads, width}, q.options()).transpose(1, 2);             // [B, heads, R, d], a token's heads side by side
    auto scores = at::empty({rows, length}, q.options());                                       // [R, L]
    const float scale = 1 / std::sqrt(static_cast<float>(width));
    std::vector<float> hidden;
    for (int64_t b = 0; b < batch; b++) {
        if (mask) {
            auto looked_at = mask->select(0, b).reshape({length}).contiguous();
            hidden.assign(static_cast<size_t>(rounded(length)), 0);
            for (int64_t i = 0; i < length; i++)
                if (!looked_at.data_ptr<bool>()[i]) hidden[static_cast<size_t>(i)] = -std::numeric_limits<float>::infinity();
        }
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

}   // namespace

rmt_tensor rmt_attention(rmt_tensor q, rmt_tensor k, rmt_tensor v, rmt_tensor mask, double p, int causal) {
    return tensor([&] {
        if (is_plain(T(q), T(k), T(v), maybe(mask), p, causal != 0)) return by_heads(T(q), T(k), T(v), maybe(mask));
        return std::get<0>(at::_scaled_dot_product_attention(T(q), T(k), T(v), maybe(mask), p, false, causal != 0));   // the weights come too
    });
}

#endif
