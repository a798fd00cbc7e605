// Queries, keys and values of one product: x Wᵀ + b, cut into heads. The way back puts their gradients side by side and sums the bias's in one step.
#include "rmt_guard.h"
#include "training_steps.h"
#include <c10/core/impl/LocalDispatchKeySet.h>
#include <torch/csrc/autograd/custom_function.h>

using namespace rmt;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

namespace {

struct Projections : torch::autograd::Function<Projections> {
    static variable_list forward(AutogradContext* context, at::Tensor x, at::Tensor weight, at::Tensor bias, int64_t count, int64_t heads) {
        c10::impl::ExcludeDispatchKeyGuard uncast(c10::autocast_dispatch_keyset);
        const auto width = weight.size(0) / count / heads;
        const auto product = at::linear(x, weight, bias).view({x.size(0), x.size(1), count, heads, width});
        variable_list parts;
        // Each its own tensor over the product's memory: a function's results are no views to autograd.
        for (int64_t i = 0; i < count; i++) parts.emplace_back(product.select(2, i).transpose(1, 2).variable_data());
        context->save_for_backward({x, weight, bias});
        return parts;
    }

    static variable_list backward(AutogradContext* context, variable_list gradients) {
        c10::impl::ExcludeDispatchKeyGuard uncast(c10::autocast_dispatch_keyset);
        auto saved = context->get_saved_variables();
        const auto &x = saved[0], &weight = saved[1], &bias = saved[2];
        for (auto& part : gradients) part = part.transpose(1, 2).flatten(2);                         // [B, L, H]
        const auto d = side_by_side(gradients);                                                               // [B L, n H]
        // A frozen matrix gets none, nor does an input that nothing learns from.
        auto dx = context->needs_input_grad(0) ? d.whole.mm(weight).view(x.sizes()) : at::Tensor();
        auto dw = context->needs_input_grad(1) ? d.whole.t().mm(x.flatten(0, 1)) : at::Tensor();
        return {dx, dw, d.columns.to(bias.scalar_type()), at::Tensor(), at::Tensor()};
    }
};

}   // namespace

int rmt_projections(rmt_tensor x, rmt_tensor weight, rmt_tensor bias, int64_t heads, rmt_tensor* parts, int n) {
    for (int i = 0; i < n; i++) parts[i] = nullptr;
    return status([&] {
        auto &in = T(x), &w = T(weight), &b = T(bias);
        if (n < 1 || heads < 1 || in.dim() != 3 || w.dim() != 2 || w.size(1) != in.size(2) || w.size(0) == 0 || w.size(0) % (n * heads) != 0 || b.dim() != 1 || b.size(0) != w.size(0))
            throw std::invalid_argument("projections: x [B, L, K], weight [n H, K] and bias [n H], H a multiple of the number of heads");
        if (in.scalar_type() != w.scalar_type() || in.scalar_type() != b.scalar_type()) throw std::invalid_argument("projections: x, weight and bias are of one type");
        auto made = Projections::apply(in, w, b, static_cast<int64_t>(n), heads);
        std::vector<std::unique_ptr<at::Tensor>> owned;
        for (auto& part : made) owned.push_back(std::make_unique<at::Tensor>(part));
        for (int i = 0; i < n; i++) parts[i] = owned[static_cast<size_t>(i)].release();
    });
}
