// The text of reading_kernels.h itself, run on the host and held against loops in double precision. NARROW and H are the build's.
#include "device_on_host.h"
#include "row_numbers.inc"
#include "reading_kernels.inc"
#include <cstdio>
#include <cstdlib>
#include <random>

inline u32 pair_of(float low, float high, bf16) { return host::rounded(low) | host::rounded(high) << 16; }

namespace {
constexpr int windows = 3, length = 13, group = 5, m = 4, first = 1, words = 29;
constexpr float eps = 1e-5f;
std::mt19937 dice(7);

struct Row {
    explicit Row(size_t n) : held(n + 16) {}
    bf16* data() { return reinterpret_cast<bf16*>((reinterpret_cast<uintptr_t>(held.data()) + 15) / 16 * 16); }
    double operator[](size_t i) { return widened(data()[i].bits, bf16()); }
    std::vector<bf16> held;
};
Row drawn(size_t n, float mean, float deviation) {
    Row all(n);
    std::normal_distribution<float> normal(mean, deviation);
    for (size_t i = 0; i < n; i++) all.data()[i].bits = static_cast<unsigned short>(host::rounded(normal(dice)));
    return all;
}
void near(const char* what, double expected, double found) {
    if (std::fabs(expected - found) <= 0.004 * std::fabs(expected) + 2e-5) return;
    std::fprintf(stderr, "%s: expected %.9g, found %.9g\n", what, expected, found);
    std::exit(1);
}
void normal(const char* what, const std::vector<double>& z, Row& gamma, Row& beta, Row& found, size_t row) {
    double middle = 0, variance = 0;
    for (double one : z) middle += one / H;
    for (double one : z) variance += (one - middle) * (one - middle) / H;
    for (size_t i = 0; i < H; i++) near(what, (z[i] - middle) / std::sqrt(variance + eps) * gamma[i] + beta[i], found[row * H + i]);
}

// The first rows of each window, their residuals in longer ones.
void add_norms() {
    constexpr size_t rows = size_t{windows} * group;
    auto product = drawn(rows * H, 0, 1), bias = drawn(H, 0, 0.3f), residual = drawn(size_t{windows} * length * H, 0, 1), gamma = drawn(H, 1, 0.2f), beta = drawn(H, 0, 0.2f);
    Row out(rows * H);
    host::launch((rows + 3) / 4, 128, [&] { add_norm(product.data(), bias.data(), residual.data(), gamma.data(), beta.data(), out.data(), rows, group, length, eps); });
    for (size_t row = 0; row < rows; row++) {
        std::vector<double> z(H);
        for (size_t i = 0; i < H; i++) z[i] = product[row * H + i] + bias[i] + residual[(row / group * length + row % group) * H + i];
        normal("add_norm", z, gamma, beta, out, row);
    }
}

void embeddings() {
    auto table = drawn(size_t{words} * H, 0, 1), positions = drawn(size_t{length} * H, 0, 0.5f), type = drawn(H, 0, 0.5f), memory = drawn(size_t{windows} * m * H, 0, 1);
    auto gamma = drawn(H, 1, 0.2f), beta = drawn(H, 0, 0.2f);
    std::vector<long long> ids;
    for (int i = 0; i < windows * length; i++) ids.push_back(static_cast<long long>(dice() % words));
    const size_t lost[] = {0, ids.size() - 1};          // ids that are no rows
    ids[lost[0]] = words, ids[lost[1]] = -1;
    Row out(ids.size() * H);
    host::launch(static_cast<unsigned>((ids.size() + 3) / 4), 128, [&] {
        embed_norm(ids.data(), table.data(), words, positions.data(), type.data(), memory.data(), first, m, length, gamma.data(), beta.data(), out.data(), static_cast<long long>(ids.size()), eps);
    });
    for (size_t row : lost)
        for (size_t i = 0; i < H; i++)
            if (!std::isnan(out[row * H + i])) near("embed_norm of no row", NAN, out[row * H + i]);
    for (size_t row = 1; row + 1 < ids.size(); row++) {
        const size_t t = row % length, slot = t - first;
        std::vector<double> z(H);
        for (size_t i = 0; i < H; i++)
            z[i] = (t >= first && slot < m ? memory[(row / length * m + slot) * H + i] : table[static_cast<size_t>(ids[row]) * H + i]) + positions[t * H + i] + type[i];
        normal("embed_norm", z, gamma, beta, out, row);
    }
}

void gelus() {
    constexpr size_t rows = 37, all = rows * H;
    auto x = drawn(all, 0, 2), bias = drawn(H, 0, 0.3f);
    std::vector<double> before;
    for (size_t i = 0; i < all; i++) before.push_back(x[i] + bias[i % H]);
    host::launch(static_cast<unsigned>((all / 8 + 255) / 256), 256, [&] { bias_gelu(x.data(), bias.data(), all / 8); });
    for (size_t i = 0; i < all; i++) near("bias_gelu", 0.5 * before[i] * (1 + std::erf(before[i] / std::sqrt(2.0))), x[i]);
}

// A run of H each, and back from where more stands between two.
void runs() {
    constexpr size_t stride = H + 16;
    std::vector<Row> lying;
    for (int i = 0; i < windows; i++) lying.push_back(drawn(H, 0, 1));
    std::vector<u64> addresses;
    for (auto& one : lying) addresses.push_back(reinterpret_cast<u64>(one.data()));
    Row out(windows * H);
    auto written = drawn(windows * stride, 0, 1);
    const unsigned blocks = (windows * (H / 8) + 127) / 128;
    host::launch(blocks, 128, [&] { rows_at(addresses.data(), out.data(), windows * (H / 8)); });
    for (size_t i = 0; i < windows * H; i++) near("rows_at", lying[i / H][i % H], out[i]);
    host::launch(blocks, 128, [&] { put_rows_at(addresses.data(), written.data(), stride, windows * (H / 8)); });
    for (size_t i = 0; i < windows * H; i++) near("put_rows_at", written[i / H * stride + i % H], lying[i / H][i % H]);
}
}   // namespace

int main() {
    add_norms();
    embeddings();
    gelus();
    runs();
    std::printf("kernels for rows of %d\n", H);
}
