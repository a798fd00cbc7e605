#include "dropping.h"
#include "philox.h"
#include <ATen/CPUGeneratorImpl.h>
#include <cmath>
#include <mutex>
#include <stdexcept>

using namespace rmt;

constexpr double range = 65536;

Dropping rmt::dropping(double p) {
    if (!(p >= 0 && p < 1)) throw std::invalid_argument("dropout: p is from 0 to below 1, found " + std::to_string(p));
    Dropping made;
    made.threshold = static_cast<uint32_t>(std::min(std::lround(p * range), 65535L));
    if (made.threshold == 0) return made;
    made.scale = static_cast<float>(range / (range - made.threshold));
    auto* generator = at::check_generator<at::CPUGeneratorImpl>(at::detail::getDefaultCPUGenerator());
    std::lock_guard<std::mutex> lock(generator->mutex_);
    made.seed = generator->random64();
    return made;
}

at::Tensor rmt::factors(const Dropping& dropping, const at::Tensor& like) {
    auto made = at::full(like.sizes(), dropping.scale, at::kFloat);
    float* all = made.data_ptr<float>();
    const int64_t count = dropping.threshold ? made.numel() : 0;
    for (int64_t i = 0; i < count; i++)
        if ((philox(dropping.seed, static_cast<uint64_t>(i) / 8)[i % 8 / 2] >> (i % 2 * 16) & 0xffff) < dropping.threshold) all[i] = 0;
    return made.to(like.device(), like.scalar_type());
}
