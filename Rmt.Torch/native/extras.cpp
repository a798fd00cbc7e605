// What TorchSharp lacks: memory statistics, autocast, tensors side by side.
#include "joined.h"
#include "rmt_guard.h"
#include <ATen/autocast_mode.h>
#include <torch/csrc/api/include/torch/cuda.h>
#include <torch/csrc/api/include/torch/version.h>

// One interface over all devices' allocators came with 2.9; before, it takes linking with the CUDA part, which the shim does without.
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 9)
#define HAS_DEVICE_ALLOCATOR 1
#include <c10/core/CachingDeviceAllocator.h>
#else
#define HAS_DEVICE_ALLOCATOR 0
#endif

using namespace rmt;

namespace {
template <class F> int with_allocator(F body) {
    return status([&] {
        if (!torch::cuda::is_available()) throw std::invalid_argument("memory statistics are of CUDA devices, and this machine has none");
#if HAS_DEVICE_ALLOCATOR
        // Before anything was put on a device its allocator knows of none.
        (void)at::empty({0}, at::TensorOptions(c10::Device(c10::DeviceType::CUDA)));
        auto allocator = dynamic_cast<c10::DeviceAllocator*>(c10::GetAllocator(c10::DeviceType::CUDA));
        if (!allocator) throw std::invalid_argument("this allocator of CUDA memory gives no statistics");
        body(*allocator);
#else
        (void)body;
        throw std::invalid_argument("libtorch " TORCH_VERSION " gives no memory statistics; 2.9 and newer do");
#endif
    });
}

// The setting of a kind of device before, which comes back at the end. In old versions each kind has functions of its own.
struct Autocast {
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4)
    static bool enabled(c10::DeviceType kind) { return at::autocast::is_autocast_enabled(kind); }
    static at::ScalarType type(c10::DeviceType kind) { return at::autocast::get_autocast_dtype(kind); }
    void set(bool on, at::ScalarType dtype) const {
        at::autocast::set_autocast_dtype(kind, dtype);
        at::autocast::set_autocast_enabled(kind, on);
    }
#else
    static bool cpu(c10::DeviceType kind) { return kind == c10::DeviceType::CPU; }
    static bool enabled(c10::DeviceType kind) { return cpu(kind) ? at::autocast::is_cpu_enabled() : at::autocast::is_enabled(); }
    static at::ScalarType type(c10::DeviceType kind) { return cpu(kind) ? at::autocast::get_autocast_cpu_dtype() : at::autocast::get_autocast_gpu_dtype(); }
    void set(bool on, at::ScalarType dtype) const {
        cpu(kind) ? at::autocast::set_autocast_cpu_dtype(dtype) : at::autocast::set_autocast_gpu_dtype(dtype);
        cpu(kind) ? at::autocast::set_cpu_enabled(on) : at::autocast::set_enabled(on);
    }
#endif
    Autocast(c10::DeviceType kind, bool on, at::ScalarType dtype) : kind(kind), enabled_before(enabled(kind)), type_before(type(kind)) {
        if (at::autocast::increment_nesting() == 1) rmt::keep_joined(true);
        set(on, dtype);
    }
    ~Autocast() {
        set(enabled_before, type_before);
        if (at::autocast::decrement_nesting() > 0) return;
        at::autocast::clear_cache();    // of weights that were cast
        rmt::keep_joined(false);
    }
    Autocast(const Autocast&) = delete;

    const c10::DeviceType kind;
    const bool enabled_before;
    const at::ScalarType type_before;
};
}   // namespace

int rmt_cuda_memory(int index, rmt_memory* memory) {
    return with_allocator([&](auto& allocator) {
        auto all = allocator.getDeviceStats(static_cast<c10::DeviceIndex>(index));
        const auto &allocated = all.allocated_bytes[0], &reserved = all.reserved_bytes[0];      // 0: large and small blocks together
        *memory = {allocated.current, allocated.peak, reserved.current, reserved.peak};
    });
}
int rmt_cuda_reset_peak(int index) {
    return with_allocator([&](auto& allocator) { allocator.resetPeakStats(static_cast<c10::DeviceIndex>(index)); });
}
int rmt_cuda_empty_cache() {
    return with_allocator([](auto& allocator) { allocator.emptyCache(); });
}

void* rmt_autocast_enter(int type, int dtype, int enabled) {
    try {
        auto kind = static_cast<c10::DeviceType>(type);
        auto to = static_cast<at::ScalarType>(dtype);
        if (kind != c10::DeviceType::CPU && kind != c10::DeviceType::CUDA) throw std::invalid_argument("autocast: on the CPU or on CUDA");
        if (to != at::kBFloat16 && to != at::kHalf) throw std::invalid_argument("autocast: to bfloat16 or float16");
        return new Autocast(kind, enabled != 0, to);
    } catch (...) { record_failure(); return nullptr; }
}
void rmt_autocast_leave(void* guard) { delete static_cast<Autocast*>(guard); }
int rmt_autocast_now(int type, int* dtype) {
    return status([&] {
        auto kind = static_cast<c10::DeviceType>(type);
        if (kind != c10::DeviceType::CPU && kind != c10::DeviceType::CUDA) throw std::invalid_argument("autocast: on the CPU or on CUDA");
        *dtype = Autocast::enabled(kind) ? static_cast<int>(Autocast::type(kind)) : -1;
    });
}

// Tensors of equal width whose rows could be one tensor's.
static at::Tensor joined_rows(const std::vector<at::Tensor>& parts) {
    if (parts.empty() || !parts[0].defined() || parts[0].dim() == 0) throw std::invalid_argument("tensors without rows cannot be side by side");
    auto shape = parts[0].sizes().vec();
    shape[0] = 0;
    for (auto& part : parts) {
        if (part.sizes().slice(1) != parts[0].sizes().slice(1) || part.scalar_type() != parts[0].scalar_type() || part.device() != parts[0].device())
            throw std::invalid_argument("tensors that are put side by side have one type, one device, and one shape but for their rows");
        shape[0] += part.size(0);
    }
    return at::empty(shape, parts[0].options().requires_grad(false));
}

int rmt_side_by_side(const rmt_tensor* tensors, int n) {
    return status([&] {
        at::NoGradGuard none;
        auto parts = list(tensors, n);
        auto whole = joined_rows(parts);
        int64_t row = 0;
        for (auto& part : parts) {
            auto place = whole.narrow(0, row, part.size(0));
            row += part.size(0);
            place.copy_(part);
            part.set_data(place);
        }
    });
}

int rmt_whole(const rmt_tensor* tensors, int n, rmt_tensor* whole) {
    *whole = nullptr;
    return status([&] {
        if (n < 1) throw std::invalid_argument("no tensors");
        int64_t rows = 0;
        auto& first = T(tensors[0]);
        for (int i = 0; i < n; i++) {
            auto& part = T(tensors[i]);
            if (part.dim() == 0 || !part.is_contiguous() || !part.is_alias_of(first) || part.storage_offset() != first.storage_offset() + rows * first.stride(0) ||
                part.sizes().slice(1) != first.sizes().slice(1) || part.scalar_type() != first.scalar_type())
                return;
            rows += part.size(0);
        }
        auto shape = first.sizes().vec();
        shape[0] = rows;
        *whole = new at::Tensor(first.detach().as_strided(shape, first.strides()));
    });
}
