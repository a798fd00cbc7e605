// What the two forms of attention for AVX-512 share: included where the compiler may use it.
#pragma once
#include <cstdint>
#include <immintrin.h>

namespace rmt::avx512 {

// 2^x for x ≤ 0, not a number as 0: x = n + r, 2^r by the first terms of its series, |r| ≤ ½. Three terms after r are good for bfloat16 (6e-5),
// five for float32 (1.2e-7).
template <int Terms> inline __m512 power_of_two(__m512 x) {
    constexpr float series[] = {0.693147181f, 0.240226507f, 0.0555041087f, 0.00961812911f, 0.00133335581f, 0.000154035304f};
    x = _mm512_max_ps(x, _mm512_set1_ps(-200.0f));
    const __m512 n = _mm512_roundscale_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC), r = _mm512_sub_ps(x, n);
    __m512 p = _mm512_set1_ps(series[Terms]);
    for (int i = Terms - 1; i >= 0; i--) p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(series[i]));
    return _mm512_scalef_ps(_mm512_fmadd_ps(p, r, _mm512_set1_ps(1.0f)), n);
}

// hidden is added to a row of scores, where there is any; the largest one.
inline float largest(float* row, int64_t length, const float* hidden) {
    __m512 most = _mm512_set1_ps(-__builtin_inff());
    for (int64_t i = 0; i < length; i += 16) {
        __m512 x = _mm512_load_ps(row + i);
        if (hidden) _mm512_store_ps(row + i, x = _mm512_add_ps(x, _mm512_loadu_ps(hidden + i)));
        most = _mm512_max_ps(most, x);
    }
    return _mm512_reduce_max_ps(most);
}

}   // namespace rmt::avx512
