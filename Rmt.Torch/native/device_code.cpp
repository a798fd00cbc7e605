// From source to a launch: NVRTC compiles for the device's own architecture, the driver loads and starts.
#include "device_code.h"
#include "device_libraries.h"
#include "kernel_cache.h"
#include "rmt_guard.h"
#include <c10/core/impl/VirtualGuardImpl.h>
#include <map>
#include <mutex>
#include <sstream>
#include <tuple>

using namespace rmt;

namespace {

constexpr int capability_major = 75, capability_minor = 76;     // CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_…
constexpr unsigned programmatic_serialization = 6;              // CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_STREAM_SERIALIZATION

// The primary context of a device, which is the one that libtorch works in. A thread that has not called CUDA yet has none.
struct Context {
    explicit Context(void* wanted) {
        void* current = nullptr;
        check_driver(device_libraries().cuCtxGetCurrent(&current), "the current context");
        if (current == wanted) return;
        check_driver(device_libraries().cuCtxPushCurrent_v2(wanted), "entering the context");
        pushed = true;
    }
    ~Context() {
        void* left = nullptr;
        if (pushed) device_libraries().cuCtxPopCurrent_v2(&left);
    }
    Context(const Context&) = delete;
    bool pushed = false;
};

int architecture(int device) {
    int major = 0, minor = 0;
    check_driver(device_libraries().cuDeviceGetAttribute(&major, capability_major, device), "the device's architecture");
    check_driver(device_libraries().cuDeviceGetAttribute(&minor, capability_minor, device), "the device's architecture");
    return 10 * major + minor;
}

std::string compile(const std::string& source, const std::vector<std::string>& options) {
    auto& nvrtc = device_libraries();
    void* program = nullptr;
    auto check = [&](int result, const std::string& more = "") {
        if (result == 0) return;
        if (program) nvrtc.nvrtcDestroyProgram(&program);
        throw std::runtime_error(std::string("a kernel could not be compiled: ") + nvrtc.nvrtcGetErrorString(result) + more);
    };
    check(nvrtc.nvrtcCreateProgram(&program, source.c_str(), "rmt.cu", 0, nullptr, nullptr));
    std::vector<const char*> words;
    for (auto& option : options) words.push_back(option.c_str());
    if (const int result = nvrtc.nvrtcCompileProgram(program, static_cast<int>(words.size()), words.data())) {
        size_t size = 0;
        std::string log;
        if (nvrtc.nvrtcGetProgramLogSize(program, &size) == 0 && size > 1) {
            log.resize(size);
            nvrtc.nvrtcGetProgramLog(program, &log[0]);
            log.pop_back();
        }
        check(result, "\n" + log);
    }
    size_t size = 0;
    check(nvrtc.nvrtcGetCUBINSize(program, &size));
    std::string code(size, '\0');
    check(nvrtc.nvrtcGetCUBIN(program, &code[0]));
    nvrtc.nvrtcDestroyProgram(&program);
    return code;
}

void* load(const std::string& code) {
    void* module = nullptr;
    return !code.empty() && device_libraries().cuModuleLoadData(&module, code.data()) == 0 ? module : nullptr;
}

// Kept or compiled. A module is never unloaded: its kernels may stand in a graph, and there are few.
void* module_of(const std::string& source, const std::string& options, int device) {
    std::vector<std::string> words{"--std=c++17", "--gpu-architecture=sm_" + std::to_string(architecture(device))};
    std::istringstream stream(options);
    for (std::string word; stream >> word;) words.push_back(word);
    int major = 0, minor = 0;
    device_libraries().nvrtcVersion(&major, &minor);
    std::string key = "nvrtc " + std::to_string(major) + "." + std::to_string(minor);
    for (auto& word : words) key += "\n" + word;
    key += "\n\n" + source;
    if (auto kept = load(read_kernel(key))) return kept;
    const auto code = compile(source, words);
    void* module = nullptr;
    check_driver(device_libraries().cuModuleLoadData(&module, code.data()), "loading a kernel");
    keep_kernel(key, code);
    return module;
}

struct Loaded {
    std::mutex mutex;
    std::map<std::tuple<std::string, std::string, int>, void*> modules;
    std::map<std::tuple<void*, std::string, int>, Kernel> kernels;
};
Loaded& loaded() {
    static Loaded* const all = new Loaded;      // as long as the process
    return *all;
}

}   // namespace

const std::string& rmt::why_no_kernels() { return device_libraries().missing; }

void* rmt::current_stream(c10::Device device) {
    const auto stream = c10::impl::VirtualGuardImpl(c10::DeviceType::CUDA).getStream(device);
    return device_libraries().stream(&stream);
}

const Kernel& rmt::kernel(const std::string& source, const std::string& name, const std::string& options, c10::Device device) {
    if (!why_no_kernels().empty()) throw std::runtime_error("kernels of our own: " + why_no_kernels());
    if (!device.is_cuda()) throw std::invalid_argument("a kernel runs on a CUDA device, not on " + device.str());
    auto& driver = device_libraries();
    if (!device.has_index()) device = c10::impl::VirtualGuardImpl(c10::DeviceType::CUDA).getDevice();
    auto& all = loaded();
    std::lock_guard<std::mutex> lock(all.mutex);
    Kernel made;
    made.device = device;
    int number = 0;
    check_driver(driver.cuDeviceGet(&number, device.index()), "the device");
    // Retained for the life of the process, as libtorch does.
    static std::map<int, void*>* const contexts = new std::map<int, void*>;
    auto& context = (*contexts)[number];
    if (!context) check_driver(driver.cuDevicePrimaryCtxRetain(&context, number), "the device's context");
    made.context = context;
    made.architecture = architecture(number);
    Context entered(made.context);
    auto& module = all.modules[{source, options, number}];
    if (!module) module = module_of(source, options, number);
    auto [place, isNew] = all.kernels.try_emplace({module, name, number}, made);
    if (isNew) {
        const int result = driver.cuModuleGetFunction(&place->second.function, module, name.c_str());
        if (result != 0) all.kernels.erase(place);
        check_driver(result, ("the kernel " + name).c_str());
    }
    return place->second;
}

void rmt::launch_addresses(const Kernel& kernel, const Blocks& blocks, void** arguments) {
    if (blocks.blocks == 0) return;
    if (blocks.blocks > 0x7fffffff) throw std::invalid_argument("a kernel of " + std::to_string(blocks.blocks) + " blocks");
    Context entered(kernel.context);
    LaunchAttribute early{};
    early.id = programmatic_serialization;
    early.value.flag = 1;
    const LaunchConfig how{{static_cast<unsigned>(blocks.blocks), 1, 1}, {blocks.threads, 1, 1}, /*shared_bytes=*/0, current_stream(kernel.device), &early,
                           blocks.early && kernel.architecture >= 90 ? 1u : 0u};
    check_driver(device_libraries().cuLaunchKernelEx(&how, kernel.function, arguments, nullptr), "starting a kernel");
}

const char* rmt_kernels_missing() { return why_no_kernels().c_str(); }

const char* rmt_kernel_cache() {
    static thread_local std::string folder;
    folder = kernel_cache_folder();
    return folder.c_str();
}
