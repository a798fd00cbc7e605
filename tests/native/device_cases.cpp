// What runs on CUDA devices, as far as it can be tried without one.
#include "cases.h"
#include <cstdlib>
#include <cstring>

namespace {
void kernels() {
    if (rmt_cuda_device_count() == 0) EXPECT(std::strstr(rmt_kernels_missing(), "no CUDA device") != nullptr);
}

void kernel_cache() {
    const char* before = std::getenv("XDG_CACHE_HOME");
    const std::string kept = before ? before : "";
    setenv("XDG_CACHE_HOME", "/somewhere", 1);
    EXPECT(std::string(rmt_kernel_cache()) == "/somewhere/rmt-adapter/kernels");
    setenv("XDG_CACHE_HOME", "not/absolute", 1);
    EXPECT(std::string(rmt_kernel_cache()).find("not/absolute") == std::string::npos);
    if (before) setenv("XDG_CACHE_HOME", kept.c_str(), 1);
    else unsetenv("XDG_CACHE_HOME");
}
}   // namespace

const std::vector<Case> device_cases = {
    {"rmt_kernels_missing", kernels}, {"rmt_kernel_cache", kernel_cache},
};
