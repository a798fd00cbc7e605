// Errors, threads, switches, random numbers.
#include "cases.h"
#include <thread>

namespace {
void errors_belong_to_their_thread() {
    fails(rmt_view(F({2}), LIST(5)));
    std::string mine = rmt_error_message();
    std::thread([] { fails(rmt_unary(9999, F({2}))); EXPECT(rmt_error_code() == 1); }).join();
    EXPECT(mine == rmt_error_message());
    (void)rmt_error_exception();
    fails(rmt_create(0, LIST(int64_t{1} << 45), options(float32), nullptr));
    EXPECT(rmt_error_code() == 3);
    fails(rmt_select(F({2}), 0, 5));
    EXPECT(rmt_error_code() == 2);
}

void threads() {
    int before = rmt_get_num_threads();
    works(rmt_set_num_threads(before));
    fails(rmt_set_num_threads(0));
    EXPECT(std::string(rmt_version()).size() > 3);
}

void devices() {
    int count = rmt_cuda_device_count();
    EXPECT(count >= 0 && rmt_cuda_is_cudnn_available() >= 0);
    if (count > 0) works(rmt_cuda_synchronize(-1));
    fails(rmt_cuda_synchronize(count + 7));
    works(rmt_set_float32_matmul_precision("highest"));
}

void switches() {
    for (auto name : {"allow_tf32_cudnn", "allow_fp16_reduced_precision_reduction", "detect_anomaly", "anomaly_check_nan"}) {
        int before = rmt_get_switch(name);
        EXPECT(before == 0 || before == 1);
        works(rmt_set_switch(name, !before));
        EXPECT(rmt_get_switch(name) == !before);
        works(rmt_set_switch(name, before));
    }
    EXPECT(rmt_get_switch("no such switch") == -1);
    fails(rmt_set_switch("no such switch", 1));
}

void generators() {
    works(rmt_manual_seed(3));
    rmt_generator g = rmt_generator_new(5, 0, -1), common = rmt_generator_default(0, -1);
    uint64_t seed = 0;
    EXPECT(g && common);
    works(rmt_generator_manual_seed(g, 7));
    works(rmt_generator_initial_seed(g, &seed));
    EXPECT(seed == 7);
    {
        Held state(rmt_generator_get_state(g));
        works(rmt_create(2, LIST(3), options(float32), g));
        works(rmt_generator_set_state(g, state));
        fails(rmt_generator_set_state(g, F({2})));
    }
    rmt_generator_free(g);
    rmt_generator_free(common);
    rmt_generator_free(nullptr);
    EXPECT(rmt_generator_default(99, 0) == nullptr);
    failed();
    EXPECT(rmt_generator_new(1, 99, 0) == nullptr);
    failed();
}

void modes() {
    int before = rmt_is_grad_enabled();
    rmt_set_grad_enabled(0);
    EXPECT(rmt_is_grad_enabled() == 0);
    rmt_set_grad_enabled(before);
    void* guard = rmt_inference_mode_enter(1);
    EXPECT(guard && rmt_is_inference_mode() == 1);
    rmt_inference_mode_leave(guard);
    EXPECT(rmt_is_inference_mode() == 0);
    rmt_inference_mode_leave(nullptr);
}
void memory() {
    rmt_memory m{};
    if (rmt_cuda_device_count() > 0 && rmt_cuda_memory(0, &m) == 0) {
        EXPECT(m.reserved_peak >= m.allocated);
        works(rmt_cuda_reset_peak(0));
        return works(rmt_cuda_empty_cache());
    }
    fails(rmt_cuda_memory(0, &m));
    fails(rmt_cuda_reset_peak(0));
    fails(rmt_cuda_empty_cache());
}

void cpu_memory() {
    works(rmt_cpu_memory_limit(0));
    EXPECT(rmt_cpu_memory_kept() == 0);
    works(rmt_cpu_memory_limit(int64_t{1} << 30));
    { Held big = F({1000, 1000}); }
    EXPECT(rmt_cpu_memory_kept() >= 4000000);
    works(rmt_cpu_memory_limit(0));
    works(rmt_cpu_memory_limit(int64_t{1} << 30));
}

void side_by_side() {
    Held a = leaf({2, 3}), b = leaf({4, 3}), narrow = F({4, 2}), scalar = F({});
    rmt_tensor both[] = {a, b}, unequal[] = {a, narrow}, without_rows[] = {scalar, scalar}, whole = nullptr;
    works(rmt_whole(both, 2, &whole));
    EXPECT(!whole);
    works(rmt_side_by_side(both, 2));
    works(rmt_whole(both, 2, &whole));
    EXPECT(whole);
    rmt_tensor_free(whole);
    fails(rmt_side_by_side(unequal, 2));
    fails(rmt_side_by_side(without_rows, 2));
    fails(rmt_side_by_side(both, 0));
    fails(rmt_whole(both, 0, &whole));
}

void packed() {
    Held w = F({32, 64}, bfloat16), x = F({3, 64}, bfloat16), residual = F({3, 32}, bfloat16);
    rmt_tensor held = nullptr;
    works(rmt_pack_linear(w, &held));
    if (held) {                                  // bfloat16 needs AVX-512, and libtorch 2
        works(rmt_packed_linear(held, x, F({32}, bfloat16), residual, 0));
        works(rmt_packed_linear(held, x, nullptr, nullptr, 1));
    }
    fails(rmt_packed_linear(held ? held : w.t, F({3, 7}, bfloat16), nullptr, nullptr, 0));
    rmt_tensor_free(held);
    works(rmt_pack_linear(F({2, 2, 2}, bfloat16), &held));
    EXPECT(!held);
    int64_t before = -1, after = -1;
    works(rmt_tensor_version(x, &before));
    works(rmt_dropout_(x, 0.5, 1));
    works(rmt_tensor_version(x, &after));
    EXPECT(after > before);
}

void autocast() {
    int type = 0;
    void* guard = rmt_autocast_enter(0, bfloat16, 1);
    works(rmt_autocast_now(0, &type));
    EXPECT(type == bfloat16);
    EXPECT(guard);
    {
        Held w = leaf({4, 3}), y(rmt_linear(F({2, 3}), w, nullptr));
        EXPECT(rmt_tensor_options(y).dtype == bfloat16);
    }
    rmt_autocast_leave(guard);
    works(rmt_autocast_now(0, &type));
    EXPECT(type == -1);
    fails(rmt_autocast_now(99, &type));
    EXPECT(rmt_tensor_options(Held(rmt_linear(F({2, 3}), F({4, 3}), nullptr))).dtype == float32);
    EXPECT(!rmt_autocast_enter(0, int64, 1));
    failed();
    rmt_autocast_leave(nullptr);
}
}   // namespace

const std::vector<Case> runtime_cases = {
    {"rmt_error_message", errors_belong_to_their_thread}, {"rmt_set_num_threads", threads}, {"rmt_cuda_synchronize", devices}, {"rmt_set_switch", switches},
    {"rmt_generator_new", generators}, {"rmt_inference_mode_enter", modes},
    {"rmt_cuda_memory", memory}, {"rmt_cpu_memory_limit", cpu_memory}, {"rmt_autocast_enter", autocast}, {"rmt_side_by_side", side_by_side}, {"rmt_pack_linear", packed},
};
