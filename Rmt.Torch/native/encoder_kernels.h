// The parts of an encoder's step that are no products: on a CUDA device kernels of our own, elsewhere the same in libtorch's operations.
#pragma once
#include "device_code.h"
#include "step_inputs.h"

namespace rmt {

struct NormWeights {
    at::Tensor weight, bias;     // [H]
    double eps = 0;
};

// Rows of one width, device and type. Sums are in float32 everywhere, and what is written is rounded once.
class RowKernels {
public:
    RowKernels() = default;
    // Throws where they cannot be had.
    RowKernels(int64_t width, at::ScalarType type, c10::Device device);

    // Row (b, t) of [A × L, width] = LayerNorm(source + position t), the source memory at 1..m, else the word's row; projected: [A × m, width] where memory comes
    // from there. Writes the key mask [A, L] too, where there is one.
    void embed(at::Tensor& out, StepInputs& inputs, int64_t windows, int64_t length, int64_t memory, const at::Tensor& words, const at::Tensor& positions,
               const NormWeights& norm, const at::Tensor& projected, at::Tensor& mask) const;

    // The memories that are read: [A × m, width].
    void gather(at::Tensor& out, StepInputs& inputs, int64_t windows, int64_t memory) const;

    // out = LayerNorm(product + bias + residual), of whose rows the first `group` of every `stride` are meant.
    // With inputs it is the last one: rows 1..m of a group go into the memories that are written, and the step is counted.
    void add_norm(at::Tensor& out, const at::Tensor& product, const at::Tensor& bias, const at::Tensor& residual, const NormWeights& norm, int64_t group, int64_t stride,
                  StepInputs* inputs = nullptr, int64_t memory = 0) const;

    // x = gelu(x + bias) in place, the erf form.
    void bias_gelu(at::Tensor& x, const at::Tensor& bias) const;

private:
    const Kernel *of_embed = nullptr, *of_gather = nullptr, *of_add_norm = nullptr, *of_bias_gelu = nullptr;      // null on the CPU
    int64_t width = 0;
};

}   // namespace rmt
