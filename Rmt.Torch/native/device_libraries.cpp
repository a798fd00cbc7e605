// Where the CUDA driver and NVRTC are: a user has a driver and libtorch's own CUDA libraries, seldom a toolkit.
#include "device_libraries.h"
#include <ATen/detail/CUDAHooksInterface.h>
#include <ATen/Context.h>
#include <dlfcn.h>
#include <glob.h>
#include <link.h>
#include <stdexcept>
#include <torch/csrc/api/include/torch/cuda.h>
#include <vector>

using namespace rmt;

namespace {

template <class F> bool find(void* library, const char* name, F& function) {
    function = reinterpret_cast<F>(dlsym(library, name));
    return function != nullptr;
}

// Folders of the CUDA libraries that libtorch brought into this process. In a Python environment NVRTC lies in one of them (CUDA 13) or beside (12).
std::vector<std::string> folders() {
    std::vector<std::string> all;
    dl_iterate_phdr([](dl_phdr_info* info, size_t, void* list) {
        std::string path = info->dlpi_name ? info->dlpi_name : "";
        const auto slash = path.rfind('/');
        if (slash == std::string::npos) return 0;
        for (auto name : {"libcudart", "libcublasLt", "libc10_cuda", "libtorch_cuda"})
            if (path.compare(slash + 1, std::string(name).size(), name) == 0) static_cast<std::vector<std::string>*>(list)->push_back(path.substr(0, slash));
        return 0;
    }, &all);
    const auto found = all.size();
    for (size_t i = 0; i < found; i++)
        for (auto beside : {"/../../cuda_nvrtc/lib", "/../../nvidia/cu13/lib", "/../../nvidia/cuda_nvrtc/lib"}) all.push_back(all[i] + beside);
    all.push_back("/usr/local/cuda/lib64");
    return all;
}

void* open_nvrtc() {
    for (auto name : {"libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so"})
        if (auto library = dlopen(name, RTLD_LAZY | RTLD_LOCAL)) return library;
    for (auto& folder : folders()) {
        glob_t matches{};
        void* library = nullptr;
        // A libtorch of its own has a hash in the name, libnvrtc-0123abcd.so.12; its builtins are no library to be opened by us.
        for (auto pattern : {"/libnvrtc.so*", "/libnvrtc-[0-9a-f]*.so*"}) {
            if (glob((folder + pattern).c_str(), 0, nullptr, &matches) == 0)
                for (size_t i = 0; i < matches.gl_pathc && !library; i++) library = dlopen(matches.gl_pathv[i], RTLD_LAZY | RTLD_LOCAL);
            globfree(&matches);
            matches = {};
            if (library) return library;
        }
    }
    return nullptr;
}

DeviceLibraries look() {
    DeviceLibraries all;
    if (!torch::cuda::is_available()) {
        all.missing = "this machine or this libtorch has no CUDA device";
        return all;
    }
    all.stream = reinterpret_cast<void* (*)(const void*)>(libtorch_function("libc10_cuda.so", "_ZNK3c104cuda10CUDAStream6streamEv"));
    auto driver = dlopen("libcuda.so.1", RTLD_LAZY | RTLD_LOCAL);
    auto nvrtc = open_nvrtc();
    if (!all.stream) all.missing = "this libtorch does not show the streams of its CUDA devices";
    else if (!driver) all.missing = "libcuda.so.1, the driver's library, was not found";
    else if (!nvrtc) all.missing = "libnvrtc was not found, neither by name nor beside libtorch's CUDA libraries; CUDA's toolkit and libtorch's Python package bring it";
#define FIND(name, type) if (all.missing.empty() && !find(driver, #name, all.name)) all.missing = "libcuda.so.1 is too old: it has no " #name;
    RMT_DRIVER_FUNCTIONS(FIND)
#undef FIND
#define FIND(name, type) if (all.missing.empty() && !find(nvrtc, #name, all.name)) all.missing = "the libnvrtc that was found has no " #name;
    RMT_NVRTC_FUNCTIONS(FIND)
#undef FIND
    if (all.missing.empty() && all.cuInit(0) != 0) all.missing = "the CUDA driver does not start";
    return all;
}

}   // namespace

const DeviceLibraries& rmt::device_libraries() {
    static const DeviceLibraries* const all = new DeviceLibraries(look());      // as long as the process
    return *all;
}

void* rmt::libtorch_function(const char* library, const char* mangled) {
    auto loaded = dlopen(library, RTLD_LAZY | RTLD_NOLOAD);
    return loaded ? dlsym(loaded, mangled) : nullptr;
}

void rmt::check_driver(int result, const char* what) {
    if (result == 0) return;
    const char* reason = nullptr;
    device_libraries().cuGetErrorString(result, &reason);
    throw std::runtime_error("CUDA error: " + std::string(what) + ": " + (reason ? reason : "error " + std::to_string(result)));
}
