// What stands between an encoder's products where nothing is learnt, each as one step: by the kernels of reading_kernels.h on CUDA devices in bfloat16 and float16,
// by libtorch's operations elsewhere. Sums are in float32 at least, and what is written is rounded once.
#pragma once
#include <ATen/ATen.h>

namespace rmt {

// LayerNorm(product + bias + residual) over the last dimension. product [.., H] is contiguous; residual has its shape, or is the first rows of each window of more, [A, R, H].
at::Tensor add_norm(const at::Tensor& product, const at::Tensor& bias, const at::Tensor& residual, const at::Tensor& gamma, const at::Tensor& beta, double eps);

// [A, L, H]: LayerNorm(source + position + type), the source memory [A, m, H] in the rows first … first + m, else the word's row. positions [L, H], type [H] or undefined.
at::Tensor embed_norm(const at::Tensor& ids, const at::Tensor& words, const at::Tensor& positions, const at::Tensor& type, const at::Tensor& memory, int64_t first,
                      const at::Tensor& gamma, const at::Tensor& beta, double eps);

// gelu(x + bias) by erf; x, which is contiguous, is given up.
at::Tensor bias_gelu(at::Tensor x, const at::Tensor& bias);

// Rows of the shape given that lie at A addresses [A], int64, on the device: [A, ..]. And back; rows are [A, .., H], each contiguous within.
at::Tensor rows_at(const at::Tensor& addresses, at::IntArrayRef shape, at::ScalarType type);
void put_rows_at(const at::Tensor& addresses, const at::Tensor& rows);

// The same by kernels: rows of a multiple of 8 numbers of 2 bytes, all on one device.
namespace on_device {
bool reads(const at::Tensor& rows);
at::Tensor add_norm(const at::Tensor& product, const at::Tensor& bias, const at::Tensor& residual, const at::Tensor& gamma, const at::Tensor& beta, double eps);
at::Tensor embed_norm(const at::Tensor& ids, const at::Tensor& words, const at::Tensor& positions, const at::Tensor& type, const at::Tensor& memory, int64_t first,
                      const at::Tensor& gamma, const at::Tensor& beta, double eps);
at::Tensor bias_gelu(at::Tensor x, const at::Tensor& bias);
void rows_at(const at::Tensor& addresses, at::Tensor& rows);
void put_rows_at(const at::Tensor& addresses, const at::Tensor& rows);
}   // namespace on_device

}   // namespace rmt
