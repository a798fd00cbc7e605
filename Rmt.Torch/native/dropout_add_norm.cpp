// LayerNorm(dropout(product + bias) + residual) with a backward of its own: it keeps the sum in the product's type and two numbers a row, and no mask.
#include "rmt_guard.h"
#include "training_steps.h"
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/custom_function.h>

using namespace rmt;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

namespace {

struct DropoutAddNorm : torch::autograd::Function<DropoutAddNorm> {
    static variable_list forward(AutogradContext* context, at::Tensor product, at::Tensor bias, at::Tensor residual, at::Tensor gamma, at::Tensor beta,
                                 double eps, int64_t threshold, double scale, int64_t seed) {
        auto made = norm_forward(product, bias, residual, gamma, beta, eps, dropping_of(threshold, scale, seed), true);
        context->save_for_backward({made.sum, made.mean, made.rstd, gamma});
        context->saved_data["wide"] = static_cast<int64_t>(residual.scalar_type());
        context->saved_data["types"] = std::vector<int64_t>{static_cast<int64_t>(bias.scalar_type()), static_cast<int64_t>(beta.scalar_type())};
        context->saved_data["threshold"] = threshold;
        context->saved_data["scale"] = scale;
        context->saved_data["seed"] = seed;
        context->set_materialize_grads(false);
        return made.narrow.defined() ? variable_list{made.wide, made.narrow} : variable_list{made.wide};
    }

    static variable_list backward(AutogradContext* context, variable_list gradients) {
        variable_list results(9);       // those of forward's arguments: the last four are no tensors
        const auto narrow = gradients.size() > 1 ? gradients[1] : at::Tensor();
        if (!gradients[0].defined() && !narrow.defined()) return results;
        auto saved = context->get_saved_variables();
        auto& data = context->saved_data;
        auto types = data["types"].toIntVector();
        auto made = norm_backward(gradients[0], narrow, saved[0], saved[1], saved[2], saved[3], static_cast<at::ScalarType>(data["wide"].toInt()),
                                  dropping_of(data["threshold"].toInt(), data["scale"].toDouble(), data["seed"].toInt()));
        results[0] = made.product;
        results[1] = made.bias.to(static_cast<at::ScalarType>(types[0]));
        results[2] = made.residual;
        results[3] = made.gamma.to(saved[3].scalar_type());
        results[4] = made.beta.to(static_cast<at::ScalarType>(types[1]));
        return results;
    }

    static Dropping dropping_of(int64_t threshold, double scale, int64_t seed) {
        return {static_cast<uint32_t>(threshold), static_cast<float>(scale), static_cast<uint64_t>(seed)};
    }
};

void check(const at::Tensor& product, const at::Tensor& residual, std::initializer_list<const at::Tensor*> rows) {
    if (product.dim() == 0 || product.size(-1) == 0) throw std::invalid_argument("dropout_add_norm: rows of one number or more");
    if (product.sizes() != residual.sizes() || product.device() != residual.device())
        throw std::invalid_argument("dropout_add_norm: product and residual have one shape, on one device");
    for (auto* row : rows)
        if (row->dim() != 1 || row->size(0) != product.size(-1) || row->device() != product.device())
            throw std::invalid_argument("dropout_add_norm: bias, gamma and beta are as long as a row, on one device");
    for (auto* one : {&product, &residual})
        if (!at::isFloatingType(one->scalar_type())) throw std::invalid_argument("dropout_add_norm: of floating-point numbers");
}

}   // namespace

int rmt_dropout_add_norm(rmt_tensor product, rmt_tensor bias, rmt_tensor residual, rmt_tensor gamma, rmt_tensor beta, double p, double eps, rmt_tensor* wide, rmt_tensor* narrow) {
    *wide = *narrow = nullptr;
    return status([&] {
        auto &x = T(product), &b = T(bias), &r = T(residual), &g = T(gamma), &s = T(beta);
        check(x, r, {&b, &g, &s});
        const auto dropped = dropping(p);
        const bool learns = c10::GradMode::is_enabled() && (x.requires_grad() || b.requires_grad() || r.requires_grad() || g.requires_grad() || s.requires_grad());
        variable_list made;
        if (learns) made = DropoutAddNorm::apply(x, b, r, g, s, eps, static_cast<int64_t>(dropped.threshold), static_cast<double>(dropped.scale), static_cast<int64_t>(dropped.seed));
        else {
            auto plain = norm_forward(x, b, r, g, s, eps, dropped, false);
            made = {plain.wide, plain.narrow};
        }
        auto first = std::make_unique<at::Tensor>(made[0]);
        if (made.size() > 1 && made[1].defined()) *narrow = new at::Tensor(made[1]);
        *wide = first.release();
    });
}
