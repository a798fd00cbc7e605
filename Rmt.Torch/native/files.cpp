// One tensor in a file, in the archive that torch::save writes.
#include "rmt_guard.h"
#include <torch/csrc/api/include/torch/serialize.h>

using namespace rmt;

int rmt_save(rmt_tensor t, const char* path) { return status([&] { torch::save(T(t), std::string(path)); }); }
rmt_tensor rmt_load(const char* path) {
    return tensor([&] {
        at::Tensor t;
        torch::load(t, std::string(path));
        return t;
    });
}
