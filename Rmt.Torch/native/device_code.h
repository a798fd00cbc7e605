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
    unsigned threads, shared_bytes = 0;
    // May begin while the kernel before it on the stream ends: only for one that calls `griddepcontrol.wait` before it touches memory. Nothing before Hopper.
    bool early = false;
};
void launch_addresses(const Kernel& kernel, const Blocks& blocks, void** arguments);

// Starts a kernel on the current stream of its device. The arguments are of exactly the types that the kernel declares: void*, int, float.
template <class... Arguments> void launch(const Kernel& kernel, const Blocks& blocks, Arguments... arguments) {
    void* addresses[] = {&arguments..., nullptr};
    launch_addresses(kernel, blocks, addresses);
}

// cudaStream_t of a stream, and of the device's current one.
void* stream_handle(const c10::Stream& stream);
void* current_stream(c10::Device device);

// Starts the copy from pinned memory of the host to memory of a device.
void upload(void* to, const void* from, size_t bytes, const c10::Stream& stream);

}   // namespace rmt
