// Gradients and the modes that switch them off.
#include "rmt_guard.h"
#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/autograd/autograd.h>

using namespace rmt;

int rmt_requires_grad(rmt_tensor t) { return T(t).requires_grad(); }
int rmt_set_requires_grad(rmt_tensor t, int value) { return status([&] { T(t).requires_grad_(value != 0); }); }
int rmt_is_leaf(rmt_tensor t) { return T(t).is_leaf(); }
int rmt_retain_grad(rmt_tensor t) { return status([&] { T(t).retain_grad(); }); }
int rmt_grad(rmt_tensor t, rmt_tensor* grad) {
    return status([&] {
        const auto& g = T(t).is_leaf() || T(t).retains_grad() ? T(t).grad() : at::Tensor();
        *grad = g.defined() ? new at::Tensor(g) : nullptr;
    });
}
int rmt_set_grad(rmt_tensor t, rmt_tensor grad) {
    return status([&] {
        auto g = defined_or_empty(grad);
        // Unchecked, a gradient that does not fit fails much later, inside an optimizer.
        if (g.defined() && (g.sizes() != T(t).sizes() || g.scalar_type() != T(t).scalar_type() || g.device() != T(t).device()))
            throw std::invalid_argument("grad: a gradient has the shape, type and device of its tensor");
        T(t).mutable_grad() = g;
    });
}
int rmt_set_data(rmt_tensor t, rmt_tensor data) { return status([&] { T(t).set_data(T(data)); }); }
rmt_tensor rmt_detach(rmt_tensor t) { return tensor([&] { return T(t).detach(); }); }
int rmt_detach_(rmt_tensor t) { return status([&] { T(t).detach_(); }); }

int rmt_backward(const rmt_tensor* roots, const rmt_tensor* grads, int n, int retain, int create, const rmt_tensor* inputs, int m) {
    return status([&] {
        torch::autograd::backward(list(roots, n), grads ? list(grads, n) : std::vector<at::Tensor>(), retain != 0, create != 0, list(inputs, m));
    });
}

int rmt_autograd_grad(const rmt_tensor* roots, const rmt_tensor* grads, int n, const rmt_tensor* inputs, int m,
                      int retain, int create, int allow_unused, rmt_tensor* out) {
    return status([&] {
        auto all = torch::autograd::grad(list(roots, n), list(inputs, m), grads ? list(grads, n) : std::vector<at::Tensor>(),
                                         retain != 0, create != 0, allow_unused != 0);
        for (int i = 0; i < m; i++) out[i] = nullptr;
        try {
            for (int i = 0; i < m; i++) if (all[static_cast<size_t>(i)].defined()) out[i] = new at::Tensor(all[static_cast<size_t>(i)]);
        } catch (...) {
            for (int i = 0; i < m; i++) rmt_tensor_free(out[i]);
            throw;
        }
    });
}

int rmt_is_grad_enabled() { return c10::GradMode::is_enabled(); }
void rmt_set_grad_enabled(int enabled) { c10::GradMode::set_enabled(enabled != 0); }
int rmt_is_inference_mode() { return c10::InferenceMode::is_enabled(); }
void* rmt_inference_mode_enter(int enabled) {
    try { return new c10::InferenceMode(enabled != 0); } catch (...) { record_failure(); return nullptr; }
}
void rmt_inference_mode_leave(void* guard) { delete static_cast<c10::InferenceMode*>(guard); }
