// Steps of optimizers and clipping: one call for all parameters.
#include "rmt_guard.h"
#include <c10/core/GradMode.h>
#include <algorithm>
#include <cmath>
#include <torch/csrc/api/include/torch/version.h>

using namespace rmt;
using List = std::vector<at::Tensor>;

namespace {
// Neighbours with the same settings go through libtorch together; on a GPU that is a handful of launches for hundreds of parameters.
bool together(const rmt_adamw& a, const rmt_adamw& b) {
    return a.rate == b.rate && a.beta1 == b.beta1 && a.beta2 == b.beta2 && a.eps == b.eps && a.decay == b.decay && a.amsgrad == b.amsgrad && a.maximize == b.maximize;
}
bool together(const rmt_sgd& a, const rmt_sgd& b) {
    return a.rate == b.rate && a.momentum == b.momentum && a.dampening == b.dampening && a.decay == b.decay && a.nesterov == b.nesterov && a.maximize == b.maximize;
}

at::Tensor gradient(rmt_tensor parameter) {
    auto& g = T(parameter).mutable_grad();
    if (g.defined() && g.layout() != at::kStrided) throw std::invalid_argument("optimizer: a sparse gradient cannot be applied");
    return g;
}

at::Tensor state(rmt_tensor& slot, const at::Tensor& like) {
    if (!slot) slot = new at::Tensor(at::zeros_like(like, at::MemoryFormat::Preserve));
    return T(slot);
}

template <class E, class F> void runs(E* all, int n, F step) {
    c10::AutoGradMode no_grad(false);
    for (int from = 0, to; from < n; from = to) {
        for (to = from + 1; to < n && together(all[from], all[to]);) to++;
        step(all + from, to - from);
    }
}

// libtorch's one kernel for all of them, where it has one and they are of a kind it takes: parameters of a CUDA device that have made as many steps.
bool one_kernel(rmt_adamw* all, int n) {
#if TORCH_VERSION_MAJOR >= 2
    List parameters, gradients, means, squares, largest, steps;
    int64_t made = -1;
    for (int i = 0; i < n; i++) {
        auto &p = T(all[i].parameter), &g = p.mutable_grad();
        if (!g.defined()) continue;
        if (!p.is_cuda() || p.device() != T(all[0].parameter).device() || p.scalar_type() != at::kFloat || g.scalar_type() != at::kFloat || !p.is_contiguous() || !g.is_contiguous())
            return false;
        if (made >= 0 && all[i].steps != made) return false;
        made = all[i].steps;
    }
    if (made < 0) return false;
    for (int i = 0; i < n; i++) {
        auto& one = all[i];
        auto &p = T(one.parameter), &g = p.mutable_grad();
        if (!g.defined()) continue;
        parameters.push_back(p);
        gradients.push_back(g);
        means.push_back(state(one.mean, p));
        squares.push_back(state(one.square, p));
        if (one.amsgrad) largest.push_back(state(one.largest, p));
        one.steps++;
    }
    // It reads the number of the step from the device; nobody writes it there, so all share it.
    const auto step = at::full({}, static_cast<double>(made + 1), parameters[0].options().requires_grad(false));
    steps.assign(parameters.size(), step);
    const auto& o = all[0];
    at::_fused_adamw_(parameters, gradients, means, squares, largest, steps, o.rate, o.beta1, o.beta2, o.decay, o.eps, o.amsgrad != 0, o.maximize != 0);
    return true;
#else
    (void)all, (void)n;
    return false;
#endif
}

// Loshchilov & Hutter, Decoupled Weight Decay Regularization, algorithm 2, in PyTorch's order of operations.
void adamw(rmt_adamw* all, int n) {
    List parameters, gradients, means, squares, largest;
    std::vector<at::Scalar> roots, rates;
    const auto& o = all[0];
    for (int i = 0; i < n; i++) (void)gradient(all[i].parameter);       // refuses what cannot be applied before anything is
    if (one_kernel(all, n)) return;
    for (int i = 0; i < n; i++) {
        auto g = gradient(all[i].parameter);
        if (!g.defined()) continue;
        auto& p = T(all[i].parameter);
        parameters.push_back(p);
        gradients.push_back(o.maximize ? g.neg() : g);
        means.push_back(state(all[i].mean, p));
        squares.push_back(state(all[i].square, p));
        if (o.amsgrad) largest.push_back(state(all[i].largest, p));
        auto t = static_cast<double>(++all[i].steps);
        roots.emplace_back(std::sqrt(1 - std::pow(o.beta2, t)));
        rates.emplace_back(-o.rate / (1 - std::pow(o.beta1, t)));
    }
    if (parameters.empty()) return;
    if (o.decay != 0) at::_foreach_mul_(parameters, 1 - o.rate * o.decay);
    at::_foreach_mul_(means, o.beta1);
    at::_foreach_add_(means, gradients, 1 - o.beta1);
    at::_foreach_mul_(squares, o.beta2);
    at::_foreach_addcmul_(squares, gradients, gradients, 1 - o.beta2);
    for (size_t i = 0; i < largest.size(); i++) at::maximum_out(largest[i], largest[i], squares[i]);
    auto denominators = at::_foreach_sqrt(o.amsgrad ? largest : squares);
    at::_foreach_div_(denominators, roots);
    at::_foreach_add_(denominators, o.eps);
    at::_foreach_addcdiv_(parameters, means, denominators, rates);
}

void sgd(rmt_sgd* all, int n) {
    List parameters, gradients, fresh, fresh_gradients, old, old_gradients, directions;
    const auto& o = all[0];
    for (int i = 0; i < n; i++) {
        auto g = gradient(all[i].parameter);
        if (!g.defined()) continue;
        parameters.push_back(T(all[i].parameter));
        gradients.push_back(o.maximize ? g.neg() : g);
    }
    if (parameters.empty()) return;
    if (o.decay != 0) gradients = at::_foreach_add(gradients, parameters, o.decay);
    if (o.momentum == 0) {
        at::_foreach_add_(parameters, gradients, -o.rate);
        return;
    }
    for (int i = 0, k = 0; i < n; i++) {
        if (!T(all[i].parameter).mutable_grad().defined()) continue;
        const auto& g = gradients[static_cast<size_t>(k++)];
        bool first = !all[i].velocity;           // begins as the first gradient, undampened
        auto velocity = state(all[i].velocity, g);
        (first ? fresh : old).push_back(velocity);
        (first ? fresh_gradients : old_gradients).push_back(g);
        directions.push_back(velocity);
    }
    if (!fresh.empty()) at::_foreach_add_(fresh, fresh_gradients, 1);
    if (!old.empty()) {
        at::_foreach_mul_(old, o.momentum);
        at::_foreach_add_(old, old_gradients, 1 - o.dampening);
    }
    if (o.nesterov) directions = at::_foreach_add(gradients, directions, o.momentum);
    at::_foreach_add_(parameters, directions, -o.rate);
}

List gradients_of(const rmt_tensor* parameters, int n) {
    List all;
    for (int i = 0; i < n; i++) if (T(parameters[i]).mutable_grad().defined()) all.push_back(T(parameters[i]).mutable_grad());
    return all;
}
}   // namespace

