// The places of a step's input, and who waits for whom.
#include "step_inputs.h"
#include "device_code.h"
#include <c10/core/impl/VirtualGuardImpl.h>
#include <cstring>
#include <torch/csrc/api/include/torch/cuda.h>
#include <unistd.h>

using namespace rmt;

static c10::impl::VirtualGuardImpl streams() { return c10::impl::VirtualGuardImpl(c10::DeviceType::CUDA); }

StepInputs::StepInputs(c10::Device device) : device(device) {
    counter = at::zeros({1}, at::TensorOptions().device(device).dtype(at::kInt));
    if (!device.is_cuda()) return;
    uploads = std::make_unique<c10::Stream>(streams().getStreamFromGlobalPool(device));
    for (int i = 0; i < places; i++) arrived.push_back(std::make_unique<c10::Event>(c10::DeviceType::CUDA));
    for (int i = 0; i < places / together; i++) finished.push_back(std::make_unique<c10::Event>(c10::DeviceType::CUDA));
}

// Copies that are under way read memory that is about to be freed.
StepInputs::~StepInputs() {
    if (!device.is_cuda()) return;
    try { torch::cuda::synchronize(device.index()); } catch (...) { }
}

void StepInputs::grow(int64_t windows, int64_t length) {
    if (device.is_cuda()) torch::cuda::synchronize(device.index());
    rows = std::max(rows, windows);
    bytes = std::max(bytes, bytes_of(windows, length));
    const auto options = at::TensorOptions().device(device);
    ring = at::zeros({places, bytes}, options.dtype(at::kByte));
    written = at::zeros({rows}, options.dtype(at::kLong));
    host = device.is_cuda() ? at::zeros({places, bytes}, at::TensorOptions().dtype(at::kByte).pinned_memory(true)) : ring;
    // The zeros are written before the first copy may be.
    if (device.is_cuda()) torch::cuda::synchronize(device.index());
}

// Until the steps that read this place and those beside it the last time are done.
void StepInputs::wait_for_place() {
    if (!device.is_cuda() || step < places || step % together != 0) return;
    auto& event = *finished[static_cast<size_t>(step % places / together)];
    while (!event.query()) usleep(20);
}

void StepInputs::put(const StepInput& input, bool failed) {
    const auto place = step % places;
    if (failed) {
        if (device.is_cuda()) torch::cuda::synchronize(device.index());
        counter.fill_(static_cast<int>(step & 0x3fffffff));
    }
    wait_for_place();
    char* begin = static_cast<char*>(host.data_ptr()) + place * bytes;
    auto read = reinterpret_cast<void**>(begin);
    for (int64_t i = 0; i < input.windows; i++) {
        read[i] = input.read[static_cast<size_t>(i)].data_ptr();
        read[input.windows + i] = input.written[static_cast<size_t>(i)].data_ptr();
    }
    auto lengths = reinterpret_cast<int32_t*>(begin + 16 * input.windows);
    for (int64_t i = 0; i < input.windows; i++) lengths[i] = input.lengths ? input.lengths[i] : static_cast<int32_t>(input.length);
    std::memcpy(lengths + input.windows, input.ids, static_cast<size_t>(4 * input.windows * input.length));
    if (!device.is_cuda()) return;
    upload(static_cast<char*>(ring.data_ptr()) + place * bytes, begin, static_cast<size_t>(20 * input.windows + 4 * input.windows * input.length), *uploads);
    auto& event = *arrived[static_cast<size_t>(place)];
    event.record(*uploads);
    event.block(streams().getStream(device));
}

void StepInputs::taken() {
    if (device.is_cuda() && step % together == together - 1) finished[static_cast<size_t>(step % places / together)]->record(streams().getStream(device));
    step++;
}
