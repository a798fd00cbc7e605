// Dropout as a function of a seed and a place: what was dropped on the way there is known again on the way back, and nothing is kept for it.
#pragma once
#include <ATen/ATen.h>

namespace rmt {

// An element is dropped where its sixteen bits are below the threshold, so that p is met to 1/131072; those that stay are scaled by what that makes exact.
struct Dropping {
    uint32_t threshold = 0;
    float scale = 1;
    uint64_t seed = 0;
};

// With p above 0 the seed is drawn from the CPU's default generator, for tensors of any device: seeds are numbers of the host, and no device is waited for.
Dropping dropping(double p);

// What each element of a tensor like this one is multiplied by, eight neighbours a draw.
at::Tensor factors(const Dropping& dropping, const at::Tensor& like);

}   // namespace rmt
