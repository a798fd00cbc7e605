// Scaled dot-product attention: libtorch's own, but on the CPU where no gradient is wanted and one of ours is faster.
#include "attention.h"
#include <ATen/TensorIterator.h>
#include <c10/core/GradMode.h>
#include <limits>
#include <torch/csrc/api/include/torch/version.h>

using namespace rmt;

namespace {

// Whether ours can do it: mask [B, 1, 1, L] of booleans or none.
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

at::Tensor of_libtorch(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const c10::optional<at::Tensor>& mask, double p, bool causal) {
#if TORCH_VERSION_MAJOR >= 2
    return at::scaled_dot_product_attention(q, k, v, mask, p, causal);
#else
    return std::get<0>(at::_scaled_dot_product_attention(q, k, v, mask, p, false, causal));     // the weights come too
#endif
}

at::Tensor attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const c10::optional<at::Tensor>& mask, double p, bool causal) {
    if (k.device() != q.device() || v.device() != q.device() || (mask && mask->device() != q.device()))
        throw std::invalid_argument("attention: queries, keys, values and the mask are on one device");
    if (!is_plain(q, k, v, mask, p, causal)) return of_libtorch(q, k, v, mask, p, causal);
    const bool wide = q.scalar_type() == at::kFloat;
    if (wide && q.size(3) % 16 == 0 && has_avx512()) return attention_by_vectors(q, k, v, mask);
    if (!wide && q.size(3) % 32 == 0 && has_amx()) return attention_by_tiles(q, k, v, mask);
#if TORCH_VERSION_MAJOR >= 2
    return of_libtorch(q, k, v, mask, p, causal);
#else
    return attention_by_heads(q, k, v, mask);
#endif
}

}   // namespace

rmt_tensor rmt_attention(rmt_tensor q, rmt_tensor k, rmt_tensor v, rmt_tensor mask, double p, int causal) {
    return tensor([&] { return attention(T(q), T(k), T(v), maybe(mask), p, causal != 0); });
}

at::Tensor rmt::attended_like(const at::Tensor& q) {
    return at::empty({q.size(0), q.size(2), q.size(1), q.size(3)}, q.options()).transpose(1, 2);
}

std::vector<float> rmt::hidden_keys(const c10::optional<at::Tensor>& mask, int64_t document, int64_t keys, int64_t length) {
    if (!mask && keys == length) return {};
    std::vector<float> hidden(static_cast<size_t>(length), -std::numeric_limits<float>::infinity());
    auto looked_at = mask ? mask->select(0, document).reshape({keys}).contiguous() : at::Tensor();
    for (int64_t i = 0; i < keys; i++)
        if (!mask || looked_at.data_ptr<bool>()[i]) hidden[static_cast<size_t>(i)] = 0;
    return hidden;
}

void rmt::in_parallel(int64_t count, int64_t grain, const std::function<void(int64_t begin, int64_t end)>& body) {
    // libtorch's own loop over the elements of a tensor: its threads, and none of ours.
    auto places = at::empty({count}, at::kChar);
    const char* first = static_cast<const char*>(places.data_ptr());
    auto all = at::TensorIterator::nullary_op(places);
    all.for_each([&](char** data, const int64_t*, int64_t columns, int64_t rows) {
        const int64_t begin = data[0] - first;
        body(begin, begin + columns * rows);
    }, grain);
}