int rmt_adamw_step(rmt_adamw* parameters, int n) { return status([&] { runs(parameters, n, adamw); }); }
int rmt_sgd_step(rmt_sgd* parameters, int n) { return status([&] { runs(parameters, n, sgd); }); }

int rmt_zero_grads(const rmt_tensor* parameters, int n) {
    return status([&] {
        c10::AutoGradMode no_grad(false);
        auto all = gradients_of(parameters, n);
        for (auto& g : all) g.detach_();
        if (!all.empty()) at::_foreach_zero_(all);
    });
}

int rmt_clip_grad_norm_(const rmt_tensor* parameters, int n, double max_norm, double p, double* total) {
    return status([&] {
        c10::AutoGradMode no_grad(false);
        auto all = gradients_of(parameters, n);
        *total = 0;
        if (all.empty()) return;
        auto norms = at::_foreach_norm(all, p);
        // Of one kind they are made wide together: one launch instead of one a parameter.
        const bool alike = std::all_of(norms.begin(), norms.end(), [&](const at::Tensor& n) { return n.device() == norms[0].device() && n.scalar_type() == norms[0].scalar_type(); });
        if (!alike) for (auto& norm : norms) norm = norm.to(all[0].device(), at::kDouble);
        *total = at::linalg_vector_norm(at::stack(norms).to(at::kDouble), p).item().toDouble();
        auto scale = max_norm / (*total + 1e-6);
        if (!(scale >= 1)) at::_foreach_mul_(all, scale);      // not "scale < 1": a norm that is no number must show
    });
}

int rmt_clip_grad_value_(const rmt_tensor* parameters, int n, double value) {
    return status([&] {
        c10::AutoGradMode no_grad(false);
        auto all = gradients_of(parameters, n);
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 1)
        if (all.empty()) return;
        at::_foreach_clamp_min_(all, -value);
        at::_foreach_clamp_max_(all, value);
#else
        for (auto& g : all) g.clamp_(-value, value);
#endif
    });
}
