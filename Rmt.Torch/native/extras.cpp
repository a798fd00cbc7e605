// What TorchSharp lacks: memory statistics, autocast.
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
    bool enabled() const { return at::autocast::is_autocast_enabled(kind); }
    at::ScalarType type() const { return at::autocast::get_autocast_dtype(kind); }
    void set(bool on, at::ScalarType dtype) const {
        at::autocast::set_autocast_dtype(kind, dtype);
        at::autocast::set_autocast_enabled(kind, on);
    }
#else
    bool cpu() const { return kind == c10::DeviceType::CPU; }
    bool enabled() const { return cpu() ? at::autocast::is_cpu_enabled() : at::autocast::is_enabled(); }
    at::ScalarType type() const { return cpu() ? at::autocast::get_autocast_cpu_dtype() : at::autocast::get_autocast_gpu_dtype(); }
    void set(bool on, at::ScalarType dtype) const {
        cpu() ? at::autocast::set_autocast_cpu_dtype(dtype) : at::autocast::set_autocast_gpu_dtype(dtype);
        cpu() ? at::autocast::set_cpu_enabled(on) : at::autocast::set_enabled(on);
    }
#endif
    Autocast(c10::DeviceType kind, bool on, at::ScalarType dtype) : kind(kind), enabled_before(enabled()), type_before(type()) {
        at::autocast::increment_nesting();
        set(on, dtype);
    }
    ~Autocast() {
        set(enabled_before, type_before);
        if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();    // of weights that were cast
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
