// libtorch's at::cuda::CUDAGraph, whose header takes CUDA's: its functions are looked up by name, and it lives in room that is larger than it needs.
#include "device_graph.h"
#include "device_libraries.h"
#include "rmt_guard.h"
#include <c10/core/impl/VirtualGuardImpl.h>
#include <map>
#include <mutex>
#include <torch/csrc/api/include/torch/cuda.h>

using namespace rmt;

namespace {

using Pool = std::pair<unsigned long long, unsigned long long>;     // c10::MempoolId_t
constexpr int thread_local_mode = 1;                                // cudaStreamCaptureModeThreadLocal: other threads may go on allocating

struct Functions {
    void (*construct)(void*, bool) = nullptr;
    void (*destroy)(void*) = nullptr;
    void (*begin)(void*, Pool, int) = nullptr;
    void (*end)(void*) = nullptr;
    void (*replay)(void*) = nullptr;
    Pool (*pool)(void*) = nullptr;
    std::string missing;
};

template <class F> void find(Functions& all, F& function, std::initializer_list<const char*> names) {
    for (auto name : names)
        if (!function) function = reinterpret_cast<F>(libtorch_function("libtorch_cuda.so", name));
    if (!function && all.missing.empty()) all.missing = std::string("this libtorch has no CUDA graphs as we know them: ") + *names.begin() + " was not found";
}

const Functions& functions() {
    static const Functions* const all = [] {
        auto found = new Functions;
        if (!torch::cuda::is_available()) {
            found->missing = "this machine or this libtorch has no CUDA device";
            return found;
        }
        // Before 2.7 it was made without an argument; one too many does no harm.
        find(*found, found->construct, {"_ZN2at4cuda9CUDAGraphC1Eb", "_ZN2at4cuda9CUDAGraphC1Ev"});
        find(*found, found->destroy, {"_ZN2at4cuda9CUDAGraphD1Ev"});
        find(*found, found->begin, {"_ZN2at4cuda9CUDAGraph13capture_beginESt4pairIyyE21cudaStreamCaptureMode"});
        find(*found, found->end, {"_ZN2at4cuda9CUDAGraph11capture_endEv"});
        find(*found, found->replay, {"_ZN2at4cuda9CUDAGraph6replayEv"});
        find(*found, found->pool, {"_ZN2at4cuda9CUDAGraph4poolEv"});
        return found;
    }();
    return *all;
}

c10::impl::VirtualGuardImpl streams() { return c10::impl::VirtualGuardImpl(c10::DeviceType::CUDA); }

struct Shared {
    std::mutex mutex;
    std::map<int, std::pair<Pool, int>> pools;      // of a device, with the number of graphs in it
    std::map<int, c10::Stream> recording;           // one for all: libtorch keeps a workspace for products with each stream
};
Shared& shared() {
    static auto* const all = new Shared;            // as long as the process
    return *all;
}

c10::Stream stream_of(c10::Device device) {
    auto& all = shared();
    std::lock_guard<std::mutex> lock(all.mutex);
    auto found = all.recording.find(device.index());
    if (found == all.recording.end()) found = all.recording.emplace(device.index(), streams().getStreamFromGlobalPool(device)).first;
    return found->second;
}

}   // namespace

struct DeviceGraph::Graph {
    Graph() { functions().construct(room, false); }
    ~Graph() { functions().destroy(room); }
    alignas(64) char room[4096];
};

const std::string& rmt::why_no_graphs() { return functions().missing; }

DeviceGraph::DeviceGraph(c10::Device d) : device(d), before(c10::Stream(c10::Stream::DEFAULT, d)) {
    if (!why_no_graphs().empty()) throw std::runtime_error("recordings: " + why_no_graphs());
    if (!device.is_cuda()) throw std::invalid_argument("a recording is of a CUDA device, not of " + device.str());
    if (!device.has_index()) device = streams().getDevice();
    graph = std::make_unique<Graph>();
    torch::cuda::synchronize(device.index());
    before = streams().exchangeStream(stream_of(device));
    entered = true;
}

DeviceGraph::~DeviceGraph() {
    try { leave(); } catch (...) { }
    auto& all = shared();
    std::lock_guard<std::mutex> lock(all.mutex);
    if (made && --all.pools[device.index()].second == 0) all.pools.erase(device.index());
}

void DeviceGraph::begin() {
    torch::cuda::synchronize(device.index());
    Pool pool{0, 0};
    {
        auto& all = shared();
        std::lock_guard<std::mutex> lock(all.mutex);
        if (auto found = all.pools.find(device.index()); found != all.pools.end()) pool = found->second.first;
    }
    functions().begin(graph->room, pool, thread_local_mode);
    recording = true;
}

void DeviceGraph::end() {
    recording = false;
    functions().end(graph->room);
    auto& all = shared();
    std::lock_guard<std::mutex> lock(all.mutex);
    auto& pool = all.pools.emplace(device.index(), std::make_pair(functions().pool(graph->room), 0)).first->second;
    pool.second++;
    made = true;
}

void DeviceGraph::leave() {
    if (recording) {
        recording = false;
        // What was begun is ended, whatever it is: the stream takes nothing else before.
        try { functions().end(graph->room); } catch (...) { }
    }
    if (entered) streams().exchangeStream(before);
    entered = false;
}

void DeviceGraph::replay() { functions().replay(graph->room); }

const char* rmt_graphs_missing() { return why_no_graphs().c_str(); }

void* rmt_graph_enter(int index) {
    try { return new DeviceGraph(c10::Device(c10::DeviceType::CUDA, static_cast<c10::DeviceIndex>(index))); } catch (...) { record_failure(); return nullptr; }
}
int rmt_graph_begin(void* graph) { return status([&] { static_cast<DeviceGraph*>(graph)->begin(); }); }
int rmt_graph_end(void* graph) { return status([&] { static_cast<DeviceGraph*>(graph)->end(); }); }
int rmt_graph_leave(void* graph) { return status([&] { static_cast<DeviceGraph*>(graph)->leave(); }); }
int rmt_graph_replay(void* graph) { return status([&] { static_cast<DeviceGraph*>(graph)->replay(); }); }
void rmt_graph_free(void* graph) { delete static_cast<DeviceGraph*>(graph); }
