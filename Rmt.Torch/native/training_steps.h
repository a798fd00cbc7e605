// The element-wise parts of a layer that learns, forward and backward, each as one step: by the kernels of training_kernels.h on CUDA devices, by
// libtorch's operations elsewhere, with the same dropout. No gradients of their own: dropout_add_norm.cpp and bias_gelu.cpp give them theirs.
#pragma once
#include "dropping.h"

namespace rmt {

// wide has residual's type, narrow product's; undefined where that is the same. What stands below is there where it was asked for.
struct Normed { at::Tensor wide, narrow, sum, mean, rstd; };
struct NormGradients { at::Tensor residual, product, gamma, beta, bias; };

// LayerNorm(dropout(product + bias) + residual) over the last dimension, whose length is a multiple of 8 on a CUDA device.
Normed norm_forward(const at::Tensor& product, const at::Tensor& bias, const at::Tensor& residual, const at::Tensor& gamma, const at::Tensor& beta,
                    double eps, const Dropping& dropping, bool learns);
// Gradients of either result; one may be undefined. wide: the type of the residual.
NormGradients norm_backward(const at::Tensor& d_wide, const at::Tensor& d_narrow, const at::Tensor& sum, const at::Tensor& mean, const at::Tensor& rstd,
                            const at::Tensor& gamma, at::ScalarType wide, const Dropping& dropping);

// gelu(x + bias), by erf or by tanh.
at::Tensor gelu_forward(const at::Tensor& x, const at::Tensor& bias, bool tanh);
struct GeluGradients { at::Tensor x, bias; };
GeluGradients gelu_backward(const at::Tensor& d, const at::Tensor& x, const at::Tensor& bias, bool tanh);

// Up to three gradients [B, L, H] side by side in one [B L, n H], and the sums of its columns.
struct Beside { at::Tensor whole, columns; };
Beside side_by_side(const std::vector<at::Tensor>& parts);

// The same by kernels; all tensors are contiguous and on one device.
namespace on_device {
Normed norm_forward(const at::Tensor& product, const at::Tensor& bias, const at::Tensor& residual, const at::Tensor& gamma, const at::Tensor& beta,
                    double eps, const Dropping& dropping, bool learns);
NormGradients norm_backward(const at::Tensor& d_wide, const at::Tensor& d_narrow, const at::Tensor& sum, const at::Tensor& mean, const at::Tensor& rstd,
                            const at::Tensor& gamma, at::ScalarType wide, const Dropping& dropping);
at::Tensor gelu_forward(const at::Tensor& x, const at::Tensor& bias, bool tanh);
GeluGradients gelu_backward(const at::Tensor& d, const at::Tensor& x, const at::Tensor& bias, bool tanh);
Beside side_by_side(const std::vector<at::Tensor>& parts);
}   // namespace on_device

}   // namespace rmt
