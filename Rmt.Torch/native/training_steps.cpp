// The steps in libtorch's operations: what the kernels are held against, and what stands in for them on a CPU and for rows that they do not take.
#include "training_steps.h"
#include <c10/core/impl/LocalDispatchKeySet.h>

using namespace rmt;

namespace {
// Types are chosen here: casts of autocast would come on top.
using Uncast = c10::impl::ExcludeDispatchKeyGuard;

// Kernels are started by the number of rows and columns, which may not be none.
bool by_kernels(const at::Tensor& rows) { return rows.is_cuda() && rows.numel() > 0; }

// What norm_backward sums of a block's rows, three numbers a column, lies in the 48 KiB that a block has.
bool norm_by_kernels(const at::Tensor& rows) { return by_kernels(rows) && rows.size(-1) <= 4096; }

// Sums are in float32 at least.
at::ScalarType summed(at::ScalarType type) { return type == at::kDouble ? at::kDouble : at::kFloat; }

at::Tensor rows_of(const at::Tensor& t, at::ScalarType type) { return t.to(type).reshape({-1, t.size(-1)}); }
}   // namespace

Normed rmt::norm_forward(const at::Tensor& product, const at::Tensor& bias, const at::Tensor& residual, const at::Tensor& gamma, const at::Tensor& beta,
                         double eps, const Dropping& dropping, bool learns) {
    if (norm_by_kernels(product))
        return on_device::norm_forward(product.contiguous(), bias.to(at::kFloat).contiguous(), residual.contiguous(), gamma.to(at::kFloat).contiguous(), beta.to(at::kFloat).contiguous(), eps, dropping, learns);
    Uncast guard(c10::autocast_dispatch_keyset);
    const auto type = summed(residual.scalar_type());
    auto z = rows_of(product, type) + bias.to(type);
    if (dropping.threshold) z = z * factors(dropping, z);
    z = z + rows_of(residual, type);
    const auto mean = z.mean(1, true), centred = z - mean;
    const auto rstd = (centred.square().mean(1, true) + eps).rsqrt();
    const auto y = (centred * rstd * gamma.to(type) + beta.to(type)).reshape(residual.sizes());
    Normed made;
    made.wide = y.to(residual.scalar_type());
    if (product.scalar_type() != residual.scalar_type()) made.narrow = y.to(product.scalar_type());
    if (learns) made.sum = z.to(product.scalar_type()).reshape(product.sizes()), made.mean = mean, made.rstd = rstd;
    return made;
}

NormGradients rmt::norm_backward(const at::Tensor& d_wide, const at::Tensor& d_narrow, const at::Tensor& sum, const at::Tensor& mean, const at::Tensor& rstd,
                                 const at::Tensor& gamma, at::ScalarType wide, const Dropping& dropping) {
    if (norm_by_kernels(sum))
        return on_device::norm_backward(d_wide.defined() ? d_wide.contiguous() : d_wide, d_narrow.defined() ? d_narrow.contiguous() : d_narrow, sum, mean, rstd, gamma.to(at::kFloat).contiguous(), wide, dropping);
    Uncast guard(c10::autocast_dispatch_keyset);
    const auto type = mean.scalar_type();
    const auto d = !d_narrow.defined() ? rows_of(d_wide, type) : !d_wide.defined() ? rows_of(d_narrow, type) : rows_of(d_wide, type) + rows_of(d_narrow, type);
    const auto x = (rows_of(sum, type) - mean) * rstd, g = d * gamma.to(type);
    const auto dz = rstd * (g - g.mean(1, true) - x * (g * x).mean(1, true));
    const auto dropped = dropping.threshold ? dz * factors(dropping, dz) : dz;
    return {dz.to(wide).reshape(sum.sizes()), dropped.to(sum.scalar_type()).reshape(sum.sizes()), (d * x).sum(0), d.sum(0), dropped.sum(0)};
}

at::Tensor rmt::gelu_forward(const at::Tensor& x, const at::Tensor& bias, bool tanh) {
    if (by_kernels(x)) return on_device::gelu_forward(x.contiguous(), bias.to(at::kFloat).contiguous(), tanh);
    Uncast guard(c10::autocast_dispatch_keyset);
    const auto type = summed(x.scalar_type());
    return at::gelu(x.to(type) + bias.to(type), tanh ? "tanh" : "none").to(x.scalar_type());
}

GeluGradients rmt::gelu_backward(const at::Tensor& d, const at::Tensor& x, const at::Tensor& bias, bool tanh) {
    if (by_kernels(x)) return on_device::gelu_backward(d.contiguous(), x.contiguous(), bias.to(at::kFloat).contiguous(), tanh);
    Uncast guard(c10::autocast_dispatch_keyset);
    const auto type = summed(x.scalar_type());
    const auto dx = at::gelu_backward(d.to(type), x.to(type) + bias.to(type), tanh ? "tanh" : "none");
    return {dx.to(x.scalar_type()), rows_of(dx, type).sum(0)};
}

Beside rmt::side_by_side(const std::vector<at::Tensor>& parts) {
    const auto width = parts[0].size(-1);
    if (by_kernels(parts[0]) && parts.size() <= 3 && width % 8 == 0) {
        std::vector<at::Tensor> whole;
        for (auto& part : parts) whole.push_back(part.contiguous());
        return on_device::side_by_side(whole);
    }
    auto whole = at::stack(parts, -2).reshape({-1, static_cast<int64_t>(parts.size()) * width});
    return {whole, whole.sum(0, false, summed(whole.scalar_type()))};
}
