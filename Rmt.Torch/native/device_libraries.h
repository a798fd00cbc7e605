// The CUDA driver and NVRTC, found while running. Nothing of CUDA is needed to build the shim: what is called of them is declared here.
#pragma once
#include <stddef.h>
#include <string>
#include <type_traits>

namespace rmt {

// CUlaunchAttribute and CUlaunchConfig of cuda.h.
struct LaunchAttribute {
    unsigned id;
    alignas(8) union { char bytes[64]; int flag; } value;
};
struct LaunchConfig {
    unsigned blocks[3], threads[3], shared_bytes;
    void* stream;
    LaunchAttribute* attributes;
    unsigned count;
};

#define RMT_DRIVER_FUNCTIONS(X) \
    X(cuInit, int(unsigned)) \
    X(cuDeviceGet, int(int*, int)) \
    X(cuDeviceGetAttribute, int(int*, int, int)) \
    X(cuDevicePrimaryCtxRetain, int(void**, int)) \
    X(cuCtxGetCurrent, int(void**)) \
    X(cuCtxPushCurrent_v2, int(void*)) \
    X(cuCtxPopCurrent_v2, int(void**)) \
    X(cuModuleLoadData, int(void**, const void*)) \
    X(cuModuleGetFunction, int(void**, void*, const char*)) \
    X(cuLaunchKernelEx, int(const LaunchConfig*, void*, void**, void**)) \
    X(cuGetErrorString, int(int, const char**))

#define RMT_NVRTC_FUNCTIONS(X) \
    X(nvrtcVersion, int(int*, int*)) \
    X(nvrtcCreateProgram, int(void**, const char*, const char*, int, const char* const*, const char* const*)) \
    X(nvrtcDestroyProgram, int(void**)) \
    X(nvrtcCompileProgram, int(void*, int, const char* const*)) \
    X(nvrtcGetCUBINSize, int(void*, size_t*)) \
    X(nvrtcGetCUBIN, int(void*, char*)) \
    X(nvrtcGetProgramLogSize, int(void*, size_t*)) \
    X(nvrtcGetProgramLog, int(void*, char*)) \
    X(nvrtcGetErrorString, const char*(int))

// All of them or a reason why not, in one sentence; libtorch's own function beside, which the driver cannot do without: the stream behind a c10::Stream.
struct DeviceLibraries {
#define RMT_MEMBER(name, type) std::add_pointer_t<type> name = nullptr;
    RMT_DRIVER_FUNCTIONS(RMT_MEMBER)
    RMT_NVRTC_FUNCTIONS(RMT_MEMBER)
#undef RMT_MEMBER
    void* (*stream)(const void* c10_stream) = nullptr;
    std::string missing;
};

// Looked for once.
const DeviceLibraries& device_libraries();

// A function of one of libtorch's CUDA libraries that no header without CUDA's declares, by its mangled name; null where there is none.
void* libtorch_function(const char* library, const char* mangled);

// Throws where a call of the driver failed.
void check_driver(int result, const char* what);

}   // namespace rmt
