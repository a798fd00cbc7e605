// The text of training_kernels.h itself, run on the host and held against loops in double precision. NARROW, WIDE and H are the build's.
#include "device_on_host.h"
#include "row_numbers.inc"
#include "training_kernels.inc"
#include "../../../Rmt.Torch/native/philox.h"
#include <cstdio>
#include <cstdlib>
#include <random>
#include <type_traits>

using Narrow = NARROW;
using Wide = WIDE;
inline u32 pair_of(float low, float high, bf16) { return host::rounded(low) | host::rounded(high) << 16; }

namespace {
constexpr int rows = 37, blocks = 3, parts = 2;
constexpr float eps = 1e-5f, scale = 65536.0f / (65536 - 6554);
constexpr u32 threshold = 6554;
constexpr u64 seed = 0x123456789abcdef;

std::mt19937 dice(7);
double number(float x) { return x; }
double number(bf16 x) { return widened(x.bits, bf16()); }
void set(float& to, float x) { to = x; }
[[maybe_unused]] void set(bf16& to, float x) { to.bits = static_cast<unsigned short>(host::rounded(x)); }

// Aligned as a device's memory is.
template <class T> struct Row {
    explicit Row(size_t n) : held(n + 16) {}
    T* data() { return reinterpret_cast<T*>((reinterpret_cast<uintptr_t>(held.data()) + 15) / 16 * 16); }
    double operator[](size_t i) { return number(data()[i]); }
    std::vector<T> held;
};
template <class T> Row<T> drawn(size_t n, float mean, float deviation) {
    Row<T> all(n);
    std::normal_distribution<float> normal(mean, deviation);
    for (size_t i = 0; i < n; i++) set(all.data()[i], normal(dice));
    return all;
}

void near(const char* what, double expected, double found, bool narrow) {
    const double allowed = narrow && !std::is_same<Narrow, float>::value ? 0.004 * std::fabs(expected) + 1e-5 : 3e-6 * std::fabs(expected) + 2e-5;
    if (std::fabs(expected - found) <= allowed) return;
    std::fprintf(stderr, "%s: expected %.9g, found %.9g\n", what, expected, found);
    std::exit(1);
}

// As the host draws it (dropping.cpp).
double factor(size_t place) {
    return (rmt::philox(seed, place / 8)[place % 8 / 2] >> (place % 2 * 16) & 0xffff) >= threshold ? scale : 0.0;
}

// Both results' gradients, or one's.
void norms(bool from_wide, bool from_narrow) {
    constexpr size_t all = size_t{rows} * H;
    constexpr bool wide_is_narrow = !std::is_same<Wide, float>::value;
    auto product = drawn<Narrow>(all, 0, 1), d_narrow = drawn<Narrow>(all, 0, 1);
    auto residual = drawn<Wide>(all, 0, 1), d_wide = drawn<Wide>(all, 0, 1);
    auto bias = drawn<float>(H, 0, 0.3f), gamma = drawn<float>(H, 1, 0.2f), beta = drawn<float>(H, 0, 0.2f);
    Row<Wide> wide(all), d_residual(all);
    Row<Narrow> narrow(all), sum(all), d_product(all);
    Row<float> mean(rows), rstd(rows), partial(size_t{blocks} * 3 * H), columns(3 * H);
    host::launch((rows + 3) / 4, 128, [&] {
        norm_forward(product.data(), bias.data(), residual.data(), gamma.data(), beta.data(), wide.data(), narrow.data(), sum.data(), mean.data(), rstd.data(), rows, eps, threshold, scale, seed);
    });
    host::launch(blocks, 128, [&] {
        norm_backward(from_wide ? d_wide.data() : nullptr, from_narrow ? d_narrow.data() : nullptr, sum.data(), mean.data(), rstd.data(), gamma.data(), d_residual.data(), d_product.data(),
                      partial.data(), rows, threshold, scale, seed);
    });
    host::launch((3 * H + 31) / 32, 256, [&] { column_sums(partial.data(), columns.data(), blocks, 3 * H); });

    std::vector<double> expected(3 * H);
    for (size_t row = 0; row < rows; row++) {
        std::vector<double> z(H), x(H), d(H);
        double middle = 0, variance = 0, first = 0, second = 0;
        const size_t at = row * H;
        for (size_t i = 0; i < H; i++) middle += (z[i] = residual[at + i] + (product[at + i] + bias[i]) * factor(at + i)) / H;
        for (size_t i = 0; i < H; i++) variance += (z[i] - middle) * (z[i] - middle) / H;
        const double scaled = 1 / std::sqrt(variance + eps);
        for (size_t i = 0; i < H; i++) {
            const double y = (z[i] - middle) * scaled * gamma[i] + beta[i];
            near("wide", y, wide[at + i], wide_is_narrow);
            near("narrow", y, narrow[at + i], true);
            near("sum", z[i], sum[at + i], true);
            x[i] = (sum[at + i] - middle) * scaled;
            d[i] = (from_wide ? d_wide[at + i] : 0) + (from_narrow ? d_narrow[at + i] : 0);
            expected[i] += d[i] * x[i], expected[H + i] += d[i];
            first += d[i] * gamma[i] / H, second += d[i] * gamma[i] * x[i] / H;
        }
        for (size_t i = 0; i < H; i++) {
            const double dz = scaled * (d[i] * gamma[i] - first - x[i] * second);
            near("gradient of the residual", dz, d_residual[at + i], wide_is_narrow);
            near("gradient of the product", dz * factor(at + i), d_product[at + i], true);
            expected[2 * H + i] += dz * factor(at + i);
        }
    }
    for (size_t i = 0; i < 3 * H; i++) near("gradient of gamma, beta or bias", expected[i], columns[i], false);
}

void beside() {
    constexpr size_t all = size_t{rows} * H;
    Row<Narrow> from[] = {drawn<Narrow>(all, 0, 1), drawn<Narrow>(all, 0, 1), drawn<Narrow>(all, 0, 1)};
    for (int count : {2, 3}) {
        Row<Narrow> to(count * all);
        Row<float> partial(size_t{parts} * count * H), columns(count * H);
        host::launch(parts * count * CHUNKS, 256, [&] { side_by_side(from[0].data(), from[1].data(), from[2].data(), to.data(), partial.data(), rows, count); });
        host::launch((count * H + 31) / 32, 256, [&] { column_sums(partial.data(), columns.data(), parts, count * H); });
        std::vector<double> expected(count * H);
        for (size_t i = 0; i < count * all; i++) {
            const size_t row = i / (count * H), column = i % (count * H);
            const double x = from[column / H][row * H + column % H];
            near("side by side", x, to[i], false);
            expected[column] += x;
        }
        for (size_t i = 0; i < expected.size(); i++) near("sum of a column", expected[i], columns[i], false);
    }
}

double bent_by_formula(double x) {
#ifdef TANH
    return 0.5 * x * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
#else
    return 0.5 * x * (1 + std::erf(x / std::sqrt(2.0)));
#endif
}

void gelus() {
    constexpr size_t all = size_t{rows} * H;
    auto x = drawn<Narrow>(all, 0, 2), d = drawn<Narrow>(all, 0, 1);
    auto bias = drawn<float>(H, 0, 0.3f);
    Row<Narrow> y(all), d_x(all);
    Row<float> partial(size_t{parts} * H), columns(H);
    host::launch(static_cast<unsigned>((all / 8 + 255) / 256), 256, [&] { gelu_forward(x.data(), bias.data(), y.data(), all / 8); });
    host::launch(parts * CHUNKS, 256, [&] { gelu_backward(d.data(), x.data(), bias.data(), d_x.data(), partial.data(), rows); });
    host::launch((H + 31) / 32, 256, [&] { column_sums(partial.data(), columns.data(), parts, H); });
    std::vector<double> expected(H);
    for (size_t i = 0; i < all; i++) {
        const double v = x[i] + bias[i % H];
        const double slope = (bent_by_formula(v + 1e-5) - bent_by_formula(v - 1e-5)) / 2e-5;
        near("gelu", bent_by_formula(v), y[i], true);
        near("gradient of gelu", slope * d[i], d_x[i], true);
        expected[i % H] += slope * d[i];
    }
    for (size_t i = 0; i < H; i++) near("gradient of the bias", expected[i], columns[i], false);
}
}   // namespace

int main() {
    norms(true, true);
    norms(true, false);
    norms(false, true);
    beside();
    gelus();
    std::printf("kernels for rows of %d\n", H);
}
