// Dense layers in bfloat16 on the CPU whose weight is kept in the order in which oneDNN multiplies: by the operators that libtorch's compiler has for it.
#include "rmt_guard.h"
#include <ATen/Config.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <c10/core/GradMode.h>

using namespace rmt;

namespace {

c10::optional<c10::OperatorHandle> operation(const char* name, const char* overload = "") { return c10::Dispatcher::singleton().findSchema({name, overload}); }

struct Operations {
    c10::optional<c10::OperatorHandle> reorder = operation("mkldnn::_reorder_linear_weight"), linear = operation("mkldnn::_linear_pointwise"),
                                       linear_add = operation("mkldnn::_linear_pointwise", "binary");
};

// As long as the process: a handle outlives what it names.
const Operations& operations() {
    static const Operations* const all = new Operations;
    return *all;
}

template <class... Arguments> at::Tensor call(const c10::OperatorHandle& operation, Arguments&&... arguments) {
    std::vector<c10::IValue> stack{c10::IValue(std::forward<Arguments>(arguments))...};
    operation.callBoxed(&stack);
    return stack.at(0).toTensor();
}

// oneDNN computes in bfloat16 from AVX-512 on.
bool can_pack(const at::Tensor& weight) {
    return operations().reorder && operations().linear && operations().linear_add && weight.is_cpu() && weight.dim() == 2 && weight.numel() > 0 &&
           weight.scalar_type() == at::kBFloat16 && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}

}   // namespace

int rmt_pack_linear(rmt_tensor weight, rmt_tensor* packed) {
    *packed = nullptr;
    return status([&] {
        at::NoGradGuard none;
        if (!can_pack(T(weight))) return;
        *packed = new at::Tensor(call(*operations().reorder, T(weight).detach().contiguous(), c10::optional<int64_t>()));
    });
}

rmt_tensor rmt_packed_linear(rmt_tensor packed, rmt_tensor x, rmt_tensor bias, rmt_tensor residual, int gelu) {
    return tensor([&] {
        if (!operations().linear) throw std::runtime_error("this libtorch has no packed layers");
        at::NoGradGuard none;
        const auto input = T(x).contiguous();
        if (residual) return call(*operations().linear_add, input, T(residual).contiguous(), T(packed), maybe(bias), std::string("add"));
        return call(*operations().linear, input, T(packed), maybe(bias), std::string(gelu ? "gelu" : "none"), c10::List<c10::optional<at::Scalar>>(),
                    c10::optional<std::string>("none"));
    });
}

int rmt_tensor_version(rmt_tensor t, int64_t* version) {
    return status([&] { *version = T(t).is_inference() ? 0 : static_cast<int64_t>(T(t)._version()); });
}
