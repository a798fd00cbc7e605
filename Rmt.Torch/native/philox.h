// Philox 4x32-10 (Salmon, Moraes, Dror & Shaw, Parallel random numbers: as easy as 1, 2, 3, 2011): random numbers as a function of a seed and a place.
#pragma once
#include <array>
#include <cstdint>

namespace rmt {

// 128 bits for a seed and a place from 0 to 2⁶⁴ − 1. The kernels in training_kernels.h draw the same.
constexpr std::array<uint32_t, 4> philox(uint64_t seed, uint64_t place) {
    uint32_t a = static_cast<uint32_t>(place), b = static_cast<uint32_t>(place >> 32), c = 0, d = 0;
    uint32_t k = static_cast<uint32_t>(seed), l = static_cast<uint32_t>(seed >> 32);
    for (int i = 0; i < 10; i++) {
        const uint64_t first = uint64_t{0xD2511F53} * a, second = uint64_t{0xCD9E8D57} * c;
        a = static_cast<uint32_t>(second >> 32) ^ b ^ k;
        b = static_cast<uint32_t>(second);
        c = static_cast<uint32_t>(first >> 32) ^ d ^ l;
        d = static_cast<uint32_t>(first);
        k += 0x9E3779B9u;
        l += 0xBB67AE85u;
    }
    return {a, b, c, d};
}

// The authors' own answer for nothing but zeros.
static_assert(philox(0, 0)[0] == 0x6627e8d5 && philox(0, 0)[1] == 0xe169c58d && philox(0, 0)[2] == 0xbc57ac4c && philox(0, 0)[3] == 0x9b00dbd8, "Philox 4x32-10");

}   // namespace rmt
