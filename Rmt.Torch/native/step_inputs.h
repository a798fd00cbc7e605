// What a step of an encoder is given: token ids, lengths, and which memories it reads and writes. On a CUDA device it is uploaded while the step before runs.
#pragma once
#include <ATen/ATen.h>
#include <c10/core/Event.h>
#include <memory>
#include <vector>

namespace rmt {

// One segment each of `windows` documents. Lengths are absent where no window is padded. Memories are [m, H] each.
struct StepInput {
    int64_t windows, length;
    const int32_t* ids;          // [windows, length]
    const int32_t* lengths;      // [windows], or null
    std::vector<at::Tensor> read, written;
};

// Places of which every step takes the next one, so that no step's input is overwritten before it was read: the host writes into pinned memory, a copy of it goes
// to the device on a stream of its own, and a counter on the device says which place the running step reads. All addresses stay as long as `fits` is true.
class StepInputs {
public:
    explicit StepInputs(c10::Device device);
    ~StepInputs();

    bool fits(int64_t windows, int64_t length) const { return bytes_of(windows, length) <= bytes && windows <= rows; }

    // Room for steps of this size; the addresses change.
    void grow(int64_t windows, int64_t length);

    // Puts the next step's input in its place; `failed` if the step before did not come to its end.
    void put(const StepInput& input, bool failed);

    // The step was started.
    void taken();

    static constexpr int places = 32;
    at::Tensor ring;             // uint8 [places, bytes], on the device
    at::Tensor counter;          // int32 [1]
    at::Tensor written;          // int64 [rows]: where the running step's memories go
    int64_t bytes = 0;

private:
    static int64_t bytes_of(int64_t windows, int64_t length) { return (20 * windows + 4 * windows * length + 255) / 256 * 256; }
    void wait_for_place();

    static constexpr int together = 8;      // places that one event speaks for
    c10::Device device;
    at::Tensor host;             // pinned; on the CPU the ring itself
    int64_t rows = 0;
    int64_t step = 0;
    std::unique_ptr<c10::Stream> uploads;
    std::vector<std::unique_ptr<c10::Event>> arrived, finished;
};

}   // namespace rmt
