// Launches of the kernels, and what they compute in libtorch's operations.
#include "encoder_kernels.h"
#include "encoder_source.h"

using namespace rmt;

namespace {

constexpr unsigned rows_a_block = 4;

int64_t blocks_of(int64_t rows) { return (rows + rows_a_block - 1) / rows_a_block; }

// What the running step was given, read on the CPU.
struct Entry {
    Entry(const StepInputs& inputs, int64_t windows)
        : begin(static_cast<char*>(inputs.ring.data_ptr()) + (inputs.counter.data_ptr<int>()[0] & (StepInputs::places - 1)) * inputs.bytes), windows(windows) {}
    at::Tensor memory(int64_t b, int64_t m, int64_t width, bool written, at::ScalarType type) const {
        return at::from_blob(reinterpret_cast<void**>(begin)[written ? windows + b : b], {m, width}, at::TensorOptions().dtype(type));
    }
    at::Tensor lengths() const { return at::from_blob(begin + 16 * windows, {windows, 1}, at::kInt); }
    at::Tensor ids(int64_t length) const { return at::from_blob(begin + 20 * windows, {windows, length}, at::kInt).to(at::kLong); }
    char* begin;
    int64_t windows;
};

at::Tensor normalized(const at::Tensor& sum, const NormWeights& norm) {
    return at::layer_norm(sum, {sum.size(-1)}, norm.weight.to(at::kFloat), norm.bias.to(at::kFloat), norm.eps);
}

void* address(const at::Tensor& tensor) { return tensor.defined() ? tensor.data_ptr() : nullptr; }

}   // namespace

RowKernels::RowKernels(int64_t width, at::ScalarType type, c10::Device device) : width(width) {
    if (!device.is_cuda()) return;
    const auto options = "-DWIDTH=" + std::to_string(width) + (type == at::kBFloat16 ? " -DBF16" : "");
    of_embed = &kernel(encoder_source, "embed", options, device);
    of_gather = &kernel(encoder_source, "gather", options, device);
    of_add_norm = &kernel(encoder_source, "add_norm", options, device);
    of_bias_gelu = &kernel(encoder_source, "bias_gelu", options, device);
}

void RowKernels::embed(at::Tensor& out, StepInputs& inputs, int64_t windows, int64_t length, int64_t memory, const at::Tensor& words, const at::Tensor& positions,
                       const NormWeights& norm, const at::Tensor& projected, at::Tensor& mask) const {
    if (of_embed)
        return launch(*of_embed, {blocks_of(windows * length), 32 * rows_a_block}, address(inputs.ring), address(inputs.counter), StepInputs::places,
                      static_cast<long long>(inputs.bytes), static_cast<int>(windows), static_cast<int>(length), static_cast<int>(memory), address(words),
                      address(positions), address(norm.weight), address(norm.bias), static_cast<float>(norm.eps), address(projected), address(out), address(mask),
                      address(inputs.written));
    const Entry entry(inputs, windows);
    auto rows = words.index_select(0, entry.ids(length).flatten()).to(at::kFloat).view({windows, length, width});
    for (int64_t b = 0; b < windows && memory > 0; b++)
        rows[b].narrow(0, 1, memory).copy_(projected.defined() ? projected.narrow(0, b * memory, memory) : entry.memory(b, memory, width, false, out.scalar_type()));
    out.view({windows, length, width}).copy_(normalized(rows + positions.narrow(0, 0, length), norm));
    if (mask.defined()) mask.copy_(at::arange(length, at::kInt).expand({windows, length}) < entry.lengths());
    for (int64_t b = 0; b < windows; b++) inputs.written.data_ptr<int64_t>()[b] = reinterpret_cast<int64_t*>(entry.begin)[windows + b];
}

void RowKernels::gather(at::Tensor& out, StepInputs& inputs, int64_t windows, int64_t memory) const {
    if (of_gather)
        return launch(*of_gather, {blocks_of(windows * memory), 32 * rows_a_block}, address(inputs.ring), address(inputs.counter), StepInputs::places,
                      static_cast<long long>(inputs.bytes), static_cast<int>(windows), static_cast<int>(memory), address(out));
    const Entry entry(inputs, windows);
    for (int64_t b = 0; b < windows; b++) out.narrow(0, b * memory, memory).copy_(entry.memory(b, memory, width, false, out.scalar_type()));
}

void RowKernels::add_norm(at::Tensor& out, const at::Tensor& product, const at::Tensor& bias, const at::Tensor& residual, const NormWeights& norm, int64_t group,
                          int64_t stride, StepInputs* inputs, int64_t memory) const {
    const auto rows = product.size(0);
    if (of_add_norm) {
        // A product stands in front of it on the stream, a kernel.
        Blocks blocks{blocks_of(rows), 32 * rows_a_block};
        blocks.early = true;
        return launch(*of_add_norm, blocks, address(product), address(bias), address(residual), address(norm.weight), address(norm.bias), static_cast<float>(norm.eps),
                      address(out), static_cast<int>(rows), static_cast<int>(group), static_cast<int>(stride), inputs ? address(inputs->written) : nullptr,
                      static_cast<int>(memory), inputs ? address(inputs->counter) : nullptr);
    }
    const auto windows = rows / group;
    const auto beside = residual.view({windows, stride, width}).narrow(1, 0, group).reshape({rows, width});
    out.view({rows, width}).copy_(normalized(product.to(at::kFloat) + bias.to(at::kFloat) + beside.to(at::kFloat), norm));
    if (!inputs) return;
    for (int64_t b = 0; b < windows && memory > 0; b++) {
        auto place = reinterpret_cast<void*>(inputs->written.data_ptr<int64_t>()[b]);
        at::from_blob(place, {memory, width}, out.options()).copy_(out.view({windows, group, width})[b].narrow(0, 1, memory));
    }
    inputs->counter.add_(1);
}

void RowKernels::bias_gelu(at::Tensor& x, const at::Tensor& bias) const {
    if (!of_bias_gelu) {
        x.copy_(at::gelu(x.to(at::kFloat) + bias.to(at::kFloat)));
        return;
    }
    const auto vectors = x.numel() / 8;
    if (vectors > 0x7fffffff) throw std::invalid_argument("too many numbers for one GELU");
    Blocks blocks{(vectors + 255) / 256, 256};
    blocks.early = true;
    launch(*of_bias_gelu, blocks, address(x), address(bias), static_cast<unsigned>(vectors), static_cast<unsigned>(bias.numel() / 8));
}
