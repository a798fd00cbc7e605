// Errors, threads, devices, switches, random numbers.
#include "rmt_guard.h"
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <mutex>
#include <new>
#include <string>
#include <torch/csrc/autograd/anomaly_mode.h>
#include <type_traits>
#include <torch/csrc/api/include/torch/cuda.h>
#include <torch/csrc/api/include/torch/version.h>

using namespace rmt;

namespace {
enum Error {
#define NAME(x) error_##x,
    RMT_ERROR(NAME)
#undef NAME
};
enum Tag {
#define NAME(x) tag_##x,
    RMT_SCALAR(NAME)
#undef NAME
};
thread_local std::string message;
thread_local int code;
thread_local int64_t exception;

void file(Error kind, const char* text) noexcept {
    code = kind;
    try { message = text; } catch (...) { message.clear(); }
}

bool has(const char* text, const char* part) { return std::string(text).find(part) != std::string::npos; }

Error kind_of(const char* text) {
    if (has(text, "out of memory") || has(text, "can't allocate memory")) return error_out_of_memory;
    if (has(text, "CUDA error") || has(text, "CUDNN_STATUS") || has(text, "CUBLAS_STATUS")) return error_device;
    return error_other;
}

at::Generator& G(rmt_generator g) { return *static_cast<at::Generator*>(g); }

at::Generator default_generator(int type, int index) {
    auto d = device(type, index);
    return at::globalContext().defaultGenerator(d.is_cuda() && !d.has_index() ? c10::Device(d.type(), 0) : d);
}
}   // namespace

void rmt::record_failure() noexcept {
    try {
        throw;
    } catch (const managed_failure& e) {
        file(error_managed, e.what());
        exception = e.number;
    } catch (const c10::IndexError& e) {
        file(error_index, e.what_without_backtrace());
    } catch (const c10::ValueError& e) {
        file(error_argument, e.what_without_backtrace());
    } catch (const c10::Error& e) {
        file(kind_of(e.what_without_backtrace()), e.what_without_backtrace());
    } catch (const std::bad_alloc&) {
        file(error_out_of_memory, "out of memory");
    } catch (const std::invalid_argument& e) {
        file(error_argument, e.what());
    } catch (const std::out_of_range& e) {
        file(error_index, e.what());
    } catch (const std::exception& e) {
        file(kind_of(e.what()), e.what());
    } catch (...) {
        file(error_other, "an exception that is no std::exception");
    }
}

at::Scalar rmt::scalar(rmt_scalar value) {
    switch (value.tag) {
        case tag_real: return at::Scalar(value.real);
        case tag_whole: return at::Scalar(value.whole);
        case tag_boolean: return at::Scalar(value.whole != 0);
        default: throw std::invalid_argument("a number is missing");
    }
}

c10::optional<at::Scalar> rmt::maybe_scalar(rmt_scalar value) {
    return value.tag == tag_absent ? c10::nullopt : c10::optional<at::Scalar>(scalar(value));
}

c10::Device rmt::device(int type, int index) {
    return c10::Device(static_cast<c10::DeviceType>(type), static_cast<c10::DeviceIndex>(index));
}

at::TensorOptions rmt::options(rmt_options o) {
    auto result = at::TensorOptions();
    if (o.dtype >= 0) result = result.dtype(static_cast<at::ScalarType>(o.dtype));
    if (o.device >= 0) result = result.device(device(o.device, o.device_index));
    return result;
}

const char* rmt_error_message() { return message.c_str(); }
int rmt_error_code() { return code; }
int64_t rmt_error_exception() { return exception; }
const char* rmt_version() { return TORCH_VERSION; }
int rmt_get_num_threads() { return at::get_num_threads(); }
int rmt_set_num_threads(int threads) { return status([&] { at::set_num_threads(threads); }); }
int rmt_cuda_device_count() { return static_cast<int>(torch::cuda::device_count()); }
int rmt_cuda_is_cudnn_available() { return torch::cuda::cudnn_is_available(); }
int rmt_cuda_synchronize(int index) { return status([&] { torch::cuda::synchronize(index); }); }

int rmt_set_float32_matmul_precision(const char* precision) {
    return status([&] { at::globalContext().setFloat32MatmulPrecision(std::string(precision)); });
}

