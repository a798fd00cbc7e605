// One guard around every function of the ABI, one error slot a thread.
#pragma once
#include "rmt_torch.h"
#include <ATen/ATen.h>
#include <stdexcept>
#include <vector>

namespace rmt {

// Thrown where a callback failed; only our own guards know it, libtorch lets it pass.
struct managed_failure : std::runtime_error {
    explicit managed_failure(int64_t number) : std::runtime_error("a callback failed"), number(number) {}
    int64_t number;
};

void record_failure() noexcept;   // called inside a catch; files the exception in flight in the slot

inline at::Tensor& T(rmt_tensor t) { return *static_cast<at::Tensor*>(t); }
inline at::IntArrayRef ints(const int64_t* values, int n) { return at::IntArrayRef(values, static_cast<size_t>(n)); }
inline c10::optional<at::Tensor> maybe(rmt_tensor t) { return t ? c10::optional<at::Tensor>(T(t)) : c10::nullopt; }
inline at::Tensor defined_or_empty(rmt_tensor t) { return t ? T(t) : at::Tensor(); }
inline c10::optional<at::ScalarType> maybe_type(int dtype) {
    return dtype < 0 ? c10::nullopt : c10::optional<at::ScalarType>(static_cast<at::ScalarType>(dtype));
}
inline c10::optional<at::Generator> maybe_generator(rmt_generator g) {
    return g ? c10::optional<at::Generator>(*static_cast<at::Generator*>(g)) : c10::nullopt;
}
at::Scalar scalar(rmt_scalar value);
c10::optional<at::Scalar> maybe_scalar(rmt_scalar value);
at::TensorOptions options(rmt_options o);
c10::Device device(int type, int index);

inline std::vector<at::Tensor> list(const rmt_tensor* tensors, int n) {
    std::vector<at::Tensor> all;
    all.reserve(static_cast<size_t>(n));
    for (int i = 0; i < n; i++) all.push_back(defined_or_empty(tensors[i]));
    return all;
}

template <class F> rmt_tensor tensor(F body) noexcept {
    try { return new at::Tensor(body()); } catch (...) { record_failure(); return nullptr; }
}
template <class F> int status(F body) noexcept {
    try { body(); return 0; } catch (...) { record_failure(); return 1; }
}

}   // namespace rmt
