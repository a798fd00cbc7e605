// The arithmetic of a recurrent step, and single operations, on libtorch with nothing around it: what the C# side is measured against.
//
//   rmt-bare segment SHAPE BATCH TYPE all DEVICE      rmt-bare operation NAME      (THREADS last)
//
// Writes "ready CHECKSUM MS" after warming up; then answers every line "SECONDS" with "MEDIAN LEAST CPU CALLS": nanoseconds a call on the clock,
// nanoseconds of processor time a call (all threads of the process), calls.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>
#include <torch/version.h>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

using at::Tensor;
using Clock = std::chrono::steady_clock;

namespace {

constexpr int64_t vocabulary = 30522, window = 512, memory_tokens = 10, seed = 7;
constexpr double spread = 0.02, epsilon = 1e-12;
constexpr int in_flight = 16;   // steps given to a GPU before anyone waits for it, as in a long document

struct Shape { int64_t layers, hidden, heads, inner; };

Shape shape_named(const std::string& name) {
    if (name == "tiny") return {2, 48, 4, 96};
    if (name == "mini") return {6, 384, 12, 1536};
    if (name == "base") return {12, 768, 12, 3072};
    throw std::invalid_argument("no shape '" + name + "'");
}

double nanoseconds(Clock::time_point since) { return std::chrono::duration<double, std::nano>(Clock::now() - since).count(); }

double processor_nanoseconds() {
    timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec * 1e9 + now.tv_nsec;
}

// Weights are drawn in the order of the C# model's parameters, from the same seed: so both sides hold the same numbers.
Tensor drawn(int64_t rows, int64_t columns, at::ScalarType type) { return at::empty({rows, columns}).normal_(0, spread).to(type); }

struct Linear {
    Tensor weight, bias;
    Linear(int64_t from, int64_t to, at::ScalarType type) : weight(drawn(to, from, type)), bias(at::zeros({to}, type)) {}
    Tensor operator()(const Tensor& x) const { return at::linear(x, weight, bias); }
};

struct Norm {
    Tensor weight, bias;
    Norm(int64_t width, at::ScalarType type) : weight(at::ones({width}, type)), bias(at::zeros({width}, type)) {}
    Tensor operator()(const Tensor& x) const { return at::layer_norm(x, weight.sizes(), weight, bias, epsilon); }
};

Tensor attention(const Tensor& q, const Tensor& k, const Tensor& v) {
#if TORCH_VERSION_MAJOR >= 2
    return at::scaled_dot_product_attention(q, k, v);
#else
    return std::get<0>(at::_scaled_dot_product_attention(q, k, v));
#endif
}

struct Layer {
    int64_t heads;
    Linear query, key, value, out;
    Norm out_norm;
    Linear up, down;
    Norm down_norm;

    Layer(const Shape& s, at::ScalarType type)
        : heads(s.heads), query(s.hidden, s.hidden, type), key(s.hidden, s.hidden, type), value(s.hidden, s.hidden, type),
          out(s.hidden, s.hidden, type), out_norm(s.hidden, type), up(s.hidden, s.inner, type), down(s.inner, s.hidden, type),
          down_norm(s.hidden, type) {}

    void to(at::Device device) {
        for (auto* t : {&query, &key, &value, &out, &up, &down}) t->weight = t->weight.to(device), t->bias = t->bias.to(device);
        for (auto* t : {&out_norm, &down_norm}) t->weight = t->weight.to(device), t->bias = t->bias.to(device);
    }

    Tensor split(const Tensor& x) const { return x.view({x.size(0), x.size(1), heads, -1}).transpose(1, 2); }   // [B, heads, L, d]

    Tensor operator()(const Tensor& x) const {
        auto y = attention(split(query(x)), split(key(x)), split(value(x))).transpose(1, 2).flatten(2);        // [B, L, H]
        auto attended = out_norm(out(y) + x);
        return down_norm(down(at::gelu(up(attended))) + attended);
    }
};

struct Recurrence {
    Tensor words, positions, types;
    Norm norm;
    std::vector<Layer> layers;
    Tensor ids, memory;

    at::Device device;

