// CUDA graphs of libtorch: what is computed between the beginning and the end is not run but recorded, with memory of its own, and then started as one.
#pragma once
#include <c10/core/Device.h>
#include <c10/core/Stream.h>
#include <cstddef>
#include <memory>
#include <string>

namespace rmt {

// Why there are none here, in one sentence; empty where there are.
const std::string& why_no_graphs();

// Recordings of a device share their memory, since they run one after another; nothing but what is copied out of it outlives the next one's run.
class DeviceGraph {
public:
    // Everything that this thread computes from now on is done on a stream of its own.
    explicit DeviceGraph(c10::Device device);
    ~DeviceGraph();
    DeviceGraph(const DeviceGraph&) = delete;

    void begin();       // from here on nothing is run
    void end();
    void leave();       // back to the stream of before; also where recording failed
    void replay();      // on the current stream

private:
    c10::Device device;
    c10::Stream before;
    bool entered = false, recording = false, made = false;
    struct Graph;
    std::unique_ptr<Graph> graph;
};

}   // namespace rmt
