// The steps by the kernels of training_kernels.h.
#include "device_code.h"
#include "row_numbers.h"
#include "training_kernels.h"
#include "training_steps.h"
#include <map>
#include <mutex>
#include <tuple>

using namespace rmt;

namespace {

// Blocks that sum columns: what an H200 holds at once. A number of its own, so that sums are the same on every device.
constexpr int64_t norm_blocks = 396, tile_blocks = 1056;

const char* name_of(at::ScalarType type) {
    switch (type) {
        case at::kBFloat16: return "bf16";
        case at::kHalf: return "f16";
        case at::kFloat: return "float";
        default: throw std::invalid_argument(std::string("training kernels are of float32, bfloat16 and float16, not of ") + c10::toString(type));
    }
}

// The source is long: it is compared once, not at every launch.
enum class Part { norm, gelu, tanh_gelu };
const Kernel& training_kernel(const char* name, Part part, int64_t columns, at::ScalarType narrow, at::ScalarType wide, c10::Device device) {
    static const char* const parts[] = {" -DNORM", " -DGELU", " -DGELU -DTANH"};
    static std::mutex mutex;
    static auto* const known = new std::map<std::tuple<std::string, int64_t, at::ScalarType, at::ScalarType, Part, int>, const Kernel*>;
    std::lock_guard<std::mutex> lock(mutex);
    auto& found = (*known)[{name, columns, narrow, wide, part, device.index()}];
    if (!found) {
        const auto options = "-DH=" + std::to_string(columns) + " -DNARROW=" + name_of(narrow) + " -DWIDE=" + name_of(wide) + parts[static_cast<int>(part)];
        static const std::string source = std::string(row_numbers) + training_kernels;
        found = &kernel(source, name, options, device);
    }
    return *found;
}

Part part_of(bool tanh) { return tanh ? Part::tanh_gelu : Part::gelu; }

int64_t rows_of(const at::Tensor& t) {
    if (t.size(-1) % 8 != 0) throw std::invalid_argument("training kernels take rows of a multiple of 8 numbers, not of " + std::to_string(t.size(-1)));
    return t.numel() / t.size(-1);
}
int64_t blocks_of(int64_t count, int64_t each) { return (count + each - 1) / each; }
void* address(const at::Tensor& t) { return t.defined() ? t.data_ptr() : nullptr; }

// [parts, n] → [n]
at::Tensor column_sums(const at::Tensor& partial, const Kernel& sum_columns) {
    const auto columns = partial.numel() / std::max<int64_t>(partial.size(0), 1);
    auto made = at::empty({columns}, partial.options());
    launch(sum_columns, {blocks_of(columns, 32), 256}, address(partial), address(made), static_cast<int>(partial.size(0)), static_cast<int>(columns));
    return made;
}

}   // namespace

Normed on_device::norm_forward(const at::Tensor& product, const at::Tensor& bias, const at::Tensor& residual, const at::Tensor& gamma, const at::Tensor& beta,
                               double eps, const Dropping& dropping, bool learns) {
    const auto rows = rows_of(product);
    const auto& k = training_kernel("norm_forward", Part::norm, product.size(-1), product.scalar_type(), residual.scalar_type(), product.device());
    Normed made;
    made.wide = at::empty_like(residual);
    if (product.scalar_type() != residual.scalar_type()) made.narrow = at::empty_like(product);
    if (learns) {
        made.sum = at::empty_like(product);
        made.mean = at::empty({rows}, bias.options());
        made.rstd = at::empty({rows}, bias.options());
    }
    launch(k, {blocks_of(rows, 4), 128}, address(product), address(bias), address(residual), address(gamma), address(beta), address(made.wide), address(made.narrow), address(made.sum), address(made.mean), address(made.rstd),
           rows, static_cast<float>(eps), dropping.threshold, dropping.scale, dropping.seed);
    return made;
}

NormGradients on_device::norm_backward(const at::Tensor& d_wide, const at::Tensor& d_narrow, const at::Tensor& sum, const at::Tensor& mean, const at::Tensor& rstd,
                                       const at::Tensor& gamma, at::ScalarType wide, const Dropping& dropping) {
    const auto rows = rows_of(sum), columns = sum.size(-1), blocks = std::min(blocks_of(rows, 4), norm_blocks);
    const auto& k = training_kernel("norm_backward", Part::norm, columns, sum.scalar_type(), wide, sum.device());
    const auto& sum_columns = training_kernel("column_sums", Part::norm, columns, sum.scalar_type(), wide, sum.device());
    auto residual = at::empty_like(sum, sum.options().dtype(wide)), product = at::empty_like(sum), partial = at::empty({blocks, 3, columns}, mean.options());
    launch(k, {blocks, 128}, address(d_wide), address(d_narrow), address(sum), address(mean), address(rstd), address(gamma), address(residual), address(product), address(partial),
           rows, dropping.threshold, dropping.scale, dropping.seed);
    auto sums = column_sums(partial, sum_columns).view({3, columns});
    return {residual, product, sums[0], sums[1], sums[2]};
}

at::Tensor on_device::gelu_forward(const at::Tensor& x, const at::Tensor& bias, bool tanh) {
    const auto groups = rows_of(x) * x.size(-1) / 8;
    const auto& k = training_kernel("gelu_forward", part_of(tanh), x.size(-1), x.scalar_type(), at::kFloat, x.device());
    auto y = at::empty_like(x);
    launch(k, {blocks_of(groups, 256), 256}, address(x), address(bias), address(y), groups);
    return y;
}

GeluGradients on_device::gelu_backward(const at::Tensor& d, const at::Tensor& x, const at::Tensor& bias, bool tanh) {
    const auto rows = rows_of(x), columns = x.size(-1), tiles = blocks_of(columns, 256), parts = std::min(blocks_of(rows, 8), std::max<int64_t>(tile_blocks / tiles, 1));
    const auto& k = training_kernel("gelu_backward", part_of(tanh), columns, x.scalar_type(), at::kFloat, x.device());
    const auto& sum_columns = training_kernel("column_sums", part_of(tanh), columns, x.scalar_type(), at::kFloat, x.device());
    auto dx = at::empty_like(x), partial = at::empty({parts, columns}, bias.options());
    launch(k, {tiles * parts, 256}, address(d), address(x), address(bias), address(dx), address(partial), rows);
    return {dx, column_sums(partial, sum_columns)};
}

Beside on_device::side_by_side(const std::vector<at::Tensor>& all) {
    const auto& first = all[0];
    const auto rows = rows_of(first), width = first.size(-1), count = static_cast<int64_t>(all.size()), tiles = count * blocks_of(width, 256);
    const auto parts = std::min(blocks_of(rows, 8), std::max<int64_t>(tile_blocks / tiles, 1));
    const auto& k = training_kernel("side_by_side", Part::norm, width, first.scalar_type(), at::kFloat, first.device());
    const auto& sum_columns = training_kernel("column_sums", Part::norm, width, first.scalar_type(), at::kFloat, first.device());
    auto whole = at::empty({rows, count * width}, first.options()), partial = at::empty({parts, count * width}, first.options().dtype(at::kFloat));
    launch(k, {tiles * parts, 256}, address(first), address(all[count > 1 ? 1 : 0]), address(all[count > 2 ? 2 : 0]), address(whole), address(partial), rows, static_cast<int>(count));
    return {whole, column_sums(partial, sum_columns)};
}