    // Drawn on the CPU, whatever the device: so both sides hold the same numbers.
    Recurrence(const Shape& s, int64_t batch, at::ScalarType type, at::Device device)
        : words(drawn(vocabulary, s.hidden, type)), positions(drawn(window, s.hidden, type)), types(drawn(2, s.hidden, type)), norm(s.hidden, type), device(device) {
        for (int64_t i = 0; i < s.layers; i++) layers.emplace_back(s, type);
        memory = (at::randn({memory_tokens, s.hidden}) * spread).to(type).expand({batch, -1, -1});             // [B, m, H]
        ids = at::randint(1000, vocabulary, {batch, window}, at::kLong);                                       // [B, L]
        if (device.is_cpu()) return;
        for (auto* t : {&words, &positions, &types, &norm.weight, &norm.bias, &memory}) *t = t->to(device);
        for (auto& layer : layers) layer.to(device);
    }

    void step() {
        auto tokens = at::embedding(words, ids.to(device));                                                               // [B, L, H]
        auto x = at::cat({tokens.slice(1, 0, 1), memory, tokens.slice(1, 1 + memory_tokens)}, 1);
        x = norm(x + (positions.narrow(0, 0, x.size(1)) + types.narrow(0, 0, 1)));
        for (const auto& layer : layers) x = layer(x);
        memory = x.slice(1, 1, 1 + memory_tokens);                                                             // [B, m, H]
    }

    // A number read back is a device waited for.
    double checksum() const { return memory.to(at::kFloat).abs().sum().item<double>(); }
};

// Calls for so many seconds, one at least; each call is `operations` operations.
template <class F> void serve(double operations, F call) {
    for (double seconds; std::cin >> seconds;) {
        std::vector<double> times;
        auto begin = Clock::now();
        auto processor = processor_nanoseconds();
        do {
            auto since = Clock::now();
            call();
            times.push_back(nanoseconds(since) / operations);
        } while (nanoseconds(begin) < seconds * 1e9);
        processor = (processor_nanoseconds() - processor) / operations / times.size();
        std::sort(times.begin(), times.end());
        auto middle = times.size() / 2;
        auto median = times.size() % 2 ? times[middle] : (times[middle - 1] + times[middle]) / 2;
        std::cout << median << ' ' << times.front() << ' ' << processor << ' ' << times.size() << std::endl;
    }
}

void segment(char** arguments) {
    auto type = std::string(arguments[2]) == "bf16" ? at::kBFloat16 : at::kFloat;
    at::manual_seed(seed);
    at::Device device(arguments[4]);
    Recurrence recurrence(shape_named(arguments[0]), std::stoll(arguments[1]), type, device);
    auto since = Clock::now();
    double checksum = 0;
    for (int i = type == at::kFloat || device.is_cuda() ? 3 : 1; i > 0; i--) {
        since = Clock::now();
        recurrence.step();
        checksum = recurrence.checksum();
    }
    std::cout << "ready " << checksum << ' ' << nanoseconds(since) / 1e6 << std::endl;
    if (device.is_cpu()) serve(1, [&] { recurrence.step(); });
    else serve(in_flight, [&] { for (int i = 0; i < in_flight; i++) recurrence.step(); recurrence.checksum(); });
}

template <class F> void repeat(F operation) {
    constexpr int operations = 1000;
    auto call = [&] { for (int i = 0; i < operations; i++) operation(); };
    for (int i = 0; i < 300; i++) call();
    std::cout << "ready 0 0" << std::endl;
    serve(operations, call);
}

void operation(const std::string& name) {
    auto x = at::ones({1}), y = at::ones({1}), table = at::ones({8, 16});
    if (name == "add") repeat([&] { auto z = x.add(y); });
    else if (name == "view") repeat([&] { auto z = table.view({16, 8}); });
    else if (name == "slice") repeat([&] { auto z = table.slice(0, 2, 6, 1); });
    else throw std::invalid_argument("no operation '" + name + "'");
}

}   // namespace

int main(int count, char** arguments) {
    try {
        if (count < 4) throw std::invalid_argument("see the head of bare.cpp for the arguments");
        std::cout.precision(9);
        at::set_num_threads(std::stoi(arguments[count - 1]));
        c10::InferenceMode mode;
        std::string what = arguments[1];
        if (what == "segment" && count == 8) segment(arguments + 2);
        else if (what == "operation") operation(arguments[2]);
        else throw std::invalid_argument("nothing to measure is named '" + what + "'");
        return 0;
    } catch (const std::exception& e) {
        std::cerr << "rmt-bare: " << e.what() << std::endl;
        return 1;
    }
}
