// The steps by the kernels of reading_kernels.h.
#include "device_code.h"
#include "reading_kernels.h"
#include "reading_steps.h"
#include "row_numbers.h"
#include <map>
#include <mutex>
#include <tuple>

using namespace rmt;

namespace {

// The source is long: it is compared once, not at every launch.
const Kernel& reading_kernel(const char* name, const char* part, int64_t columns, at::ScalarType type, c10::Device device) {
    static std::mutex mutex;
    static auto* const known = new std::map<std::tuple<std::string, int64_t, at::ScalarType, int>, const Kernel*>;
    std::lock_guard<std::mutex> lock(mutex);
    auto& found = (*known)[{name, columns, type, device.index()}];
    if (!found) {
        static const std::string source = std::string(row_numbers) + reading_kernels;
        found = &kernel(source, name, "-DH=" + std::to_string(columns) + " -DNARROW=" + (type == at::kBFloat16 ? "bf16" : "f16") + " -D" + part, device);
    }
    return *found;
}

int64_t blocks_of(int64_t count, int64_t each) { return (count + each - 1) / each; }
int64_t rows_of(const at::Tensor& t) { return t.numel() / t.size(-1); }
void* address(const at::Tensor& t) { return t.defined() ? t.data_ptr() : nullptr; }
Blocks early(int64_t blocks, unsigned threads) { return {blocks, threads, true}; }

// Of each document one run of numbers.
int64_t run_of(const at::Tensor& rows) { return rows.size(0) > 0 ? rows.numel() / rows.size(0) : 0; }

}   // namespace

bool on_device::reads(const at::Tensor& rows) {
    return rows.is_cuda() && (rows.scalar_type() == at::kBFloat16 || rows.scalar_type() == at::kHalf) && rows.dim() > 0 && rows.size(-1) % 8 == 0 && why_no_kernels().empty();
}

at::Tensor on_device::add_norm(const at::Tensor& product, const at::Tensor& bias, const at::Tensor& residual, const at::Tensor& gamma, const at::Tensor& beta, double eps) {
    const auto rows = rows_of(product), width = product.size(-1);
    const auto whole = residual.is_contiguous() || residual.dim() != 3;
    const auto group = whole ? rows : residual.size(1), stride = whole ? rows : residual.stride(0) / width;
    if (rows > 0x7fffffff) throw std::invalid_argument("too many rows for one norm");
    auto out = at::empty_like(product);
    launch(reading_kernel("add_norm", "NORM", width, product.scalar_type(), product.device()), early(blocks_of(rows, 4), 128), address(product), address(bias), address(residual), address(gamma),
           address(beta), address(out), static_cast<long long>(rows), static_cast<int>(std::max<int64_t>(group, 1)), static_cast<long long>(stride), static_cast<float>(eps));
    return out;
}

at::Tensor on_device::embed_norm(const at::Tensor& ids, const at::Tensor& words, const at::Tensor& positions, const at::Tensor& type, const at::Tensor& memory, int64_t first,
                                 const at::Tensor& gamma, const at::Tensor& beta, double eps) {
    auto out = at::empty({ids.size(0), ids.size(1), words.size(1)}, words.options());
    launch(reading_kernel("embed_norm", "NORM", words.size(1), words.scalar_type(), words.device()), early(blocks_of(ids.numel(), 4), 128), address(ids), address(words),
           static_cast<long long>(words.size(0)), address(positions), address(type), address(memory), static_cast<int>(first), static_cast<int>(memory.size(1)), static_cast<int>(ids.size(1)), address(gamma), address(beta), address(out),
           static_cast<long long>(ids.numel()), static_cast<float>(eps));
    return out;
}

at::Tensor on_device::bias_gelu(at::Tensor x, const at::Tensor& bias) {
    const auto groups = x.numel() / 8;
    launch(reading_kernel("bias_gelu", "GELU", x.size(-1), x.scalar_type(), x.device()), early(blocks_of(groups, 256), 256), address(x), address(bias), static_cast<long long>(groups));
    return x;
}

void on_device::rows_at(const at::Tensor& addresses, at::Tensor& rows) {
    const auto groups = rows.numel() / 8;
    if (groups > 0)
        launch(reading_kernel("rows_at", "RUNS", run_of(rows), rows.scalar_type(), rows.device()), early(blocks_of(groups, 128), 128), address(addresses), address(rows), static_cast<long long>(groups));
}

void on_device::put_rows_at(const at::Tensor& addresses, const at::Tensor& rows) {
    const auto groups = rows.numel() / 8;
    if (groups > 0)
        launch(reading_kernel("put_rows_at", "RUNS", run_of(rows), rows.scalar_type(), rows.device()), early(blocks_of(groups, 128), 128), address(addresses), address(rows),
               static_cast<long long>(rows.stride(0)), static_cast<long long>(groups));
}
