// Attention softmax(Q Kᵀ / √d) V on the CPU where no gradient is wanted: q [B, heads, R, d], k and v [B, heads, L, d], of any strides.
#pragma once
#include "rmt_guard.h"
#include <functional>
#include <vector>

namespace rmt {

// What the processor has: vectors of sixteen numbers; and tiles of bfloat16, whose use the kernel has allowed.
bool has_avx512();
bool has_amx();

// One of float32 vectors, d a multiple of 16; one of bfloat16 tiles, d a multiple of 32; one of products of libtorch, any d, not on libtorch 2 and later.
// mask: [B, 1, 1, L] of booleans, false where a key is not looked at, or none.
at::Tensor attention_by_vectors(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const c10::optional<at::Tensor>& mask);
at::Tensor attention_by_tiles(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const c10::optional<at::Tensor>& mask);
at::Tensor attention_by_heads(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const c10::optional<at::Tensor>& mask);

// Memory that a thread keeps: whole cache lines, as tiles and vectors like them.
template <class T> class Room {
public:
    T* of(int64_t count) {
        const auto bytes = static_cast<size_t>(count) * sizeof(T) + 64;
        if (held.size() < bytes) held.resize(bytes);
        return reinterpret_cast<T*>((reinterpret_cast<uintptr_t>(held.data()) + 63) / 64 * 64);
    }

private:
    std::vector<char> held;
};

// [B, heads, R, d] not filled, a token's heads side by side in memory.
at::Tensor attended_like(const at::Tensor& q);

// 0, or -inf where a key is not looked at, [length ≥ L] for one document; the keys beyond L are not looked at. Empty where all are.
std::vector<float> hidden_keys(const c10::optional<at::Tensor>& mask, int64_t document, int64_t keys, int64_t length);

// body of all from 0 to count - 1, in parts of grain or more, on as many threads as libtorch would take.
void in_parallel(int64_t count, int64_t grain, const std::function<void(int64_t begin, int64_t end)>& body);

}   // namespace rmt