// Which kernels libtorch may choose, and what it looks for in a backward. Those an older libtorch lacks are unknown to it.
#if TORCH_VERSION_MAJOR >= 2
#define SDP_SWITCHES(X) X(flash_sdp, setSDPUseFlash, userEnabledFlashSDP) X(math_sdp, setSDPUseMath, userEnabledMathSDP) \
    X(mem_efficient_sdp, setSDPUseMemEfficient, userEnabledMemEfficientSDP) X(cudnn_sdp, setSDPUseCuDNN, userEnabledCuDNNSDP)
#else
#define SDP_SWITCHES(X)
#endif
#define SWITCHES(X) X(allow_tf32_cublas, setAllowTF32CuBLAS, allowTF32CuBLAS) X(allow_tf32_cudnn, setAllowTF32CuDNN, allowTF32CuDNN) \
    X(benchmark_cudnn, setBenchmarkCuDNN, benchmarkCuDNN) SDP_SWITCHES(X)

// The sums of half-precision products: a switch in libtorch 1.13, one of several ways later.
template <class E> bool allowed(E way) {
    if constexpr (std::is_same_v<E, bool>) return way;
    else return way == E::AllowReducedPrecisionWithSplitK;
}

int rmt_get_switch(const char* name) {
    using torch::autograd::AnomalyMode;
    if (std::string(name) == "detect_anomaly") return AnomalyMode::is_enabled();
    if (std::string(name) == "anomaly_check_nan") return AnomalyMode::should_check_nan();
    if (std::string(name) == "allow_fp16_reduced_precision_reduction") return allowed(at::globalContext().allowFP16ReductionCuBLAS());
#define READ(key, set, get) if (std::string(name) == #key) return at::globalContext().get();
    SWITCHES(READ)
#undef READ
    return -1;
}

int rmt_set_switch(const char* name, int value) {
    using torch::autograd::AnomalyMode;
    return status([&] {
        if (std::string(name) == "detect_anomaly") return AnomalyMode::set_enabled(value != 0, AnomalyMode::should_check_nan());
        if (std::string(name) == "anomaly_check_nan") return AnomalyMode::set_enabled(AnomalyMode::is_enabled(), value != 0);
        if (std::string(name) == "allow_fp16_reduced_precision_reduction") return at::globalContext().setAllowFP16ReductionCuBLAS(value != 0);
#define WRITE(key, set, get) if (std::string(name) == #key) return at::globalContext().set(value != 0);
        SWITCHES(WRITE)
#undef WRITE
        throw std::invalid_argument(std::string(name) + " is no switch of libtorch " TORCH_VERSION);
    });
}

int rmt_manual_seed(uint64_t seed) { return status([&] { at::manual_seed(seed); }); }

rmt_generator rmt_generator_default(int type, int index) {
    try { return new at::Generator(default_generator(type, index)); } catch (...) { record_failure(); return nullptr; }
}

rmt_generator rmt_generator_new(uint64_t seed, int type, int index) {
    try {
        // Not by clone() where it can be helped: what it returns is never freed by libtorch 1.13, which counts it wrongly.
        if (device(type, index).is_cpu()) return new at::Generator(at::detail::createCPUGenerator(seed));
        auto generator = default_generator(type, index).clone();
        generator.set_current_seed(seed);
        return new at::Generator(generator);
    } catch (...) { record_failure(); return nullptr; }
}

void rmt_generator_free(rmt_generator g) { delete static_cast<at::Generator*>(g); }

int rmt_generator_manual_seed(rmt_generator g, uint64_t seed) {
    return status([&] {
        std::lock_guard<std::mutex> lock(G(g).mutex());
        G(g).set_current_seed(seed);
    });
}

int rmt_generator_initial_seed(rmt_generator g, uint64_t* seed) { return status([&] { *seed = G(g).current_seed(); }); }

rmt_tensor rmt_generator_get_state(rmt_generator g) {
    return tensor([&] {
        std::lock_guard<std::mutex> lock(G(g).mutex());
        return G(g).get_state();
    });
}

int rmt_generator_set_state(rmt_generator g, rmt_tensor state) {
    return status([&] {
        std::lock_guard<std::mutex> lock(G(g).mutex());
        G(g).set_state(T(state));
    });
}
