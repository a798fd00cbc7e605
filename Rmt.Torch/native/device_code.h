// Kernels from source, compiled for the device they run on when they are first wanted, and kept in the user's cache folder.
#pragma once
#include <ATen/ATen.h>
#include <string>

namespace rmt {

// One function on one device; there as long as the process.
struct Kernel {
    void* function = nullptr;
    void* context = nullptr;
    int architecture = 0;      // 90: of a Hopper
    c10::Device device = c10::Device(c10::DeviceType::CUDA, 0);
};

// Why kernels cannot be had here, in one sentence; empty where they can. Callers then do without them.
const std::string& why_no_kernels();

// The extern "C" __global__ function `name` of a source, compiled with these options ("-DH=768 -DHALF"), for a CUDA device.
// The same arguments give the same object. Throws where it cannot be compiled or loaded; the message has the compiler's.
const Kernel& kernel(const std::string& source, const std::string& name, const std::string& options, c10::Device device);

struct Blocks {
    int64_t blocks;
    unsigned threads;
    // May begin while the kernel in front of it on the stream ends: only for one that calls `griddepcontrol.wait` before it looks at what that writes. Nothing before Hopper.
    bool early = false;
};
void launch_addresses(const Kernel& kernel, const Blocks& blocks, void** arguments);

// Starts a kernel on the current stream of its device. The arguments are of exactly the types that the kernel declares: void*, int, float.
template <class... Arguments> void launch(const Kernel& kernel, const Blocks& blocks, Arguments... arguments) {
    void* addresses[] = {&arguments..., nullptr};
    launch_addresses(kernel, blocks, addresses);
}

// cudaStream_t of the current stream.
void* current_stream(c10::Device device);

}   // namespace rmt
