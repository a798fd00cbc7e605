// gelu(x + bias) with a backward of its own, which keeps x alone and sums the bias's gradient on the way.
#include "rmt_guard.h"
#include "training_steps.h"
#include <torch/csrc/autograd/custom_function.h>

using namespace rmt;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

namespace {

struct BiasGelu : torch::autograd::Function<BiasGelu> {
    static variable_list forward(AutogradContext* context, at::Tensor x, at::Tensor bias, bool tanh) {
        context->save_for_backward({x, bias});
        context->saved_data["tanh"] = tanh;
        return {gelu_forward(x, bias, tanh)};
    }

    static variable_list backward(AutogradContext* context, variable_list gradients) {
        auto saved = context->get_saved_variables();
        auto made = gelu_backward(gradients[0], saved[0], saved[1], context->saved_data["tanh"].toBool());
        return {made.x, made.bias.to(saved[1].scalar_type()), at::Tensor()};
    }
};

}   // namespace

rmt_tensor rmt_bias_gelu(rmt_tensor x, rmt_tensor bias, int tanh) {
    return tensor([&] {
        auto &all = T(x), &b = T(bias);
        if (all.dim() == 0 || all.size(-1) == 0) throw std::invalid_argument("bias_gelu: rows of one number or more");
        if (b.dim() != 1 || b.size(0) != all.size(-1) || b.device() != all.device()) throw std::invalid_argument("bias_gelu: the bias is as long as a row, on one device");
        if (!at::isFloatingType(all.scalar_type())) throw std::invalid_argument("bias_gelu: of floating-point numbers");
        return BiasGelu::apply(all, b, tanh != 0)[0];
    });
}
